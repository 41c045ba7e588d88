//! The conformance kit: what every component must get right, in one call a component. It is to adflux what `check_estimator` is
//! to scikit-learn, and it is public: a component of your own passes the same checks.
//!
//! ```
//! # use adflux_core::{Context, Features, Fit, Predict, Prediction, Result, Target, Training};
//! # use serde::{Deserialize, Serialize};
//! # /// Predicts the mean of the target, times `factor`.
//! # #[derive(Clone, Debug, Serialize, Deserialize)]
//! # #[serde(default, deny_unknown_fields)]
//! # struct MeanRegressor { factor: f64 }
//! # impl Default for MeanRegressor { fn default() -> Self { MeanRegressor { factor: 1.0 } } }
//! # #[derive(Debug, Serialize, Deserialize)]
//! # struct FittedMean { mean: f64, names: Vec<String> }
//! # adflux_core::recipe!(MeanRegressor, "mean-regressor");
//! # adflux_core::component!(FittedMean, "mean-regressor", version = 1);
//! # fn names(x: &Features) -> Vec<String> { x.columns().map(|c| c.name.clone()).collect() }
//! # impl Fit<Training<Features>> for MeanRegressor {
//! #     type Fitted = FittedMean;
//! #     fn fit_with(&self, data: Training<Features>, _: &Context) -> Result<FittedMean> {
//! #         adflux_core::parameter::positive("factor", self.factor)?;
//! #         data.validate()?;
//! #         data.x.require_finite("mean-regressor")?;
//! #         data.x.dense("mean-regressor")?;
//! #         let y = data.values("mean-regressor")?;
//! #         let mean = y.iter().map(|v| v / y.len() as f64).sum();
//! #         Ok(FittedMean { mean, names: names(&data.x) })
//! #     }
//! # }
//! # impl Predict<Features> for FittedMean {
//! #     type Output = Prediction;
//! #     fn predict(&self, x: &Features) -> Result<Prediction> {
//! #         x.require_finite("mean-regressor")?;
//! #         x.dense("mean-regressor")?;
//! #         if names(x) != self.names { return Err(adflux_core::Error::data("other columns")); }
//! #         Ok(Prediction::Values(ndarray::Array1::from_elem(x.rows(), self.mean)))
//! #     }
//! # }
//! use adflux_testing::conformance;
//!
//! let x = ndarray::Array2::from_shape_fn((30, 2), |(row, column)| (row * (column + 1)) as f64);
//! let training = Training::new(Features::from_dense(x, ["age", "tenure"])?)
//!     .with_target(Target::Values((0..30).map(f64::from).collect()));
//! // `MeanRegressor` predicts the mean of its target; its one parameter must be above 0.
//! conformance::model(MeanRegressor { factor: 1.0 }, training)
//!     .refuses("factor", MeanRegressor { factor: 0.0 })
//!     .check();
//! # Ok::<(), adflux_core::Error>(())
//! ```
//!
//! [`model`], [`transform`], `preprocessor` and `postprocessor` (the last two with the
//! feature `frame`) take a recipe and **one valid training set**; every other input is derived from it. What a component can do
//! beyond the common contract is declared; what is not declared is checked to be refused. [`Conformance::check`] runs every
//! check and panics once, with everything that was found. No check lets a panic of the component through.
//!
//! | check | what holds |
//! |---|---|
//! | `threads` | fits on 1, 2 and 3 threads, and again, give the same bytes of state, also on a large table; answers the same bits |
//! | `saving` | saved and loaded through the registry: the same answers, the same bytes |
//! | `damage` | a shortened or altered state is refused or gives answers, without a panic |
//! | `rows` | a row is answered alone as among others, in any order, also in a large table |
//! | `names` | distinct names, as many as columns, the same for all inputs; in training as later |
//! | `lineage` | every output column names its sources, all of them input columns |
//! | `columns` | missing, extra and renamed columns and another order are refused or change nothing; `inputs()` is complete |
//! | `types` | columns and predictions of another type are refused, or answered with finite numbers |
//! | `missing values` | refused, naming column and row, unless declared otherwise |
//! | `infinite values` | refused, naming column and row, unless declared otherwise |
//! | `edges` | no rows, one row, constant columns: an error or finite answers; no rows are answered with no rows |
//! | `scales` | numbers as large as 1e300 and as small as 1e-300: an error or finite answers |
//! | `training` | wrong lengths, targets that are not finite, negative weights are refused; weights of 1 change nothing; a model uses an exposure, or refuses it |
//! | `recipe` | a recipe comes back from TOML; unknown and mistyped parameters are refused, the unknown by name |
//! | `parameters` | what is declared out of range is refused by name; 0, −1, NaN and infinity never panic |
//! | `cancellation` | a cancelled fit says so, and leaves nothing behind |
//! | `input` | the input is not touched |
//!
//! [`forecaster`] takes a recipe and a panel. `threads`, `saving`, `damage`, `recipe`, `parameters` and `cancellation` are those
//! above; beside them:
//!
//! | check | what holds |
//! |---|---|
//! | `times` | a forecast for each series, in the order of the panel, of the steps after its last |
//! | `horizon` | 0 and 1,000,000 are refused by name; 1 is answered; a shorter horizon is the beginning of a longer one |
//! | `levels` | 0, 1, NaN and 80 are refused by name; intervals hold the mean, and those of higher levels hold the others |
//! | `paths` | where they are drawn: finite, of the steps of the forecast, the same for a seed; none are refused by name |
//! | `updates` | where they are taken: nothing new changes nothing, and what is new moves the forecast behind it |
//! | `series` | a series is forecast alone as among others, unless declared otherwise; one without values is skipped by id, and no series at all refused |
//! | `missing values` | gaps at the beginning, in the middle and at the end: finite forecasts of the same steps, or the series is skipped |
//! | `edges` | one to five steps, zeros, negative numbers, alternation: finite or skipped; a constant stays what it is |
//! | `scales` | numbers as large as 1e300 and as small as 1e-300: finite or skipped; where declared, a scaled series has the scaled forecast |
//!
//! That recipe and fitted component are `Send + Sync + 'static`, the compiler checks.

