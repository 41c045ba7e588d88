//! Gaussian mixtures that choose the number of segments.

use super::{CovarianceType, GaussianMixture, GaussianMixtureModel};
use crate::kmeans::distinct_rows;
use adflux_core::{Context, Error, Features, Fit, Predict, Result, Segments, Training, parameter};
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

const KIND: &str = "auto-gaussian-mixture";

/// [`GaussianMixture`] with the number of segments chosen from `min` to `max`, and their shape from `covariance_types`: the mixture of the
/// lowest BIC, or AIC. Kind `auto-gaussian-mixture`.
///
/// Each number is fitted in each shape; the fitted model keeps the table and the reason ([`AutoGaussianMixtureModel::choice`]). Of equals
/// the fewer segments, then the shape that comes first. One segment is among the numbers: a table that is one cloud is told so.
/// Weights count rows. `max` is lowered to the number of distinct rows where there are fewer.
///
/// C. Fraley and A. E. Raftery, *How many clusters? Which clustering method? Answers via model-based cluster analysis*, 1998.
///
/// ```
/// use adflux_clustering::{AutoGaussianMixture, CovarianceType};
/// use adflux_core::{Features, Fit, Training};
/// use ndarray::Array2;
///
/// // Three heaps of 20 around 0, 10 and 20.
/// let x = Array2::from_shape_fn((60, 1), |(row, _)| (row / 20 * 10) as f64 + (row * 7 % 20) as f64 / 20.0);
/// let recipe = AutoGaussianMixture::new(1, 5).covariance_types([CovarianceType::Tied]);
/// let model = recipe.fit(Training::new(Features::from_dense(x, ["years"])?))?;
/// assert_eq!(model.choice().n_components, 3);
/// assert!(model.choice().reason.starts_with("3 segments have the lowest BIC"));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoGaussianMixture {
    /// The least number of segments; 1 by default.
    pub min: usize,
    /// The greatest number of segments; 10 by default.
    pub max: usize,
    /// The shapes that are tried; [`CovarianceType::Full`] alone by default.
    pub covariance_types: Vec<CovarianceType>,
    /// What is to be lowest; BIC by default.
    pub criterion: MixtureCriterion,
    /// As [`GaussianMixture::tol`]; 1e-3 by default.
    pub tol: f64,
    /// As [`GaussianMixture::reg_covar`]; 1e-6 by default.
    pub reg_covar: f64,
    /// As [`GaussianMixture::max_iter`]; 100 by default.
    pub max_iter: usize,
    /// Starts of each mixture, of which the best is kept, up to 10,000; 5 by default, more than [`GaussianMixture`] tries, because one bad
    /// start would decide between numbers.
    pub n_init: usize,
    /// The seed of the starts; 0 by default.
    pub seed: u64,
}

/// What tells mixtures apart: lower is better. −2 ln L is the misfit to n rows, p how many numbers are free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MixtureCriterion {
    /// −2 ln L + p ln n (Schwarz 1978): fewer segments.
    #[default]
    Bic,
    /// −2 ln L + 2 p (Akaike 1974): more segments.
    Aic,
}

impl MixtureCriterion {
    /// BIC or AIC, as people write it.
    pub fn name(self) -> &'static str {
        match self {
            MixtureCriterion::Bic => "BIC",
            MixtureCriterion::Aic => "AIC",
        }
    }
}

/// One mixture that was compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MixtureQuality {
    /// The number of segments.
    pub n_components: usize,
    /// Their shape.
    pub covariance_type: CovarianceType,
    /// The Bayesian information criterion; lower is better.
    pub bic: f64,
    /// Akaike's information criterion; lower is better.
    pub aic: f64,
}

