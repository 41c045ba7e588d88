//! `adflux segment`: the contract with scripts, the columns that are kept out, and what goes wrong.

use crate::{adflux, err, fails, out, text, wrong};
use adflux::{
    data::Frame,
    pipeline::{AnyFittedPipeline, Manifest},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::LazyLock,
};
use tempfile::TempDir;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(name)
}

/// Runs `adflux segment` on a file of data/ and gives its report.
fn json(file: &str, options: &[&str]) -> Value {
    let path = data(file);
    let done = adflux(&[&["segment", text(&path), "--format", "json"], options].concat());
    assert!(done.status.success(), "{}", err(&done));
    assert_eq!(err(&done), "", "progress is for terminals");
    serde_json::from_str(&out(&done)).unwrap()
}

const RESUME: [&str; 4] = ["--sensitive", "gender,race", "--outcome", "received_callback"];

/// The résumés, segmented once for all tests that look at the same run.
static RESUMES: LazyLock<(TempDir, Value)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let (rows, model) = (folder.path().join("rows.csv"), folder.path().join("people.adflux"));
    let report = json("resume.csv", &[&RESUME[..], &["-o", text(&rows), "--model", text(&model)]].concat());
    (folder, report)
});

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn strings<'a>(values: &'a Value, key: &str) -> Vec<&'a str> {
    values.as_array().unwrap().iter().map(|v| v[key].as_str().unwrap()).collect()
}

fn reason<'a>(report: &'a Value, column: &str) -> Option<&'a str> {
    let excluded = report["excluded"].as_array().unwrap();
    excluded.iter().find(|e| e["column"] == column).map(|e| e["reason"].as_str().unwrap())
}

