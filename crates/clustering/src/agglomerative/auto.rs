//! Agglomerative clustering that chooses the number of segments.

use super::{Agglomerative, AgglomerativeModel, Level, LinkageMethod, Tree};
use crate::{
    Choice,
    distances::MAX_MEMORY,
    judge::{self, Judge},
};
use adflux_core::{Context, Features, Fit, Predict, Prediction, Result, Training};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

const KIND: &str = "auto-agglomerative";

/// [`Agglomerative`] with the number of segments chosen from `min` to `max`. Kind `auto-agglomerative`.
///
/// One tree is made and cut into each number of segments; the rule is that of [`AutoKMeans`](crate::AutoKMeans), and so are the
/// measures: silhouettes exact up to `sample_size` rows and from a sample of that size above, rows of weight 0 left out of
/// all. `max` is lowered to the number of distinct rows where there are fewer.
///
/// ```
/// use adflux_clustering::AutoAgglomerative;
/// use adflux_core::{Features, Fit, Training};
/// use ndarray::Array2;
///
/// // Three heaps of 20 around 0, 10 and 20.
/// let x = Array2::from_shape_fn((60, 1), |(row, _)| (row / 20 * 10) as f64 + (row % 20) as f64 / 20.0);
/// let model = AutoAgglomerative::new(2, 6).fit(Training::new(Features::from_dense(x, ["years"])?))?;
/// assert_eq!(model.choice().n_clusters, 3);
/// assert_eq!(model.model().levels()[0].counts(), [20, 20, 20]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoAgglomerative {
    /// How far two clusters are apart; Ward's by default.
    pub linkage: LinkageMethod,
    /// The least number of segments, 2 or more; 2 by default.
    pub min: usize,
    /// The greatest number of segments; 10 by default.
    pub max: usize,
    /// The most rows silhouettes are computed on, up to 100,000; 5,000 by default. The time grows with its square.
    pub sample_size: usize,
    /// The seed of the sample; 0 by default.
    pub seed: u64,
    /// As [`Agglomerative::max_memory`]; 2 GiB by default.
    pub max_memory: u64,
}

impl Default for AutoAgglomerative {
    fn default() -> Self {
        let (linkage, sample_size) = (LinkageMethod::Ward, 5_000);
        AutoAgglomerative { linkage, min: 2, max: 10, sample_size, seed: 0, max_memory: MAX_MEMORY }
    }
}

impl AutoAgglomerative {
    /// Chooses from `min` to `max` segments; everything else as the default.
    pub fn new(min: usize, max: usize) -> Self {
        AutoAgglomerative { min, max, ..AutoAgglomerative::default() }
    }

    /// Sets the linkage.
    pub fn linkage(mut self, linkage: LinkageMethod) -> Self {
        self.linkage = linkage;
        self
    }

    /// Sets the least number of segments.
    pub fn min(mut self, min: usize) -> Self {
        self.min = min;
        self
    }

    /// Sets the greatest number of segments.
    pub fn max(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// Sets the most rows silhouettes are computed on.
    pub fn sample_size(mut self, sample_size: usize) -> Self {
        self.sample_size = sample_size;
        self
    }

    /// Sets the seed of the sample.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the most bytes that the distances of all pairs may take.
    pub fn max_memory(mut self, max_memory: u64) -> Self {
        self.max_memory = max_memory;
        self
    }

    fn fit_rows(
        &self,
        x: ArrayView2<f64>,
        weights: Option<ArrayView1<f64>>,
        context: &Context,
    ) -> Result<AutoAgglomerativeModel> {
        let judge = Judge::new(x, weights, self.sample_size, self.seed);
        let numbers = judge.numbers(self.min, self.max)?;
        let tree = Tree::of(x, weights, self.linkage, self.max_memory, context)?;
        let ((), choice) = judge.choose(KIND, numbers, self.max, context, |n_clusters| {
            let parts = tree.linkage.parts(&tree.linkage.first_merges(n_clusters));
            let (level, segments) = Level::new(x, weights, &tree.counted, &parts);
            Ok((level.inertia(), segments, ()))
        })?;
        let recipe = Agglomerative::new(choice.n_clusters).linkage(self.linkage);
        let made = tree.linkage.first_merges(choice.n_clusters);
        Ok(AutoAgglomerativeModel { model: AgglomerativeModel::new(x, weights, tree, &[made], &recipe), choice })
    }
}

/// A fitted [`AgglomerativeModel`] of one level, with the choice that led to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "SavedAuto")]
pub struct AutoAgglomerativeModel {
    model: AgglomerativeModel,
    choice: Choice,
}

/// What a file says: the same, not yet checked.
#[derive(Deserialize)]
struct SavedAuto {
    model: AgglomerativeModel,
    choice: Choice,
}

impl TryFrom<SavedAuto> for AutoAgglomerativeModel {
    type Error = String;

    fn try_from(SavedAuto { model, choice }: SavedAuto) -> std::result::Result<Self, String> {
        let levels: Vec<usize> = model.levels().iter().map(Level::n_clusters).collect();
        match levels == [choice.n_clusters] {
            true => Ok(AutoAgglomerativeModel { model, choice }),
            false => Err("the number of segments is not the one that was chosen".into()),
        }
    }
}

impl AutoAgglomerativeModel {
    /// The segments.
    pub fn model(&self) -> &AgglomerativeModel {
        &self.model
    }

    /// The numbers of segments that were compared, and why this one was chosen.
    pub fn choice(&self) -> &Choice {
        &self.choice
    }
}

impl Fit<Training<Features>> for AutoAgglomerative {
    type Fitted = AutoAgglomerativeModel;

    /// # Errors
    /// As [`Agglomerative`], and when the data has too few distinct rows for `min` segments.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<AutoAgglomerativeModel> {
        judge::check(self.min, self.max, self.sample_size)?;
        data.validate()?;
        data.x.require_finite(KIND)?;
        context.check()?;
        let x = data.x.dense(KIND)?.view();
        let weights = data.weights.as_ref().map(|w| w.view());
        let AutoAgglomerativeModel { model, choice } = context.run(|| self.fit_rows(x, weights, context))?;
        Ok(AutoAgglomerativeModel { model: model.with_columns_of(&data.x), choice })
    }
}

impl Predict<Features> for AutoAgglomerativeModel {
    type Output = Prediction;

    /// As [`AgglomerativeModel`].
    ///
    /// # Errors
    /// As [`AgglomerativeModel`].
    fn predict(&self, x: &Features) -> Result<Prediction> {
        self.model.predict(x)
    }
}

adflux_core::recipe!(AutoAgglomerative, "auto-agglomerative");
adflux_core::component!(AutoAgglomerativeModel, "auto-agglomerative", version = 1);