impl MixtureQuality {
    fn of(model: &GaussianMixtureModel, x: ArrayView2<f64>, weights: Option<ArrayView1<f64>>) -> Result<Self> {
        let weight = |row: usize| weights.map_or(1.0, |w| w[row]);
        let scores = model.score_samples(&x)?;
        // A row without weight does not count, however unlikely it is.
        let counted = || scores.iter().enumerate().filter(|(row, _)| weight(*row) > 0.0);
        let misfit = -2.0 * counted().map(|(row, score)| weight(row) * score).sum::<f64>();
        let rows: f64 = counted().map(|(row, _)| weight(row)).sum();
        let free = model.parameters();
        Ok(MixtureQuality {
            n_components: model.weights().len(),
            covariance_type: model.covariance_type(),
            bic: misfit + free * rows.ln(),
            aic: misfit + 2.0 * free,
        })
    }

    /// The value that is to be low.
    pub fn value(&self, criterion: MixtureCriterion) -> f64 {
        match criterion {
            MixtureCriterion::Bic => self.bic,
            MixtureCriterion::Aic => self.aic,
        }
    }
}

/// The mixtures that were compared, and the one that was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MixtureChoice {
    /// One entry for each number and shape: numbers ascending, shapes in the order they were given.
    pub table: Vec<MixtureQuality>,
    /// What was to be lowest.
    pub criterion: MixtureCriterion,
    /// The chosen number of segments.
    pub n_components: usize,
    /// The chosen shape.
    pub covariance_type: CovarianceType,
    /// Why, in words.
    pub reason: String,
}

impl MixtureChoice {
    /// The place of the lowest in a table that is not empty, and what is said of it; `more`: there may be more segments than were tried.
    fn of(table: Vec<MixtureQuality>, criterion: MixtureCriterion, more: bool) -> Option<(usize, Self)> {
        let mut place = 0;
        for other in 1..table.len() {
            if table[other].value(criterion) < table[place].value(criterion) {
                place = other;
            }
        }
        let MixtureQuality { n_components, covariance_type, .. } = *table.get(place)?;
        let name = criterion.name();
        let (segments, have) = if n_components == 1 { ("segment", "has") } else { ("segments", "have") };
        let mut reason = format!("{n_components} {segments} {have} the lowest {name}");
        let others = table.iter().filter(|q| q.n_components != n_components);
        let next = others.min_by(|a, b| a.value(criterion).total_cmp(&b.value(criterion)));
        if let Some(next) = next {
            let by = next.value(criterion) - table[place].value(criterion);
            reason.push_str(&format!(", {by:.1} below that of {}", next.n_components));
        }
        if n_components == 1 {
            reason.push_str("; the rows are one cloud: the data has no segments of this shape");
        } else if more && table.last().is_some_and(|last| last.n_components == n_components) {
            reason.push_str(&format!("; more than {n_components} were not tried"));
        }
        Some((place, MixtureChoice { table, criterion, n_components, covariance_type, reason }))
    }
}

impl Default for AutoGaussianMixture {
    fn default() -> Self {
        let GaussianMixture { tol, reg_covar, max_iter, seed, .. } = GaussianMixture::default();
        AutoGaussianMixture {
            min: 1,
            max: 10,
            covariance_types: vec![CovarianceType::Full],
            criterion: MixtureCriterion::Bic,
            tol,
            reg_covar,
            max_iter,
            n_init: 5,
            seed,
        }
    }
}

impl AutoGaussianMixture {
    /// Chooses from `min` to `max` segments; everything else as the default.
    pub fn new(min: usize, max: usize) -> Self {
        AutoGaussianMixture { min, max, ..AutoGaussianMixture::default() }
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

    /// Sets the shapes that are tried.
    pub fn covariance_types(mut self, covariance_types: impl Into<Vec<CovarianceType>>) -> Self {
        self.covariance_types = covariance_types.into();
        self
    }

    /// Sets what is to be lowest.
    pub fn criterion(mut self, criterion: MixtureCriterion) -> Self {
        self.criterion = criterion;
        self
    }

    /// Sets the tolerance of convergence.
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// Sets what is added to the variances.
    pub fn reg_covar(mut self, reg_covar: f64) -> Self {
        self.reg_covar = reg_covar;
        self
    }

    /// Sets the most iterations of one start.
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// Sets how many starts are tried for each mixture.
    pub fn n_init(mut self, n_init: usize) -> Self {
        self.n_init = n_init;
        self
    }

    /// Sets the seed of the starts.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn recipe(&self, n_components: usize, covariance_type: CovarianceType) -> GaussianMixture {
        let AutoGaussianMixture { tol, reg_covar, max_iter, n_init, seed, .. } = *self;
        GaussianMixture { n_components, covariance_type, tol, reg_covar, max_iter, n_init, means_init: None, seed }
    }

