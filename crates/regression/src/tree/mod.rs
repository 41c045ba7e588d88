//! One decision tree: binning the columns, growing on histograms, and the flat nodes that predict.
//!
//! The three parts know nothing of forests, so that single trees and boosting can share them:
//! [`binning`] turns numbers into byte codes once for all trees, [`grow`] builds a tree over the codes for any
//! [`outcome`], looking for the best split of a column in [`split`], in small nodes in [`exact`], or for a random one in
//! [`random`], levels in the order of [`level_order`], and keeping histograms of large nodes in [`kept`], as [`monotone`]
//! constraints allow; and [`nodes`] is what predicts, by thresholds or by [`code_set`]s, [`packed`] where rows are many,
//! kept in a file as [`saved`] says.

pub(crate) mod binning;
pub(crate) mod code_set;
pub(crate) mod exact;
pub(crate) mod grow;
mod kept;
mod level_order;
pub(crate) mod monotone;
pub(crate) mod nodes;
pub(crate) mod outcome;
mod packed;
pub(crate) mod predict;
mod random;
pub(crate) mod saved;
pub(crate) mod split;
