//! Trying several models, and keeping the best of them or their mean.

mod average;
mod deadline;

use crate::{
    AnyPipeline, CrossValidation, Pipeline,
    cross_validation::{CrossValidated, folds_of},
    judging::truth_of,
    search::goal,
};
use adflux_core::{
    AnyModelRecipe, Context, Describe as _, Error, Prediction, Registry, Result, Rows as _, Spec, Target, Training,
    parameter,
};
use adflux_data::Frame;
use adflux_evaluation::{Measures, search::Goal, splits::Split};
use adflux_postprocessing::Identity;
use average::{Judge, first_best, mean, mean_of, select};
use deadline::within;
use ndarray::Array1;
use std::time::{Duration, Instant};

/// The share of the time in which models are tried; the rest is for the last fit.
const TRYING: f64 = 0.8;

/// Tries models in the place of that of a pipeline, by cross-validation on the same folds, and takes the best, or the mean of several
/// where that is better.
///
/// **The mean** is found by greedy selection with replacement (Caruana et al. 2004) from the out-of-fold predictions: begin with the best
/// model, add the one whose addition helps most, up to ten times. It is judged fold by fold with weights that were found on the other
/// folds, so that its value can be held against those of the models; and it is taken only where it is better than the best model by more
/// than the standard error of the difference over the folds. It goes into the model's place as a `voting` with its models and weights:
/// the registry must know that kind, as that of adflux-regression does.
///
/// **Time.** With [`max_seconds`](Self::max_seconds) models are tried in their order for four fifths of it, and the one under way is
/// stopped; the first always ends. The rest is about what the last fit takes. What was tried is in the result, and the recipe that was
/// chosen has all that a later fit needs to come to the same model, whatever the time.
///
/// The postprocessor takes no part in the choice. Cost: models × folds fits.
///
/// ```
/// # use adflux_core::{AnyModelRecipe, AnyPostprocessRecipe, AnyTransformRecipe, Context, Features, Fit, Predict, Registry, Result, Target, Training};
/// # use adflux_data::Frame;
/// # use adflux_pipeline::{AutoSearch, Pipeline};
/// # use adflux_postprocessing::Identity;
/// # use adflux_preprocessing::{Branch, ColumnTransformer};
/// # use ndarray::Array1;
/// # #[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)] struct Times { factor: f64 }
/// # #[derive(Debug, serde::Serialize, serde::Deserialize)] struct TimesModel(f64);
/// # adflux_core::recipe!(Times, "times");
/// # adflux_core::component!(TimesModel, "times", version = 1);
/// # impl Fit<Training<Features>> for Times {
/// #     type Fitted = TimesModel;
/// #     fn fit_with(&self, _: Training<Features>, _: &Context) -> Result<TimesModel> { Ok(TimesModel(self.factor)) }
/// # }
/// # impl Predict<Features> for TimesModel {
/// #     type Output = Array1<f64>;
/// #     fn predict(&self, x: &Features) -> Result<Array1<f64>> { Ok(x.dense("times")?.column(0).mapv(|v| v * self.0)) }
/// # }
/// let budgets = Frame::builder().numbers("budget", (0..20).map(f64::from).collect()).build()?;
/// let data = Training::new(budgets.clone()).with_target(Target::Values((0..20).map(|b| 3.0 * f64::from(b)).collect()));
/// let pipeline = Pipeline {
///     preprocessor: AnyTransformRecipe::new(ColumnTransformer::new().branch(Branch::new("all", ["budget"]))),
///     model: AnyModelRecipe::new(Times { factor: 1.0 }),
///     postprocessor: AnyPostprocessRecipe::new(Identity::default()),
///     seed: 42,
/// };
/// let search = AutoSearch::new([2.0, 3.0].map(|factor| (format!("× {factor}"), AnyModelRecipe::new(Times { factor }))));
/// let found = search.explore(&pipeline, &data, &Registry::new(), &Context::default())?;
/// assert_eq!(found.reason, "× 3 is best");
/// assert_eq!(found.tried[1].value(), Some(1.0)); // r2
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "AutoML")]
pub struct AutoSearch {
    /// The models by name, in the order in which they are tried.
    pub models: Vec<(String, AnyModelRecipe)>,
    /// The folds all are judged on. Default: five.
    pub split: Split,
    /// What is to be best, by its name in [`Scores`](adflux_evaluation::Scores). Default: the main one, `r2`, `roc_auc`, or
    /// `log_loss` for more than two classes; of several targets that of the first.
    pub measure: Option<String>,
    /// How long it may take, in seconds, the last fit included. Default: no limit.
    pub max_seconds: Option<f64>,
    /// Whether the mean of several models is tried as well. Default `true`.
    pub average: bool,
}

