//! The population stability index.

use crate::checks::MOST_BINS;
use adflux_core::{Error, Result, parameter::between_one_and};

/// A population stability index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Psi {
    /// The index, 0 or more.
    pub value: f64,
    /// How many bins hold rows of either table.
    pub bins: usize,
    /// What the index exceeds in one of twenty pairs of samples of this size from the same population.
    pub by_chance: f64,
}

impl Psi {
    /// Whether the index is larger than chance explains.
    pub fn is_beyond_chance(&self) -> bool {
        self.value > self.by_chance
    }
}

/// The population stability index of rows counted in the same bins: `Σ (qᵢ − pᵢ) ln(qᵢ / pᵢ)` over the bins that hold any row,
/// with the shares `pᵢ` of the reference and `qᵢ` of the rows that are compared with it. It is the symmetric Kullback–Leibler
/// divergence (Siddiqi, *Credit Risk Scorecards*, 2006).
///
/// Half a row is added to each bin, so that an empty one does not make the index infinite. Without any move the index is
/// about `(1/n + 1/m) χ²` with a degree of freedom less than there are bins (Yurdakul and Naranjo, 2020), from which
/// [`by_chance`](Psi::by_chance) is.
///
/// # Errors
/// When the numbers of bins differ, or one of the two has no rows.
pub fn psi(reference: &[u64], compared: &[u64]) -> Result<Psi> {
    if reference.len() != compared.len() {
        return Err(Error::data(format!("counts of {} bins beside counts of {}", reference.len(), compared.len())));
    }
    let (n, m) = (reference.iter().sum::<u64>(), compared.iter().sum::<u64>());
    if n == 0 || m == 0 {
        return Err(Error::data("there are no rows to compare"));
    }
    let filled = || reference.iter().zip(compared).filter(|(a, b)| **a + **b > 0);
    let bins = filled().count();
    let (n, m, half) = (n as f64, m as f64, 0.5 * bins as f64);
    let terms = filled().map(|(a, b)| {
        let (p, q) = ((*a as f64 + 0.5) / (n + half), (*b as f64 + 0.5) / (m + half));
        (q - p) * (q / p).ln()
    });
    let value = terms.sum::<f64>();
    Ok(Psi { value, bins, by_chance: (1.0 / n + 1.0 / m) * chi_squared_95(bins - 1) })
}

/// The index of numbers, in `bins` bins that hold about the same number of the reference (fewer where values repeat). Missing
/// values (NaN) are a bin of their own. The usual number of bins is 10. O(n log n + m log bins).
///
/// # Errors
/// When `bins` is not between 1 and 1,000,000, or one of the two has no rows.
pub fn psi_of_numbers(reference: &[f64], compared: &[f64], bins: usize) -> Result<Psi> {
    between_one_and(MOST_BINS, "bins", bins)?;
    let mut sorted: Vec<f64> = reference.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    // The last number of each bin but the last one.
    let mut edges: Vec<f64> = match sorted.len() {
        0 => Vec::new(),
        n => (1..bins).map(|bin| sorted[(bin * n).div_ceil(bins).max(1) - 1]).collect(),
    };
    edges.dedup();
    let count = |values: &[f64]| {
        let mut counts = vec![0; edges.len() + 2];
        for value in values {
            let bin = if value.is_nan() { edges.len() + 1 } else { edges.partition_point(|edge| edge < value) };
            counts[bin] += 1;
        }
        counts
    };
    psi(&count(reference), &count(compared))
}

/// What χ² of so many degrees of freedom exceeds in one of twenty cases, by the cubes of Wilson and Hilferty (1931): within
/// 1 % from 2 degrees on.
fn chi_squared_95(degrees: usize) -> f64 {
    const Z: f64 = 1.644_853_626_951_472_2;
    match degrees {
        0 => 0.0,
        1 => 3.841_458_820_694_124,
        k => {
            let part = 2.0 / (9.0 * k as f64);
            k as f64 * (1.0 - part + Z * part.sqrt()).powi(3)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_chi_squared_are_near_enough() {
        for (degrees, exact) in [(1, 3.841), (2, 5.991), (5, 11.070), (9, 16.919), (30, 43.773)] {
            let found = chi_squared_95(degrees);
            assert!((found / exact - 1.0).abs() < 0.01, "{degrees}: {found}");
        }
    }
}
