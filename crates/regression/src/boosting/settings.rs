//! The parameters that regressors and classifiers share.

use super::split::Rules;
use crate::tree::{binning::MOST_BINS, monotone::Monotone};
use adflux_core::{
    Result,
    parameter::{at_least_one, between_one_and, ensure, non_negative, open_unit, positive},
};
/// The error of small steps hardly falls after some thousand rounds; more trees than this would fill the memory first.
const MOST_ROUNDS: usize = 100_000;
const MOST_LEAVES: usize = 131_072;

/// What is boosted with.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// What errors and progress speak of: the component's kind.
    pub(super) step: &'static str,
    pub(super) n_estimators: usize,
    pub(super) learning_rate: f64,
    pub(super) num_leaves: usize,
    pub(super) max_depth: Option<usize>,
    pub(super) min_child_samples: usize,
    pub(super) min_child_weight: f64,
    pub(super) min_split_gain: f64,
    pub(super) reg_lambda: f64,
    pub(super) subsample: f64,
    pub(super) colsample_bytree: f64,
    pub(super) max_bins: usize,
    pub(super) cat_smooth: f64,
    pub(super) cat_l2: f64,
    pub(super) monotone: Monotone,
    pub(super) n_iter_no_change: Option<usize>,
    pub(super) validation_fraction: f64,
    pub(super) seed: u64,
}

impl Settings {
    /// # Errors
    /// [`Error::Parameter`] naming the first parameter that is out of its range.
    pub(super) fn check(&self) -> Result<()> {
        between_one_and(MOST_ROUNDS, "n_estimators", self.n_estimators)?;
        positive("learning_rate", self.learning_rate)?;
        ensure(
            (2..=MOST_LEAVES).contains(&self.num_leaves),
            "num_leaves",
            self.num_leaves,
            "must lie between 2 and 131072, both included",
        )?;
        self.max_depth.map_or(Ok(()), |depth| at_least_one("max_depth", depth))?;
        at_least_one("min_child_samples", self.min_child_samples)?;
        non_negative("min_child_weight", self.min_child_weight)?;
        non_negative("min_split_gain", self.min_split_gain)?;
        non_negative("reg_lambda", self.reg_lambda)?;
        share("subsample", self.subsample)?;
        share("colsample_bytree", self.colsample_bytree)?;
        ensure(
            (2..=MOST_BINS).contains(&self.max_bins),
            "max_bins",
            self.max_bins,
            "must lie between 2 and 255, both included",
        )?;
        non_negative("cat_smooth", self.cat_smooth)?;
        non_negative("cat_l2", self.cat_l2)?;
        self.monotone.check()?;
        self.n_iter_no_change.map_or(Ok(()), |rounds| at_least_one("n_iter_no_change", rounds))?;
        open_unit("validation_fraction", self.validation_fraction)
    }

    /// The rules of splits where weights are counted in units of `unit`.
    pub(super) fn rules(&self, unit: f64) -> Rules {
        Rules {
            min_child_samples: self.min_child_samples as u64,
            min_child_weight: self.min_child_weight / unit,
            min_split_gain: self.min_split_gain / unit,
            reg_lambda: self.reg_lambda / unit,
            cat_smooth: self.cat_smooth / unit,
            cat_l2: self.cat_l2 / unit,
        }
    }
}

fn share(name: &'static str, value: f64) -> Result<()> {
    ensure(value > 0.0 && value <= 1.0, name, value, "a share: above 0, at most 1")
}

/// The fields' setters, and the way from them to [`Settings`].
macro_rules! boosting_parameters {
    ($recipe:ty, $kind:literal) => {
        impl $recipe {
            /// `n_estimators` rounds and default parameters.
            pub fn new(n_estimators: usize) -> Self {
                Self { n_estimators, ..Self::default() }
            }
            /// Sets how much of each tree is added.
            pub fn learning_rate(mut self, learning_rate: f64) -> Self {
                self.learning_rate = learning_rate;
                self
            }
            /// Sets the leaves that a tree may have.
            pub fn num_leaves(mut self, num_leaves: usize) -> Self {
                self.num_leaves = num_leaves;
                self
            }
            /// Sets the depth that trees may reach.
            pub fn max_depth(mut self, max_depth: usize) -> Self {
                self.max_depth = Some(max_depth);
                self
            }
            /// Sets the rows that a leaf must have.
            pub fn min_child_samples(mut self, min_child_samples: usize) -> Self {
                self.min_child_samples = min_child_samples;
                self
            }
            /// Sets the sum of second derivatives that a leaf must have.
            pub fn min_child_weight(mut self, min_child_weight: f64) -> Self {
                self.min_child_weight = min_child_weight;
                self
            }
            /// Sets what a split must gain.
            pub fn min_split_gain(mut self, min_split_gain: f64) -> Self {
                self.min_split_gain = min_split_gain;
                self
            }
            /// Sets the L2 penalty of leaves.
            pub fn reg_lambda(mut self, reg_lambda: f64) -> Self {
                self.reg_lambda = reg_lambda;
                self
            }
            /// Sets the share of rows drawn for each round.
            pub fn subsample(mut self, subsample: f64) -> Self {
                self.subsample = subsample;
                self
            }
            /// Sets the share of columns drawn for each tree.
            pub fn colsample_bytree(mut self, colsample_bytree: f64) -> Self {
                self.colsample_bytree = colsample_bytree;
                self
            }
            /// Sets the bins of a column.
            pub fn max_bins(mut self, max_bins: usize) -> Self {
                self.max_bins = max_bins;
                self
            }
            /// Sets how many rows of no effect each level of a category counts besides its own when levels are ordered.
            pub fn cat_smooth(mut self, cat_smooth: f64) -> Self {
                self.cat_smooth = cat_smooth;
                self
            }
            /// Sets the L2 penalty of splits by sets of levels.
            pub fn cat_l2(mut self, cat_l2: f64) -> Self {
                self.cat_l2 = cat_l2;
                self
            }
            $crate::tree::monotone::monotone_setters!();
            /// Stops when rows that are not learned from are not predicted better for so many rounds.
            pub fn n_iter_no_change(mut self, n_iter_no_change: usize) -> Self {
                self.n_iter_no_change = Some(n_iter_no_change);
                self
            }
            /// Sets the share of rows held back to see when to stop.
            pub fn validation_fraction(mut self, validation_fraction: f64) -> Self {
                self.validation_fraction = validation_fraction;
                self
            }
            /// Sets the seed.
            pub fn seed(mut self, seed: u64) -> Self {
                self.seed = seed;
                self
            }

            fn settings(&self) -> $crate::boosting::settings::Settings {
                $crate::boosting::settings::Settings {
                    step: $kind,
                    n_estimators: self.n_estimators,
                    learning_rate: self.learning_rate,
                    num_leaves: self.num_leaves,
                    max_depth: self.max_depth,
                    min_child_samples: self.min_child_samples,
                    min_child_weight: self.min_child_weight,
                    min_split_gain: self.min_split_gain,
                    reg_lambda: self.reg_lambda,
                    subsample: self.subsample,
                    colsample_bytree: self.colsample_bytree,
                    max_bins: self.max_bins,
                    cat_smooth: self.cat_smooth,
                    cat_l2: self.cat_l2,
                    monotone: self.monotone(),
                    n_iter_no_change: self.n_iter_no_change,
                    validation_fraction: self.validation_fraction,
                    seed: self.seed,
                }
            }
        }
    };
}
pub(super) use boosting_parameters;
