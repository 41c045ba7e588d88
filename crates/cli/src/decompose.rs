//! `adflux decompose`: trend, seasons and what remains.

use crate::{
    failure::Failure,
    forecast::amount,
    format::{Format, print_report},
    numbers::percent,
    places::apart,
    series::{Columns, Read, remarks},
    tables::{indented, paragraph, table},
};
use adflux::{
    core::{Context, Frequency, Skipped},
    data::{Frame, TableFormat, TableWriter},
    timeseries::{Mstl, PanelDecomposition, SeriesComponents},
};
use serde::Serialize;
use std::path::PathBuf;

/// Take series apart into trend, seasons and what remains.
///
/// Writes `id,time,value,trend,season_<steps>,remainder`: the three add up to the value. The report says how strong each is, from 0 where it explains
/// nothing to 1 where nothing else is left.
///
/// Example: adflux decompose daily.csv --id campaign --time date --value clicks --season 7 -o parts.csv
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The table: .csv, .tsv, .ndjson or .parquet; `-` is standard input.
    file: PathBuf,
    #[command(flatten)]
    columns: Columns,
    /// Steps after which series repeat, one number for each season: 7,365. Default: what the frequency says, 7 for days.
    #[arg(long, value_name = "N", value_delimiter = ',')]
    season: Vec<usize>,
    /// Let values that are far off count as much as others.
    #[arg(long)]
    no_robust: bool,
    /// The table to write, by its ending; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The form of the report, and of rows on standard output: CSV, or one JSON object a line.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// The report.
