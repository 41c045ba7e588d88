//! Which model would have been nearest.

use crate::{
    forecast::amount,
    measures,
    numbers::percent,
    series::remarks,
    tables::{indented, paragraph, table},
};
use adflux::{
    core::{Panel, PanelReport, Result, Skipped},
    evaluation::{higher_is_better, measures::Measures, scores::Scores},
    timeseries::BacktestReport,
};
use serde::Serialize;
use std::collections::HashSet;

/// A model and what a backtest found.
pub struct Judged {
    pub model: String,
    pub found: Result<BacktestReport>,
    pub seconds: f64,
}

/// The report of `adflux backtest`: the best model first.
#[derive(Debug, Serialize)]
pub struct Report {
    value: Option<String>,
    horizon: usize,
    interval: f64,
    series: usize,
    /// By which the models are sorted.
    by: String,
    models: Vec<Row>,
    #[serde(skip)]
    remarks: String,
}

#[derive(Debug, Serialize)]
struct Row {
    model: String,
    mae: Option<f64>,
    smape: Option<f64>,
    mase: Option<f64>,
    /// The share of outcomes that were in their interval.
    coverage: Option<f64>,
    /// 1 − the ratio of its mean absolute error to that of the naive forecast of a season ago.
    value_added: Option<f64>,
    /// Those that were asked for.
    #[serde(skip_serializing_if = "Scores::is_empty")]
    measures: Scores,
    /// Forecasts that were compared with what came.
    points: usize,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Report {
    pub fn new(
        value: &Option<String>,
        horizon: usize,
        interval: f64,
        judged: &[Judged],
        wanted: &Measures,
        panel: &Panel,
        found_in: &PanelReport,
    ) -> Self {
        // All on the windows that all of them have: one that was excused from a hard series is not better for it.
        let found: Vec<&BacktestReport> = judged.iter().filter_map(|judged| judged.found.as_ref().ok()).collect();
        let on_common = |of: &BacktestReport| found.iter().fold(of.clone(), |of, other| of.on_windows_of(other));
        let common: Vec<Option<BacktestReport>> = judged.iter().map(|j| j.found.as_ref().ok().map(on_common)).collect();
        let naive = judged.iter().zip(&common).find(|(judged, _)| judged.model == super::NAIVE);
        let naive = naive.and_then(|(_, found)| found.as_ref());
        let row = |(judged, found): (&Judged, &Option<BacktestReport>)| {
            let found = found.as_ref();
            let score = found.map(BacktestReport::overall);
            let asked = found.filter(|_| !wanted.is_default()).and_then(|found| found.measures(wanted).ok());
            let finite = |value: f64| Some(value).filter(|v| v.is_finite());
            Row {
                model: judged.model.clone(),
                mae: score.as_ref().and_then(|score| finite(score.mae)),
                smape: score.as_ref().and_then(|score| finite(score.smape)),
                mase: score.as_ref().and_then(|score| score.mase).and_then(finite),
                coverage: score.as_ref().and_then(|score| score.coverage.first().copied()).and_then(finite),
                value_added: found.zip(naive).and_then(|(found, naive)| found.value_added_over(naive).ok()),
                measures: asked.unwrap_or_default(),
                points: score.map_or(0, |score| score.points),
                seconds: judged.seconds,
                error: judged.found.as_ref().err().map(ToString::to_string),
            }
        };
        let mut models: Vec<Row> = judged.iter().zip(&common).map(row).collect();
        let by = wanted.names().next().unwrap_or("mae").to_string();
        let worse = |row: &Row| {
            let value = if wanted.is_default() { row.mae } else { row.measures.get(&by) };
            let sign = if higher_is_better(&by) == Some(true) { -1.0 } else { 1.0 };
            value.filter(|value| !value.is_nan()).map_or(f64::INFINITY, |value| sign * value)
        };
        models.sort_by(|a, b| worse(a).total_cmp(&worse(b)));
        let ids = |found: &BacktestReport| {
            let mut ids: Vec<String> = found.windows.iter().map(|window| window.forecast.id.clone()).collect();
            ids.sort_unstable();
            ids.dedup();
            ids.len()
        };
        // Each series once, with the first reason.
        let (mut skipped, mut seen) = (Vec::new(), HashSet::new());
        for Judged { model, found, .. } in judged {
            for one in found.iter().flat_map(|found| &found.skipped) {
                if seen.insert(&one.id) {
                    skipped.push(Skipped { id: one.id.clone(), reason: format!("by {model}: {}", one.reason) });
                }
            }
        }
        Report {
            value: value.clone(),
            horizon,
            interval,
            by,
            series: common.iter().flatten().map(ids).max().unwrap_or(0),
            models,
            remarks: remarks(panel, found_in, &skipped),
        }
    }

    /// For people.
    pub fn words(&self) -> String {
        let value = self.value.as_deref().unwrap_or_default();
        let steps = if self.horizon == 1 { "1 step".to_string() } else { format!("{} steps", self.horizon) };
        let series = if self.series == 1 { "one series".into() } else { format!("{} series", self.series) };
        let mut out = format!("Backtest of {value}: {series}, {steps} ahead\n\n");
        let within = format!("in {}", percent(self.interval, 0));
        let asked = self.models.iter().map(|row| &row.measures).find(|measures| !measures.is_empty());
        let names: Option<Vec<String>> = asked.map(|asked| asked.iter().map(|(name, _)| name.to_string()).collect());
        let mut header = vec![String::new()];
        match &names {
            Some(names) => header.extend(names.iter().map(|name| measures::name(name))),
            None => header.extend(["MAE", "sMAPE", "MASE"].map(String::from)),
        }
        header.extend([within.clone(), "adds".into()]);
        let mut shown = table(&header.iter().map(String::as_str).collect::<Vec<_>>(), 1);
        for row in &self.models {
            let or = |value: Option<f64>, write: &dyn Fn(f64) -> String| value.map_or("–".to_string(), write);
            let mut cells = vec![row.model.clone()];
            match &names {
                Some(names) => cells
                    .extend(names.iter().map(|name| measures::value(name, row.measures.get(name).unwrap_or(f64::NAN)))),
                None => cells.extend([
                    or(row.mae, &amount),
                    or(row.smape, &|v| percent(v, 1)),
                    or(row.mase, &|v| format!("{v:.2}")),
                ]),
            }
            cells.extend([or(row.coverage, &|v| percent(v, 0)), or(row.value_added, &|v| percent(v, 1))]);
            shown.add_row(cells);
        }
        out.push_str(&indented(&shown));
        out.push('\n');
        let what = if names.is_some() {
            "The measures are those of all forecast values together".to_string()
        } else {
            format!(
                "MAE is the mean distance from what came, in the unit of {value}; MASE the same, 1 being a naive forecast within \
                 the past"
            )
        };
        let text = format!(
            "{what}; `{within}` how many outcomes were in their interval, which should be that many; `adds` how much of the error of \
             the naive forecast of a season ago is gone."
        );
        out.push_str(&paragraph(&text, 0));
        out.push('\n');
        for row in self.models.iter().filter(|row| row.error.is_some()) {
            let error = row.error.as_deref().unwrap_or_default();
            out.push_str(&format!("\n{}\n", paragraph(&format!("{} could not be judged: {error}.", row.model), 0)));
        }
        out.push_str(&self.remarks);
        out
    }
}
