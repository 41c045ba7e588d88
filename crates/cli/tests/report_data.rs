//! `adflux report-data`: what is in a table, and what has moved.

use crate::{adflux, err, fails, out, text};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(name)
}

fn said(arguments: &[&str]) -> String {
    let done = adflux(&[&["report-data"], arguments].concat());
    assert!(done.status.success(), "{}", err(&done));
    out(&done)
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&said(&[arguments, &["--format", "json"]].concat())).unwrap()
}

#[test]
fn every_real_table_is_reported_within_80_columns() {
    for (name, rows, columns) in
        [("resume.csv", "4,870", 30), ("attrition.csv", "1,470", 31), ("telco_churn.csv", "7,043", 20)]
    {
        let path = data(name);
        let report = said(&[text(&path), "--against", text(&path)]);
        let flat = report.replace('\n', " ");
        assert!(flat.contains(&format!("{rows} rows, {columns} columns")), "{report}");
        assert!(flat.contains(&format!("0 of {columns} columns have moved")), "{report}");
        // The name of the file is as long as it is.
        for line in report.lines().filter(|line| !line.contains(name)) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn what_should_not_be_learned_from_is_named_with_its_reason() {
    let path = data("resume.csv");
    let report = json(&[text(&path), "--sensitive", "gender,race", "--target", "received_callback"]);
    let reason = |column: &str| {
        let suspects = report["suspects"].as_array().unwrap();
        suspects.iter().find(|s| s["column"] == column).map_or("", |s| s["reason"].as_str().unwrap())
    };
    assert!(reason("firstname").starts_with("gives away race") && reason("firstname").contains("gender"), "{report:#}");
    assert!(reason("job_ad_id").contains("identifier"), "{report:#}");
    assert_eq!(reason("gender"), "", "that it is sensitive is known");
    let folder = TempDir::new().unwrap();
    let small = folder.path().join("small.csv");
    std::fs::write(&small, "country,n\nES,1\nES,2\nES,2\n").unwrap();
    let report = said(&[text(&small)]);
    assert!(report.contains("1 row repeats an earlier one"), "{report}");
    let expected = "Not to be learned from as they are\n   country has the same value in every row\n";
    assert!(report.ends_with(expected), "{report}");
}

#[test]
fn what_moved_is_ranked_with_new_and_vanished_levels() {
    let folder = TempDir::new().unwrap();
    let (last, this) = (folder.path().join("last.csv"), folder.path().join("this.csv"));
    let table = |platforms: [&str; 2], shift: usize, more: &str| {
        let rows = (0..400).map(|i| format!("{},{},{}\n", platforms[i % 2], i % 40 + shift, i % 7));
        format!(
            "platform,bid,day{more}\n{}",
            rows.map(|row| row.replace('\n', if more.is_empty() { "\n" } else { ",1\n" })).collect::<String>()
        )
    };
    std::fs::write(&last, table(["META", "GOOGLE"], 0, "")).unwrap();
    std::fs::write(&this, table(["META", "TIKTOK"], 8, ",fresh")).unwrap();
    let (last, this) = (text(&last), text(&this));
    let report = json(&[this, "--against", last]);
    let drift = &report["drift"];
    let columns = drift["columns"].as_array().unwrap();
    let shifts: Vec<_> =
        columns.iter().map(|c| (c["column"].as_str().unwrap(), c["shift"].as_str().unwrap())).collect();
    assert_eq!(shifts, [("platform", "large"), ("bid", "large"), ("day", "none")]);
    assert_eq!(columns[0]["new_levels"], serde_json::json!(["TIKTOK"]));
    assert_eq!(columns[0]["vanished_levels"], serde_json::json!(["GOOGLE"]));
    assert!((columns[1]["ks"]["statistic"].as_f64().unwrap() - 0.2).abs() < 1e-9, "{report:#}");
    assert_eq!((&drift["only_in_file"], &drift["rows"]), (&serde_json::json!(["fresh"]), &serde_json::json!(400)));
    let words = said(&[this, "--against", last]);
    for part in ["2 of 3 columns have moved", "platform has new values: TIKTOK", "columns only here: fresh"] {
        assert!(words.contains(part), "{words}");
    }
}

#[test]
fn a_table_that_cannot_be_read_is_an_error() {
    assert!(fails(&["report-data", "absent.csv"]).contains("absent.csv: No such file"));
    let path = data("attrition.csv");
    assert!(fails(&["report-data", text(&path), "--target", "nothing"]).contains("missing column `nothing`"));
    assert!(fails(&["report-data", text(&path), "--against", "absent.csv"]).contains("absent.csv"));
}

#[test]
fn numbers_read_as_they_are_and_people_are_not_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("t.csv");
    let row = |i: usize| {
        let odd = if i == 5 { "rare" } else { "common" };
        let ratio = if i == 7 { "inf".to_string() } else { format!("{i}.5") };
        format!("202401{:02},{ratio},p{i}@example.org,{odd}\n", 1 + i % 28)
    };
    std::fs::write(&file, format!("day,ratio,mail,kind\n{}", (0..300).map(row).collect::<String>())).unwrap();
    let words = said(&[text(&file)]);
    assert!(words.contains("20240128") && !words.contains("2.0e7"), "{words}");
    assert!(words.contains("rare <1\u{a0}%") && words.contains("Infinite values: ratio (1)"), "{words}");
    assert!(!words.contains("@"), "{words}");
    let report = json(&[text(&file), "--against", text(&file)]);
    assert!(!report.to_string().contains('@'), "{report:#}");
}
