//! Tests of the `adflux` command, run as its users run it.

mod demo;
mod failures;
mod simulate;

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
