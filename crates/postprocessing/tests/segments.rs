//! What sets segments apart, against numbers worked out by hand.

use adflux_core::Rows as _;
use adflux_data::Frame;
use adflux_postprocessing::{Language, Measure, Outcome, SMALL_EFFECT, SegmentDescription, describe_segments};
use adflux_testing::assert_close;

/// Eight people: four of each segment.
fn people() -> Frame {
    Frame::builder()
        .numbers("years", vec![0.0, 0.0, 0.0, 0.0, 10.0, 10.0, 10.0, 10.0])
        .booleans("volunteer", vec![true, true, true, false, false, false, false, false])
        .texts("city", ["Boston", "Boston", "Boston", "Chicago", "Chicago", "Chicago", "Chicago", "Chicago"])
        .texts("level", ["low", "low", "mid", "mid", "mid", "mid", "high", "high"])
        .build()
        .unwrap()
}

const HALVES: [Option<u32>; 8] = [Some(0), Some(0), Some(0), Some(0), Some(1), Some(1), Some(1), Some(1)];

fn describe(frame: &Frame, columns: &[&str], segments: &[Option<u32>]) -> Vec<SegmentDescription> {
    describe_segments(frame, columns, segments, None, Language::En).unwrap()
}

/// The features of `column`: share or mean inside, overall, and the effect.
fn of<'a>(segment: &'a SegmentDescription, column: &str) -> Vec<(&'a Measure, [f64; 3])> {
    let all = segment.features.iter().filter(|d| d.column == column);
    all.map(|d| (&d.measure, [d.inside, d.overall, d.effect])).collect()
}

fn level(name: &str) -> Measure {
    Measure::Level { level: name.into() }
}

#[test]
fn effects_are_differences_in_standard_deviations_of_all_rows() {
    let segments = describe(&people(), &["years", "volunteer", "city", "level"], &HALVES);
    let [young, old] = &segments[..] else { panic!("{segments:?}") };
    assert_eq!((young.id, young.size, young.share), (Some(0), 4, 0.5));
    // Mean 5, deviation 5.
    assert_eq!(of(young, "years"), [(&Measure::Mean, [0.0, 5.0, -1.0])]);
    assert_eq!(of(old, "years"), [(&Measure::Mean, [10.0, 5.0, 1.0])]);
    // 3 of 8 volunteer: deviation √(3/8 · 5/8) = 0.4841; 3 of 4 inside.
    let deviation = (3.0_f64 / 8.0 * 5.0 / 8.0).sqrt();
    let [(Measure::Share, [inside, overall, effect])] = of(young, "volunteer")[..] else { panic!("{young:?}") };
    assert_eq!((inside, overall), (0.75, 0.375));
    assert_close(effect, 0.375 / deviation, 1e-12);
    // Of three levels each is told, the missing one too: "high" is 2 of 8, deviation √(1/4 · 3/4), none inside.
    let high = of(young, "level").into_iter().find(|(m, _)| **m == level("high")).unwrap().1;
    assert_eq!(high[..2], [0.0, 0.25]);
    assert_close(high[2], -0.25 / (0.25_f64 * 0.75).sqrt(), 1e-12);
    // "mid" is half of each segment, as of all: nothing to say.
    assert!(segments.iter().all(|s| of(s, "level").iter().all(|(m, _)| **m != level("mid"))));
    // The strongest first, and only what counts.
    for segment in &segments {
        let effects: Vec<f64> = segment.features.iter().map(|d| d.effect.abs()).collect();
        assert!(effects.windows(2).all(|w| w[0] >= w[1]) && effects.iter().all(|e| *e >= SMALL_EFFECT), "{effects:?}");
    }
}

#[test]
fn of_two_levels_one_says_it_all() {
    let segments = describe(&people(), &["city"], &HALVES);
    let told: Vec<_> = segments.iter().map(|s| of(s, "city")).collect();
    let effect = 0.375 / (3.0_f64 / 8.0 * 5.0 / 8.0).sqrt();
    let [[(boston, young)], [(chicago, old)]] = [&told[0][..], &told[1][..]] else { panic!("{told:?}") };
    assert_eq!((*boston, *chicago), (&level("Boston"), &level("Chicago")));
    assert_eq!((young[0], old[0]), (0.75, 1.0));
    assert_close(young[2], effect, 1e-12);
    assert_close(old[2], effect, 1e-12);
    assert_eq!(segments[0].name, "city Boston");
    assert_eq!(segments[0].features[0].text(Language::En), "city = Boston 75 % (everyone: 38 %)");
}

