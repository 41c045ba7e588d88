//! Rules: they say what they do, they are short, and boxes are found as they are.

use adflux_core::random::stream;
use adflux_data::Frame;
use adflux_postprocessing::{Condition, Language, Rule, SegmentDescription, Test, describe_segments};
use proptest::prelude::*;

const CITIES: [&str; 4] = ["Boston", "Chicago", "Lima", "Quito"];

/// People drawn at random; every tenth city and every seventh salary is missing.
struct People {
    years: Vec<f64>,
    salary: Vec<f64>,
    city: Vec<Option<&'static str>>,
    volunteer: Vec<bool>,
    honors: Vec<f64>,
}

impl People {
    fn new(rows: usize, seed: u64) -> Self {
        let mut rng = stream(seed, &[]);
        let mut draw = |below: u32| rng.random_range(0..below);
        People {
            years: (0..rows).map(|_| f64::from(draw(20))).collect(),
            salary: (0..rows)
                .map(|row| if row % 7 == 6 { f64::NAN } else { 20_000.0 + f64::from(draw(1_000_000)) / 13.0 })
                .collect(),
            city: (0..rows).map(|row| (row % 10 != 9).then(|| CITIES[draw(4) as usize])).collect(),
            volunteer: (0..rows).map(|_| draw(2) == 1).collect(),
            honors: (0..rows).map(|_| f64::from(draw(2))).collect(),
        }
    }

    fn frame(&self) -> Frame {
        Frame::builder()
            .numbers("years", self.years.clone())
            .numbers("salary", self.salary.clone())
            .optional_texts("city", self.city.clone())
            .booleans("volunteer", self.volunteer.clone())
            .numbers("honors", self.honors.clone())
            .build()
            .unwrap()
    }
}

const COLUMNS: [&str; 5] = ["years", "salary", "city", "volunteer", "honors"];

fn describe(frame: &Frame, segments: &[Option<u32>], language: Language) -> Vec<SegmentDescription> {
    describe_segments(frame, &COLUMNS, segments, None, language).unwrap()
}

/// The rule of segment 1: rows where `inside` holds.
fn rule_of(frame: &Frame, inside: impl Fn(usize) -> bool, language: Language) -> Option<Rule> {
    let segments: Vec<Option<u32>> = (0..frame.rows()).map(|row| Some(u32::from(inside(row)))).collect();
    describe(frame, &segments, language).into_iter().find(|s| s.id == Some(1))?.rule
}

/// Precision and recall, counted from what the rule says of the frame.
fn counted(rule: &Rule, frame: &Frame, inside: impl Fn(usize) -> bool) -> (f64, f64) {
    let meets = rule.matches(frame).unwrap();
    let (mut all, mut both, mut size) = (0.0, 0.0, 0.0);
    for (row, meets) in meets.into_iter().enumerate() {
        all += f64::from(u8::from(meets));
        both += f64::from(u8::from(meets && inside(row)));
        size += f64::from(u8::from(inside(row)));
    }
    (both / all, both / size)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the segments, also where columns do not tell them apart.
    #[test]
    fn a_rule_keeps_what_it_promises(seed in 0_u64..10_000, rows in 2_usize..400, k in 1_u32..6, noise in 0_u32..4) {
        let people = People::new(rows, seed);
        let frame = people.frame();
        let mut rng = stream(seed, &[1]);
        let segments: Vec<Option<u32>> = (0..rows)
            .map(|row| {
                let drawn = rng.random_range(0..k + 1).checked_sub(1);
                if rng.random_range(0..4) < noise { drawn } else { Some((people.years[row] as u32 * k) / 20) }
            })
            .collect();
        let ids: std::collections::BTreeSet<Option<u32>> = segments.iter().copied().collect();
        for segment in describe(&frame, &segments, Language::En) {
            let Some(rule) = segment.rule else {
                continue;
            };
            prop_assert!(segment.id.is_some() && ids.len() > 1, "a rule for the outliers, or for everyone");
            prop_assert!((1..=4).contains(&rule.conditions.len()), "{}", rule.text);
            prop_assert_eq!((rule.precision, rule.recall), counted(&rule, &frame, |row| segments[row] == segment.id));
            prop_assert!(rule.precision > segment.share, "no better than chance: {}", rule.text);
            let words: Vec<String> = rule.conditions.iter().map(|c| c.text(Language::En)).collect();
            prop_assert_eq!(rule.text, words.join(" and "));
        }
    }

    /// A range of one number, a level and a truth value.
    #[test]
    fn a_box_is_found(seed in 0_u64..10_000, low in 1_u32..8, width in 3_u32..8, city in 0_usize..4, volunteer: bool) {
        let people = People::new(1_000, seed);
        let frame = people.frame();
        let (low, high) = (f64::from(low), f64::from(low + width));
        let inside = |row: usize| {
            (low..=high).contains(&people.years[row])
                && people.city[row] == Some(CITIES[city])
                && people.volunteer[row] == volunteer
        };
        let rule = rule_of(&frame, inside, Language::En).unwrap();
        prop_assert_eq!((rule.precision, rule.recall), (1.0, 1.0), "{}", rule.text);
    }

    /// Ranges of two numbers, one of them of as many values as rows.
    #[test]
    fn a_rectangle_is_found(seed in 0_u64..10_000, low in 1_u32..10, width in 3_u32..8, from in 3_u32..5) {
        let people = People::new(1_000, seed);
        let frame = people.frame();
        let (low, high, from) = (f64::from(low), f64::from(low + width), f64::from(from) * 10_000.0);
        let inside =
            |row: usize| (low..=high).contains(&people.years[row]) && (from..from + 30_000.0).contains(&people.salary[row]);
        let rule = rule_of(&frame, inside, Language::En).unwrap();
        // Salaries are cut at quantiles: the ends of the range are off by half a bin at most.
        prop_assert!(rule.precision >= 0.95 && rule.recall >= 0.95, "{} {} {}", rule.text, rule.precision, rule.recall);
    }
}

