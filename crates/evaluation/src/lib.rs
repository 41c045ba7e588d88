//! How good is it: metrics, splits, conformal mathematics and measures of association, all on plain arrays.
//!
//! | module | what it answers |
//! |---|---|
//! | [`splits`] | which rows to learn from and which to judge by: folds, shares, windows of time, with groups and strata kept |
//! | [`metrics`] | how far predictions are from the truth, and how well segments stand apart |
//! | [`scores`] | all measures of one prediction that there are, by name, and the baseline to beat |
//! | [`measures`] | measures by name, those beside the usual ones too |
//! | [`mod@compare`] | whether one of two predictions is better by more than chance |
//! | [`mod@bootstrap`] | between which numbers a measure lies, whatever the measure |
//! | [`paired`] | whether one of two recipes is, by their scores on the same folds |
//! | [`search`] | which parameters are best: grid, random, successive halving, TPE |
//! | [`calibration`] | whether probabilities can be taken at their word, and what to make of them if not |
//! | [`conformal`] | how wide an interval, how large a set must be to contain the promised share of outcomes |
//! | [`fairness`] | whether groups of people are treated alike: rates by group, the four-fifths rule |
//! | [`segments`] | what became of segments between two dates, and who moved |
//! | [`association`] | how much one column gives another away |
//! | [`drift`] | whether a column has moved between two tables, and how far |
//! | [`distributions`] | the normal distribution, Student's t, beta and gamma, with their quantiles |
//! | [`minimise`] | the minimum of a function of one number |
//! | [`quantiles`] | quantiles of a column, several at once |
//! | [`distance`] | which points are nearest: the kernel of the silhouette and of k-means |
//!
//! Every function checks its input and returns an error that names what is wrong: lengths that differ, a number that is not
//! finite, weights that cannot be. Numbers equal scikit-learn's where it has the same measure.
//!
//! ```
//! use adflux_evaluation::{metrics, splits};
//! use ndarray::array;
//!
//! let folds = splits::k_fold(10, 5, &splits::FoldOptions::default())?;
//! assert_eq!(folds[0].test, [0, 1]);
//!
//! let (truth, predicted) = (array![3.0, 5.0], array![2.0, 7.0]);
//! assert_eq!(metrics::mae(truth.view(), predicted.view(), None)?, 1.5);
//! # Ok::<(), adflux_core::Error>(())
//! ```

mod checks;
mod estimate;
mod shares;

pub mod association;
pub mod bootstrap;
pub mod calibration;
pub mod compare;
pub mod conformal;
pub mod distance;
pub mod distributions;
pub mod drift;
pub mod fairness;
pub mod measures;
pub mod metrics;
pub mod minimise;
pub mod paired;
pub mod quantiles;
pub mod scores;
pub mod search;
pub mod segments;
pub mod splits;

pub use bootstrap::{BootstrapOptions, ScoreInterval, bootstrap, score_intervals, score_intervals_of};
pub use compare::{CompareOptions, Comparison, compare};
pub use estimate::Estimate;
pub use measures::Measures;
pub use scores::{GroupScores, Scores, baseline, higher_is_better, score, score_by};
