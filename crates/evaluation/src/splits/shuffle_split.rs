//! A share held back at random, several times.

use super::{Fold, FoldOptions, fits, fold_where, train_test_split};
use adflux_core::{
    Error, Result,
    parameter::{at_least_one, open_unit},
    random::stream,
};
use rand::{Rng as _, seq::SliceRandom as _};
use serde::{Deserialize, Serialize};

/// Holds `test_size` of the rows back at random, `splits` times; the test sets of different splits overlap.
///
/// With strata each has the same share of each (scikit-learn's `StratifiedShuffleSplit`); with groups whole groups are drawn,
/// and `test_size` is the share of the **groups** (`GroupShuffleSplit`); otherwise it is `ShuffleSplit`. Defaults are
/// scikit-learn's, but for the seed.
///
/// ```
/// use adflux_evaluation::splits::{FoldOptions, ShuffleSplit};
/// let folds = ShuffleSplit::new(3, 0.25).folds(8, &FoldOptions::default())?;
/// assert!(folds.len() == 3 && folds.iter().all(|fold| fold.test.len() == 2));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShuffleSplit {
    /// How many splits. Default 10.
    pub splits: usize,
    /// The share of rows (of groups, where there are groups) in each test set, rounded up. Default 0.1.
    pub test_size: f64,
    /// The seed. Default: that of the options, or else 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

impl Default for ShuffleSplit {
    fn default() -> Self {
        ShuffleSplit { splits: 10, test_size: 0.1, seed: None }
    }
}

impl ShuffleSplit {
    /// So many splits with this share in the test set.
    pub fn new(splits: usize, test_size: f64) -> Self {
        ShuffleSplit { splits, test_size, ..ShuffleSplit::default() }
    }

    /// The seed, whatever the options have.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The splits. O(splits · rows).
    ///
    /// # Errors
    /// When `splits` is 0, or so many that they would not fit a memory; when rows have times, which no shuffle can respect; as [`train_test_split`].
    pub fn folds(&self, rows: usize, options: &FoldOptions) -> Result<Vec<Fold>> {
        at_least_one("splits", self.splits)?;
        open_unit("test_size", self.test_size)?;
        options.check(rows)?;
        if options.time.is_some() {
            return Err(Error::data(
                "rows that have times cannot be held back at random, later ones would be learned from: use the split `time-series`",
            ));
        }
        fits("splits", self.splits, self.splits, rows)?;
        let seed = self.seed.or(options.shuffle).unwrap_or_default();
        (0..self.splits).map(|split| self.fold(split, rows, options, seed)).collect()
    }

    fn fold(&self, split: usize, rows: usize, options: &FoldOptions, seed: u64) -> Result<Fold> {
        let mut random = stream(seed, &[split as u64]);
        let Some(units) = options.units(rows) else {
            let options = FoldOptions { shuffle: Some(random.next_u64()), ..*options };
            return train_test_split(rows, self.test_size, &options);
        };
        let groups = units.sizes.len();
        units.at_least(2, "test_size", self.test_size)?;
        // Against products such as 0.07 · 100 = 7.000000000000001.
        let tests = ((groups as f64 * self.test_size - 1e-9).ceil() as usize).max(1);
        if tests >= groups {
            let reason = format!("leaves no group of {groups} to learn from");
            return Err(Error::parameter("test_size", self.test_size, reason));
        }
        let mut order: Vec<usize> = (0..groups).collect();
        order.shuffle(&mut random);
        let mut in_test = vec![0; groups];
        order.iter().take(tests).for_each(|&group| in_test[group] = 1);
        Ok(fold_where(&units.spread(in_test), 1))
    }
}