#[derive(Debug, Serialize)]
struct Report {
    value: String,
    seasons: Vec<usize>,
    series: Vec<Row>,
    skipped: Vec<Skipped>,
    #[serde(skip)]
    remarks: String,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    steps: usize,
    trend_strength: f64,
    /// In the order of the seasons.
    seasonal_strength: Vec<f64>,
    /// The trend at the first step and at the last.
    trend: [f64; 2],
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<(), Failure> {
    TableFormat::of(&arguments.output).map_err(Failure::Usage)?;
    apart([Some(&arguments.file), Some(&arguments.output)]).map_err(Failure::Usage)?;
    if arguments.columns.exog.is_some() {
        return Err(Failure::usage("--exog: a decomposition has no use for it"));
    }
    let Read { panel, report: found, .. } = arguments.columns.read(&arguments.file)?;
    let seasons = match (&arguments.season[..], panel.frequency().season()) {
        ([], 1) => return Err(Failure::usage("--season: say after how many steps the series repeat, 2 or more")),
        ([], usual) => vec![usual],
        (given, _) => given.to_vec(),
    };
    let recipe = Mstl::new(seasons.clone()).robust(!arguments.no_robust);
    let parts = recipe.decompose_panel(&panel, context).map_err(|e| match &e {
        adflux::core::Error::Parameter { .. } => Failure::usage(format!("--season: {e}")),
        _ => e.in_file(&arguments.file).into(),
    })?;
    if let (true, Some(first)) = (parts.series.is_empty(), parts.skipped.first()) {
        let reason = format!("no series can be taken apart; `{}`: {}", first.id, first.reason);
        return Err(adflux::core::Error::data(reason).in_file(&arguments.file).into());
    }
    let on_screen = arguments.output.as_os_str() == "-";
    let mut writer = match (arguments.format, on_screen) {
        (Format::Json, true) => TableWriter::json_on_standard_output(),
        _ => TableWriter::create(&arguments.output)?,
    };
    writer.write(&rows(&parts)?)?;
    writer.finish()?;
    let remarks = remarks(&panel, &found, &parts.skipped);
    let report = Report::new(arguments.columns.value.clone().unwrap_or_default(), &parts, remarks);
    Ok(print_report(arguments.format, &report, || report.words(), on_screen)?)
}

/// Every step of every series.
fn rows(parts: &PanelDecomposition) -> Result<Frame, Failure> {
    let all: Vec<(&SeriesComponents, usize)> =
        parts.series.iter().flat_map(|series| (0..series.times.len()).map(move |step| (series, step))).collect();
    let numbers = |of: &dyn Fn(&SeriesComponents, usize) -> f64| {
        all.iter().map(|(series, step)| of(series, *step)).collect::<Vec<f64>>()
    };
    let mut table = Frame::builder().texts("id", all.iter().map(|(series, _)| &series.id));
    let time = |(series, step): &(&SeriesComponents, usize)| series.times[*step];
    table = match parts.frequency {
        Frequency::Steps => table.integers("time", all.iter().map(time).collect()),
        frequency => table.texts("time", all.iter().map(|one| frequency.text(time(one)))),
    };
    table = table
        .numbers("value", numbers(&|series, step| series.values[step]))
        .numbers("trend", numbers(&|series, step| series.components.trend[step]));
    for place in 0..parts.series.iter().map(|series| series.components.seasons.len()).max().unwrap_or(0) {
        // A series that is too short for a season has none of it.
        let season = |series: &SeriesComponents, step: usize| {
            series.components.seasons.get(place).map_or(f64::NAN, |season| season.values[step])
        };
        let period =
            parts.series.iter().find_map(|series| series.components.seasons.get(place)).map_or(0, |s| s.period);
        table = table.numbers(&format!("season_{period}"), numbers(&season));
    }
    Ok(table.numbers("remainder", numbers(&|series, step| series.components.remainder[step])).build()?)
}

impl Report {
    fn new(value: String, parts: &PanelDecomposition, remarks: String) -> Self {
        let row = |series: &SeriesComponents| {
            let of = &series.components;
            let end = |at: Option<&f64>| at.copied().unwrap_or(f64::NAN);
            Row {
                id: series.id.clone(),
                steps: series.times.len(),
                trend_strength: of.trend_strength(),
                seasonal_strength: (0..of.seasons.len()).map(|place| of.seasonal_strength(place)).collect(),
                trend: [end(of.trend.first()), end(of.trend.last())],
            }
        };
        let periods = parts.series.iter().map(|series| &series.components.seasons).max_by_key(|seasons| seasons.len());
        Report {
            value,
            seasons: periods.map(|seasons| seasons.iter().map(|season| season.period).collect()).unwrap_or_default(),
            series: parts.series.iter().map(row).collect(),
            skipped: parts.skipped.clone(),
            remarks,
        }
    }

    fn words(&self) -> String {
        const SHOWN: usize = 20;
        let series = if self.series.len() == 1 { "one series".into() } else { format!("{} series", self.series.len()) };
        let mut out = format!("Trend and seasons of {}: {series}\n\n", self.value);
        let mut header =
            vec!["".to_string(), "steps".into(), "trend at first".into(), "at last".into(), "trend".into()];
        header.extend(self.seasons.iter().map(|season| format!("season of {season}")));
        let mut shown = table(&header.iter().map(String::as_str).collect::<Vec<_>>(), 1);
        for row in self.series.iter().take(SHOWN) {
            let mut cells = vec![row.id.clone(), row.steps.to_string(), amount(row.trend[0]), amount(row.trend[1])];
            cells.push(percent(row.trend_strength, 0));
            let strength = |place: usize| row.seasonal_strength.get(place).map_or("–".into(), |s| percent(*s, 0));
            cells.extend((0..self.seasons.len()).map(strength));
            shown.add_row(cells);
        }
        out.push_str(&indented(&shown));
        if self.series.len() > SHOWN {
            out.push_str(&format!("   and {} series more, in --format json\n", self.series.len() - SHOWN));
        }
        out.push('\n');
        let text =
            "The shares say how much of what the others leave a trend or season explains: 100 % is all, 0 % nothing.";
        out.push_str(&paragraph(text, 0));
        out.push('\n');
        out.push_str(&self.remarks);
        out
    }
}