    fn check(&self) -> Result<()> {
        parameter::at_least_one("min", self.min)?;
        parameter::ensure(self.max >= self.min, "max", self.max, "must be at least `min`")?;
        let types = &self.covariance_types;
        parameter::ensure(!types.is_empty(), "covariance_types", types, "must name at least one")?;
        self.recipe(self.min, CovarianceType::default()).check()
    }

    fn fit_rows(
        &self,
        x: ArrayView2<f64>,
        weights: Option<ArrayView1<f64>>,
        context: &Context,
    ) -> Result<AutoGaussianMixtureModel> {
        let distinct = distinct_rows(x, weights, self.max);
        if distinct < self.min {
            let reason = format!("there are only {distinct} distinct rows: ask for at most as many segments");
            return Err(Error::parameter("min", self.min, reason));
        }
        let max = self.max.min(distinct);
        // Iterations of each fit are not reported: the numbers compared are.
        let quiet = Context::default().with_cancel(context.cancel_token().clone());
        let (mut models, mut table) = (Vec::new(), Vec::new());
        let count = (max - self.min + 1) as u64;
        for n_components in self.min..=max {
            context.report(KIND, (n_components - self.min) as u64, Some(count));
            for covariance_type in &self.covariance_types {
                context.check()?;
                let model = self.recipe(n_components, *covariance_type).fit_rows(x, weights, &quiet)?;
                table.push(MixtureQuality::of(&model, x, weights)?);
                models.push(model);
            }
        }
        context.report(KIND, count, Some(count));
        let none = || Error::data(format!("`{KIND}`: there is no mixture to choose from"));
        let (place, choice) = MixtureChoice::of(table, self.criterion, max == self.max).ok_or_else(none)?;
        let model = models.into_iter().nth(place).ok_or_else(none)?;
        Ok(AutoGaussianMixtureModel { model, choice })
    }
}

/// A fitted [`GaussianMixtureModel`] with the choice that led to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AutoGaussianMixtureModel {
    model: GaussianMixtureModel,
    choice: MixtureChoice,
}

impl AutoGaussianMixtureModel {
    /// The segments.
    pub fn model(&self) -> &GaussianMixtureModel {
        &self.model
    }

    /// The mixtures that were compared, and why this one was chosen.
    pub fn choice(&self) -> &MixtureChoice {
        &self.choice
    }
}

impl Fit<Training<Features>> for AutoGaussianMixture {
    type Fitted = AutoGaussianMixtureModel;

    /// # Errors
    /// As [`GaussianMixture`], and when the data has too few distinct rows for `min` segments.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<AutoGaussianMixtureModel> {
        self.check()?;
        data.validate()?;
        data.x.require_finite(KIND)?;
        let x = data.x.dense(KIND)?.view();
        let weights = data.weights.as_ref().map(|w| w.view());
        let AutoGaussianMixtureModel { model, choice } = context.run(|| self.fit_rows(x, weights, context))?;
        Ok(AutoGaussianMixtureModel { model: model.with_columns_of(&data.x), choice })
    }
}

impl Predict<Features> for AutoGaussianMixtureModel {
    type Output = Segments;

    /// As [`GaussianMixtureModel`].
    ///
    /// # Errors
    /// As [`GaussianMixtureModel`].
    fn predict(&self, x: &Features) -> Result<Segments> {
        self.model.predict(x)
    }
}

adflux_core::recipe!(AutoGaussianMixture, "auto-gaussian-mixture");
adflux_core::component!(AutoGaussianMixtureModel, "auto-gaussian-mixture", version = 1);
