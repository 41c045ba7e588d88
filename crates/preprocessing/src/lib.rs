//! From a frame to features: imputing, scaling, encoding, text.
//!
//! A [`ColumnTransformer`] is the preprocessor of a pipeline: it takes columns out of a frame and puts each group through
//! steps. The steps know nothing of frames; they turn features into features, and can be used alone.
//!
//! | step | kind | takes | gives |
//! |---|---|---|---|
//! | [`SimpleImputer`] | `simple-imputer` | dense, categories | the same, without missing values |
//! | [`StandardScaler`] | `standard-scaler` | dense | dense, mean 0 and variance 1 |
//! | [`MinMaxScaler`] | `min-max-scaler` | dense | dense, between two bounds |
//! | [`RobustScaler`] | `robust-scaler` | dense | dense, median 0 and quartiles 1 apart |
//! | [`QuantileTransformer`] | `quantile-transformer` | dense | dense, uniform or normal by ranks |
//! | [`PowerTransformer`] | `power-transformer` | dense | dense, as normal as a power makes it |
//! | [`Log1pTransformer`] | `log1p-transformer` | dense | dense, ln(1 + x) |
//! | [`Winsorizer`] | `winsorizer` | dense | dense, brought back to bounds |
//! | [`KBinsDiscretizer`] | `k-bins-discretizer` | dense | dense (or sparse), a 0/1 column a bin, or its number |
//! | [`PolynomialFeatures`] | `polynomial-features` | dense | dense, products of columns |
//! | [`RatioFeatures`] | `ratio-features` | dense | dense, smoothed rates of pairs of columns |
//! | [`DateFeatures`] | `date-features` | dense, days since 1970 | dense, parts of dates and cyclical pairs |
//! | [`OneHotEncoder`] | `one-hot-encoder` | categories | dense (or sparse), a 0/1 column a level |
//! | [`OrdinalEncoder`] | `ordinal-encoder` | categories | dense, the number of the level |
//! | [`CategoryEncoder`] | `category-encoder` | categories | categories, with the levels of training |
//! | [`FrequencyEncoder`] | `frequency-encoder` | categories | dense, how often the level stood in training |
//! | [`HashingEncoder`] | `hashing-encoder` | categories | sparse, a column a hash |
//! | [`TargetEncoder`] | `target-encoder` | categories | dense, the mean of the target at the level |
//! | [`MultiLabelBinarizer`] | `multi-label-binarizer` | text | sparse (or dense), a 0/1 column a label |
//! | [`TfidfVectorizer`] | `tfidf-vectorizer` | text | sparse, a column a term |
//! | [`Pca`] | `pca` | dense | dense, the directions of the largest variance |
//! | [`TruncatedSvd`] | `truncated-svd` | sparse, dense | dense, the first singular vectors |
//! | [`VarianceThreshold`] | `variance-threshold` | dense, sparse | the columns that vary |
//! | [`CorrelationThreshold`] | `correlation-threshold` | dense, sparse | the columns that say something of their own |
//! | [`SelectKBest`] | `select-k-best` | dense, sparse | the columns that go best with the target |
//! | [`CountVectorizer`] | `count-vectorizer` | text | sparse, a column a term |
//! | [`HashingVectorizer`] | `hashing-vectorizer` | text | sparse, a column a hash |
//!
//! Parameters and defaults are scikit-learn's; where one differs, its documentation says why. A step refuses a block that
//! it does not take and names the step that would convert it.

pub mod columns;
mod dense;
pub mod derive;
pub mod encode;
mod hashed;
pub mod impute;
mod moments;
pub mod reduce;
mod sample;
pub mod scale;
pub mod select;
mod step;
pub mod words;

pub use adflux_text::{Frequency, Stemming, StopWords, Unit};
pub use columns::{Branch, ColumnTransformer, FittedBranch, FittedColumnTransformer, ReadAs, Remainder};
pub use derive::{
    BinEncoding, BinStrategy, CappingMethod, DateFeatures, DatePart, FittedDateFeatures, FittedKBinsDiscretizer,
    FittedPolynomialFeatures, FittedRatioFeatures, FittedWinsorizer, KBinsDiscretizer, PolynomialFeatures, Ratio,
    RatioFeatures, Tail, Winsorizer,
};
pub use encode::{
    CategoryEncoder, DropLevel, FittedCategoryEncoder, FittedFrequencyEncoder, FittedHashingEncoder,
    FittedMultiLabelBinarizer, FittedOneHotEncoder, FittedOrdinalEncoder, FittedTargetEncoder, FrequencyEncoder,
    FrequencyFallback, HandleUnknown, HashingEncoder, MultiLabelBinarizer, OneHotEncoder, OrdinalEncoder,
    OrdinalUnknown, Smooth, TargetEncoder, TargetType,
};
pub use impute::{FittedSimpleImputer, SimpleImputer, Strategy};
pub use reduce::{Components, FittedPca, FittedTruncatedSvd, Normalizer, Pca, SvdAlgorithm, SvdSolver, TruncatedSvd};
pub use scale::{
    FittedLog1pTransformer, FittedMinMaxScaler, FittedPowerTransformer, FittedQuantileTransformer, FittedRobustScaler,
    FittedStandardScaler, Log1pTransformer, MinMaxScaler, OutputDistribution, PowerMethod, PowerTransformer,
    QuantileTransformer, RobustScaler, StandardScaler,
};
pub use select::{
    CorrelationThreshold, Dropped, FittedCorrelationThreshold, FittedSelectKBest, FittedVarianceThreshold,
    ScoreFunction, SelectKBest, VarianceThreshold,
};
pub use words::{
    CountVectorizer, FittedCountVectorizer, FittedHashingVectorizer, FittedTfidfVectorizer, HashingVectorizer, Norm,
    TfidfVectorizer,
};

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
        .transform::<Features, Features, MinMaxScaler>()?
        .transform::<Features, Features, RobustScaler>()?
        .transform::<Features, Features, QuantileTransformer>()?
        .transform::<Features, Features, PowerTransformer>()?
        .transform::<Features, Features, Log1pTransformer>()?
        .transform::<Features, Features, Winsorizer>()?
        .transform::<Features, Features, KBinsDiscretizer>()?
        .transform::<Features, Features, PolynomialFeatures>()?
        .transform::<Features, Features, RatioFeatures>()?
        .transform::<Features, Features, DateFeatures>()?
        .transform::<Features, Features, OneHotEncoder>()?
        .transform::<Features, Features, OrdinalEncoder>()?
        .transform::<Features, Features, CategoryEncoder>()?
        .transform::<Features, Features, FrequencyEncoder>()?
        .transform::<Features, Features, HashingEncoder>()?
        .transform::<Features, Features, TargetEncoder>()?
        .transform::<Features, Features, MultiLabelBinarizer>()?
        .transform::<Features, Features, TfidfVectorizer>()?
        .transform::<Features, Features, CountVectorizer>()?
        .transform::<Features, Features, HashingVectorizer>()?
        .transform::<Features, Features, Pca>()?
        .transform::<Features, Features, TruncatedSvd>()?
        .transform::<Features, Features, VarianceThreshold>()?
        .transform::<Features, Features, CorrelationThreshold>()?
        .transform::<Features, Features, SelectKBest>()?
        .transform::<Frame, Features, ColumnTransformer>()?;
    Ok(())
}
