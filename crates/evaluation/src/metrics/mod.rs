//! How far predictions are from the truth, and how well segments stand apart.
//!
//! | predictions | measures |
//! |---|---|
//! | numbers | [`mae`], [`mse`], [`rmse`], [`r2`] |
//! | intervals and quantiles | [`coverage`], [`mean_width`], [`interval_score`], [`pinball`] |
//! | a class | [`accuracy`], [`precision`], [`recall`], [`f1`] |
//! | probabilities | [`roc_auc`], [`pr_auc`], [`brier`], [`log_loss`] |
//! | segments | [`silhouette`], [`calinski_harabasz`], [`davies_bouldin`] |
//!
//! The truth comes first, then the prediction, then optional row weights, as in scikit-learn, whose numbers these are.

mod classification;
mod clustering;
mod intervals;
mod regression;
mod silhouette;

pub use classification::{accuracy, brier, f1, log_loss, pr_auc, precision, recall, roc_auc};
pub use clustering::{calinski_harabasz, davies_bouldin};
pub use intervals::{coverage, interval_score, mean_width, pinball};
pub use regression::{mae, mse, r2, rmse};
pub use silhouette::{silhouette, silhouette_sampled, silhouette_samples};
