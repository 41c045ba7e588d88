//! Failures: what they say, and the exit they leave with.

use crate::{adflux, err, fails, out, text};
use std::path::PathBuf;
use tempfile::TempDir;

/// Runs the demo on the campaigns of `csv`, which cannot be used.
fn demo_fails(csv: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.csv");
    std::fs::write(&file, csv).unwrap();
    let said = fails(&["demo", "--campaigns", text(&file), "--out", text(&folder.path().join("out"))]);
    assert!(!folder.path().join("out/metrics.json").exists(), "a failed demo has no figures");
    said.replace(text(&file), "mine.csv")
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let said = fails(&["demo", "--campaigns", "no/such/file.csv", "--out", text(&folder.path().join("out"))]);
    assert!(said.starts_with("no/such/file.csv: "), "{said}");
}

#[test]
fn all_missing_columns_are_named() {
    let said = demo_fails("platform,budgets,impressions,clicks,spend\nMETA,1,2,1,1\n");
    assert!(said.starts_with("mine.csv: missing columns `budget` (did you mean `budgets`?), "), "{said}");
    for name in ["objective", "title", "audience_size", "applications"] {
        assert!(said.contains(&format!("`{name}`")), "{name} is not named: {said}");
    }
    assert!(!said.contains("`platform`"), "{said}");
}

#[test]
fn a_file_that_is_no_table_says_why() {
    assert_eq!(demo_fails(""), "mine.csv: the file is empty, or its first line is: a header line is needed");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (taken, inside) = taken(&folder);
    std::fs::write(&taken, "a file").unwrap();
    assert!(fails(&["demo", "--out", text(&inside)]).starts_with(text(&inside)));
    let said = fails(&["simulate", "jobs", "--rows", "3", "-o", text(&inside)]);
    assert!(said.starts_with(text(&inside)), "{said}");
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "a file");
}

/// A path, and one inside it.
fn taken(folder: &TempDir) -> (PathBuf, PathBuf) {
    (folder.path().join("taken"), folder.path().join("taken/results"))
}

#[test]
fn a_command_line_that_is_wrong_exits_with_2_and_says_what_was_meant() {
    for (arguments, says) in [
        (&["demo", "--campaign", "x.csv"][..], "'--campaigns'"),
        (&["demo", "--lang", "fr"], "possible values: en, es"),
        (&["simulate", "campains"], "'campaigns'"),
        (&["simulate", "campaigns", "--rows", "many"], "invalid value 'many'"),
        (&["simulat", "campaigns"], "'simulate'"),
        (&[], "Usage: adflux"),
    ] {
        let done = adflux(arguments);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}");
        assert!(err(&done).contains(says) && out(&done).is_empty(), "{arguments:?}: {}", err(&done));
    }
}

#[test]
fn a_parameter_out_of_range_is_a_failed_job() {
    let said = fails(&["simulate", "campaigns", "--rows", "0"]);
    assert!(said.starts_with("parameter `rows` = 0: "), "{said}");
}

#[test]
fn help_and_version_go_to_standard_output() {
    for (flag, says) in [("--help", "simulate"), ("--version", env!("CARGO_PKG_VERSION"))] {
        let done = adflux(&[flag]);
        assert!(done.status.success() && out(&done).contains(says) && err(&done).is_empty());
    }
}
