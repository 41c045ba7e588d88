//! Searching for the best parameters of a pipeline, by cross-validation.

use crate::{
    AnyFittedPipeline, AnyPipeline, CrossValidation, PipelineSpec, cross_validation::folds_of, file::hex,
    fit::fingerprint, paths::Fields,
};
use adflux_core::{
    Context, Error, Fit as _, FitTransform as _, Registry, Result, Rows as _, Target, Training, error::nearest_name,
};
use adflux_data::Frame;
use adflux_evaluation::{
    Measures, baseline, higher_is_better, score,
    search::{Candidate, Dimension, Evaluation, Found, Goal, Method, Search, Space, Study},
    splits::{Fold, RowKeys, Split, train_test_split},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// A search over the parameters of a pipeline, whose objective is the mean of a measure over the folds of a cross-validation.
///
/// The space has any field of the recipe by its path: `model.max_depth`, a step of a branch as
/// `preprocessor.title.tfidf-vectorizer.min_df`, `postprocessor.level`. A path that the recipe does not have is refused before
/// the first fit, with the nearest that it has.
///
/// ```toml
/// measure = "roc_auc"
/// split = { method = "k-fold", folds = 5 }
///
/// [search]
/// method = "tpe"
/// trials = 40
///
/// [space]
/// model.max_depth = { low = 4, high = 20 }
/// model.min_samples_leaf = { low = 1, high = 50, log = true }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PipelineSearch {
    /// How points are chosen, and how many.
    pub search: Search,
    /// The parameters and their values.
    pub space: Space,
    /// The folds every point is judged on, the same for all. Default: five.
    pub split: Split,
    /// What is to be best, by its name in [`Scores`](adflux_evaluation::Scores). Default: the main one, `r2`, `roc_auc`, or
    /// `log_loss` for more than two classes; of several targets that of the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// The file that trials are written to and a search is resumed from.
    #[serde(skip)]
    pub log: Option<PathBuf>,
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Searched {
    /// The trials; values are means of the measure over the folds, deviations those of the folds.
    pub found: Found,
    /// What was to be best.
    pub measure: String,
    /// The recipe of the best trial.
    pub best: AnyPipeline,
}

impl PipelineSearch {
    /// A search over a space, by five folds and the main measure.
    pub fn new(search: Search, space: Space) -> Self {
        PipelineSearch { search, space, ..PipelineSearch::default() }
    }

    /// The folds every point is judged on.
    pub fn split(mut self, split: impl Into<Split>) -> Self {
        self.split = split.into();
        self
    }

    /// What is to be best.
    pub fn measure(mut self, measure: impl Into<String>) -> Self {
        self.measure = Some(measure.into());
        self
    }

    /// Writes trials to a file, and goes on with those that are there, if they are of the same search, recipe and data.
    pub fn log(mut self, path: impl AsRef<Path>) -> Self {
        self.log = Some(path.as_ref().to_path_buf());
        self
    }

    /// Searches, and fits the best recipe on all rows.
    ///
    /// # Errors
    /// As [`explore`](Self::explore) and [`fit_with`](crate::Pipeline::fit_with).
    pub fn run(
        &self,
        pipeline: &AnyPipeline,
        data: &Training<Frame>,
        registry: &Registry,
        context: &Context,
    ) -> Result<(AnyFittedPipeline, Searched)> {
        let searched = self.explore(pipeline, data, registry, context)?;
        let fitted = searched.best.fit_with(data.clone(), &context.labelled("best"))?;
        Ok((fitted, searched))
    }

    /// Searches, without a last fit. `pipeline` has the values of all that is not searched over, and the seed of the folds.
    ///
    /// In successive halving the resource is the rows to learn from (of each fold a part, in which groups are whole, classes
    /// have their shares, and times are the latest; the rows to judge by are always all), or a parameter that is a whole
    /// number, whose value in `pipeline` is all of it.
    ///
    /// Trials run one after another, the folds of each in parallel. Cost: trials × folds fits.
    ///
    /// # Errors
    /// When the recipe has no field at a path, or it does not take a value of the space; when there is no such measure, or neither
    /// more nor less of it is better; as [`Study::run`]. A trial that fails is recorded, and the search goes on.
    pub fn explore(
        &self,
        pipeline: &AnyPipeline,
        data: &Training<Frame>,
        registry: &Registry,
        context: &Context,
    ) -> Result<Searched> {
        data.validate()?;
        let study = self.search.study(&self.space);
        study.check()?;
        let fields = Fields::new(&pipeline.spec()?, registry)?;
        let resource = self.check_paths(&fields, registry)?;
        let (measure, goal) = goal(self.measure.as_deref(), data)?;
        self.check_values(&fields, pipeline, data, registry)?;
        let folds = folds_of(data, &self.split, pipeline.seed)?;
        let judge =
            Judge { search: self, pipeline, data, registry, fields: &fields, resource, measure: &measure, folds };

        let study: Study = match &self.log {
            Some(path) => study.log(path, self.subject(&fields, pipeline.seed, data, &measure)?),
            None => study,
        };
        let found = study.run(goal, |candidate, context| judge.evaluate(candidate, context), context)?;
        let best = fields.with(&found.best().point).build(registry)?.seed(pipeline.seed);
        Ok(Searched { found, measure, best })
    }

    /// Checks every path and the ends or choices of its dimension; gives the resource of successive halving, if it is a
    /// parameter.
    fn check_paths(&self, fields: &Fields, registry: &Registry) -> Result<Option<(String, i64)>> {
        let in_space = |e: Error| Error::data(format!("search space: {e}"));
        for (path, dimension) in self.space.iter() {
            fields.check(path, &ends(dimension), registry).map_err(in_space)?;
        }
        let resource = &self.search.halving.resource;
        if self.search.method != Method::Halving || resource == "rows" {
            return Ok(None);
        }
        let wrong = |reason: &str| Error::parameter("resource", resource, reason);
        fields.check(resource, &[], registry).map_err(|e| wrong(&format!("neither `rows` nor a parameter: {e}")))?;
        if self.space.iter().any(|(path, _)| path == resource) {
            return Err(wrong("is in the search space too: take it out of one"));
        }
        match fields.get(resource) {
            Some(Value::Integer(all)) if all > 0 => Ok(Some((resource.clone(), all))),
            _ => Err(wrong("the recipe gives it no whole number above 0: write down what all of it is")),
        }
    }

    /// Checks that the model and the postprocessor take both ends of every dimension. What they take they say when they are fitted,
    /// before all else: so they are, with work that is cancelled before it begins.
    fn check_values(
        &self,
        fields: &Fields,
        pipeline: &AnyPipeline,
        data: &Training<Frame>,
        registry: &Registry,
    ) -> Result<()> {
        let of = |part: &str| self.space.iter().filter(move |(path, _)| path.starts_with(part)).collect::<Vec<_>>();
        let (of_model, of_postprocessor) = (of("model."), of("postprocessor."));
        let cancelled = Context::default();
        cancelled.cancel_token().cancel();
        let refused = |path: &str, value: &Value, fitted: Option<Error>| match fitted {
            Some(e @ Error::Parameter { .. }) => Err(Error::data(format!("search space: `{path}` = {value}: {e}"))),
            _ => Ok(()),
        };
        let built = |path: &str, value: &Value| {
            fields.with(&Table::from_iter([(path.to_string(), value.clone())])).build(registry)
        };
        if !of_model.is_empty() {
            let (frame, rest) = data.clone().split();
            // What is wrong with the preprocessor is said by the search itself.
            let around = rest.clone().into_rates()?.replace(frame);
            if let Ok((_, x)) = pipeline.preprocessor.fit_transform(around, &Context::default()) {
                for (path, dimension) in of_model {
                    for value in ends(dimension) {
                        let training = rest.clone().replace(x.clone());
                        refused(path, &value, built(path, &value)?.model.fit_with(training, &cancelled).err())?;
                    }
                }
            }
        }
        if let Some(target) = data.target.as_ref().filter(|_| !of_postprocessor.is_empty()) {
            let prediction = baseline(target, None, target.len())?;
            for (path, dimension) in of_postprocessor {
                for value in ends(dimension) {
                    let (frame, rest) = data.clone().split();
                    let training = rest.into_rates()?.replace((frame, prediction.clone()));
                    refused(path, &value, built(path, &value)?.postprocessor.fit_with(training, &cancelled).err())?;
                }
            }
        }
        Ok(())
    }

    /// SHA-256 of all that the value of a point depends on.
    fn subject(&self, fields: &Fields, seed: u64, data: &Training<Frame>, measure: &str) -> Result<String> {
        #[derive(Serialize)]
        struct Asked<'a> {
            measure: &'a str,
            seed: String,
            split: &'a Split,
            spec: &'a PipelineSpec,
        }
        let asked = Asked { measure, seed: seed.to_string(), split: &self.split, spec: fields.spec() };
        let mut hash = Sha256::new();
        hash.update(toml::to_string(&asked).map_err(Error::backend)?);
        hash.update(fingerprint(&data.x, &data.x.schema(), data.target.as_ref())?);
        for numbers in [&data.weights, &data.exposure] {
            hash.update([u8::from(numbers.is_some())]);
            numbers.iter().flat_map(|n| n.iter()).for_each(|v| hash.update(v.to_le_bytes()));
        }
        hash.update([u8::from(data.groups.is_some()), u8::from(data.time.is_some())]);
        data.groups.iter().flat_map(|g| g.iter()).for_each(|v| hash.update(v.to_le_bytes()));
        data.time.iter().flat_map(|t| t.iter()).for_each(|v| hash.update(v.to_le_bytes()));
        Ok(hex(&hash.finalize()))
    }
}

