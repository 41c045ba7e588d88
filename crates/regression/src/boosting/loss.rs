//! [`Loss`]: what a [`GradientBoostingRegressor`](crate::GradientBoostingRegressor) makes small.

use serde::{Deserialize, Serialize};

/// What is made small, and with it what a prediction is. In files it has scikit-learn's names, such as `"poisson"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Loss {
    /// (y − f)²: the mean. The default.
    #[default]
    SquaredError,
    /// |y − f|: the median.
    AbsoluteError,
    /// Squared for errors up to δ and linear beyond, δ being the `alpha` quantile of the absolute errors of the round
    /// (Friedman 2001): a mean that outliers hardly move.
    Huber,
    /// The pinball loss: the `alpha` quantile.
    Quantile,
    /// Poisson deviance, with a log link: the mean of counts or rates, 0 or more.
    Poisson,
    /// Gamma deviance, with a log link: the mean of amounts above 0 whose spread grows with their size, such as costs.
    Gamma,
    /// Tweedie deviance of `tweedie_power`, with a log link: the mean of amounts that are often exactly 0, such as revenue
    /// by visitor.
    Tweedie,
}

impl Loss {
    /// Whether trees add up to the logarithm of the prediction.
    pub(super) fn is_log(self) -> bool {
        matches!(self, Loss::Poisson | Loss::Gamma | Loss::Tweedie)
    }

    /// What targets must be, where not every number will do.
    pub(super) fn refuses(self, y: f64) -> Option<&'static str> {
        match self {
            Loss::Poisson | Loss::Tweedie if y < 0.0 => Some("0 or more"),
            Loss::Gamma if y <= 0.0 => Some("above 0"),
            _ => None,
        }
    }
}
