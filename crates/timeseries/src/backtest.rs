//! How good forecasts would have been: the past forecast from what was known before it.

mod measures;

use adflux_core::{
    Context, Error, Fit, Forecast, Forecaster, Panel, Result, Series, SeriesForecast, Skipped, parameter,
};
use adflux_evaluation::metrics::{mae, smape};
use ndarray::{Array1, Array2, Axis};
use std::collections::HashSet;

/// A backtest by a rolling origin: a forecaster is fitted on each series up to an origin, forecasts the steps after it, and is judged by
/// what came; then from an origin further on, fitted anew.
///
/// Origins are counted back from the end of each series, so that series that end at different times are judged alike. A series that is
/// too short for an origin is left out there. Cost: a fit for each window. Tashman (2000), "Out-of-sample tests of forecasting accuracy".
///
/// ```text
/// windows = 3, step = 2, horizon = 2
/// ■■■■■■□□
/// ■■■■□□
/// ■■□□
/// ```
///
/// ```
/// use adflux_core::{Context, Panel};
/// use adflux_timeseries::{Backtest, Drift, Naive};
/// let panel = Panel::from_values([("clicks", (0..40).map(|t| 5.0 + 2.0 * f64::from(t)).collect())])?;
/// let backtest = Backtest::new(3).windows(4);
/// let (naive, drift) = (backtest.run(&Naive::default(), &panel, &Context::default())?,
///     backtest.run(&Drift::default(), &panel, &Context::default())?);
/// assert_eq!(naive.overall().mae, 4.0, "2, 4 and 6 on a line of slope 2");
/// assert_eq!(drift.value_added_over(&naive)?, 1.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// Steps that are forecast from each origin.
    pub horizon: usize,
    /// Origins of each series. Default 3.
    pub windows: usize,
    /// Steps from one origin to the next. Default: the horizon.
    pub step: Option<usize>,
    /// The season of the naive forecast that the MASE is scaled by. Default 1.
    pub season_length: usize,
    /// Levels of the intervals that are judged. Default 0.8.
    pub levels: Vec<f64>,
    /// Whether the forecaster is fitted anew at each origin. Default true; otherwise it is fitted at the first, and from there on
    /// [updated](Forecaster::updated): what it costs to run a campaign with a forecaster that learns at times only.
    pub refit: bool,
}

/// The errors of a backtest: of one series, or of all.
#[derive(Clone, Debug, PartialEq)]
pub struct BacktestScore {
    /// The mean absolute error, in the unit of the series.
    pub mae: f64,
    /// The symmetric mean absolute percentage error, from 0 to 2.
    pub smape: f64,
    /// The mean absolute scaled error; `None` where a history repeats itself exactly, so that it cannot be scaled.
    pub mase: Option<f64>,
    /// Of each level, the share of values that were in their interval.
    pub coverage: Vec<f64>,
    /// Values that were forecast and are known.
    pub points: usize,
}

/// One window of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct BacktestWindow {
    /// Steps of the series that were known.
    pub known: usize,
    /// What was forecast from there.
    pub forecast: SeriesForecast,
    /// What came; NaN is not known.
    pub truth: Array1<f64>,
    /// How they compare; `None` when nothing of the truth is known.
    pub score: Option<BacktestScore>,
}

/// What a [`Backtest`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct BacktestReport {
    /// The levels of the intervals.
    pub levels: Vec<f64>,
    /// The windows, the earliest origin first, within it the series in the order of the panel.
    pub windows: Vec<BacktestWindow>,
    /// Series that were not judged in some window, and why.
    pub skipped: Vec<Skipped>,
}

impl Backtest {
    /// Of so many steps ahead.
    pub fn new(horizon: usize) -> Self {
        Backtest { horizon, windows: 3, step: None, season_length: 1, levels: vec![0.8], refit: true }
    }

    /// From so many origins.
    pub fn windows(mut self, windows: usize) -> Self {
        self.windows = windows;
        self
    }

    /// So many steps apart.
    pub fn step(mut self, step: usize) -> Self {
        self.step = Some(step);
        self
    }

    /// With a MASE scaled by the naive forecast of this season.
    pub fn season_length(mut self, season_length: usize) -> Self {
        self.season_length = season_length;
        self
    }

    /// Judging intervals of these levels.
    pub fn levels(mut self, levels: impl Into<Vec<f64>>) -> Self {
        self.levels = levels.into();
        self
    }

    /// Whether it is fitted anew at each origin.
    pub fn refit(mut self, refit: bool) -> Self {
        self.refit = refit;
        self
    }

