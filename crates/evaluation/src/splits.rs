//! Which rows to learn from and which to judge by.
//!
//! [`k_fold`] puts every row into exactly one test set, so that out-of-fold predictions can be put together again for all rows;
//! [`train_test_split`] holds one share back. Both keep what must not be torn apart:
//!
//! * **groups** are never split: rows of one candidate, or of one campaign, are all learned from or all judged by;
//! * **time** makes test sets that are contiguous in time, and never splits a moment;
//! * **strata** (usually the classes) have about the same share in every test set.
//!
//! ```
//! use adflux_evaluation::splits::{FoldOptions, k_fold};
//! let candidate = [7, 7, 3, 3, 9, 9];
//! let folds = k_fold(6, 3, &FoldOptions { groups: Some(&candidate), ..FoldOptions::default() })?;
//! for fold in &folds {
//!     assert!(fold.test.iter().all(|&t| fold.train.iter().all(|&l| candidate[t] != candidate[l])));
//! }
//! # Ok::<(), adflux_core::Error>(())
//! ```

use crate::checks::dense_codes;
use adflux_core::{Error, Result, parameter::open_unit, random::stream};
use rand::seq::SliceRandom as _;

/// The rows to learn from and the rows to judge by, each in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows to judge by.
    pub test: Vec<usize>,
}

