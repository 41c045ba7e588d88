//! Which columns may be learned from.

use adflux_core::random::stream;
use adflux_data::{Frame, Role};
use adflux_pipeline::{
    Excluded, Leak, Reason, Screen, Screening,
    proxies::Part,
    screening::{Identifier, LeakKind},
};
use adflux_postprocessing::Language;
use rand::RngExt as _;

fn data(name: &str) -> Frame {
    Frame::read_csv(format!("{}/../../data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn with_roles(frame: Frame, roles: &[(&str, Role)]) -> Frame {
    roles.iter().fold(frame, |frame, (name, role)| frame.with_role(name, *role).unwrap())
}

fn said(screening: &Screening) -> Vec<String> {
    screening.excluded.iter().map(Excluded::to_string).collect()
}

fn reason<'a>(screening: &'a Screening, column: &str) -> Option<&'a Reason> {
    screening.excluded.iter().find(|e| e.column == column).map(|e| &e.reason)
}

/// Columns as the well-known tables have them, before they were tidied for the samples in `data/`.
fn untidied(frame: Frame) -> Frame {
    let rows = frame.rows();
    let mut rng = stream(5, &[]);
    let mut number = 0;
    let employee = (0..rows).map(|_| {
        number += 1 + rng.random_range(0..2) * rng.random_range(0..2);
        number
    });
    let beside = Frame::builder()
        .integers("EmployeeNumber", employee.collect())
        .integers("EmployeeCount", vec![1; rows])
        .texts("Over18", vec!["Y"; rows])
        .integers("StandardHours", vec![80; rows])
        .texts("customerID", (0..rows).map(|r| format!("{:04}-{:05}", (r * 7919) % 10007, r)))
        .optional_texts("comment", vec![None::<&str>; rows])
        .build()
        .unwrap();
    frame.with_columns_of(&beside).unwrap()
}

#[test]
fn employees_have_identifiers_and_constants_and_their_income_is_neither() {
    let frame =
        with_roles(untidied(data("attrition.csv")), &[("Attrition", Role::Target), ("Gender", Role::Sensitive)]);
    let screening = Screen::new().run(&frame).unwrap();
    assert_eq!(
        said(&screening),
        [
            "Gender is sensitive",
            "EmployeeNumber is an identifier by its name",
            "EmployeeCount has the same value in every row",
            "Over18 has the same value in every row",
            "StandardHours has the same value in every row",
            "customerID is an identifier by its name",
            "comment has no values",
        ]
    );
    assert_eq!(screening.frame.role("EmployeeNumber"), Role::Id);
    assert_eq!(screening.frame.role("Over18"), Role::Ignore);
    assert_eq!(screening.frame.role("Gender"), Role::Sensitive);
    assert_eq!(screening.frame.names_with(Role::Feature).len(), 29);
}

#[test]
fn customers_have_charges_that_are_no_identifiers() {
    let frame = with_roles(data("telco_churn.csv"), &[("churn", Role::Target), ("female", Role::Sensitive)]);
    assert_eq!(said(&Screen::new().run(&frame).unwrap()), ["female is sensitive"]);
}

#[test]
fn applicants_first_names_give_gender_and_race_away() {
    let roles = [("gender", Role::Sensitive), ("race", Role::Sensitive), ("received_callback", Role::Target)];
    let frame = with_roles(data("resume.csv"), &roles);
    let screening = Screen::new().run(&frame).unwrap();
    assert_eq!(
        said(&screening),
        [
            "job_ad_id is an identifier by its name",
            "firstname gives away race (guessed right for 100.0 %) and gender (guessed right for 100.0 %)",
            "race is sensitive",
            "gender is sensitive",
        ]
    );
    let allowed = Screen::new().allow(["firstname"]).run(&frame).unwrap();
    assert_eq!(allowed.frame.role("firstname"), Role::Feature);
    assert!(reason(&allowed, "firstname").is_none() && reason(&allowed, "job_ad_id").is_some());
}