#[test]
fn missing_values_are_left_out_of_means_and_stay_in_shares() {
    let frame = Frame::builder()
        .optional_numbers("years", vec![Some(1.0), None, Some(3.0), Some(f64::NAN), Some(5.0), Some(7.0)])
        .optional_texts("city", [Some("a"), None, Some("a"), Some("b"), Some("c"), None])
        .optional_numbers("nothing", vec![None; 6])
        .build()
        .unwrap();
    let segments = [Some(0), Some(0), Some(0), Some(0), Some(1), Some(1)];
    let described = describe(&frame, &["years", "city", "nothing"], &segments);
    // Known years: 1, 3, 5, 7, of mean 4 and deviation √5.
    let [(_, years), (Measure::Missing, missing)] = of(&described[0], "years")[..] else { panic!("{described:?}") };
    assert_eq!((&years[..2], &missing[..2]), (&[2.0, 4.0][..], &[0.5, 1.0 / 3.0][..]));
    assert_close(missing[2], (0.5 - 1.0 / 3.0) / (2.0_f64 / 9.0).sqrt(), 1e-12);
    assert_close(years[2], -2.0 / 5_f64.sqrt(), 1e-12);
    // City a: 2 of all 6 rows, 2 of the 4 here.
    let a = of(&described[0], "city").into_iter().find(|(m, _)| **m == level("a")).unwrap().1;
    assert_eq!(a[..2], [0.5, 1.0 / 3.0]);
    assert!(described.iter().all(|s| of(s, "nothing").is_empty()), "a column without a value says nothing");
}

#[test]
fn a_constant_column_says_nothing_and_an_average_segment_is_called_so() {
    // 0.1 is no sum of powers of two: the means of 3 and of 10 of them differ in the last bit.
    let frame = Frame::builder().numbers("x", vec![0.1; 10]).texts("t", ["a"; 10]).build().unwrap();
    let ids: Vec<Option<u32>> = (0..10).map(|row| Some(u32::from(row >= 3))).collect();
    let segments = describe(&frame, &["x", "t"], &ids);
    assert!(
        segments.iter().all(|s| s.features.is_empty() && s.name.starts_with("close to the average (")),
        "{segments:?}"
    );
}

#[test]
fn the_largest_comes_first_and_those_without_a_segment_last() {
    let segments = [None, None, None, None, Some(4), Some(7), Some(7), Some(2)];
    let described = describe(&people(), &["years"], &segments);
    let order: Vec<(Option<u32>, usize)> = described.iter().map(|s| (s.id, s.size)).collect();
    assert_eq!(order, [(Some(7), 2), (Some(2), 1), (Some(4), 1), (None, 4)]);
    assert_eq!(described.iter().map(|s| s.share).sum::<f64>(), 1.0);
}

fn outcome(values: Vec<f64>, segments: &[Option<u32>]) -> Vec<Outcome> {
    let frame = Frame::builder().numbers("callback", values).build().unwrap();
    let described = describe_segments(&frame, &["callback"], segments, Some("callback"), Language::En).unwrap();
    described.into_iter().map(|s| s.outcome.unwrap()).collect()
}

#[test]
fn the_interval_of_a_rate_is_wilsons() {
    // 3 of 10 in the first segment. Wilson's 95 % interval of 3 / 10 is 0.1078 to 0.6032 (Newcombe 1998, method 3).
    let values = (0..12).map(|i| f64::from(u8::from(i < 3))).collect();
    let segments: Vec<Option<u32>> = (0..12).map(|i| Some(u32::from(i >= 10))).collect();
    let outcomes = outcome(values, &segments);
    assert_eq!((outcomes[0].mean, outcomes[0].overall), (0.3, 0.25));
    assert!((outcomes[0].lower - 0.107_791).abs() < 1e-6, "{}", outcomes[0].lower);
    assert!((outcomes[0].upper - 0.603_222).abs() < 1e-6, "{}", outcomes[0].upper);
    // None of 2: the interval is not a point. Its upper end is z² / (n + z²).
    assert_eq!(outcomes[1].mean, 0.0);
    assert_close(outcomes[1].lower, 0.0, 1e-12);
    let z2 = 1.959_963_984_540_054_f64.powi(2);
    assert_close(outcomes[1].upper, z2 / (2.0 + z2), 1e-12);
}

