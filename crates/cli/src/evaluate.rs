//! `adflux evaluate`: how well a saved pipeline predicts rows whose outcome is known.

use crate::{
    format::{Format, print_json, print_text},
    measures,
    numbers::count,
    tables::table,
};
use adflux::{
    core::{Context, Result},
    data::Frame,
    evaluation::Scores,
    pipeline::AnyFittedPipeline,
};
use serde::Serialize;
use std::path::PathBuf;

/// Judge a saved pipeline on rows whose outcome is known.
///
/// Example: adflux evaluate churn.adflux customers.csv --by contract
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The saved pipeline.
    model: PathBuf,
    /// The table with the outcome: .csv, .tsv or .ndjson; `-` is standard input.
    file: PathBuf,
    /// Judge the rows of each value of this column by themselves too, for example a sensitive one.
    #[arg(long, value_name = "COL")]
    by: Option<String>,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Serialize)]
struct Report<'a> {
    model: &'a str,
    rows: usize,
    metrics: Scores,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<By<'a>>,
}

#[derive(Serialize)]
struct By<'a> {
    column: &'a str,
    groups: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    value: String,
    rows: usize,
    metrics: Scores,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    let fitted = AnyFittedPipeline::load(&arguments.model, &adflux::registry()?)?;
    let frame = Frame::read(&arguments.file)?;
    context.check()?;
    let metrics = fitted.score(&frame).map_err(|e| e.in_file(&arguments.file))?;
    let by = match &arguments.by {
        None => None,
        Some(column) => {
            let groups = fitted.score_by(&frame, column).map_err(|e| e.in_file(&arguments.file))?;
            let groups =
                groups.into_iter().map(|g| Group { value: g.level, rows: g.rows, metrics: g.scores }).collect();
            Some(By { column, groups })
        }
    };
    let report = Report { model: fitted.kinds()[1], rows: frame.rows(), metrics, by };
    match arguments.format {
        Format::Json => print_json(&report),
        Format::Table => print_text(&words(&report)),
    }
}

fn words(report: &Report) -> String {
    let mut out = format!("{}, judged on {} rows\n\n", report.model, count(report.rows as f64));
    let mut rows = table(&["", "value", ""], 1);
    for (name, value) in report.metrics.iter() {
        rows.add_row([measures::name(name), measures::value(name, value), measures::better(name).into()]);
    }
    out.push_str(&rows.to_string());
    if let Some(by) = &report.by {
        out.push_str(&format!("\n\nby {}\n\n", by.column));
        // The measures that fit beside each other in 80 columns.
        const SHOWN: usize = 5;
        let names: Vec<&str> = report.metrics.iter().map(|(name, _)| name).take(SHOWN).collect();
        let titles: Vec<String> = names.iter().map(|name| measures::name(name)).collect();
        let header: Vec<&str> = ["", "rows"].into_iter().chain(titles.iter().map(String::as_str)).collect();
        let mut rows = table(&header, 1);
        for group in &by.groups {
            let values = names.iter().map(|name| match group.metrics.get(name) {
                Some(value) => measures::value(name, value),
                None => "–".into(),
            });
            rows.add_row([group.value.clone(), count(group.rows as f64)].into_iter().chain(values));
        }
        out.push_str(&rows.to_string());
    }
    out
}
