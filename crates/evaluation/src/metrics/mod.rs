//! How far predictions are from the truth, and how well segments stand apart.
//!
//! | predictions | measures |
//! |---|---|
//! | numbers | [`mae`], [`mse`], [`rmse`], [`median_absolute_error`], [`max_error`], [`r2`], [`explained_variance`] |
//! | numbers, by their size | [`mape`], [`smape`], [`wape`] |
//! | counts and amounts | [`poisson_deviance`], [`gamma_deviance`], [`tweedie_deviance`], [`d2_tweedie`] |
//! | medians and quantiles | [`pinball`], [`d2_absolute_error`], [`d2_pinball`] |
//! | intervals | [`coverage`], [`mean_width`], [`interval_score`] |
//! | a class | [`accuracy`], [`precision`], [`recall`], [`f1`], [`f_beta`] |
//! | one of many classes | [`ConfusionMatrix`]: the same with averages, balanced accuracy, MCC, Cohen's kappa |
//! | scores of a class, by their order | [`roc_auc`], [`pr_auc`], [`roc_auc_multiclass`], [`roc_curve`], [`precision_recall_curve`] |
//! | whom to take first, and how many | [`gain_table`], [`gain_at`], [`lift_at`], [`cost_curve`] |
//! | probabilities | [`brier`], [`log_loss`], [`ece`] |
//! | rankings | [`ndcg`], [`dcg`], [`precision_at_k`], [`recall_at_k`], [`mean_reciprocal_rank`] |
//! | forecasts | [`mase`], [`rmsse`], [`owa`], [`msis`], [`crps_from_quantiles`], [`crps_from_samples`], [`smape`] |
//! | segments | [`silhouette`], [`calinski_harabasz`], [`davies_bouldin`] |
//! | segments beside known ones | [`adjusted_rand`], [`normalized_mutual_info`], [`adjusted_mutual_info`], [`v_measure`] |
//!
//! The truth comes first, then the prediction, then optional row weights, as in scikit-learn, whose numbers these are where it has
//! the measure. A row of weight 0 takes no part. For an interval around a measure see [`bootstrap`](crate::bootstrap()). Sums are
//! made in fixed blocks of rows on all threads: the number of threads changes no bit.

mod agreement;
mod classification;
mod clustering;
mod confusion;
mod cost;
mod curves;
mod deviance;
mod forecast;
mod gains;
mod intervals;
mod multiclass;
mod probability;
mod ranked;
mod ranking;
mod regression;
mod relative;
mod silhouette;

pub use agreement::{VMeasure, adjusted_mutual_info, adjusted_rand, normalized_mutual_info, v_measure};
pub use classification::{accuracy, f_beta, f1, precision, recall};
pub use clustering::{calinski_harabasz, davies_bouldin};
pub use confusion::{Average, ConfusionMatrix, Disagreement};
pub use cost::{CostCurve, Costs, cost_curve};
pub use curves::{PrecisionRecallCurve, RocCurve, pr_auc, precision_recall_curve, roc_auc, roc_curve};
pub use deviance::{d2_absolute_error, d2_pinball, d2_tweedie, gamma_deviance, poisson_deviance, tweedie_deviance};
pub use forecast::{ForecastErrors, crps_from_quantiles, crps_from_samples, mase, msis, owa, rmsse};
pub use gains::{GainRow, gain_at, gain_table, lift_at};
pub use intervals::{coverage, interval_score, mean_width, pinball};
pub use multiclass::{MultiClass, roc_auc_multiclass};
pub use probability::{brier, ece, log_loss};
pub use ranking::{dcg, mean_reciprocal_rank, ndcg, precision_at_k, recall_at_k};
pub use regression::{explained_variance, mae, max_error, median_absolute_error, mse, r2, rmse};
pub use relative::{mape, smape, wape};
pub use silhouette::{silhouette, silhouette_sampled, silhouette_samples};
