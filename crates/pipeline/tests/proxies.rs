//! Columns that give a sensitive column away.

use adflux_core::random::stream;
use adflux_data::Frame;
use adflux_pipeline::{Proxy, find_proxies};
use rand::RngExt as _;

const NAMES: [(&str, &str); 6] =
    [("Anne", "f"), ("Emily", "f"), ("Lakisha", "f"), ("Brad", "m"), ("Greg", "m"), ("Jamal", "m")];

/// 600 people, their names of one gender each but for every twentieth.
fn people() -> Frame {
    let mut rng = stream(1, &[]);
    let rows = 600;
    let chosen: Vec<(&str, &str)> = (0..rows).map(|_| NAMES[rng.random_range(0..NAMES.len())]).collect();
    let gender: Vec<&str> = (0..rows).map(|r| if r % 20 == 0 { "x" } else { chosen[r].1 }).collect();
    // Every number is another; those of women are lower.
    let height = (0..rows).map(|r| rng.random::<f64>() + if gender[r] == "f" { 0.0 } else { 1.0 }).collect();
    Frame::builder()
        .texts("firstname", chosen.iter().map(|c| c.0))
        .texts("gender", gender)
        .texts("email", (0..rows).map(|r| format!("{r}@example.com")))
        .integers("id", (0..rows as i64).collect())
        .numbers("height", height)
        .numbers("years", (0..rows).map(|_| rng.random::<f64>() * 40.0).collect())
        .texts("city", (0..rows).map(|_| if rng.random::<bool>() { "Boston" } else { "Chicago" }))
        .texts("same", (0..rows).map(|_| "one"))
        .build()
        .unwrap()
}

const CANDIDATES: [&str; 7] = ["firstname", "email", "id", "height", "years", "city", "same"];

fn found(sensitive: &str, threshold: f64) -> Vec<Proxy> {
    find_proxies(&people(), &CANDIDATES, &[sensitive], threshold).unwrap()
}

fn columns(found: &[Proxy]) -> Vec<&str> {
    found.iter().map(|p| p.column.as_str()).collect()
}

#[test]
fn names_and_numbers_that_tell_the_gender_are_found_and_nothing_else() {
    let found = found("gender", 0.5);
    // Neither `email`, `id` nor `years`, of which each value stands once, is a proxy.
    assert_eq!(columns(&found), ["firstname", "height"]);
    let gender = people().texts("gender").unwrap();
    let most = ["f", "m", "x"].map(|g| gender.iter().filter(|v| *v == g).count()).into_iter().max().unwrap();
    for proxy in &found {
        assert_eq!((proxy.sensitive.as_str(), proxy.baseline), ("gender", most as f64 / 600.0));
    }
    // The 5 % of another gender are never guessed, all others are.
    assert_eq!(found[0].guessed, 0.95);
    assert!((0.85..=0.95).contains(&found[1].guessed), "{:?}", found[1]);
}

#[test]
fn the_threshold_is_the_share_of_wrong_guesses_that_goes_away() {
    let all = found("gender", 0.5);
    let gain = |p: &Proxy| (p.guessed - p.baseline) / (1.0 - p.baseline);
    let (name, height) = (gain(&all[0]), gain(&all[1]));
    assert!(name > height);
    assert_eq!(columns(&found("gender", (name + height) / 2.0)), ["firstname"]);
    assert_eq!(columns(&found("gender", name)), ["firstname"]);
    assert!(found("gender", 1.0).is_empty());
}

#[test]
fn a_sensitive_column_of_one_value_has_nothing_to_give_away() {
    assert!(found("same", 0.0).is_empty());
}

#[test]
fn thresholds_and_columns_that_cannot_be_are_named() {
    let says = |candidate: &str, sensitive: &str, threshold: f64| {
        find_proxies(&people(), &[candidate], &[sensitive], threshold).unwrap_err().to_string()
    };
    for threshold in [-0.1, 1.1, f64::NAN] {
        let message = format!("parameter `threshold` = {threshold:?}: must lie between 0 and 1");
        assert_eq!(says("city", "gender", threshold), message);
    }
    assert!(says("town", "gender", 0.5).starts_with("missing column `town`"));
    assert!(says("city", "gendre", 0.5).contains("`gendre` (did you mean `gender`?)"));
}
