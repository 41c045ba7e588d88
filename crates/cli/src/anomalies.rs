//! `adflux anomalies`: values and levels that are out of the ordinary.

use crate::{
    failure::Failure,
    forecast::amount,
    format::{Format, print_report},
    places::apart,
    series::{Columns, Read, remarks},
    tables::{indented, paragraph, table},
};
use adflux::{
    core::{Context, Frequency, Skipped},
    data::{Frame, TableFormat, TableWriter},
    timeseries::{Anomalies, Anomaly, AnomalyKind, AnomalyReport, SeriesAnomalies},
};
use serde::Serialize;
use std::path::PathBuf;

/// Find values and levels that are out of the ordinary, looking back over each whole series.
///
/// Writes `id,time,value,expected,lower,upper,anomaly`: what all other values say of each, what would have been ordinary, and `point` or `level_shift`
/// where something is not.
///
/// Example: adflux anomalies daily.csv --id campaign --time date --value clicks --season 7 -o judged.csv
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The table: .csv, .tsv, .ndjson or .parquet; `-` is standard input.
    file: PathBuf,
    #[command(flatten)]
    columns: Columns,
    /// Steps after which series repeat, one number for each season: 7,365; 1 for never. Default: what the frequency says, 7 for days.
    #[arg(long, value_name = "N", value_delimiter = ',')]
    season: Vec<usize>,
    /// The share of ordinary series in which anything may be found.
    #[arg(long, value_name = "P", default_value_t = 0.05)]
    level: f64,
    /// Steps that a level must last to be one; what is shorter is single values.
    #[arg(long, value_name = "N", default_value_t = 7)]
    shift_after: usize,
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
    level: f64,
    /// Series that were judged.
    series: usize,
    anomalies: Vec<Row>,
    skipped: Vec<Skipped>,
    #[serde(skip)]
    remarks: String,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    time: String,
    kind: AnomalyKind,
    steps: usize,
    /// Of a level, the first step's.
    value: f64,
    expected: f64,
    effect: f64,
    p_value: f64,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<(), Failure> {
    TableFormat::of(&arguments.output).map_err(Failure::Usage)?;
    apart([Some(&arguments.file), Some(&arguments.output)]).map_err(Failure::Usage)?;
    if arguments.columns.exog.is_some() {
        return Err(Failure::usage("--exog: anomalies are found without it"));
    }
    let Read { panel, report: found, .. } = arguments.columns.read(&arguments.file)?;
    let periods = match &arguments.season[..] {
        [] => vec![panel.frequency().season()],
        given => given.to_vec(),
    };
    let periods: Vec<usize> = periods.into_iter().filter(|period| *period != 1).collect();
    let recipe = Anomalies::new(periods).level(arguments.level).shift_after(arguments.shift_after);
    let judged = recipe.detect(&panel, context).map_err(|e| match &e {
        adflux::core::Error::Parameter { name: "periods", .. } => Failure::usage(format!("--season: {e}")),
        adflux::core::Error::Parameter { .. } => Failure::Usage(e),
        _ => e.in_file(&arguments.file).into(),
    })?;
    if let (true, Some(first)) = (judged.series.is_empty(), judged.skipped.first()) {
        let reason = format!("no series can be judged; `{}`: {}", first.id, first.reason);
        return Err(adflux::core::Error::data(reason).in_file(&arguments.file).into());
    }
    let on_screen = arguments.output.as_os_str() == "-";
    let mut writer = match (arguments.format, on_screen) {
        (Format::Json, true) => TableWriter::json_on_standard_output(),
        _ => TableWriter::create(&arguments.output)?,
    };
    writer.write(&rows(&judged)?)?;
    writer.finish()?;
    let remarks = remarks(&panel, &found, &judged.skipped);
    let value = arguments.columns.value.clone().unwrap_or_default();
    let report = Report::new(value, arguments.level, &judged, remarks);
    Ok(print_report(arguments.format, &report, || report.words(), on_screen)?)
}

/// What is written of a kind.
fn word(kind: AnomalyKind) -> &'static str {
    match kind {
        AnomalyKind::Point => "point",
        AnomalyKind::LevelShift => "level_shift",
    }
}