#[test]
fn the_interval_of_a_number_is_normal_and_missing_outcomes_are_left_out() {
    let values = vec![10.0, 20.0, 30.0, f64::NAN, 100.0, 100.0];
    let outcomes = outcome(values, &[Some(0), Some(0), Some(0), Some(0), Some(1), Some(1)]);
    // Mean 20, deviation 10, standard error 10 / √3.
    assert_eq!((outcomes[0].mean, outcomes[0].overall), (20.0, 52.0));
    assert_close(outcomes[0].upper - 20.0, 1.959_963_984_540_054 * 10.0 / 3_f64.sqrt(), 1e-12);
    assert_close(20.0 - outcomes[0].lower, 1.959_963_984_540_054 * 10.0 / 3_f64.sqrt(), 1e-12);
    assert_eq!((outcomes[1].lower, outcomes[1].upper), (100.0, 100.0));
}

#[test]
fn names_and_sentences_are_spanish_when_asked_for() {
    let frame = people();
    let columns = ["years", "volunteer"];
    let segments = describe_segments(&frame, &columns, &HALVES, None, Language::Es).unwrap();
    assert_eq!(segments[0].name, "menos years, con volunteer");
    assert_eq!(segments[1].name, "más years, sin volunteer");
    assert_eq!(segments[1].features[0].text(Language::Es), "years 10,0 de media (total: 5,00)");
    assert_eq!(segments[1].features[1].text(Language::Es), "volunteer 0 % (total: 38 %)");
    let all = describe_segments(&frame, &columns, &[Some(0); 8], None, Language::Es).unwrap();
    assert_eq!(all[0].name, "cerca de la media");
    // A column is named once, though several of its levels stand out.
    let levels = describe_segments(&frame, &["level"], &HALVES, None, Language::Es).unwrap();
    assert!(levels[0].features.len() > 1 && levels[0].name.matches("level").count() == 1, "{}", levels[0].name);
}

#[test]
fn shares_have_a_lift_and_yes_and_no_are_said_as_with_and_without() {
    let frame = people().with_columns_of(
        &Frame::builder().texts("OverTime", ["Yes", "Yes", "Yes", "No", "No", "No", "No", "No"]).build().unwrap(),
    );
    let all = describe(&frame.unwrap(), &["OverTime", "years"], &HALVES);
    let over_time = all[0].features.iter().find(|f| f.column == "OverTime").unwrap();
    assert_eq!(over_time.lift, Some(2.0), "three of four, where three of eight are of all");
    assert!(all[0].features.iter().any(|f| f.measure == Measure::Mean && f.lift.is_none()));
    assert!(all[0].name.contains("with over time") && all[1].name.contains("without over time"), "{}", all[0].name);
}

#[test]
fn a_segment_has_a_row_that_stands_for_it_and_the_shares_of_sensitive_groups() {
    let frame = people().with_role("city", adflux_data::Role::Sensitive).unwrap();
    let all = describe(&frame, &["years", "volunteer", "level"], &HALVES);
    let medoid = all[0].medoid.as_ref().unwrap();
    assert_eq!(medoid.row, 0, "a volunteer, as three are, of a level that two have: the first such row");
    let values: Vec<&str> = medoid.values.iter().map(|(_, value)| value.as_deref().unwrap()).collect();
    assert_eq!(values, ["0", "true", "low"]);
    let shares: Vec<(&str, f64, f64)> =
        all[0].sensitive[0].groups.iter().map(|g| (g.group.as_str(), g.share, g.overall)).collect();
    assert_eq!(shares, [("Chicago", 0.25, 0.625), ("Boston", 0.75, 0.375)]);
    assert!(describe(&people(), &["years"], &HALVES)[0].sensitive.is_empty(), "no column has the role");
    assert_eq!(describe(&people(), &[], &HALVES)[0].medoid, None, "nothing to compare by");
    let alone = describe(&people().take(&[5]), &["years", "level"], &[Some(4)]);
    assert_eq!(alone[0].medoid.as_ref().unwrap().row, 0, "one row");
    let same = Frame::builder().numbers("x", vec![2.0; 5]).build().unwrap();
    assert_eq!(describe(&same, &["x"], &[Some(0); 5])[0].medoid.as_ref().unwrap().row, 0, "only duplicates");
}

