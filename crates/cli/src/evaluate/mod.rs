//! `adflux evaluate`: how well a saved pipeline predicts rows whose outcome is known, and whether it treats groups alike.

mod fairness;

use crate::{
    columns::renamed,
    format::{Format, print_json, print_text},
    measures,
    numbers::{count, rows},
    resampling,
    tables::{paragraph, table, warned},
};
use adflux::{
    core::{Context, Prediction, Result, Rows as _, Target},
    data::Frame,
    evaluation::{BootstrapOptions, Measures, ScoreInterval, Scores, fairness::Groups, score_intervals_of},
    pipeline::{AnyFittedPipeline, groups_of},
};
use fairness::{Fairness, People};
use ndarray::{Array1, ArrayView1};
use serde::Serialize;
use std::{collections::BTreeMap, path::PathBuf};

/// Of more rows than this a sample is drawn for the intervals, which bounds their time whatever the file.
const SAMPLE: usize = 20_000;
const LEVEL: f64 = 0.95;

/// Judge a saved pipeline on rows whose outcome is known.
///
/// Every measure has its 95 % interval from drawing the rows again and again (bootstrap). With --by, the rows of each group are
/// judged apart; where classes are predicted it also says whether the groups are selected alike (four-fifths rule, equal
/// opportunity, calibration).
///
/// Example: adflux evaluate callbacks.adflux resumes.csv --by gender,race
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The saved pipeline.
    model: PathBuf,
    /// The table with the outcome, as for `train`; `-` is standard input.
    file: PathBuf,
    /// Judge the rows of each value of this column by themselves too, for example a sensitive one; of several columns each
    /// combination.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    by: Vec<String>,
    /// What to measure, by name, in place of the usual; one that is not there names all.
    #[arg(long, value_name = "NAMES")]
    measures: Option<Measures>,
    /// The class that is good to get, for the fairness numbers of --by. Default: the second of two.
    #[arg(long, value_name = "LABEL", requires = "by")]
    positive: Option<String>,
    /// Who counts as selected: rows with at least this probability of that class. Default: those for whom it is the most
    /// probable class.
    #[arg(long, value_name = "P", requires = "by")]
    threshold: Option<f64>,
    /// Groups of fewer rows are shown, and not compared.
    #[arg(long, value_name = "N", default_value_t = 30, requires = "by")]
    min_rows: usize,
    /// How much each row counts. Default: all the same, whatever they counted in training.
    #[arg(long, value_name = "COL")]
    weight: Option<String>,
    /// Rows with the same value belong together (the applications of a candidate): the intervals draw them as wholes, and
    /// those of --by count them as fewer.
    #[arg(long, value_name = "COL")]
    group: Option<String>,
    /// How often the rows are drawn for the intervals, 100 or more; 0 leaves them out.
    #[arg(long, default_value_t = 1000)]
    resamples: usize,
    /// The same seed draws the same rows.
    #[arg(long, default_value_t = 42)]
    seed: u64,
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
    intervals: Option<Intervals>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<By>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Intervals {
    level: f64,
    resamples: usize,
    metrics: BTreeMap<String, Ends>,
}

#[derive(Serialize)]
struct Ends {
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Serialize)]
struct By {
    column: String,
    groups: Vec<Group>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fairness: Option<Fairness>,
}

#[derive(Serialize)]
struct Group {
    value: String,
    rows: usize,
    metrics: Scores,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    resampling::enough(arguments.resamples)?;
    let fitted = AnyFittedPipeline::load(&arguments.model, &adflux::registry()?)?;
    let frame = Frame::read_with(&arguments.file, &fitted.schema)?;
    context.check()?;
    let in_columns = |e| renamed(e, &[("weights", arguments.weight.as_ref())]);
    let report = judge(arguments, &fitted, &frame, context).map_err(|e| in_columns(e).in_file(&arguments.file))?;
    match arguments.format {
        Format::Json => print_json(&report),
        Format::Table => print_text(&words(&report)),
    }
}

fn judge<'a>(
    arguments: &Arguments,
    fitted: &'a AnyFittedPipeline,
    frame: &Frame,
    context: &Context,
) -> Result<Report<'a>> {
    let weights = arguments.weight.as_ref().map(|column| frame.numbers(column)).transpose()?.map(Array1::from);
    let (truth, weights) = fitted.truth_of(frame, weights)?;
    let predicted = fitted.run(frame)?;
    context.check()?;
    let weights = weights.as_ref().map(Array1::view);
    let wanted = arguments.measures.clone().unwrap_or_default();
    let metrics = wanted.score(&truth, &predicted, weights)?;
    let clusters = resampling::groups(frame, arguments.group.as_ref())?;
    let intervals = match arguments.resamples {
        0 => None,
        resamples => {
            let groups = clusters.as_deref();
            let options =
                BootstrapOptions { resamples, level: LEVEL, seed: arguments.seed, groups, ..Default::default() };
            let all = score_intervals_of(&wanted, &truth, &predicted, weights, Some(SAMPLE), &options, context)?;
            // Of one row every draw is the same.
            let several = frame.rows() > 1;
            Some(Intervals { level: LEVEL, resamples, metrics: all.into_iter().map(|i| ends(i, several)).collect() })
        }
    };
    let by = match &arguments.by[..] {
        [] => None,
        columns => {
            let names: Vec<&str> = columns.iter().map(String::as_str).collect();
            let groups = groups_of(frame, &names)?;
            let people = People { groups: &groups, weights, clusters: clusters.as_deref() };
            let fairness = match (&truth, &predicted) {
                (Target::Classes(truth), Prediction::Classes(predicted)) => {
                    fairness::judge(arguments, truth, predicted, &people)?
                }
                (Target::Classes(truth), Prediction::Sets(predicted)) => {
                    fairness::judge(arguments, truth, &predicted.classes, &people)?
                }
                _ => None,
            };
            let each = of_groups(&groups, &wanted, &truth, &predicted, weights)?;
            Some(By { column: columns.join(","), groups: each, fairness })
        }
    };
    let warnings = already_seen(fitted, frame)?.into_iter().collect();
    Ok(Report { model: fitted.kinds()[1], rows: frame.rows(), metrics, intervals, by, warnings })
}