    /// Judges `recipe` on `panel`, whose covariates are taken as known ahead.
    ///
    /// # Errors
    /// When a parameter is out of its range, no series can be judged in any window, or the work is cancelled.
    pub fn run<R>(&self, recipe: &R, panel: &Panel, context: &Context) -> Result<BacktestReport>
    where
        R: Fit<Panel>,
        R::Fitted: Forecaster,
    {
        Forecast::check(self.horizon, &self.levels)?;
        parameter::at_least_one("windows", self.windows)?;
        parameter::at_least_one("season_length", self.season_length)?;
        let step = self.step.unwrap_or(self.horizon);
        parameter::at_least_one("step", step)?;

        let mut fitted = None;
        let mut report = BacktestReport { levels: self.levels.clone(), windows: Vec::new(), skipped: Vec::new() };
        for window in 0..self.windows {
            context.check()?;
            // The latest origin leaves one horizon.
            let back = (self.windows - 1 - window).saturating_mul(step).saturating_add(self.horizon);
            let known = |series: &Series| series.values().len().checked_sub(back).filter(|known| *known > 0);
            let past = panel.map(|series| Some(series.head(known(series)?)))?;
            for series in panel.series().iter().filter(|series| known(series).is_none()) {
                let reason = format!("{} steps, where more than {back} are needed", series.values().len());
                report.skipped.push(Skipped { id: series.id().into(), reason });
            }
            if !past.is_empty() {
                let part = format!("window {} of {}", window + 1, self.windows);
                let labelled = context.labelled(&part);
                let known = match &fitted {
                    Some(fitted) if !self.refit => R::Fitted::updated(fitted, &past),
                    _ => recipe.fit_with(past.clone(), &labelled),
                };
                match known {
                    Ok(known) => {
                        self.judge(&known, panel, &past, &mut report).map_err(|e| e.in_part(part, &[]))?;
                        fitted = Some(known);
                    }
                    // Too early for every series, it may be; later windows know more.
                    Err(error) if is_of_data(&error) => {
                        let skipped = |series: &Series| Skipped { id: series.id().into(), reason: error.to_string() };
                        report.skipped.extend(past.series().iter().map(skipped));
                    }
                    Err(error) => return Err(error.in_part(part, &[])),
                }
            }
            context.report("backtest", window as u64 + 1, Some(self.windows as u64));
        }
        match (report.windows.is_empty(), report.skipped.first()) {
            (true, Some(first)) => {
                Err(Error::data(format!("no series can be judged; `{}`: {}", first.id, first.reason)))
            }
            (true, None) => Err(Error::data("a panel without series: nothing can be judged")),
            _ => Ok(report),
        }
    }

    /// Compares what is forecast after `past` with what came in `panel`.
    fn judge(&self, fitted: &impl Forecaster, panel: &Panel, past: &Panel, report: &mut BacktestReport) -> Result<()> {
        let forecast = fitted.forecast(self.horizon, &self.levels, Some(panel))?;
        report.skipped.extend(forecast.skipped);
        for of in forecast.series {
            let history = past.get(&of.id)?.values();
            let truth = &panel.get(&of.id)?.values()[history.len()..history.len() + self.horizon];
            let shape = (self.horizon, self.levels.len());
            if of.mean.len() != self.horizon || of.lower.dim() != shape || of.upper.dim() != shape {
                let reason = "the forecaster gives other steps or intervals than it was asked for";
                return Err(Error::data(format!("series `{}`: {reason}", of.id)));
            }
            let score = self.score(&of, truth, history)?;
            report.windows.push(BacktestWindow {
                known: history.len(),
                forecast: of,
                truth: truth.to_vec().into(),
                score,
            });
        }
        Ok(())
    }

    fn score(&self, of: &SeriesForecast, truth: &[f64], history: &[f64]) -> Result<Option<BacktestScore>> {
        let known: Vec<usize> = (0..truth.len()).filter(|step| !truth[*step].is_nan()).collect();
        if known.is_empty() {
            return Ok(None);
        }
        let truth: Array1<f64> = known.iter().map(|step| truth[*step]).collect();
        let mean = of.mean.select(Axis(0), &known);
        let ends = |ends: &Array2<f64>| ends.select(Axis(0), &known);
        let (lower, upper) = (ends(&of.lower), ends(&of.upper));
        let coverage = (0..self.levels.len()).map(|level| {
            let within = |step: &usize| lower[[*step, level]] <= truth[*step] && truth[*step] <= upper[[*step, level]];
            (0..truth.len()).filter(within).count() as f64 / truth.len() as f64
        });
        let off = mae(truth.view(), mean.view(), None)?;
        Ok(Some(BacktestScore {
            mae: off,
            smape: smape(truth.view(), mean.view(), None)?,
            mase: self.scale(history).map(|scale| off / scale),
            coverage: coverage.collect(),
            points: truth.len(),
        }))
    }
}

