//! Least squares without products of columns, for very many columns: conjugate gradients on the normal equations.

use super::{
    design::Design,
    passes::{axpy, block_sums, dot, plus, row_axpy, row_dot},
};
use adflux_core::{Context, Result};
use rayon::prelude::*;

/// It stops when the gradient is this small beside the first one.
const TOLERANCE: f64 = 1e-10;
/// Rounds at most: it is close long before, or the columns are so alike that their coefficients mean little.
const ROUNDS: usize = 2000;

/// Coefficients that minimise `Σ w (y − x·b)² + alpha·|b|²`, about the weighted means `center` of the columns (Hestenes & Stiefel,
/// 1952). It begins at 0, so that of several answers it goes to that of the least norm. O(stored numbers) a round.
pub(super) fn conjugate_gradients(
    design: &Design<'_>,
    center: &[f64],
    y: &[f64],
    weights: Option<&[f64]>,
    alpha: f64,
    context: &Context,
) -> Result<Vec<f64>> {
    let (table, width) = (&design.table, design.width());
    let root = |row: usize| weights.map_or(1.0, |w| w[row].sqrt());
    let forward = |b: &[f64]| -> Vec<f64> {
        let shift = dot(b, center);
        (0..table.rows()).into_par_iter().map(|row| root(row) * (row_dot(table, row, b) - shift)).collect()
    };
    let backward = |r: &[f64]| -> Vec<f64> {
        let of = |rows: std::ops::Range<usize>, sums: &mut [f64]| {
            let (sums, total) = sums.split_at_mut(width);
            for row in rows {
                let weighted = r[row] * root(row);
                row_axpy(table, row, weighted, sums);
                total[0] += weighted;
            }
        };
        let mut sums = block_sums(table.rows(), width + 1, of, plus);
        let total = sums.pop().unwrap_or_default();
        axpy(-total, center, &mut sums);
        sums
    };

    let mut b = vec![0.0; width];
    let mut residual: Vec<f64> = y.iter().enumerate().map(|(row, y)| y * root(row)).collect();
    let mut gradient = backward(&residual);
    let mut direction = gradient.clone();
    let mut size = dot(&gradient, &gradient);
    let enough = size * TOLERANCE * TOLERANCE;
    for round in 0..ROUNDS {
        if size <= enough || !size.is_finite() {
            break;
        }
        context.check()?;
        context.report("conjugate gradients", round as u64, None);
        let ahead = forward(&direction);
        let step = size / (dot(&ahead, &ahead) + alpha * dot(&direction, &direction));
        axpy(step, &direction, &mut b);
        axpy(-step, &ahead, &mut residual);
        gradient = backward(&residual);
        axpy(-alpha, &b, &mut gradient);
        let next = dot(&gradient, &gradient);
        let keep = next / size;
        direction.iter_mut().zip(&gradient).for_each(|(d, g)| *d = g + keep * *d);
        size = next;
    }
    Ok(b)
}
