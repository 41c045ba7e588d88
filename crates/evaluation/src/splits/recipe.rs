//! [`Split`]: how to split, as a file or a command line names it.

use super::{Fold, FoldOptions, ShuffleSplit, TimeSeriesSplit, fits, k_fold};
use adflux_core::{Error, Result, parameter::at_least_one, random::stream};
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// [`k_fold`], shuffled, once or several times over.
///
/// scikit-learn's `RepeatedKFold` and `RepeatedStratifiedKFold`, and by groups. With times it is blocked cross-validation,
/// which no seed changes, so that it cannot be repeated.
///
/// ```
/// use adflux_evaluation::splits::{FoldOptions, KFold};
/// let folds = KFold::new(5).repeats(3).folds(20, &FoldOptions::default())?;
/// assert!(folds.len() == 15 && folds[0] != folds[5]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KFold {
    /// How many folds, 2 or more. Default 5.
    pub folds: usize,
    /// How often over, with other rows in the folds each time. Default 1.
    pub repeats: usize,
    /// Whether rows are drawn into the folds; otherwise they are put there as they stand. Default `true`: other than in
    /// scikit-learn, because the rows of a file are often sorted by what is to be predicted.
    pub shuffle: bool,
    /// The seed. Default: that of the options, or else 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

impl Default for KFold {
    fn default() -> Self {
        KFold { folds: 5, repeats: 1, shuffle: true, seed: None }
    }
}

impl KFold {
    /// So many folds, once.
    pub fn new(folds: usize) -> Self {
        KFold { folds, ..KFold::default() }
    }

    /// How often over.
    pub fn repeats(mut self, repeats: usize) -> Self {
        self.repeats = repeats;
        self
    }

    /// Whether rows are drawn into the folds.
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// The seed, whatever the options have.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The folds of the first time over, then those of the second, ….
    ///
    /// # Errors
    /// As [`k_fold`]; when `repeats` is 0, above 1 where every time would be the same, or so many that the folds would not fit a
    /// memory.
    pub fn folds(&self, rows: usize, options: &FoldOptions) -> Result<Vec<Fold>> {
        at_least_one("repeats", self.repeats)?;
        let seed = self.seed.or(options.shuffle).unwrap_or_default();
        if self.repeats > 1 && (!self.shuffle || options.time.is_some()) {
            let reason = match options.time {
                Some(_) => "folds of rows that have times are blocks of time, the same each time over",
                None => "folds that are not shuffled are the same each time over: set shuffle = true",
            };
            return Err(Error::parameter("repeats", self.repeats, reason));
        }
        // Of more folds than rows the first time over says so.
        if self.repeats > 1 && self.folds <= rows {
            fits("repeats", self.repeats, self.repeats.saturating_mul(self.folds), rows)?;
        }
        let mut all = Vec::new();
        for repeat in 0..self.repeats {
            // The first time over is that of `k_fold` with the same seed.
            let seed = if repeat == 0 { seed } else { stream(seed, &[repeat as u64]).next_u64() };
            let options = FoldOptions { shuffle: self.shuffle.then_some(seed), ..*options };
            all.extend(k_fold(rows, self.folds, &options)?);
        }
        Ok(all)
    }
}

/// How to split for cross-validation.
///
/// In TOML it is a table with a `method`, in one line of a command the method with its parameters:
///
/// ```
/// use adflux_evaluation::splits::{KFold, Split, TimeSeriesSplit};
/// let read: Split = toml::from_str("method = 'time-series'\nfolds = 4\ngap = 7")?;
/// assert_eq!(read, Split::TimeSeries(TimeSeriesSplit::new(4).gap(7)));
/// assert_eq!("time-series,folds=4,gap=7".parse::<Split>()?, read);
/// assert_eq!("10".parse::<Split>()?, Split::KFold(KFold::new(10)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Split {
    /// Every row in one test set (`k-fold`).
    KFold(KFold),
    /// Shares at random (`shuffle`).
    #[serde(rename = "shuffle")]
    ShuffleSplit(ShuffleSplit),
    /// Later rows only (`time-series`).
    TimeSeries(TimeSeriesSplit),
}

impl Default for Split {
    /// Five folds.
    fn default() -> Self {
        Split::KFold(KFold::default())
    }
}

impl Split {
    /// The folds of so many rows, which keep what `options` says. A seed of its own goes before that of the options.
    ///
    /// # Errors
    /// Those of the method.
    pub fn folds(&self, rows: usize, options: &FoldOptions) -> Result<Vec<Fold>> {
        match self {
            Split::KFold(split) => split.folds(rows, options),
            Split::ShuffleSplit(split) => split.folds(rows, options),
            Split::TimeSeries(split) => split.folds(rows, options),
        }
    }

    /// What the `index`-th fold (from 0) is called: "fold 2 of 5", "split 3 of 10", "repeat 2 of 3, fold 1 of 5".
    pub fn name(&self, index: usize) -> String {
        match self {
            Split::KFold(KFold { folds, repeats, .. }) => {
                let folds = (*folds).max(1);
                let fold = format!("fold {} of {folds}", index % folds + 1);
                if *repeats > 1 { format!("repeat {} of {repeats}, {fold}", index / folds + 1) } else { fold }
            }
            Split::ShuffleSplit(ShuffleSplit { splits, .. }) => format!("split {} of {splits}", index + 1),
            Split::TimeSeries(TimeSeriesSplit { folds, .. }) => format!("fold {} of {folds}", index + 1),
        }
    }

    /// How many folds make one time over all rows; `None` where the test sets do not make up all rows.
    pub fn folds_a_repeat(&self) -> Option<usize> {
        match self {
            Split::KFold(split) => Some(split.folds),
            _ => None,
        }
    }
}

impl From<KFold> for Split {
    fn from(split: KFold) -> Self {
        Split::KFold(split)
    }
}

impl From<ShuffleSplit> for Split {
    fn from(split: ShuffleSplit) -> Self {
        Split::ShuffleSplit(split)
    }
}

impl From<TimeSeriesSplit> for Split {
    fn from(split: TimeSeriesSplit) -> Self {
        Split::TimeSeries(split)
    }
}

/// So many folds.
impl From<usize> for Split {
    fn from(folds: usize) -> Self {
        Split::KFold(KFold::new(folds))
    }
}

impl FromStr for Split {
    type Err = Error;

    /// A number of folds, or `METHOD[,NAME=VALUE]…`.
    fn from_str(given: &str) -> Result<Self> {
        let wrong = |reason: &str| {
            let form = "give a number of folds, or k-fold, shuffle or time-series with their parameters: time-series,folds=5,gap=7";
            Error::data(format!("split `{given}`: {reason}: {form}"))
        };
        if let Ok(folds) = given.trim().parse::<usize>() {
            return Ok(Split::from(folds));
        }
        let mut parts = given.split(',').map(str::trim);
        let mut table = toml::Table::new();
        table.insert("method".into(), parts.next().unwrap_or_default().into());
        for part in parts {
            let (name, value) = part.split_once('=').ok_or_else(|| wrong(&format!("`{part}` is not NAME=VALUE")))?;
            let value =
                toml::from_str::<toml::Table>(&format!("value = {value}")).ok().and_then(|mut t| t.remove("value"));
            let value = value.ok_or_else(|| wrong(&format!("the value of `{}` cannot be read", name.trim())))?;
            table.insert(name.trim().into(), value);
        }
        let read: Result<Split, toml::de::Error> = toml::Value::Table(table).try_into();
        read.map_err(|e| wrong(e.message().trim()))
    }
}