/// What is to be best, and which end of it is: the measure that is named, or else the main one of the target.
pub(crate) fn goal(named: Option<&str>, data: &Training<Frame>) -> Result<(String, Goal)> {
    let target = data.target.as_ref();
    let target =
        target.ok_or_else(|| Error::data("a search needs a target: without one there is nothing to be right about"))?;
    let constant = baseline(target, None, target.len())?;
    let measure = match (named, score(target, &constant, None)?.main()) {
        (Some(measure), _) => measure.to_string(),
        (None, Some((main, _))) => main.to_string(),
        (None, None) => return Err(Error::data("this target has no measure: name one with `measure`")),
    };
    let of_intervals = matches!(target, Target::Values(_) | Target::Multi(_)) && measure.ends_with("interval_score");
    let known = Measures::available(target, &constant)?;
    if !known.contains(&measure) && !of_intervals {
        let near = nearest_name(&measure, known.iter().map(String::as_str))
            .map(|n| format!("did you mean `{n}`? "))
            .unwrap_or_default();
        let reason = format!("{near}this target can be judged by {}", known.join(", "));
        return Err(Error::parameter("measure", measure, reason));
    }
    match higher_is_better(&measure) {
        Some(true) => Ok((measure, Goal::Maximize)),
        Some(false) => Ok((measure, Goal::Minimize)),
        None => Err(Error::parameter("measure", measure, "neither more nor less of it is better: choose another")),
    }
}

