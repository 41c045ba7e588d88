//! `adflux backtest`: how good forecasts would have been.

mod report;

use crate::{
    failure::Failure,
    format::{Format, print_report},
    places::apart,
    series::{Columns, Model, Models, Read},
};
use adflux::{
    core::{Context, Forecast, Frequency, Intervals, Prediction, Target},
    data::{Frame, TableFormat},
    evaluation::{higher_is_better, measures::Measures},
    timeseries::{Backtest, BacktestWindow},
};
use report::{Judged, Report};
use std::{path::PathBuf, time::Instant};

/// Judge forecasts on the past: which model would have been nearest, and by how much.
///
/// Each model is fitted on what was known at several origins in the past, forecasts the steps after them, and is compared with what came.
/// The naive forecast of a season ago is always among them: what a model adds is measured against it.
///
/// Example: adflux backtest daily.csv --id campaign --time date --value clicks --horizon 14 --models auto-ets,auto-theta
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The table: .csv, .tsv, .ndjson or .parquet; `-` is standard input.
    file: PathBuf,
    #[command(flatten)]
    columns: Columns,
    /// How many steps are forecast from each origin.
    #[arg(long, value_name = "N")]
    horizon: usize,
    /// The models to compare; a wrong name lists them all.
    #[arg(
        long,
        visible_alias = "model",
        value_name = "MODELS",
        value_delimiter = ',',
        default_value = "auto-ets,auto-theta"
    )]
    models: Vec<String>,
    #[command(flatten)]
    options: Model,
    /// How many origins, the last a horizon before the end.
    #[arg(long, value_name = "N", default_value_t = 3)]
    windows: usize,
    /// Steps between origins. Default: the horizon.
    #[arg(long, value_name = "N")]
    step: Option<usize>,
    /// Fit at the first origin only, and take in what came at the others.
    #[arg(long)]
    no_refit: bool,
    /// Measures to judge by, the best by the first of them first: mae,rmse,mape,wape,mase and others; over all forecast values.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    measures: Vec<String>,
    /// Write every forecast here: id, time, model, origin, mean, lower, upper, and what came.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// What others are measured against.
const NAIVE: &str = "seasonal-naive";

/// The measure that only backtests have; less is better.
const MASE: &str = "mase";

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<(), Failure> {
    arguments.output.as_ref().map(TableFormat::of).transpose().map_err(Failure::Usage)?;
    let Arguments { file, columns, options, horizon, .. } = arguments;
    apart([Some(file), columns.exog.as_ref(), arguments.output.as_ref()]).map_err(Failure::Usage)?;
    Forecast::check(*horizon, &[options.interval]).map_err(|e| Failure::usage(e.to_string()))?;
    let measures = Measures::new(arguments.measures.iter().map(|name| name.trim()));
    check(&measures, options.interval)?;
    let models = Models::new()?;
    let mut kinds = arguments.models.clone();
    if !kinds.iter().any(|kind| kind == NAIVE) {
        kinds.push(NAIVE.into());
    }
    let Read { panel, report, .. } = columns.read(file)?;
    let season = options.season.unwrap_or(panel.frequency().season());
    let backtest = Backtest {
        step: arguments.step,
        ..Backtest::new(*horizon)
            .windows(arguments.windows)
            .season_length(season)
            .levels([options.interval])
            .refit(!arguments.no_refit)
    };
    // What models are measured against is as it is, whatever is put around them.
    let bare = options.bare();
    let options_of = |kind: &str| if kind == NAIVE { &bare } else { options };
    let recipes: Vec<_> = kinds
        .iter()
        .map(|kind| models.recipe(kind, &kinds, options_of(kind), panel.frequency(), *horizon))
        .collect::<Result<_, _>>()?;
    let mut judged = Vec::with_capacity(kinds.len());
    for (kind, recipe) in kinds.iter().zip(&recipes) {
        let start = Instant::now();
        let found = backtest.run(recipe, &panel, &context.labelled(kind));
        context.check()?;
        judged.push(Judged { model: kind.clone(), found, seconds: start.elapsed().as_secs_f64() });
    }
    if judged.iter().all(|judged| judged.found.is_err()) {
        let first = judged.into_iter().find_map(|judged| judged.found.err());
        return Err(first.map_or_else(|| Failure::usage("--models: name at least one"), |e| e.in_file(file).into()));
    }
    for found in judged.iter().flat_map(|judged| &judged.found) {
        // What cannot be measured is told before anything is written.
        found.measures(&measures).map_err(|e| e.in_file(file))?;
    }
    if let Some(path) = &arguments.output {
        rows(&judged, panel.frequency())?.write(path)?;
    }
    let report = Report::new(&columns.value, *horizon, options.interval, &judged, &measures, &panel, &report);
    let beside_rows = arguments.output.as_ref().is_some_and(|path| path.as_os_str() == "-");
    Ok(print_report(arguments.format, &report, || report.words(), beside_rows)?)
}

/// Measures of forecasts with intervals that there are, the first of them one to sort by: found out before the work.
fn check(measures: &Measures, level: f64) -> Result<(), Failure> {
    let one = || vec![1.0].into();
    let predicted = Prediction::Intervals(Intervals { mean: one(), lower: one(), upper: one(), level });
    for name in measures.names().filter(|name| *name != MASE) {
        Measures::new([name])
            .score_where_defined(&Target::Values(one()), &predicted, None)
            .map_err(|e| Failure::usage(format!("--measures: {e}, {MASE}")))?;
    }
    match measures.names().next() {
        Some(first) if first != MASE && higher_is_better(first).is_none() => Err(Failure::usage(format!(
            "--measures: models are sorted by the first, and neither more nor less of `{first}` is better: put another before it, \
             such as mae, rmse, wape, {MASE} or interval_score"
        ))),
        _ => Ok(()),
    }
}

/// Every forecast with what came.
fn rows(judged: &[Judged], frequency: Frequency) -> Result<Frame, Failure> {
    let mut all: Vec<(&str, &BacktestWindow, usize)> = Vec::new();
    for Judged { model, found, .. } in judged {
        for window in found.iter().flat_map(|found| &found.windows) {
            all.extend((0..window.truth.len()).map(|step| (model.as_str(), window, step)));
        }
    }
    let numbers = |of: &dyn Fn(&BacktestWindow, usize) -> f64| {
        all.iter().map(|(_, window, step)| of(window, *step)).collect::<Vec<f64>>()
    };
    let time = |window: &BacktestWindow, step: usize| {
        window.forecast.times.get(step).map(|time| frequency.text(*time)).unwrap_or_default()
    };
    let table = Frame::builder()
        .texts("id", all.iter().map(|(_, window, _)| &window.forecast.id))
        .texts("time", all.iter().map(|(_, window, step)| time(window, *step)))
        .texts("model", all.iter().map(|(model, ..)| model))
        .texts("origin", all.iter().map(|(_, window, _)| time(window, 0)))
        .numbers("mean", numbers(&|window, step| window.forecast.mean[step]))
        .numbers("lower", numbers(&|window, step| window.forecast.lower[[step, 0]]))
        .numbers("upper", numbers(&|window, step| window.forecast.upper[[step, 0]]))
        .numbers("truth", numbers(&|window, step| window.truth[step]));
    Ok(table.build()?)
}