/// A model that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// What it is called.
    pub name: String,
    /// The description of its recipe.
    pub spec: Spec,
    /// How it went.
    pub outcome: Outcome,
    /// How long it took.
    pub seconds: f64,
}

impl Tried {
    /// The mean of the measure over the folds; `None` when it was not judged.
    pub fn value(&self) -> Option<f64> {
        match &self.outcome {
            Outcome::Judged { values } => Some(mean_of(values)),
            _ => None,
        }
    }
}

/// How trying a model went.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The measure in each fold; NaN where it is not defined.
    Judged {
        /// One of each fold.
        values: Vec<f64>,
    },
    /// Why it could not be fitted or judged.
    Failed(String),
    /// The time was over.
    OutOfTime,
}

/// The mean of several models.
#[derive(Clone, Debug, PartialEq)]
pub struct Averaged {
    /// The measure in each fold, with weights that were found on the others.
    pub values: Vec<f64>,
    /// The places of the models in [`AutoFound::tried`], and the share of each; they sum to 1.
    pub shares: Vec<(usize, f64)>,
}

/// What was tried, and what was taken.
#[derive(Clone, Debug)]
pub struct AutoFound {
    /// What was to be best.
    pub measure: String,
    /// The models, in the order in which they were tried.
    pub tried: Vec<Tried>,
    /// The mean that was tried; `None` when none was asked for, or no model could help the best one.
    pub average: Option<Averaged>,
    /// The models that were taken, as [`Averaged::shares`]; one alone has the share 1.
    pub chosen: Vec<(usize, f64)>,
    /// Why, in words.
    pub reason: String,
    /// The pipeline with the model that was taken.
    pub best: AnyPipeline,
}

impl AutoSearch {
    /// Tries these models, by five folds and the main measure, without a limit of time.
    pub fn new(models: impl IntoIterator<Item = (String, AnyModelRecipe)>) -> Self {
        let models = models.into_iter().collect();
        AutoSearch { models, split: Split::default(), measure: None, max_seconds: None, average: true }
    }

    /// Sets the folds all are judged on.
    pub fn split(mut self, split: impl Into<Split>) -> Self {
        self.split = split.into();
        self
    }

    /// Sets what is to be best.
    pub fn measure(mut self, measure: impl Into<String>) -> Self {
        self.measure = Some(measure.into());
        self
    }

    /// Sets how long it may take, in seconds.
    pub fn max_seconds(mut self, seconds: f64) -> Self {
        self.max_seconds = Some(seconds);
        self
    }

    /// Sets whether the mean of several models is tried as well.
    pub fn average(mut self, wanted: bool) -> Self {
        self.average = wanted;
        self
    }

