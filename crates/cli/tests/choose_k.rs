//! `adflux choose-k` and `adflux compare-segments`.

use crate::{adflux, err, fails, out, text, wrong};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Three heaps of 40 people by two numbers, with an id; `moved` people of the first heap are put into the second.
fn heaps(path: &Path, from: usize, to: usize, moved: usize) {
    let row = |person: usize| {
        let heap = if person < moved { 1 } else { person / 40 % 3 };
        let noise = (person * 7919 % 101) as f64 / 101.0;
        format!("p{person},{:.3},{:.3}\n", heap as f64 * 9.0 + noise, (heap * heap) as f64 * 4.0 - noise)
    };
    fs::write(path, format!("who,pay,years\n{}", (from..to).map(row).collect::<String>())).unwrap();
}

fn json(arguments: &[&str]) -> Value {
    let done = adflux(&[arguments, &["--format", "json"]].concat());
    assert!(done.status.success(), "{}", err(&done));
    serde_json::from_str(&out(&done)).unwrap()
}

#[test]
fn the_number_of_heaps_is_recommended_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("people.csv");
    heaps(&table, 0, 120, 0);
    let few = ["choose-k", text(&table), "--id", "who", "--max", "6", "--references", "5", "--resamples", "5"];
    let report = json(&few);
    assert_eq!(report["k"], 3);
    assert_eq!(report["table"].as_array().unwrap().len(), 6);
    assert_eq!(report["votes"]["silhouette"], 3);
    assert!(report["table"][0]["silhouette"].is_null());
    assert_eq!(report["columns"].as_array().unwrap().len(), 2);
    for (lang, reason, mark) in [("en", "3 segments are what", "→ 3"), ("es", "3 segmentos", "→ 3")] {
        let done = adflux(&[&few[..], &["--lang", lang]].concat());
        let words = out(&done);
        assert!(words.contains(reason) && words.contains(mark), "{words}");
        assert!(words.lines().skip(1).all(|line| line.chars().count() <= 80), "{words}");
    }
    assert!(wrong(&["choose-k", text(&table), "--id", "who", "--max", "1"]).contains("--max 1: must be at least 2"));
    let edge =
        out(&adflux(&["choose-k", text(&table), "--id", "who", "--max", "3", "--references", "2", "--lang", "es"]));
    assert!(edge.replace('\n', " ").contains("con --max 6 se prueban más"), "{edge}");
    assert!(edge.contains("remuestreadas") && !edge.contains("0."), "decimals have a comma: {edge}");
    let perfect = folder.path().join("perfect.csv");
    fs::write(&perfect, format!("a\n{}", "1\n4\n9\n".repeat(9))).unwrap();
    let perfect = out(&adflux(&["choose-k", text(&perfect), "--references", "2", "--resamples", "2"]));
    assert!(perfect.lines().all(|line| line.chars().count() <= 80 || line.contains("perfect.csv")), "{perfect}");
    let fit = perfect.lines().find(|line| line.contains("→ 3")).unwrap();
    assert!(fit.contains("–"), "the index of a perfect fit is that of rounding: {perfect}");
    let one = folder.path().join("one.csv");
    fs::write(&one, "a,b\n1,2\n").unwrap();
    fails(&["choose-k", text(&one)]);
}

/// Segments of two dates, written by `segment`.
fn two_dates(folder: &Path) -> [PathBuf; 2] {
    [("before", 0, 120, 0), ("after", 10, 130, 15)].map(|(name, from, to, moved)| {
        let (table, rows) = (folder.join(format!("{name}_people.csv")), folder.join(format!("{name}.csv")));
        heaps(&table, from, to, moved);
        let done = adflux(&["segment", text(&table), "--id", "who", "-k", "3", "-o", text(&rows)]);
        assert!(done.status.success(), "{}", err(&done));
        rows
    })
}