/// Every step of every series.
fn rows(judged: &AnomalyReport) -> Result<Frame, Failure> {
    let all: Vec<(&SeriesAnomalies, usize)> =
        judged.series.iter().flat_map(|series| (0..series.times.len()).map(move |step| (series, step))).collect();
    let numbers = |of: &dyn Fn(&SeriesAnomalies) -> &[f64]| -> Vec<f64> {
        all.iter().map(|(series, step)| of(series)[*step]).collect()
    };
    let mut table = Frame::builder().texts("id", all.iter().map(|(series, _)| &series.id));
    let time = |(series, step): &(&SeriesAnomalies, usize)| series.times[*step];
    table = match judged.frequency {
        Frequency::Steps => table.integers("time", all.iter().map(time).collect()),
        frequency => table.texts("time", all.iter().map(|one| frequency.text(time(one)))),
    };
    let kind = |(series, step): &(&SeriesAnomalies, usize)| {
        // A level that begins with an odd value is a level first.
        let mut here = series.anomalies.iter().filter(|anomaly| anomaly.step == *step).map(|anomaly| anomaly.kind);
        let first = here.next()?;
        Some(if here.any(|kind| kind == AnomalyKind::LevelShift) { AnomalyKind::LevelShift } else { first })
    };
    let table = table
        .numbers("value", numbers(&|series| &series.values))
        .numbers("expected", numbers(&|series| &series.expected))
        .numbers("lower", numbers(&|series| &series.lower))
        .numbers("upper", numbers(&|series| &series.upper))
        .texts("anomaly", all.iter().map(|one| kind(one).map_or("", word)));
    Ok(table.build()?)
}

impl Report {
    fn new(value: String, level: f64, judged: &AnomalyReport, remarks: String) -> Self {
        let row = |series: &SeriesAnomalies, anomaly: &Anomaly| Row {
            id: series.id.clone(),
            time: judged.frequency.text(anomaly.time),
            kind: anomaly.kind,
            steps: anomaly.steps,
            value: series.values[anomaly.step],
            expected: series.expected[anomaly.step],
            effect: anomaly.effect,
            p_value: anomaly.p_value,
        };
        let of = |series: &SeriesAnomalies| -> Vec<Row> { series.anomalies.iter().map(|a| row(series, a)).collect() };
        Report {
            value,
            level,
            series: judged.series.len(),
            anomalies: judged.series.iter().flat_map(of).collect(),
            skipped: judged.skipped.clone(),
            remarks,
        }
    }

    fn words(&self) -> String {
        const SHOWN: usize = 40;
        let series = if self.series == 1 { "one series".into() } else { format!("{} series", self.series) };
        let mut out = format!("Anomalies of {}: {} in {series}\n\n", self.value, self.anomalies.len());
        let mut shown = table(&["", "from", "what", "value", "expected", "off by", "p"], 3);
        for row in self.anomalies.iter().take(SHOWN) {
            let what = match row.kind {
                AnomalyKind::Point => "a value".to_string(),
                AnomalyKind::LevelShift => format!("a level, {} steps", row.steps),
            };
            // What is expected of a level is what it came to be: only the change says something.
            let of_point = |number: f64| if row.kind == AnomalyKind::Point { amount(number) } else { "–".into() };
            let p_value = if row.p_value < 1e-4 { "< 0.0001".into() } else { format!("{:.4}", row.p_value) };
            let sign = if row.effect > 0.0 { "+" } else { "" };
            let effect = format!("{sign}{}", amount(row.effect));
            let (value, expected) = (of_point(row.value), of_point(row.expected));
            shown.add_row([row.id.clone(), row.time.clone(), what, value, expected, effect, p_value]);
        }
        if !self.anomalies.is_empty() {
            out.push_str(&indented(&shown));
        }
        if self.anomalies.len() > SHOWN {
            out.push_str(&format!("   and {} more, in --format json\n", self.anomalies.len() - SHOWN));
        }
        out.push('\n');
        let text = format!(
            "Of series in which nothing happened, about {} % have anything found in them: some {:.1} of {}. p is how likely it is that such a \
             series has something that stands out as much.",
            (1e5 * self.level).round() / 1e3,
            self.level * self.series as f64,
            self.series
        );
        out.push_str(&paragraph(&text, 0));
        out.push('\n');
        out.push_str(&self.remarks);
        out
    }
}