    /// Tries the models, without a last fit. `pipeline` has the preprocessor, the postprocessor, and the seed of the folds; its model
    /// is not looked at.
    ///
    /// # Errors
    /// When there are no models, or the time is not above 0; when the target has no such measure; when the rows do not make such folds;
    /// when no model can be judged (the error is the first model's); when the work is cancelled. A model that fails is recorded.
    pub fn explore(
        &self,
        pipeline: &AnyPipeline,
        data: &Training<Frame>,
        registry: &Registry,
        context: &Context,
    ) -> Result<AutoFound> {
        if self.models.is_empty() {
            return Err(Error::parameter("models", 0, "there are no models to try: give at least one"));
        }
        self.max_seconds.map_or(Ok(()), |seconds| parameter::positive("max_seconds", seconds))?;
        data.validate()?;
        let (measure, goal) = goal(self.measure.as_deref(), data)?;
        let (tried, judged) = self.try_all(pipeline, data, &measure, context)?;

        let judge = FoldJudge::new(data, &measure, goal, &judged)?;
        let better = |values: &[f64]| values.iter().map(|v| judge.sign * v).collect::<Vec<f64>>();
        let values: Vec<f64> = tried.iter().map(|t| t.value().map_or(f64::NAN, |value| judge.sign * value)).collect();
        let best = first_best(&values).ok_or_else(|| {
            Error::data(format!("`{measure}` is not defined in any fold: choose another measure, or other folds"))
        })?;
        let average = if self.average { average_of(&tried, &judged, &judge, context)? } else { None };

        let of_best = match &tried[best].outcome {
            Outcome::Judged { values } => better(values),
            _ => Vec::new(),
        };
        let gain = average.as_ref().map(|mean| Gain::of(&of_best, &better(&mean.values)));
        let taken = average.as_ref().filter(|_| gain.as_ref().is_some_and(Gain::is_sure));
        let chosen = taken.map_or_else(|| vec![(best, 1.0)], |mean| mean.shares.clone());
        let model = match &chosen[..] {
            [(only, _)] => self.models[*only].1.clone(),
            several => self.voting(several, registry)?,
        };
        let name = &tried[best].name;
        let reason = match (&average, taken.is_some()) {
            (_, true) => format!("the mean of {} models is better than {name}, the best of them alone", chosen.len()),
            (Some(_), false) => format!("{name} is best; no mean of several models is better by more than chance"),
            (None, _) => format!("{name} is best"),
        };
        let best = Pipeline { model, ..pipeline.clone() };
        Ok(AutoFound { measure, tried, average, chosen, reason, best })
    }

    /// Every model on the same folds, in their order, as long as there is time.
    fn try_all(
        &self,
        pipeline: &AnyPipeline,
        data: &Training<Frame>,
        measure: &str,
        context: &Context,
    ) -> Result<(Vec<Tried>, Vec<Option<CrossValidated>>)> {
        let until = match self.max_seconds.map(|seconds| Duration::try_from_secs_f64(TRYING * seconds)) {
            // A time beyond all clocks is no limit.
            Some(Ok(time)) => Instant::now().checked_add(time),
            _ => None,
        };
        let folds = folds_of(data, &self.split, pipeline.seed)?;
        let how = CrossValidation::new(self.split.clone()).measures(Measures::new([measure]));
        let (mut tried, mut judged, mut first_error) = (Vec::new(), Vec::new(), None);
        for (i, (name, recipe)) in self.models.iter().enumerate() {
            context.report("models", i as u64, Some(self.models.len() as u64));
            let start = Instant::now();
            let candidate = Pipeline {
                preprocessor: pipeline.preprocessor.clone(),
                model: recipe.clone(),
                postprocessor: Identity::default(),
                seed: pipeline.seed,
            };
            // The first one ends, however long it takes, or there would be nothing to take.
            let until = until.filter(|_| judged.iter().any(Option::is_some));
            let of_model =
                within(until, &context.labelled(name), |context| candidate.judge_folds(data, &how, &folds, context));
            context.check()?;
            let (outcome, of_folds) = match of_model {
                Ok(Some(all)) => (Outcome::Judged { values: all.measure(measure).unwrap_or_default() }, Some(all)),
                Ok(None) => (Outcome::OutOfTime, None),
                Err(error) => {
                    let text = error.to_string();
                    first_error.get_or_insert(error);
                    (Outcome::Failed(text), None)
                }
            };
            let seconds = start.elapsed().as_secs_f64();
            tried.push(Tried { name: name.clone(), spec: recipe.describe()?, outcome, seconds });
            judged.push(of_folds);
        }
        context.report("models", self.models.len() as u64, Some(self.models.len() as u64));
        match first_error {
            Some(error) if judged.iter().all(Option::is_none) => Err(error),
            _ => Ok((tried, judged)),
        }
    }

