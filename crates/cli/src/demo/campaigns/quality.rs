//! How good the predictions are, on campaigns that were held out, beside honest baselines.

use super::LEVEL;
use crate::demo::Beside;
use adflux::{
    core::{Error, Prediction, Result, Rows as _},
    data::Frame,
    evaluation::metrics::{coverage, interval_score, mae, mean_width, r2, rmse},
};
use ndarray::{Array1, ArrayView1};
use serde::Serialize;
use std::collections::BTreeMap;

/// The rates whose errors are measured.
pub const RATES: [&str; 4] = ["ctr", "cpc", "cpa", "conversion_rate"];
/// The totals whose intervals are measured.
pub const TOTALS: [&str; 4] = ["impressions", "clicks", "applications", "spend"];

#[derive(Serialize)]
pub struct Metrics {
    pub data: String,
    pub rows: SplitRows,
    /// Held-out errors of the rates, beside those of the platform's mean.
    pub rates: BTreeMap<&'static str, RateMetrics>,
    /// Held-out intervals of the totals, beside the marginal interval.
    pub intervals: BTreeMap<&'static str, IntervalMetrics>,
    level: f64,
    /// The share of held-out campaigns of which all four totals are inside their intervals.
    pub all_four_inside: f64,
}

#[derive(Serialize)]
pub struct SplitRows {
    pub train: usize,
    pub test: usize,
}

#[derive(Serialize)]
pub struct RateMetrics {
    /// Held-out campaigns of which the rate is known: those with a click for a CPC, with an application for a CPA.
    pub rows: usize,
    pub mae: Beside,
    pub rmse: Beside,
    pub r2: Beside,
}

#[derive(Serialize)]
pub struct IntervalMetrics {
    pub coverage: Beside,
    pub mean_width: Beside,
    interval_score: Beside,
}

/// What happened, by the names of the quantities of an estimate; NaN where a rate is over nothing.
pub struct Actual(BTreeMap<&'static str, Array1<f64>>);

impl Actual {
    pub fn of(frame: &Frame) -> Result<Self> {
        let total = |name: &str| Ok::<_, Error>(Array1::from(frame.numbers(name)?));
        let [impressions, clicks, applications, spend] =
            [total("impressions")?, total("clicks")?, total("applications")?, total("spend")?];
        let over = |a: &Array1<f64>, b: &Array1<f64>| -> Array1<f64> {
            a.iter().zip(b).map(|(a, b)| if *b > 0.0 { a / b } else { f64::NAN }).collect()
        };
        Ok(Actual(BTreeMap::from([
            ("ctr", over(&clicks, &impressions)),
            ("cpc", over(&spend, &clicks)),
            ("conversion_rate", over(&applications, &clicks)),
            ("cpa", over(&spend, &applications)),
            ("impressions", impressions),
            ("clicks", clicks),
            ("applications", applications),
            ("spend", spend),
        ])))
    }

    pub fn get(&self, name: &str) -> Result<&Array1<f64>> {
        self.0.get(name).ok_or_else(|| Error::column(name, "is not a quantity of a campaign"))
    }
}

/// Measures the estimates of the held-out campaigns.
pub fn measure(
    past: &Actual,
    actual: &Actual,
    past_frame: &Frame,
    held_out: &Frame,
    estimates: &Prediction,
    data: String,
) -> Result<Metrics> {
    let mut rates = BTreeMap::new();
    for name in RATES {
        let mean = platform_mean(past.get(name)?, past_frame, held_out)?;
        let truth = actual.get(name)?;
        let known: Vec<usize> = (0..truth.len()).filter(|r| truth[*r].is_finite()).collect();
        let pick = |v: &Array1<f64>| v.take(&known);
        let (truth, predicted, mean) = (pick(truth), pick(estimates.named(name)?.point()?), pick(&mean));
        type Measure = fn(ArrayView1<f64>, ArrayView1<f64>, Option<ArrayView1<f64>>) -> Result<f64>;
        let beside = |of: Measure| {
            Ok::<_, Error>(Beside {
                value: of(truth.view(), predicted.view(), None)?,
                baseline: of(truth.view(), mean.view(), None)?,
            })
        };
        rates.insert(name, RateMetrics { rows: known.len(), mae: beside(mae)?, rmse: beside(rmse)?, r2: beside(r2)? });
    }
    let mut intervals = BTreeMap::new();
    let mut inside = vec![true; held_out.rows()];
    for name in TOTALS {
        let truth = actual.get(name)?;
        let ours = estimates.named(name)?.intervals()?;
        let (low, high) = marginal(past.get(name)?);
        let (low, high) = (Array1::from_elem(truth.len(), low), Array1::from_elem(truth.len(), high));
        inside.iter_mut().enumerate().for_each(|(r, all)| *all &= (ours.lower[r]..=ours.upper[r]).contains(&truth[r]));
        let of = |lower: &Array1<f64>, upper: &Array1<f64>| {
            let (lower, upper) = (lower.view(), upper.view());
            Ok::<_, Error>([
                coverage(truth.view(), lower, upper, None)?,
                mean_width(lower, upper, None)?,
                interval_score(truth.view(), lower, upper, LEVEL, None)?,
            ])
        };
        let (value, baseline) = (of(&ours.lower, &ours.upper)?, of(&low, &high)?);
        let beside = |i: usize| Beside { value: value[i], baseline: baseline[i] };
        let (coverage, mean_width, interval_score) = (beside(0), beside(1), beside(2));
        intervals.insert(name, IntervalMetrics { coverage, mean_width, interval_score });
    }
    let all = inside.iter().filter(|i| **i).count() as f64 / inside.len() as f64;
    let rows = SplitRows { train: past_frame.rows(), test: held_out.rows() };
    Ok(Metrics { data, rows, rates, intervals, level: LEVEL, all_four_inside: all })
}

/// The honest baseline of a rate: its mean over past campaigns of the same platform (over all, for a new platform).
fn platform_mean(past: &Array1<f64>, past_frame: &Frame, held_out: &Frame) -> Result<Array1<f64>> {
    let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let mut all = (0.0, 0.0);
    for (platform, value) in past_frame.texts("platform")?.iter().zip(past) {
        if value.is_finite() {
            let of = sums.entry(platform.clone()).or_default();
            *of = (of.0 + value, of.1 + 1.0);
            all = (all.0 + value, all.1 + 1.0);
        }
    }
    let mean = |p: &String| sums.get(p).map_or(all.0 / all.1, |(sum, n)| sum / n);
    Ok(held_out.texts("platform")?.iter().map(mean).collect())
}

/// The honest baseline of an interval: where the middle 80 % of past campaigns lie, whatever the campaign.
fn marginal(past: &Array1<f64>) -> (f64, f64) {
    let mut sorted = past.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |level: f64| sorted[((sorted.len() - 1) as f64 * level).round() as usize];
    (at((1.0 - LEVEL) / 2.0), at((1.0 + LEVEL) / 2.0))
}
