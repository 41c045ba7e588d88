//! `adflux explain`: what columns add to predictions, by row, on the average, and along a column.

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

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&done(&[arguments, &["--format", "json"]].concat())).unwrap()
}

/// A model of churn, with the file it is of.
fn churn(folder: &TempDir, name: &str, how: &[&str]) -> (String, String) {
    let (file, model) = (data("telco_churn.csv"), folder.path().join(name));
    done(&[&["train", text(&file), "--target", "churn", "--importance", "0", "-o", text(&model)], how].concat());
    (text(&file).into(), text(&model).into())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Base and effects of a report.
fn sum(report: &Value) -> f64 {
    let effects = report["contributions"].as_array().unwrap().iter();
    number(&report["base"]) + effects.map(|c| number(&c["effect"])).sum::<f64>()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

const FOREST: [&str; 4] = ["--param", "n_estimators=10", "--param", "max_depth=6"];

#[test]
fn base_and_effects_are_the_prediction_whatever_the_model() {
    let folder = TempDir::new().unwrap();
    let boosting = ["--model-type", "gradient-boosting", "--param", "n_estimators=20"];
    for (name, how, method, scale) in [
        ("forest.adflux", &FOREST[..], "tree-path-dependent", "outcome"),
        ("boosting.adflux", &boosting, "tree-path-dependent", "log-odds"),
        ("logistic.adflux", &["--model-type", "logistic"], "linear", "log-odds"),
        ("calibrated.adflux", &[&FOREST[..], &["--calibrate", "isotonic"]].concat(), "permutation", "outcome"),
    ] {
        let (file, model) = churn(&folder, name, how);
        let report = json(&["explain", &model, &file, "--row", "17", "--permutations", "8"]);
        assert_eq!(
            (&report["method"], &report["scale"], &report["output"]),
            (&method.into(), &scale.into(), &"Yes".into())
        );
        assert!((number(&report["sum"]) - sum(&report)).abs() < 1e-9);
        let back = if scale == "log-odds" { sigmoid(sum(&report)) } else { sum(&report) };
        assert!((back - number(&report["prediction"])).abs() < 1e-9, "{report}");
        let predicted = folder.path().join("predicted.csv");
        done(&["predict", &model, &file, "-o", text(&predicted)]);
        let lines = std::fs::read_to_string(&predicted).unwrap();
        let place = lines.lines().next().unwrap().split(',').position(|c| c == "p_Yes").unwrap();
        let said: f64 = lines.lines().nth(17).unwrap().split(',').nth(place).unwrap().parse().unwrap();
        assert!((said - number(&report["prediction"])).abs() < 1e-9, "as adflux predict says");
        // The columns are those of the table, each once, the strongest first.
        let parts = report["contributions"].as_array().unwrap();
        assert_eq!(parts.iter().filter(|c| c["column"] == "contract").count(), 1);
        assert!(parts.windows(2).all(|two| number(&two[0]["effect"]).abs() >= number(&two[1]["effect"]).abs()));
        let other = json(&["explain", &model, &file, "--row", "17", "--permutations", "8", "--of", "No"]);
        assert!((number(&parts[0]["effect"]) + number(&other["contributions"][0]["effect"])).abs() < 1e-9);
    }
}

#[test]
fn averages_lines_and_files_hold_together() {
    let folder = TempDir::new().unwrap();
    let (file, model) = churn(&folder, "churn.adflux", &FOREST);
    let (all, few) = (folder.path().join("all.csv"), folder.path().join("few.csv"));
    let report = json(&["explain", &model, &file, "-o", text(&all)]);
    let text_of = std::fs::read_to_string(&all).unwrap();
    let header: Vec<&str> = text_of.lines().next().unwrap().split(',').collect();
    assert_eq!(header[..2], ["prediction", "base"]);
    let contract = header.iter().position(|c| *c == "by_contract").unwrap();
    let mut mean = 0.0;
    for line in text_of.lines().skip(1) {
        let cells: Vec<f64> = line.split(',').map(|c| c.parse().unwrap()).collect();
        assert!((cells[0] - cells[1..].iter().sum::<f64>()).abs() < 1e-9);
        mean += cells[contract].abs() / 7043.0;
    }
    assert_eq!(text_of.lines().count(), 7044);
    assert_eq!((&report["rows"], &report["columns"][0]["column"]), (&7043.into(), &"contract".into()));
    assert!((number(&report["columns"][0]["mean_absolute"]) - mean).abs() < 1e-9);
    assert_eq!(report["columns"][0]["raised_by"], "Month-to-month");
    let shares: f64 = report["columns"].as_array().unwrap().iter().map(|c| number(&c["share"])).sum();
    assert!((shares - 1.0).abs() < 1e-9);

    let tenure = json(&["explain", &model, &file, "--pdp", "tenure"]);
    let values = tenure["values"].as_array().unwrap();
    assert!(number(&values[0]["mean"]) > number(&values[values.len() - 1]["mean"]), "who has stayed stays");
    let contract = json(&["explain", &model, &file, "--pdp", "contract", "--sample", "50"]);
    assert_eq!((&contract["rows"], &contract["values"][0]["value"]), (&50.into(), &"Month-to-month".into()));

    // Against rows of two-year contracts a monthly one counts for more.
    let lines = std::fs::read_to_string(&file).unwrap();
    let two_year: Vec<&str> =
        lines.lines().enumerate().filter(|(i, l)| *i == 0 || l.contains("Two year")).map(|(_, l)| l).collect();
    std::fs::write(&few, two_year.join("\n")).unwrap();
    let against = json(&["explain", &model, &file, "--row", "1", "--background", text(&few)]);
    assert_eq!(against["method"], "tree-interventional");
    assert!((sum(&against) - number(&against["prediction"])).abs() < 1e-9);
    let usual = json(&["explain", &model, &file, "--row", "1"]);
    assert!(number(&against["base"]) < number(&usual["base"]));
}

#[test]
fn people_are_told_in_two_languages_within_eighty_columns() {
    let folder = TempDir::new().unwrap();
    let (file, model) = churn(&folder, "churn.adflux", &FOREST);
    for (more, parts) in [
        (
            &["--row", "17"][..],
            &["Row 17: the probability of churn = Yes is predicted to be", "contract", "sum: the prediction"][..],
        ),
        (&["--row", "17", "--lang", "es"], &["Fila 17: la probabilidad de churn = Yes", "suma: la predicción"]),
        (&[], &["What moves the probability of churn = Yes, over 500 of 7,043 rows", "Month-to-month", "moves by"]),
        (&["--lang", "es"], &["Qué mueve la probabilidad de churn = Yes, en 500 de 7043 filas"]),
        (&["--pdp", "tenure"], &["How the probability of churn = Yes follows tenure", "80 % of the rows"]),
        (&["--pdp", "contract", "--lang", "es"], &["Cómo sigue la probabilidad de churn = Yes a contract"]),
    ] {
        let said = done(&[&["explain", &model, &file], more].concat());
        assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
        let in_a_line = said.split_whitespace().collect::<Vec<_>>().join(" ");
        parts.iter().for_each(|part| assert!(in_a_line.contains(part), "{part} is not in:\n{said}"));
    }
}

#[test]
fn what_cannot_be_explained_is_said() {
    let folder = TempDir::new().unwrap();
    let (file, model) = churn(&folder, "churn.adflux", &FOREST);
    let said = fails(&["explain", &model, &file, "--row", "7044"]);
    assert!(said.contains("`row` = 7044: the table has 7,043 rows, of which the first is 1"), "{said}");
    let said = fails(&["explain", &model, &file, "--row", "0"]);
    assert!(said.contains("`row` = 0"), "{said}");
    let said = fails(&["explain", &model, &file, "--row", "1", "--of", "Maybe"]);
    assert!(said.contains("must be one of what is predicted: No, Yes"), "{said}");
    let said = fails(&["explain", &model, &file, "--row", "1", "--method", "linear"]);
    assert!(said.contains("`tree-path-dependent`: take permutation, or auto"), "{said}");
    let said = fails(&["explain", &model, &file, "--pdp", "tenur"]);
    assert!(said.contains("did you mean `tenure`?"), "{said}");

    let lacking = folder.path().join("lacking.csv");
    std::fs::write(&lacking, "tenure,contract\n1,One year\n").unwrap();
    let said = fails(&["explain", &model, text(&lacking)]);
    assert!(said.contains("lacking.csv") && said.contains("`monthly_charges`"), "{said}");
    let nothing = folder.path().join("nothing.csv");
    std::fs::write(&nothing, std::fs::read_to_string(&file).unwrap().lines().next().unwrap()).unwrap();
    let said = fails(&["explain", &model, text(&nothing)]);
    assert!(said.contains("nothing.csv"), "{said}");

    let segments = folder.path().join("segments.adflux");
    done(&["segment", &file, "-k", "3", "--include", "tenure,monthly_charges", "--model", text(&segments)]);
    let said = fails(&["explain", text(&segments), &file, "--row", "1"]);
    assert!(said.contains("there is no prediction to explain"), "{said}");
    let over = adflux(&["explain", &model, &file, "-o", &file]);
    assert_eq!(over.status.code(), Some(1), "nothing is written over an input");
    assert_eq!(adflux(&["explain", &model, &file, "--row", "1", "--pdp", "tenure"]).status.code(), Some(2));
}
