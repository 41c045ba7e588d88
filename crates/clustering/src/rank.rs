//! Parts numbered by weight: 0 is the heaviest.

use crate::labels::NONE;

/// The order of parts by weight, then by number of rows, then as they were.
pub(crate) struct Ranked {
    /// The part at each new number.
    pub(crate) order: Vec<usize>,
    /// The new number of each part.
    pub(crate) rank: Vec<u32>,
    /// The rows of each, by new number.
    pub(crate) counts: Vec<u64>,
    /// Their weight, by new number.
    pub(crate) weights: Vec<f64>,
}

impl Ranked {
    /// Of the part of each row, of 0 to `parts` − 1, or [`NONE`].
    pub(crate) fn by_weight(of_rows: &[u32], parts: usize, weight: impl Fn(usize) -> f64) -> Self {
        let (mut counts, mut totals) = (vec![0; parts], vec![0.0; parts]);
        for (row, &part) in of_rows.iter().enumerate().filter(|(_, part)| **part != NONE) {
            counts[part as usize] += 1;
            totals[part as usize] += weight(row);
        }
        let mut order: Vec<usize> = (0..parts).collect();
        order.sort_by(|&a: &usize, &b: &usize| totals[b].total_cmp(&totals[a]).then(counts[b].cmp(&counts[a])));
        let mut rank = vec![0; parts];
        order.iter().zip(0..).for_each(|(&part, place)| rank[part] = place);
        Ranked {
            counts: order.iter().map(|&part| counts[part]).collect(),
            weights: order.iter().map(|&part| totals[part]).collect(),
            order,
            rank,
        }
    }

    /// Gives every row the new number of its part.
    pub(crate) fn renumber(&self, of_rows: &mut [u32]) {
        of_rows.iter_mut().filter(|part| **part != NONE).for_each(|part| *part = self.rank[*part as usize]);
    }
}
