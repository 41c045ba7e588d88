//! Segments of people: who is like whom, without being told.
//!
//! | type | what it is |
//! |---|---|
//! | [`KMeans`] | the recipe for a given number of segments; fitted: [`KMeansModel`] |
//! | [`MiniBatchKMeans`] | the same by samples or chunk by chunk, for more rows than fit; fitted: [`MiniBatchKMeansModel`] |
//! | [`AutoKMeans`] | the recipe that chooses the number too; fitted: [`AutoKMeansModel`], with its [`Choice`] |
//! | [`Agglomerative`] | the recipe that merges the nearest, cut at one level or several; fitted: [`AgglomerativeModel`] |
//! | [`AutoAgglomerative`] | the same, choosing the number; fitted: [`AutoAgglomerativeModel`] |
//! | [`Dbscan`] | the recipe for segments where rows lie dense, and outliers; fitted: [`DbscanModel`] |
//! | [`Hdbscan`] | the same at every density, with strengths and outlier scores; fitted: [`HdbscanModel`] |
//! | [`GaussianMixture`] | the recipe for overlapping Gaussians, with probabilities; fitted: [`GaussianMixtureModel`] |
//! | [`AutoGaussianMixture`] | the same, choosing the number by BIC or AIC; fitted: [`AutoGaussianMixtureModel`], with its [`MixtureChoice`] |
//! | [`k_distances`], [`suggest_eps`] | what `eps` of DBSCAN fits the data |
//! | [`Linkage`] | the tree itself, as SciPy's linkage matrix |
//! | [`KPrototypes`] | the recipe for numbers and categories side by side; fitted: [`KPrototypesModel`] |
//! | [`AutoKPrototypes`] | the same, choosing the number; fitted: [`AutoKPrototypesModel`] |
//! | [`gower_distances`] | the [distances of all pairs](PairDistances) of such rows, for [`Linkage::of_distances`] |
//! | [`ChooseK`] | all measures of the number of segments side by side, and one recommendation; it is [`ChosenK`] |
//!
//! Those that are not for numbers *and* categories work on one dense block of finite numbers ([`Features::dense`](adflux_core::Features::dense)), best on one scale (a
//! standard-scaler before it): distances add columns up, and the one with the largest numbers would decide alone.
//!
//! ```
//! use adflux_clustering::KMeans;
//! use adflux_core::{Features, Fit, Predict, Training};
//! use ndarray::array;
//!
//! let years = array![[1.0, 0.2], [1.2, 0.1], [1.1, 0.0], [8.0, 5.0], [9.0, 5.5]];
//! let x = Features::from_dense(years, ["experience", "tenure"])?;
//! let model = KMeans::new(2).seed(7).fit(Training::new(x.clone()))?;
//! assert_eq!(model.counts(), [3, 2]);
//! let segments = model.predict(&x)?;
//! assert_eq!(segments.ids, [Some(0), Some(0), Some(0), Some(1), Some(1)]);
//! # Ok::<(), adflux_core::Error>(())
//! ```

mod agglomerative;
mod auto;
mod centers;
mod choice;
mod choose;
mod counted;
mod dbscan;
mod distances;
mod gower;
mod hdbscan;
mod inputs;
mod judge;
mod kmeans;
mod kneedle;
mod labels;
mod lanes;
mod mixed;
mod mixture;
mod neighbors;
mod prototypes;
mod rank;
mod scale;
mod sets;
mod waves;

pub use agglomerative::{
    Agglomerative, AgglomerativeModel, AutoAgglomerative, AutoAgglomerativeModel, Level, Linkage, LinkageMethod, Merge,
};
pub use auto::{AutoKMeans, AutoKMeansModel, usual_starts};
pub use choice::{Choice, Quality, WEAK_SILHOUETTE};
pub use choose::{Candidate, ChooseK, ChosenK, Gap, MAJORITY, Stability, UNSTABLE, Votes, fewest_by_gap, gaps};
pub use dbscan::{Dbscan, DbscanModel, k_distances, k_distances_with, suggest_eps, suggest_eps_with};
pub use distances::PairDistances;
pub use gower::{gower_distances, gower_distances_with};
pub use hdbscan::{ClusterSelectionMethod, Hdbscan, HdbscanModel};
pub use kmeans::{Init, KMeans, KMeansAlgorithm, KMeansModel, MiniBatchKMeans, MiniBatchKMeansModel};
pub use kneedle::elbow;
pub use mixture::{
    AutoGaussianMixture, AutoGaussianMixtureModel, CovarianceType, GaussianMixture, GaussianMixtureModel,
    MixtureChoice, MixtureCriterion, MixtureQuality,
};
pub use prototypes::{AutoKPrototypes, AutoKPrototypesModel, KPrototypes, KPrototypesModel, PrototypeInit};

/// Makes the components of this crate known: `k-means`, `auto-k-means`, `mini-batch-k-means`, `agglomerative`,
/// `auto-agglomerative`, `dbscan`, `hdbscan`, `gaussian-mixture`, `auto-gaussian-mixture`, `k-prototypes` and `auto-k-prototypes`.
///
/// # Errors
/// When a kind is registered already.
pub fn register(registry: &mut adflux_core::Registry) -> adflux_core::Result<()> {
    registry.model::<KMeans>()?.model::<AutoKMeans>()?.model::<MiniBatchKMeans>()?;
    registry.model::<Agglomerative>()?.model::<AutoAgglomerative>()?;
    registry.model::<Dbscan>()?.model::<Hdbscan>()?;
    registry.model::<KPrototypes>()?.model::<AutoKPrototypes>()?;
    registry.model::<GaussianMixture>()?.model::<AutoGaussianMixture>()?;
    Ok(())
}
