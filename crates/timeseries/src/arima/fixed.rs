//! ARIMA of a given order.

use super::{
    ArimaModel, ArimaOrder, ROUNDING, at_most,
    fit::{Differenced, fit_from_afar},
    model::{MOST_DIFFERENCES, MOST_TERMS},
};
use crate::{
    diagnosis::constant,
    ets::LONGEST_SEASON,
    local::{FittedLocal, LocalModel, LocalRecipe, fits_locally},
};
use adflux_core::{Result, parameter, random::Rng};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// Seasonal ARIMA of a given order, with covariates; [`AutoArima`](crate::AutoArima) finds the order.
///
/// The likelihood, the coefficients, the constant and the intervals are those of [`AutoArima`](crate::AutoArima), and so are the
/// fallbacks. Parameters and defaults are those of statsforecast's `ARIMA`.
///
/// ```
/// use adflux_core::{Fit, Panel};
/// use adflux_timeseries::Arima;
/// let clicks = (0..84).map(|day| 200.0 + 3.0 * f64::from(day) + f64::from(day * day % 11)).collect();
/// let fitted = Arima::new([0, 1, 1]).include_drift(true).fit(Panel::from_values([("meta", clicks)])?)?;
/// let drift = fitted.summary("meta").unwrap().constant.unwrap();
/// assert!((drift - 3.0).abs() < 0.1, "{drift}");
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Arima {
    /// p, d and q: autoregressive terms (up to 10), differences (up to 2), moving average terms (up to 10). Default 0, 0, 0.
    pub order: [usize; 3],
    /// P, D and Q, the same of whole seasons. Default 0, 0, 0.
    pub seasonal_order: [usize; 3],
    /// Steps after which the series repeats, at most [`LONGEST_SEASON`](crate::LONGEST_SEASON). Default 1.
    pub season_length: usize,
    /// A mean other than 0, for a series that is not differenced. Default true.
    pub include_mean: bool,
    /// A drift, for a series that is differenced once. Default false.
    pub include_drift: bool,
}

impl Default for Arima {
    fn default() -> Self {
        Arima { order: [0; 3], seasonal_order: [0; 3], season_length: 1, include_mean: true, include_drift: false }
    }
}

impl Arima {
    /// Of order p, d, q.
    pub fn new(order: [usize; 3]) -> Self {
        Arima { order, ..Arima::default() }
    }

    /// P, D, Q and the steps of a season.
    pub fn seasonal(mut self, seasonal_order: [usize; 3], season_length: usize) -> Self {
        (self.seasonal_order, self.season_length) = (seasonal_order, season_length);
        self
    }

    /// Whether there is a mean.
    pub fn include_mean(mut self, include_mean: bool) -> Self {
        self.include_mean = include_mean;
        self
    }

    /// Whether there is a drift.
    pub fn include_drift(mut self, include_drift: bool) -> Self {
        self.include_drift = include_drift;
        self
    }
}

/// The [`Arima`] of one series.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FixedArimaModel(pub(super) ArimaModel);

/// [`Arima`], fitted.
pub type FittedArima = FittedLocal<FixedArimaModel>;

impl LocalModel for FixedArimaModel {
    const KIND: &'static str = "arima";
    const COVARIATES: bool = true;

    fn moments(&self, horizon: usize, future: ArrayView2<'_, f64>) -> (Vec<f64>, Vec<f64>) {
        self.0.moments(horizon, future)
    }

    fn path(&self, horizon: usize, future: ArrayView2<'_, f64>, rng: &mut Rng) -> Vec<f64> {
        self.0.path(horizon, future, rng)
    }

    fn update(&mut self, values: &[f64], covariates: ArrayView2<'_, f64>) {
        self.0.update(values, covariates);
    }

    fn validate(&self) -> Result<(), String> {
        self.0.validate()
    }
}

impl LocalRecipe for Arima {
    type Model = FixedArimaModel;

    fn check(&self) -> Result<()> {
        parameter::between_one_and(LONGEST_SEASON, "season_length", self.season_length)?;
        for (name, [p, d, q]) in [("order", self.order), ("seasonal_order", self.seasonal_order)] {
            at_most(MOST_TERMS, name, p)?;
            at_most(MOST_DIFFERENCES, name, d)?;
            at_most(MOST_TERMS, name, q)?;
        }
        let seasonal = self.seasonal_order != [0; 3];
        let reason = "needs a `season_length` of 2 and more";
        parameter::ensure(!seasonal || self.season_length > 1, "seasonal_order", self.seasonal_order, reason)?;
        let once = self.order[1] + self.seasonal_order[1] == 1;
        let reason = "is for a series that is differenced once, by `order` or `seasonal_order`";
        parameter::ensure(once || !self.include_drift, "include_drift", true, reason)
    }

    fn fit_series(&self, values: &[f64], covariates: ArrayView2<'_, f64>) -> Result<FixedArimaModel, String> {
        let ([p, d, q], [seasonal_p, seasonal_d, seasonal_q]) = (self.order, self.seasonal_order);
        let order = ArimaOrder { p, d, q, seasonal_p, seasonal_d, seasonal_q, season_length: self.season_length };
        let last_value = || FixedArimaModel(ArimaModel::last_value(values, covariates.ncols()));
        if constant(values, ROUNDING) || values.len() <= order.taken() + order.searched() + 2 {
            return Ok(last_value());
        }
        let constant = self.include_drift || (self.include_mean && d + seasonal_d == 0);
        let on = Differenced::new(values, covariates, &order, constant);
        let fit = fit_from_afar(&on, order);
        let model = fit.map(|fit| FixedArimaModel(ArimaModel::new(&fit, &on, values, covariates)));
        Ok(model.unwrap_or_else(last_value))
    }
}

fits_locally!(Arima, "arima");
