//! Which rows to learn from and which to judge by.
//!
//! | function or recipe | what it does |
//! |---|---|
//! | [`k_fold`] | every row in exactly one test set, so that out-of-fold predictions can be put together again for all rows |
//! | [`KFold`] | the same, shuffled, once or several times over |
//! | [`ShuffleSplit`] | a share held back at random, several times |
//! | [`TimeSeriesSplit`] | judged by later rows only: an expanding or a rolling window, with a gap |
//! | [`train_test_split`] | one share held back |
//! | [`train_validation_test_split`] | two shares held back |
//!
//! [`Split`] is any of the recipes, as a file or a command line names it. All keep what must not be torn apart:
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

mod hold_out;
mod k_fold;
mod options;
mod recipe;
mod shuffle_split;
mod time_series;
mod units;

pub use hold_out::{ThreeWay, train_test_split, train_validation_test_split};
pub use k_fold::k_fold;
pub use options::{FoldOptions, RowKeys};
pub use recipe::{KFold, Split};
pub use shuffle_split::ShuffleSplit;
pub use time_series::TimeSeriesSplit;

use adflux_core::{ClassTarget, Error, Result, parameter::ensure, random::stream};
use rand::seq::SliceRandom as _;

/// The rows to learn from and the rows to judge by, each in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows to judge by.
    pub test: Vec<usize>,
}

impl Fold {
    /// Checks that every class to be judged by can be learned: that none has rows in the test set and none in the training set.
    /// Without this check a model gives it the probability 0, and its log loss speaks of the split alone.
    ///
    /// # Errors
    /// Naming the first such class and what to do.
    pub fn check_classes(&self, classes: &ClassTarget) -> Result<()> {
        let count = |rows: &[usize]| {
            let mut counts = vec![0usize; classes.labels.len()];
            for code in rows.iter().filter_map(|&row| classes.codes.get(row)) {
                if let Some(count) = counts.get_mut(*code as usize) {
                    *count += 1;
                }
            }
            counts
        };
        let (train, test) = (count(&self.train), count(&self.test));
        match (0..test.len()).find(|&class| test[class] > 0 && train[class] == 0) {
            None => Ok(()),
            Some(class) => Err(Error::data(format!(
                "class `{}` has {} to judge by and none to learn from: drop it or join it with another class, or split so that it is on \
                 both sides (fewer folds; larger or later training windows; groups that do not hold all of it)",
                classes.labels[class],
                if test[class] == 1 { "1 row".into() } else { format!("{} rows", test[class]) },
            ))),
        }
    }
}

/// Refuses folds whose row numbers would not fit a memory: every fold holds all of them, 8 bytes each.
fn fits(name: &'static str, value: usize, folds: usize, rows: usize) -> Result<()> {
    const MOST_NUMBERS: usize = 1_000_000_000;
    const FEW: usize = 100;
    let most = FEW.max(MOST_NUMBERS / rows.max(1));
    let reason = format!("{folds} folds, each of which holds the numbers of {rows} rows: at most {most} fit a memory");
    ensure(folds <= most, name, value, &reason)
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