// ------------------------------------------------------------------------------------------------ identifiers

const ROWS: usize = 60;

fn texts(name: &str, of_row: impl Fn(usize) -> String) -> Frame {
    Frame::builder().texts(name, (0..ROWS).map(of_row)).build().unwrap()
}

fn integers(name: &str, of_row: impl Fn(i64) -> i64) -> Frame {
    Frame::builder().integers(name, (0..ROWS as i64).map(of_row).collect()).build().unwrap()
}

/// How the only column is recognised, if it is.
fn identifier(frame: &Frame) -> Option<Identifier> {
    match Screen::new().run(frame).unwrap().excluded.pop().map(|e| e.reason) {
        None => None,
        Some(Reason::Identifier(identifier)) => Some(identifier),
        Some(other) => panic!("{other}"),
    }
}

#[test]
fn texts_that_name_a_row_are_identifiers() {
    let scattered = |r: usize| (r * 7919 + 13) % 100_003;
    // Each e-mail address and telephone number comes three times.
    assert_eq!(identifier(&texts("contact", |r| format!("p{}@mail.example.com", r % 20))), Some(Identifier::Email));
    assert_eq!(identifier(&texts("contact", |r| format!("+34 600 {:06}", scattered(r % 20)))), Some(Identifier::Phone));
    assert_eq!(
        identifier(&texts("contact", |r| format!("555-{:03}-{:04}", 100 + r, 1000 + r))),
        Some(Identifier::Phone)
    );
    assert_eq!(identifier(&texts("profile", |r| format!("https://example.com/in/{r}"))), Some(Identifier::Url));
    assert_eq!(identifier(&texts("who", |r| format!("{:08x}-{:04x}", scattered(r), r))), Some(Identifier::Different));
    assert_eq!(identifier(&texts("address", |r| format!("192.168.0.{}", r + 1))), Some(Identifier::Different));
    assert_eq!(identifier(&texts("campaignId", |r| format!("C{}", r % 30))), Some(Identifier::Name));
}

#[test]
fn texts_that_say_something_are_not() {
    let others: [fn(usize) -> String; 9] = [
        |r| format!("nurse wanted in ward {r}"),
        |r| format!("https://example.com/jobs/{}", r % 3),
        |r| format!("2025-{:02}-{:02}", r % 12 + 1, r % 28 + 1),
        |r| format!("{:02}/{:02}/2025", r % 28 + 1, r % 12 + 1),
        |r| format!("2025-01-{:02}T{:02}:00:00", r % 28 + 1, r % 24),
        |r| format!("1.{:03},50", 100 + r),
        |r| format!("{}.5€", 10 + r),
        |r| format!("city{}", r % 12),
        |r| format!("{:02}:{:02}", r % 24, r % 60),
    ];
    for of_row in others {
        assert_eq!(identifier(&texts("column", of_row)), None, "{}", of_row(7));
    }
    // Twelve values are a category, even of an `id`.
    assert_eq!(identifier(&texts("ad_id", |r| format!("a{}", r % 12))), None);
}

