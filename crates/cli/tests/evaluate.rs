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

/// Four columns of which `few` has a group of ten rows; `y` can be learned from `x` a little.
fn people(folder: &TempDir) -> String {
    let mut csv = String::from("y,x,few,many,employer,w\n");
    for i in 0..600 {
        let few = if i % 60 == 7 { "tiny" } else { "big" };
        let yes = (i * 7919 + i / 3) % 10 < if i % 5 < 2 { 7 } else { 3 };
        let (yes, many) = (if yes { "yes" } else { "no" }, "abcdefgh".as_bytes()[i % 8] as char);
        csv.push_str(&format!("{yes},{},{few},group {many},{},{}\n", i % 5, i / 6, u8::from(i % 8 > 0)));
    }
    let file = folder.path().join("people.csv");
    std::fs::write(&file, csv).unwrap();
    text(&file).into()
}

fn trained(folder: &TempDir, file: &str, more: &[&str]) -> String {
    let model = folder.path().join("people.adflux");
    let train = ["train", file, "--target", "y", "--include", "x", "--param", "n_estimators=10", "-o", text(&model)];
    done(&[&train[..], more].concat());
    text(&model).into()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&done(&[arguments, &["--format", "json"]].concat())).unwrap()
}

#[test]
fn small_groups_are_named_and_one_group_is_compared_with_nobody() {
    let folder = TempDir::new().unwrap();
    let file = people(&folder);
    let model = trained(&folder, &file, &[]);
    let base = ["evaluate", &model, &file, "--resamples", "0", "--by", "few"];
    let of = |report: &Value| report["by"]["fairness"].clone();
    let report = of(&json(&base));
    assert_eq!((&report["too_small"], &report["min_rows"]), (&serde_json::json!(["tiny"]), &30.into()));
    for measure in ["demographic_parity", "equal_opportunity", "equalized_odds", "four_fifths"] {
        assert!(report[measure].is_null(), "{measure}: {report:#}");
    }
    let words = done(&base).replace('\n', " ");
    assert!(words.contains("nothing to compare: one group only has at least 30 rows"), "{words}");
    assert!(words.contains("Not compared: tiny has fewer than 30 rows"), "{words}");
    assert!(!words.contains("kept") && !words.contains("differs by"), "{words}");
    let report = of(&json(&[&base[..], &["--min-rows", "10"]].concat()));
    assert_eq!(report["too_small"], serde_json::json!([]));
    assert!(report["demographic_parity"]["difference"].as_f64().is_some(), "{report:#}");
    let alone = adflux(&["evaluate", &model, &file, "--min-rows", "10"]);
    assert_eq!(alone.status.code(), Some(2), "--min-rows needs --by");
}

#[test]
fn an_audit_is_there_for_sets_of_classes_and_widens_where_rows_belong_together() {
    let folder = TempDir::new().unwrap();
    let file = people(&folder);
    let model = trained(&folder, &file, &["--interval", "0.8"]);
    let base = ["evaluate", &model, &file, "--resamples", "0", "--by", "many"];
    let width = |more: &[&str]| {
        let report = json(&[&base[..], more].concat());
        let rate = &report["by"]["fairness"]["overall"]["selection_rate"];
        rate["upper"].as_f64().unwrap() - rate["lower"].as_f64().unwrap()
    };
    // All rows of one employer are one answer.
    assert!(width(&["--group", "x"]) > 2.0 * width(&[]));
    let said = fails(&[&base[..], &["--group", "y", "--threshold", "0.1", "--weight", "nothing"]].concat());
    assert!(said.contains("`nothing`"), "{said}");

    // Rows of weight 0 are counted in neither table.
    let report = json(&[&base[..], &["--weight", "w"]].concat());
    for (a, b) in
        report["by"]["groups"].as_array().unwrap().iter().zip(report["by"]["fairness"]["groups"].as_array().unwrap())
    {
        assert_eq!(a["rows"], b["rows"], "{report:#}");
    }
    let negative = folder.path().join("negative.csv");
    std::fs::write(&negative, std::fs::read_to_string(&file).unwrap().replacen(",1\n", ",-1\n", 1)).unwrap();
    let said = fails(&["evaluate", &model, text(&negative), "--weight", "w"]);
    assert!(said.contains("column `w`, row "), "{said}");
}

#[test]
fn what_has_no_room_is_named_and_many_groups_make_no_long_paragraph() {
    let folder = TempDir::new().unwrap();
    let file = people(&folder);
    let model = trained(&folder, &file, &[]);
    let by = ["--by", "many,few,x", "--min-rows", "5", "--resamples", "0"];
    let words = done(&[&["evaluate", &model, &file][..], &by].concat());
    let flat = words.replace('\n', " ");
    assert!(words.lines().all(|line| line.chars().count() <= 80), "{words}");
    assert!(flat.contains("no room for"), "{words}");
    let sentence = flat.split("Four fifths:").nth(1).unwrap().split("Between").next().unwrap();
    assert!(sentence.contains("groups are below; the 3 lowest") && sentence.len() < 700, "{sentence}");
}

#[test]
fn intervals_of_one_row_or_of_few_draws_are_none() {
    let folder = TempDir::new().unwrap();
    let file = people(&folder);
    let model = trained(&folder, &file, &[]);
    let one = folder.path().join("one.csv");
    std::fs::write(&one, "y,x\nyes,1\n").unwrap();
    let words = done(&["evaluate", &model, text(&one)]);
    assert!(words.contains("judged on 1 row\n") && !words.contains(" to "), "{words}");
    let said = fails(&["evaluate", &model, &file, "--resamples", "1"]);
    assert!(said.contains("`resamples` = 1") && said.contains("100 or more"), "{said}");
    let said = fails(&["compare", &model, &model, &file, "--resamples", "10"]);
    assert!(said.contains("`resamples` = 10"), "{said}");
    let said = fails(&["compare", &model, &model, &file, "--group", "nobody"]);
    assert!(said.contains("`nobody`"), "{said}");
}
