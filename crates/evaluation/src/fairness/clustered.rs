//! [`clustered_rates`]: rates of people who are not independent of each other.

use super::{GroupRates, GroupedRates, Groups, rates};
use crate::{
    Estimate,
    checks::{Weights, same_length},
    shares::{Share, reach, wilson},
};
use adflux_core::Result;
use ndarray::ArrayView1;
use std::collections::BTreeMap;

/// [`rates`] where rows of one cluster (the applications to one employer) belong together: the rates are the same, and their
/// intervals are those of the effective number of rows that the clusters leave.
///
/// That number is p (1 − p) / v, where v is the variance of the rate p between clusters, linearised:
/// v = m / (m − 1) · Σ (Σ w (y − p))² / (Σ w)² over the m clusters, never more than without clusters (Kish 1965; Korn and Graubard 1998).
/// For a rate of 0 or 1 it is m. [`four_fifths`](GroupedRates::four_fifths) goes by the same number. It compares groups as if no cluster
/// had rows of two of them: where many have, its intervals are rather too wide. O(rows · log clusters).
///
/// ```
/// use adflux_evaluation::fairness::{Groups, clustered_rates, rates};
/// // Ten employers with four answers each, all the same.
/// let (called, employer): (Vec<bool>, Vec<u32>) = (0..40).map(|row| (row / 4 % 2 == 0, row / 4)).unzip();
/// let all = Groups::from_labels(&["f"; 40]);
/// let width = |of: &adflux_evaluation::fairness::GroupedRates| of.overall.selection_rate.map(|r| r.upper - r.lower);
/// let (plain, real) = (rates(None, &called, &all, None, 0.95)?, clustered_rates(None, &called, &all, None, 0.95, &employer)?);
/// assert!(width(&real) > width(&plain));
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`rates`], and when the clusters are not one a row.
pub fn clustered_rates(
    truth: Option<&[bool]>,
    selected: &[bool],
    groups: &Groups,
    weights: Option<ArrayView1<f64>>,
    level: f64,
    clusters: &[u32],
) -> Result<GroupedRates> {
    let mut found = rates(truth, selected, groups, weights, level)?;
    same_length(selected.len(), "clusters", clusters.len())?;
    let weights = Weights::new(selected.len(), weights)?;
    let people = People { truth, selected, clusters, weights, z: reach(level) };
    let counts = |rows: &Vec<usize>| rows.iter().any(|row| weights.get(*row) > 0.0);
    let all: Vec<usize> = (0..selected.len()).collect();
    people.widen(&mut found.overall, &all);
    // `rates` has the groups that have rows, in the order of their names.
    for (of, rows) in found.groups.iter_mut().zip(groups.rows().iter().filter(|rows| counts(rows))) {
        people.widen(of, rows);
    }
    Ok(found)
}

struct People<'a, 'w> {
    truth: Option<&'a [bool]>,
    selected: &'a [bool],
    clusters: &'a [u32],
    weights: Weights<'w>,
    z: f64,
}

impl People<'_, '_> {
    /// Gives every rate of a group the interval of its effective rows.
    fn widen(&self, of: &mut GroupRates, rows: &[usize]) {
        let is_selected = |row: usize| self.selected[row];
        let is_true = |row: usize| self.truth.is_some_and(|truth| truth[row]);
        let all = |_: usize| true;
        if let Some(effective) = self.interval(&mut of.selection_rate, rows, all, is_selected) {
            of.effective_rows = effective;
        }
        self.interval(&mut of.true_positive_rate, rows, is_true, is_selected);
        self.interval(&mut of.false_positive_rate, rows, |row| !is_true(row), is_selected);
        self.interval(&mut of.precision, rows, is_selected, is_true);
        self.interval(&mut of.base_rate, rows, all, is_true);
    }

    /// The interval of a rate over those of `rows` that `takes_part`; gives the number of effective rows.
    fn interval(
        &self,
        rate: &mut Option<Estimate>,
        rows: &[usize],
        takes_part: impl Fn(usize) -> bool,
        counts: impl Fn(usize) -> bool,
    ) -> Option<f64> {
        let share = rate.as_ref()?.value;
        let (mut whole, mut squares) = (0.0, 0.0);
        let mut of_clusters: BTreeMap<u32, f64> = BTreeMap::new();
        for &row in rows.iter().filter(|row| takes_part(**row)) {
            let weight = self.weights.get(row);
            if weight > 0.0 {
                whole += weight;
                squares += weight * weight;
                *of_clusters.entry(self.clusters[row]).or_default() += weight * (f64::from(counts(row)) - share);
            }
        }
        let clusters = of_clusters.len() as f64;
        let spread: f64 = of_clusters.values().map(|sum| sum * sum).sum::<f64>() / (whole * whole);
        let effective = match (clusters > 1.0, share * (1.0 - share)) {
            (false, _) => 1.0,
            (true, variance) if variance > 0.0 => variance / (clusters / (clusters - 1.0) * spread),
            (true, _) => clusters,
        };
        let rows = effective.min(whole * whole / squares);
        *rate = Some(wilson(Share { share, rows }, self.z));
        Some(rows)
    }
}