/// The measures of each group, NaN where they are not defined. As in the fairness numbers rows of weight 0 take no part.
fn of_groups(
    groups: &Groups,
    wanted: &Measures,
    truth: &Target,
    predicted: &Prediction,
    weights: Option<ArrayView1<f64>>,
) -> Result<Vec<Group>> {
    let mut all = Vec::new();
    for (name, mut rows) in groups.names().iter().zip(groups.rows()) {
        rows.retain(|row| weights.is_none_or(|weights| weights[*row] > 0.0));
        if rows.is_empty() {
            continue;
        }
        let weights: Option<Array1<f64>> = weights.map(|w| rows.iter().map(|row| w[*row]).collect());
        let weights = weights.as_ref().map(Array1::view);
        let metrics = wanted.score_where_defined(&truth.take(&rows), &predicted.take(&rows), weights)?;
        all.push(Group { value: name.clone(), rows: rows.len(), metrics });
    }
    Ok(all)
}

/// What to say of a table that the pipeline was trained on.
pub fn already_seen(fitted: &AnyFittedPipeline, frame: &Frame) -> Result<Option<String>> {
    let (own, training) = (fitted.fingerprint_of(frame, &fitted.target_of(frame)?)?, &fitted.training);
    Ok(if own == training.fingerprint {
        Some("these are the rows that it learned from: on new rows it is not as good".into())
    } else if training.table.as_ref() == Some(&own) {
        let learned = rows(training.rows);
        Some(format!(
            "this is the table that it was trained on, of which it learned from {learned}: on new rows it is not as good"
        ))
    } else {
        None
    })
}

fn ends(interval: ScoreInterval, several: bool) -> (String, Ends) {
    let known = |end: f64| (several && end.is_finite()).then_some(end);
    (interval.measure, Ends { lower: known(interval.lower), upper: known(interval.upper) })
}

fn words(report: &Report) -> String {
    let mut out = format!("{}, judged on {}\n\n", report.model, rows(report.rows));
    let interval = |name: &str| {
        let ends = report.intervals.as_ref().and_then(|intervals| intervals.metrics.get(name));
        match ends.and_then(|ends| ends.lower.zip(ends.upper)) {
            Some((lower, upper)) => format!("{} to {}", measures::value(name, lower), measures::value(name, upper)),
            None => "–".into(),
        }
    };
    if report.intervals.is_some() {
        let mut lines = table(&["", "value", "95 % interval", ""], 1);
        for (name, value) in report.metrics.iter() {
            let value = measures::value(name, value);
            lines.add_row([measures::name(name), value, interval(name), measures::better(name).into()]);
        }
        out.push_str(&lines.to_string());
    } else {
        let mut lines = table(&["", "value", ""], 1);
        for (name, value) in report.metrics.iter() {
            lines.add_row([measures::name(name), measures::value(name, value), measures::better(name).into()]);
        }
        out.push_str(&lines.to_string());
    }
    if let Some(by) = &report.by {
        out.push_str(&format!("\n\nby {}\n\n", by.column));
        // As many measures as fit beside each other.
        let names: Vec<&str> = report.metrics.iter().map(|(name, _)| name).collect();
        let few = names.len().min(1);
        let shown = (few..=names.len()).rev().find(|shown| fits(&groups(by, &names[..*shown]))).unwrap_or(few);
        out.push_str(&groups(by, &names[..shown]));
        let left: Vec<String> = names[shown..].iter().map(|name| measures::name(name)).collect();
        out.push_str(&left_out(&left));
        if let Some(fairness) = &by.fairness {
            out.push_str(&format!("\n\n{}", fairness.words()));
        }
    }
    out.push_str(&warned(&report.warnings));
    out
}

/// What is said below a table of the columns that have no room in it.
fn left_out(columns: &[String]) -> String {
    match columns {
        [] => String::new(),
        columns => format!("\n{}", paragraph(&format!("no room for {}: --format json has all", columns.join(", ")), 0)),
    }
}

/// Whether a text has no line of more than 80 characters.
fn fits(text: &str) -> bool {
    text.lines().all(|line| line.trim_end().chars().count() <= 80)
}

/// A row for each group, with some of the measures.
fn groups(by: &By, names: &[&str]) -> String {
    let titles: Vec<String> = names.iter().map(|name| measures::name(name)).collect();
    let header: Vec<&str> = ["", "rows"].into_iter().chain(titles.iter().map(String::as_str)).collect();
    let mut rows = table(&header, 1);
    for group in &by.groups {
        let values =
            names.iter().map(|name| group.metrics.get(name).map_or("–".into(), |v| measures::value(name, v)));
        rows.add_row([shown(&group.value), count(group.rows as f64)].into_iter().chain(values));
    }
    rows.to_string()
}

/// The name of a group.
fn shown(name: &str) -> String {
    if name.is_empty() { "(missing)".into() } else { name.into() }
}
