//! Every row in exactly one test set.

use super::{Fold, FoldOptions, fits, fold_where, shuffle};
use crate::checks::dense_codes;
use adflux_core::{Error, Result, random::stream};
use rand::seq::SliceRandom as _;

/// `k` folds: every row is in exactly one test set, and no test set is empty.
///
/// | given | test sets | as in scikit-learn |
/// |---|---|---|
/// | nothing | contiguous blocks of rows | `KFold` |
/// | `strata` | each stratum spread evenly | `StratifiedKFold` |
/// | `groups` | whole groups, the largest first to the fold with the fewest rows | `GroupKFold` |
/// | `groups` and `strata` | whole groups, each to the fold where the strata become most even | `StratifiedGroupKFold` (squares instead of deviations) |
/// | `time` | contiguous blocks of time | none: see below |
///
/// With `time` this is *blocked* cross-validation (Bergmeir and Benítez 2012): a block is judged by a model that learned
/// from all other blocks, earlier **and later** ones. Forward chaining (scikit-learn's `TimeSeriesSplit`) learns from earlier
/// rows only, but says nothing of the earliest block, and out-of-fold predictions are needed for every row. For an estimate
/// that never looks ahead, hold the latest rows back with [`train_test_split`](super::train_test_split).
///
/// Every fold holds the numbers of all rows: O(k · rows) time and memory, 8 bytes each, and O(groups · k · strata) time more with
/// groups. More than 100 folds may hold a thousand million of them together, 8 GB: leave-one-out of 30,000 rows.
///
/// A stratum of fewer rows than folds is in so many test sets only, and where every stratum is so small, stratifying is
/// refused: both as in scikit-learn (which warns of the first).
///
/// # Errors
/// When `k` is below 2 or above the number of rows, groups, or moments, or above the rows of every stratum; when the folds
/// would not fit a memory; when an option has not one value a row.
pub fn k_fold(rows: usize, k: usize, options: &FoldOptions) -> Result<Vec<Fold>> {
    options.check(rows)?;
    if k < 2 {
        return Err(Error::parameter("k", k, "at least 2 folds are needed"));
    }
    if k > rows {
        return Err(Error::parameter("k", k, format!("there are only {rows} rows to put into folds")));
    }
    fits("k", k, k, rows)?;
    if let (Some(strata), None) = (options.strata, options.time) {
        enough_of_a_stratum(strata, k)?;
    }
    let fold_of_row = match (options.units(rows), options.strata) {
        (Some(units), _) => {
            units.at_least(k, "k", k)?;
            let shares = vec![1.0 / k as f64; k];
            units.spread(if options.time.is_some() { units.in_order(&shares) } else { units.balanced(&shares) })
        }
        (None, Some(strata)) => stratified_folds(strata, k, options.shuffle),
        (None, None) => {
            let mut order: Vec<usize> = (0..rows).collect();
            shuffle(&mut order, options.shuffle);
            let mut fold_of_row = vec![0; rows];
            for (place, row) in order.into_iter().enumerate() {
                fold_of_row[row] = block_of(place, rows, k);
            }
            fold_of_row
        }
    };
    Ok((0..k).map(|fold| fold_where(&fold_of_row, fold)).collect())
}

/// scikit-learn refuses to stratify when no stratum has a row for every fold.
fn enough_of_a_stratum(strata: &[u32], k: usize) -> Result<()> {
    let (codes, levels) = dense_codes(strata);
    let mut sizes = vec![0; levels];
    codes.iter().for_each(|&code| sizes[code] += 1);
    match sizes.iter().max() {
        Some(&most) if most < k => Err(Error::parameter(
            "k",
            k,
            format!(
                "the largest of the strata (classes) has {most} rows, fewer than folds: ask for at most {most} folds"
            ),
        )),
        _ => Ok(()),
    }
}

/// scikit-learn's allocation: of the rows sorted by stratum, every k-th goes to the same fold; inside a stratum the folds
/// then take their numbers of rows in the order the rows stand.
fn stratified_folds(strata: &[u32], k: usize, seed: Option<u64>) -> Vec<usize> {
    // scikit-learn numbers strata in the order they appear.
    let (codes, levels) = dense_codes(strata);
    let mut appearance = vec![usize::MAX; levels];
    let mut seen = 0;
    let codes: Vec<usize> = codes
        .into_iter()
        .map(|code| {
            if appearance[code] == usize::MAX {
                appearance[code] = seen;
                seen += 1;
            }
            appearance[code]
        })
        .collect();
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    let mut folds_of = vec![Vec::new(); levels];
    for fold in 0..k {
        sorted.iter().skip(fold).step_by(k).for_each(|&code| folds_of[code].push(fold));
    }
    for (level, folds) in folds_of.iter_mut().enumerate() {
        if let Some(seed) = seed {
            folds.shuffle(&mut stream(seed, &[level as u64]));
        }
    }
    let mut next = vec![0; levels];
    codes
        .into_iter()
        .map(|code| {
            next[code] += 1;
            folds_of[code][next[code] - 1]
        })
        .collect()
}

/// The block of a place among `k` of nearly equal size, the larger ones first.
fn block_of(place: usize, rows: usize, k: usize) -> usize {
    let (small, larger) = (rows / k, rows % k);
    let in_larger = larger * (small + 1);
    if place < in_larger { place / (small + 1) } else { larger + (place - in_larger) / small }
}