#[test]
fn whole_numbers_that_count_are_identifiers_and_amounts_are_not() {
    let amount = |r: i64| 20_000 + (r * 7919) % 10_007;
    assert_eq!(identifier(&integers("row", |r| r + 1)), Some(Identifier::Sequence));
    // Nearly every number of the range, in any order.
    assert_eq!(identifier(&integers("row", |r| (r * 37) % 61)), Some(Identifier::Sequence));
    // Rising with gaps.
    assert_eq!(identifier(&integers("row", |r| 1000 + 5 * r + r % 3)), Some(Identifier::Sequence));
    for name in ["customer_id", "customerID", "CustomerId", "EmployeeNumber", "postal-code", "userid", "Clave"] {
        assert_eq!(identifier(&integers(name, amount)), Some(Identifier::Name), "{name}");
    }
    assert_eq!(identifier(&integers("job_ad_id", |r| amount(r % 25))), Some(Identifier::Name));

    assert_eq!(identifier(&integers("salary", amount)), None);
    assert_eq!(identifier(&integers("paid", |r| amount(r % 25))), None);
    assert_eq!(identifier(&integers("postal_code", |r| amount(r % 25))), None);
    assert_eq!(identifier(&integers("category_id", |r| r % 5)), None);
    assert_eq!(identifier(&integers("years", |r| r % 40)), None);
    let price = Frame::builder().numbers("price_id", (0..ROWS).map(|r| r as f64 + 0.5).collect()).build().unwrap();
    assert_eq!(identifier(&price), None);
    // Of six rows that all are different says nothing.
    let few = Frame::builder().integers("years", vec![1, 2, 3, 4, 5, 6]).texts("city", ["a", "b", "c", "d", "e", "f"]);
    assert_eq!(identifier(&few.build().unwrap()), None);
}

// ------------------------------------------------------------------------------------------------ content

#[test]
fn a_value_and_missing_ones_are_no_constant() {
    let frame = Frame::builder()
        .optional_texts("flag", (0..ROWS).map(|r| (r % 3 == 0).then_some("yes")))
        .optional_numbers("bonus", (0..ROWS).map(|r| (r % 2 == 0).then_some(1.0)).collect())
        .numbers("none", vec![f64::NAN; ROWS])
        .booleans("true", vec![true; ROWS])
        .build()
        .unwrap();
    assert_eq!(
        said(&Screen::new().run(&frame).unwrap()),
        ["none has no values", "true has the same value in every row"]
    );
}

// ------------------------------------------------------------------------------------------------ proxies

/// People whose full names all differ, and whose first names tell the gender.
fn people() -> Frame {
    const FIRST: [(&str, &str); 4] = [("Jennifer", "f"), ("María", "f"), ("Brad", "m"), ("Jamal", "m")];
    let rows = 400;
    let mut rng = stream(3, &[]);
    let chosen: Vec<(&str, &str)> = (0..rows).map(|_| FIRST[rng.random_range(0..4)]).collect();
    let full = |r: usize| format!("{} L{r}", chosen[r].0);
    let frame = Frame::builder()
        .texts("candidate", (0..rows).map(full))
        .texts("sorted_as", (0..rows).map(|r| format!("L{r}, {}", chosen[r].0.to_uppercase())))
        .texts("title", (0..rows).map(|r| format!("{} developer {}", ["senior", "junior"][r % 2], r % 7)))
        .numbers("years", (0..rows).map(|_| rng.random::<f64>()).collect())
        .texts("gender", chosen.iter().map(|c| c.1))
        .build()
        .unwrap();
    with_roles(frame, &[("gender", Role::Sensitive)])
}

#[test]
fn names_that_all_differ_are_judged_by_their_words() {
    let screening = Screen::new().run(&people()).unwrap();
    assert_eq!(
        said(&screening),
        [
            "candidate gives away gender (guessed right for 100.0 % by its first word)",
            "sorted_as gives away gender (guessed right for 100.0 % by its last word)",
            "gender is sensitive",
        ]
    );
    let Some(Reason::GivesAway(proxies)) = reason(&screening, "candidate") else { panic!() };
    assert_eq!((proxies[0].part, proxies[0].guessed), (Part::FirstWord, 1.0));
    let text = screening.excluded[0].text(Language::Es);
    assert_eq!(text, "candidate delata gender (se acierta en el 100,0 % por la primera palabra)");
}

