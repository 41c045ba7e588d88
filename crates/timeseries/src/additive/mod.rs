//! An additive model in Prophet's manner: a trend of lines, waves of seasons, covariates.

mod design;
mod model;
mod solve;

pub use model::{AdditiveModel, AdditiveSummary, FittedAdditive};

use crate::local::{FittedLocal, LocalRecipe};
use adflux_core::{
    Context, Fit, Frequency, Panel, Result,
    parameter::{between_one_and, ensure, positive},
};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// The most change points; the cost grows with their square.
const MOST_CHANGES: usize = 500;
/// The most waves of a season.
const MOST_WAVES: usize = 200;
const DAY: f64 = 86_400.0;

/// A season as a sum of waves (a Fourier series).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seasonality {
    /// Steps after which it repeats, also fractions: 365.25 for days in years.
    pub period: f64,
    /// Waves: 1 is one wave a period, each more is faster; at most 200.
    pub order: usize,
}

impl Seasonality {
    /// A season of so many steps and waves.
    pub fn new(period: f64, order: usize) -> Self {
        Seasonality { period, order }
    }
}

/// How seasons and covariates come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeasonalityMode {
    /// Added to the trend.
    #[default]
    Additive,
    /// As shares of the trend.
    Multiplicative,
}

/// A trend of joined lines, seasons of waves, and covariates (holidays, events, budgets): the model of Prophet (Taylor and Letham,
/// "Forecasting at scale", 2018), by a solver of its own.
///
/// With time t from 0 to 1 over the steps of the fit and y by its largest value,
///
/// ```text
/// y = g + s + e,  or  y = g (1 + s) + e
/// g = m + k t + Σ δ (t − c)₊        s = Σ (a sin + b cos) + Σ β x        e ~ N(0, σ²)
/// ```
///
/// with the priors k, m ~ N(0, 5²), δ ~ Laplace(`changepoint_prior_scale`), a, b ~ N(0, `seasonality_prior_scale`²),
/// β ~ N(0, `holidays_prior_scale`²), σ ~ N(0, 0.5²). What is most likely is found exactly: given σ the problem is convex and solved by the
/// signs of the δ that are not 0 (most are), where Prophet's L-BFGS stops near it; multiplied seasons are made linear step by step.
///
/// Covariates of the panel are used, those of the future too: holidays by [`Calendar`](crate::Calendar). Those that are not just 0 and 1
/// are brought to unit size.
///
/// **Intervals** hold the errors and what becomes of the trend: bends come as often as there were change points, of sizes by a Laplace
/// distribution of the mean size of those of the past. Their variance is that of Prophet's simulation in closed form; intervals are
/// normal. Paths draw both.
///
/// **What differs** from Prophet: the result is the maximum; gaps are interpolated rather than left out; waves that are too fast for the
/// steps (10 a year for months) are left out; logistic growth is not offered. [`updated`](adflux_core::Forecaster::updated) goes on in time
/// and changes nothing else.
///
/// O(steps · columns² + rounds · columns³), columns some 60, rounds about 20.
///
/// ```
/// use adflux_core::{Fit, Forecaster, Frequency, Panel, Series, calendar::days};
/// use adflux_timeseries::{Additive, Calendar, Country};
/// let clicks = (0..120).map(|day| 200.0 + f64::from(day) + [0.0, 9.0, 12.0, 8.0, 3.0, -40.0, -45.0][day as usize % 7]);
/// let series = Series::new("meta", days(2024, 1, 1) * 86_400, clicks.collect());
/// let panel = Panel::new(Frequency::DAILY, vec![series])?;
/// let calendar = Calendar::new().holidays(Country::Colombia);
/// let fitted = Additive::default().fit(calendar.on(&panel)?)?;
/// let forecast = fitted.forecast(7, &[0.8], Some(&calendar.on(&panel.ahead(7)?)?))?;
/// assert!((forecast.get("meta")?.mean[0] - 329.0).abs() < 4.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Additive {
    /// The seasons; a series shorter than twice a period is fitted without that season. Default: by the frequency, of a year (10 waves)
    /// where steps are at most a quarter, of a week (3) where they are shorter than that, of a day (4) where they are shorter than that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seasons: Option<Vec<Seasonality>>,
    /// How seasons and covariates come in. Default additive.
    pub seasonality_mode: SeasonalityMode,
    /// Change points, at most 500, fewer where series are short. Default 25.
    pub n_changepoints: usize,
    /// The share of the steps, from the first on, over which change points lie evenly. Default 0.8.
    pub changepoint_range: f64,
    /// How freely the trend bends. Default 0.05.
    pub changepoint_prior_scale: f64,
    /// How freely seasons swing. Default 10.
    pub seasonality_prior_scale: f64,
    /// How freely covariates count. Default 10.
    pub holidays_prior_scale: f64,
}

impl Default for Additive {
    fn default() -> Self {
        Additive {
            seasons: None,
            seasonality_mode: SeasonalityMode::Additive,
            n_changepoints: 25,
            changepoint_range: 0.8,
            changepoint_prior_scale: 0.05,
            seasonality_prior_scale: 10.0,
            holidays_prior_scale: 10.0,
        }
    }
}
adflux_core::recipe!(Additive, "additive");

