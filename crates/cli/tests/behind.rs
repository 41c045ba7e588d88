//! What stands behind the model: `adflux train --calibrate --interval --interval-by`, through to `adflux predict`.

use crate::{adflux, err, fails, out, text};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};
use tempfile::TempDir;

fn done(arguments: &[&str]) -> String {
    let output = adflux(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", err(&output));
    out(&output)
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&done(&[arguments, &["--format", "json"]].concat())).unwrap()
}

const SMALL: [&str; 2] = ["--param", "n_estimators=20"];

fn churn() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/telco_churn.csv");
    text(&file).to_string()
}

#[test]
fn calibration_is_judged_before_and_after_and_sets_hold_what_comes() {
    let folder = TempDir::new().unwrap();
    let (churn, model) = (churn(), folder.path().join("churn.adflux"));
    let model = text(&model);
    let behind = ["--calibrate", "isotonic", "--interval", "0.9", "-o", model];
    let report = json(&[&["train", &churn, "--target", "churn"][..], &behind, &SMALL].concat());
    let calibration = |when: &str, measure: &str| report["calibration"][when][measure].as_f64().unwrap();
    assert_eq!(report["calibration"]["method"], "isotonic");
    // Twenty trees whose leaves are pure say 0 and 1 far too often.
    assert!(calibration("after", "log_loss") < calibration("before", "log_loss") - 0.05, "{report}");
    assert!(calibration("after", "brier") < calibration("before", "brier"), "{report}");
    assert_eq!(report["calibration"]["after"]["log_loss"], report["metrics"]["log_loss"]);
    let (coverage, size) =
        (report["metrics"]["coverage"].as_f64().unwrap(), report["metrics"]["set_size"].as_f64().unwrap());
    assert!((0.86..=0.94).contains(&coverage) && (1.0..1.6).contains(&size), "{report}");

    let predictions = done(&["predict", model, &churn]);
    let mut lines = predictions.lines();
    assert_eq!(lines.next(), Some("prediction,label,p_No,p_Yes,set"));
    let mut sets: BTreeMap<&str, usize> = BTreeMap::new();
    lines.for_each(|line| *sets.entry(line.rsplit(',').next().unwrap()).or_default() += 1);
    assert_eq!(sets.keys().copied().collect::<Vec<_>>(), ["No", "No|Yes", "Yes"]);
    assert_eq!(sets.values().sum::<usize>(), 7043);

    // Judged on what it learned from, sets hold more than promised, never less by much.
    let judged = json(&["evaluate", model, &churn]);
    assert!(judged["metrics"]["coverage"].as_f64().unwrap() > 0.86, "{judged}");
    let told = done(&["train", &churn, "--target", "churn", "--calibrate", "beta", SMALL[0], SMALL[1]]);
    assert!(told.contains("Calibration") && told.contains("before") && told.contains("after"), "{told}");
}

#[test]
fn a_width_for_each_platform_though_the_platform_is_not_learned_from() {
    let folder = TempDir::new().unwrap();
    let (file, model) = (folder.path().join("campaigns.csv"), folder.path().join("clicks.adflux"));
    let (file, model) = (text(&file), text(&model));
    done(&["simulate", "campaigns", "--rows", "1500", "-o", file]);
    let by = ["--exclude", "impressions,applications,spend,platform", "--interval", "0.8", "--interval-by", "platform"];
    let train = ["train", file, "--target", "clicks", "-o", model];
    let report = json(&[&train[..], &by, &SMALL].concat());
    let coverage = report["metrics"]["coverage"].as_f64().unwrap();
    assert!((0.74..=0.86).contains(&coverage), "{coverage}");

    let predicted = done(&["predict", model, file, "--id", "platform"]);
    let mut widths: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in predicted.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |place: usize| cells[place].parse::<f64>().unwrap();
        widths.entry(cells[0].into()).or_default().push(number(3) - number(2));
    }
    let one: Vec<f64> = widths.values().map(|w| w[0]).collect();
    for (platform, widths) in &widths {
        assert!(widths.iter().all(|w| (w - widths[0]).abs() < 1e-6 * widths[0]), "{platform}");
    }
    assert!(one.len() > 1 && one.windows(2).any(|w| w[0] != w[1]), "{one:?}");

    // The column is asked for when predicting, and a value never seen has the width of all.
    let without = folder.path().join("without.csv");
    std::fs::write(&without, "budget\n100\n").unwrap();
    let said = fails(&["predict", model, text(&without)]);
    assert!(said.contains("`platform`"), "{said}");
}

#[test]
fn wishes_that_do_not_fit_the_model_say_why() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, content: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        text(&file).to_string()
    };
    let mut csv = String::from("y,x,label\n");
    (0..12).for_each(|i| csv.push_str(&format!("{}.5,{},{}\n", i, i % 5, ["a", "b"][i % 2])));
    let file = write("t.csv", &csv);
    let train = |more: &[&str]| fails(&[&["train", &file][..], more].concat()).replace(&file, "t.csv");
    let said = train(&["--target", "y", "--calibrate", "beta"]);
    assert!(said.contains("--calibrate is for classes"), "{said}");
    let said = train(&["--target", "label", "--interval", "0.95", "--test-size", "0"]);
    assert!(said.contains("a set of level 0.95 needs at least 19 rows to learn from, and there are 12"), "{said}");
    let said = train(&["--target", "y", "--interval", "0.95", "--test-size", "0"]);
    assert!(
        said.contains("an interval of level 0.95 needs at least 19 rows to learn from, and there are 12"),
        "{said}"
    );
    let said = train(&["--target", "y", "--interval", "1.5", "--test-size", "0"]);
    assert!(said.contains("`level` = 1.5"), "{said}");
    let said = train(&["--target", "y", "--interval", "0.5", "--interval-by", "lable"]);
    assert!(said.contains("missing column `lable` (did you mean `label`?)"), "{said}");
    let said = train(&["--target", "y", "--interval", "0.5", "--interval-by", "y"]);
    assert!(said.contains("column `y`: is the target"), "{said}");

    let model = "[model]\nkind = \"random-forest-classifier\"\n";
    let spec = write("spec.toml", &format!("{model}[postprocessor]\nkind = \"conformal-set\"\n"));
    for option in [&["--interval", "0.5"][..], &["--calibrate", "platt"]] {
        let said = train(&[&["--target", "label", "--spec", &spec], option].concat());
        assert!(said.contains(&format!("{} beside a specification that has a postprocessor", option[0])), "{said}");
    }
    let usage = adflux(&["train", &file, "--target", "y", "--interval-by", "label"]);
    assert_eq!(usage.status.code(), Some(2), "{}", err(&usage));
}
