//! `adflux segment` with the methods that are told how many segments there are and take parameters: minibatch and gmm.

use crate::{
    adflux, err, fails, out,
    segment_density::{json, people},
    text,
};
use adflux::data::Frame;

#[test]
fn a_mixture_gives_each_row_the_probability_of_its_segment() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(folder.path());
    let (rows, model) = (folder.path().join("rows.csv"), folder.path().join("people.adflux"));
    let options = ["--method", "gmm", "-k", "2", "-o", text(&rows), "--model", text(&model)];
    let report = json(&file, &options);
    assert_eq!((report["method"].as_str(), report["k"].as_u64()), (Some("gmm"), Some(2)), "{report}");
    assert_eq!(report["parameters"]["n_components"].as_i64(), Some(2));
    assert_eq!(report["reason"], "2 segments, as asked for.");
    assert!(report["metrics"]["inertia"].is_null() && report.get("outliers").is_none());
    let written = Frame::read(&rows).unwrap();
    let strength = written.numbers("strength").unwrap();
    assert!(strength.iter().all(|p| (0.5..=1.0).contains(p)), "{strength:?}");
    let segments = written.numbers("segment").unwrap();
    // New rows are answered by the same mixture.
    let predicted = folder.path().join("predicted.csv");
    let done = adflux(&["predict", text(&model), text(&file), "-o", text(&predicted)]);
    assert!(done.status.success(), "{}", err(&done));
    let predicted = Frame::read(&predicted).unwrap();
    assert_eq!(predicted.numbers("segment").unwrap(), segments);
    assert_eq!(predicted.numbers("strength").unwrap(), strength);
    // Again, with other shapes.
    let balls = ["--method", "gmm", "-k", "2", "--param", "covariance_type=spherical", "-o", text(&rows)];
    assert_eq!(json(&file, &balls)["parameters"]["covariance_type"], "spherical");
    assert_ne!(Frame::read(&rows).unwrap().numbers("strength").unwrap(), strength);
}

#[test]
fn mini_batches_find_the_segments_of_k_means() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(folder.path());
    // Without the last three, who are like nobody, and whom a small sample may miss.
    let csv = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, csv.lines().take(121).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let whole = json(&file, &["--method", "kmeans", "-k", "2"]);
    let (rows, model) = (folder.path().join("rows.csv"), folder.path().join("people.adflux"));
    let options = ["--method", "minibatch", "-k", "2", "--param", "batch_size=60", "-o", text(&rows)];
    let report = json(&file, &[&options[..], &["--model", text(&model)]].concat());
    assert_eq!((report["method"].as_str(), report["k"].as_u64()), (Some("minibatch"), Some(2)), "{report}");
    assert_eq!(report["parameters"]["batch_size"].as_i64(), Some(60));
    assert_eq!(report["segments"], whole["segments"]);
    let inertia = |report: &serde_json::Value| report["metrics"]["inertia"].as_f64().unwrap();
    assert!((1.0..1.2).contains(&(inertia(&report) / inertia(&whole))), "{report} {whole}");
    assert!(!Frame::read(&rows).unwrap().has("strength"));
    let predicted = adflux(&["predict", text(&model), text(&file), "-o", "-"]);
    assert!(predicted.status.success() && out(&predicted).lines().count() == 121, "{}", err(&predicted));
}

#[test]
fn what_does_not_fit_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(folder.path());
    let says = |options: &[&str]| fails(&[&["segment", text(&file)], options].concat());
    for (method, number) in [("gmm", "n_components"), ("minibatch", "n_clusters")] {
        let with = |options: &[&str]| says(&[&["--method", method], options].concat());
        assert!(with(&[]).contains(&format!("-k: {method} is told how many segments there are")));
        assert!(with(&["--levels", "2,3"]).contains("makes no tree"));
        assert!(with(&["-k", "2", "--param", &format!("{number}=3")]).contains("give the number of segments with -k"));
        assert!(with(&["-k", "2", "--param", "radius=1"]).contains("unknown field `radius`"));
        assert!(with(&["-k", "2", "--param", "max_iter=0"]).contains("parameter `max_iter` = 0"));
        assert!(with(&["-k", "500"]).contains("-k 500: there are only"));
    }
    let named = folder.path().join("named.csv");
    std::fs::write(&named, "years,strength\n1,2\n2,5\n8,1\n9,4\n").unwrap();
    let rows = folder.path().join("rows.csv");
    let taken = fails(&["segment", text(&named), "--method", "gmm", "-k", "2", "-o", text(&rows)]);
    assert!(taken.contains("column `strength`") && taken.contains("is the name of the result"), "{taken}");
}
