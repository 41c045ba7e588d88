//! Autoregressions of differences with moving averages of errors, the order chosen by AICc.

mod coefficients;
mod covariance;
mod fit;
mod fixed;
mod least_squares;
mod likelihood;
mod model;
mod order;
mod polynomial;
mod search;
mod summary;

pub use fixed::{Arima, FittedArima, FixedArimaModel};
pub use model::ArimaModel;
pub use order::ArimaOrder;
pub use summary::ArimaSummary;

use crate::{
    basis::Basis,
    diagnosis::{constant, difference, ndiffs_of, nsdiffs_of},
    ets::LONGEST_SEASON,
    local::{FittedLocal, LocalModel, LocalRecipe, fits_locally},
};
use adflux_core::{Result, parameter, random::Rng};
use fit::{Differenced, FINAL, Fit, fit};
use model::{MOST_DIFFERENCES, MOST_TERMS};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// Differences of values between 1 and 2 that differ by less do not differ.
const ROUNDING: f64 = 1e-12;

/// Seasonal ARIMA with covariates: the series, differenced, depends on its last values and its last errors, and those a season before.
///
/// φ(B) Φ(Bᵐ) (1 − B)ᵈ (1 − Bᵐ)ᴰ (y − x β) = θ(B) Θ(Bᵐ) e, with a mean where nothing is differenced and a drift where once is. D is 1 where the
/// season is strong ([`nsdiffs`](crate::diagnosis::nsdiffs)), d by the test of KPSS ([`ndiffs`](crate::diagnosis::ndiffs)); p, q, P, Q and the
/// constant by steps from order to order while AICc falls: Hyndman and Khandakar, "Automatic time series forecasting" (2008). Box and
/// Jenkins (1970). Covariates of the panel are regressors, with ARIMA errors; the future's have to be given for a forecast.
///
/// Steps, limits and tests are those of statsforecast's `AutoARIMA` and R's `auto.arima`. What differs:
///
/// - The likelihood is always the exact one of the differenced series; it costs little more than conditional sums of squares here, so there is
///   no `approximation`. Mean, drift and covariates are solved for exactly at each point of the search.
/// - All orders around the best are tried and the best is taken, not the first that is better.
/// - Coefficients are stationary and invertible by what they are made of. Models with an autoregressive root within 1.01 of the unit circle
///   are left out, as there; for moving averages it is 1.001. Roots of the seasonal polynomials count in Bᵐ.
/// - The strength of a season is measured by classical decomposition.
/// - Covariates that never change, or are sums of others after differencing, get the coefficient 0.
///
/// Series that are constant, or too short for every order (4 steps and fewer, mostly), are forecast as by [`Naive`](crate::Naive); those of
/// two seasons and fewer are not differenced over the season. Intervals are analytic.
///
/// About 30 orders of some 40 evaluations, each O(steps × (terms + season)) + O(season³).
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::AutoArima;
/// let week = [0.0, 9.0, 12.0, 8.0, 3.0, -40.0, -45.0];
/// let clicks = (0..84).map(|day| 200.0 + week[day % 7] + (day * day % 11) as f64).collect();
/// let fitted = AutoArima::new(7).fit(Panel::from_values([("meta", clicks)])?)?;
/// let summary = fitted.summary("meta").unwrap();
/// assert_eq!(summary.order.seasonal_d, 1, "{}", summary.order);
/// let meta = fitted.forecast(7, &[0.8], None)?.get("meta")?.mean.clone();
/// assert!(meta[2] - meta[6] > 45.0, "{meta}");
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoArima {
    /// Steps after which the series repeats, at most [`LONGEST_SEASON`](crate::LONGEST_SEASON). Default 1: no season.
    /// [`Frequency::season`](adflux_core::Frequency::season) knows the usual ones.
    pub season_length: usize,
    /// The number of differences, at most 2. Default: by the test of KPSS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub d: Option<usize>,
    /// D, the number of differences over a season, at most 2. Default: by the strength of the season.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seasonal_d: Option<usize>,
    /// The most differences that the test may find. Default 2.
    pub max_d: usize,
    /// The most differences over a season that its strength may ask for. Default 1.
    pub max_seasonal_d: usize,
    /// The most autoregressive terms, up to 10. Default 5.
    pub max_p: usize,
    /// The most moving average terms, up to 10. Default 5.
    pub max_q: usize,
    /// The most autoregressive terms of whole seasons, up to 10. Default 2.
    pub max_seasonal_p: usize,
    /// The most moving average terms of whole seasons, up to 10. Default 2.
    pub max_seasonal_q: usize,
    /// The most terms of all four kinds together when all orders are tried. Default 5.
    pub max_order: usize,
    /// Where the steps begin. Default 2.
    pub start_p: usize,
    /// Where the steps begin. Default 2.
    pub start_q: usize,
    /// Where the steps begin. Default 1.
    pub start_seasonal_p: usize,
    /// Where the steps begin. Default 1.
    pub start_seasonal_q: usize,
    /// Go from order to order while AICc falls; otherwise try all. Default true.
    pub stepwise: bool,
    /// The most orders that are tried (`nmodels` of statsforecast). Default 94.
    pub max_models: usize,
    /// Whether a series that is differenced once may have a drift. Default true.
    pub allow_drift: bool,
    /// Whether a series that is not differenced may have a mean other than 0. Default true.
    pub allow_mean: bool,
}