#[test]
fn wrong_lengths_and_missing_columns_are_errors() {
    let says = |columns: &[&str], segments: &[Option<u32>], outcome: Option<&str>| {
        describe_segments(&people(), columns, segments, outcome, Language::En).unwrap_err().to_string()
    };
    assert_eq!(says(&["years"], &HALVES[..3], None), "3 segments for 8 rows");
    assert_eq!(
        says(&["yeers", "salary"], &HALVES, None),
        "missing columns `yeers` (did you mean `years`?), `salary`; the data has years, volunteer, city, level"
    );
    assert!(says(&["years"], &HALVES, Some("hired")).starts_with("missing column `hired`"));
    let error = says(&["years"], &HALVES, Some("city"));
    assert_eq!(error, "column `city`: is text: an outcome is a number, a truth value, or text that is yes or no");
}

#[test]
fn an_outcome_of_yes_and_no_is_a_rate() {
    let outcome = |levels: [Option<&str>; 4]| {
        let frame = Frame::builder().optional_texts("hired", levels).build().unwrap();
        describe_segments(&frame, &["hired"], &[Some(0); 4], Some("hired"), Language::En)
    };
    let hired = outcome([Some("No"), Some("Yes"), None, Some("No")]).unwrap()[0].outcome.clone().unwrap();
    assert!(hired.rate);
    assert_close(hired.mean, 1.0 / 3.0, 1e-12);
    // Which of two cities happened is nobody's guess.
    assert!(outcome([Some("Boston"), Some("Lima"), None, Some("Lima")]).is_err());
    assert!(outcome([Some("yes"), Some("no"), Some("maybe"), None]).is_err());
}

#[test]
fn a_name_says_only_what_most_of_the_segment_have() {
    // Of the first ten, 6 sell and 4 cook; of the others 1 of ten sells, and 3 drive.
    let job = |row: usize| match row {
        0..6 | 10 => "sales",
        6..10 => "cook",
        11..14 => "driver",
        _ => "clerk",
    };
    let frame = Frame::builder().texts("job", (0..20).map(job)).numbers("pay", (0..20).map(f64::from).collect());
    let frame = frame.build().unwrap();
    let halves: Vec<Option<u32>> = (0..20).map(|row| Some(u32::from(row >= 10))).collect();
    let names = |columns: &[&str], language| -> Vec<String> {
        let all = describe_segments(&frame, columns, &halves, None, language).unwrap();
        all.into_iter().map(|segment| segment.name).collect()
    };
    // 60 % sell: no fact of the segment, and where there is no fact it is said as what it is.
    assert_eq!(names(&["job", "pay"], Language::En)[0], "low pay, job not clerk");
    let mostly = Frame::builder().texts("job", ["a", "a", "a", "b", "b", "c", "a", "b", "c", "c"]).build().unwrap();
    let halves: Vec<Option<u32>> = (0..10).map(|row| Some(u32::from(row >= 5))).collect();
    let all = describe_segments(&mostly, &["job"], &halves, None, Language::En).unwrap();
    assert_eq!(all[0].name, "job not c");
}

#[test]
fn where_nothing_holds_for_most_the_strongest_tendency_is_the_name() {
    let volunteer = [true, true, true, false, false, true, false, false, false, false].to_vec();
    let frame = Frame::builder().booleans("volunteer", volunteer).build().unwrap();
    let halves: Vec<Option<u32>> = (0..10).map(|row| Some(u32::from(row >= 5))).collect();
    let named = |language| -> Vec<String> {
        let all = describe_segments(&frame, &["volunteer"], &halves, None, language).unwrap();
        all.into_iter().map(|segment| segment.name).collect()
    };
    assert_eq!(named(Language::En), ["more often with volunteer", "without volunteer"]);
    assert_eq!(named(Language::Es), ["más a menudo con volunteer", "sin volunteer"]);
}

