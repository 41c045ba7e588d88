//! `adflux segment` with the methods that make a tree, at one level and at several.

use crate::{adflux, err, fails, out, text, wrong};
use adflux::data::Frame;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};
use tempfile::TempDir;

fn resumes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/resume.csv")
}

const COLUMNS: [&str; 6] =
    ["--sensitive", "gender,race", "--outcome", "received_callback", "--include", "years_*,honors,volunteer,military"];

/// Runs `adflux segment` on the résumés and gives its report.
fn json(options: &[&str]) -> Value {
    let path = resumes();
    let done = adflux(&[&["segment", text(&path), "--format", "json"], &COLUMNS[..], options].concat());
    assert!(done.status.success(), "{}", err(&done));
    serde_json::from_str(&out(&done)).unwrap()
}

/// Two levels, made once for all tests that look at the same run.
static LEVELS: LazyLock<(TempDir, Value)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let (rows, model) = (folder.path().join("rows.csv"), folder.path().join("people.adflux"));
    // The order does not matter, and a level named twice is one.
    let report = json(&["--levels", "8,3,8", "-o", text(&rows), "--model", text(&model)]);
    (folder, report)
});

/// The ids of a column, counted.
fn counts(frame: &Frame, column: &str) -> Vec<u64> {
    let ids = frame.numbers(column).unwrap();
    let most = ids.iter().copied().fold(0.0, f64::max) as usize;
    (0..=most).map(|id| ids.iter().filter(|v| **v == id as f64).count() as u64).collect()
}

#[test]
fn levels_are_reported_as_a_tree() {
    let report = &LEVELS.1;
    assert_eq!((report["method"].as_str(), report["k"].as_u64()), (Some("ward"), Some(8)));
    let levels = report["levels"].as_array().unwrap();
    assert_eq!(levels.len(), 2);
    for (level, (k, column)) in levels.iter().zip([(3, "segment_3"), (8, "segment_8")]) {
        assert_eq!((level["k"].as_u64(), level["column"].as_str()), (Some(k), Some(column)));
        assert_eq!(level["segments"].as_array().unwrap().len() as u64, k);
    }
    let [coarse, fine] = [0, 1].map(|i| levels[i]["segments"].as_array().unwrap());
    assert!(coarse.iter().all(|segment| segment["parent"].is_null()));
    for parent in coarse {
        let inside = fine.iter().filter(|segment| segment["parent"] == parent["id"]);
        let rows: u64 = inside.map(|segment| segment["size"].as_u64().unwrap()).sum();
        assert_eq!(rows, parent["size"].as_u64().unwrap(), "the rows of a segment are those of the segments in it");
    }
    // What scripts rely on is that of the finest level.
    for (segment, of_level) in report["segments"].as_array().unwrap().iter().zip(fine) {
        for field in ["id", "size", "name", "rule", "features", "outcome"] {
            assert_eq!(segment[field], of_level[field]);
        }
    }
}

#[test]
fn rows_have_a_column_for_each_level() {
    let (folder, report) = &*LEVELS;
    let rows = Frame::read(folder.path().join("rows.csv")).unwrap();
    let names: Vec<&str> = rows.names().collect();
    assert_eq!(names[names.len() - 3..], ["segment_3", "segment_8", "segment"]);
    assert_eq!(rows.numbers("segment_8").unwrap(), rows.numbers("segment").unwrap());
    for level in report["levels"].as_array().unwrap() {
        let sizes: Vec<u64> =
            level["segments"].as_array().unwrap().iter().map(|s| s["size"].as_u64().unwrap()).collect();
        assert_eq!(counts(&rows, level["column"].as_str().unwrap()), sizes);
    }
}

