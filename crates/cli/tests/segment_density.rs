//! `adflux segment` with the methods that find dense segments and leave rows out.

use crate::{adflux, err, out, text, wrong};
use adflux::data::Frame;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Two heaps of candidates and three who are like nobody, in a file.
pub(crate) fn people(folder: &Path) -> PathBuf {
    let mut csv = String::from("person_id,years,tenure,hired\n");
    for row in 0..120 {
        let (wave, heap) = (f64::from(row * 37 % 23) / 23.0, row % 3 == 0);
        let (years, tenure) = if heap { (20.0 + wave, 9.0 - wave * wave) } else { (4.0 + wave * wave, 2.0 + wave) };
        csv += &format!("p{row},{years:.3},{tenure:.3},{}\n", i32::from(row % 2 == 0));
    }
    csv += "p120,60,1,0\np121,-30,40,0\np122,12,90,1\n";
    let path = folder.join("people.csv");
    std::fs::write(&path, csv).unwrap();
    path
}

pub(crate) fn json(file: &Path, options: &[&str]) -> Value {
    let done = adflux(&[&["segment", text(file), "--format", "json", "--outcome", "hired"], options].concat());
    assert!(done.status.success(), "{}", err(&done));
    serde_json::from_str(&out(&done)).unwrap()
}

#[test]
fn outliers_are_counted_described_last_and_written_empty() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(folder.path());
    for method in ["dbscan", "hdbscan"] {
        let (rows, model) = (folder.path().join("rows.csv"), folder.path().join("people.adflux"));
        let report = json(&file, &["--method", method, "-o", text(&rows), "--model", text(&model)]);
        assert_eq!((report["method"].as_str(), report["k"].as_u64()), (Some(method), Some(2)), "{report}");
        assert_eq!(report["outliers"].as_u64(), Some(3), "{method}");
        let segments = report["segments"].as_array().unwrap();
        let ids: Vec<Option<u64>> = segments.iter().map(|segment| segment["id"].as_u64()).collect();
        assert_eq!(ids, [Some(0), Some(1), None]);
        assert_eq!(segments[2]["name"], "in no segment");
        assert!(segments[2]["rule"].is_null() && segments[2]["size"] == 3);
        // The measures are those of the rows in segments, which stand far apart.
        assert!(report["metrics"]["silhouette"].as_f64().unwrap() > 0.9);
        assert!(report["metrics"]["inertia"].is_null());
        let written = Frame::read(&rows).unwrap();
        let column = written.numbers("segment").unwrap();
        assert_eq!(column.iter().filter(|id| id.is_nan()).count(), 3);
        assert!((120..123).all(|row| column[row].is_nan()));
        let predicted = adflux(&["predict", text(&model), text(&file), "-o", "-"]);
        let last: Vec<String> = out(&predicted).lines().skip(121).map(String::from).collect();
        assert_eq!(last.len(), 3, "{}", err(&predicted));
        assert!(last.iter().all(|line| line.contains(",,")), "{last:?}");
    }
}

#[test]
fn parameters_are_chosen_from_the_data_unless_given() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(folder.path());
    let chosen = json(&file, &["--method", "dbscan"]);
    let eps = chosen["parameters"]["eps"].as_f64().unwrap();
    assert_eq!(chosen["parameters"]["min_samples"].as_i64(), Some(5));
    assert!(chosen["reason"].as_str().unwrap().contains("elbow of the distances to the nearest 5 rows"));
    let same = json(&file, &["--method", "dbscan", "--param", &format!("eps={eps}")]);
    assert_eq!(same["segments"], chosen["segments"]);
    assert!(!same["reason"].as_str().unwrap().contains("elbow"));
    let all = json(&file, &["--method", "dbscan", "--param", "eps=1000"]);
    assert_eq!((all["k"].as_u64(), all["outliers"].as_u64()), (Some(1), Some(0)));
    let spanish = json(&file, &["--method", "hdbscan", "--param", "min_cluster_size=50", "--describe", "es"]);
    assert_eq!(spanish["parameters"]["min_cluster_size"].as_i64(), Some(50));
    assert!(spanish["reason"].as_str().unwrap().contains("quedan apartadas"));
    let words = out(&adflux(&["segment", text(&file), "--outcome", "hired", "--method", "dbscan", "--describe", "es"]));
    assert!(words.contains("en ningún segmento · 3 filas"), "{words}");
}

#[test]
fn what_does_not_fit_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(folder.path());
    let says = |options: &[&str]| wrong(&[&["segment", text(&file)], options].concat());
    assert!(says(&["--method", "dbscan", "-k", "3"]).contains("-k: dbscan finds the number of segments itself"));
    assert!(says(&["--method", "hdbscan", "--levels", "2,3"]).contains("--levels: hdbscan makes no tree"));
    assert!(says(&["--param", "eps=1"]).contains("unknown field `eps`"));
    assert!(says(&["--method", "dbscan", "--param", "radius=1"]).contains("unknown field `radius`"));
    assert!(says(&["--method", "dbscan", "--param", "eps=0"]).contains("--param eps=0: must be a finite number"));
    assert!(says(&["--method", "hdbscan", "--param", "min_samples=1000"]).contains("there are only 123 rows"));
    assert!(says(&["--method", "hdbscan", "--param", "min_cluster_size=1000"]).contains("there are only 123 rows"));
}

#[test]
fn results_of_no_use_are_told_with_what_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(folder.path());
    let none = json(&file, &["--method", "hdbscan", "--param", "min_cluster_size=100"]);
    assert_eq!((none["k"].as_u64(), none["outliers"].as_u64()), (Some(0), Some(123)), "{}", none["reason"]);
    assert!(none["reason"].as_str().unwrap().contains("lower --param min_cluster_size"));
    let words = out(&adflux(&["segment", text(&file), "--method", "hdbscan", "--param", "min_cluster_size=100"]));
    assert!(!words.contains("Precision:") && !words.contains("How well they stand apart"), "{words}");
    let found = json(&file, &["--method", "dbscan"]);
    assert!(found["reason"].as_str().unwrap().contains("measures are of the rows in segments only"));
    // The strength of dense segments is written as that of a mixture is.
    let rows = folder.path().join("rows.csv");
    json(&file, &["--method", "hdbscan", "-o", text(&rows)]);
    let strength = Frame::read(&rows).unwrap().numbers("strength").unwrap();
    assert!(strength.iter().all(|s| (0.0..=1.0).contains(s)) && strength.contains(&1.0), "{strength:?}");
    assert_eq!(strength.iter().filter(|s| **s == 0.0).count(), 3, "outliers");
}

#[test]
fn of_many_segments_the_largest_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("heaps.csv");
    let row = |row: usize| format!("{},{}\n", row % 36 % 6 * 10, row % 36 / 6 * 10);
    std::fs::write(&file, format!("a,b\n{}", (0..360).map(row).collect::<String>())).unwrap();
    let done = out(&adflux(&["segment", text(&file), "--method", "dbscan", "--param", "eps=0.1"]));
    assert!(done.contains("16 more, of 160 rows: --format json has all."), "{done}");
    assert!(done.contains("36 segments (dbscan)"), "{done}");
    assert!(done.replace('\n', " ").contains("more than anybody acts on"), "{done}");
}
