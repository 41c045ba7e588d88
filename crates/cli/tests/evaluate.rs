//! `adflux evaluate`: intervals of the measures, and whether groups are treated alike.

use crate::{adflux, err, fails, out, text};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(name)
}

fn done(arguments: &[&str]) -> String {
    let output = adflux(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", err(&output));
    out(&output)
}

/// A small model of callbacks that knows neither gender nor race.
fn callbacks(folder: &TempDir) -> (String, String) {
    let (file, model) = (data("resume.csv"), folder.path().join("callbacks.adflux"));
    let train = ["train", text(&file), "--target", "received_callback", "--task", "classification"];
    let rest = ["--sensitive", "gender,race", "--param", "n_estimators=20", "-o", text(&model)];
    done(&[&train[..], &rest].concat());
    (text(&file).into(), text(&model).into())
}

#[test]
fn groups_and_their_combinations_are_compared_in_words_and_in_json() {
    let folder = TempDir::new().unwrap();
    let (file, model) = callbacks(&folder);
    let audit = ["evaluate", &model, &file, "--by", "gender,race", "--threshold", "0.1", "--resamples", "100"];
    let report: Value = serde_json::from_str(&done(&[&audit[..], &["--format", "json"]].concat())).unwrap();
    let fairness = &report["by"]["fairness"];
    assert_eq!((&report["by"]["column"], &fairness["positive"]), (&"gender,race".into(), &"1".into()));
    let groups: Vec<&str> =
        fairness["groups"].as_array().unwrap().iter().map(|g| g["group"].as_str().unwrap()).collect();
    assert_eq!(groups, ["f, black", "f, white", "m, black", "m, white"]);
    // What happened is in it too: the published rates of women, 6.63 and 9.89 %.
    let came = |group: usize| fairness["groups"][group]["base_rate"]["value"].as_f64().unwrap();
    assert_eq!([came(0), came(1)].map(|rate| format!("{:.2}", 100.0 * rate)), ["6.63", "9.89"]);
    assert!(fairness["four_fifths"]["groups"].as_array().unwrap().iter().any(|g| g["verdict"] == "reference"));
    for (name, value) in report["metrics"].as_object().unwrap() {
        let ends = &report["intervals"]["metrics"][name];
        let [lower, value, upper] = [&ends["lower"], value, &ends["upper"]].map(|v| v.as_f64().unwrap());
        assert!(lower <= value && value <= upper, "{name}: {lower} {value} {upper}");
    }

    let words = done(&audit);
    assert!(words.lines().all(|line| line.chars().count() <= 80), "{words}");
    for part in ["95 % interval", "f, black", "Four fifths:", "equal opportunity", "Calibration:"] {
        assert!(words.replace('\n', " ").contains(part), "{part} is missing:\n{words}");
    }
    // Without them.
    let bare = done(&["evaluate", &model, &file, "--resamples", "0"]);
    assert!(!bare.contains("interval") && !bare.contains("Four fifths"), "{bare}");
}

#[test]
fn the_intervals_are_the_same_again_and_wider_where_rows_belong_together() {
    let folder = TempDir::new().unwrap();
    let (file, model) = callbacks(&folder);
    let ends = |more: &[&str]| {
        let audit = ["evaluate", &model, &file, "--resamples", "200", "--format", "json"];
        let report: Value = serde_json::from_str(&done(&[&audit[..], more].concat())).unwrap();
        let of = &report["intervals"]["metrics"]["accuracy"];
        (of["lower"].as_f64().unwrap(), of["upper"].as_f64().unwrap())
    };
    let plain = ends(&[]);
    assert_eq!(plain, ends(&[]));
    assert_ne!(plain, ends(&["--seed", "7"]));
    // Four résumés went to each employer, who calls many back or none.
    let grouped = ends(&["--group", "job_ad_id"]);
    assert!(grouped.1 - grouped.0 > 1.1 * (plain.1 - plain.0), "{plain:?} {grouped:?}");
}

#[test]
fn what_cannot_be_judged_is_named() {
    let folder = TempDir::new().unwrap();
    let (file, model) = callbacks(&folder);
    let by = ["evaluate", &model, &file, "--by", "race"];
    assert!(fails(&["evaluate", &model, &file, "--by", "race,gendre"]).contains("`gendre` (did you mean `gender`?)"));
    assert!(fails(&[&by[..], &["--positive", "yes"]].concat()).contains("must be one of 0, 1"));
    assert!(fails(&[&by[..], &["--threshold", "2"]].concat()).contains("`threshold`"));
    // Nobody has a chance of one half: there is nothing to compare, and it says what to do.
    let words = done(&[&by[..], &["--threshold", "0.999999", "--resamples", "0"]].concat());
    assert!(words.contains("nobody is predicted 1") && words.contains("--threshold"), "{words}");
}
