//! Fitting one order to one series.

use super::{
    coefficients::Coefficients,
    least_squares::{Stop, minimize},
    likelihood::Problem,
    order::ArimaOrder,
};
use crate::{
    basis::Basis,
    diagnosis::{constant as all_the_same, difference},
};
use ndarray::ArrayView2;

/// While orders are compared: hundredths of AICc decide nothing.
pub(super) const SEARCH: Stop = Stop { gain: 1e-7, steps: 40 };
/// Of the order that is taken.
pub(super) const FINAL: Stop = Stop { gain: 1e-12, steps: 100 };

/// A series and what explains it, differenced, and which of the columns that were given do.
#[derive(Clone, Debug)]
pub(super) struct Differenced {
    pub(super) problem: Problem,
    pub(super) constant: bool,
    /// The covariates that are not sums of others.
    pub(super) kept: Vec<usize>,
}

impl Differenced {
    /// With a `constant`: the mean where nothing is differenced, the drift where once is.
    pub(super) fn new(values: &[f64], covariates: ArrayView2<'_, f64>, order: &ArimaOrder, constant: bool) -> Self {
        let differenced = |mut column: Vec<f64>| {
            (0..order.seasonal_d).for_each(|_| column = difference(&column, order.season_length));
            (0..order.d).for_each(|_| column = difference(&column, 1));
            column
        };
        let (mut basis, mut columns, mut kept) = (Basis::default(), Vec::new(), Vec::new());
        let constant_column = constant.then(|| (0..values.len()).map(|t| constant_at(order, t)).collect());
        let given = (0..covariates.ncols()).map(|i| (Some(i), covariates.column(i).to_vec()));
        for (which, column) in constant_column.map(|column| (None, column)).into_iter().chain(given) {
            // A covariate that never changes would stand in for a mean that is not allowed.
            if which.is_some() && all_the_same(&column, 0.0) {
                continue;
            }
            let column = differenced(column);
            if basis.push(column.clone()) {
                columns.push(column);
                kept.extend(which);
            }
        }
        let problem = Problem { y: differenced(values.to_vec()), columns, season_length: order.season_length };
        Differenced { problem, constant, kept }
    }
}

/// What the constant is multiplied by at step `t`, from 0 on: 1 for a mean, the number of the step for a drift.
pub(super) fn constant_at(order: &ArimaOrder, t: usize) -> f64 {
    if order.d + order.seasonal_d == 0 { 1.0 } else { (t + 1) as f64 }
}

/// One order, fitted.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    pub(super) order: ArimaOrder,
    pub(super) constant: bool,
    /// What the coefficients are made of.
    pub(super) free: Vec<f64>,
    pub(super) by: Coefficients,
    /// Of the constant, if there is one, and of the covariates that are kept.
    pub(super) regressors: Vec<f64>,
    pub(super) errors: Vec<f64>,
    pub(super) squares: f64,
    pub(super) log_likelihood: f64,
    pub(super) aicc: f64,
}

impl Fit {
    /// Whether nothing is left to explain; then there is no likelihood.
    pub(super) fn is_exact(&self) -> bool {
        self.log_likelihood.is_nan()
    }

    /// The numbers that were estimated, without the variance.
    pub(super) fn estimated(&self) -> usize {
        self.order.searched() + self.regressors.len()
    }
}

/// The most likely coefficients of `order`, searched for from the most likely of `starts`; constant and covariates are solved for exactly at
/// each point of the search. `None` where there are too few steps.
pub(super) fn fit(on: &Differenced, order: ArimaOrder, starts: &[Vec<f64>], stop: Stop) -> Option<Fit> {
    let problem = &on.problem;
    let steps = problem.y.len() as f64;
    let estimated = order.searched() + problem.columns.len();
    if problem.y.len() <= estimated {
        return None;
    }
    let at = |free: &[f64]| problem.evaluate(&Coefficients::of(&order, free));
    let likely = starts.iter().filter_map(|free| at(free).map(|found| (problem.log_likelihood(&found), free)));
    let best = likely.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let start = best?.1;
    // The sum of squares times det^(1/n) is least where the likelihood is greatest.
    let residuals = |free: &[f64]| {
        at(free).map(|mut found| {
            let scale = (0.5 * found.log_determinant / steps).exp();
            found.errors.iter_mut().for_each(|e| *e *= scale);
            found.errors
        })
    };
    let (free, _) = minimize(start, stop, residuals)?;
    let by = Coefficients::of(&order, &free);
    let found = problem.evaluate(&by)?;
    // Of values between 1 and 2, less is rounding.
    let exact = found.squares <= 1e-24 * steps;
    let log_likelihood = if exact { f64::NAN } else { problem.log_likelihood(&found) };
    let k = (estimated + 1) as f64;
    let degrees = steps - k - 1.0;
    let correction = if degrees > 0.0 { 2.0 * k * (k + 1.0) / degrees } else { f64::INFINITY };
    Some(Fit {
        order,
        constant: on.constant,
        free,
        by,
        regressors: found.regressors,
        errors: found.errors,
        squares: found.squares,
        log_likelihood,
        aicc: 2.0 * k - 2.0 * log_likelihood + correction,
    })
}

