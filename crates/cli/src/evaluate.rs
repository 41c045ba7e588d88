//! `adflux evaluate`: how well a saved pipeline predicts rows whose outcome is known.

use crate::{
    format::{Format, print_json, print_text},
    measures,
    numbers::count,
    tables::table,
};
use adflux::{
    core::{Context, Result},
    data::{Frame, Role},
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
    /// How much each row counts. Default: all the same, whatever they counted in training.
    #[arg(long, value_name = "COL")]
    weight: Option<String>,
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
    let mut frame = Frame::read_with(&arguments.file, &fitted.schema)?;
    context.check()?;
    if let Some(weight) = &arguments.weight {
        frame = frame.with_role(weight, Role::Weight).map_err(|e| e.in_file(&arguments.file))?;
    }
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
        // As many measures as fit beside each other; JSON has them all.
        let names: Vec<&str> = report.metrics.iter().map(|(name, _)| name).collect();
        let fits = |text: &String| text.lines().all(|line| line.trim_end().chars().count() <= 80);
        let tables = (1..=names.len()).rev().map(|shown| groups(by, &names[..shown]));
        let narrowest = groups(by, &names[..names.len().min(1)]);
        out.push_str(&tables.into_iter().find(fits).unwrap_or(narrowest));
    }
    out
}

/// A row for each group, with some of the measures.
fn groups(by: &By, names: &[&str]) -> String {
    let titles: Vec<String> = names.iter().map(|name| measures::name(name)).collect();
    let header: Vec<&str> = ["", "rows"].into_iter().chain(titles.iter().map(String::as_str)).collect();
    let mut rows = table(&header, 1);
    for group in &by.groups {
        let values =
            names.iter().map(|name| group.metrics.get(name).map_or("–".into(), |v| measures::value(name, v)));
        let value = if group.value.is_empty() { "(missing)" } else { &group.value };
        rows.add_row([value.to_string(), count(group.rows as f64)].into_iter().chain(values));
    }
    rows.to_string()
}