    /// The models and shares as one recipe.
    fn voting(&self, shares: &[(usize, f64)], registry: &Registry) -> Result<AnyModelRecipe> {
        let weights: Vec<toml::Value> = shares.iter().map(|(_, share)| toml::Value::Float(*share)).collect();
        let steps = shares.iter().map(|(place, _)| self.models[*place].1.describe()).collect::<Result<_>>()?;
        let params = toml::Table::from_iter([("weights".to_string(), toml::Value::Array(weights))]);
        registry.build(&Spec { kind: "voting".into(), params, steps })
    }
}

/// The mean of the models that were judged, whose value in each fold is that of weights found on the others; `None` when the best is
/// alone.
fn average_of(
    tried: &[Tried],
    judged: &[Option<CrossValidated>],
    judge: &FoldJudge,
    context: &Context,
) -> Result<Option<Averaged>> {
    let places: Vec<usize> = (0..tried.len()).filter(|&i| judged[i].is_some()).collect();
    let predictions: Vec<Vec<&Prediction>> =
        judged.iter().flatten().map(|all| all.folds.iter().map(|fold| &fold.prediction).collect()).collect();
    let folds: Vec<usize> = (0..judge.folds.len()).collect();
    if places.len() < 2 || folds.len() < 2 {
        return Ok(None);
    }
    let chosen = |folds: &[usize]| context.run(|| select(&predictions, folds, judge));
    let taken = chosen(&folds)?;
    let total: usize = taken.iter().sum();
    if taken.iter().filter(|count| **count > 0).count() < 2 {
        return Ok(None);
    }
    let mut values = Vec::with_capacity(folds.len());
    for &fold in &folds {
        context.check()?;
        let others: Vec<usize> = folds.iter().copied().filter(|other| *other != fold).collect();
        values.push(judge.sign * judge.value(fold, &mean(&predictions, fold, &chosen(&others)?)?)?);
    }
    let shares = places.iter().zip(&taken).filter(|(_, count)| **count > 0);
    Ok(Some(Averaged { values, shares: shares.map(|(i, count)| (*i, *count as f64 / total as f64)).collect() }))
}

/// The truth of each fold.
struct FoldJudge {
    measures: Measures,
    folds: Vec<(Target, Option<Array1<f64>>)>,
    /// 1 where more is better, −1 where less is.
    sign: f64,
}

impl FoldJudge {
    fn new(data: &Training<Frame>, measure: &str, goal: Goal, judged: &[Option<CrossValidated>]) -> Result<Self> {
        let (truth, weights) = truth_of(data)?;
        let folds = judged.iter().flatten().next().map(|all| &all.folds[..]).unwrap_or_default();
        let of_fold = |rows: &[usize]| (truth.take(rows), weights.as_ref().map(|w| w.take(rows)));
        Ok(FoldJudge {
            measures: Measures::new([measure]),
            folds: folds.iter().map(|fold| of_fold(&fold.rows)).collect(),
            sign: if goal == Goal::Maximize { 1.0 } else { -1.0 },
        })
    }
}

impl Judge for FoldJudge {
    fn value(&self, fold: usize, prediction: &Prediction) -> Result<f64> {
        let (truth, weights) = &self.folds[fold];
        let scores = self.measures.score_where_defined(truth, prediction, weights.as_ref().map(Array1::view))?;
        Ok(scores.main().map_or(f64::NAN, |(_, value)| self.sign * value))
    }
}

/// By how much one is better than another, fold by fold.
struct Gain {
    mean: f64,
    error: f64,
}

impl Gain {
    fn of(from: &[f64], to: &[f64]) -> Self {
        let gains: Vec<f64> = to.iter().zip(from).map(|(to, from)| to - from).filter(|gain| !gain.is_nan()).collect();
        let (mean, n) = (mean_of(&gains), gains.len() as f64);
        let squares: f64 = gains.iter().map(|gain| (gain - mean).powi(2)).sum();
        Gain { mean, error: (squares / (n - 1.0) / n).sqrt() }
    }

    fn is_sure(&self) -> bool {
        self.mean > 0.0 && self.mean > self.error
    }
}