fn columns(report: &Value) -> Vec<&str> {
    report["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect()
}

#[test]
fn the_report_has_the_fields_that_scripts_rely_on() {
    let report = &RESUMES.1;
    assert!(keys(report).is_superset(&["method", "k", "metrics", "segments", "excluded"].into()));
    assert_eq!(report["method"], "kmeans");
    assert_eq!(keys(&report["metrics"]), ["silhouette", "calinski_harabasz", "davies_bouldin", "inertia"].into());
    assert!(report["metrics"].as_object().unwrap().values().all(Value::is_f64), "{}", report["metrics"]);
    let segments = report["segments"].as_array().unwrap();
    assert_eq!(report["k"].as_u64().unwrap() as usize, segments.len());
    assert_eq!(report["rows"], 4_870);
    assert_eq!(segments.iter().map(|s| s["size"].as_u64().unwrap()).sum::<u64>(), 4_870);
    let share: f64 = segments.iter().map(|s| s["share"].as_f64().unwrap()).sum();
    assert!((share - 1.0).abs() < 1e-12);
    for (place, segment) in segments.iter().enumerate() {
        assert_eq!(segment["id"].as_u64(), Some(place as u64), "the largest first, numbered from 0");
        assert!(!segment["name"].as_str().unwrap().is_empty());
        for feature in segment["features"].as_array().unwrap() {
            assert!(
                keys(feature).is_superset(&["column", "direction", "effect", "measure", "inside", "overall"].into())
            );
            let (direction, effect) = (feature["direction"].as_str().unwrap(), feature["effect"].as_f64().unwrap());
            assert_eq!(["high", "more_often"].contains(&direction), effect > 0.0, "{feature}");
            assert!(["high", "low", "more_often", "less_often"].contains(&direction), "{feature}");
        }
        let rule = &segment["rule"];
        assert!(keys(rule).is_superset(&["text", "precision", "recall", "conditions"].into()));
        assert!((1..=4).contains(&rule["conditions"].as_array().unwrap().len()));
        for share in ["precision", "recall"] {
            assert!((0.0..=1.0).contains(&rule[share].as_f64().unwrap()), "{rule}");
        }
        let outcome = &segment["outcome"];
        let [lower, mean, upper] = ["lower", "mean", "upper"].map(|k| outcome[k].as_f64().unwrap());
        assert!(outcome["column"] == "received_callback" && lower < mean && mean < upper, "{outcome}");
    }
    for excluded in report["excluded"].as_array().unwrap() {
        assert!(excluded["column"].is_string() && excluded["reason"].is_string());
    }
}

#[test]
fn what_is_sensitive_gives_it_away_names_a_row_or_came_afterwards_is_not_learned_from() {
    let report = &RESUMES.1;
    for (column, says) in [
        ("gender", "sensitive"),
        ("race", "sensitive"),
        ("firstname", "gives away"),
        ("received_callback", "outcome"),
        ("job_ad_id", "identifier"),
    ] {
        assert!(reason(report, column).is_some_and(|reason| reason.contains(says)), "{column}: {}", report["excluded"]);
        assert!(!columns(report).contains(&column));
    }
    let firstname = reason(report, "firstname").unwrap();
    assert!(firstname.contains("gender") && firstname.contains("race"), "{firstname}");
    assert!(columns(report).contains(&"years_experience"));
    // The shares of sensitive groups are told beside what a segment is made of.
    let made_of = ["name", "features", "rule", "medoid"];
    let segments = report["segments"].as_array().unwrap().iter();
    let mentioned: String = segments.flat_map(|segment| made_of.map(|field| segment[field].to_string())).collect();
    assert!(
        !mentioned.contains("firstname") && !mentioned.contains("gender"),
        "no rule or name uses what was left out"
    );

    let allowed = json(
        "resume.csv",
        &[&RESUME[..], &["-k", "2", "--include", "firstname,honors", "--allow", "firstname"]].concat(),
    );
    assert_eq!(columns(&allowed), ["firstname", "honors"]);
    assert!(reason(&allowed, "firstname").is_none());
}

#[test]
fn rows_stay_in_their_order_with_all_their_columns() {
    let (folder, report) = &*RESUMES;
    let before = Frame::read(data("resume.csv")).unwrap();
    let after = Frame::read(folder.path().join("rows.csv")).unwrap();
    let names: Vec<&str> = before.names().chain(["segment"]).collect();
    assert_eq!(after.names().collect::<Vec<_>>(), names);
    for column in before.names() {
        assert_eq!(before.texts(column).unwrap(), after.texts(column).unwrap(), "{column}");
    }
    let ids = after.numbers("segment").unwrap();
    for segment in report["segments"].as_array().unwrap() {
        let rows = ids.iter().filter(|id| **id == segment["id"].as_f64().unwrap()).count();
        assert_eq!(rows as u64, segment["size"].as_u64().unwrap());
    }
}

#[test]
fn the_saved_pipeline_puts_the_same_rows_into_the_same_segments() {
    let (folder, report) = &*RESUMES;
    let path = folder.path().join("people.adflux");
    let frame = Frame::read(data("resume.csv")).unwrap();
    let fitted = AnyFittedPipeline::load(&path, &adflux::registry().unwrap()).unwrap();
    let left_out = ["gender", "race", "firstname", "received_callback"];
    let again: Vec<f64> = fitted
        .run(&frame.without(&left_out))
        .unwrap()
        .segments()
        .unwrap()
        .ids
        .iter()
        .map(|id| id.map_or(f64::NAN, f64::from))
        .collect();
    assert_eq!(again, Frame::read(folder.path().join("rows.csv")).unwrap().numbers("segment").unwrap());
    let training = Manifest::read(&path).unwrap().training;
    assert_eq!(training.ids, ["job_ad_id"]);
    assert_eq!(training.metrics["silhouette"], report["metrics"]["silhouette"].as_f64().unwrap());

    let predicted = adflux(&["predict", text(&path), text(&data("resume.csv"))]);
    assert!(out(&predicted).starts_with("job_ad_id,segment,strength\n"), "{}", err(&predicted));
}

/// Twenty people in two heaps, one row a person.
fn people(folder: &TempDir) -> PathBuf {
    let mut csv = String::from("person_id,years,office,country,callback\n");
    for person in 0..20 {
        let (years, office) = if person % 2 == 0 { (1, "Lima") } else { (30, "Quito") };
        let years = f64::from(years) + f64::from(person) / 10.0;
        csv.push_str(&format!("p{person:02},{years},{office},PE,{}\n", if person % 3 == 0 { "yes" } else { "no" }));
    }
    let path = folder.path().join("people.csv");
    std::fs::write(&path, csv).unwrap();
    path
}

#[test]
fn with_an_id_only_that_and_the_segment_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(&folder);
    let done = adflux(&["segment", text(&file), "-k", "2", "--id", "person*", "-o", "-"]);
    assert!(done.status.success(), "{}", err(&done));
    let rows = out(&done);
    let mut lines = rows.lines();
    assert_eq!(lines.next(), Some("person_id,segment"), "the rows alone are on standard output");
    let ids: Vec<String> = (0..20).map(|person| format!("p{person:02}")).collect();
    let written: Vec<(&str, &str)> = lines.map(|line| line.split_once(',').unwrap()).collect();
    assert_eq!(written.iter().map(|w| w.0).collect::<Vec<_>>(), ids);
    let segment_of_first = written[0].1;
    assert!(written.iter().enumerate().all(|(i, w)| (w.1 == segment_of_first) == (i % 2 == 0)), "{written:?}");
    assert!(err(&done).contains("2 segments, as asked for"), "the report is on standard error: {}", err(&done));
}