#[test]
fn the_threshold_and_what_is_allowed_are_yours() {
    let none: Vec<String> = said(&Screen::new().allow(["candidate", "sorted_as"]).run(&people()).unwrap());
    assert_eq!(none, ["gender is sensitive"]);
    // At 0 every column that helps at all is one.
    let all = Screen::new().proxy_threshold(0.0).run(&people()).unwrap();
    assert!(all.excluded.len() >= 3);
    let says = |screen: Screen| screen.run(&people()).unwrap_err().to_string();
    assert!(says(Screen::new().allow(["nobody"])).starts_with("missing column `nobody`"));
    assert!(says(Screen::new().allow(["gender"])).starts_with("column `gender`: allowed and sensitive at once"));
    assert!(says(Screen::new().proxy_threshold(1.5)).starts_with("parameter `proxy_threshold` = 1.5"));
}

// ------------------------------------------------------------------------------------------------ leaks

#[test]
fn columns_that_say_the_class_are_leaks() {
    let rows = 200;
    let left = |r: usize| r.is_multiple_of(4);
    let mut rng = stream(4, &[]);
    let noise: Vec<f64> = (0..rows).map(|_| rng.random()).collect();
    let frame = Frame::builder()
        .texts("left", (0..rows).map(|r| if left(r) { "Yes" } else { "No" }))
        .integers("left_flag", (0..rows).map(|r| i64::from(left(r))).collect())
        .optional_texts("exit_interview", (0..rows).map(|r| left(r).then(|| format!("said {r}"))))
        .numbers("risk", (0..rows).map(|r| noise[r] + if left(r) { 1.0 } else { 0.0 }).collect())
        // Right for nine of ten: a good feature.
        .numbers("overtime", (0..rows).map(|r| noise[r] + if left(r) { 0.5 } else { 0.0 }).collect())
        .texts("team", (0..rows).map(|r| ["a", "b", "c"][r % 3]))
        .build()
        .unwrap();
    let screening = Screen::new().run(&with_roles(frame, &[("left", Role::Target)])).unwrap();
    assert_eq!(
        said(&screening),
        [
            "left_flag leaks the target left (guessed right for 100.0 %)",
            "exit_interview leaks the target left (whether it is missing says it: guessed right for 100.0 %)",
            "risk leaks the target left (guessed right for 100.0 %)",
        ]
    );
    let es = screening.excluded[0].text(Language::Es);
    assert_eq!(es, "left_flag revela el objetivo left (se acierta en el 100,0 %)");
}

#[test]
fn a_threshold_between_the_twentieths_is_found() {
    // 37 of 200 are positive: no twentieth ends there.
    let rows = 200;
    let frame = Frame::builder()
        .integers("hired", (0..rows).map(|r| i64::from((r * 67) % 200 < 37)).collect())
        .numbers("score", (0..rows).map(|r| -(((r * 67) % 200) as f64).powi(2) / 7.0).collect())
        .build()
        .unwrap();
    let screening = Screen::new().run(&with_roles(frame, &[("hired", Role::Target)])).unwrap();
    let Some(Reason::Leak(Leak { how: LeakKind::Threshold { roc_auc }, .. })) = reason(&screening, "score") else {
        panic!("{:?}", screening.excluded)
    };
    assert_eq!(*roc_auc, 1.0);
    assert_eq!(
        screening.excluded[0].to_string(),
        "score leaks the target hired (a threshold separates the classes: ROC-AUC 1.0000)"
    );
}

/// Campaigns with the counts that they brought, small ones among them.
fn campaigns(rows: usize) -> Frame {
    let mut rng = stream(6, &[]);
    let budget: Vec<f64> = (0..rows).map(|_| (50.0 * (rng.random::<f64>() * 4.0).exp()).round()).collect();
    let mut times = |of: &[f64], low: f64, high: f64| {
        of.iter().map(|v| v * (low + (high - low) * rng.random::<f64>())).collect::<Vec<f64>>()
    };
    let whole = |v: Vec<f64>| v.into_iter().map(f64::floor).collect::<Vec<f64>>();
    let spend: Vec<f64> = times(&budget, 0.7, 1.0).iter().map(|v| (v * 100.0).round() / 100.0).collect();
    let impressions = whole(times(&spend, 50.0, 200.0));
    let clicks = whole(times(&impressions, 0.002, 0.02));
    let applications = whole(times(&clicks, 0.0, 0.2));
    Frame::builder()
        .texts("platform", (0..rows).map(|r| ["META", "GOOGLE", "TIKTOK"][r % 3]))
        .numbers("budget", budget)
        .numbers("impressions", impressions)
        .numbers("clicks", clicks)
        .numbers("applications", applications)
        .numbers("spend", spend)
        .build()
        .unwrap()
}

