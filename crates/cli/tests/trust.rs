//! What `adflux train` and `evaluate` say of numbers that are not to be believed as they stand.

use crate::{adflux, err, fails, out, text};
use serde_json::Value;
use tempfile::TempDir;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Place(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> String {
        text(&self.0.path().join(name)).into()
    }

    fn write(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }
}

fn done(arguments: &[&str]) -> String {
    let output = adflux(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", err(&output));
    out(&output).replace("\n   ", " ")
}

fn warnings(arguments: &[&str]) -> Vec<String> {
    let report: Value = serde_json::from_str(&done(&[arguments, &["--format", "json"]].concat())).unwrap();
    let all = report["warnings"].as_array().cloned().unwrap_or_default();
    all.iter().map(|warning| warning.as_str().unwrap().to_string()).collect()
}

/// A table of `rows` numbers, from `start`, in `groups` groups.
fn numbers(start: usize, rows: usize, groups: usize) -> String {
    let row = |i: usize| {
        format!("{}.5,{},{},g{},2026-01-{:02}\n", i * 7 % 41 + i % 5, i % 5, i * 31 % 97, i % groups, 1 + i % 28)
    };
    format!("y,x,z,who,day\n{}", (start..start + rows).map(row).collect::<String>())
}

const SMALL: [&str; 2] = ["--param", "n_estimators=10"];

#[test]
fn rows_that_were_learned_from_are_no_judges() {
    let place = Place::new();
    let (file, model) = (place.write("t.csv", &numbers(0, 300, 5)), place.path("m.adflux"));
    let train = ["train", &file, "--target", "y", "--include", "x,z", "-o", &model];
    let said = fails(&[&train[..], &["--test", &file], &SMALL].concat());
    assert!(said.contains("t.csv: --test is the table that is learned from"), "{said}");

    // A copy of some of the rows is no better.
    let overlapping = place.write("overlapping.csv", &numbers(200, 200, 5));
    let said = warnings(&[&train[..], &["--test", &overlapping], &SMALL].concat());
    assert!(said[0].starts_with("100 of the 200 rows of --test are also among those"), "{said:?}");
    let words = done(&[&train[..], &["--test", &overlapping], &SMALL].concat());
    assert!(words.contains("Warning: 100 of") && !words.contains("did not see"), "{words}");
    assert!(warnings(&["evaluate", &model, &file])[0].starts_with("these are the rows that it learned from"));

    // Held back rows are not seen, but the whole table says so.
    let said = warnings(&[&train[..], &SMALL].concat());
    assert!(said.is_empty(), "{said:?}");
    assert!(warnings(&["evaluate", &model, &file])[0].contains("of which it learned from 240 rows"));
    assert_eq!(warnings(&["evaluate", &model, &place.write("new.csv", &numbers(500, 50, 5))]), Vec::<String>::new());
    let said = warnings(&["compare", &model, &model, &file]);
    assert!(said.len() == 2 && said[0].contains("m.adflux: this is the table"), "{said:?}");
}

#[test]
fn a_cell_of_the_target_that_is_no_number_is_named() {
    let place = Place::new();
    let mut lines: Vec<String> = numbers(0, 399, 5).lines().map(str::to_string).collect();
    lines[6] = "n.a.,1,2,g1,2026-01-01".into();
    let file = place.write("t.csv", &lines.join("\n"));
    for more in [&[][..], &["--task", "regression"]] {
        let said = fails(&[&["train", &file, "--target", "y"][..], more].concat());
        assert!(said.contains("column `y`, row 6: `n.a.` is no number, as 398 of 399 values are"), "{said}");
    }
    // Numbers as the names of few classes are classes.
    let classes = (0..60).map(|i| format!("{},{}\n", ["1", "2", "3+"][i % 3], i % 7)).collect::<String>();
    let file = place.write("classes.csv", &format!("y,x\n{classes}"));
    done(&[&["train", &file, "--target", "y"][..], &SMALL].concat());
}

#[test]
fn groups_and_times_do_what_was_asked_for_or_it_is_said() {
    let place = Place::new();
    let file = place.write("t.csv", &numbers(0, 300, 2));
    let base = ["train", &file, "--target", "y", "--include", "x,z"];
    let said = warnings(&[&base[..], &["--group", "who"], &SMALL].concat());
    assert!(
        said[0].starts_with("groups of who are held back as wholes: 50\u{a0}% of the rows, where 20\u{a0}%"),
        "{said:?}"
    );
    let said = fails(&[&base[..], &["--group", "who", "--cv", "5"], &SMALL].concat());
    assert!(
        said.contains("--cv 5: 5 parts are wanted, and there is only 1 group among the rows to learn from"),
        "{said}"
    );
    let many = place.write("many.csv", &numbers(0, 300, 30));
    let base = ["train", &many, "--target", "y", "--include", "x,z"];
    assert_eq!(warnings(&[&base[..], &["--group", "who"], &SMALL].concat()), Vec::<String>::new());
    let said = fails(&[&base[..], &["--cv", "time-series"], &SMALL].concat());
    assert!(said.contains("a time-series split needs --time COL"), "{said}");

    // 240 rows in 30 groups: none has 50.
    let by = ["--interval", "0.8", "--interval-by", "who"];
    let said = warnings(&[&base[..], &by, &SMALL].concat());
    assert!(said[0].starts_with("0 of 30 values of who have 50 rows or more"), "{said:?}");
    let said = warnings(&[&["train", &file, "--target", "y", "--include", "x,z"][..], &by, &SMALL].concat());
    assert!(!said.iter().any(|said| said.contains("values of who")), "{said:?}");
}

#[test]
fn a_column_that_nearly_gives_the_target_away_is_a_question() {
    let place = Place::new();
    // Right in 99 of 100 rows, where guessing the most frequent class is right in 79.
    let row = |i: usize| {
        let yes = i * 37 % 100 < 21;
        let told = if i % 100 == 50 { !yes } else { yes };
        format!("{},{},{}\n", if yes { "yes" } else { "no" }, if told { "left" } else { "stays" }, i * 31 % 17)
    };
    let file = place.write("t.csv", &format!("y,status,x\n{}", (0..1000).map(row).collect::<String>()));
    let train = ["train", &file, "--target", "y"];
    let said = warnings(&[&train[..], &SMALL].concat());
    assert!(
        said.len() == 1 && said[0].starts_with("status leaks the target y") && said[0].contains("--exclude status"),
        "{said:?}"
    );
    assert!(warnings(&[&train[..], &["--allow", "status"], &SMALL].concat()).is_empty());
    let report = done(&["report-data", &file, "--target", "y"]);
    assert!(report.contains("status leaks the target y") && report.contains("nearly: is it known before?"), "{report}");
}

#[test]
fn counts_whose_intervals_go_below_zero_have_a_remedy() {
    let place = Place::new();
    let rows = (0..400).map(|i| format!("{},{}\n", i * i % 23 / 4, i % 9)).collect::<String>();
    let file = place.write("t.csv", &format!("clicks,x\n{rows}"));
    let base = ["train", &file, "--target", "clicks", "--task", "regression"];
    let said = warnings(&[&base[..], &["--interval", "0.95"], &SMALL].concat());
    assert!(said.len() == 1 && said[0].contains("go below 0") && said[0].contains("clip"), "{said:?}");
    assert!(warnings(&[&base[..], &SMALL].concat()).is_empty());
}

#[test]
fn measures_are_chosen_by_name_in_every_place() {
    let place = Place::new();
    let (file, model) = (place.write("t.csv", &numbers(0, 300, 5)), place.path("m.adflux"));
    let named = ["--measures", "wape,mape,mae"];
    let train = ["train", &file, "--target", "y", "--include", "x,z", "--cv", "3", "-o", &model, "--format", "json"];
    let report: Value = serde_json::from_str(&done(&[&train[..], &named, &SMALL].concat())).unwrap();
    let names = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&report["metrics"]).len(), 3);
    for place in ["metrics", "baseline"] {
        assert!(report[place]["wape"].as_f64().unwrap() > 0.0, "{report:#}");
    }
    assert_eq!(names(&report["cv"]["metrics"]), names(&report["metrics"]));
    let evaluate = ["evaluate", &model, &file, "--by", "who", "--format", "json"];
    let report: Value = serde_json::from_str(&done(&[&evaluate[..], &named].concat())).unwrap();
    let of = |end: &str| report["intervals"]["metrics"]["wape"][end].as_f64().unwrap();
    assert!(of("lower") < of("upper") && report["by"]["groups"][0]["metrics"]["wape"].as_f64().is_some(), "{report:#}");
    let said = fails(&["evaluate", &model, &file, "--measures", "mcc"]);
    assert!(said.contains("this target can be judged by r2, rmse, mae, mse, ") && said.contains("d2_gamma"), "{said}");

    let search =
        place.write("search.toml", "measure = 'wape'\n[search]\ntrials = 2\n[space]\nmodel.max_depth = [1, 4]\n");
    let train =
        ["train", &file, "--target", "y", "--include", "x,z", "--search", &search, "--cv", "2", "--format", "json"];
    let report: Value = serde_json::from_str(&done(&[&train[..], &SMALL].concat())).unwrap();
    assert_eq!(report["search"]["measure"], "wape");
    let values: Vec<f64> =
        report["search"]["top"].as_array().unwrap().iter().map(|t| t["value"].as_f64().unwrap()).collect();
    assert!(values[0] <= values[1], "the least is the best: {values:?}");
}

