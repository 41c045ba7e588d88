//! The JSON of the commands beside docs/cli.md: every field of the examples there is in what is printed, with its type.

use crate::{adflux, err, out, text};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The example of the chapter that stands after `command`.
fn documented(command: &str) -> Value {
    let chapter = include_str!("../../../docs/cli.md");
    let after = chapter.split_once(&format!("`{command}")).unwrap_or_else(|| panic!("docs/cli.md lacks {command}")).1;
    let json = after.split_once("```json").unwrap().1.split_once("```").unwrap().0;
    serde_json::from_str(json).unwrap()
}

/// Asserts that `actual` has all that `documented` has, with the same types; of lists the first elements are compared.
fn holds(documented: &Value, actual: &Value, place: &str) {
    match (documented, actual) {
        (Value::Object(fields), Value::Object(found)) => {
            for (name, value) in fields {
                let place = format!("{place}.{name}");
                holds(value, found.get(name).unwrap_or_else(|| panic!("{place} is not printed")), &place);
            }
        }
        (Value::Array(items), Value::Array(found)) => {
            if let Some(item) = items.first() {
                holds(item, found.first().unwrap_or_else(|| panic!("{place} is empty")), &format!("{place}[0]"));
            }
        }
        (documented, actual) => assert_eq!(
            std::mem::discriminant(documented),
            std::mem::discriminant(actual),
            "{place}: {actual} where docs/cli.md has {documented}"
        ),
    }
}

fn printed(arguments: &[&str]) -> Value {
    let done = adflux(arguments);
    assert!(done.status.success(), "{}", err(&done));
    serde_json::from_str(&out(&done)).unwrap_or_else(|e| panic!("{e}: {}", out(&done)))
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(name)
}

