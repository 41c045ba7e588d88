//! Quantile regression as a linear program: minimise `Σ above·r⁺ + below·r⁻` over a line, r being residuals.
//!
//! The penalty is more rows of it: one for each column, whose residual is the coefficient. The dual gives each row a place
//! between −below and above, such that the columns are orthogonal to the places.

use super::rows::Rows;
use crate::linear::cholesky::Cholesky;

/// What a residual costs at least, so that every row has room in its box.
const LEAST: f64 = 1e-200;

pub(super) struct Program<'a> {
    rows: &'a Rows<'a>,
    /// Columns with a penalty: all or none. Their rows stand behind those of the table.
    penalised: usize,
    pub(super) y: Vec<f64>,
    /// What a residual below 0 costs, by row.
    pub(super) below: Vec<f64>,
    /// What a residual above 0 costs.
    pub(super) above: Vec<f64>,
}

impl<'a> Program<'a> {
    /// Of rows that all have weight.
    pub(super) fn new(rows: &'a Rows<'a>, quantile: f64, alpha: f64) -> Self {
        let (count, total) = (rows.y.len() as f64, rows.weights.iter().sum::<f64>());
        let weights: Vec<f64> = rows.weights.iter().map(|w| (w * count / total).max(LEAST)).collect();
        let penalised = if alpha > 0.0 { rows.design.width() } else { 0 };
        // No numbers of a column pull by more than 8 a row: a penalty beyond that leaves the column out just the same.
        let penalties = rows.design.scale[..penalised].iter().map(|scale| count * (alpha * scale).clamp(LEAST, 8.0));
        let side = |share: f64| weights.iter().map(|w| share * w).chain(penalties.clone()).collect();
        let y = rows.y.iter().copied().chain(std::iter::repeat_n(0.0, penalised)).collect();
        Program { rows, penalised, y, below: side(1.0 - quantile), above: side(quantile) }
    }

    /// Numbers of a line.
    pub(super) fn stride(&self) -> usize {
        self.rows.stride()
    }

    /// Numbers of a line that are free.
    pub(super) fn rank(&self) -> usize {
        (0..self.stride()).filter(|place| !self.rows.left_out(*place)).count()
    }

    /// What is minimised.
    pub(super) fn value(&self, residuals: &[f64]) -> f64 {
        let cost = |((r, below), above): ((&f64, &f64), &f64)| if *r < 0.0 { -r * below } else { r * above };
        residuals.iter().zip(&self.below).zip(&self.above).map(cost).sum()
    }

    pub(super) fn residuals(&self, line: &[f64]) -> Vec<f64> {
        self.y.iter().zip(self.scores(line)).map(|(y, score)| y - score).collect()
    }

    /// What a line gives each row.
    pub(super) fn scores(&self, line: &[f64]) -> Vec<f64> {
        let mut scores = self.rows.design.scores(line);
        scores.extend_from_slice(&line[..self.penalised]);
        scores
    }

    /// The sums of the columns times `pulls`.
    pub(super) fn pulled(&self, pulls: &[f64]) -> Vec<f64> {
        let (of_rows, of_columns) = pulls.split_at(pulls.len() - self.penalised);
        let mut sums = self.rows.pulled(of_rows);
        sums.iter_mut().zip(of_columns).for_each(|(sum, pull)| *sum += pull);
        sums
    }

    /// The products of the columns, weighted by `curves`; none when they overflow.
    pub(super) fn curvature(&self, curves: &[f64]) -> Option<Cholesky> {
        let (of_rows, of_columns) = curves.split_at(curves.len() - self.penalised);
        let mut products = self.rows.products(&[], of_rows);
        let stride = self.stride();
        of_columns.iter().enumerate().for_each(|(j, curve)| products[j * stride + j] += curve);
        let finite = products.iter().all(|v| v.is_finite());
        finite.then(|| Cholesky::of_curvature(products, stride, |j| self.rows.left_out(j)))
    }

    /// What row `at` multiplies a line with.
    pub(super) fn row(&self, at: usize) -> Vec<f64> {
        let (rows, width) = (self.rows.y.len(), self.rows.design.width());
        let mut row = vec![0.0; width + 1];
        if at >= rows {
            row[at - rows] = 1.0;
            return row;
        }
        self.rows.design.read(at, 1.0, &mut row[..width]);
        row[width] = if self.rows.left_out(width) { 0.0 } else { 1.0 };
        row
    }

    /// The column whose coefficient is the residual of row `at`.
    pub(super) fn column_of(&self, at: usize) -> Option<usize> {
        at.checked_sub(self.rows.y.len())
    }
}