/// What a split must respect. The default: nothing, rows in the order they stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct FoldOptions<'a> {
    /// A group for each row; rows of one group are never split.
    pub groups: Option<&'a [u32]>,
    /// When each row happened; only the order counts. Then test sets are contiguous in time, and `strata` and `shuffle` are
    /// without effect. A group happens when its first row does.
    pub time: Option<&'a [i64]>,
    /// A stratum for each row, usually its class; every test set gets about the same share of each.
    pub strata: Option<&'a [u32]>,
    /// The seed to shuffle with. `None` (the default, as in scikit-learn) keeps the order of the rows.
    pub shuffle: Option<u64>,
}

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
/// that never looks ahead, hold the latest rows back with [`train_test_split`].
///
/// O(rows · log rows), and O(groups · k · strata) with groups.
///
/// # Errors
/// When `k` is below 2 or above the number of rows, groups, or moments; when an option has not one value a row.
pub fn k_fold(rows: usize, k: usize, options: &FoldOptions) -> Result<Vec<Fold>> {
    options.check(rows)?;
    if k < 2 {
        return Err(Error::parameter("k", k, "at least 2 folds are needed"));
    }
    if k > rows {
        return Err(Error::parameter("k", k, format!("there are only {rows} rows to put into folds")));
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

/// Holds `test_share` of the rows back (rounded up, as scikit-learn does).
///
/// Without options the **last** rows are held back; set `shuffle` unless their order means nothing or is one of time. With
/// `time` the latest are; with `strata` the same share of each stratum; with `groups` whole groups, so that the share is met
/// as nearly as they allow.
///
/// # Errors
/// When `test_share` is not between 0 and 1, when one side would be left without rows, and when an option has not one value
/// a row.
pub fn train_test_split(rows: usize, test_share: f64, options: &FoldOptions) -> Result<Fold> {
    options.check(rows)?;
    open_unit("test_share", test_share)?;
    // Against a product such as 0.07 * 100 = 7.000000000000001, which is not meant to be rounded up to 8.
    let tests = ((rows as f64 * test_share - 1e-9).ceil() as usize).max(1);
    if tests >= rows {
        return Err(Error::parameter("test_share", test_share, format!("leaves no row of {rows} to learn from")));
    }
    let in_test = match (options.units(rows), options.strata) {
        (Some(units), _) => {
            units.at_least(2, "test_share", test_share)?;
            let shares = [1.0 - test_share, test_share];
            units.spread(if options.time.is_some() { units.in_order(&shares) } else { units.balanced(&shares) })
        }
        (None, strata) => {
            let mut order: Vec<usize> = (0..rows).collect();
            shuffle(&mut order, options.shuffle);
            let one = vec![0; if strata.is_none() { rows } else { 0 }];
            let (codes, levels) = dense_codes(strata.unwrap_or(&one));
            let mut left = tests_of_strata(&codes, levels, tests);
            let mut in_test = vec![0; rows];
            for &row in order.iter().rev() {
                if left[codes[row]] > 0 {
                    left[codes[row]] -= 1;
                    in_test[row] = 1;
                }
            }
            in_test
        }
    };
    Ok(fold_where(&in_test, 1))
}

impl FoldOptions<'_> {
    fn check(&self, rows: usize) -> Result<()> {
        let lengths = [
            ("groups", self.groups.map(<[_]>::len)),
            ("time", self.time.map(<[_]>::len)),
            ("strata", self.strata.map(<[_]>::len)),
        ];
        match lengths.into_iter().find(|(_, len)| len.is_some_and(|l| l != rows)) {
            Some((name, Some(len))) => Err(Error::data(format!("{name} of {len} rows beside {rows} rows to split"))),
            _ => Ok(()),
        }
    }

    /// What must stay together, when anything must.
    fn units(&self, rows: usize) -> Option<Units> {
        if self.groups.is_none() && self.time.is_none() {
            return None;
        }
        let all: Vec<u32> = (0..rows as u32).collect();
        let (mut unit_of_row, mut count) = dense_codes(self.groups.unwrap_or(&all));
        let what = match self.time {
            None => "groups",
            Some(time) => {
                let mut first = vec![i64::MAX; count];
                unit_of_row.iter().zip(time).for_each(|(&unit, &at)| first[unit] = first[unit].min(at));
                let mut moments = first.clone();
                moments.sort_unstable();
                moments.dedup();
                let place = |unit: usize| moments.binary_search(&first[unit]).unwrap_or_default();
                unit_of_row.iter_mut().for_each(|unit| *unit = place(*unit));
                count = moments.len();
                if self.groups.is_some() { "groups that begin at different times" } else { "different times" }
            }
        };
        let (stratum_of_row, strata) = match self.strata {
            Some(strata) => dense_codes(strata),
            None => (vec![0; rows], 1),
        };
        let mut sizes = vec![0; count];
        unit_of_row.iter().for_each(|&unit| sizes[unit] += 1);
        Some(Units { unit_of_row, sizes, stratum_of_row, strata, what, seed: self.shuffle })
    }
}

/// Rows that must stay together: groups, or moments (in order of time).
struct Units {
    unit_of_row: Vec<usize>,
    sizes: Vec<usize>,
    stratum_of_row: Vec<usize>,
    strata: usize,
    what: &'static str,
    seed: Option<u64>,
}

impl Units {
    fn at_least(&self, wanted: usize, name: &'static str, value: impl std::fmt::Debug) -> Result<()> {
        if self.sizes.len() >= wanted {
            return Ok(());
        }
        Err(Error::parameter(
            name,
            value,
            format!("{wanted} parts are wanted, and there are only {} {}", self.sizes.len(), self.what),
        ))
    }

    /// The part of each row from the part of its unit.
    fn spread(&self, part_of_unit: Vec<usize>) -> Vec<usize> {
        self.unit_of_row.iter().map(|&unit| part_of_unit[unit]).collect()
    }

    /// Contiguous runs of units whose numbers of rows come as near to `shares` as units allow; none is empty.
    fn in_order(&self, shares: &[f64]) -> Vec<usize> {
        let (rows, units) = (self.unit_of_row.len() as f64, self.sizes.len());
        let mut part_of_unit = vec![shares.len() - 1; units];
        let (mut unit, mut placed, mut end) = (0, 0.0, 0.0);
        for (part, share) in shares.iter().enumerate().take(shares.len() - 1) {
            end += share * rows;
            let parts_after = shares.len() - 1 - part;
            let first = unit;
            while unit + parts_after < units {
                let size = self.sizes[unit] as f64;
                // A unit that would overshoot the end by more than it now falls short belongs to the next part.
                if unit > first && placed + size - end > end - placed {
                    break;
                }
                part_of_unit[unit] = part;
                placed += size;
                unit += 1;
            }
        }
        part_of_unit
    }

    /// The largest units first, each to the part where the strata and the numbers of rows stay nearest to `shares`: where the
    /// sum over strata of (its rows there / its rows)² / share grows least. With equal shares and no strata that is the part
    /// with the fewest rows. No part is left empty.
    fn balanced(&self, shares: &[f64]) -> Vec<usize> {
        let (parts, rows) = (shares.len(), self.unit_of_row.len() as f64);
        let mut totals = vec![0.0; self.strata];
        let mut counts = vec![Vec::<(usize, f64)>::new(); self.sizes.len()];
        for (&unit, &stratum) in self.unit_of_row.iter().zip(&self.stratum_of_row) {
            totals[stratum] += 1.0;
            match counts[unit].iter_mut().find(|(s, _)| *s == stratum) {
                Some((_, count)) => *count += 1.0,
                None => counts[unit].push((stratum, 1.0)),
            }
        }
        let mut order: Vec<usize> = (0..self.sizes.len()).collect();
        shuffle(&mut order, self.seed);
        order.sort_by_key(|&unit| std::cmp::Reverse(self.sizes[unit]));

        let mut held = vec![vec![0.0; self.strata]; parts];
        let mut rows_held = vec![0.0; parts];
        let mut part_of_unit = vec![0; self.sizes.len()];
        let growth = |held: f64, more: f64, of: f64| (2.0 * held + more) * more / (of * of);
        for unit in order {
            let size = self.sizes[unit] as f64;
            let cost = |part: usize| {
                let strata: f64 = counts[unit].iter().map(|&(s, n)| growth(held[part][s], n, totals[s])).sum();
                (strata + growth(rows_held[part], size, rows)) / shares[part]
            };
            let (part, _) =
                (0..parts).map(|p| (p, cost(p))).fold((0, f64::INFINITY), |a, b| if b.1 < a.1 { b } else { a });
            counts[unit].iter().for_each(|&(stratum, n)| held[part][stratum] += n);
            rows_held[part] += size;
            part_of_unit[unit] = part;
        }
        // Equal shares always prefer an empty part; a small share may stay empty, and then gets the smallest unit.
        for part in (0..parts).filter(|&part| rows_held[part] == 0.0) {
            if let Some(smallest) = (0..self.sizes.len()).min_by_key(|&unit| self.sizes[unit]) {
                part_of_unit[smallest] = part;
            }
        }
        part_of_unit
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

/// How many of `tests` rows each stratum gives: its share rounded down, and what is left to the largest remainders.
fn tests_of_strata(codes: &[usize], levels: usize, tests: usize) -> Vec<usize> {
    let mut sizes = vec![0; levels];
    codes.iter().for_each(|&code| sizes[code] += 1);
    let mut given: Vec<usize> = sizes.iter().map(|size| size * tests / codes.len()).collect();
    let mut order: Vec<usize> = (0..levels).collect();
    order.sort_by_key(|&level| std::cmp::Reverse(sizes[level] * tests % codes.len()));
    let left = tests - given.iter().sum::<usize>();
    order.into_iter().take(left).for_each(|level| given[level] += 1);
    given
}

/// The block of a place among `k` of nearly equal size, the larger ones first.
fn block_of(place: usize, rows: usize, k: usize) -> usize {
    let (small, larger) = (rows / k, rows % k);
    let in_larger = larger * (small + 1);
    if place < in_larger { place / (small + 1) } else { larger + (place - in_larger) / small }
}

fn fold_where(part_of_row: &[usize], part: usize) -> Fold {
    let (test, train) = (0..part_of_row.len()).partition(|&row| part_of_row[row] == part);
    Fold { train, test }
}

fn shuffle(order: &mut [usize], seed: Option<u64>) {
    if let Some(seed) = seed {
        order.shuffle(&mut stream(seed, &[]));
    }
}