impl Additive {
    /// The seasons, in place of those of the frequency.
    pub fn seasons(mut self, seasons: impl Into<Vec<Seasonality>>) -> Self {
        self.seasons = Some(seasons.into());
        self
    }

    /// How seasons and covariates come in.
    pub fn seasonality_mode(mut self, seasonality_mode: SeasonalityMode) -> Self {
        self.seasonality_mode = seasonality_mode;
        self
    }

    /// Change points.
    pub fn n_changepoints(mut self, n_changepoints: usize) -> Self {
        self.n_changepoints = n_changepoints;
        self
    }

    /// The share of the steps over which change points lie.
    pub fn changepoint_range(mut self, changepoint_range: f64) -> Self {
        self.changepoint_range = changepoint_range;
        self
    }

    /// How freely the trend bends.
    pub fn changepoint_prior_scale(mut self, changepoint_prior_scale: f64) -> Self {
        self.changepoint_prior_scale = changepoint_prior_scale;
        self
    }

    /// How freely seasons swing.
    pub fn seasonality_prior_scale(mut self, seasonality_prior_scale: f64) -> Self {
        self.seasonality_prior_scale = seasonality_prior_scale;
        self
    }

    /// How freely covariates count.
    pub fn holidays_prior_scale(mut self, holidays_prior_scale: f64) -> Self {
        self.holidays_prior_scale = holidays_prior_scale;
        self
    }

    /// The seasons of a series of so many steps.
    fn seasons_of(&self, steps: usize) -> Vec<Seasonality> {
        let all = self.seasons.iter().flatten();
        all.filter(|season| steps as f64 >= 2.0 * season.period).copied().collect()
    }
}

/// The seasons that series of this frequency usually have.
fn usual(frequency: Frequency) -> Vec<Seasonality> {
    let step = match frequency {
        Frequency::Steps => return Vec::new(),
        Frequency::Months { count, .. } => f64::from(count) * 365.25 / 12.0,
        Frequency::Fixed { seconds } => f64::from(seconds) / DAY,
    };
    let periods = [(365.25, 10), (7.0, 3), (1.0, 4)].map(|(days, order)| (days / step, order));
    // Of waves faster than two steps nothing can be told from slower ones.
    let one = |(period, order): (f64, usize)| {
        let order = order.min(((period - 1.0) / 2.0).floor().max(0.0) as usize);
        (order > 0).then_some(Seasonality { period, order })
    };
    periods.into_iter().filter_map(one).collect()
}

impl LocalRecipe for Additive {
    type Model = AdditiveModel;

    fn check(&self) -> Result<()> {
        let good = |season: &Seasonality| {
            season.period > 1.0 && season.period < 1e9 && (1..=MOST_WAVES).contains(&season.order)
        };
        let reason = format!("each needs a period above 1 and below 1e9 steps, and 1 to {MOST_WAVES} waves");
        ensure(self.seasons.iter().flatten().all(good), "seasons", &self.seasons, &reason)?;
        between_one_and(MOST_CHANGES + 1, "n_changepoints", self.n_changepoints + 1)
            .map_err(|_| adflux_core::Error::parameter("n_changepoints", self.n_changepoints, "must be at most 500"))?;
        let range = self.changepoint_range;
        ensure(range > 0.0 && range <= 1.0, "changepoint_range", range, "must be above 0 and at most 1")?;
        positive("changepoint_prior_scale", self.changepoint_prior_scale)?;
        positive("seasonality_prior_scale", self.seasonality_prior_scale)?;
        positive("holidays_prior_scale", self.holidays_prior_scale)
    }

    fn fit_series(&self, values: &[f64], covariates: ArrayView2<'_, f64>) -> Result<AdditiveModel, String> {
        Ok(AdditiveModel::fit(self, values, covariates))
    }
}

impl Fit<Panel> for Additive {
    type Fitted = FittedAdditive;

    fn fit_with(&self, panel: Panel, context: &Context) -> Result<FittedAdditive> {
        self.check()?;
        let seasons = self.seasons.clone().unwrap_or_else(|| usual(panel.frequency()));
        FittedLocal::fit(&self.clone().seasons(seasons), &panel, context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasons_are_those_of_the_frequency() {
        let of = |frequency| usual(frequency).iter().map(|s| (s.period, s.order)).collect::<Vec<_>>();
        assert_eq!(of(Frequency::DAILY), [(365.25, 10), (7.0, 3)]);
        assert_eq!(of(Frequency::HOURLY), [(8766.0, 10), (168.0, 3), (24.0, 4)]);
        assert_eq!(of(Frequency::MONTH_END), [(12.0, 5)]);
        assert_eq!(of(Frequency::QUARTERLY), [(4.0, 1)]);
        assert!(of(Frequency::YEARLY).is_empty() && of(Frequency::Steps).is_empty());
    }
}
