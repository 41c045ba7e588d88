//! The fitted model of one series: its state, its forecasts, and how it goes on.

use super::{
    coefficients::Coefficients,
    fit::{Differenced, Fit, constant_at},
    order::ArimaOrder,
    polynomial::{product, step_down},
};
use crate::{ets::LONGEST_SEASON, local::normal, naive::mean_square_step};
use adflux_core::random::Rng;
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The [`AutoArima`](super::AutoArima) of one series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ArimaModel {
    pub(super) order: ArimaOrder,
    pub(super) by: Coefficients,
    /// Mean or drift.
    pub(super) constant: Option<f64>,
    /// A coefficient for each covariate of the panel.
    #[serde(with = "adflux_core::arrays")]
    pub(super) covariates: Vec<f64>,
    /// The last values less what constant and covariates explain: as many as the next depends on, the latest last.
    #[serde(with = "adflux_core::arrays")]
    values: Vec<f64>,
    /// The last errors.
    #[serde(with = "adflux_core::arrays")]
    errors: Vec<f64>,
    /// Steps known.
    steps: usize,
    pub(super) sigma2: f64,
    pub(super) log_likelihood: f64,
    pub(super) aicc: f64,
    /// Steps that the likelihood is of.
    pub(super) compared: usize,
}

/// The next value, from the last ones and the last errors.
struct Recursion {
    /// 1 − c₁ B − …, differences included.
    ar: Vec<f64>,
    /// 1 + θ₁ B + …
    ma: Vec<f64>,
    values: VecDeque<f64>,
    errors: VecDeque<f64>,
}

impl Recursion {
    fn forecast(&self) -> f64 {
        let sum = |c: &[f64], of: &VecDeque<f64>| c.iter().zip(of.iter().rev()).map(|(c, v)| c * v).sum::<f64>();
        sum(&self.ar, &self.values) + sum(&self.ma, &self.errors)
    }

    fn push(&mut self, value: f64, error: f64) {
        // As many as there were.
        self.values.push_back(value);
        self.values.pop_front();
        self.errors.push_back(error);
        self.errors.pop_front();
    }
}

impl ArimaModel {
    pub(super) fn new(fit: &Fit, on: &Differenced, values: &[f64], covariates: ArrayView2<'_, f64>) -> Self {
        let mut regressors = fit.regressors.iter();
        let constant = if fit.constant { regressors.next().copied() } else { None };
        let mut coefficients = vec![0.0; covariates.ncols()];
        for (which, coefficient) in on.kept.iter().zip(regressors) {
            coefficients[*which] = *coefficient;
        }
        let (back, errors_back) = fit.order.memory();
        let compared = on.problem.y.len();
        let degrees = compared.saturating_sub(fit.estimated()).max(1);
        let mut model = ArimaModel {
            order: fit.order,
            by: fit.by.clone(),
            constant,
            covariates: coefficients,
            values: Vec::new(),
            errors: Vec::new(),
            steps: 0,
            sigma2: fit.squares / degrees as f64,
            log_likelihood: fit.log_likelihood,
            aicc: fit.aicc,
            compared,
        };
        let left = values.iter().zip(covariates.rows()).enumerate();
        let left: Vec<f64> = left.map(|(t, (value, row))| value - model.explained(t, row)).collect();
        model.values = last(&left, back);
        model.errors = last(&fit.errors[..compared], errors_back);
        model.steps = values.len();
        model
    }

    /// A walk from the last value: for series that are constant or too short.
    pub(super) fn last_value(values: &[f64], covariates: usize) -> Self {
        let zero = ArimaOrder { p: 0, d: 1, q: 0, seasonal_p: 0, seasonal_d: 0, seasonal_q: 0, season_length: 1 };
        ArimaModel {
            order: zero,
            by: Coefficients::default(),
            constant: None,
            covariates: vec![0.0; covariates],
            values: last(values, 1),
            errors: Vec::new(),
            steps: values.len(),
            sigma2: mean_square_step(values),
            log_likelihood: f64::NAN,
            aicc: f64::NAN,
            compared: values.len().saturating_sub(1),
        }
    }

    /// What constant and covariates explain of step `t`, from 0 on.
    fn explained(&self, t: usize, covariates: ArrayView1<'_, f64>) -> f64 {
        let constant = self.constant.map_or(0.0, |c| c * constant_at(&self.order, t));
        constant + self.covariates.iter().zip(covariates).map(|(b, x)| b * x).sum::<f64>()
    }

