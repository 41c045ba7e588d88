//! `adflux segment` with the methods that are told how many segments there are and take parameters: minibatch and gmm.

use crate::{
    adflux, err, fails, out,
    segment_density::{json, people},
    text, wrong,
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
fn the_number_is_chosen_where_none_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(folder.path());
    let csv = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, csv.lines().take(121).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let mixture = json(&file, &["--method", "gmm", "--param", "max=4"]);
    assert_eq!(mixture["compared"].as_array().unwrap().len(), 4);
    let lowest = |measure: &str| {
        let values = mixture["compared"].as_array().unwrap().iter().map(|q| q[measure].as_f64().unwrap());
        values.fold(f64::INFINITY, f64::min)
    };
    assert_eq!(mixture["bic"].as_f64().unwrap(), lowest("bic"));
    assert!(mixture["reason"].as_str().unwrap().contains("the lowest BIC"), "{}", mixture["reason"]);
    let shape = json(&file, &["--method", "gmm", "--param", "covariance_type=tied", "--param", "criterion=aic"]);
    assert_eq!(shape["parameters"]["covariance_types"], serde_json::json!(["tied"]));
    assert!(shape["reason"].as_str().unwrap().contains("the lowest AIC"), "{}", shape["reason"]);
    let told = json(&file, &["--method", "gmm", "-k", "2"]);
    assert!(told["bic"].as_f64().unwrap() > told["aic"].as_f64().unwrap());
    let words = out(&adflux(&["segment", text(&file), "--method", "gmm", "--describe", "es"]));
    assert!(words.contains("el BIC más bajo") && words.contains("   BIC "), "{words}");
    let batches = json(&file, &["--method", "minibatch"]);
    assert_eq!((batches["k"].as_u64(), batches["parameters"]["batch_size"].as_i64()), (Some(2), Some(1024)));
}

#[test]
fn mixtures_of_columns_of_0_and_1_are_told_what_lets_rows_be_between_segments() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flags.csv");
    let row = |row: usize| {
        let (heap, noise) = (row % 2, row * 7919 % 10);
        let flag = |often: usize| usize::from((noise < often) == (heap == 0));
        format!("{:.2},{},{}\n", heap as f64 * 1.5 + (row * 31 % 100) as f64 / 50.0, flag(8), flag(9))
    };
    std::fs::write(&file, format!("years,honors,volunteer\n{}", (0..400).map(row).collect::<String>())).unwrap();
    let rows = folder.path().join("rows.csv");
    let run = |more: &[&str]| {
        let done = adflux(&[&["segment", text(&file), "--method", "gmm", "-k", "2", "-o", text(&rows)], more].concat());
        assert!(done.status.success(), "{}", err(&done));
        let strength = Frame::read(&rows).unwrap().numbers("strength").unwrap();
        (strength.iter().filter(|p| **p < 0.999).count(), out(&done))
    };
    let (between, said) = run(&[]);
    assert!(between == 0 && said.contains("strength says little"), "{between} {said}");
    let (between, said) = run(&["--param", "reg_covar=1"]);
    assert!(between > 100 && !said.contains("Warning"), "{between} {said}");
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
        let with = |options: &[&str]| wrong(&[&["segment", text(&file), "--method", method], options].concat());
        assert!(with(&["--levels", "2,3"]).contains("makes no tree"));
        assert!(with(&["-k", "2", "--param", &format!("{number}=3")]).contains("give it with -k"));
        assert!(with(&["-k", "2", "--param", "radius=1"]).contains("unknown field `radius`"));
        assert!(with(&["-k", "2", "--param", "max_iter=0"]).contains("--param max_iter=0: must be"));
        assert!(says(&["--method", method, "-k", "500"]).contains("-k 500: there are only"));
    }
    let named = folder.path().join("named.csv");
    std::fs::write(&named, "years,strength\n1,2\n2,5\n8,1\n9,4\n").unwrap();
    let rows = folder.path().join("rows.csv");
    let taken = fails(&["segment", text(&named), "--method", "gmm", "-k", "2", "-o", text(&rows)]);
    assert!(taken.contains("column `strength`") && taken.contains("is the name of the result"), "{taken}");
}
