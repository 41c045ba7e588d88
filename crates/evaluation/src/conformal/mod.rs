//! Conformal prediction: intervals and sets that contain the promised share of outcomes, whatever the model and whatever its errors
//! look like.
//!
//! | what | functions | promise for a new row that is exchangeable with the scored ones |
//! |---|---|---|
//! | interval of one width (split) | [`residual_scores`], [`residual_interval`] | coverage ≥ level |
//! | interval scaled by an expected error (normalised) | the same, with `scale` | coverage ≥ level |
//! | interval around predicted quantiles (CQR) | [`quantile_scores`], [`quantile_interval`], [`widened`] | coverage ≥ level |
//! | by group (Mondrian) | [`group_quantiles`] | coverage ≥ level in each group with a quantile of its own |
//! | from models of folds (CV+, jackknife+) | [`cv_plus`] | coverage ≥ 1 − 2 (1 − level), about `level` in practice |
//! | sets of classes (LAC, APS) | [`lac_scores`], [`lac_sets`], [`aps_scores`], [`aps_sets`] | coverage ≥ level |
//!
//! All but CV+ go the same way: a score for each row says how badly the prediction misses the truth; [`conformal_quantile`] of
//! these scores is what a new row's score stays below; the interval or set is every outcome whose score would be that low. The
//! scored rows must **not have been learned from**: rows held back, or (a little less than promised, hardly ever to be seen) rows
//! predicted out of fold. The promise is over new rows on the average, not for each kind of row: that is what groups are for. It
//! does not hold where new rows come from somewhere else: a market that changed, a platform that was not there.
//!
//! ```
//! use adflux_evaluation::conformal::{conformal_quantile, residual_interval, residual_scores, widened};
//! use ndarray::Array1;
//! // Rows held back: what was predicted, and what came.
//! let predicted = Array1::from_elem(99, 10.0);
//! let truth: Array1<f64> = (1..=99).map(|row| 10.0 + f64::from(row) / 10.0).collect();
//! let scores = residual_scores(truth.view(), predicted.view(), None)?;
//! let quantile = conformal_quantile(&scores, 0.9)?;
//! let (lower, upper) = residual_interval(predicted.view(), quantile, None)?;
//! assert_eq!((lower[0], upper[0]), (1.0, 19.0));
//! # Ok::<(), adflux_core::Error>(())
//! ```
//!
//! Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*, 2005; Lei et al., *Distribution-Free Predictive
//! Inference for Regression*, JASA 2018; Angelopoulos and Bates, *Conformal Prediction: A Gentle Introduction*, 2023.

mod cross;
mod groups;
mod intervals;
mod quantile;
mod sets;

pub use cross::cv_plus;
pub use groups::group_quantiles;
pub use intervals::{quantile_interval, quantile_scores, residual_interval, residual_scores, widened};
pub use quantile::{conformal_quantile, rows_needed};
pub use sets::{aps_scores, aps_sets, lac_scores, lac_sets};