#[test]
fn what_is_printed_is_what_the_chapter_says() {
    let folder = TempDir::new().unwrap();
    let (churn, model) = (data("telco_churn.csv"), folder.path().join("churn.adflux"));
    let (churn, model) = (text(&churn), text(&model));

    let small = ["--param", "n_estimators=20", "--format", "json"];
    let train = ["train", churn, "--target", "churn", "--sensitive", "female", "-o", model];
    let report = printed(&[&train[..], &small].concat());
    holds(&documented("adflux train F --target COL --format json"), &report, "train");

    let space = ["--search", "model.max_depth=2..9", "--trials", "2", "--cv", "2"];
    let base = ["train", churn, "--target", "churn", "--sensitive", "female"];
    let report = printed(&[&base[..], &space, &["--param", "n_estimators=3", "--format", "json"]].concat());
    holds(&documented("adflux train F --target COL --search SPACE --format json"), &report, "train --search");

    let auto = ["--model-type", "auto", "--cv", "2", "--importance", "0", "--format", "json"];
    let report = printed(&[&base[..], &auto].concat());
    holds(&documented("adflux train F --target COL --model-type auto --format json"), &report, "train auto");

    let behind = ["--calibrate", "isotonic", "--interval", "0.9"];
    let report = printed(&[&base[..], &behind, &small].concat());
    let command = "adflux train F --target COL --calibrate METHOD --interval P --format json";
    holds(&documented(command), &report, "train --calibrate --interval");

    let report = printed(&["evaluate", model, churn, "--by", "contract", "--format", "json"]);
    holds(&documented("adflux evaluate M F --by COL --format json"), &report, "evaluate");

    let other = folder.path().join("other.adflux");
    let again = ["train", churn, "--target", "churn", "--seed", "7", "-o", text(&other)];
    printed(&[&again[..], &small].concat());
    let report = printed(&["compare", model, text(&other), churn, "--resamples", "100", "--format", "json"]);
    holds(&documented("adflux compare A B F --format json"), &report, "compare");

    let report = printed(&["explain", model, churn, "--row", "17", "--format", "json"]);
    holds(&documented("adflux explain M F --row N --format json"), &report, "explain --row");
    let report = printed(&["explain", model, churn, "--format", "json"]);
    holds(&documented("adflux explain M F --format json"), &report, "explain");
    let report = printed(&["explain", model, churn, "--pdp", "tenure", "--format", "json"]);
    holds(&documented("adflux explain M F --pdp COL --format json"), &report, "explain --pdp");

    let report = printed(&["inspect", model, "--format", "json"]);
    holds(&documented("adflux inspect M --format json"), &report, "inspect");

    let resumes = data("resume.csv");
    let who = ["--sensitive", "gender,race", "--outcome", "received_callback"];
    let (first, sensitive) = (folder.path().join("first.csv"), ["--sensitive", "gender,race"]);
    let lines = std::fs::read_to_string(&resumes).unwrap();
    std::fs::write(&first, lines.lines().take(2000).collect::<Vec<_>>().join("\n")).unwrap();
    let compared = ["report-data", text(&resumes), "--against", text(&first), "--format", "json"];
    let report = printed(&[&compared[..], &sensitive].concat());
    holds(&documented("adflux report-data F --against F2 --format json"), &report, "report-data");

    let report = printed(&[&["segment", text(&resumes), "-k", "4", "--format", "json"][..], &who].concat());
    holds(&documented("adflux segment F --format json"), &report, "segment");

    let levels = ["segment", text(&resumes), "--levels", "2,4", "--include", "years_*,honors", "--format", "json"];
    let report = printed(&levels);
    holds(&documented("adflux segment F --levels 3,8 --format json"), &report, "segment --levels");

    let choose =
        ["choose-k", text(&resumes), "--max", "3", "--references", "2", "--resamples", "2", "--sample-size", "300"];
    let report = printed(&[&choose[..], &["--format", "json"], &sensitive].concat());
    holds(&documented("adflux choose-k F --format json"), &report, "choose-k");

    // Segment 1 goes into 0, and a part of 0 becomes 5.
    let (before, after) = (folder.path().join("before.csv"), folder.path().join("after.csv"));
    let write = |path: &Path, segments: [i32; 10]| {
        let rows: String =
            segments.iter().enumerate().map(|(person, segment)| format!("{person},{segment}\n")).collect();
        std::fs::write(path, format!("who,segment\n{rows}")).unwrap();
    };
    write(&before, [0, 0, 0, 0, 0, 0, 1, 1, 0, 0]);
    write(&after, [0, 0, 0, 0, 0, 5, 0, 0, 5, 5]);
    let report = printed(&["compare-segments", text(&before), text(&after), "--id", "who", "--format", "json"]);
    holds(&documented("adflux compare-segments A B --id COL --format json"), &report, "compare-segments");
}

#[test]
fn what_is_printed_of_forecasts_is_what_the_chapter_says() {
    let folder = TempDir::new().unwrap();
    let (file, rows) = (folder.path().join("daily.csv"), folder.path().join("rows.csv"));
    let day = |day: usize| {
        let clicks = if day == 15 { 90 } else { 10 + day % 7 + day * day % 5 };
        format!("meta,2024-03-{:02},{clicks}\ngoogle,2024-03-{:02},\n", day + 1, day + 1)
    };
    std::fs::write(&file, format!("platform,date,clicks\n{}", (0..28).map(day).collect::<String>())).unwrap();
    let columns = ["--id", "platform", "--time", "date", "--value", "clicks", "-o", text(&rows), "--format", "json"];
    let on = |command| [command, text(&file)];
    let report = printed(&[&on("forecast")[..], &columns, &["--horizon", "3"]].concat());
    holds(&documented("adflux forecast F --format json"), &report, "forecast");
    let report = printed(&[&on("backtest")[..], &columns, &["--horizon", "3"]].concat());
    holds(&documented("adflux backtest F --format json"), &report, "backtest");
    let report = printed(&[&on("decompose")[..], &columns].concat());
    holds(&documented("adflux decompose F --format json"), &report, "decompose");
    let report = printed(&[&on("anomalies")[..], &columns].concat());
    holds(&documented("adflux anomalies F --format json"), &report, "anomalies");
}
