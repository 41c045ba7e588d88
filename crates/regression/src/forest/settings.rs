//! The parameters that regressors and classifiers share.

use super::MaxFeatures;
use crate::{
    levels::{Coded, Levels},
    tree::{binning::MOST_BINS, monotone::Monotone},
};
use adflux_core::{
    Error, Features, Result,
    parameter::{at_least_one, between_one_and, ensure},
};

/// The error of a forest hardly falls after some hundred trees; more than this would fill the memory first.
const MOST_TREES: usize = 100_000;

/// Data of up to so many rows is split exactly by a single tree, which costs milliseconds.
const SMALL_DATA: usize = 4096;
/// Of larger data the nodes of up to so many rows: bins hold many values of such a node's few.
const SMALL_NODE: usize = 256;

/// What a forest is grown with.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// What errors and progress speak of: the component's kind.
    pub(crate) step: &'static str,
    pub(crate) n_estimators: usize,
    pub(crate) max_depth: Option<usize>,
    pub(crate) min_samples_split: usize,
    pub(crate) min_samples_leaf: usize,
    pub(crate) max_features: MaxFeatures,
    pub(crate) bootstrap: bool,
    pub(crate) max_samples: Option<f64>,
    /// Whether rows are predicted by the trees that did not draw them.
    pub(crate) oob_score: bool,
    pub(crate) max_bins: usize,
    pub(crate) monotone: Monotone,
    pub(crate) seed: u64,
    /// Whether thresholds are drawn at random.
    pub(crate) random_thresholds: bool,
    /// Whether small data and small nodes are split between any two values, not only between bins.
    pub(crate) exact: bool,
}

impl Settings {
    /// # Errors
    /// [`Error::Parameter`] naming the first parameter that is out of its range.
    pub(crate) fn check(&self) -> Result<()> {
        between_one_and(MOST_TREES, "n_estimators", self.n_estimators)?;
        if let Some(depth) = self.max_depth {
            at_least_one("max_depth", depth)?;
        }
        ensure(self.min_samples_split >= 2, "min_samples_split", self.min_samples_split, "must be at least 2")?;
        at_least_one("min_samples_leaf", self.min_samples_leaf)?;
        self.max_features.check()?;
        ensure(
            (2..=MOST_BINS).contains(&self.max_bins),
            "max_bins",
            self.max_bins,
            "must lie between 2 and 255, both included",
        )?;
        self.monotone.check()?;
        let leaves_rows_out = self.bootstrap || !self.oob_score;
        ensure(leaves_rows_out, "oob_score", self.oob_score, "only a bootstrap leaves rows out: set bootstrap = true")?;
        match self.max_samples {
            Some(share) if !(share > 0.0 && share <= 1.0) => {
                Err(Error::parameter("max_samples", share, "a share of the rows: above 0, at most 1"))
            }
            Some(share) if !self.bootstrap => {
                Err(Error::parameter("max_samples", share, "only a bootstrap draws rows: set bootstrap = true"))
            }
            _ => Ok(()),
        }
    }

    /// The levels that are told apart, one code being left for missing values.
    pub(crate) fn levels(&self, x: &Features, weights: &[f64]) -> Result<(Levels, Coded)> {
        Levels::of_fit(x, weights, self.max_bins.min(MOST_BINS - 1), self.step)
    }

    /// Nodes of up to so many rows are split exactly.
    pub(crate) fn exact_to(&self, rows: usize) -> usize {
        match self.exact {
            false => 0,
            true if rows <= SMALL_DATA => SMALL_DATA,
            true => SMALL_NODE,
        }
    }

    /// The number of rows drawn for a tree.
    pub(crate) fn draws(&self, rows: usize) -> usize {
        self.max_samples.map_or(rows, |share| ((share * rows as f64).round() as usize).max(1))
    }
}

/// The methods that set the parameters of a forest recipe, and the way from its fields to [`Settings`].
macro_rules! forest_parameters {
    ($recipe:ty, $kind:literal, random_thresholds = $random:literal) => {
        impl $recipe {
            /// A forest of `n_estimators` trees and default parameters.
            pub fn new(n_estimators: usize) -> Self {
                Self { n_estimators, ..Self::default() }
            }
            /// Sets the depth that trees may reach.
            pub fn max_depth(mut self, max_depth: usize) -> Self {
                self.max_depth = Some(max_depth);
                self
            }
            /// Sets the rows that a node must have to be split.
            pub fn min_samples_split(mut self, min_samples_split: usize) -> Self {
                self.min_samples_split = min_samples_split;
                self
            }
            /// Sets the rows that a leaf must have.
            pub fn min_samples_leaf(mut self, min_samples_leaf: usize) -> Self {
                self.min_samples_leaf = min_samples_leaf;
                self
            }
            /// Sets how many columns a split may choose from.
            pub fn max_features(mut self, max_features: $crate::MaxFeatures) -> Self {
                self.max_features = max_features;
                self
            }
            /// Sets whether each tree sees rows drawn with replacement, or all rows.
            pub fn bootstrap(mut self, bootstrap: bool) -> Self {
                self.bootstrap = bootstrap;
                self
            }
            /// Sets the share of rows drawn for each tree.
            pub fn max_samples(mut self, max_samples: f64) -> Self {
                self.max_samples = Some(max_samples);
                self
            }
            /// Sets whether each row is predicted by the trees that did not draw it, which estimates the test error.
            pub fn oob_score(mut self, oob_score: bool) -> Self {
                self.oob_score = oob_score;
                self
            }
            /// Sets the bins of a column.
            pub fn max_bins(mut self, max_bins: usize) -> Self {
                self.max_bins = max_bins;
                self
            }
            $crate::tree::monotone::monotone_setters!();
            /// Sets the seed.
            pub fn seed(mut self, seed: u64) -> Self {
                self.seed = seed;
                self
            }

            pub(crate) fn settings(&self) -> $crate::forest::Settings {
                $crate::forest::Settings {
                    step: $kind,
                    n_estimators: self.n_estimators,
                    max_depth: self.max_depth,
                    min_samples_split: self.min_samples_split,
                    min_samples_leaf: self.min_samples_leaf,
                    max_features: self.max_features,
                    bootstrap: self.bootstrap,
                    max_samples: self.max_samples,
                    oob_score: self.oob_score,
                    max_bins: self.max_bins,
                    monotone: self.monotone(),
                    seed: self.seed,
                    random_thresholds: $random,
                    exact: false,
                }
            }
        }
    };
}
pub(super) use forest_parameters;
