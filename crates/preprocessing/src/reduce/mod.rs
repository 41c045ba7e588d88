//! Many columns as few: principal components, and the singular vectors of sparse features.

mod blocked;
mod components;
mod factor;
mod pca;
mod randomized;
mod truncated_svd;

pub use components::Components;
pub use pca::{FittedPca, Pca, SvdSolver};
pub use randomized::Normalizer;
pub use truncated_svd::{FittedTruncatedSvd, SvdAlgorithm, TruncatedSvd};

pub(crate) use blocked::scatter;
