//! Measures of rankings: of the items shown for a query (the jobs shown to a candidate), how far up the good ones stand.
//!
//! One row an item; `queries` says which items are ranked against each other. Items of one score are ranked in no order: each
//! measure is its mean over all orders of such items, so that a constant score gets what chance would.

use super::ranked::key;
use crate::checks::{Weights, finite, same_length};
use adflux_core::{Error, Result, parameter::at_least_one};
use ndarray::ArrayView1;
use rayon::prelude::*;

/// The discounted cumulative gain (Järvelin and Kekäläinen 2002), averaged over the queries: the sum of relevance / log₂(rank + 1)
/// over the first `k` items, of all with `None`.
///
/// The gain is the relevance itself, as in scikit-learn, not 2^relevance − 1. A query weighs the mean of the weights of
/// its rows. O(rows · log rows).
///
/// # Errors
/// When there are no rows, lengths differ, a number is not finite, `k` is 0, or the weights cannot be.
#[doc(alias = "dcg_score")]
pub fn dcg(
    relevance: ArrayView1<f64>,
    score: ArrayView1<f64>,
    queries: &[u32],
    k: Option<usize>,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    over_queries(relevance, score, queries, k, weights, |items, k| Some(gain(items, k)))
}

/// The normalised discounted cumulative gain: [`dcg`] over that of the best ranking there could be, for each query; 0 to 1.
/// 0 for a query without a relevant item, as in scikit-learn.
///
/// ```
/// use adflux_evaluation::metrics::ndcg;
/// use ndarray::array;
/// let (relevance, score) = (array![10.0, 0.0, 0.0, 1.0, 5.0], array![0.1, 0.2, 0.3, 4.0, 70.0]);
/// let value = ndcg(relevance.view(), score.view(), &[0; 5], None, None)?;
/// assert!((value - 0.6956940443813076).abs() < 1e-12);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`dcg`], and when a relevance is negative.
#[doc(alias = "ndcg_score")]
pub fn ndcg(
    relevance: ArrayView1<f64>,
    score: ArrayView1<f64>,
    queries: &[u32],
    k: Option<usize>,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    if let Some(row) = relevance.iter().position(|r| *r < 0.0) {
        return Err(Error::cell("relevance", row, format!("{}: must be 0 or more", relevance[row])));
    }
    over_queries(relevance, score, queries, k, weights, |items, k| {
        let mut best: Vec<f64> = items.iter().map(|item| item.relevance).collect();
        best.sort_unstable_by(|a, b| b.total_cmp(a));
        let ideal: f64 = best.iter().take(k).zip(0..).map(|(gain, rank)| gain * discount(rank)).sum();
        Some(if ideal == 0.0 { 0.0 } else { gain(items, k) / ideal })
    })
}

/// Of the first `k` items of a query, the share that is relevant (above 0), averaged over the queries. A query of fewer than `k`
/// items is divided by `k` all the same: it could not fill the places.
///
/// # Errors
/// As [`dcg`].
pub fn precision_at_k(
    relevance: ArrayView1<f64>,
    score: ArrayView1<f64>,
    queries: &[u32],
    k: usize,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    over_queries(relevance, score, queries, Some(k), weights, |items, k| Some(hits(items, k) / k as f64))
}

/// Of the relevant items of a query (above 0), the share among the first `k`, averaged over the queries that have relevant items.
///
/// ```
/// use adflux_evaluation::metrics::recall_at_k;
/// use ndarray::array;
/// let (relevance, score) = (array![1.0, 1.0, 0.0], array![0.9, 0.1, 0.5]);
/// assert_eq!(recall_at_k(relevance.view(), score.view(), &[7, 7, 7], 2, None)?, 0.5);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`dcg`], and when no query has a relevant item.
pub fn recall_at_k(
    relevance: ArrayView1<f64>,
    score: ArrayView1<f64>,
    queries: &[u32],
    k: usize,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    over_queries(relevance, score, queries, Some(k), weights, |items, k| {
        let relevant = items.iter().filter(|item| item.relevance > 0.0).count();
        (relevant > 0).then(|| hits(items, k) / relevant as f64)
    })
}

