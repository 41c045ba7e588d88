//! What a forecast says, series by series.

use crate::{
    numbers::percent,
    series::{name_of, remarks},
    tables::{indented, paragraph, table},
};
use adflux::{
    core::{Error, Forecast, Panel, Paths, SeriesPaths, Skipped},
    evaluation::quantiles::quantiles,
    pipeline::FittedForecasting,
};
use serde::Serialize;
use std::collections::HashMap;

/// The report of `adflux forecast`.
#[derive(Debug, Serialize)]
pub struct Report {
    model: String,
    value: String,
    horizon: usize,
    interval: f64,
    from: Option<String>,
    to: Option<String>,
    seconds: f64,
    series: Vec<Row>,
    skipped: Vec<Skipped>,
    left_out: Vec<Skipped>,
    #[serde(skip)]
    remarks: String,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    /// Steps that were known.
    steps: usize,
    /// The sum of the last `horizon` steps; none where one of them is missing.
    before: Option<f64>,
    /// The sum of the forecast.
    sum: f64,
    lower: Option<f64>,
    upper: Option<f64>,
}

impl Report {
    pub fn new(fitted: &FittedForecasting, panel: &Panel, forecast: &Forecast, paths: Result<&Paths, &Error>) -> Self {
        let interval = forecast.levels.first().copied().unwrap_or(f64::NAN);
        let horizon = forecast.series.first().map_or(0, |series| series.mean.len());
        let drawn: HashMap<&str, &SeriesPaths> =
            paths.iter().flat_map(|paths| &paths.series).map(|paths| (paths.id.as_str(), paths)).collect();
        let row = |of: &adflux::core::SeriesForecast| {
            let values = panel.get(&of.id).map(|series| series.values()).unwrap_or_default();
            let before = values.len().checked_sub(horizon).map(|start| values[start..].iter().sum::<f64>());
            let sums = drawn.get(of.id.as_str()).map(|paths| {
                let tail = (1.0 - interval) / 2.0;
                quantiles(&mut paths.sums().to_vec(), &[tail, 1.0 - tail])
            });
            let end = |place: usize| sums.as_ref().and_then(|ends| ends.get(place)).copied();
            Row {
                id: of.id.clone(),
                steps: values.len(),
                before: before.filter(|sum| sum.is_finite()),
                sum: of.mean.sum(),
                lower: end(0),
                upper: end(1),
            }
        };
        let time = |time: Option<i64>| time.map(|time| forecast.frequency.text(time));
        let times = || forecast.series.iter().map(|series| &series.times);
        Report {
            model: name_of(&fitted.record.spec).to_string(),
            value: fitted.columns.value.clone(),
            horizon,
            interval,
            from: time(times().filter_map(|times| times.first().copied()).min()),
            to: time(times().filter_map(|times| times.last().copied()).max()),
            seconds: fitted.record.seconds,
            series: forecast.series.iter().map(row).collect(),
            skipped: forecast.skipped.clone(),
            left_out: fitted.report.left_out.clone(),
            remarks: remarks(panel, &fitted.report, &forecast.skipped)
                + &paths.err().map_or_else(String::new, |e| {
                    format!("\n{}\n", paragraph(&format!("Sums have no interval: {e}."), 0))
                }),
        }
    }

    /// For people: the largest series first.
    pub fn words(&self) -> String {
        const SHOWN: usize = 20;
        let steps = if self.horizon == 1 { "step".to_string() } else { format!("{} steps", self.horizon) };
        let when = match (&self.from, &self.to) {
            (Some(from), Some(to)) if from != to => format!(", {from} to {to}"),
            (Some(from), _) => format!(", {from}"),
            _ => String::new(),
        };
        let series = if self.series.len() == 1 { "one series".into() } else { format!("{} series", self.series.len()) };
        let mut out = format!("Forecast of {}: {series}, next {steps}{when}\n", self.value);
        out.push_str(&format!("Model: {}\n\n", self.model));
        let mut rows: Vec<&Row> = self.series.iter().collect();
        rows.sort_by(|a, b| b.sum.total_cmp(&a.sum));
        let interval = format!("{} interval", percent(self.interval, 0));
        let mut shown =
            table(&["", &format!("last {}", self.horizon), &format!("next {}", self.horizon), "change", &interval], 1);
        for row in rows.iter().take(SHOWN) {
            let change = row.before.filter(|before| *before != 0.0).map(|before| row.sum / before - 1.0);
            let ends = row.lower.zip(row.upper).map(|(lower, upper)| format!("{} – {}", amount(lower), amount(upper)));
            let none = || "–".to_string();
            shown.add_row([
                row.id.clone(),
                row.before.map_or_else(none, amount),
                amount(row.sum),
                change.map_or_else(none, |change| {
                    format!("{}{}", if change < 0.0 { "" } else { "+" }, percent(change, 1))
                }),
                ends.unwrap_or_else(none),
            ]);
        }
        out.push_str(&indented(&shown));
        if rows.len() > SHOWN {
            out.push_str(&format!(
                "   and {} series more, in the table of -o and in --format json\n",
                rows.len() - SHOWN
            ));
        }
        out.push_str(&self.remarks);
        out
    }
}

/// With as many decimals as matter: 12,345 or 3.21 or 0.0123.
pub fn amount(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 || value.fract() == 0.0 {
        crate::numbers::count(value)
    } else if size >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.4}")
    }
}
