//! [`Voting`]: the mean of several models.

use adflux_core::{
    AnyModel, AnyModelRecipe, Component, Context, Describe as _, DynComponent as _, Error, Features, Fit, Predict,
    Prediction, PredictionMean, Recipe, Registry, Result, Rows as _, Saved, Spec, Training,
    component::{decode, encode},
};
use serde::{Deserialize, Serialize};

const KIND: &str = "voting";

/// The mean of what several models predict: of their numbers, or of their probabilities of each class (soft voting). Kind `voting`,
/// the models are its `steps`.
///
/// Models that are wrong in different rows are right together more often than each alone. All learn from the same features, one after
/// the other, each with the row weights that are given. Models of several targets are averaged target by target.
///
/// An exposure is passed on, and every model must use it: the mean of rates and totals is nothing. For models that use none make the
/// target a rate first ([`rates`](adflux_core::rates)).
///
/// The time is the sum of the models'.
///
/// As scikit-learn's `VotingRegressor`, and its `VotingClassifier` with `voting = "soft"`; a vote of hard labels is left out, because
/// it throws the probabilities away.
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training};
/// use adflux_regression::{DecisionTreeRegressor, LinearRegression, Voting};
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[1.0], [2.0], [3.0], [4.0]], ["budget"])?;
/// let data = Training::new(x.clone()).with_target(Target::Values(array![1.0, 4.0, 9.0, 16.0]));
/// let model = Voting::new().model(LinearRegression::default()).model(DecisionTreeRegressor::default()).weights([3.0, 1.0]).fit(data)?;
/// // The line says 0, the tree 1.
/// assert!((model.predict(&x)?.point()?[0] - 0.25).abs() < 1e-9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[doc(alias = "VotingRegressor")]
#[doc(alias = "VotingClassifier")]
pub struct Voting {
    /// The models; at least one.
    pub models: Vec<AnyModelRecipe>,
    /// What each of them counts, above 0 and in any unit; none, the default, for all the same.
    pub weights: Vec<f64>,
}

/// The parameters beside the models.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    weights: Vec<f64>,
}

impl Voting {
    /// The mean of nothing yet.
    pub fn new() -> Self {
        Voting::default()
    }

    /// Adds a model.
    pub fn model<R>(mut self, recipe: R) -> Self
    where
        R: Recipe + Fit<Training<Features>>,
        R::Fitted: Component + Predict<Features>,
        <R::Fitted as Predict<Features>>::Output: Into<Prediction>,
    {
        self.models.push(AnyModelRecipe::new(recipe));
        self
    }

    /// Sets what each model counts.
    pub fn weights(mut self, weights: impl Into<Vec<f64>>) -> Self {
        self.weights = weights.into();
        self
    }

    /// The shares that the models have, which sum to 1.
    fn shares(&self) -> Result<Vec<f64>> {
        if self.models.is_empty() {
            return Err(Error::parameter("steps", 0, "there are no models: give at least one"));
        }
        if self.weights.is_empty() {
            return Ok(vec![1.0 / self.models.len() as f64; self.models.len()]);
        }
        let wrong = |reason: String| Error::parameter("weights", format_args!("{:?}", self.weights), reason);
        if self.weights.len() != self.models.len() {
            return Err(wrong(format!("there are {} models: give one weight for each, or none", self.models.len())));
        }
        if self.weights.iter().any(|w| !(w.is_finite() && *w > 0.0)) {
            return Err(wrong("each must be a number above 0: leave out models that are not to count".into()));
        }
        // By the greatest first, so that no sum is infinite.
        let greatest = self.weights.iter().copied().fold(0.0, f64::max);
        let total: f64 = self.weights.iter().map(|w| w / greatest).sum();
        Ok(self.weights.iter().map(|w| w / greatest / total).collect())
    }
}

impl Recipe for Voting {
    const KIND: &'static str = KIND;
    fn spec(&self) -> Result<Spec> {
        let steps = self.models.iter().map(|model| model.describe()).collect::<Result<_>>()?;
        Ok(Spec { steps, ..Spec::of(KIND, &Parameters { weights: self.weights.clone() })? })
    }
    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self> {
        let Parameters { weights } = spec.params()?;
        let models = spec.steps.iter().enumerate();
        let models = models.map(|(i, s)| registry.build(s).map_err(|e| e.in_step(i + 1, &s.kind)));
        Ok(Voting { models: models.collect::<Result<_>>()?, weights })
    }
}

impl Fit<Training<Features>> for Voting {
    type Fitted = FittedVoting;

    /// # Errors
    /// When there are no models, or weights that do not fit them; when a model cannot be fitted, naming it, or uses no exposure where there
    /// is one; when one predicts something else than the others, or what has no mean.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<FittedVoting> {
        let shares = self.shares()?;
        data.validate()?;
        let first_row = data.x.take(&[0]);
        let mut models = Vec::with_capacity(self.models.len());
        for (i, recipe) in self.models.iter().enumerate() {
            context.check()?;
            let name = format!("model {} of {}", i + 1, self.models.len());
            let fitted = recipe.fit_with(data.clone(), &context.labelled(&name));
            let fitted = fitted.and_then(|model| match model.uses_exposure() {
                true => Ok(model),
                false => data.without_exposure(recipe.kind()).map(|()| model),
            });
            models.push(fitted.map_err(|e| e.in_step(i + 1, recipe.kind()))?);
        }
        let fitted = FittedVoting { models, shares };
        // Whether they have a mean is found out here, not when it is wanted.
        fitted.predict(&first_row)?;
        Ok(fitted)
    }
}

/// A fitted [`Voting`].
#[derive(Clone, Debug)]
pub struct FittedVoting {
    models: Vec<AnyModel>,
    shares: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
struct SavedVoting {
    models: Vec<Saved>,
    shares: Vec<f64>,
}

impl FittedVoting {
    /// The fitted models, and the share that each has in the mean.
    pub fn models(&self) -> impl ExactSizeIterator<Item = (&AnyModel, f64)> {
        self.models.iter().zip(self.shares.iter().copied())
    }
}

impl Component for FittedVoting {
    const KIND: &'static str = KIND;
    fn state(&self) -> Result<Vec<u8>> {
        let models = self.models.iter().map(|model| model.save()).collect::<Result<_>>()?;
        encode(KIND, &SavedVoting { models, shares: self.shares.clone() })
    }
    fn from_state(_: u32, state: &[u8], registry: &Registry) -> Result<Self> {
        let SavedVoting { models, shares } = decode(KIND, state)?;
        let whole = (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9;
        if models.len() != shares.len() || !whole || shares.iter().any(|share| share.is_nan() || *share <= 0.0) {
            let reason = "the shares are not one for each model, above 0, with a sum of 1".into();
            return Err(Error::State { kind: KIND.into(), reason });
        }
        Ok(FittedVoting { models: models.iter().map(|s| registry.load(s)).collect::<Result<_>>()?, shares })
    }
}

impl Predict<Features> for FittedVoting {
    type Output = Prediction;

    /// # Errors
    /// As the models, naming the one that fails.
    fn predict(&self, x: &Features) -> Result<Prediction> {
        let mut mean = PredictionMean::default();
        for (i, (model, share)) in self.models().enumerate() {
            let added = model.predict(x).and_then(|part| mean.add(&part, share));
            added.map_err(|e| e.in_step(i + 1, model.kind()))?;
        }
        mean.mean()
    }

    fn uses_exposure(&self) -> bool {
        self.models.iter().all(|model| model.uses_exposure())
    }
}
