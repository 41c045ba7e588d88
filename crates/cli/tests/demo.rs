//! `adflux demo`: what it writes, and whether it keeps its promises.

use crate::{adflux, err, out, text};
use adflux::{
    data::Frame,
    pipeline::{AnyFittedPipeline, Manifest},
};
use serde_json::Value;
use std::{collections::BTreeSet, path::Path, sync::LazyLock};
use tempfile::TempDir;

/// The whole demo, run once for all tests of it.
static DEMO: LazyLock<(TempDir, String)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let done = adflux(&["demo", "--out", text(&folder.path().join("made/by it"))]);
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(err(&done), "", "progress is for terminals");
    (folder, out(&done))
});

fn folder() -> std::path::PathBuf {
    DEMO.0.path().join("made/by it")
}

fn metrics() -> Value {
    serde_json::from_slice(&std::fs::read(folder().join("metrics.json")).unwrap()).unwrap()
}

fn resumes() -> Frame {
    Frame::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/resume.csv")).unwrap()
}

/// Asserts that a figure is better than its baseline.
fn better(figure: &Value, higher: bool, what: &str) {
    let [value, baseline] =
        ["value", "baseline"].map(|k| figure[k].as_f64().unwrap_or_else(|| panic!("{what}: no {k}")));
    assert!(if higher { value > baseline } else { value < baseline }, "{what}: {value} is not better than {baseline}");
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn it_writes_five_files_and_says_so() {
    let entries = std::fs::read_dir(folder()).unwrap();
    let names: BTreeSet<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let expected =
        ["campaign.adflux", "campaign_predictions.csv", "metrics.json", "segmentation.adflux", "segments.csv"];
    assert_eq!(names, expected.map(String::from).into());
    let said = &DEMO.1;
    assert!(said.contains("Who are the candidates?") && said.contains("What will a campaign bring?"), "{said}");
    expected.iter().for_each(|name| assert!(said.contains(name), "{name} is not told"));
    assert!(!said.contains("NaN") && !said.contains("inf "), "{said}");
    let longest = said.lines().filter(|l| !l.contains("made/by it")).max_by_key(|l| l.chars().count()).unwrap();
    assert!(longest.chars().count() <= 80, "more than 80 columns: {longest}");
}

#[test]
fn segments_are_better_than_those_of_shuffled_columns() {
    let metrics = &metrics()["segmentation"];
    better(&metrics["silhouette"], true, "silhouette");
    better(&metrics["calinski_harabasz"], true, "calinski_harabasz");
    better(&metrics["davies_bouldin"], false, "davies_bouldin");
    let segments = metrics["segments"].as_array().unwrap();
    assert_eq!(segments.len() as u64, metrics["k"].as_u64().unwrap());
    assert_eq!(segments.iter().map(|s| s["size"].as_u64().unwrap()).sum::<u64>(), 4_870);
    for segment in segments {
        assert!(keys(segment).is_superset(&["id", "size", "share", "name", "features", "rule", "outcome"].into()));
    }
    let columns: Vec<&str> = metrics["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    let excluded = metrics["excluded"].as_array().unwrap();
    let excluded: Vec<&str> = excluded.iter().map(|e| e["column"].as_str().unwrap()).collect();
    for name in ["gender", "race", "firstname", "received_callback", "job_city"] {
        assert!(excluded.contains(&name) && !columns.contains(&name), "{name} is learned from");
    }
    // What is neither learned from nor excluded is no column.
    assert_eq!(
        columns.len() + excluded.len() - usize::from(excluded.iter().filter(|e| **e == "firstname").count() == 2),
        30
    );
}

#[test]
fn rates_and_intervals_of_campaigns_are_better_than_their_baselines() {
    let metrics = &metrics()["campaigns"];
    assert_eq!(metrics["level"].as_f64(), Some(0.8));
    assert_eq!(keys(&metrics["rates"]), ["ctr", "cpc", "cpa", "conversion_rate"].into());
    for (name, rate) in metrics["rates"].as_object().unwrap() {
        better(&rate["mae"], false, &format!("mae of {name}"));
        better(&rate["rmse"], false, &format!("rmse of {name}"));
        better(&rate["r2"], true, &format!("r2 of {name}"));
    }
    assert_eq!(keys(&metrics["intervals"]), ["impressions", "clicks", "applications", "spend"].into());
    for (name, interval) in metrics["intervals"].as_object().unwrap() {
        better(&interval["interval_score"], false, &format!("interval score of {name}"));
        better(&interval["mean_width"], false, &format!("mean width of {name}"));
        let coverage = interval["coverage"]["value"].as_f64().unwrap();
        assert!((coverage - 0.8).abs() < 0.03, "{name}: {coverage}");
    }
    let rows = &metrics["rows"];
    assert_eq!((rows["train"].as_u64(), rows["test"].as_u64()), (Some(6_400), Some(1_600)));
    let joint = metrics["all_four_inside"].as_f64().unwrap();
    assert!((0.4..0.8).contains(&joint), "{joint}");
}

#[test]
fn segments_csv_keeps_every_column_and_row_in_order() {
    let (input, output) = (resumes(), Frame::read_csv(folder().join("segments.csv")).unwrap());
    let names: Vec<&str> = output.names().collect();
    assert_eq!(names, input.names().chain(["segment"]).collect::<Vec<_>>());
    assert_eq!(output.rows(), input.rows());
    for name in input.names() {
        assert_eq!(output.texts(name).unwrap(), input.texts(name).unwrap(), "{name}");
    }
    let segments = output.numbers("segment").unwrap();
    let k = metrics()["segmentation"]["k"].as_u64().unwrap() as f64;
    assert!(segments.iter().all(|s| s.fract() == 0.0 && (0.0..k).contains(s)));
}

#[test]
fn the_saved_segmentation_gives_the_segments_of_the_csv() {
    let loaded = load("segmentation.adflux");
    let ids = loaded.run(&resumes()).unwrap().segments().unwrap().ids.clone();
    let written = Frame::read_csv(folder().join("segments.csv")).unwrap().numbers("segment").unwrap();
    let ids: Vec<f64> = ids.into_iter().map(|id| id.map_or(f64::NAN, f64::from)).collect();
    assert_eq!(ids, written);
}

fn load(name: &str) -> AnyFittedPipeline {
    AnyFittedPipeline::load(folder().join(name), &adflux::registry().unwrap()).unwrap()
}

#[test]
fn predictions_hold_together_and_stand_beside_what_happened() {
    let frame = Frame::read_csv(folder().join("campaign_predictions.csv")).unwrap();
    assert_eq!(frame.rows(), 1_600);
    let of = |name: &str| frame.numbers(name).unwrap();
    for name in ["impressions", "clicks", "applications", "spend", "ctr", "cpc", "conversion_rate", "cpa"] {
        let [mean, lower, upper, actual] = ["", "_lower", "_upper", "_actual"].map(|end| of(&format!("{name}{end}")));
        // An empty field is an infinite cost or a rate over nothing.
        assert!(lower.iter().zip(&upper).all(|(l, u)| l.is_nan() || u.is_nan() || l <= u), "{name}");
        assert!(mean.iter().filter(|m| m.is_finite()).count() == 1_600, "{name} has no mean");
        assert!(actual.iter().filter(|a| a.is_finite()).count() > 1_400, "{name} has not happened");
    }
    let [spend, applications, cpa, budget] = ["spend", "applications", "cpa", "budget"].map(of);
    for row in 0..frame.rows() {
        assert!(spend[row] <= budget[row]);
        assert!((cpa[row] * applications[row] / spend[row] - 1.0).abs() < 1e-9);
    }
    // The file is a model: the same campaigns, simulated again, are estimated the same.
    let manifest = Manifest::read(folder().join("campaign.adflux")).unwrap();
    assert_eq!(manifest.training.rows, 6_400);
    assert!(manifest.schema.field("budget").is_some() && manifest.schema.field("spend").is_none());
}

#[test]
fn campaigns_of_a_file_are_taken_instead_of_simulated_ones() {
    let folder = tempfile::tempdir().unwrap();
    let (file, results) = (folder.path().join("mine.csv"), folder.path().join("results"));
    let made = adflux(&["simulate", "campaigns", "--rows", "600", "--seed", "5", "-o", text(&file)]);
    assert!(made.status.success(), "{}", err(&made));
    let done = adflux(&["demo", "--campaigns", text(&file), "--out", text(&results)]);
    assert!(done.status.success(), "{}", err(&done));
    let metrics: Value = serde_json::from_slice(&std::fs::read(results.join("metrics.json")).unwrap()).unwrap();
    let campaigns = &metrics["campaigns"];
    assert_eq!(campaigns["data"].as_str(), Some(text(&file)));
    assert_eq!((campaigns["rows"]["train"].as_u64(), campaigns["rows"]["test"].as_u64()), (Some(480), Some(120)));
    let predicted = Frame::read_csv(results.join("campaign_predictions.csv")).unwrap();
    let mine = Frame::read_csv(&file).unwrap();
    let known: BTreeSet<String> = mine.texts("campaign_id").unwrap().iter().cloned().collect();
    let ids: BTreeSet<String> = predicted.texts("campaign_id").unwrap().iter().cloned().collect();
    assert!(ids.len() == 120 && ids.is_subset(&known));
    assert!(Path::new(&results.join("campaign.adflux")).is_file());
}
