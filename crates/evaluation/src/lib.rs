//! How good is it: metrics, splits, conformal mathematics and measures of association, all on plain arrays.
//!
//! | module | what it answers |
//! |---|---|
//! | [`splits`] | which rows to learn from and which to judge by: k-fold and train/test, with groups, time and strata kept |
//! | [`metrics`] | how far predictions are from the truth, and how well segments stand apart |
//! | [`scores`] | all measures of one prediction that there are, by name, and the baseline to beat |
//! | [`mod@compare`] | whether one of two predictions is better by more than chance |
//! | [`conformal`] | how wide an interval must be to contain the promised share of outcomes |
//! | [`association`] | how much one column gives another away |
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

pub mod association;
pub mod compare;
pub mod conformal;
pub mod distance;
pub mod metrics;
pub mod scores;
pub mod splits;

pub use compare::{CompareOptions, Comparison, compare};
pub use scores::{Scores, baseline, higher_is_better, score};
