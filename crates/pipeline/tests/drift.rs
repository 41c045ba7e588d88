//! Which columns have moved between two tables.

use adflux_data::{ColumnKind, Frame, FrameBuilder};
use adflux_pipeline::{Shift, find_drift};

fn table(rows: usize, more: impl FnOnce(FrameBuilder) -> FrameBuilder) -> Frame {
    let builder = Frame::builder()
        .numbers("budget", (0..rows).map(|i| ((i * 37) % 101) as f64).collect())
        .texts("platform", (0..rows).map(|i| ["META", "META", "GOOGLE"][i % 3]))
        .booleans("live", (0..rows).map(|i| i % 4 == 0).collect());
    more(builder).build().unwrap()
}

#[test]
fn what_moved_comes_first_with_its_new_levels() {
    let last = table(600, |b| b.numbers("bid", (0..600).map(f64::from).collect()).texts("old", vec!["x"; 600]));
    let this =
        table(400, |b| b.numbers("bid", (0..400).map(|i| f64::from(i) + 300.0).collect()).texts("new", vec!["x"; 400]));
    let drift = find_drift(&last, &this).unwrap();
    assert_eq!((drift.only_reference, drift.only_compared), (vec!["old".to_string()], vec!["new".to_string()]));
    let order: Vec<_> = drift.columns.iter().map(|c| (c.column.as_str(), c.shift())).collect();
    assert_eq!(order[0], ("bid", Shift::Large));
    assert!(order[1..].iter().all(|(_, shift)| *shift == Shift::None), "{order:?}");
    let bid = drift.columns[0].ks.unwrap();
    assert!((bid.statistic - 0.5).abs() < 1e-12 && bid.p_value < 1e-9);
}

#[test]
fn levels_and_missing_values_are_compared() {
    let texts = |all: [Option<&'static str>; 4]| {
        Frame::builder()
            .optional_texts("city", (0..400).map(|i| all[i % 4]))
            .optional_numbers("age", (0..400).map(|i| all[i % 4].map(|_| i as f64)).collect())
            .build()
            .unwrap()
    };
    let (last, this) = (texts([Some("A"), Some("A"), Some("B"), None]), texts([Some("A"), Some("C"), None, None]));
    let drift = find_drift(&last, &this).unwrap();
    let city = drift.columns.iter().find(|c| c.column == "city").unwrap();
    assert_eq!((&city.new_levels[..], &city.vanished_levels[..]), (&["C".to_string()][..], &["B".to_string()][..]));
    assert_eq!((city.missing, city.kinds[0], city.shift()), ([0.25, 0.5], ColumnKind::Text, Shift::Large));
    let age = drift.columns.iter().find(|c| c.column == "age").unwrap();
    assert!(age.psi.value > 0.2 && age.ks.unwrap().p_value > 0.05, "what moved is what is missing: {age:?}");
}

#[test]
fn few_rows_move_by_chance_alone() {
    let few =
        |start: usize| Frame::builder().numbers("x", (0..12).map(|i| ((start + i * 5) % 17) as f64).collect()).build();
    let drift = find_drift(&few(0).unwrap(), &few(3).unwrap()).unwrap();
    assert!(drift.columns[0].psi.value > 0.1 && drift.columns[0].shift() == Shift::None, "{drift:?}");
    let same = find_drift(&few(0).unwrap(), &few(0).unwrap()).unwrap();
    assert_eq!(same.columns[0].psi.value, 0.0);
}

#[test]
fn numbers_that_have_become_text_are_compared_as_numbers() {
    let numbers = |start: i64| (start..start + 500).map(|i| i % 250);
    let last = Frame::builder().integers("age", numbers(0).collect()).build().unwrap();
    let text = |start| numbers(start).enumerate().map(|(i, n)| if i == 7 { "n.a.".into() } else { n.to_string() });
    let this = Frame::builder().texts("age", text(0)).build().unwrap();
    let column = &find_drift(&last, &this).unwrap().columns[0];
    assert_eq!((column.kinds, column.shift()), ([ColumnKind::Number, ColumnKind::Text], Shift::Moderate));
    assert_eq!(column.new_levels, ["n.a."]);
    assert!(column.ks.unwrap().p_value > 0.9 && column.psi.value < 0.1, "{column:?}");
    let back = &find_drift(&this, &last).unwrap().columns[0];
    assert_eq!(
        (&back.vanished_levels[..], back.ks.unwrap().statistic),
        (&["n.a.".to_string()][..], column.ks.unwrap().statistic)
    );
    let words = Frame::builder().texts("age", (0..500).map(|i| ["young", "old"][i % 2])).build().unwrap();
    assert_eq!(find_drift(&last, &words).unwrap().columns[0].shift(), Shift::Large);
    let empty = last.select::<&str>(&[]).unwrap();
    assert_eq!(find_drift(&last, &empty).unwrap().only_reference, ["age"]);
}

#[test]
fn levels_that_were_all_replaced_have_moved_and_names_have_not() {
    let table = |name: &'static str, levels: usize| {
        Frame::builder().texts("t", (0..2000).map(move |i| format!("{name} {}", i % levels))).build().unwrap()
    };
    let shift = |levels| find_drift(&table("last", levels), &table("this", levels)).unwrap().columns[0].shift();
    assert_eq!((shift(400), shift(2000)), (Shift::Large, Shift::None));
}
