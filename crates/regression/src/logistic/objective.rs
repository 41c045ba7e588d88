//! The log loss of linear scores and its gradient, in one pass over the rows.

use crate::{
    linear::{
        design::Design,
        passes::{block_sums, plus, row_axpy, row_dot},
    },
    probability::{sigmoid, softmax},
};
use ndarray::Array2;
use rayon::prelude::*;

/// The mean loss over rows of `shares` (weights that sum to 1). Two classes have one line of coefficients, the score of the second
/// class; more have a line each. A line is the coefficients of the moved and scaled columns, then the intercept.
pub(super) struct LogLoss<'a> {
    pub(super) design: &'a Design<'a>,
    pub(super) codes: &'a [u32],
    pub(super) shares: &'a [f64],
    pub(super) lines: usize,
}

impl LogLoss<'_> {
    /// Numbers of a line.
    pub(super) fn stride(&self) -> usize {
        self.design.width() + 1
    }

    /// The lines in the units of the table: for each its coefficients and its constant.
    fn in_units(&self, lines: &[f64]) -> Vec<(Vec<f64>, f64)> {
        let width = self.design.width();
        let of = |line: &[f64]| {
            let (b, shift) = self.design.in_units(&line[..width]);
            (b, line[width] + shift)
        };
        lines.chunks_exact(self.stride()).map(of).collect()
    }

    /// Rows × lines.
    pub(super) fn scores(&self, lines: &[f64]) -> Array2<f64> {
        let lines = self.in_units(lines);
        let mut out = Array2::zeros((self.design.rows(), self.lines));
        if let Some(to) = out.as_slice_mut() {
            to.par_chunks_exact_mut(self.lines).enumerate().for_each(|(row, to)| {
                to.iter_mut().zip(&lines).for_each(|(to, (b, constant))| {
                    *to = row_dot(&self.design.table, row, b) + constant;
                });
            });
        }
        out
    }

    /// The loss of a row, and by how much each line's probability is too high, written over its scores.
    fn turn(&self, code: u32, scores: &mut [f64]) -> f64 {
        if let [score] = scores {
            let y = f64::from(code);
            let loss = score.max(0.0) + (-score.abs()).exp().ln_1p() - y * *score;
            *score = sigmoid(*score) - y;
            return loss;
        }
        let own = scores[code as usize];
        let of_all = softmax(scores);
        scores[code as usize] -= 1.0;
        of_all - own
    }

    /// The loss of given scores.
    pub(super) fn of_scores(&self, scores: &Array2<f64>) -> f64 {
        let of = |rows: std::ops::Range<usize>, sums: &mut [f64]| {
            let mut line = vec![0.0; self.lines];
            for row in rows.filter(|row| self.shares[*row] > 0.0) {
                line.iter_mut().zip(scores.row(row)).for_each(|(to, from)| *to = *from);
                sums[0] += self.shares[row] * self.turn(self.codes[row], &mut line);
            }
        };
        block_sums(self.design.rows(), 1, of, plus)[0]
    }

    /// For each row how much its probability of `line` is too high, and its curvature along the line's score.
    pub(super) fn errors(&self, scores: &Array2<f64>, line: usize) -> (Vec<f64>, Vec<f64>) {
        let own = |row: usize| if self.lines == 1 { self.codes[row] == 1 } else { self.codes[row] as usize == line };
        let of = |row: usize| {
            let mut all = scores.row(row).to_vec();
            self.turn(self.codes[row], &mut all);
            let p = all[line] + f64::from(u8::from(own(row)));
            (all[line], (p * (1.0 - p)).max(0.0))
        };
        (0..self.design.rows()).into_par_iter().map(of).unzip()
    }

    /// The loss and its gradient at `lines`.
    pub(super) fn gradient(&self, lines: &[f64]) -> (f64, Vec<f64>) {
        let (width, stride) = (self.design.width(), self.stride());
        let in_units = self.in_units(lines);
        let table = &self.design.table;
        let of = |rows: std::ops::Range<usize>, sums: &mut [f64]| {
            let mut scores = vec![0.0; self.lines];
            let (sums, loss) = sums.split_at_mut(self.lines * stride);
            for row in rows.filter(|row| self.shares[*row] > 0.0) {
                scores.iter_mut().zip(&in_units).for_each(|(s, (b, constant))| *s = row_dot(table, row, b) + constant);
                loss[0] += self.shares[row] * self.turn(self.codes[row], &mut scores);
                for (error, sums) in scores.iter().zip(sums.chunks_exact_mut(stride)) {
                    let error = error * self.shares[row];
                    row_axpy(table, row, error, &mut sums[..width]);
                    sums[width] += error;
                }
            }
        };
        let mut sums = block_sums(self.design.rows(), self.lines * stride + 1, of, plus);
        let loss = sums.pop().unwrap_or_default();
        for line in sums.chunks_exact_mut(stride) {
            let total = line[width];
            for ((g, center), scale) in line.iter_mut().zip(&self.design.center).zip(&self.design.scale) {
                *g = (*g - center * total) * scale;
            }
        }
        (loss, sums)
    }
}
