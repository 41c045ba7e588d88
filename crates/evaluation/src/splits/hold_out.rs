//! A share of the rows held back.

use super::{Fold, FoldOptions, fold_where, shuffle};
use crate::checks::dense_codes;
use adflux_core::{Error, Result, parameter::open_unit};

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

/// The rows to learn from, to choose by, and to judge by, each in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreeWay {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows to choose by: to stop early, to tune, to calibrate.
    pub validation: Vec<usize>,
    /// Rows to judge by, once, at the end.
    pub test: Vec<usize>,
}

/// Holds two shares of all rows back: [`train_test_split`] twice, the second time on what the first left. With `time` the
/// latest rows are the test set, and those before them the validation set.
///
/// ```
/// use adflux_evaluation::splits::{FoldOptions, train_validation_test_split};
/// let parts = train_validation_test_split(10, 0.2, 0.3, &FoldOptions::default())?;
/// assert_eq!((parts.train, parts.validation, parts.test), (vec![0, 1, 2, 3, 4], vec![5, 6], vec![7, 8, 9]));
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`train_test_split`], and when the two shares leave nothing to learn from.
pub fn train_validation_test_split(
    rows: usize,
    validation_share: f64,
    test_share: f64,
    options: &FoldOptions,
) -> Result<ThreeWay> {
    open_unit("validation_share", validation_share)?;
    open_unit("test_share", test_share)?;
    if validation_share + test_share >= 1.0 {
        let reason = format!("with a test_share of {test_share} it leaves nothing to learn from");
        return Err(Error::parameter("validation_share", validation_share, reason));
    }
    let outer = train_test_split(rows, test_share, options)?;
    let kept = options.keys().take(&outer.train);
    // Of what is left the share is larger, so that it is the one asked for of all rows.
    let share = (validation_share * rows as f64 / outer.train.len() as f64).min(1.0 - f64::EPSILON);
    let inner = train_test_split(outer.train.len(), share, &kept.options(options.shuffle))?;
    let whole = |places: Vec<usize>| places.into_iter().map(|place| outer.train[place]).collect();
    Ok(ThreeWay { train: whole(inner.train), validation: whole(inner.test), test: outer.test })
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