mod case;
mod checks;
#[cfg(feature = "frame")]
mod frame;
mod grid;
mod sample;
mod subject;

pub use case::Failure;
#[cfg(feature = "frame")]
pub use frame::{postprocessor, preprocessor};
pub use grid::{Answer, Cell, Grid};
pub use sample::{Holds, Sample};
pub use subject::Subject;

use adflux_core::{
    AnyForecasterRecipe, AnyModelRecipe, AnyTransformRecipe, Component, Features, Fit, FitTransform, Forecaster, Panel,
    Predict, Prediction, Recipe, Registry, Result, Training, Transform,
};
use case::{Capabilities, Case, Findings, Treatment};
use std::fmt::Debug;

type Register = Box<dyn Fn(&mut Registry) -> Result<()>>;

/// A component and what is declared of it; made by [`model`], [`transform`], `preprocessor` or `postprocessor`. `R` is the recipe
/// and `C` its box.
#[must_use = "nothing is checked before `check`"]
pub struct Conformance<R, C: Subject> {
    recipe: R,
    training: Training<C::Input>,
    boxed: fn(R) -> C,
    register: Register,
    capabilities: Capabilities,
    refused: Vec<(&'static str, R)>,
    checks: Vec<checks::Check<C>>,
}

impl<R: Debug, C: Subject> Debug for Conformance<R, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conformance").field("recipe", &self.recipe).field("capabilities", &self.capabilities).finish()
    }
}

/// The conformance of a model: features to prediction.
pub fn model<R>(recipe: R, training: Training<Features>) -> Conformance<R, AnyModelRecipe>
where
    R: Recipe + Fit<Training<Features>>,
    R::Fitted: Component + Predict<Features>,
    <R::Fitted as Predict<Features>>::Output: Into<Prediction>,
{
    Conformance::new(recipe, training, AnyModelRecipe::new, |registry| registry.model::<R>().map(drop))
}

/// The conformance of a forecaster. `panel` has series that it can be fitted on, all of at least 12 steps.
pub fn forecaster<R>(recipe: R, panel: Panel) -> Conformance<R, AnyForecasterRecipe>
where
    R: Recipe + Fit<Panel>,
    R::Fitted: Component + Forecaster,
{
    let register = |registry: &mut Registry| registry.forecaster::<R>().map(drop);
    Conformance::with_checks(recipe, Training::new(panel), AnyForecasterRecipe::new, register, checks::of_forecasts())
}

impl<R> Conformance<R, AnyForecasterRecipe> {
    /// Declares that the forecast of a scaled series is the scaled forecast. It is checked that it is.
    pub fn scale_equivariant(mut self) -> Self {
        self.capabilities.equivariant = true;
        self
    }

    /// Declares that one model is learned from all series, so that the forecast of one depends on the others. It is checked that it does.
    pub fn learns_across_series(mut self) -> Self {
        self.capabilities.across_series = true;
        self
    }
}

/// The conformance of a step from features to features.
pub fn transform<R>(recipe: R, training: Training<Features>) -> Conformance<R, AnyTransformRecipe<Features, Features>>
where
    R: Recipe + FitTransform<Features>,
    R::Fitted: Component + Transform<Features, Output = Features>,
{
    Conformance::new(recipe, training, AnyTransformRecipe::new, |registry| {
        registry.transform::<Features, Features, R>().map(drop)
    })
}

impl<R: Clone, C: Subject<Input: Sample>> Conformance<R, C> {
    fn new(
        recipe: R,
        training: Training<C::Input>,
        boxed: fn(R) -> C,
        register: impl Fn(&mut Registry) -> Result<()> + 'static,
    ) -> Self {
        Conformance::with_checks(recipe, training, boxed, register, checks::of_rows())
    }

    /// Declares that missing numbers are taken, in training and later, and that the answers are finite all the same. Not
    /// declared: they are refused with an error that names column and row.
    pub fn takes_missing_values(mut self) -> Self {
        self.capabilities.missing = Treatment::Taken;
        self
    }

