//! What a split must respect, by options or as the training data has it.

use super::units::Units;
use crate::checks::dense_codes;
use adflux_core::{ClassTarget, Error, Result, Target, Training};

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

impl FoldOptions<'_> {
    /// The same, owned, so that rows can be taken of it.
    pub(super) fn keys(&self) -> RowKeys {
        RowKeys {
            groups: self.groups.map(<[_]>::to_vec),
            time: self.time.map(<[_]>::to_vec),
            strata: self.strata.map(<[_]>::to_vec),
        }
    }

    pub(super) fn check(&self, rows: usize) -> Result<()> {
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
    pub(super) fn units(&self, rows: usize) -> Option<Units> {
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

/// The groups, times and classes of some training data, for splits that keep them.
///
/// ```
/// use adflux_core::{Target, Training};
/// use adflux_evaluation::splits::{RowKeys, k_fold};
/// use ndarray::array;
/// let data = Training::new(array![1.0, 2.0, 3.0, 4.0]).with_groups(array![5, 5, 8, 8]);
/// let folds = k_fold(4, 2, &RowKeys::of(&data).options(Some(42)))?;
/// assert!(folds.iter().all(|fold| fold.test == [0, 1] || fold.test == [2, 3]));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowKeys {
    /// The group of each row.
    pub groups: Option<Vec<u32>>,
    /// When each row happened.
    pub time: Option<Vec<i64>>,
    /// The class of each row.
    pub strata: Option<Vec<u32>>,
}

impl RowKeys {
    /// Those of `data`; a target of classes gives the strata, as scikit-learn's `check_cv` has it.
    pub fn of<X>(data: &Training<X>) -> Self {
        RowKeys {
            groups: data.groups.as_ref().map(|groups| groups.to_vec()),
            time: data.time.as_ref().map(|time| time.to_vec()),
            strata: match &data.target {
                Some(Target::Classes(ClassTarget { codes, .. })) => Some(codes.to_vec()),
                _ => None,
            },
        }
    }

    /// Those of some rows.
    ///
    /// # Panics
    /// When an index is not one of a row.
    pub fn take(&self, rows: &[usize]) -> Self {
        fn pick<T: Copy>(keys: &Option<Vec<T>>, rows: &[usize]) -> Option<Vec<T>> {
            keys.as_ref().map(|keys| rows.iter().map(|&row| keys[row]).collect())
        }
        RowKeys { groups: pick(&self.groups, rows), time: pick(&self.time, rows), strata: pick(&self.strata, rows) }
    }

    /// As options of a split, with the seed to shuffle by.
    pub fn options(&self, shuffle: Option<u64>) -> FoldOptions<'_> {
        FoldOptions {
            groups: self.groups.as_deref(),
            time: self.time.as_deref(),
            strata: self.strata.as_deref(),
            shuffle,
        }
    }
}
