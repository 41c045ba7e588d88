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