/// The values of a dimension that are checked before the search: both ends, or every choice.
fn ends(dimension: &Dimension) -> Vec<Value> {
    match dimension {
        Dimension::Integer { low, high, .. } => vec![Value::Integer(*low), Value::Integer(*high)],
        Dimension::Float { low, high, .. } => vec![Value::Float(*low), Value::Float(*high)],
        Dimension::Choice(values) => values.clone(),
    }
}

/// Judges points.
struct Judge<'a> {
    search: &'a PipelineSearch,
    pipeline: &'a AnyPipeline,
    data: &'a Training<Frame>,
    registry: &'a Registry,
    fields: &'a Fields,
    resource: Option<(String, i64)>,
    measure: &'a str,
    folds: Vec<Fold>,
}

impl Judge<'_> {
    fn evaluate(&self, candidate: &Candidate, context: &Context) -> Result<Evaluation> {
        let mut point = candidate.point.clone();
        if let Some((path, all)) = &self.resource {
            let part = (*all as f64 * candidate.budget).round() as i64;
            point.insert(path.clone(), Value::Integer(part.max(1)));
        }
        let pipeline = self.fields.with(&point).build(self.registry)?.seed(self.pipeline.seed);
        let how = CrossValidation::new(self.search.split.clone()).measures(Measures::new([self.measure]));
        let judged = if candidate.budget < 1.0 && self.resource.is_none() {
            pipeline.judge_folds(self.data, &how, &self.smaller(candidate.budget)?, context)?
        } else {
            pipeline.judge_folds(self.data, &how, &self.folds, context)?
        };
        let values = judged.measure(self.measure).ok_or_else(|| {
            let scores = judged.scores();
            let names: Vec<&str> = scores.first().into_iter().flat_map(|s| s.iter()).map(|(name, _)| name).collect();
            Error::data(format!("there is no measure `{}`, only {}", self.measure, names.join(", ")))
        })?;
        let values: Vec<f64> = values.into_iter().filter(|value| !value.is_nan()).collect();
        let n = values.len() as f64;
        let value = values.iter().sum::<f64>() / n;
        let deviation = (values.iter().map(|v| (v - value).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        Ok(Evaluation { value, deviation: Some(deviation) })
    }

    /// Adds the first row of each class that a share of the rows of a fold has lost: a class so rare that its share rounds to none
    /// could not be learned, and every point would fail by it.
    fn keep_classes(&self, fold: &Fold, train: &mut Vec<usize>) {
        let Some(Target::Classes(classes)) = &self.data.target else { return };
        let mut seen = vec![false; classes.labels.len()];
        let mut is_new = |row: usize| {
            let seen = classes.codes.get(row).and_then(|code| seen.get_mut(*code as usize));
            seen.is_some_and(|seen| !std::mem::replace(seen, true))
        };
        train.iter().for_each(|row| {
            is_new(*row);
        });
        train.extend(fold.train.iter().copied().filter(|row| is_new(*row)));
        train.sort_unstable();
    }

    /// The folds with a share of their rows to learn from, and of each class one at least.
    fn smaller(&self, share: f64) -> Result<Vec<Fold>> {
        let keys = RowKeys::of(self.data);
        let of_fold = |fold: &Fold| {
            let part = keys.take(&fold.train);
            let kept = train_test_split(fold.train.len(), share, &part.options(Some(self.search.search.seed)))?.test;
            let mut train: Vec<usize> = kept.into_iter().map(|place| fold.train[place]).collect();
            self.keep_classes(fold, &mut train);
            Ok(Fold { train, test: fold.test.clone() })
        };
        self.folds.iter().map(of_fold).collect()
    }
}
