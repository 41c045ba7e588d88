//! The segments of training rows where some rows are in none.

use crate::rank::Ranked;
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// Of a row that is in no segment.
pub(crate) const NONE: u32 = u32::MAX;

/// Labels as users get them.
pub(crate) fn to_options(of_rows: &[u32]) -> Vec<Option<u32>> {
    of_rows.iter().map(|label| Some(*label).filter(|label| *label != NONE)).collect()
}

/// What is wrong with the labels of rows in so many parts that were read, when anything is.
pub(crate) fn check(of_rows: &[u32], parts: usize) -> Result<(), String> {
    if of_rows.iter().any(|label| *label != NONE && *label as usize >= parts) {
        return Err("a row is in a segment that there is not".into());
    }
    Ok(())
}

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
        let ranked = Ranked::by_weight(&of_rows, parts, |row| weights.map_or(1.0, |w| w[row]));
        ranked.renumber(&mut of_rows);
        (Labels { of_rows, counts: ranked.counts, weights: ranked.weights }, ranked.rank)
    }

    /// What is wrong with labels that were read, when anything is.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.weights.len() != self.counts.len() {
            return Err("the numbers of counts and weights differ".into());
        }
        check(&self.of_rows, self.counts.len())
    }

    /// The number of training rows.
    pub(crate) fn rows(&self) -> usize {
        self.of_rows.len()
    }

    pub(crate) fn of_row(&self, row: usize) -> Option<u32> {
        self.of_rows.get(row).copied().filter(|label| *label != NONE)
    }

    pub(crate) fn to_vec(&self) -> Vec<Option<u32>> {
        to_options(&self.of_rows)
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