impl Default for AutoArima {
    fn default() -> Self {
        AutoArima {
            season_length: 1,
            d: None,
            seasonal_d: None,
            max_d: 2,
            max_seasonal_d: 1,
            max_p: 5,
            max_q: 5,
            max_seasonal_p: 2,
            max_seasonal_q: 2,
            max_order: 5,
            start_p: 2,
            start_q: 2,
            start_seasonal_p: 1,
            start_seasonal_q: 1,
            stepwise: true,
            max_models: 94,
            allow_drift: true,
            allow_mean: true,
        }
    }
}

impl AutoArima {
    /// With a season of so many steps; 1 for none.
    pub fn new(season_length: usize) -> Self {
        AutoArima { season_length, ..AutoArima::default() }
    }

    /// The number of differences.
    pub fn d(mut self, d: usize) -> Self {
        self.d = Some(d);
        self
    }

    /// The number of differences over a season.
    pub fn seasonal_d(mut self, seasonal_d: usize) -> Self {
        self.seasonal_d = Some(seasonal_d);
        self
    }

    /// Whether to go from order to order, or try all.
    pub fn stepwise(mut self, stepwise: bool) -> Self {
        self.stepwise = stepwise;
        self
    }

    /// Whether a series differenced as `order` says may have a constant.
    fn constant_may_be(&self, order: &ArimaOrder) -> bool {
        match order.d + order.seasonal_d {
            0 => self.allow_mean,
            1 => self.allow_drift,
            _ => false,
        }
    }

    /// How often `values` have to be differenced; covariates are taken off before.
    fn differences(&self, values: &[f64], covariates: ArrayView2<'_, f64>) -> ArimaOrder {
        let m = self.season_length;
        let mut left = values.to_vec();
        if covariates.ncols() > 0 {
            let mut basis = Basis::default();
            basis.push(vec![1.0; values.len()]);
            for column in covariates.columns() {
                basis.push(column.to_vec());
            }
            basis.remove(&mut left);
        }
        let seasonal_d = match self.seasonal_d {
            _ if m == 1 || values.len() <= 2 * m => 0,
            Some(given) => given,
            None => nsdiffs_of(&left, m, self.max_seasonal_d),
        };
        (0..seasonal_d).for_each(|_| left = difference(&left, m));
        let d = self.d.unwrap_or_else(|| ndiffs_of(&left, self.max_d));
        ArimaOrder { p: 0, d, q: 0, seasonal_p: 0, seasonal_d, seasonal_q: 0, season_length: m }
    }
}

/// [`AutoArima`], fitted.
pub type FittedAutoArima = FittedLocal<ArimaModel>;

impl LocalModel for ArimaModel {
    const KIND: &'static str = "auto-arima";
    const COVARIATES: bool = true;

    fn moments(&self, horizon: usize, future: ArrayView2<'_, f64>) -> (Vec<f64>, Vec<f64>) {
        ArimaModel::moments(self, horizon, future)
    }

    fn path(&self, horizon: usize, future: ArrayView2<'_, f64>, rng: &mut Rng) -> Vec<f64> {
        ArimaModel::path(self, horizon, future, rng)
    }

    fn update(&mut self, values: &[f64], covariates: ArrayView2<'_, f64>) {
        ArimaModel::update(self, values, covariates);
    }

    fn validate(&self) -> Result<(), String> {
        ArimaModel::validate(self)
    }
}

impl LocalRecipe for AutoArima {
    type Model = ArimaModel;

    fn check(&self) -> Result<()> {
        parameter::between_one_and(LONGEST_SEASON, "season_length", self.season_length)?;
        parameter::at_least_one("max_models", self.max_models)?;
        let differences = [
            ("d", self.d.unwrap_or(0)),
            ("seasonal_d", self.seasonal_d.unwrap_or(0)),
            ("max_d", self.max_d),
            ("max_seasonal_d", self.max_seasonal_d),
        ];
        for (name, value) in differences {
            at_most(MOST_DIFFERENCES, name, value)?;
        }
        let terms = [
            ("max_p", self.max_p),
            ("max_q", self.max_q),
            ("max_seasonal_p", self.max_seasonal_p),
            ("max_seasonal_q", self.max_seasonal_q),
        ];
        for (name, value) in terms {
            at_most(MOST_TERMS, name, value)?;
        }
        Ok(())
    }

    fn fit_series(&self, values: &[f64], covariates: ArrayView2<'_, f64>) -> Result<ArimaModel, String> {
        let last_value = || ArimaModel::last_value(values, covariates.ncols());
        if constant(values, ROUNDING) {
            return Ok(last_value());
        }
        let zero = self.differences(values, covariates);
        let on = |constant: bool| Differenced::new(values, covariates, &zero, constant);
        let plain_on = on(self.constant_may_be(&zero));
        let plain = fit(&plain_on, zero, &[Vec::new()], FINAL);
        // Nothing is left to explain, or less than a constant that would have to grow: no likelihood tells orders apart.
        if plain.as_ref().is_none_or(Fit::is_exact) || constant(&plain_on.problem.y, ROUNDING) {
            let model = plain.map(|fit| ArimaModel::new(&fit, &plain_on, values, covariates));
            return Ok(model.unwrap_or_else(last_value));
        }
        // Too few steps for AICc: the plain order.
        let found = search::best(self, values, covariates, zero).or(plain);
        let model = found.map(|fit| ArimaModel::new(&fit, &on(fit.constant), values, covariates));
        Ok(model.unwrap_or_else(last_value))
    }
}

/// # Errors
/// [`Error::Parameter`](adflux_core::Error::Parameter) when `value` is above `most`.
fn at_most(most: usize, name: &'static str, value: usize) -> Result<()> {
    parameter::ensure(value <= most, name, value, &format!("must be at most {most}"))
}

fits_locally!(AutoArima, "auto-arima");