    fn recursion(&self) -> Recursion {
        let (order, m) = (&self.order, self.order.season_length);
        let mut ar = product(&self.by.ar, &self.by.seasonal_ar, m);
        (0..order.d).for_each(|_| ar = product(&ar, &[1.0], 1));
        (0..order.seasonal_d).for_each(|_| ar = product(&ar, &[1.0], m));
        let [ma, seasonal_ma] = self.by.ma_negated();
        let ma = product(&ma, &seasonal_ma, m).into_iter().map(|c| -c).collect();
        Recursion { ar, ma, values: self.values.clone().into(), errors: self.errors.clone().into() }
    }

    /// The steps ahead, each with an error that `error` gives.
    fn ahead(&self, horizon: usize, future: ArrayView2<'_, f64>, mut error: impl FnMut() -> f64) -> Vec<f64> {
        let mut recursion = self.recursion();
        let mut step = |(t, row): (usize, ArrayView1<'_, f64>)| {
            let error = error();
            let value = recursion.forecast() + error;
            recursion.push(value, error);
            value + self.explained(self.steps + t, row)
        };
        future.rows().into_iter().take(horizon).enumerate().map(&mut step).collect()
    }

    pub(super) fn moments(&self, horizon: usize, future: ArrayView2<'_, f64>) -> (Vec<f64>, Vec<f64>) {
        // An error of 1 goes on as its weights ψ: the response of the recursion to it.
        let mut response = self.recursion();
        response.values.iter_mut().chain(&mut response.errors).for_each(|v| *v = 0.0);
        let (mut sum, mut error) = (0.0, 1.0);
        let mut deviation = |_| {
            let psi = response.forecast() + error;
            response.push(psi, error);
            error = 0.0;
            sum += psi * psi;
            (self.sigma2 * sum).sqrt()
        };
        let deviations = (0..horizon).map(&mut deviation).collect();
        (self.ahead(horizon, future, || 0.0), deviations)
    }

    pub(super) fn path(&self, horizon: usize, future: ArrayView2<'_, f64>, rng: &mut Rng) -> Vec<f64> {
        let sigma = self.sigma2.sqrt();
        self.ahead(horizon, future, || sigma * normal(rng))
    }

    pub(super) fn update(&mut self, values: &[f64], covariates: ArrayView2<'_, f64>) {
        let mut recursion = self.recursion();
        for (value, row) in values.iter().zip(covariates.rows()) {
            let left = value - self.explained(self.steps, row);
            let error = left - recursion.forecast();
            recursion.push(left, error);
            self.steps += 1;
        }
        self.values = recursion.values.into();
        self.errors = recursion.errors.into();
    }

    pub(super) fn validate(&self) -> Result<(), String> {
        let o = &self.order;
        let within = o.d <= MOST_DIFFERENCES
            && o.seasonal_d <= MOST_DIFFERENCES
            && (1..=LONGEST_SEASON).contains(&o.season_length)
            && [o.p, o.q, o.seasonal_p, o.seasonal_q].into_iter().all(|count| count <= MOST_TERMS);
        let by = [&self.by.ar, &self.by.ma, &self.by.seasonal_ar, &self.by.seasonal_ma].map(Vec::len);
        if !within || by != [o.p, o.q, o.seasonal_p, o.seasonal_q] {
            return Err(format!("{o} with {by:?} coefficients"));
        }
        if (self.values.len(), self.errors.len()) != o.memory() {
            return Err(format!("{} values and {} errors of {o}", self.values.len(), self.errors.len()));
        }
        let numbers =
            self.by.all().chain(&self.constant).chain(&self.covariates).chain(&self.values).chain(&self.errors);
        let stationary = [&self.by.ar, &self.by.seasonal_ar].into_iter().all(|c| step_down(c).is_some());
        let finite = numbers.chain([&self.sigma2]).all(|v| v.is_finite());
        // What the number of steps is added to must not overflow.
        if !finite || !stationary || self.sigma2 < 0.0 || self.steps > usize::MAX / 4 {
            return Err("numbers that no fit gives".into());
        }
        Ok(())
    }
}

/// The most differences, and the most of them over seasons.
pub(super) const MOST_DIFFERENCES: usize = 2;
/// The most terms of each kind.
pub(super) const MOST_TERMS: usize = 10;

/// The last `count` values; zeros before the first.
fn last(values: &[f64], count: usize) -> Vec<f64> {
    let missing = count.saturating_sub(values.len());
    std::iter::repeat_n(0.0, missing).chain(values[values.len() - (count - missing)..].iter().copied()).collect()
}
