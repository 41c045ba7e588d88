//! From a frame to features: imputing, scaling, encoding, text.
//!
//! A [`ColumnTransformer`] is the preprocessor of a pipeline: it takes columns out of a frame and puts each group through
//! steps. The steps know nothing of frames; they turn features into features, and can be used alone.
//!
//! | step | kind | takes | gives |
//! |---|---|---|---|
//! | [`SimpleImputer`] | `simple-imputer` | dense, categories | the same, without missing values |
//! | [`StandardScaler`] | `standard-scaler` | dense | dense, mean 0 and variance 1 |
//! | [`OneHotEncoder`] | `one-hot-encoder` | categories | dense (or sparse), a 0/1 column a level |
//! | [`TfidfVectorizer`] | `tfidf-vectorizer` | text | sparse, a column a term |
//!
//! Parameters and defaults are scikit-learn's; where one differs, its documentation says why. A step refuses a block that
//! it does not take and names the step that would convert it.

pub mod columns;
pub mod encode;
pub mod impute;
pub mod scale;
mod step;
pub mod words;

pub use adflux_text::{Frequency, StopWords};
pub use columns::{Branch, ColumnTransformer, FittedBranch, FittedColumnTransformer, ReadAs, Remainder};
pub use encode::{DropLevel, FittedOneHotEncoder, HandleUnknown, OneHotEncoder};
pub use impute::{FittedSimpleImputer, SimpleImputer, Strategy};
pub use scale::{FittedStandardScaler, StandardScaler};
pub use words::{FittedTfidfVectorizer, Norm, TfidfVectorizer};

use adflux_core::{Features, Registry, Result};
use adflux_data::Frame;

/// Registers every step of this crate, and the column transformer.
///
/// # Errors
/// When one of the kinds is taken.
pub fn register(registry: &mut Registry) -> Result<()> {
    registry
        .transform::<Features, Features, SimpleImputer>()?
        .transform::<Features, Features, StandardScaler>()?
        .transform::<Features, Features, OneHotEncoder>()?
        .transform::<Features, Features, TfidfVectorizer>()?
        .transform::<Frame, Features, ColumnTransformer>()?;
    Ok(())
}
