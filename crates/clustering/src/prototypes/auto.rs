//! k-prototypes that chooses the number of segments.

use super::{KPrototypes, KPrototypesModel, distinct, model::points, read, usual_gamma};
use crate::{
    Choice,
    judge::{self, Judge},
};
use adflux_core::{Context, Features, Fit, Predict, Result, Segments, Training};
use serde::{Deserialize, Serialize};

const KIND: &str = "auto-k-prototypes";

/// [`KPrototypes`] with the number of segments chosen from `min` to `max`. Kind `auto-k-prototypes`.
///
/// The rule is that of [`AutoKMeans`](crate::AutoKMeans), with the cost in place of the inertia, and the other measures of the rows
/// as points whose squared distances are the dissimilarities ([`KPrototypesModel::points`]).
///
/// ```
/// use adflux_clustering::AutoKPrototypes;
/// use adflux_core::{Block, Categories, Column, Features, Fit, Training, Values};
/// use ndarray::Array2;
///
/// // Three heaps, of which two differ by category alone.
/// let pay = Array2::from_shape_fn((60, 1), |(row, _)| (row / 40 * 10) as f64 + (row % 20) as f64 / 20.0);
/// let city = Categories { codes: (0..60).map(|row| row / 20 % 2).collect(), levels: ["Lugo", "Vigo"].map(String::from).into() };
/// let pay = Block::new(vec![Column::input("pay")], Values::Dense(pay))?;
/// let city = Block::new(vec![Column::input("city")], Values::Category(city))?;
/// let model = AutoKPrototypes::new(2, 6).gamma(20.0).fit(Training::new(Features::new(60, vec![pay, city])?))?;
/// assert_eq!(model.choice().n_clusters, 3);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoKPrototypes {
    /// The least number of segments, 2 or more; 2 by default.
    pub min: usize,
    /// The greatest number of segments; 10 by default.
    pub max: usize,
    /// As [`KPrototypes::gamma`]; `None` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gamma: Option<f64>,
    /// How many k-means++ starts are tried for each number; 5 by default, at most 10,000.
    pub n_init: usize,
    /// As [`KPrototypes::max_iter`]; 100 by default.
    pub max_iter: usize,
    /// The most rows silhouettes are computed on, up to 100,000; 5,000 by default. The time grows with its square.
    pub sample_size: usize,
    /// The seed of the starts and of the sample; 0 by default.
    pub seed: u64,
}

impl Default for AutoKPrototypes {
    fn default() -> Self {
        AutoKPrototypes { min: 2, max: 10, gamma: None, n_init: 5, max_iter: 100, sample_size: 5_000, seed: 0 }
    }
}

impl AutoKPrototypes {
    /// Chooses from `min` to `max` segments; everything else as the default.
    pub fn new(min: usize, max: usize) -> Self {
        AutoKPrototypes { min, max, ..AutoKPrototypes::default() }
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

    /// Sets what a category that differs counts.
    pub fn gamma(mut self, gamma: f64) -> Self {
        self.gamma = Some(gamma);
        self
    }

    /// Sets how many starts are tried for each number.
    pub fn n_init(mut self, n_init: usize) -> Self {
        self.n_init = n_init;
        self
    }

    /// Sets the most iterations of one start.
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
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

    fn recipe(&self, n_clusters: usize) -> KPrototypes {
        let AutoKPrototypes { gamma, n_init, max_iter, seed, .. } = *self;
        KPrototypes { n_clusters, gamma, n_init, max_iter, seed, ..KPrototypes::default() }
    }

    fn fit_data(&self, data: &Training<Features>, context: &Context) -> Result<AutoKPrototypesModel> {
        let read = read(data)?;
        let gamma = self.gamma.map_or_else(|| usual_gamma(&read.rows, &read.counted), Ok)?;
        let points = points(&read.rows, &read.shape.categories, gamma);
        let judge = Judge::new(points.view(), None, self.sample_size, self.seed);
        let most = self.max.min(distinct(&read.rows, self.max));
        let numbers = judge.numbers(self.min, most)?;
        // Iterations of each fit are not reported: the numbers compared are.
        let quiet = Context::default().with_cancel(context.cancel_token().clone());
        let (model, choice) = judge.choose(KIND, numbers, self.max, context, |n_clusters| {
            let recipe = self.recipe(n_clusters).gamma(gamma);
            let (model, segments) = recipe.fit_rows(&read, &quiet)?;
            Ok((model.cost(), segments, model))
        })?;
        Ok(AutoKPrototypesModel { model, choice })
    }
}

/// A fitted [`KPrototypesModel`] with the choice that led to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AutoKPrototypesModel {
    model: KPrototypesModel,
    choice: Choice,
}

impl AutoKPrototypesModel {
    /// The segments.
    pub fn model(&self) -> &KPrototypesModel {
        &self.model
    }

    /// The numbers of segments that were compared, and why this one was chosen; the inertia is the cost.
    pub fn choice(&self) -> &Choice {
        &self.choice
    }
}

impl Fit<Training<Features>> for AutoKPrototypes {
    type Fitted = AutoKPrototypesModel;

    /// # Errors
    /// As [`KPrototypes`], and when the data has too few distinct rows for `min` segments.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<AutoKPrototypesModel> {
        judge::check(self.min, self.max, self.sample_size)?;
        self.recipe(self.min).check()?;
        context.run(|| self.fit_data(&data, context))
    }
}

impl Predict<Features> for AutoKPrototypesModel {
    type Output = Segments;

    /// As [`KPrototypesModel`].
    ///
    /// # Errors
    /// As [`KPrototypesModel`].
    fn predict(&self, x: &Features) -> Result<Segments> {
        self.model.predict(x)
    }
}

adflux_core::recipe!(AutoKPrototypes, "auto-k-prototypes");
adflux_core::component!(AutoKPrototypesModel, "auto-k-prototypes", version = 1);
