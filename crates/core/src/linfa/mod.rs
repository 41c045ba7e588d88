//! The bridge to [linfa](https://docs.rs/linfa), both ways: [`FromLinfa`] puts linfa's estimators where adflux wants a model,
//! [`IntoLinfa`] puts adflux's models where linfa's traits are asked for. Behind the feature `linfa`.
//!
//! | wanted | write |
//! |---|---|
//! | a linfa estimator, fitted on [`Features`](crate::Features) | [`FromLinfa::regressor`], [`FromLinfa::classifier`], [`FromLinfa::clusterer`] |
//! | the same in a pipeline, a registry or a saved file | a serde struct with [`LinfaEstimator`], in [`FromLinfa`] |
//! | an estimator with targets of another sort | a [`Task`] of your own |
//! | an adflux recipe in linfa's `Fit`, `cross_validate_single` | [`IntoLinfa`] |
//! | an adflux model in linfa's `Predict`, linfa's metrics on it | [`IntoLinfaModel`] |
//!
//! # Errors instead of panics
//!
//! linfa asserts. The bridge checks first what adflux's own models check: there are rows and columns, all numbers are finite,
//! lengths agree, the columns at prediction are those of the fit. A panic of linfa that is left (`k` above the number of
//! rows with a random start, say) is caught where the program unwinds, and comes back as
//! [`Error::Backend`]; so does every error of linfa, with the estimator's kind before it. Numbers that
//! linfa predicts are checked to be finite.
//!
//! # What to know of linfa 0.8
//!
//! Read in its source; the bridge changes none of it.
//!
//! - **Weights** are `f32`, and most estimators ignore them without a word: linear regression, Tweedie, k-means and the
//!   Gaussian mixture do; decision trees use them, but count rows and not weights for `min_weight_split`.
//!   `cross_validate_single` drops them.
//! - **Exposure, groups and time** are not known to linfa: they are left out.
//! - **Decision trees** are for classes only. Values closer than 1e-5 count as equal whatever the unit, which hides splits on
//!   rates as small as click rates: scale first. Below the root, splits on columns of few distinct values (counts, one-hot)
//!   can be missed. A leaf where classes are equally frequent takes the one that a hash map happens to give first: **two fits
//!   can differ**. No probabilities: see [`Classification`].
//! - **Least squares** needs columns that do not depend on each other, and more rows than columns: one-hot columns beside the
//!   intercept are an error, or by rounding coefficients without a limit.
//! - **Elastic net** does not centre the columns, so that its intercept is wrong unless they are centred: put a
//!   `StandardScaler` before it.
//! - **Tweedie** has no offset, and its `alpha` is scikit-learn's times the number of rows. Its line search has no limit: on a
//!   few hundred rows of counts in the tens **the fit need not come to an end**, and cannot be cancelled. Divide the target by
//!   its mean first.
//! - **k-means** measures `tolerance` as the distance that the centres move; its start `KMeansPara` depends on the number of
//!   threads. Segments are not numbered by size. **DBSCAN** and **OPTICS** are no `Fit`: they label the rows they are given and
//!   know no new row, so they fill no model slot.
//! - **Metrics**: the mean absolute percentage error divides by what it is called on, so call it on the truth; the explained
//!   variance is computed wrongly; the area under the ROC curve can miss the point (0, 0).
//! - **`cross_validate_single`** does not shuffle, and judges no row of the remainder when the rows do not divide by the folds.

mod from;
mod into;
mod task;

pub use from::{DatasetOf, FitError, FromLinfa, LinfaEstimator, LinfaModel, Unnamed};
pub use into::{IntoLinfa, IntoLinfaModel, LinfaOutput, LinfaTarget, NO_PREDICTION};
pub use task::{Classification, Clustering, Regression, Task};

use crate::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What linfa said, and to whom.
#[derive(Debug, thiserror::Error)]
#[error("`{kind}`, in linfa: {source}")]
struct InLinfa {
    kind: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

fn in_linfa(kind: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::backend(InLinfa { kind, source: source.into() })
}

/// So that [`IntoLinfa`] speaks linfa's traits with adflux's own error.
impl From<::linfa::Error> for Error {
    fn from(error: ::linfa::Error) -> Self {
        Error::backend(error)
    }
}

/// What `work` gives, or its panic as an error: linfa asserts where adflux returns errors.
fn guarded<T>(kind: &'static str, work: impl FnOnce() -> T) -> Result<T> {
    // What `work` was building is dropped with the panic; nothing half-made is seen afterwards.
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let said = panic.downcast_ref::<&str>().map(|s| (*s).to_string());
        let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into());
        in_linfa(kind, format!("it panicked: {}", said.replace('\n', " ")))
    })
}