/// The campaigns with their rates beside the counts, as an advertising platform reports them.
fn reported(rows: usize, decimals: i32) -> Frame {
    let frame = campaigns(rows);
    let of = |name: &str| frame.numbers(name).unwrap();
    let (impressions, clicks, spend) = (of("impressions"), of("clicks"), of("spend"));
    let rate = |a: &[f64], b: &[f64], times: f64| {
        let unit = 10f64.powi(decimals);
        let rate = |(a, b): (&f64, &f64)| (*b > 0.0).then(|| (times * a / b * unit).round() / unit);
        a.iter().zip(b).map(rate).collect::<Vec<Option<f64>>>()
    };
    let beside = Frame::builder()
        .optional_numbers("ctr", rate(&clicks, &impressions, 1.0))
        .optional_numbers("cpc", rate(&spend, &clicks, 1.0))
        .optional_numbers("cpm", rate(&spend, &impressions, 1000.0))
        .build()
        .unwrap();
    frame.with_columns_of(&beside).unwrap()
}

fn leaks(screening: &Screening) -> Vec<(String, String)> {
    let formula = |e: &Excluded| match &e.reason {
        Reason::Leak(Leak { how: LeakKind::Formula { formula }, .. }) => Some((e.column.clone(), formula.clone())),
        Reason::Leak(leak) => Some((e.column.clone(), format!("{leak:?}"))),
        _ => None,
    };
    screening.excluded.iter().filter_map(formula).collect()
}

#[test]
fn rates_of_two_counts_are_found_with_their_formula() {
    let pair = |a: &str, b: &str, formula: &str| {
        vec![(a.to_string(), formula.to_string()), (b.to_string(), formula.to_string())]
    };
    for (target, a, b, formula) in [
        ("ctr", "impressions", "clicks", "ctr = clicks / impressions"),
        ("cpc", "clicks", "spend", "cpc = spend / clicks"),
        ("cpm", "impressions", "spend", "cpm = 1000 · spend / impressions"),
    ] {
        // Only the counts are there, and the rates are written with five decimals.
        let frame = reported(800, 5);
        let rates: Vec<&str> = ["ctr", "cpc", "cpm"].into_iter().filter(|name| *name != target).collect();
        let frame = with_roles(frame.without(&rates), &[(target, Role::Target)]);
        assert_eq!(leaks(&Screen::new().run(&frame).unwrap()), pair(a, b, formula));
    }
    // clicks = ctr · impressions, to the whole click.
    let frame = with_roles(reported(800, 12).without(&["cpc", "cpm"]), &[("clicks", Role::Target)]);
    let found = leaks(&Screen::new().run(&frame).unwrap());
    assert_eq!(found, pair("impressions", "ctr", "clicks = impressions · ctr"));
    // … and with rates that are rounded themselves.
    let frame = with_roles(reported(800, 3).without(&["ctr", "cpm"]), &[("clicks", Role::Target)]);
    let found = leaks(&Screen::new().run(&frame).unwrap());
    assert_eq!(found, pair("spend", "cpc", "clicks = spend / cpc"));
}

#[test]
fn the_other_column_may_be_the_exposure() {
    let frame = with_roles(reported(800, 6), &[("ctr", Role::Target), ("impressions", Role::Exposure)]);
    let found = leaks(&Screen::new().run(&frame.without(&["cpc", "cpm"])).unwrap());
    assert_eq!(found, [("clicks".to_string(), "ctr = clicks / impressions".to_string())]);
}