/// The mean reciprocal rank (Voorhees 1999): 1 / the rank of the first relevant item (above 0), 0 for a query without one,
/// averaged over the queries.
///
/// # Errors
/// As [`dcg`].
#[doc(alias = "mrr")]
pub fn mean_reciprocal_rank(
    relevance: ArrayView1<f64>,
    score: ArrayView1<f64>,
    queries: &[u32],
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    over_queries(relevance, score, queries, None, weights, |items, _| Some(reciprocal_rank(items)))
}

#[derive(Clone, Copy)]
struct Item {
    query: u32,
    /// In the order of falling scores.
    key: u64,
    relevance: f64,
    weight: f64,
}

/// The mean over the queries of a measure of one, given its items by falling score and how many of them count.
fn over_queries(
    relevance: ArrayView1<f64>,
    score: ArrayView1<f64>,
    queries: &[u32],
    k: Option<usize>,
    weights: Option<ArrayView1<f64>>,
    measure: impl Fn(&[Item], usize) -> Option<f64> + Sync,
) -> Result<f64> {
    same_length(relevance.len(), "scores", score.len())?;
    same_length(relevance.len(), "queries", queries.len())?;
    finite("relevance", relevance)?;
    finite("score", score)?;
    at_least_one("k", k.unwrap_or(usize::MAX))?;
    let weights = Weights::new(relevance.len(), weights)?;
    let item = |row: usize| Item {
        query: queries[row],
        key: key(score[row]),
        relevance: relevance[row],
        weight: weights.get(row),
    };
    let mut items: Vec<Item> = (0..relevance.len()).map(item).collect();
    items.par_sort_by_key(|item| (item.query, item.key));
    let queries: Vec<&[Item]> = items.chunk_by(|a, b| a.query == b.query).collect();
    let of_query = |items: &&[Item]| {
        let weight = items.iter().map(|item| item.weight).sum::<f64>() / items.len() as f64;
        let value = if weight > 0.0 { measure(items, k.unwrap_or(items.len())) } else { None };
        value.map_or((0.0, 0.0), |value| (weight * value, weight))
    };
    let values: Vec<(f64, f64)> = queries.par_iter().map(of_query).collect();
    let (sum, total) = values.into_iter().fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
    if total == 0.0 {
        return Err(Error::column("relevance", "no query has a relevant item: there is nothing to find"));
    }
    Ok(sum / total)
}

/// What the item at a rank, counted from 0, counts.
fn discount(rank: usize) -> f64 {
    1.0 / (rank as f64 + 2.0).log2()
}

/// The sum over the groups of equal scores of `of(group, rank of its first item)`.
fn over_ties(items: &[Item], mut of: impl FnMut(&[Item], usize) -> f64) -> f64 {
    let mut rank = 0;
    let ties = items.chunk_by(|a, b| a.key == b.key).map(|ties| {
        let value = of(ties, rank);
        rank += ties.len();
        value
    });
    ties.sum()
}

fn gain(items: &[Item], k: usize) -> f64 {
    over_ties(items, |ties, rank| {
        let mean = ties.iter().map(|item| item.relevance).sum::<f64>() / ties.len() as f64;
        mean * (rank..(rank + ties.len()).min(k)).map(discount).sum::<f64>()
    })
}

/// How many of the first `k` are relevant, on the average over the orders of ties.
fn hits(items: &[Item], k: usize) -> f64 {
    over_ties(items, |ties, rank| {
        let relevant = ties.iter().filter(|item| item.relevance > 0.0).count() as f64;
        relevant * (k.saturating_sub(rank).min(ties.len()) as f64 / ties.len() as f64)
    })
}

fn reciprocal_rank(items: &[Item]) -> f64 {
    let mut rank = 0;
    for ties in items.chunk_by(|a, b| a.key == b.key) {
        let relevant = ties.iter().filter(|item| item.relevance > 0.0).count();
        if relevant > 0 {
            // The chance that the first of them stands at each place among its equals.
            let (mut none_before, mut mean) = (1.0, 0.0);
            for place in 0..=ties.len() - relevant {
                let here = none_before * relevant as f64 / (ties.len() - place) as f64;
                mean += here / (rank + place + 1) as f64;
                none_before -= here;
            }
            return mean;
        }
        rank += ties.len();
    }
    0.0
}