#[test]
fn a_missing_value_can_set_a_segment_apart() {
    let pay = (0..20).map(|row| if row < 9 { None } else { Some(1_200.0) }).collect();
    let frame = Frame::builder().optional_numbers("sueldo", pay).build().unwrap();
    let halves: Vec<Option<u32>> = (0..20).map(|row| Some(u32::from(row >= 10))).collect();
    let all = describe_segments(&frame, &["sueldo"], &halves, None, Language::Es).unwrap();
    assert_eq!((all[0].name.as_str(), all[1].name.as_str()), ("sueldo sin dato", "sueldo con dato"));
    assert_eq!(all[0].features[0].text(Language::Es), "sueldo sin dato 90 % (total: 45 %)");
}

#[test]
fn what_coincides_is_told_once() {
    let half = |yes: &'static str, no: &'static str| (0..40).map(move |row| if row < 10 { yes } else { no });
    let frame = Frame::builder()
        .texts("internet", half("No", "Yes"))
        .texts("backup", (0..40).map(|row| if row < 10 { "no internet" } else { ["on", "off"][row % 2] }))
        .numbers(
            "charges",
            (0..40).map(|row| if row < 20 { f64::from(row % 7) } else { 20.0 + f64::from(row % 5) }).collect(),
        )
        .build()
        .unwrap();
    let segments: Vec<Option<u32>> = (0..40).map(|row| Some(u32::from(row >= 10))).collect();
    let all = describe(&frame, &["internet", "backup", "charges"], &segments);
    let without = all.iter().find(|segment| segment.id == Some(0)).unwrap();
    assert_eq!(without.name, "without internet, low charges");
    let same: Vec<(&str, Option<&str>)> =
        without.features.iter().take(3).map(|f| (f.column.as_str(), f.same_as.as_deref())).collect();
    assert_eq!(same, [("internet", None), ("backup", Some("internet")), ("charges", None)]);
}

#[test]
fn names_have_three_parts_at_most_and_are_different() {
    // Forty heaps by eight columns of 0 and 1, five rows each.
    let bit = |row: usize, column: usize| f64::from(u8::from((row / 5 * 37 + 11) >> column & 1 == 1));
    let mut frame = Frame::builder();
    let names: Vec<String> = (0..8).map(|column| format!("has_{column}")).collect();
    for (column, name) in names.iter().enumerate() {
        frame = frame.numbers(name, (0..200).map(|row| bit(row, column)).collect());
    }
    let frame = frame.build().unwrap();
    let segments: Vec<Option<u32>> = (0..200).map(|row| Some(row / 5)).collect();
    let all = describe_segments(&frame, &names, &segments, None, Language::En).unwrap();
    let mut seen: Vec<&str> = all.iter().map(|segment| segment.name.as_str()).collect();
    assert!(seen.iter().all(|name| name.matches(", ").count() < 3 && !name.contains(" and ")), "{seen:?}");
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 40, "{seen:?}");
}

#[test]
fn the_row_that_stands_for_a_segment_has_its_id() {
    let ids = Frame::builder().texts("candidate", ["a", "b", "c", "d", "e", "f", "g", "h"]).build().unwrap();
    let frame = people().with_columns_of(&ids).unwrap().with_role("candidate", adflux_data::Role::Id).unwrap();
    let all = describe(&frame, &["years", "volunteer", "level"], &HALVES);
    assert_eq!(all[0].medoid.as_ref().unwrap().ids, [("candidate".to_string(), "a".to_string())]);
    assert!(describe(&people(), &["years"], &HALVES)[0].medoid.as_ref().unwrap().ids.is_empty());
}

#[test]
fn segments_that_differ_in_the_same_way_are_told_apart_by_their_rules() {
    let frame = Frame::builder().numbers("years", vec![0.0, 0.0, 0.0, 0.0, 20.0, 20.0, 30.0, 30.0]).build().unwrap();
    let segments = [Some(0), Some(0), Some(0), Some(0), Some(1), Some(1), Some(2), Some(2)];
    let names: Vec<String> = describe(&frame, &["years"], &segments).into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["fewer years", "more years (years = 20)", "more years (years > 20)"]);
}