#[test]
fn new_rows_are_put_into_every_level() {
    let (folder, report) = &*LEVELS;
    let (model, to) = (folder.path().join("people.adflux"), folder.path().join("new.csv"));
    let path = resumes();
    let done = adflux(&["predict", text(&model), text(&path), "-o", text(&to)]);
    assert!(done.status.success(), "{}", err(&done));
    let new = Frame::read(&to).unwrap();
    let names: Vec<&str> = new.names().collect();
    assert_eq!(names[names.len() - 4..], ["segment_3", "segment_3_strength", "segment_8", "segment_8_strength"]);
    let parents: Vec<f64> = report["levels"][1]["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|segment| segment["parent"].as_f64().unwrap())
        .collect();
    let (coarse, fine) = (new.numbers("segment_3").unwrap(), new.numbers("segment_8").unwrap());
    assert!(coarse.iter().zip(&fine).all(|(coarse, fine)| parents[*fine as usize] == *coarse));
    // Most rows of compact segments come back into their own.
    let before = Frame::read(folder.path().join("rows.csv")).unwrap().numbers("segment_8").unwrap();
    let same = before.iter().zip(&fine).filter(|(a, b)| a == b).count();
    assert!(same * 10 > before.len() * 8, "{same} of {}", before.len());
    assert_eq!(report["returning"].as_f64().unwrap(), same as f64 / before.len() as f64);
    // No column is called `segment`: the level is named.
    let compare = ["compare-segments", text(&to), text(&to), "--id", "job_ad_id"];
    assert!(wrong(&compare).contains("name the level with --segment: segment_3, segment_8"), "{}", wrong(&compare));
}

#[test]
fn the_report_is_a_tree_of_80_columns() {
    let path = resumes();
    for language in ["en", "es"] {
        let options = ["segment", text(&path), "--levels", "2,5", "--describe", language];
        let done = adflux(&[&options[..], &COLUMNS].concat());
        assert!(done.status.success(), "{}", err(&done));
        let report = out(&done);
        for line in report.lines().skip(1) {
            assert!(line.chars().count() <= 80, "{line}");
        }
        let heads: Vec<&str> = report.lines().filter(|line| line.trim_start().starts_with("segment_")).collect();
        assert_eq!(heads.len(), 7, "{report}");
        assert!(heads[0].starts_with("segment_2 = 0  "), "{report}");
        assert!(heads[1].starts_with("   segment_5 = "), "{report}");
        assert_eq!(heads.iter().filter(|head| head.starts_with("segment_2 = ")).count(), 2);
        let says = if language == "en" { "Levels of 2 and 5 segments" } else { "Niveles de 2 y 5 segmentos" };
        assert!(report.contains(says), "{report}");
    }
}

#[test]
fn a_segment_that_a_finer_level_does_not_divide_is_told_once() {
    let path = resumes();
    let done = adflux(&[&["segment", text(&path), "--levels", "3,8"][..], &COLUMNS].concat());
    let report = out(&done);
    // Résumés with military service, and those with honors, are segments of the three and of the eight.
    assert_eq!(report.matches("  the same rows: not divided further\n").count(), 2, "{report}");
    assert_eq!(report.matches("Rule: honors = 1 (").count(), 1, "{report}");
}

#[test]
fn one_level_is_chosen_or_given() {
    let auto = json(&["--method", "ward"]);
    assert_eq!(auto["method"], "ward");
    let k = auto["k"].as_u64().unwrap();
    assert!((2..=10).contains(&k));
    assert!(auto["reason"].as_str().unwrap().starts_with(&format!("{k} segments stand apart")), "{}", auto["reason"]);
    assert!(auto.get("levels").is_none());
    for method in ["single", "complete", "average"] {
        let report = json(&["--method", method, "-k", "4"]);
        assert_eq!((report["method"].as_str(), report["k"].as_u64()), (Some(method), Some(4)));
        assert!(report["metrics"]["inertia"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let path = resumes();
    let with = |options: &[&'static str]| -> Vec<&str> { [&["segment", text(&path)], &COLUMNS[..], options].concat() };
    let said = wrong(&with(&["--method", "kmeans", "--levels", "3,8"]));
    assert!(said.contains("--levels: kmeans makes no tree") && said.contains("--method ward"), "{said}");
    let said = fails(&with(&["--levels", "3,4000"]));
    assert!(said.starts_with("--levels: there are only "), "{said}");
    let said = fails(&with(&["--method", "ward", "-k", "4000"]));
    assert!(said.starts_with("-k 4,000: there are only "), "{said}");
    assert!(wrong(&with(&["--levels", "0,3"])).starts_with("--levels: must be numbers from 1"));
    for options in [&["--levels", "3,8", "-k", "4"][..], &["--levels", "three"], &["--method", "wards"]] {
        assert_eq!(adflux(&with(options)).status.code(), Some(2));
    }

    let folder = tempfile::tempdir().unwrap();
    let (taken, to) = (folder.path().join("taken.csv"), folder.path().join("to.csv"));
    std::fs::write(&taken, "years,segment_3\n1,a\n2,b\n5,a\n6,b\n9,a\n").unwrap();
    let said = fails(&["segment", text(&taken), "--levels", "2,3", "-o", text(&to)]);
    assert!(said.contains("column `segment_3`: is the name of the result"), "{said}");
}

#[test]
fn a_table_too_large_for_all_distances_is_told_what_to_use() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.csv");
    let rows: String = (0..24_000).map(|row| format!("{},{}\n", (row * 7919) % 10_007, (row * 31) % 97)).collect();
    std::fs::write(&large, format!("a,b\n{rows}")).unwrap();
    let said = fails(&["segment", text(&large), "--method", "average", "-k", "3"]);
    assert!(said.starts_with("--method average: average linkage keeps the distances of all pairs"), "{said}");
    assert!(
        said.contains("2.3 GB for 24,000 rows: use ward or single") && said.contains("at most 23,170 rows"),
        "{said}"
    );
    assert!(said.ends_with("or raise the limit of 2.1 GB with --param max_memory=BYTES"), "{said}");
    let small = ["--method", "average", "-k", "3", "--param", "max_memory=1000000"];
    let said = fails(&[&["segment", text(&large)], &small[..]].concat());
    assert!(said.contains("at most 500 rows"), "{said}");
}