#[test]
fn an_outcome_known_afterwards_is_not_seen_as_a_leak() {
    // The documented limit: clicks follow from impressions only by and large.
    let frame = with_roles(campaigns(800), &[("clicks", Role::Target)]);
    assert!(leaks(&Screen::new().run(&frame).unwrap()).is_empty());
}

#[test]
fn sums_differences_and_orders_of_the_target_are_found_in_its_presence_of_noise_they_are_not() {
    let mut rng = stream(8, &[]);
    let mut random = || (0..200).map(|_| (rng.random::<f64>() * 1000.0).round()).collect::<Vec<f64>>();
    let (a, b, c) = (random(), random(), random());
    let zip = |f: fn(f64, f64) -> f64| a.iter().zip(&b).map(|(a, b)| f(*a, *b)).collect::<Vec<f64>>();
    let run = |target: Vec<f64>| {
        let frame = Frame::builder().numbers("y", target).numbers("a", a.clone()).numbers("b", b.clone());
        let frame = frame.numbers("c", c.clone()).build().unwrap();
        leaks(&Screen::new().run(&with_roles(frame, &[("y", Role::Target)])).unwrap())
    };
    let formulas = |target: Vec<f64>| run(target).into_iter().map(|leak| leak.1).collect::<Vec<String>>();
    assert_eq!(formulas(zip(|a, b| a + b)), ["y = a + b"; 2]);
    assert_eq!(formulas(zip(|a, b| b - a)), ["y = b − a"; 2]);
    assert_eq!(formulas(zip(|a, b| a * b)), ["y = a · b"; 2]);
    assert_eq!(formulas(zip(|a, b| 100.0 * b / (a + 1e-9))), ["y = 100 · b / a"; 2]);
    // One row of two hundred may be off, one of twenty not.
    let off = |every: usize| {
        zip(|a, b| a + b).iter().enumerate().map(|(r, y)| y + if r % every == 0 { 7.0 } else { 0.0 }).collect()
    };
    assert_eq!(formulas(off(200)), ["y = a + b"; 2]);
    assert!(formulas(off(20)).is_empty());
    // Any increasing function of a column has its order.
    let ordered = run(a.iter().map(|a| (a / 100.0).exp()).collect());
    assert_eq!(ordered.len(), 1);
    assert!(ordered[0].0 == "a" && ordered[0].1.contains("Order"), "{ordered:?}");
    assert!(run(zip(|a, b| a + 0.1 * b)).is_empty());
}

#[test]
fn few_rows_and_few_rows_of_a_class_say_nothing() {
    let of = |rows: usize, every: usize| {
        let y: Vec<i64> = (0..rows).map(|r| i64::from(r % every == 0)).collect();
        let frame = Frame::builder().integers("y", y.clone()).integers("x", y).build().unwrap();
        Screen::new().run(&with_roles(frame, &[("y", Role::Target)])).unwrap().excluded.len()
    };
    assert_eq!((of(20, 2), of(200, 20), of(200, 4)), (0, 0, 1));
}

#[test]
fn reasons_are_written_with_a_tag_and_read_back() {
    let frame = with_roles(reported(400, 6), &[("ctr", Role::Target)]).with_role("platform", Role::Sensitive).unwrap();
    let screening = Screen::new().run(&frame).unwrap();
    let text = serde_json::to_string(&screening.excluded).unwrap();
    assert!(text.contains(r#"{"column":"platform","reason":"sensitive"}"#), "{text}");
    assert!(
        text.contains(
            r#""reason":"leak","detail":{"target":"ctr","how":{"by":"formula","formula":"ctr = clicks / impressions"}}"#
        ),
        "{text}"
    );
    assert_eq!(serde_json::from_str::<Vec<Excluded>>(&text).unwrap(), screening.excluded);
}
