//! Trend, seasons and what remains: STL, and MSTL for several seasons.

mod components;
mod forecaster;
mod loess;
mod mstl;
mod panel;
mod recursion;

pub use components::{Components, Season};
pub use forecaster::{FittedMstl, MstlForecaster};
pub use mstl::Mstl;
pub use panel::{PanelDecomposition, SeriesComponents};

use adflux_core::{Context, Error, Result, parameter};

/// The most steps of a smoothing window.
const WIDEST: usize = 1_000_001;

/// Seasonal and trend decomposition using Loess: a series as trend + season + remainder, the season free to change slowly.
///
/// Season and trend are found in turn, each by local regression on the series without the other. Cleveland, Cleveland, McRae and
/// Terpenning, "STL: A seasonal-trend decomposition procedure based on Loess" (1990). Windows, degrees, rounds and defaults are those of
/// statsmodels' `STL`, whose numbers are golden fixtures; its jumps, which trade exactness for time, are left out.
///
/// Additive: of a series that grows by factors, decompose the logarithm. O(rounds · steps · windows).
///
/// ```
/// use adflux_timeseries::Stl;
/// let week = [4.0, 6.0, 7.0, 5.0, 2.0, -11.0, -13.0];
/// let clicks: Vec<f64> = (0..70).map(|day| 100.0 + 0.5 * day as f64 + week[day % 7]).collect();
/// let parts = Stl::new(7).decompose(&clicks)?;
/// assert!((parts.seasons[0].values[33] - -11.0).abs() < 1e-6);
/// assert!(parts.seasonal_strength(0) > 0.999 && parts.trend_strength() > 0.999);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stl {
    /// Steps after which the series repeats, 2 or more; the series must hold it twice.
    pub period: usize,
    /// Cycles that the season of a step is smoothed over, odd, 3 or more: the wider, the steadier the season. Default 7.
    pub seasonal: usize,
    /// Steps that the trend is smoothed over, odd and above the period. Default: the least odd number from
    /// 1.5 period / (1 − 1.5 / seasonal) on.
    pub trend: Option<usize>,
    /// Steps of the filter that keeps the trend out of the season, odd and above the period. Default: the least there is.
    pub low_pass: Option<usize>,
    /// The degree of the regression of the season, 0 or 1. Default 1.
    pub seasonal_deg: usize,
    /// The degree of the regression of the trend, 0 or 1. Default 1.
    pub trend_deg: usize,
    /// The degree of the regression in the filter, 0 or 1. Default 1.
    pub low_pass_deg: usize,
    /// Whether values that are far off count less: some twenty rounds in place of five. Default no.
    pub robust: bool,
}

impl Stl {
    /// With a season of so many steps.
    pub fn new(period: usize) -> Self {
        Stl {
            period,
            seasonal: 7,
            trend: None,
            low_pass: None,
            seasonal_deg: 1,
            trend_deg: 1,
            low_pass_deg: 1,
            robust: false,
        }
    }

    /// Cycles that the season is smoothed over.
    pub fn seasonal(mut self, seasonal: usize) -> Self {
        self.seasonal = seasonal;
        self
    }

    /// Steps that the trend is smoothed over.
    pub fn trend(mut self, trend: usize) -> Self {
        self.trend = Some(trend);
        self
    }

    /// Steps of the filter that keeps the trend out of the season.
    pub fn low_pass(mut self, low_pass: usize) -> Self {
        self.low_pass = Some(low_pass);
        self
    }

    /// The degrees of the regressions of season, trend and filter.
    pub fn degrees(mut self, seasonal: usize, trend: usize, low_pass: usize) -> Self {
        (self.seasonal_deg, self.trend_deg, self.low_pass_deg) = (seasonal, trend, low_pass);
        self
    }

    /// Whether values that are far off count less.
    pub fn robust(mut self, robust: bool) -> Self {
        self.robust = robust;
        self
    }

    /// Decomposes a series.
    ///
    /// # Errors
    /// When a parameter is out of its range, a value is not finite or beyond 1e150, or the series is shorter than two periods.
    pub fn decompose(&self, values: &[f64]) -> Result<Components> {
        self.decompose_with(values, &Context::default())
    }

    /// As [`decompose`](Self::decompose), on one thread; it can be cancelled.
    ///
    /// # Errors
    /// As [`decompose`](Self::decompose), and when it is cancelled.
    pub fn decompose_with(&self, values: &[f64], context: &Context) -> Result<Components> {
        self.check()?;
        check_values(values)?;
        if values.len() / 2 < self.period {
            let reason = format!("the series has {} steps: a period must fit into it twice", values.len());
            return Err(Error::parameter("period", self.period, reason));
        }
        let parts = recursion::run(self, values, || context.check())?;
        let season = Season { period: self.period, values: parts.season };
        Ok(Components::new(values, parts.trend, vec![season], parts.weights))
    }

    fn check(&self) -> Result<()> {
        parameter::ensure(self.period >= 2, "period", self.period, "must be at least 2")?;
        let odd = |name, window: usize, above: usize| {
            let holds = window % 2 == 1 && window > above && window <= WIDEST;
            parameter::ensure(holds, name, window, &format!("must be an odd number above {above}, at most {WIDEST}"))
        };
        let [seasonal, trend, low_pass] = self.windows();
        odd("seasonal", seasonal, 2)?;
        odd("trend", trend, self.period)?;
        odd("low_pass", low_pass, self.period)?;
        let degrees =
            [("seasonal_deg", self.seasonal_deg), ("trend_deg", self.trend_deg), ("low_pass_deg", self.low_pass_deg)];
        degrees
            .into_iter()
            .try_for_each(|(name, degree)| parameter::ensure(degree <= 1, name, degree, "must be 0 or 1"))
    }

    /// The windows of season, trend and filter.
    fn windows(&self) -> [usize; 3] {
        let usual = 1.5 * self.period as f64 / (1.0 - 1.5 / self.seasonal as f64);
        let trend = self.trend.unwrap_or(usual.ceil() as usize | 1);
        [self.seasonal, trend, self.low_pass.unwrap_or(self.period.saturating_add(1) | 1)]
    }

    /// Rounds of season and trend in turn, and how often the trust in the values is found anew.
    fn rounds(&self) -> (usize, usize) {
        if self.robust { (2, 15) } else { (5, 0) }
    }
}

/// What no decomposition takes.
pub(crate) fn check_values(values: &[f64]) -> Result<()> {
    match values.iter().position(|v| v.is_nan() || v.abs() > 1e150) {
        None => Ok(()),
        Some(step) => Err(Error::data(format!(
            "step {} is {:e}: fill what is missing, and keep numbers below 1e150",
            step + 1,
            values[step]
        ))),
    }
}
