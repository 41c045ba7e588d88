//! Coordinate descent on a quadratic with penalties: what lasso, elastic net and their logistic kin are solved by.

use super::passes::axpy;

/// Penalties of each coefficient: `l1·|b| + l2·b² / 2`.
pub(crate) struct Penalties {
    pub(crate) l1: Vec<f64>,
    pub(crate) l2: Vec<f64>,
}

impl Penalties {
    /// Of coefficients that are multiplied by `scale` in their units, `alpha` shared out by `l1_ratio`; nothing for `free` more
    /// (intercepts).
    pub(crate) fn new(alpha: f64, l1_ratio: f64, scale: &[f64], free: usize) -> Self {
        let none = std::iter::repeat_n(0.0, free);
        let l1 = scale.iter().map(|s| alpha * l1_ratio * s).chain(none.clone()).collect();
        let l2 = scale.iter().map(|s| alpha * (1.0 - l1_ratio) * s * s).chain(none).collect();
        Penalties { l1, l2 }
    }

    /// What `b` is charged.
    pub(crate) fn of(&self, b: &[f64]) -> f64 {
        b.iter()
            .zip(&self.l1)
            .zip(&self.l2)
            .map(|((b, l1), l2)| if *b == 0.0 { 0.0 } else { l1 * b.abs() + 0.5 * l2 * b * b })
            .sum()
    }
}

/// Minimises `½ βᵀHβ − …` over `b`, given as its gradient at `b` without penalties, plus penalties (Friedman, Hastie & Tibshirani,
/// 2010, *Regularization paths for generalized linear models via coordinate descent*). The gradient is kept up to date, so a
/// coefficient that does not move costs nothing but a look: rounds go over those that are not 0 until they rest, then over all.
/// Returns whether it came to rest: no move changed the sum by more than `tol`.
pub(crate) fn descend(
    h: &[f64],
    gradient: &mut [f64],
    b: &mut [f64],
    penalties: &Penalties,
    tol: f64,
    max_iter: usize,
) -> bool {
    let size = b.len();
    let mut all = true;
    for _ in 0..max_iter {
        let mut largest = 0.0_f64;
        for j in 0..size {
            if !all && b[j] == 0.0 {
                continue;
            }
            let curve = h[j * size + j];
            if curve + penalties.l2[j] <= 0.0 {
                continue;
            }
            let pull = curve * b[j] - gradient[j];
            let shrunk = (pull.abs() - penalties.l1[j]).max(0.0).copysign(pull);
            let moved = shrunk / (curve + penalties.l2[j]) - b[j];
            if moved != 0.0 {
                b[j] += moved;
                axpy(moved, &h[j * size..(j + 1) * size], gradient);
                largest = largest.max((curve + penalties.l2[j]) * moved * moved);
            }
        }
        match (largest <= tol, all) {
            (true, true) => return true,
            (rests, _) => all = rests,
        }
    }
    false
}
