//! The squared error of a line as a quadratic of its coefficients: what lasso and elastic net are solved on, without the rows.

use super::{
    coefficients::Coefficients,
    coordinate::{Penalties, descend},
    design::{Design, overflow},
    moments::{Centred, Moments, in_one_pass},
};
use adflux_core::{
    Context, Features, Result, Training,
    parameter::{between_one_and, ensure, non_negative, positive},
};
use ndarray::Array1;
use std::ops::Range;

/// Rounds at most that `max_iter` may ask for.
const MOST_ROUNDS: usize = 1_000_000;
/// Penalties of a path at most.
pub(super) const MOST_ALPHAS: usize = 10_000;

/// `Σ w (y − a − x·b)² / (2 Σ w)` in the moved and scaled columns of a design.
pub(super) struct Quadratic {
    h: Vec<f64>,
    c: Vec<f64>,
    /// The variance of the target.
    variance: f64,
    centred: Centred,
}

/// The table and target of a fit, moved to their means.
pub(super) struct Centre<'a> {
    pub(super) design: Design<'a>,
    y_mean: f64,
}

impl<'a> Centre<'a> {
    /// With the moments of parts of the rows that together are all of them.
    pub(super) fn new(
        data: &'a Training<Features>,
        step: &str,
        intercept: bool,
        parts: &[Range<usize>],
    ) -> Result<(Self, Vec<Moments>)> {
        let y = data.values(step)?;
        let weights = data.weights.as_ref().map(Array1::to_vec);
        let weight = |row: usize| weights.as_ref().map_or(1.0, |w| w[row]);
        let total: f64 = (0..y.len()).map(weight).sum();
        let sum: f64 = y.iter().enumerate().map(|(row, y)| weight(row) * y).sum();
        let y_mean = if intercept { sum / total } else { 0.0 };
        let y: Vec<f64> = y.iter().map(|y| y - y_mean).collect();
        let (design, moments) = in_one_pass(&data.x, step, weights.as_deref(), intercept, &[&y], parts)?;
        Ok((Centre { design, y_mean }, moments))
    }

    /// Coefficients in the units of the table.
    pub(super) fn in_units(&self, b: &[f64], constant: f64, intercept: bool, x: &Features) -> Result<Coefficients> {
        let (weights, shift) = self.design.in_units(b);
        let constant = if intercept { constant + shift + self.y_mean } else { 0.0 };
        Coefficients::line(x, weights, constant)
    }
}

impl Quadratic {
    pub(super) fn new(centre: &Centre<'_>, moments: &Moments, intercept: bool) -> Result<Self> {
        let width = centre.design.width();
        let centred = moments.about_means(intercept);
        let constant = super::least_squares::constant_columns(&centre.design, moments, &centred);
        let (mut h, mut c) = (centred.gram(width), centred.with(width, width));
        for j in (0..width).filter(|j| constant[*j]) {
            c[j] = 0.0;
            (0..width).for_each(|i| (h[i * width + j], h[j * width + i]) = (0.0, 0.0));
        }
        h.iter_mut().chain(&mut c).for_each(|v| *v /= centred.weight);
        let variance = centred.get(width, width) / centred.weight;
        if h.iter().chain(&c).any(|v| !v.is_finite()) || !variance.is_finite() {
            return Err(overflow());
        }
        Ok(Quadratic { h, c, variance, centred })
    }

    /// The least penalty that leaves all coefficients at 0.
    fn largest_alpha(&self, scale: &[f64], l1_ratio: f64) -> f64 {
        self.c.iter().zip(scale).map(|(c, s)| c.abs() / s).fold(0.0, f64::max) / l1_ratio
    }

    /// `count` penalties, falling geometrically from the largest to `eps` of it.
    pub(super) fn alphas(&self, scale: &[f64], l1_ratio: f64, eps: f64, count: usize) -> Vec<f64> {
        let largest = self.largest_alpha(scale, l1_ratio).max(1e-15);
        let share = |at: usize| if count > 1 { at as f64 / (count - 1) as f64 } else { 0.0 };
        (0..count).map(|at| largest * eps.powf(share(at))).collect()
    }

    /// The coefficients of a penalty, from `b` on, and whether they came to rest.
    pub(super) fn solve(&self, b: &mut [f64], penalties: &Penalties, tol: f64, max_iter: usize) -> bool {
        let width = b.len();
        let mut gradient: Vec<f64> = self.c.iter().map(|c| -c).collect();
        for (j, b) in b.iter().enumerate().filter(|(_, b)| **b != 0.0) {
            super::passes::axpy(*b, &self.h[j * width..(j + 1) * width], &mut gradient);
        }
        descend(&self.h, &mut gradient, b, penalties, tol * tol * self.variance, max_iter)
    }

    /// What is added to `x·b` so that the residuals have the mean 0.
    pub(super) fn constant(&self, b: &[f64]) -> f64 {
        self.centred.means[b.len()] - super::passes::dot(b, &self.centred.means[..b.len()])
    }
}

/// What the penalised lines have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) step: &'static str,
    pub(super) fit_intercept: bool,
    pub(super) max_iter: usize,
    pub(super) tol: f64,
}

impl Settings {
    pub(super) fn check(&self) -> Result<()> {
        between_one_and(MOST_ROUNDS, "max_iter", self.max_iter)?;
        positive("tol", self.tol)
    }

    /// The fit of one penalty.
    pub(super) fn fit(
        &self,
        data: &Training<Features>,
        alpha: f64,
        l1_ratio: f64,
        context: &Context,
    ) -> Result<(Coefficients, bool)> {
        self.check()?;
        non_negative("alpha", alpha)?;
        ensure((0.0..=1.0).contains(&l1_ratio), "l1_ratio", l1_ratio, "must lie between 0 and 1")?;
        data.validate()?;
        context.check()?;
        context.run(|| {
            let rows = 0..data.x.rows();
            let (centre, moments) = Centre::new(data, self.step, self.fit_intercept, std::slice::from_ref(&rows))?;
            context.check()?;
            let quadratic = Quadratic::new(&centre, &Moments::sum(&moments), self.fit_intercept)?;
            let mut b = vec![0.0; centre.design.width()];
            let penalties = Penalties::new(alpha, l1_ratio, &centre.design.scale, 0);
            let converged = quadratic.solve(&mut b, &penalties, self.tol, self.max_iter);
            let coefficients = centre.in_units(&b, quadratic.constant(&b), self.fit_intercept, &data.x)?;
            Ok((coefficients, converged))
        })
    }
}