#[test]
fn people_can_read_it_in_80_columns_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(&folder);
    for (language, says) in [
        (
            "en",
            [
                "Left out:",
                "country has the same value in every row",
                "Rule: ",
                "precision 100",
                "callback 3",
                "everyone",
            ],
        ),
        (
            "es",
            ["Se dejan fuera:", "country tiene el mismo valor", "Regla: ", "exhaustividad 100", "callback 4", "total"],
        ),
    ] {
        let done = adflux(&["segment", text(&file), "--outcome", "callback", "--describe", language]);
        let said = out(&done);
        says.iter().for_each(|part| assert!(said.contains(part), "no `{part}` in: {said}{}", err(&done)));
        assert!(said.lines().filter(|l| !l.contains("people.csv")).all(|l| l.chars().count() <= 80), "{said}");
        assert!(!said.contains("NaN") && !said.contains("null"), "{said}");
    }
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let report = |seed| json("attrition.csv", &["-k", "4", "--sensitive", "Gender,Age,MaritalStatus", "--seed", seed]);
    assert_eq!(report("1"), report("1"));
}

#[test]
fn one_segment_is_everyone() {
    let report = json("telco_churn.csv", &["-k", "1", "--include", "tenure,contract"]);
    assert!(report["metrics"]["silhouette"].is_null() && report["metrics"]["inertia"].is_f64());
    let everyone = &report["segments"][0];
    assert!(everyone["rule"].is_null() && everyone["outcome"].is_null() && everyone["share"] == 1.0, "{everyone}");
    assert_eq!(everyone["name"], "close to the average");
}

#[test]
fn a_text_outcome_of_yes_and_no_is_a_rate() {
    let report = json("telco_churn.csv", &["-k", "3", "--outcome", "churn", "--include", "tenure,contract"]);
    let rates: Vec<f64> =
        report["segments"].as_array().unwrap().iter().map(|s| s["outcome"]["mean"].as_f64().unwrap()).collect();
    assert!(rates.iter().all(|rate| (0.0..1.0).contains(rate)) && rates.iter().any(|rate| *rate > 0.3), "{rates:?}");
    assert!(report["segments"][0]["outcome"]["rate"] == true);
    assert!(!strings(&report["excluded"], "column").contains(&"monthly_charges"), "not asked for is not excluded");
}

const RESUME_COLUMNS: [&str; 2] = [
    "--include",
    "honors,military,employment_holes,volunteer,college_degree,years_college,years_experience,resume_quality,computer_skills",
];

#[test]
fn the_best_of_many_starts_is_found_whatever_the_seed() {
    // What scikit-learn finds with 50 starts; with five, three seeds of six end at 19,488 or above.
    for seed in ["1", "2", "3"] {
        let report = json("resume.csv", &[&RESUME[..], &RESUME_COLUMNS, &["-k", "5", "--seed", seed]].concat());
        let inertia = report["metrics"]["inertia"].as_f64().unwrap();
        assert!((18_868.0..18_870.0).contains(&inertia), "{seed}: {inertia}");
        assert_eq!(report["parameters"]["n_init"], 41);
    }
    let one = json("resume.csv", &[&RESUME[..], &RESUME_COLUMNS, &["-k", "5", "--param", "n_init=1"]].concat());
    assert_eq!(one["parameters"]["n_init"], 1);
}