#[test]
fn who_moved_is_told_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let [before, after] = two_dates(folder.path());
    let moved = folder.path().join("moved.csv");
    let compare = ["compare-segments", text(&before), text(&after), "--id", "who"];
    let report = json(&[&compare[..], &["-o", text(&moved)]].concat());
    assert_eq!(report["rows"], serde_json::json!({"before": 120, "after": 120, "both": 110, "gone": 10, "came": 10}));
    // Of the first heap's 40, ten are gone and five of those who stay are in the second now.
    assert_eq!(report["changes"], serde_json::json!({"stayed": 105, "moved": 5, "left": 0, "joined": 0}));
    assert_eq!(report["segments"].as_array().unwrap().len(), 3);
    assert_eq!(report["moves"].as_array().unwrap().len(), 1);
    let written = fs::read_to_string(&moved).unwrap();
    let mut lines = written.lines();
    assert_eq!(lines.next(), Some("who,before,after,change"));
    let count = |change: &str| written.lines().filter(|line| line.ends_with(change)).count();
    assert_eq!([count("stayed"), count("moved"), count("gone"), count("came")], [105, 5, 10, 10]);
    let words = out(&adflux(&compare));
    assert!(
        words.contains("95 % stayed in their segment") || words.contains("95\u{a0}% stayed in their segment"),
        "{words}"
    );
    assert!(words.lines().skip(1).all(|line| line.chars().count() <= 80), "{words}");
    assert!(words.replace('\n', " ").contains("people move who have not changed"), "{words}");
    let spanish = out(&adflux(&[&compare[..], &["--lang", "es"]].concat()));
    assert!(spanish.contains("siguen en su segmento"), "{spanish}");
    // A table beside itself has not changed.
    let same = json(&["compare-segments", text(&before), text(&before), "--id", "who"]);
    assert_eq!((same["adjusted_rand"].as_f64(), same["changes"]["moved"].as_u64()), (Some(1.0), Some(0)));
}

#[test]
fn tables_that_cannot_be_compared_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, rows: &str| {
        let path = folder.path().join(name);
        fs::write(&path, rows).unwrap();
        path
    };
    let (a, b) = (write("a.csv", "who,segment\nx,0\ny,1\n"), write("b.csv", "who,segment\nu,0\nv,1\n"));
    let (twice, empty) = (write("twice.csv", "who,segment\nx,0\nx,1\n"), write("empty.csv", "who,segment\nx,0\n,1\n"));
    let compare =
        |b: &Path, more: &[&str]| fails(&[&["compare-segments", text(&a), text(b), "--id", "who"][..], more].concat());
    assert!(compare(&b, &[]).contains("no person in common"));
    assert!(compare(&twice, &[]).contains("stands in row 1 already"));
    assert!(compare(&empty, &[]).contains("every person needs an id"));
    let usage = |more: &[&str]| wrong(&[&["compare-segments", text(&a), text(&a), "--id", "who"][..], more].concat());
    assert!(usage(&["--segment", "cluster"]).contains("cluster"));
    assert!(usage(&["--min-jaccard", "0"]).contains("--min-jaccard 0: must be above 0"));
}

#[test]
fn categories_need_no_one_hot_columns() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, model, new) =
        (folder.path().join("rows.csv"), folder.path().join("staff.adflux"), folder.path().join("new.csv"));
    let staff = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/attrition.csv");
    let include = ["--include", "TotalWorkingYears,MonthlyIncome,Department,JobRole,EducationField"];
    let segment = ["segment", text(&staff), "--method", "kprototypes", "--sensitive", "Gender,Age"];
    let report = json(&[&segment[..], &include, &["-k", "4", "-o", text(&rows), "--model", text(&model)]].concat());
    assert_eq!((report["method"].as_str(), report["k"].as_u64()), (Some("kprototypes"), Some(4)));
    assert!(report["metrics"]["silhouette"].as_f64().unwrap() > 0.1);
    let first = &report["segments"][0];
    assert!(first["medoid"]["row"].is_u64() && first["sensitive"].as_array().unwrap().len() == 2, "{first}");
    let done = adflux(&["predict", text(&model), text(&staff), "-o", text(&new)]);
    assert!(done.status.success(), "{}", err(&done));
    let column = |path: &Path| {
        let frame = adflux::data::Frame::read(path).unwrap();
        frame.numbers("segment").unwrap()
    };
    assert_eq!(column(&rows), column(&new), "new rows go where the same rows went");
    let chosen = json(&[&segment[..], &include].concat());
    assert!(chosen["k"].as_u64().unwrap() >= 2);
    let levels = wrong(&[&segment[..], &["--levels", "2,4"]].concat());
    assert!(levels.contains("kprototypes makes no tree"), "{levels}");
}
