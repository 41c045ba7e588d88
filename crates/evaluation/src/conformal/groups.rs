//! Quantiles for each group by itself.

use super::{conformal_quantile, rows_needed};
use crate::checks::same_length;
use adflux_core::Result;
use std::collections::BTreeMap;

/// The [`conformal_quantile`] of each group by itself (Mondrian conformal prediction): the promise then holds within each, where
/// one quantile for all covers some groups too often and others too seldom.
///
/// `groups` is a code for each score; [`u32::MAX`] (a missing value) belongs to no group. Only groups of at least `min_rows` rows,
/// and of as many as the level [needs](rows_needed), have a quantile; the others are not in the result, and are to be served by
/// the quantile of all rows, with its promise over all rows only. Given the scored rows the coverage of a group of n rows scatters
/// by about √(level · (1 − level) / n) around the level: that is what `min_rows` is for. O(n log n).
///
/// Vovk, Lindsay, Nouretdinov & Gammerman (2003), *Mondrian confidence machine*. Romano, Barber, Sabatti & Candès (2020), *With
/// malice toward none: assessing uncertainty via equalized coverage*.
///
/// ```
/// use adflux_evaluation::conformal::group_quantiles;
/// let scores: Vec<f64> = (1..=20).map(f64::from).collect();
/// // Ten rows of group 0, nine of group 1, and one of group 2.
/// let groups: Vec<u32> = (0..20).map(|row| row / 10 + u32::from(row == 19)).collect();
/// let quantiles = group_quantiles(&scores, &groups, 0.9, 5)?;
/// assert_eq!(quantiles.into_iter().collect::<Vec<_>>(), [(0, 10.0), (1, 19.0)]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there are no rows, lengths differ, `level` is not between 0 and 1, or a score is NaN.
pub fn group_quantiles(scores: &[f64], groups: &[u32], level: f64, min_rows: usize) -> Result<BTreeMap<u32, f64>> {
    same_length(scores.len(), "groups", groups.len())?;
    let least = rows_needed(level)?.max(min_rows);
    let mut of_group: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (score, group) in scores.iter().zip(groups).filter(|(_, group)| **group != u32::MAX) {
        of_group.entry(*group).or_default().push(*score);
    }
    let large = of_group.into_iter().filter(|(_, scores)| scores.len() >= least);
    large.map(|(group, scores)| Ok((group, conformal_quantile(&scores, level)?))).collect()
}
