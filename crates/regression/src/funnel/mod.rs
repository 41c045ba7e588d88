//! [`FunnelRegressor`]: the rates of an advertising funnel, before launch.

mod totals;

use crate::{
    RandomForestRegressor,
    forest::{Forest, Prepared, Settings, weights_or_ones},
    tree::outcome::Single,
};
use adflux_core::{
    Column, Context, Features, Fit, Predict, Prediction, Result, Rows, Training,
    parameter::{ensure, non_negative, positive},
};
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use totals::Totals;

/// Predicts the four rates of an advertising funnel from what is known of a campaign before it starts, one forest a rate.
///
/// **In**: [`Target::Multi`](adflux_core::Target::Multi) with the totals of each past campaign in the columns
/// `impressions`, `clicks`, `applications` (counts) and `spend` (money), and its budget as
/// [`Training::exposure`] (money, in the currency of the spend). Other columns of the target are ignored.
///
/// **Out**: [`Prediction::Multi`] of these rates, in this order:
///
/// | rate | meaning | unit |
/// |---|---|---|
/// | `spend_share` | spend / budget | share, 0 to 1 |
/// | `cpm` | 1000 · spend / impressions | money for a thousand impressions |
/// | `ctr` | clicks / impressions | share, 0 to 1 |
/// | `conversion_rate` | applications / clicks | share, 0 to 1 |
///
/// The rest of a campaign follows, so that all numbers of a forecast agree by construction:
/// spend = budget · spend_share, impressions = 1000 · spend / cpm, clicks = impressions · ctr,
/// applications = clicks · conversion_rate, and with them CPC = cpm / (1000 · ctr) and CPA = CPC / conversion_rate.
///
/// # How a rate is learned
///
/// A rate c/n of a small campaign says little: one click in ten impressions is no CTR of 10 %. So each forest learns the
/// logarithm of the smoothed rate (c + a·μ) / (n + a), where μ is the rate of all campaigns pooled and a is such that
/// a·μ = [`smoothing`](Self::smoothing), which is as if each campaign had that many events more at the pooled rate. The
/// row counts by the information it holds, nμ / (1 + σ²·nμ) times its weight: the inverse of the variance of a log rate
/// of which 1/nμ is chance (a Poisson count of nμ events) and σ² = [`dispersion`](Self::dispersion) is how campaigns of
/// equal features differ. A campaign without impressions has no weight for `cpm` and `ctr`, one without clicks none for
/// `conversion_rate`.
///
/// Money has no events of its own; for `spend_share` and `cpm` the price of one click, pooled over the data, is taken as
/// one event, so that predictions do not depend on the currency.
///
/// A forest averages logarithms, so a prediction is the typical (geometric mean) rate of campaigns like this one. It lies
/// between the smoothed rates that were seen: a forest does not extrapolate.
///
/// ```
/// use adflux_core::{Features, Fit, MultiTarget, Predict, Target, Training};
/// use adflux_regression::FunnelRegressor;
/// use ndarray::{Array1, Array2, array};
/// // Two platforms in turn: the second has twice the CTR.
/// let x = Array2::from_shape_fn((40, 1), |(i, _)| (i % 2) as f64);
/// let values = Array2::from_shape_fn((40, 4), |(i, j)| {
///     [100_000.0, if i % 2 == 0 { 1_000.0 } else { 2_000.0 }, 100.0, 450.0][j]
/// });
/// let names: Vec<String> = ["impressions", "clicks", "applications", "spend"].map(String::from).into();
/// let data = Training::new(Features::from_dense(x, ["platform"])?)
///     .with_target(Target::Multi(MultiTarget { names: names.into(), values }))
///     .with_exposure(Array1::from_elem(40, 500.0));
/// let funnel = FunnelRegressor::default().fit(data)?;
/// let rates = funnel.predict(&Features::from_dense(array![[0.0], [1.0]], ["platform"])?)?;
/// let ctr = rates.named("ctr")?.point()?;
/// assert!((ctr[0] - 0.01).abs() < 1e-4 && (ctr[1] - 0.02).abs() < 1e-4);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FunnelRegressor {
    /// Events at the pooled rate that are added to each campaign, above 0. Default 0.5.
    pub smoothing: f64,
    /// σ², the variance of a log rate among campaigns of equal features, 0 or more; 0 lets large campaigns count in
    /// proportion to their size. Default 0.1: rates of like campaigns differ by about a third.
    pub dispersion: f64,
    /// The forest of each rate.
    pub forest: RandomForestRegressor,
}

impl Default for FunnelRegressor {
    fn default() -> Self {
        FunnelRegressor { smoothing: 0.5, dispersion: 0.1, forest: RandomForestRegressor::default() }
    }
}