#[test]
fn every_method_takes_parameters() {
    let with =
        |options: &[&str]| json("attrition.csv", &[&["--include", "Age,MonthlyIncome,OverTime"], options].concat());
    let ward = with(&["--method", "ward", "--param", "max=4"]);
    assert!(ward["k"].as_u64().unwrap() <= 4 && ward["parameters"]["max"] == 4, "{ward}");
    let prototypes = with(&["--method", "kprototypes", "-k", "3", "--param", "gamma=2.5", "--param", "n_init=2"]);
    assert_eq!((&prototypes["parameters"]["gamma"], prototypes["k"].as_u64()), (&serde_json::json!(2.5), Some(3)));
}

#[test]
fn what_is_sensitive_by_its_name_is_warned_of() {
    let warned = json("attrition.csv", &["-k", "2", "--include", "Age,Gender,MonthlyIncome"]);
    let warnings = warned["warnings"].to_string();
    assert!(warnings.contains("--sensitive Age,Gender "), "{warnings}");
    let declared =
        json("attrition.csv", &["-k", "2", "--include", "MonthlyIncome,JobLevel", "--sensitive", "Age,Gender"]);
    assert_eq!(declared["warnings"], serde_json::json!([]));
    let words =
        out(&adflux(&["segment", text(&data("attrition.csv")), "-k", "2", "--include", "Age", "--describe", "es"]));
    assert!(words.contains("Aviso: los segmentos se hacen con Age."), "{words}");
}

#[test]
fn the_typical_person_has_an_id_and_missing_values_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(&folder);
    let csv = std::fs::read_to_string(&file).unwrap();
    // Every third office is not known.
    let csv: Vec<String> = csv
        .lines()
        .enumerate()
        .map(|(row, line)| if row % 3 == 2 { line.replace("Lima", "").replace("Quito", "") } else { line.into() })
        .collect();
    std::fs::write(&file, csv.join("\n")).unwrap();
    let run = |more: &[&str]| out(&adflux(&[&["segment", text(&file), "-k", "2", "--id", "person_id"], more].concat()));
    let report: Value = serde_json::from_str(&run(&["--format", "json"])).unwrap();
    let medoid = &report["segments"][0]["medoid"];
    let row = medoid["row"].as_u64().unwrap();
    assert_eq!(medoid["ids"], serde_json::json!([["person_id", format!("p{row:02}")]]));
    assert_eq!(report["missing"][0]["column"], "office");
    assert_eq!(report["missing"][0]["share"], 0.35);
    let words = run(&[]);
    assert!(words.contains(&format!("Typical: person_id p{row:02} (data row {}:", row + 1)), "{words}");
    assert!(words.contains("Missing values: office 35\u{a0}%."), "{words}");
}

#[test]
fn numbers_that_name_things_are_not_learned_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ads.csv");
    let rows: String = (0..40).map(|row| format!("{},{}\n", 900 + row % 3, row * row % 11)).collect();
    std::fs::write(&file, format!("xyz_campaign_id,clicks\n{rows}")).unwrap();
    let report = |more: &[&str]| -> Value {
        let done = adflux(&[&["segment", text(&file), "--format", "json", "-k", "2"], more].concat());
        serde_json::from_str(&out(&done)).unwrap_or_else(|_| panic!("{}", err(&done)))
    };
    assert!(reason(&report(&[]), "xyz_campaign_id").unwrap().starts_with("is an identifier by its name"));
    assert_eq!(columns(&report(&["--allow", "xyz_campaign_id"])).len(), 2);
}

#[test]
fn a_perfect_fit_has_no_index_and_more_than_can_be_is_not_called_untried() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("three.csv");
    let rows: String =
        (0..30).map(|row| format!("{},{}\n", [0.1, 0.7, 5.3][row % 3], [3.3, 8.1, 1.7][row % 3])).collect();
    std::fs::write(&file, format!("a,b\n{rows}")).unwrap();
    let done = adflux(&["segment", text(&file), "--format", "json"]);
    let report: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(report["k"], 3);
    assert!(report["metrics"]["calinski_harabasz"].is_null(), "{}", report["metrics"]);
    assert!(!report["reason"].as_str().unwrap().contains("not tried"), "{}", report["reason"]);
    let edge = adflux(&["segment", text(&file), "--param", "max=2"]);
    assert!(out(&edge).replace('\n', " ").contains("--param max=4 tries more"), "{}", out(&edge));
}