    /// Declares that missing numbers pass through: they stay missing in their row and touch no other. Not declared: they are
    /// refused with an error that names column and row.
    pub fn keeps_missing_values(mut self) -> Self {
        self.capabilities.missing = Treatment::Kept;
        self
    }

    /// Declares that infinite numbers are taken, in training and later, and that the answers are finite all the same. Not
    /// declared: they are refused with an error that names column and row.
    pub fn takes_infinite_values(mut self) -> Self {
        self.capabilities.infinite = Treatment::Taken;
        self
    }

    /// Declares that infinite numbers pass through: they stay infinite in their row and touch no other. Not declared: they are
    /// refused with an error that names column and row.
    pub fn keeps_infinite_values(mut self) -> Self {
        self.capabilities.infinite = Treatment::Kept;
        self
    }

    /// Declares that the answer about a row depends on the other rows asked about. It is checked that it does.
    pub fn looks_across_rows(mut self) -> Self {
        self.capabilities.row_wise = false;
        self
    }

    /// Declares that the training output of a step is not what the fitted step makes of the training input, because it looks at
    /// the target and cross-fits. It is checked that they differ.
    pub fn cross_fits(mut self) -> Self {
        self.capabilities.cross_fits = true;
        self
    }

    /// Declares that a component of features takes whatever columns it is given, not only those of the training: steps that
    /// learn nothing. It is checked that it does.
    pub fn takes_any_columns(mut self) -> Self {
        self.capabilities.any_columns = true;
        self
    }

    /// Sets the rows of the large table on which threads and row independence are checked: 10,000 by default, more than most
    /// components work on at a time. Fewer for components that are slow.
    pub fn many_rows(mut self, rows: usize) -> Self {
        self.capabilities.many = rows;
        self
    }
}

impl<R: Clone, C: Subject> Conformance<R, C> {
    fn with_checks(
        recipe: R,
        training: Training<C::Input>,
        boxed: fn(R) -> C,
        register: impl Fn(&mut Registry) -> Result<()> + 'static,
        checks: Vec<checks::Check<C>>,
    ) -> Self {
        let capabilities = Capabilities {
            missing: Treatment::Refused,
            infinite: Treatment::Refused,
            row_wise: true,
            cross_fits: false,
            any_columns: false,
            many: 10_000,
            equivariant: false,
            across_series: false,
        };
        let (register, refused) = (Box::new(register), Vec::new());
        Conformance { recipe, training, boxed, register, capabilities, refused, checks }
    }

    /// Says how the component and its children are registered: the `register` function of its crate. Without it the component
    /// is registered alone.
    pub fn registry(mut self, register: impl Fn(&mut Registry) -> Result<()> + 'static) -> Self {
        self.register = Box::new(register);
        self
    }

    /// Declares a recipe whose parameter `name` is out of its range: its fit must be refused with
    /// [`Error::Parameter`](adflux_core::Error::Parameter) of that name.
    pub fn refuses(mut self, name: &'static str, recipe: R) -> Self {
        self.refused.push((name, recipe));
        self
    }

    /// Runs every check.
    ///
    /// # Panics
    /// With everything that was found, when anything was.
    #[track_caller]
    pub fn check(&self) {
        let failures = self.failures();
        if !failures.is_empty() {
            let kind = (self.boxed)(self.recipe.clone()).kind();
            let lines: Vec<String> = failures.iter().map(|f| format!("  {}: {}", f.check, f.message)).collect();
            panic!("`{kind}` does not conform:\n{}", lines.join("\n"));
        }
    }

    /// Runs every check, and gives what was found.
    pub fn failures(&self) -> Vec<Failure> {
        let mut failures = Vec::new();
        let mut begin = Findings { check: "training", failures: &mut failures };
        let Some(case) = self.case(&mut begin) else { return failures };
        for (name, check) in &self.checks {
            check(&case, &mut Findings { check: name, failures: &mut failures });
        }
        failures
    }

    fn case(&self, findings: &mut Findings<'_>) -> Option<Case<C>> {
        let recipe = (self.boxed)(self.recipe.clone());
        let mut registry = Registry::new();
        findings.must("registering", case::guarded(|| (self.register)(&mut registry)))?;
        let fit = case::guarded(|| recipe.learn(self.training.clone(), &Default::default()));
        let fitted = findings.must("the valid training data", fit)?;
        let saved = findings.must("saving", case::save::<C>(&fitted))?;
        let answer = findings.must("the inputs of the training data", case::ask::<C>(&fitted, &self.training.x))?;
        findings.finite("the inputs of the training data", &answer);
        let boxed = |(name, recipe): &(&'static str, R)| (*name, (self.boxed)(recipe.clone()));
        Some(Case {
            recipe,
            training: self.training.clone(),
            registry,
            capabilities: self.capabilities,
            refused: self.refused.iter().map(boxed).collect(),
            fitted,
            saved,
            answer,
        })
    }
}
