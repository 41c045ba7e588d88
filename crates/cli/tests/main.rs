//! Tests of the `adflux` command, run as its users run it.

mod bad_input;
mod behind;
mod choose_k;
mod contract;
mod crash;
mod demo;
mod evaluate;
mod explain;
mod failures;
mod forecast;
mod larger_than_memory;
mod neural;
mod report_data;
mod segment;
mod segment_density;
mod segment_levels;
mod segment_told;
mod simulate;
mod train;
mod trust;

use std::{
    path::Path,
    process::{Command, Output},
};

/// Runs `adflux` with `arguments`.
fn adflux(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_adflux")).args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Asserts that the job failed (exit 1) with one line on standard error, and gives the line.
fn fails(arguments: &[&str]) -> String {
    exits(arguments, 1)
}

/// Asserts that the command line was wrong (exit 2), and gives the one line that says how.
fn wrong(arguments: &[&str]) -> String {
    exits(arguments, 2)
}

fn exits(arguments: &[&str], code: i32) -> String {
    let done = adflux(arguments);
    assert_eq!(done.status.code(), Some(code), "{}", err(&done));
    let said = err(&done);
    assert!(said.starts_with("adflux: ") && said.ends_with('\n') && said.lines().count() == 1, "{said}");
    said.trim_end().trim_start_matches("adflux: ").to_string()
}
