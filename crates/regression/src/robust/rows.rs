//! The rows of a robust fit: the target moved to its mean and scaled to its spread, so that units do not matter.

use crate::linear::{
    coefficients::Coefficients,
    design::{Design, overflow},
    moments::Moments,
    passes::{block_sums, plus, row_axpy},
};
use adflux_core::{Features, Result, Training};
use ndarray::Array1;
use std::ops::Range;

pub(super) struct Rows<'a> {
    pub(super) design: Design<'a>,
    /// Less its mean (with an intercept), divided by its spread.
    pub(super) y: Vec<f64>,
    pub(super) weights: Vec<f64>,
    /// The standard deviation of the target, or 1 where it does not move.
    pub(super) spread: f64,
    mean: f64,
    intercept: bool,
}

impl<'a> Rows<'a> {
    /// # Errors
    /// When the target is not one of numbers, a block is neither dense nor sparse, a number is missing or infinite, columns are too
    /// many, or sums overflow.
    pub(super) fn new(data: &'a Training<Features>, step: &str, intercept: bool) -> Result<Self> {
        let y = data.values(step)?;
        let weights = data.weights.as_ref().map_or_else(|| vec![1.0; y.len()], Array1::to_vec);
        let design = Design::new(&data.x, step, Some(&weights), intercept)?;
        design.require_products(step)?;
        let total: f64 = weights.iter().sum();
        let mean_of =
            |value: &dyn Fn(f64) -> f64| y.iter().zip(&weights).map(|(y, w)| w * value(*y)).sum::<f64>() / total;
        let mean = if intercept { mean_of(&|y| y) } else { 0.0 };
        let spread = mean_of(&|y| (y - mean) * (y - mean)).sqrt();
        if !spread.is_finite() {
            return Err(overflow());
        }
        let spread = if spread > 0.0 { spread } else { 1.0 };
        let y = y.iter().map(|y| (y - mean) / spread).collect();
        Ok(Rows { design, y, weights, spread, mean, intercept })
    }

    /// The numbers of a line: the coefficients of the moved and scaled columns, then the intercept.
    pub(super) fn stride(&self) -> usize {
        self.design.width() + 1
    }

    /// Whether the place of a line is that of an intercept that there is not.
    pub(super) fn left_out(&self, place: usize) -> bool {
        place == self.design.width() && !self.intercept
    }

    /// The sums of the moved and scaled columns times `pulls`, and of the pulls; 0 for an intercept that there is not.
    pub(super) fn pulled(&self, pulls: &[f64]) -> Vec<f64> {
        let width = self.design.width();
        let of = |rows: Range<usize>, sums: &mut [f64]| {
            for row in rows {
                row_axpy(&self.design.table, row, pulls[row], &mut sums[..width]);
                sums[width] += pulls[row];
            }
        };
        let mut sums = block_sums(self.design.rows(), width + 1, of, plus);
        let total = sums[width];
        for ((sum, center), scale) in sums.iter_mut().zip(&self.design.center).zip(&self.design.scale) {
            *sum = (*sum - center * total) * scale;
        }
        if !self.intercept {
            sums[width] = 0.0;
        }
        sums
    }

    /// The products of the columns, the ones and `beside`, weighted by `curves`: (stride + their number)² numbers, `beside` last.
    pub(super) fn products(&self, beside: &[&[f64]], curves: &[f64]) -> Vec<f64> {
        Moments::of(&self.design, beside, Some(curves), 0..self.design.rows()).ones_before(self.design.width())
    }

    /// A line in the units of the table and the target.
    pub(super) fn in_units(&self, line: &[f64], x: &Features) -> Result<Coefficients> {
        let width = self.design.width();
        let (b, shift) = self.design.in_units(&line[..width]);
        let intercept = if self.intercept { (line[width] + shift) * self.spread + self.mean } else { 0.0 };
        Coefficients::line(x, b.into_iter().map(|b| b * self.spread).collect(), intercept)
    }
}