impl Backtest {
    /// What the naive forecast of a season before was off by in the past, over the pairs of values that are known; `None` of none, and
    /// where it was never off. Without gaps the scale of [`mase`](adflux_evaluation::metrics::mase).
    fn scale(&self, history: &[f64]) -> Option<f64> {
        let pairs = history.iter().zip(history.get(self.season_length..)?);
        let steps: Vec<f64> = pairs.map(|(then, now)| (now - then).abs()).filter(|step| !step.is_nan()).collect();
        let scale = steps.iter().sum::<f64>() / steps.len() as f64;
        (scale > 0.0 && scale.is_finite()).then_some(scale)
    }
}

/// Whether it is the data that could not be fitted, rather than the recipe that is wrong or the work cancelled.
pub(crate) fn is_of_data(error: &Error) -> bool {
    match error {
        Error::Data(_) => true,
        Error::Step { source, .. } | Error::Part { source, .. } => is_of_data(source),
        _ => false,
    }
}

impl BacktestReport {
    /// Only the windows of series that the other report has too, so that means compare.
    pub fn on_windows_of(&self, other: &BacktestReport) -> Self {
        let place = |window: &BacktestWindow| (window.forecast.id.clone(), window.known);
        let theirs: HashSet<(String, usize)> = other.windows.iter().map(place).collect();
        let windows = self.windows.iter().filter(|window| theirs.contains(&place(window))).cloned().collect();
        BacktestReport { levels: self.levels.clone(), windows, skipped: self.skipped.clone() }
    }

    /// The mean of the scores of the series called `id` over its windows; `None` when it was never judged.
    pub fn series(&self, id: &str) -> Option<BacktestScore> {
        self.mean(|window| window.forecast.id == id)
    }

    /// The mean of the scores of all series and windows, each counting the same, as in the M4 competition.
    pub fn overall(&self) -> BacktestScore {
        let none = BacktestScore {
            mae: f64::NAN,
            smape: f64::NAN,
            mase: None,
            coverage: vec![f64::NAN; self.levels.len()],
            points: 0,
        };
        self.mean(|_| true).unwrap_or(none)
    }

    /// What this forecaster adds to `other`, usually [`SeasonalNaive`](crate::SeasonalNaive): 1 − the ratio of their mean absolute
    /// errors. 0 is nothing, 1 all, and below 0 is worse.
    ///
    /// # Errors
    /// When they were not judged on the same windows, or the other is without error.
    pub fn value_added_over(&self, other: &BacktestReport) -> Result<f64> {
        let same = |(a, b): (&BacktestWindow, &BacktestWindow)| a.forecast.id == b.forecast.id && a.known == b.known;
        if self.windows.len() != other.windows.len() || !self.windows.iter().zip(&other.windows).all(same) {
            return Err(Error::data("two backtests of different windows or series: their errors do not compare"));
        }
        let (ours, theirs) = (self.overall().mae, other.overall().mae);
        if theirs > 0.0 { Ok(1.0 - ours / theirs) } else { Err(Error::data("the other forecast is without error")) }
    }

    fn mean(&self, wanted: impl Fn(&BacktestWindow) -> bool) -> Option<BacktestScore> {
        let scores: Vec<&BacktestScore> =
            self.windows.iter().filter(|window| wanted(window)).filter_map(|window| window.score.as_ref()).collect();
        let count = scores.len() as f64;
        let mean = |of: &dyn Fn(&BacktestScore) -> f64| scores.iter().map(|score| of(score)).sum::<f64>() / count;
        let scaled: Vec<f64> = scores.iter().filter_map(|score| score.mase).collect();
        (!scores.is_empty()).then(|| BacktestScore {
            mae: mean(&|score| score.mae),
            smape: mean(&|score| score.smape),
            mase: (!scaled.is_empty()).then(|| scaled.iter().sum::<f64>() / scaled.len() as f64),
            coverage: (0..self.levels.len()).map(|level| mean(&|score| score.coverage[level])).collect(),
            points: scores.iter().map(|score| score.points).sum(),
        })
    }
}