/// [`fit`] from several beginnings, as likelihoods have more than one top: nothing, and a strong first coefficient of each kind and sign.
pub(super) fn fit_from_afar(on: &Differenced, order: ArimaOrder) -> Option<Fit> {
    let mut starts = vec![vec![0.0; order.searched()]];
    let mut first = 0;
    for terms in [order.p, order.q, order.seasonal_p, order.seasonal_q] {
        for sign in [1.0, -1.0] {
            let mut start = starts[0].clone();
            start.iter_mut().skip(first).take(terms.min(1)).for_each(|u| *u = sign);
            starts.extend((terms > 0).then_some(start));
        }
        first += terms;
    }
    let fits = starts.into_iter().filter_map(|start| fit(on, order, &[start], SEARCH));
    // The first of equals.
    let best = fits.reduce(|best, next| if next.log_likelihood > best.log_likelihood { next } else { best })?;
    fit(on, order, &[best.free], FINAL)
}

/// The free numbers of another order: those that both have, and zeros.
pub(super) fn carried(free: &[f64], from: &ArimaOrder, to: &ArimaOrder) -> Vec<f64> {
    let blocks = |o: &ArimaOrder| [o.p, o.q, o.seasonal_p, o.seasonal_q];
    let mut rest = free;
    let mut carried = Vec::with_capacity(to.searched());
    for (from, to) in blocks(from).into_iter().zip(blocks(to)) {
        let (block, later) = rest.split_at(from.min(rest.len()));
        carried.extend((0..to).map(|i| block.get(i).copied().unwrap_or(0.0)));
        rest = later;
    }
    carried
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_testing::fixture;
    use ndarray::Array2;

    #[derive(serde::Deserialize)]
    struct Case {
        name: String,
        season: usize,
        values: Vec<f64>,
        models: Vec<Model>,
    }

    #[derive(serde::Deserialize)]
    struct Model {
        order: [usize; 3],
        seasonal_order: [usize; 3],
        drift: bool,
        covariate: bool,
        log_likelihood: f64,
        /// The products of the polynomials.
        ar: Vec<f64>,
        ma: Vec<f64>,
    }

    #[test]
    fn the_likelihood_is_that_of_statsmodels_at_its_coefficients() {
        let cases: Vec<Case> = fixture("timeseries/arima.json");
        let mut compared = 0;
        for case in &cases {
            // With regressors their coefficients would have to be the same too.
            let plain = |m: &&Model| !m.drift && !m.covariate && m.order[1] + m.seasonal_order[1] > 0;
            for model in case.models.iter().filter(plain) {
                let order = ArimaOrder {
                    p: 0,
                    d: model.order[1],
                    q: 0,
                    seasonal_p: 0,
                    seasonal_d: model.seasonal_order[1],
                    seasonal_q: 0,
                    season_length: case.season,
                };
                let none = Array2::zeros((case.values.len(), 0));
                let on = Differenced::new(&case.values, none.view(), &order, false);
                let by = Coefficients { ar: model.ar.clone(), ma: model.ma.clone(), ..Coefficients::default() };
                let found = on.problem.evaluate(&by).unwrap();
                let off = (on.problem.log_likelihood(&found) - model.log_likelihood).abs();
                // Beside a root near the unit circle digits are lost, on either side.
                assert!(off < 1e-5, "{}, {:?} {:?}: off by {off}", case.name, model.order, model.seasonal_order);
                compared += 1;
            }
        }
        assert!(compared >= 9, "only {compared}");
    }

    #[test]
    fn the_free_numbers_of_another_order_are_those_that_both_have() {
        let order = |p, q, seasonal_p, seasonal_q| ArimaOrder {
            p,
            d: 1,
            q,
            seasonal_p,
            seasonal_d: 0,
            seasonal_q,
            season_length: 4,
        };
        let free = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(carried(&free, &order(2, 1, 0, 1), &order(1, 2, 1, 1)), [1.0, 3.0, 0.0, 0.0, 4.0]);
        assert!(carried(&free, &order(2, 1, 0, 1), &order(0, 0, 0, 0)).is_empty());
    }
}
