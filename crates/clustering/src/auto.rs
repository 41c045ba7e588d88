//! k-means that chooses the number of segments.

use crate::{
    Choice, KMeans, KMeansModel, MiniBatchKMeans,
    judge::{self, Judge},
};
use adflux_core::{Context, Features, Fit, Predict, Result, Segments, Training, parameter};
use serde::{Deserialize, Serialize};

const KIND: &str = "auto-k-means";

/// [`KMeans`] with the number of segments chosen from `min` to `max`. Kind `auto-k-means`.
///
/// Each number is fitted and measured; the fitted model keeps the table and the reason ([`AutoKMeansModel::choice`]). The rule,
/// made for segments that people read and act on: among the numbers whose mean silhouette is within 0.05 of the best, the
/// elbow of the inertia (Kneedle, Satopää et al., *Finding a "Kneedle" in a Haystack*, 2011) when it is one of them, and else
/// the fewest.
///
/// Silhouettes are exact up to `sample_size` rows and from a sample of that size above. Rows of weight 0 are left out of all
/// measures, and other weights count in fits and inertia only. `max` is lowered to the number of distinct rows where there are fewer.
///
/// With `batch_size` each number is fitted by [`MiniBatchKMeans`], for very many rows.
///
/// ```
/// use adflux_clustering::AutoKMeans;
/// use adflux_core::{Features, Fit, Training};
/// use ndarray::Array2;
///
/// // Three heaps of 20 around 0, 10 and 20.
/// let x = Array2::from_shape_fn((60, 1), |(row, _)| (row / 20 * 10) as f64 + (row % 20) as f64 / 20.0);
/// let model = AutoKMeans::default().max(6).fit(Training::new(Features::from_dense(x, ["years"])?))?;
/// assert_eq!(model.choice().n_clusters, 3);
/// assert!(model.choice().reason.starts_with("3 segments stand apart best"));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoKMeans {
    /// The least number of segments, 2 or more; 2 by default.
    pub min: usize,
    /// The greatest number of segments; 10 by default.
    pub max: usize,
    /// How many k-means++ starts are tried for each number, at most 10,000. `None`, the default, is [`usual_starts`]: more than [`KMeans`]
    /// tries, because one bad start would bend the curve of the elbow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_init: Option<usize>,
    /// The most iterations of one start, or with `batch_size` the most passes over the rows; 300 by default.
    pub max_iter: usize,
    /// The tolerance of convergence, as [`KMeans::tol`]; 1e-4 by default. Not used with `batch_size`, whose fits end when the inertia of the
    /// batches no longer falls.
    pub tol: f64,
    /// The rows of a step of [`MiniBatchKMeans`]; `None`, the default, fits each number on all rows by [`KMeans`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<usize>,
    /// The most rows silhouettes are computed on, up to 100,000; 5,000 by default. The time grows with its square.
    pub sample_size: usize,
    /// The seed of the starts and of the sample; 0 by default.
    pub seed: u64,
}

/// The starts of k-means that so many rows are worth: 50 up to 4,000 rows, where one costs next to nothing and a bad end is likely
/// among few, then 200,000 over the rows, and never less than 5.
///
/// ```
/// # use adflux_clustering::usual_starts;
/// assert_eq!([300, 10_000, 1_000_000].map(usual_starts), [50, 20, 5]);
/// ```
pub fn usual_starts(rows: usize) -> usize {
    (200_000 / rows.max(1)).clamp(5, 50)
}

impl Default for AutoKMeans {
    fn default() -> Self {
        AutoKMeans {
            min: 2,
            max: 10,
            n_init: None,
            max_iter: 300,
            tol: 1e-4,
            batch_size: None,
            sample_size: 5_000,
            seed: 0,
        }
    }
}

impl AutoKMeans {
    /// Chooses from `min` to `max` segments; everything else as the default.
    pub fn new(min: usize, max: usize) -> Self {
        AutoKMeans { min, max, ..AutoKMeans::default() }
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

    /// Sets how many starts are tried for each number.
    pub fn n_init(mut self, n_init: usize) -> Self {
        self.n_init = Some(n_init);
        self
    }

    /// Sets the most iterations of one start.
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// Sets the tolerance of convergence.
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// Fits each number by steps of so many rows.
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = Some(batch_size);
        self
    }

    /// Sets the most rows silhouettes are computed on.
    pub fn sample_size(mut self, sample_size: usize) -> Self {
        self.sample_size = sample_size;
        self
    }

    /// Sets the seed of the starts and of the sample.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn check(&self) -> Result<()> {
        judge::check(self.min, self.max, self.sample_size)?;
        if let Some(batch_size) = self.batch_size {
            parameter::at_least_one("batch_size", batch_size)?;
        }
        self.kmeans(self.min, self.n_init.unwrap_or(1)).check()
    }

    fn kmeans(&self, n_clusters: usize, n_init: usize) -> KMeans {
        KMeans::new(n_clusters).n_init(n_init).max_iter(self.max_iter).tol(self.tol).seed(self.seed)
    }

    fn fit_training(&self, data: &Training<Features>, context: &Context) -> Result<AutoKMeansModel> {
        let x = data.x.dense(KIND)?.view();
        let weights = data.weights.as_ref().map(|w| w.view());
        let judge = Judge::new(x, weights, self.sample_size, self.seed);
        let numbers = judge.numbers(self.min, self.max)?;
        // Iterations of each fit are not reported: the numbers compared are.
        let quiet = Context::default().with_cancel(context.cancel_token().clone());
        let n_init = self.n_init.unwrap_or_else(|| usual_starts(judge.counted.len()));
        let (model, choice) = judge.choose(KIND, numbers, self.max, context, |n_clusters| {
            let model = match self.batch_size {
                None => self.kmeans(n_clusters, n_init).fit_rows(x, weights, &quiet)?,
                Some(batch_size) => {
                    let recipe = MiniBatchKMeans::new(n_clusters).batch_size(batch_size).n_init(n_init);
                    recipe.max_iter(self.max_iter).seed(self.seed).fit_training(data, &quiet)?.model().clone()
                }
            };
            Ok((model.inertia(), judge.of_counted(model.segments()), model))
        })?;
        Ok(AutoKMeansModel { model, choice })
    }
}

/// A fitted [`KMeansModel`] with the choice that led to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AutoKMeansModel {
    model: KMeansModel,
    choice: Choice,
}

impl AutoKMeansModel {
    /// The segments.
    pub fn model(&self) -> &KMeansModel {
        &self.model
    }

    /// The numbers of segments that were compared, and why this one was chosen.
    pub fn choice(&self) -> &Choice {
        &self.choice
    }
}

impl Fit<Training<Features>> for AutoKMeans {
    type Fitted = AutoKMeansModel;

    /// # Errors
    /// As [`KMeans`], and when the data has too few distinct rows for `min` segments.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<AutoKMeansModel> {
        self.check()?;
        data.validate()?;
        data.x.require_finite(KIND)?;
        let AutoKMeansModel { model, choice } = context.run(|| self.fit_training(&data, context))?;
        Ok(AutoKMeansModel { model: model.with_columns_of(&data.x), choice })
    }
}

impl Predict<Features> for AutoKMeansModel {
    type Output = Segments;

    /// As [`KMeansModel`].
    ///
    /// # Errors
    /// As [`KMeansModel`].
    fn predict(&self, x: &Features) -> Result<Segments> {
        self.model.predict(x)
    }
}

adflux_core::recipe!(AutoKMeans, "auto-k-means");
adflux_core::component!(AutoKMeansModel, "auto-k-means", version = 1);
