//! `adflux forecast`: the coming steps of many series.

mod report;

pub use report::amount;

use crate::{
    failure::Failure,
    format::{Format, print_report},
    places::{apart, is_for_a_pipeline},
    series::{Columns, Model, Models, Read, name_of},
};
use adflux::{
    core::{Context, Describe as _, Error, Forecast, Forecaster as _, Panel, forecast::MOST_PATH_VALUES},
    data::{Frame, TableFormat, TableWriter},
    pipeline::{FittedForecasting, Forecasting, forecasting::forecast_table},
};
use report::Report;
use std::path::PathBuf;

/// Forecast the coming steps of many series: clicks, spend, applications of each campaign.
///
/// Takes a long table, one row for each series and time, in any order. Writes `id,time,mean,lower,upper,model`: the expected value of
/// each coming step and the interval that is to contain the share --interval of outcomes. Series that cannot be forecast are named with
/// the reason, and never stop the others.
///
/// The model can be kept with --save; with --from, a kept one takes in what is new in the table and forecasts, without learning anew.
///
/// Example: adflux forecast daily.csv --id campaign --time date --value clicks --horizon 14 --min 0 -o forecast.csv
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The table: .csv, .tsv, .ndjson or .parquet; `-` is standard input.
    file: PathBuf,
    #[command(flatten)]
    columns: Columns,
    /// How many steps ahead.
    #[arg(long, value_name = "N")]
    horizon: usize,
    /// Which model: auto-ets, auto-theta, seasonal-naive and others; a wrong name lists them all.
    #[arg(long, value_name = "M", default_value = "auto-ets")]
    model: String,
    #[command(flatten)]
    options: Model,
    /// Save the fitted model under this name, which ends in .adflux.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Forecast with a model that was saved, brought up to date with the table; it knows its columns.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["model", "season", "params", "min", "max", "conformal", "id", "time", "value", "duplicates", "gaps", "totals", "frequency"])]
    from: Option<PathBuf>,
    /// The table to write, by its ending; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The form of the report, and of rows on standard output: CSV, or one JSON object a line.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Models that learn from covariates.
const WITH_COVARIATES: [&str; 3] = ["additive", "auto-arima", "global-boosting"];

/// Paths of which the interval of a sum is made.
const PATHS: usize = 1_000;

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<(), Failure> {
    TableFormat::of(&arguments.output).map_err(Failure::Usage)?;
    if let Some(path) = &arguments.save {
        is_for_a_pipeline(path).map_err(Failure::Usage)?;
    }
    let Arguments { file, columns, save, from, output, .. } = arguments;
    apart([Some(file), columns.exog.as_ref(), save.as_ref(), from.as_ref(), Some(output)]).map_err(Failure::Usage)?;
    Forecast::check(arguments.horizon, &[arguments.options.interval]).map_err(|e| Failure::usage(in_words(&e)))?;

    let (fitted, panel, future) = match from {
        Some(path) => arguments.brought_up_to_date(path)?,
        None => arguments.fitted(context)?,
    };
    if let Some(path) = save {
        fitted.save(path)?;
    }
    let horizon = arguments.horizon;
    let forecast = fitted.forecast(horizon, &[arguments.options.interval], future.as_ref())?;
    context.check()?;
    // Of very many series fewer, so that they fit into the memory. Not all models draw them; then sums have no interval.
    let count = PATHS.min(MOST_PATH_VALUES / horizon / forecast.series.len().max(1)).max(1);
    let paths = fitted.paths(horizon, count, 42, future.as_ref());
    let report = Report::new(&fitted, &panel, &forecast, paths.as_ref());

    let table = forecast_table(&forecast)?;
    let model = vec![name_of(&fitted.record.spec); table.rows()];
    let table = table.with_columns_of(&Frame::builder().texts("model", model).build()?)?;
    let on_screen = output.as_os_str() == "-";
    let mut writer = match (arguments.format, on_screen) {
        (Format::Json, true) => TableWriter::json_on_standard_output(),
        _ => TableWriter::create(output)?,
    };
    writer.write(&table)?;
    writer.finish()?;
    Ok(print_report(arguments.format, &report, || report.words(), on_screen)?)
}

/// The fitted model, the series, and what is known of the future.
type Known = (FittedForecasting, Panel, Option<Frame>);

impl Arguments {
    fn fitted(&self, context: &Context) -> Result<Known, Failure> {
        let models = Models::new()?;
        let Read { columns, panel, report, future } = self.columns.read(&self.file)?;
        if future.is_some() && !WITH_COVARIATES.contains(&self.model.as_str()) {
            let with = WITH_COVARIATES.join(", ");
            return Err(Failure::usage(format!(
                "--exog: {} learns from the past of its series alone; {with} use more",
                self.model
            )));
        }
        let all = [self.model.clone()];
        let recipe = models.recipe(&self.model, &all, &self.options, panel.frequency(), self.horizon)?;
        let kind = recipe.kind();
        let fitted = Forecasting::new(columns, recipe).fit_panel(panel.clone(), context);
        let fitted = fitted.map_err(|e| match &e {
            Error::Parameter { name: "season_length", .. } => Failure::usage(format!("--season: {}", in_words(&e))),
            Error::Parameter { .. } => Failure::usage(format!("--model {kind}: {e}")),
            _ => e.in_file(&self.file).into(),
        })?;
        Ok((FittedForecasting { report, ..fitted }, panel, future))
    }

    fn brought_up_to_date(&self, path: &PathBuf) -> Result<Known, Failure> {
        let saved = FittedForecasting::load(path, &adflux::registry()?)?;
        let frame = Frame::read(&self.file)?;
        let future = self.columns.exog.as_ref().map(Frame::read).transpose()?;
        let (panel, report) = saved.later(&frame).map_err(|e| e.in_file(&self.file))?;
        let forecaster = saved.forecaster.updated(&panel).map_err(|e| e.in_file(&self.file))?;
        Ok((FittedForecasting { forecaster, report, ..saved }, panel, future))
    }
}

/// The error of a parameter as an option.
fn in_words(error: &Error) -> String {
    match error {
        Error::Parameter { name: "levels", value, reason } => format!("--interval {value}: {reason}"),
        Error::Parameter { name, value, reason } => format!("--{name} {value}: {reason}"),
        other => other.to_string(),
    }
}
