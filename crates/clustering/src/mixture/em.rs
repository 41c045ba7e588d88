//! Expectation and maximisation.
//!
//! Sums are made over blocks of rows, whose size depends on the number of rows alone, and added in the order of the blocks: the same
//! bits whatever the number of threads.

use super::covariance::{CovarianceType, Whitener};
use crate::waves::in_waves;
use adflux_core::Result;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;
use std::f64::consts::PI;

/// Gaussians and their shares.
#[derive(Clone, Debug)]
pub(super) struct Gaussians {
    pub(super) kind: CovarianceType,
    /// The share of each; they sum to 1.
    pub(super) weights: Vec<f64>,
    pub(super) means: Array2<f64>,
    pub(super) covariances: Array2<f64>,
    whiteners: Vec<Whitener>,
    /// What does not depend on the row in the logarithm of each density, times its share.
    constants: Vec<f64>,
}

impl Gaussians {
    /// # Errors
    /// When a covariance is not positive definite.
    pub(super) fn new(
        kind: CovarianceType,
        weights: Vec<f64>,
        means: Array2<f64>,
        covariances: Array2<f64>,
    ) -> Result<Self> {
        let (segments, columns) = means.dim();
        let whiteners = Whitener::of(kind, covariances.view(), segments, columns)?;
        let constant = |(whitener, weight): (&Whitener, &f64)| {
            weight.ln() + whitener.log_determinant() - 0.5 * columns as f64 * (2.0 * PI).ln()
        };
        let constants = whiteners.iter().zip(&weights).map(constant).collect();
        Ok(Gaussians { kind, weights, means, covariances, whiteners, constants })
    }

    /// The same elsewhere.
    pub(super) fn moved(mut self, by: &Array1<f64>) -> Self {
        self.means += by;
        self
    }

    /// Writes the membership probabilities of a row, and gives the logarithm of its density. `difference` is room for a row.
    pub(super) fn memberships(&self, row: &[f64], difference: &mut [f64], memberships: &mut [f64]) -> f64 {
        let segments = self.means.rows().into_iter().zip(&self.whiteners).zip(&self.constants);
        for (((mean, whitener), constant), membership) in segments.zip(memberships.iter_mut()) {
            difference.iter_mut().zip(row).zip(mean).for_each(|((to, v), m)| *to = v - m);
            *membership = constant - 0.5 * whitener.squared(difference);
        }
        let most = memberships.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if !most.is_finite() {
            // So far off that no density is left to compare.
            memberships.fill(1.0 / memberships.len() as f64);
            return f64::NEG_INFINITY;
        }
        memberships.iter_mut().for_each(|membership| *membership = (*membership - most).exp());
        let sum: f64 = memberships.iter().sum();
        memberships.iter_mut().for_each(|membership| *membership /= sum);
        most + sum.ln()
    }

    /// The membership probabilities of all rows (rows × segments), and the logarithms of their densities.
    pub(super) fn expect(&self, x: ArrayView2<f64>) -> (Array2<f64>, Vec<f64>) {
        let (rows, columns) = x.dim();
        let segments = self.weights.len();
        let x = x.as_standard_layout();
        let values = x.as_slice().unwrap_or_default();
        let mut memberships = Array2::zeros((rows, segments));
        let mut densities = vec![0.0; rows];
        let block = block(rows);
        memberships
            .as_slice_mut()
            .unwrap_or_default()
            .par_chunks_mut(block * segments)
            .zip(densities.par_chunks_mut(block))
            .zip(values.par_chunks(block * columns))
            .for_each(|((memberships, densities), values)| {
                let mut difference = vec![0.0; columns];
                let rows = values.chunks_exact(columns).zip(memberships.chunks_exact_mut(segments)).zip(densities);
                for ((row, memberships), density) in rows {
                    *density = self.memberships(row, &mut difference, memberships);
                }
            });
        (memberships, densities)
    }
}

/// The Gaussians of the largest likelihood for memberships (rows × segments). Every segment needs some mass.
pub(super) fn maximize(
    x: &Array2<f64>,
    weights: Option<&[f64]>,
    memberships: &Array2<f64>,
    kind: CovarianceType,
    reg_covar: f64,
) -> Result<Gaussians> {
    let (columns, segments) = (x.ncols(), memberships.ncols());
    let weight = |row: usize| weights.map_or(1.0, |w| w[row]);
    // Of each segment its mass, and the sums of its rows.
    let sums = summed(x.nrows(), (segments, columns + 1), 0, |row, sums, _| {
        for (membership, mut sums) in memberships.row(row).into_iter().zip(sums.rows_mut()) {
            let mass = membership * weight(row);
            sums[columns] += mass;
            sums.iter_mut().zip(x.row(row)).for_each(|(sum, v)| *sum += mass * v);
        }
    });
    // As scikit-learn, so that nothing is divided by 0.
    let masses: Vec<f64> = sums.column(columns).iter().map(|mass| mass + 10.0 * f64::EPSILON).collect();
    let means =
        Array2::from_shape_fn((segments, columns), |(segment, column)| sums[[segment, column]] / masses[segment]);
    let products = if kind.has_products() { columns * (columns + 1) / 2 } else { columns };
    let squares = summed(x.nrows(), (segments, products), columns, |row, sums, difference| {
        for ((membership, mut sums), mean) in memberships.row(row).into_iter().zip(sums.rows_mut()).zip(means.rows()) {
            let mass = membership * weight(row);
            if mass == 0.0 {
                continue;
            }
            difference.iter_mut().zip(x.row(row)).zip(mean).for_each(|((to, v), m)| *to = v - m);
            if kind.has_products() {
                let mut sums = sums.iter_mut();
                for (i, a) in difference.iter().enumerate() {
                    difference[..=i].iter().zip(sums.by_ref()).for_each(|(b, sum)| *sum += mass * a * b);
                }
            } else {
                sums.iter_mut().zip(difference.iter()).for_each(|(sum, v)| *sum += mass * v * v);
            }
        }
    });
    let total: f64 = masses.iter().sum();
    let covariances = kind.of_sums(&squares, &masses, columns, reg_covar);
    Gaussians::new(kind, masses.iter().map(|mass| mass / total).collect(), means, covariances)
}

/// Rows in a block.
fn block(rows: usize) -> usize {
    rows.div_ceil(256).max(512)
}

/// Adds rows up, block by block. `add` is given room for `room` numbers.
fn summed(
    rows: usize,
    shape: (usize, usize),
    room: usize,
    add: impl Fn(usize, &mut Array2<f64>, &mut [f64]) + Sync,
) -> Array2<f64> {
    let block = block(rows);
    let of_block = |number: usize| {
        let (mut sums, mut room) = (Array2::zeros(shape), vec![0.0; room]);
        let rows = number * block..((number + 1) * block).min(rows);
        rows.for_each(|row| add(row, &mut sums, &mut room));
        sums
    };
    let mut total = Array2::zeros(shape);
    in_waves(rows.div_ceil(block), 8 * shape.0 * shape.1, of_block, |sums| total += &sums);
    total
}

/// Memberships of rows that are wholly in one segment each.
pub(super) fn hard(segments: &[u32], count: usize) -> Array2<f64> {
    let mut memberships = Array2::zeros((segments.len(), count));
    for (mut row, segment) in memberships.axis_iter_mut(Axis(0)).zip(segments) {
        row[*segment as usize] = 1.0;
    }
    memberships
}
