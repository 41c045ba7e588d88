//! The coefficients of an ARMA process, and the free numbers that they are searched by.

use super::{
    order::ArimaOrder,
    polynomial::{from_partials, roots_beyond},
};
use serde::{Deserialize, Serialize};

/// φ(B) Φ(Bᵐ) w = θ(B) Θ(Bᵐ) e with φ(B) = 1 − φ₁ B − … and θ(B) = 1 + θ₁ B + …
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Coefficients {
    pub(super) ar: Vec<f64>,
    pub(super) ma: Vec<f64>,
    pub(super) seasonal_ar: Vec<f64>,
    pub(super) seasonal_ma: Vec<f64>,
}

impl Coefficients {
    /// Of free numbers, one after the other: their hyperbolic tangents are partial autocorrelations, so that the process is stationary and
    /// invertible wherever they lie.
    pub(super) fn of(order: &ArimaOrder, free: &[f64]) -> Self {
        let mut rest = free;
        let mut next = |count: usize, sign: f64| {
            let (here, later) = rest.split_at(count.min(rest.len()));
            rest = later;
            from_partials(here.iter().map(|u| u.tanh())).into_iter().map(|c| sign * c).collect()
        };
        Coefficients {
            ar: next(order.p, 1.0),
            ma: next(order.q, -1.0),
            seasonal_ar: next(order.seasonal_p, 1.0),
            seasonal_ma: next(order.seasonal_q, -1.0),
        }
    }

    /// The moving averages as 1 − c₁ B − …
    pub(super) fn ma_negated(&self) -> [Vec<f64>; 2] {
        [&self.ma, &self.seasonal_ma].map(|ma| ma.iter().map(|theta| -theta).collect())
    }

    /// Whether the roots of the autoregressive polynomials, the seasonal ones in Bᵐ, are farther from 0 than `ar`, and those of the moving
    /// averages farther than `ma`.
    pub(super) fn roots_beyond(&self, ar: f64, ma: f64) -> bool {
        let beyond = |c: &[f64], radius: f64| roots_beyond(c, radius);
        let [plain, seasonal] = self.ma_negated();
        beyond(&self.ar, ar) && beyond(&self.seasonal_ar, ar) && beyond(&plain, ma) && beyond(&seasonal, ma)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &f64> {
        self.ar.iter().chain(&self.ma).chain(&self.seasonal_ar).chain(&self.seasonal_ma)
    }
}
