//! Judged by later rows only.

use super::{Fold, FoldOptions, fits};
use adflux_core::{Error, Result, parameter::at_least_one};
use serde::{Deserialize, Serialize};

/// Forward chaining: each test set is learned for by rows before it, never by later ones.
///
/// ```text
/// expanding (default)        rolling (max_train_size = 3)      gap = 1
/// ■■■□□                      ■■■□□                             ■■·□□
/// ■■■■■□□                    ··■■■□□                           ■■■■·□□
/// ■■■■■■■□□                  ····■■■□□                         ■■■■■■·□□
/// ```
///
/// Rows are in the order of their times, or as they stand where they have none. The numbers of rows are those of
/// scikit-learn's `TimeSeriesSplit`; **a moment is never split**: where rows share a time, a test set begins with the moment that
/// its first row belongs to, a gap is at least as long and a window at most as long as asked for. A group happens when its first
/// row does.
///
/// ```
/// use adflux_evaluation::splits::{FoldOptions, TimeSeriesSplit};
/// let day = [1, 1, 2, 3, 3, 4];
/// let folds = TimeSeriesSplit::new(2).folds(6, &FoldOptions { time: Some(&day), ..FoldOptions::default() })?;
/// assert_eq!((&folds[0].train[..], &folds[0].test[..]), (&[0, 1][..], &[2][..]));
/// assert_eq!((&folds[1].train[..], &folds[1].test[..]), (&[0, 1, 2][..], &[3, 4, 5][..]));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeSeriesSplit {
    /// How many test sets, 2 or more. Default 5.
    pub folds: usize,
    /// The most rows to learn from, the latest: a rolling window. Default: all before the test set, an expanding one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_train_size: Option<usize>,
    /// The rows of each test set. Default: rows / (folds + 1), rounded down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_size: Option<usize>,
    /// Rows left out before each test set: as many as lie between learning and the outcome's becoming known. Default 0.
    pub gap: usize,
}

impl Default for TimeSeriesSplit {
    fn default() -> Self {
        TimeSeriesSplit { folds: 5, max_train_size: None, test_size: None, gap: 0 }
    }
}

impl TimeSeriesSplit {
    /// So many test sets, with an expanding window.
    pub fn new(folds: usize) -> Self {
        TimeSeriesSplit { folds, ..TimeSeriesSplit::default() }
    }

    /// A rolling window of at most so many rows.
    pub fn max_train_size(mut self, rows: usize) -> Self {
        self.max_train_size = Some(rows);
        self
    }

    /// Test sets of so many rows.
    pub fn test_size(mut self, rows: usize) -> Self {
        self.test_size = Some(rows);
        self
    }

    /// Leaves so many rows out before each test set.
    pub fn gap(mut self, rows: usize) -> Self {
        self.gap = rows;
        self
    }

    /// The splits, the earliest first. Strata and shuffling are without effect. O(rows · (folds + log rows)).
    ///
    /// # Errors
    /// When there are fewer than 2 folds, or not enough rows for them, for the test sets with the gap, or (naming the fold)
    /// when rows of one moment leave a side of it empty.
    pub fn folds(&self, rows: usize, options: &FoldOptions) -> Result<Vec<Fold>> {
        options.check(rows)?;
        let k = self.folds;
        if k < 2 {
            return Err(Error::parameter("folds", k, "at least 2 folds are needed"));
        }
        if k >= rows {
            return Err(Error::parameter("folds", k, format!("{rows} rows make at most {} folds", rows.max(1) - 1)));
        }
        for (name, size) in [("test_size", self.test_size), ("max_train_size", self.max_train_size)] {
            size.map_or(Ok(()), |size| at_least_one(name, size))?;
        }
        let test_size = self.test_size.unwrap_or(rows / (k + 1));
        let wanted = test_size.saturating_mul(k).saturating_add(self.gap);
        if wanted >= rows {
            let reason =
                format!("{k} folds of {test_size} rows with a gap of {} leave none of {rows} to learn from", self.gap);
            return Err(Error::parameter("test_size", test_size, reason));
        }
        let of_a_fold = self.max_train_size.map_or(rows, |most| most.saturating_add(test_size).min(rows));
        fits("folds", k, k, of_a_fold)?;
        let moments = Moments::new(rows, options)?;
        let first_test = rows - k * test_size;
        (0..k).map(|fold| self.fold(fold, first_test + fold * test_size, test_size, &moments)).collect()
    }

    /// The fold whose test set begins with the moment of the `start`-th row.
    fn fold(&self, fold: usize, start: usize, test_size: usize, moments: &Moments) -> Result<Fold> {
        let test_start = moments.floor(start);
        let test_end = moments.floor(start + test_size);
        let train_end = moments.floor(moments.rows_before(test_start).saturating_sub(self.gap));
        let train_rows = moments.rows_before(train_end);
        let train_start = match self.max_train_size {
            Some(most) => moments.ceiling(train_rows.saturating_sub(most)),
            None => 0,
        };
        let empty = |what: &str| {
            let reason = format!(
                "fold {} of {}: too many rows share one time, so that it has none to {what}: ask for fewer folds or larger sizes",
                fold + 1,
                self.folds
            );
            Error::parameter("folds", self.folds, reason)
        };
        if test_start >= test_end {
            return Err(empty("judge by"));
        }
        if train_start >= train_end {
            return Err(empty("learn from"));
        }
        Ok(Fold { train: moments.rows(train_start, train_end), test: moments.rows(test_start, test_end) })
    }
}

/// Moments in their order, and which rows each has.
struct Moments {
    moment_of_row: Vec<usize>,
    /// The number of rows before each moment, and behind the last one that of all.
    before: Vec<usize>,
}

impl Moments {
    fn new(rows: usize, options: &FoldOptions) -> Result<Self> {
        let as_they_stand: Vec<i64> = (0..rows as i64).collect();
        let options = FoldOptions { time: options.time.or(Some(&as_they_stand)), ..*options };
        let Some(units) = options.units(rows) else { return Err(Error::data("rows without an order")) };
        let mut before = vec![0];
        for size in &units.sizes {
            before.push(before[before.len() - 1] + size);
        }
        Ok(Moments { moment_of_row: units.unit_of_row, before })
    }

    /// The moment that the `place`-th row belongs to; behind the last row, the end.
    fn floor(&self, place: usize) -> usize {
        self.before.partition_point(|&rows| rows <= place) - 1
    }

    /// The first moment with at least `place` rows before it.
    fn ceiling(&self, place: usize) -> usize {
        self.before.partition_point(|&rows| rows < place)
    }

    fn rows_before(&self, moment: usize) -> usize {
        self.before[moment]
    }

    fn rows(&self, from: usize, to: usize) -> Vec<usize> {
        (0..self.moment_of_row.len()).filter(|&row| (from..to).contains(&self.moment_of_row[row])).collect()
    }
}
