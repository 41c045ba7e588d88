//! What was made of a series.

use super::{ArimaModel, ArimaOrder, FittedArima, FittedAutoArima};

/// What [`AutoArima`](crate::AutoArima) or [`Arima`](crate::Arima) made of a series, in the series' own unit.
#[derive(Clone, Debug, PartialEq)]
pub struct ArimaSummary {
    /// The order.
    pub order: ArimaOrder,
    /// φ, the autoregressive coefficients.
    pub ar: Vec<f64>,
    /// θ, the moving average coefficients, of 1 + θ₁ B + …
    pub ma: Vec<f64>,
    /// Φ, the autoregressive coefficients of whole seasons.
    pub seasonal_ar: Vec<f64>,
    /// Θ, the moving average coefficients of whole seasons.
    pub seasonal_ma: Vec<f64>,
    /// The mean of a series that is not differenced, the drift a step of one that is differenced once; `None` without.
    pub constant: Option<f64>,
    /// A coefficient for each covariate of the panel; 0 for those that say nothing that others do not.
    pub covariates: Vec<f64>,
    /// The variance of the errors: their squares over the steps less the coefficients.
    pub sigma2: f64,
    /// The exact Gaussian log likelihood of the differenced series. NaN for a series that is forecast as by [`Naive`](crate::Naive).
    pub log_likelihood: f64,
    /// Akaike's criterion for small samples; it compares models with the same differences. NaN as above.
    pub aicc: f64,
}

impl ArimaSummary {
    fn new(model: &ArimaModel, unit: f64) -> Self {
        // Σ log of the series itself: log σ takes a logarithm of the unit more, each step.
        let more = model.compared as f64 * unit.ln();
        let own = |of: &[f64]| of.iter().map(|b| b * unit).collect();
        ArimaSummary {
            order: model.order,
            ar: model.by.ar.clone(),
            ma: model.by.ma.clone(),
            seasonal_ar: model.by.seasonal_ar.clone(),
            seasonal_ma: model.by.seasonal_ma.clone(),
            constant: model.constant.map(|c| c * unit),
            covariates: own(&model.covariates),
            sigma2: model.sigma2 * unit * unit,
            log_likelihood: model.log_likelihood - more,
            aicc: model.aicc + 2.0 * more,
        }
    }
}

impl FittedAutoArima {
    /// What was made of the series called `id`; `None` when it was not fitted.
    pub fn summary(&self, id: &str) -> Option<ArimaSummary> {
        self.model(id).map(|(model, unit)| ArimaSummary::new(model, unit))
    }
}

impl FittedArima {
    /// What was made of the series called `id`; `None` when it was not fitted.
    pub fn summary(&self, id: &str) -> Option<ArimaSummary> {
        self.model(id).map(|(model, unit)| ArimaSummary::new(&model.0, unit))
    }
}