#[test]
fn importance_is_left_out_of_wide_tables_and_without_noise() {
    let place = Place::new();
    let names = (0..320).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
    let row =
        |i: usize| (0..320).map(|c| ((i * 31 + c * c * 17 + i * c) % 101).to_string()).collect::<Vec<_>>().join(",");
    let rows = (0..60).map(|i| format!("{}.5,{}\n", i * 7 % 41, row(i))).collect::<String>();
    let file = place.write("wide.csv", &format!("y,{names}\n{rows}"));
    let train = ["train", &file, "--target", "y"];
    let words = done(&[&train[..], &SMALL].concat());
    assert!(words.contains("not measured: --importance 5 does"), "{words}");
    let asked = done(&[&train[..], &["--importance", "1", "--format", "json"], &SMALL].concat());
    let report: Value = serde_json::from_str(&asked).unwrap();
    assert!(report["importance"].as_array().unwrap().len() > 300, "{}", report["importance"]);
    assert!(report["seconds"]["importance"].as_f64().unwrap() > 0.0);

    // What is within its spread is not listed.
    let file = place.write("t.csv", &numbers(0, 300, 5));
    let train = ["train", &file, "--target", "y", "--include", "x,z"];
    let words = done(&[&train[..], &SMALL].concat());
    let listed = words.split("What it relies on").nth(1).unwrap_or_default().split("how much worse").next().unwrap();
    for line in listed.lines().skip(1).filter(|line| !line.trim().is_empty()) {
        let cells: Vec<f64> = line.split_whitespace().skip(1).filter_map(|cell| cell.parse().ok()).collect();
        assert!(cells.len() < 2 || cells[0] > cells[1], "{words}");
    }
}

