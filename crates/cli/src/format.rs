//! What goes to standard output: words for people, or JSON for scripts.

use adflux::{
    core::{Error, Result},
    data::write_standard_output,
};
use clap::ValueEnum;
use serde::Serialize;

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, 80 columns wide.
    #[default]
    Table,
    /// One JSON object; its fields are in docs/cli.md.
    Json,
}

/// Prints `value` as JSON. A reader that stops early (`| head`) is no failure.
pub fn print_json(value: &impl Serialize) -> Result<()> {
    let json = serde_json::to_string_pretty(value).map_err(Error::backend)?;
    print_text(&json)
}

/// Prints `text` and an end of line. A reader that stops early (`| head`) is no failure.
pub fn print_text(text: &str) -> Result<()> {
    write_standard_output(|out| writeln!(out, "{}", text.trim_end()).map_err(|e| Error::io("standard output", e)))
}

/// Prints `text` to standard error, where a reader that stops early is no failure either.
pub fn print_error(text: &str) {
    use std::io::Write as _;
    // There is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
}

/// Prints a report: to standard output, or to standard error where the rows go to standard output.
pub fn print_report(
    format: Format,
    report: &impl Serialize,
    words: impl FnOnce() -> String,
    beside_rows: bool,
) -> Result<()> {
    let text = match format {
        Format::Json => serde_json::to_string_pretty(report).map_err(Error::backend)?,
        Format::Table => words(),
    };
    if beside_rows {
        print_error(&text);
        return Ok(());
    }
    print_text(&text)
}