#[test]
fn a_reader_that_stops_early_is_no_failure() {
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().unwrap();
    let file = people(&folder);
    let mut child = Command::new(env!("CARGO_BIN_EXE_adflux"))
        .args(["segment", text(&file), "-k", "2", "-o", "-"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

// ------------------------------------------------------------------------------------------------ what goes wrong

/// Runs `adflux segment` on a table that it cannot use.
fn refused(csv: &str, options: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.csv");
    std::fs::write(&file, csv).unwrap();
    fails(&[&["segment", text(&file)], options].concat()).replace(text(&file), "mine.csv")
}

#[test]
fn data_that_has_no_segments_says_so() {
    let said = refused("years,city\n1,Lima\n", &[]);
    assert_eq!(said, "mine.csv: one row cannot be put into segments: give more rows");
    let said = refused("years,city\n1,Lima\n1,Lima\n1,Lima\n", &[]);
    assert!(said.starts_with("mine.csv: no column is left to learn from (years has the same value"), "{said}");
    let few = "years,city\n1,Lima\n2,Quito\n1,Lima\n2,Quito\n";
    let said = refused(few, &["-k", "3"]);
    assert_eq!(said, "-k 3: there are only 2 distinct rows: ask for at most as many segments");
    let said = refused("years\n1\n2\n", &[]);
    assert!(said.starts_with("-k auto: ") && said.contains("give more rows"), "{said}");
}

#[test]
fn columns_that_are_not_there_are_named_with_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(&folder);
    for option in ["--outcome", "--include", "--exclude", "--sensitive", "--allow", "--id"] {
        let said = wrong(&["segment", text(&file), option, "yeers"]);
        assert!(said.contains("`yeers` (did you mean `years`?)"), "{option}: {said}");
    }
    let said = fails(&["segment", text(&file), "--outcome", "office"]);
    assert!(said.contains("column `office`: is text: an outcome is a number"), "{said}");
}

#[test]
fn what_cannot_be_written_is_named_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let file = people(&folder);
    for option in ["-o", "--model"] {
        let nowhere = folder.path().join("no/such/folder/x.csv");
        let said = fails(&["segment", text(&file), "-k", "2", option, text(&nowhere)]);
        assert!(said.starts_with(text(&nowhere)), "{option}: {said}");
    }
    assert!(wrong(&["segment", text(&file), "-o", "rows.xlsx"]).starts_with("rows.xlsx: "));
    // A file that was segmented before: its old segments would be learned from, and replaced.
    let again = folder.path().join("again.csv");
    std::fs::write(&again, "segment,years\n0,1\n1,20\n0,2\n1,21\n").unwrap();
    let said = fails(&["segment", text(&again), "-o", text(&folder.path().join("out.csv"))]);
    assert!(said.contains("column `segment`: is the name of the result"), "{said}");
}

#[test]
fn a_wrong_command_line_exits_with_2_and_says_what_was_meant() {
    let file = data("resume.csv");
    for (options, says) in [
        (&["--method", "kmean"][..], "'kmeans'"),
        (&["--method", "birch"], "possible values: kmeans"),
        (&["-k", "0"], "a whole number from 1"),
        (&["-k", "some"], "`auto`"),
        (&["--describe", "fr"], "possible values: en, es"),
        (&["--out", "x.csv"], "--output"),
    ] {
        let done = adflux(&[&["segment", text(&file)], options].concat());
        assert_eq!(done.status.code(), Some(2), "{options:?}");
        assert!(err(&done).contains(says) && out(&done).is_empty(), "{options:?}: {}", err(&done));
    }
    assert_eq!(adflux(&["segment"]).status.code(), Some(2));
    for (options, says) in [
        (&["--include", "honors", "--exclude", "honors"][..], "named by --include and --exclude"),
        (&["-o", text(&file)], "named twice"),
        (&["--param", "epsi=1"], "--param: specification of `auto-k-means`: unknown field `epsi`"),
        (&["--param", "n_init=many"], "--param: specification of `auto-k-means`"),
        (&["--param", "n_init=0"], "--param n_init=0: must be at least 1"),
        (&["--param", "n_init=3", "--param", "n_init=4"], "--param n_init: given twice"),
        (&["--method", "ward", "--param", "linkage=single"], "--param linkage: give it with --method"),
    ] {
        let said = wrong(&[&["segment", text(&file)], options].concat());
        assert!(said.contains(says), "{options:?}: {said}");
    }
    let help = out(&adflux(&["segment", "--help"]));
    assert!(help.contains("Example: adflux segment") && help.contains("--outcome"), "{help}");
}