const KIND: &str = "funnel-regressor";
adflux_core::recipe!(FunnelRegressor, "funnel-regressor");

impl FunnelRegressor {
    /// A funnel of default parameters.
    pub fn new() -> Self {
        Self::default()
    }
    /// Sets the events that are added to each campaign.
    pub fn smoothing(mut self, smoothing: f64) -> Self {
        self.smoothing = smoothing;
        self
    }
    /// Sets the variance of a log rate among campaigns of equal features.
    pub fn dispersion(mut self, dispersion: f64) -> Self {
        self.dispersion = dispersion;
        self
    }
    /// Checks the totals and budgets of campaigns as a fit would, whatever the inputs beside them: to refuse a file before
    /// anything is split or learned.
    ///
    /// # Errors
    /// As the fit's about the target and the exposure; rows are those of `data`.
    pub fn check<X: Rows>(data: &Training<X>) -> Result<()> {
        data.validate()?;
        Totals::new(data, KIND).map(|_| ())
    }
    /// Sets the forest of each rate.
    pub fn forest(mut self, forest: RandomForestRegressor) -> Self {
        self.forest = forest;
        self
    }
}

/// Names of the rates, in the order of the prediction, and the most that each can be.
const RATES: [(&str, f64); 4] = [("spend_share", 1.0), ("cpm", f64::INFINITY), ("ctr", 1.0), ("conversion_rate", 1.0)];

/// A fitted [`FunnelRegressor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FittedFunnelRegressor {
    /// In the order of [`RATES`].
    forests: [Forest; 4],
}
adflux_core::component!(FittedFunnelRegressor, "funnel-regressor", version = 1);

impl Fit<Training<Features>> for FunnelRegressor {
    type Fitted = FittedFunnelRegressor;

    /// # Errors
    /// When a parameter is out of range; a column of the target (all of them are named) or the exposure is missing; a
    /// total is negative, there are more clicks than impressions, more applications than clicks, or more spend than
    /// budget (named by row); the data has no event at all of a kind; and as the forest's fit.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        positive("smoothing", self.smoothing)?;
        non_negative("dispersion", self.dispersion)?;
        let settings = Settings { step: KIND, ..self.forest.settings() };
        settings.check()?;
        ensure(!settings.oob_score, "oob_score", true, "a funnel tells no out-of-bag predictions: leave it off")?;
        data.validate()?;
        let totals = Totals::new(&data, KIND)?;
        let weights = weights_or_ones(data.weights, data.x.rows());
        let levels = settings.levels(&data.x, &weights)?;
        let prepared = Prepared::new(&data.x, &levels, &weights, &settings, context)?;
        let grow = |rate: usize| {
            let (y, information) = totals.learnt(rate, &weights, self.smoothing, self.dispersion);
            // Progress is told by rate.
            let settings = Settings { step: RATES[rate].0, ..settings.clone() };
            Forest::grow(&prepared, &Single::new(&y, &information), &information, &settings, context)
        };
        Ok(FittedFunnelRegressor { forests: [grow(0)?, grow(1)?, grow(2)?, grow(3)?] })
    }
}

impl FittedFunnelRegressor {
    /// The importances of the columns for each rate, in the order of the prediction; see
    /// [`FittedRandomForestRegressor::feature_importances`](crate::FittedRandomForestRegressor::feature_importances).
    pub fn feature_importances(&self) -> [(&'static str, &Array1<f64>); 4] {
        let [share, cpm, ctr, conversion] = &self.forests;
        [
            (RATES[0].0, share.importances()),
            (RATES[1].0, cpm.importances()),
            (RATES[2].0, ctr.importances()),
            (RATES[3].0, conversion.importances()),
        ]
    }

    /// The feature columns of the fit, with their lineage, in the order of the importances.
    pub fn columns(&self) -> &Arc<[Column]> {
        self.forests[0].columns()
    }
}

impl Predict<Features> for FittedFunnelRegressor {
    /// [`Prediction::Multi`] of `spend_share`, `cpm`, `ctr` and `conversion_rate`.
    type Output = Prediction;

    /// # Errors
    /// When `x` has other columns than the fit, a block of text, or an infinite number.
    fn predict(&self, x: &Features) -> Result<Prediction> {
        let rate = |(forest, (name, most)): (&Forest, (&str, f64))| {
            let logs = forest.predict(x, KIND)?.into_raw_vec_and_offset().0;
            let rates: Array1<f64> = logs.into_iter().map(|log| log.exp().min(most)).collect();
            Ok((name.to_string(), Prediction::Values(rates)))
        };
        Ok(Prediction::Multi(self.forests.iter().zip(RATES).map(rate).collect::<Result<_>>()?))
    }

    fn uses_exposure(&self) -> bool {
        true
    }
}