#[test]
fn conditions_read_as_people_would_write_them() {
    let people = People::new(600, 3);
    let frame = people.frame();
    let text = |inside: &dyn Fn(usize) -> bool, language| rule_of(&frame, inside, language).unwrap().text;
    let experienced = |row: usize| people.years[row] > 12.0 && people.honors[row] == 1.0;
    let both = text(&experienced, Language::En);
    assert!(["honors = 1 and years > 12", "years > 12 and honors = 1"].contains(&both.as_str()), "{both}");
    assert_eq!(text(&experienced, Language::Es), both.replace(" and ", " y "));
    assert_eq!(text(&|row| people.city[row] == Some("Lima"), Language::En), "city = Lima");
    assert_eq!(text(&|row| people.city[row] != Some("Lima"), Language::En), "city ≠ Lima");
    assert_eq!(text(&|row| people.city[row].is_none(), Language::En), "city is missing");
    assert_eq!(text(&|row| people.salary[row].is_nan(), Language::Es), "salary sin dato");
    assert_eq!(text(&|row| people.volunteer[row], Language::En), "volunteer = true");
    assert_eq!(text(&|row| !people.volunteer[row], Language::En), "volunteer = false");
    assert_eq!(text(&|row| people.honors[row] == 0.0, Language::En), "honors = 0");
    assert_eq!(text(&|row| people.years[row] == 7.0, Language::En), "years = 7");
    assert_eq!(text(&|row| people.years[row] <= 3.0, Language::En), "years ≤ 3");
    assert_eq!(text(&|row| (4.0..=9.0).contains(&people.years[row]), Language::En), "3 < years ≤ 9");
    // A salary of any number of cents, and a threshold of few digits.
    assert_eq!(text(&|row| people.salary[row] > 50_000.0, Language::En), "salary > 50000");
}

#[test]
fn a_rule_finds_new_people() {
    let people = People::new(600, 3);
    let rule = rule_of(&people.frame(), |row| people.years[row] > 12.0 && people.volunteer[row], Language::En).unwrap();
    let others = People::new(50, 4);
    let expected: Vec<bool> = (0..50).map(|row| others.years[row] > 12.0 && others.volunteer[row]).collect();
    assert_eq!(rule.matches(&others.frame()).unwrap(), expected);
    let error = rule.matches(&others.frame().without(&["years"])).unwrap_err().to_string();
    assert!(error.starts_with("missing column `years`"), "{error}");
    let texts = Frame::builder().texts("years", ["many"]).booleans("volunteer", vec![true]).build().unwrap();
    let error = rule.matches(&texts).unwrap_err().to_string();
    assert_eq!(error, "column `years`: holds text, where the rule compares numbers");
}

#[test]
fn nothing_to_tell_apart_has_no_rule() {
    let people = People::new(60, 5);
    assert!(describe(&people.frame(), &[Some(0); 60], Language::En)[0].rule.is_none(), "everyone");
    let constant = Frame::builder().numbers("x", vec![0.1; 10]).texts("t", ["a"; 10]).build().unwrap();
    let halves: Vec<Option<u32>> = (0..10).map(|row| Some(row / 5)).collect();
    let described = describe_segments(&constant, &["x", "t"], &halves, None, Language::En).unwrap();
    assert!(described.iter().all(|s| s.rule.is_none()), "{described:?}");
    // The rest of the rows belong to no segment, and that is no segment.
    let some: Vec<Option<u32>> = (0..60).map(|row| (people.years[row] > 9.0).then_some(0)).collect();
    let described = describe(&people.frame(), &some, Language::En);
    assert_eq!(described[0].rule.as_ref().unwrap().text, "years > 9");
    assert!(described[1].id.is_none() && described[1].rule.is_none());
}

#[test]
fn a_rare_level_and_a_long_tail_of_them_are_compared() {
    // 300 levels: one of 40 rows, the others of one row each.
    let levels: Vec<String> =
        (0..339).map(|row| if row < 40 { "often".into() } else { format!("once {row}") }).collect();
    let frame = Frame::builder().texts("word", &levels).build().unwrap();
    let segments: Vec<Option<u32>> = (0..339).map(|row| Some(u32::from(row < 40))).collect();
    let described = describe_segments(&frame, &["word"], &segments, None, Language::En).unwrap();
    let texts: Vec<&str> = described.iter().map(|s| s.rule.as_ref().unwrap().text.as_str()).collect();
    assert_eq!(texts, ["word ≠ often", "word = often"]);
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let people = People::new(500, 6);
    let frame = people.frame();
    let segments: Vec<Option<u32>> = (0..500).map(|row| Some(people.years[row] as u32 / 7)).collect();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| describe(&frame, &segments, Language::En))
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn conditions_are_written_for_scripts_too() {
    let condition = Condition { column: "years".into(), test: Test::Range { above: Some(8.0), up_to: None } };
    let json = serde_json::to_value(&condition).unwrap();
    assert_eq!(json, serde_json::json!({"column": "years", "test": "range", "above": 8.0, "up_to": null}));
    assert_eq!(serde_json::from_value::<Condition>(json).unwrap(), condition);
}
