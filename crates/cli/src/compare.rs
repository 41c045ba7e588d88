//! `adflux compare`: two saved pipelines on the same rows.

use crate::{
    columns::renamed,
    evaluate::already_seen,
    format::{Format, print_json, print_text},
    measures,
    numbers::rows,
    resampling,
    tables::{paragraph, table, warned},
};
use adflux::{
    core::{Context, Error, Result},
    data::Frame,
    evaluation::{CompareOptions, Comparison, compare, higher_is_better},
    pipeline::AnyFittedPipeline,
};
use ndarray::Array1;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Compare two saved pipelines on rows whose outcome is known.
///
/// Differences have an interval from drawing the rows again and again (paired bootstrap): a difference whose interval holds
/// 0 may be chance. Rows that one of the two learned from flatter it: give rows that neither has seen.
///
/// Example: adflux compare old.adflux new.adflux campaigns.csv
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The first saved pipeline.
    a: PathBuf,
    /// The second saved pipeline.
    b: PathBuf,
    /// The table with the outcome: .csv, .tsv, .ndjson or .parquet; `-` is standard input.
    file: PathBuf,
    /// How much each row counts. Default: all the same.
    #[arg(long, value_name = "COL")]
    weight: Option<String>,
    /// Rows with the same value belong together (the applications of a candidate): the intervals draw them as wholes.
    #[arg(long, value_name = "COL")]
    group: Option<String>,
    /// How often the rows are drawn, 100 or more.
    #[arg(long, default_value_t = 1000)]
    resamples: usize,
    /// The share of draws that the interval of a difference holds.
    #[arg(long, default_value_t = 0.95)]
    level: f64,
    /// The same seed draws the same rows.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Serialize)]
struct Report<'a> {
    a: &'a Path,
    b: &'a Path,
    rows: usize,
    level: f64,
    metrics: Vec<Comparison>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    resampling::enough(arguments.resamples)?;
    let registry = adflux::registry()?;
    let load = |path: &Path| AnyFittedPipeline::load(path, &registry);
    let (a, b) = (load(&arguments.a)?, load(&arguments.b)?);
    // Text that one of the two read as text is text for both.
    let mut schema = a.schema.clone();
    schema.fields.extend(b.schema.fields.iter().filter(|f| a.schema.field(&f.name).is_none()).cloned());
    let frame = Frame::read_with(&arguments.file, &schema)?;
    let here = |e: Error| e.in_file(&arguments.file);
    if a.training.target_title() != b.training.target_title() || a.training.target != b.training.target {
        return Err(Error::data(format!(
            "{} predicts {}, and {} predicts {}: only pipelines with the same target can be compared",
            arguments.a.display(),
            target(&a),
            arguments.b.display(),
            target(&b)
        )));
    }
    let weights = arguments.weight.as_ref().map(|w| frame.numbers(w)).transpose().map_err(here)?.map(Array1::from);
    let (truth, weights) = a.truth_of(&frame, weights).map_err(here)?;
    context.check()?;
    let (by_a, by_b) = (a.run(&frame).map_err(here)?, b.run(&frame).map_err(here)?);
    let groups = resampling::groups(&frame, arguments.group.as_ref()).map_err(here)?;
    let (resamples, level, seed) = (arguments.resamples, arguments.level, arguments.seed);
    let options = CompareOptions { resamples, level, seed, groups: groups.as_deref() };
    let metrics = compare(&truth, &by_a, &by_b, weights.as_ref().map(Array1::view), &options, context)
        .map_err(|e| here(renamed(e, &[("weights", arguments.weight.as_ref())])))?;
    let mut warnings = Vec::new();
    for (path, fitted) in [(&arguments.a, &a), (&arguments.b, &b)] {
        let seen = already_seen(fitted, &frame).map_err(here)?;
        warnings.extend(seen.map(|seen| format!("{}: {seen}", path.display())));
    }
    let report = Report { a: &arguments.a, b: &arguments.b, rows: frame.rows(), level, metrics, warnings };
    match arguments.format {
        Format::Json => print_json(&report),
        Format::Table => print_text(&words(&report)),
    }
}

fn target(fitted: &AnyFittedPipeline) -> String {
    match (fitted.training.target_title(), &fitted.training.target[..]) {
        (Some(column), _) => format!("`{column}`"),
        (None, []) => "no target".into(),
        (None, names) => names.join(", "),
    }
}

fn words(report: &Report) -> String {
    let mut out = format!("A: {}\nB: {}\non {}\n\n", report.a.display(), report.b.display(), rows(report.rows));
    let interval = format!("{} % interval", (report.level * 1e6).round() / 1e4);
    let mut lines = table(&["", "A", "B", "B − A", &interval, "better"], 1);
    for m in &report.metrics {
        let show = |v: f64| measures::value(&m.measure, v);
        lines.add_row([
            measures::name(&m.measure),
            show(m.a),
            show(m.b),
            show(m.difference),
            format!("{} to {}", show(m.lower), show(m.upper)),
            verdict(m).into(),
        ]);
    }
    out.push_str(&lines.to_string());
    out.push_str("\n\n");
    out.push_str(&paragraph("A dash under better: the interval holds 0, so that the difference may be chance.", 0));
    out.push_str(&warned(&report.warnings));
    out
}

/// Which of the two is better beyond chance.
fn verdict(m: &Comparison) -> &'static str {
    let higher = higher_is_better(m.measure.rsplit('.').next().unwrap_or(&m.measure));
    match (higher, m.lower > 0.0, m.upper < 0.0) {
        (Some(true), true, _) | (Some(false), _, true) => "B",
        (Some(true), _, true) | (Some(false), true, _) => "A",
        _ => "–",
    }
}
