//! The units that steps are measured in: a rough curvature of the loss, from a part of the rows.

use super::objective::LogLoss;
use crate::{
    linear::{cholesky::Cholesky, design::Design, moments::Moments, passes::dot},
    table::Table,
};
use ndarray::Array2;

/// Columns up to which the curvature of all pairs is held.
const MOST_FULL: usize = 512;
/// Rows that it is measured on: so many and so many a column.
const ROWS: usize = 8192;
const ROWS_PER_COLUMN: usize = 16;

/// An approximate Hessian, a block for each line, that gradients are divided by.
pub(super) enum Metric {
    Full(Vec<Cholesky>),
    Diagonal(Vec<f64>),
}

impl Metric {
    /// At `lines`, with `penalty` of each coefficient on the diagonal; without an intercept its place is left out.
    pub(super) fn new(loss: &LogLoss<'_>, lines: &[f64], penalty: &[f64], intercept: bool) -> Self {
        let (width, rows) = (loss.design.width(), loss.design.rows());
        let wanted = ROWS + ROWS_PER_COLUMN * width;
        let full = width <= MOST_FULL;
        let every = if full { (rows / wanted).max(1) } else { (rows / ROWS).max(1) };
        let drawn: Vec<usize> = (0..rows).step_by(every).collect();
        let total: f64 = drawn.iter().map(|row| loss.shares[*row]).sum();
        let shares: Vec<f64> = drawn.iter().map(|row| loss.shares[*row] / total.max(f64::MIN_POSITIVE)).collect();
        let codes: Vec<u32> = drawn.iter().map(|row| loss.codes[*row]).collect();
        if !full {
            return Metric::Diagonal(diagonal(loss, &drawn, &shares, penalty));
        }
        let mut sample = Array2::zeros((drawn.len(), width));
        for (row, mut to) in drawn.iter().zip(sample.rows_mut()) {
            if let Some(to) = to.as_slice_mut() {
                loss.design.table.read_row(*row, to);
            }
        }
        let design =
            Design { table: Table::of(&sample), center: loss.design.center.clone(), scale: loss.design.scale.clone() };
        let part = LogLoss { design: &design, codes: &codes, shares: &shares, lines: loss.lines };
        let scores = part.scores(lines);
        let stride = width + 1;
        let blocks = (0..loss.lines).map(|line| {
            let (_, curves) = part.errors(&scores, line);
            let weights: Vec<f64> = curves.iter().zip(&shares).map(|(c, s)| c * s).collect();
            let mut h = Moments::of(&design, &[], Some(&weights), 0..design.rows()).with_ones(width);
            for j in 0..stride {
                // A little more, so that columns that repeat each other are no trouble.
                let own = h[j * stride + j];
                h[j * stride + j] = own * (1.0 + 1e-6) + penalty[j] + 1e-12;
            }
            Cholesky::new(&h, stride, |j| j == width && !intercept)
        });
        Metric::Full(blocks.collect())
    }

    /// The gradient divided by the curvature.
    pub(super) fn divide(&self, gradient: &[f64]) -> Vec<f64> {
        let mut step = gradient.to_vec();
        match self {
            Metric::Full(blocks) => {
                let stride = gradient.len() / blocks.len().max(1);
                step.chunks_exact_mut(stride).zip(blocks).for_each(|(step, block)| block.solve(step));
            }
            Metric::Diagonal(curves) => step.iter_mut().zip(curves).for_each(|(s, c)| *s /= c),
        }
        step
    }

    /// The length of a gradient, squared.
    pub(super) fn squared(&self, gradient: &[f64]) -> f64 {
        dot(gradient, &self.divide(gradient))
    }
}

fn diagonal(loss: &LogLoss<'_>, drawn: &[usize], shares: &[f64], penalty: &[f64]) -> Vec<f64> {
    let width = loss.design.width();
    let mut line = vec![0.0; width];
    let mut squares = vec![0.0; width];
    for (row, share) in drawn.iter().zip(shares) {
        loss.design.read(*row, 1.0, &mut line);
        squares.iter_mut().zip(&line).for_each(|(s, v)| *s += share * v * v);
    }
    // What columns share is not on the diagonal: a quarter is the most that a probability curves, and is enough for all.
    let of = |(square, penalty): (&f64, &f64)| 0.25 * square + penalty + 1e-6;
    let one: Vec<f64> = squares.iter().zip(penalty).map(of).chain([0.25]).collect();
    one.repeat(loss.lines)
}