#[test]
fn a_search_refuses_ends_and_ranks_what_was_given_all_first() {
    let place = Place::new();
    let file = place.write("t.csv", &numbers(0, 300, 5));
    let base = ["train", &file, "--target", "y", "--include", "x,z"];
    let says = |space: &str| fails(&[&base[..], &["--search", space, "--interval", "0.8"], &SMALL].concat());
    let said = says("model.min_samples_leaf=0..5");
    assert!(said.contains("search space: `model.min_samples_leaf` = 0"), "{said}");
    let said = says("postprocessor.level=0.5..1.5");
    assert!(said.contains("search space: `postprocessor.level` = 1.5"), "{said}");
    let halving = "[search]\nmethod = 'halving'\ntrials = 9\n[space]\nmodel.max_depth = { low = 1, high = 30 }\n";
    let search = place.write("halving.toml", halving);
    let train = [&base[..], &["--search", &search, "--cv", "2"], &SMALL].concat();
    let report: Value = serde_json::from_str(&done(&[&train[..], &["--format", "json"]].concat())).unwrap();
    let top = report["search"]["top"].as_array().unwrap();
    let budgets: Vec<f64> = top.iter().map(|tried| tried["budget"].as_f64().unwrap()).collect();
    assert!(budgets[0] == 1.0 && budgets.windows(2).all(|w| w[0] >= w[1]) && budgets[4] < 1.0, "{budgets:?}");
    assert_eq!(top[0]["trial"], report["search"]["best"]["trial"]);
    let words = done(&train);
    assert!(words.contains("given") && words.contains("100\u{a0}%"), "{words}");
}

#[test]
fn standard_input_has_one_name_in_errors() {
    use std::{
        io::Write as _,
        process::{Command, Stdio},
    };
    let place = Place::new();
    let (file, model) = (place.write("t.csv", &numbers(0, 100, 5)), place.path("m.adflux"));
    done(&[&["train", &file, "--target", "y", "--include", "x,z", "-o", &model][..], &SMALL].concat());
    for (given, part) in [("x\n1\n", "missing column `z`"), ("x,z\n1\n", "line 2")] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_adflux"))
            .args(["predict", &model, "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(given.as_bytes()).unwrap();
        let said = err(&child.wait_with_output().unwrap());
        assert!(said.starts_with("adflux: standard input: ") && said.contains(part), "{said}");
    }
}
