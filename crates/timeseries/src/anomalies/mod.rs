//! Anomalies: values and levels that are out of the ordinary.

mod ground;
mod noise;
mod panel;
mod scan;
mod search;
mod tails;

use adflux_core::{Context, Frequency, Panel, Result, Skipped, parameter};
use serde::{Deserialize, Serialize};

/// Finds what is out of the ordinary in each series of a panel, looking back over all of it: single values (an outage, a bot), and levels
/// that stay (a tag that broke, a new price).
///
/// Ordinary is a trend, seasons, and errors that go on from step to step (an autoregression). A value is judged by what all other values,
/// before and after, say of it; a level by what a step in the trend would explain. What stands out most is taken into the model and all is fitted
/// again, as in Chen and Liu, "Joint estimation of model parameters and outlier effects in time series" (1993); what differs is below.
///
/// # What the level means
///
/// Of series in which nothing happened, this share is meant to have anything found in it: half of it for values, half for levels.
/// - How far ordinary values lie is learned from the series, a Student's t distribution with a width for each side: heavy tails and counts do not
///   raise alarms, but then it takes more to stand out. The probability is averaged over what tails the series allows, and multiplied by
///   the number of values (Bonferroni).
/// - The limit for levels is the probability that the statistics, each like its neighbours, come so high anywhere (Siegmund 1985). What trend
///   and season follow of the noise, more at the ends, is in each statistic's own deviation.
///
/// Counted by simulation in the tests of this crate, at a level of 5 % and for complete series of 150 and 400 steps only: 3 to 6 % for normal errors, independent
/// and dependent, with trend and week; up to 8 % for counts about 5, and at 400 steps for a t distribution with five degrees of freedom; at 150 steps 8 % for a
/// trend that bends and 12 % for that t distribution: too short to tell a bend from a step, or heavy tails from an anomaly. Other levels and lengths, and series
/// with missing values, were not counted.
///
/// ```
/// use adflux_core::{Context, Panel};
/// use adflux_timeseries::{Anomalies, AnomalyKind};
/// let week = [80.0, 95.0, 99.0, 90.0, 85.0, 40.0, 35.0];
/// let mut clicks: Vec<f64> = (0..98).map(|day| week[day % 7] + (day * day % 11) as f64).collect();
/// clicks[40] = 5.0;
/// clicks[70..].iter_mut().for_each(|clicks| *clicks += 30.0);
/// let report = Anomalies::new([7]).detect(&Panel::from_values([("meta", clicks)])?, &Context::default())?;
/// let found: Vec<_> = report.get("meta")?.anomalies.iter().map(|a| (a.time, a.kind)).collect();
/// assert_eq!(found, [(40, AnomalyKind::Point), (70, AnomalyKind::LevelShift)]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// Missing values are not judged. O(a (n p² + n p q)) a series of n steps with p columns (four and more of trend, two for each wave of a season, one for each
/// missing value) and an autoregression of order q, where a anomalies are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Anomalies {
    /// The steps after which the series repeats, each 2 or more; a season that the series does not hold three times is left out. Default: none.
    pub periods: Vec<usize>,
    /// The share of ordinary series in which anything may be found, above 0 and at most 0.5. Default 0.05.
    pub level: f64,
    /// Steps that a level must last on either side to be one, 3 or more: what is shorter is single values. Default 7.
    pub shift_after: usize,
    /// The trend is a line and waves no shorter than so many steps, 10 or more. What is faster is autoregression, or stands out. Default 120; four half waves where
    /// the series has less than two such waves.
    pub wave: usize,
}

impl Default for Anomalies {
    fn default() -> Self {
        Anomalies::new([])
    }
}

/// What is out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnomalyKind {
    /// A single value.
    Point,
    /// A level that stays.
    LevelShift,
}

/// Something out of the ordinary.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Anomaly {
    /// Its place in the arrays of [`SeriesAnomalies`]; of a level, its first step.
    pub step: usize,
    /// The time of that step.
    pub time: i64,
    /// A value or a level.
    pub kind: AnomalyKind,
    /// How many steps it lasts: 1, or of a level, up to the next or to the end.
    pub steps: usize,
    /// How far the value is from what was expected, or by how much the level changed.
    pub effect: f64,
    /// The probability that an ordinary series has something anywhere that stands out as much; below half the level.
    pub p_value: f64,
}

/// One series, what was expected of it, and what was found.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesAnomalies {
    /// The series.
    pub id: String,
    /// The time of each step, from the first known value to the last.
    pub times: Vec<i64>,
    /// The values; NaN is missing.
    pub values: Vec<f64>,
    /// What all other values, before and after, say of each: levels that were found are known there, single anomalies left out.
    pub expected: Vec<f64>,
    /// The lower end of what is ordinary; NaN where the value is missing. A point anomaly is a value outside.
    pub lower: Vec<f64>,
    /// The upper end.
    pub upper: Vec<f64>,
    /// What was found, by time.
    pub anomalies: Vec<Anomaly>,
}

/// What [`Anomalies`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct AnomalyReport {
    /// How far apart the steps are.
    pub frequency: Frequency,
    /// The series that could be judged, in the order of the panel.
    pub series: Vec<SeriesAnomalies>,
    /// The series that could not, and why.
    pub skipped: Vec<Skipped>,
}

impl Anomalies {
    /// With seasons of so many steps; none for series that do not repeat.
    pub fn new(periods: impl Into<Vec<usize>>) -> Self {
        Anomalies { periods: periods.into(), level: 0.05, shift_after: 7, wave: 120 }
    }

    /// The share of ordinary series in which anything may be found.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Steps that a level must last to be one.
    pub fn shift_after(mut self, shift_after: usize) -> Self {
        self.shift_after = shift_after;
        self
    }

    /// The shortest wave of the trend, in steps.
    pub fn wave(mut self, wave: usize) -> Self {
        self.wave = wave;
        self
    }

    /// Judges each series of the panel, in parallel.
    ///
    /// # Errors
    /// When a parameter is out of its range, or the work is cancelled. A series that cannot be judged is in
    /// [`AnomalyReport::skipped`], with the reason: fewer than 20 steps, more than a third of them missing, more than half of the values the same
    /// while others are not, as with intermittent demand, or too many steps: n p above 5·10⁷ or n p² above 2·10¹⁰, as of a year of minutes. A longer
    /// [`wave`](Self::wave) has fewer columns, and so have longer steps.
    pub fn detect(&self, panel: &Panel, context: &Context) -> Result<AnomalyReport> {
        parameter::ensure(self.level > 0.0 && self.level <= 0.5, "level", self.level, "must be above 0, at most 0.5")?;
        parameter::ensure(self.shift_after >= 3, "shift_after", self.shift_after, "must be at least 3")?;
        parameter::ensure(self.wave >= 10, "wave", self.wave, "must be at least 10")?;
        for period in &self.periods {
            parameter::ensure(*period >= 2, "periods", format!("{:?}", self.periods), "each must be at least 2")?;
        }
        self.judge(panel, context)
    }
}
