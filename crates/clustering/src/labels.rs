//! The segments of training rows where some rows are in none.

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// Of a row that is in no segment.
pub(crate) const NONE: u32 = u32::MAX;

/// The segment of each training row, numbered by weight: 0 is the heaviest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Labels {
    #[serde(with = "adflux_core::arrays")]
    of_rows: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    counts: Vec<u64>,
    #[serde(with = "adflux_core::arrays")]
    weights: Vec<f64>,
}

impl Labels {
    /// Labels of the parts 0 to `parts` − 1, [`NONE`] for rows in none; and the new number of each part.
    pub(crate) fn by_weight(mut of_rows: Vec<u32>, parts: usize, weights: Option<ArrayView1<f64>>) -> (Self, Vec<u32>) {
        let (mut counts, mut totals) = (vec![0; parts], vec![0.0; parts]);
        for (row, &part) in of_rows.iter().enumerate().filter(|(_, part)| **part != NONE) {
            counts[part as usize] += 1;
            totals[part as usize] += weights.map_or(1.0, |w| w[row]);
        }
        let mut order: Vec<usize> = (0..parts).collect();
        order.sort_by(|&a, &b| totals[b].total_cmp(&totals[a]).then(counts[b].cmp(&counts[a])));
        let mut rank = vec![0; parts];
        order.iter().zip(0..).for_each(|(&part, place)| rank[part] = place);
        of_rows.iter_mut().filter(|part| **part != NONE).for_each(|part| *part = rank[*part as usize]);
        let labels = Labels {
            of_rows,
            counts: order.iter().map(|&part| counts[part]).collect(),
            weights: order.iter().map(|&part| totals[part]).collect(),
        };
        (labels, rank)
    }

    /// What is wrong with labels that were read, when anything is.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.weights.len() != self.counts.len() {
            return Err("the numbers of counts and weights differ".into());
        }
        if self.of_rows.iter().any(|label| *label != NONE && *label as usize >= self.counts.len()) {
            return Err("a row is in a segment that there is not".into());
        }
        Ok(())
    }

    /// The number of training rows.
    pub(crate) fn rows(&self) -> usize {
        self.of_rows.len()
    }

    pub(crate) fn of_row(&self, row: usize) -> Option<u32> {
        self.of_rows.get(row).copied().filter(|label| *label != NONE)
    }

    pub(crate) fn to_vec(&self) -> Vec<Option<u32>> {
        (0..self.rows()).map(|row| self.of_row(row)).collect()
    }

    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }

    pub(crate) fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The number of rows in no segment.
    pub(crate) fn outliers(&self) -> usize {
        self.of_rows.iter().filter(|label| **label == NONE).count()
    }
}
