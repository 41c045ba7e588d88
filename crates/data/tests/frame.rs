use adflux_core::{Error, Rows};
use adflux_data::{ColumnKind, Frame, Role};

fn ads() -> Frame {
    Frame::builder()
        .texts("platform", ["META", "GOOGLE", "META"])
        .optional_numbers("budget", vec![Some(100.0), None, Some(50.5)])
        .booleans("remote", vec![true, false, true])
        .build()
        .unwrap()
}

#[test]
fn roles_are_kept_through_taking_and_selecting() {
    let frame = ads().with_role("remote", Role::Sensitive).unwrap();
    let part = frame.take(&[2, 2]).select(&["remote", "budget"]).unwrap();
    assert_eq!((part.role("remote"), part.role("budget")), (Role::Sensitive, Role::Feature));
    assert_eq!(part.numbers("budget").unwrap(), [50.5, 50.5]);
    assert_eq!(part.numbers("remote").unwrap(), [1.0, 1.0]);
}

#[test]
fn all_missing_columns_are_listed_at_once() {
    let error = ads().select(&["budgets", "platform", "zip"]).unwrap_err();
    assert!(matches!(&error, Error::MissingColumns { missing, .. } if missing == &["budgets", "zip"]), "{error}");
}

#[test]
fn categories_number_their_levels_by_first_appearance() {
    let platforms = ads().categories("platform").unwrap();
    assert_eq!(
        (&platforms.codes[..], &platforms.levels[..]),
        (&[0, 1, 0][..], &["META".to_string(), "GOOGLE".into()][..])
    );
    assert_eq!(ads().categories("budget").unwrap().get(1), None);
}

#[test]
fn many_levels_are_numbered_as_few_are() {
    for levels in [1, 16, 17, 18, 200] {
        // Every level comes twice, the second time in another order.
        let names: Vec<String> = (0..levels).chain((0..levels).rev()).map(|level| format!("level {level}")).collect();
        let categories = Frame::builder().texts("c", &names).build().unwrap().categories("c").unwrap();
        assert_eq!(categories.levels[..], names[..levels]);
        assert_eq!(categories.codes, (0..levels as u32).chain((0..levels as u32).rev()).collect::<Vec<_>>());
    }
}

#[test]
fn conforming_parses_by_name_ignores_the_rest_and_names_what_does_not_fit() {
    let schema = ads().schema();
    let input = Frame::builder()
        .texts("budget", [" 7.5 ", ""])
        .integers("extra", vec![1, 2])
        .integers("platform", vec![1, 2])
        .integers("remote", vec![0, 1])
        .build()
        .unwrap();
    let parsed = input.conform(&schema).unwrap();
    assert_eq!(parsed.names().collect::<Vec<_>>(), ["platform", "budget", "remote"]);
    assert_eq!(parsed.kind_of("platform").unwrap(), ColumnKind::Text);
    let budget = parsed.numbers("budget").unwrap();
    assert!(budget[0] == 7.5 && budget[1].is_nan());

    let wrong = Frame::builder().texts("budget", ["1", "many"]).texts("platform", ["a", "b"]);
    let wrong = wrong.booleans("remote", vec![true, true]).build().unwrap();
    assert_eq!(
        wrong.conform(&schema).unwrap_err().to_string(),
        "column `budget`, row 2: `many` where a number is wanted"
    );
    let lacking = Frame::builder().numbers("x", vec![1.0]).build().unwrap();
    assert!(
        lacking.conform(&schema).unwrap_err().to_string().starts_with("missing columns `platform`, `budget`, `remote`")
    );
}

#[test]
fn columns_of_another_frame_are_added_or_replaced() {
    let more = Frame::builder().numbers("budget", vec![1.0, 2.0, 3.0]).numbers("ctr", vec![0.1; 3]).build().unwrap();
    let both = ads().with_columns_of(&more).unwrap();
    assert_eq!(both.names().collect::<Vec<_>>(), ["platform", "budget", "remote", "ctr"]);
    assert_eq!(both.numbers("budget").unwrap(), [1.0, 2.0, 3.0]);
    let short = Frame::builder().numbers("ctr", vec![0.1]).build().unwrap();
    assert!(ads().with_columns_of(&short).is_err());
}

#[test]
fn two_columns_of_one_name_are_refused() {
    assert!(Frame::builder().numbers("x", vec![1.0]).numbers("x", vec![2.0]).build().is_err());
    assert!(Frame::builder().numbers("x", vec![1.0]).numbers("y", vec![2.0, 3.0]).build().is_err());
}
