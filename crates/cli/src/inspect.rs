//! `adflux inspect`: what a saved pipeline or forecaster is, and that it is not damaged.

use crate::{
    format::{Format, print_json, print_text},
    measures,
    numbers::count,
    tables::paragraph,
};
use adflux::{
    core::{Context, Error, Result},
    data::Schema,
    pipeline::{
        AnyFittedPipeline, FittedForecasting, Manifest,
        file::{Part, what_is_in},
        forecasting::ForecastManifest,
    },
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Say what a saved pipeline or forecaster is: what it predicts, from which columns, how it was trained. The whole file is checked.
///
/// Example: adflux inspect churn.adflux
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The saved pipeline or forecaster.
    model: PathBuf,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Serialize)]
struct Report<'a, M> {
    file: &'a Path,
    bytes: u64,
    #[serde(flatten)]
    manifest: &'a M,
}

/// Runs the command.
pub fn run(arguments: &Arguments, _: &Context) -> Result<()> {
    let path = &arguments.model;
    let registry = adflux::registry()?;
    // Loading checks every sum and every state, which reading the manifest does not.
    if what_is_in(path)? == "forecaster" {
        FittedForecasting::load(path, &registry)?;
        return print(arguments, &ForecastManifest::read(path)?, forecaster_in_words);
    }
    AnyFittedPipeline::load(path, &registry)?;
    print(arguments, &Manifest::read(path)?, words)
}

fn print<M: Serialize>(
    Arguments { model: path, format }: &Arguments,
    manifest: &M,
    words: impl Fn(&Path, u64, &M) -> Result<String>,
) -> Result<()> {
    let bytes = std::fs::metadata(path).map_err(|e| Error::io(path, e))?.len();
    match format {
        Format::Json => print_json(&Report { file: path, bytes, manifest }),
        Format::Table => print_text(&words(path, bytes, manifest)?),
    }
}

fn forecaster_in_words(path: &Path, bytes: u64, manifest: &ForecastManifest) -> Result<String> {
    let ForecastManifest { columns, record, .. } = manifest;
    let series = match &columns.id[..] {
        [] => "one series".to_string(),
        ids => format!("{} series, named by {}", count(record.series as f64), ids.join(", ")),
    };
    let mut lines = vec![
        format!("{}: {}, undamaged", path.display(), size(bytes)),
        field("written by", &format!("adflux {} (format {})", manifest.adflux, manifest.format)),
        field("forecaster", &record.spec.kind),
        field("forecasts", &format!("{} over {}", columns.value, columns.time)),
        field("learned from", &format!("{series}, {} steps, in {:.1} s", count(record.steps as f64), record.seconds)),
    ];
    if !columns.covariates.is_empty() {
        lines.push(field("known ahead", &columns.covariates.join(", ")));
    }
    let recipe = toml::to_string(&record.spec).map_err(Error::backend)?;
    lines.push(format!("\nIts recipe:\n\n{recipe}"));
    Ok(lines.join("\n"))
}

fn words(path: &Path, bytes: u64, manifest: &Manifest) -> Result<String> {
    let training = &manifest.training;
    let kinds: Vec<&str> = manifest.parts.iter().map(|part: &Part| part.kind.as_str()).collect();
    let mut lines = vec![
        format!("{}: {}, undamaged", path.display(), size(bytes)),
        field("written by", &format!("adflux {} (format {})", manifest.adflux, manifest.format)),
        field("pipeline", &kinds.join(" → ")),
        field("predicts", &predicts(manifest)),
        field("trained on", &format!("{} rows, in {:.1} s", count(training.rows as f64), training.seconds)),
        field("data", &format!("sha256 {}…", training.fingerprint.get(..16).unwrap_or_default())),
        field("seed", &training.seed.to_string()),
    ];
    if !training.ids.is_empty() {
        lines.push(field("rows named by", &training.ids.join(", ")));
    }
    if !training.metrics.is_empty() {
        let measured: Vec<String> = (training.metrics.iter())
            .map(|(name, value)| format!("{} {}", measures::name(name), measures::value(name, *value)))
            .collect();
        lines.push(field("measured", &measured.join(", ")));
    }
    lines.push(field("reads", &inputs(&manifest.schema)));
    let recipe = toml::to_string(&training.spec).map_err(Error::backend)?;
    lines.push(format!("\nIts recipe, as `adflux train --spec` takes it:\n\n{recipe}"));
    Ok(lines.join("\n"))
}

fn predicts(manifest: &Manifest) -> String {
    let training = &manifest.training;
    match (training.target_title(), training.target.is_empty()) {
        (Some(column), true) => format!("{column} (a number)"),
        (Some(column), false) => format!("{column} ({})", training.target.join(" or ")),
        (None, true) => "segments (no target)".into(),
        (None, false) => training.target.join(", "),
    }
}

fn inputs(schema: &Schema) -> String {
    let columns: Vec<String> = schema.fields.iter().map(|f| format!("{} ({})", f.name, f.kind)).collect();
    format!("{} columns: {}", columns.len(), columns.join(", "))
}

/// A name and what belongs to it, broken into lines that begin under each other.
fn field(name: &str, text: &str) -> String {
    const NAME: usize = 15;
    let text = paragraph(text, NAME);
    format!("{name:NAME$}{}", text.trim_start())
}

fn size(bytes: u64) -> String {
    match bytes as f64 {
        b if b < 1024.0 => format!("{bytes} bytes"),
        b if b < 1024.0 * 1024.0 => format!("{:.1} KiB", b / 1024.0),
        b => format!("{:.1} MiB", b / (1024.0 * 1024.0)),
    }
}
