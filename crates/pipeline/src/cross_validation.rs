//! How good a recipe is: the whole pipeline is fitted again for every fold and judged on rows it did not see.

use crate::{FittedPipeline, ModelRecipe, Pipeline, PreprocessorRecipe, judging::truth_of};
use adflux_core::{
    ClassTarget, Context, Describe, DynComponent, Error, Postprocess, Predict, Prediction, Result, Rows as _,
    Stitch as _, Target, Training, Transform,
};
use adflux_data::Frame;
use adflux_evaluation::{
    Measures,
    paired::{PairedTest, corrected_t_test},
    scores::Scores,
    splits::{Fold, RowKeys, Split},
};
use ndarray::Array1;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How to cross-validate: which rows are judged by which others, and what is kept.
///
/// ```
/// use adflux_evaluation::splits::KFold;
/// use adflux_pipeline::CrossValidation;
/// let read: CrossValidation = toml::from_str("split = { method = 'k-fold', folds = 5, repeats = 2 }")?;
/// assert_eq!(read, CrossValidation::new(KFold::new(5).repeats(2)));
/// assert_eq!(CrossValidation::from(10), CrossValidation::new(KFold::new(10)));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrossValidation {
    /// Which rows are judged by which. Without a seed of its own it takes that of the pipeline. Default: five folds.
    pub split: Split,
    /// Whether the rows that were learned from are scored too: far better scores there mean that they were learned by heart.
    /// Default `false`.
    pub train_scores: bool,
    /// What is measured. Default: the measures of [`score`](adflux_evaluation::score()).
    #[serde(skip_serializing_if = "Measures::is_default")]
    pub measures: Measures,
}

impl CrossValidation {
    /// With this split.
    pub fn new(split: impl Into<Split>) -> Self {
        CrossValidation { split: split.into(), ..CrossValidation::default() }
    }

    /// Whether the rows that were learned from are scored too.
    pub fn train_scores(mut self, wanted: bool) -> Self {
        self.train_scores = wanted;
        self
    }

    /// What is measured.
    pub fn measures(mut self, measures: Measures) -> Self {
        self.measures = measures;
        self
    }
}

impl<S: Into<Split>> From<S> for CrossValidation {
    fn from(split: S) -> Self {
        CrossValidation::new(split)
    }
}

/// One fold of a cross-validation.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldScores {
    /// What it is called: "fold 2 of 5".
    pub name: String,
    /// How many rows it learned from.
    pub train_rows: usize,
    /// The rows it was judged by, of all rows, in ascending order.
    pub rows: Vec<usize>,
    /// The predictions for these rows, by a pipeline that did not see them.
    pub prediction: Prediction,
    /// The measures on these rows.
    pub scores: Scores,
    /// The measures on the rows it learned from, when they were [asked for](CrossValidation::train_scores).
    pub train_scores: Option<Scores>,
}

/// What cross-validation found: scores and out-of-fold predictions of every fold.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidated {
    /// The folds, in the order of the split.
    pub folds: Vec<FoldScores>,
    rows: usize,
    folds_a_repeat: Option<usize>,
}

impl CrossValidated {
    /// The scores of each fold.
    pub fn scores(&self) -> Vec<Scores> {
        self.folds.iter().map(|fold| fold.scores.clone()).collect()
    }

    /// The mean of each measure over the folds; where it is not defined in a fold, over the others.
    pub fn mean(&self) -> Scores {
        Scores::mean(&self.scores())
    }

    /// A measure in every fold, NaN where it is not defined; `None` when there is no such measure.
    pub fn measure(&self, name: &str) -> Option<Vec<f64>> {
        self.folds.iter().map(|fold| fold.scores.get(name)).collect()
    }

    /// The prediction for every row by a pipeline that did not see it, of the `repeat`-th time over (from 0).
    ///
    /// # Errors
    /// When there were fewer repeats, or the test sets of the split are not all rows (shuffle and time series splits): then
    /// [`FoldScores::prediction`] has those of each fold.
    #[doc(alias = "cross_val_predict")]
    pub fn out_of_fold(&self, repeat: usize) -> Result<Prediction> {
        let Some(folds) = self.folds_a_repeat else {
            return Err(Error::data(
                "the test sets of this split do not make up all rows: take the predictions of each fold",
            ));
        };
        let parts = self.folds.chunks(folds.max(1)).nth(repeat).unwrap_or_default();
        Prediction::stitch(parts.iter().map(|fold| (fold.rows.clone(), fold.prediction.clone())).collect(), self.rows)
    }

    /// Whether `other` is better than this one by more than chance: for every measure of both the difference other − this with an
    /// interval at `level` and a p-value, by the [corrected resampled t-test](corrected_t_test).
    ///
    /// # Errors
    /// When the two were not judged on the same folds, there are fewer than two, or `level` is not between 0 and 1.
    pub fn compare(&self, other: &CrossValidated, level: f64) -> Result<Vec<(String, PairedTest)>> {
        let same = self.folds.len() == other.folds.len() && self.rows == other.rows;
        let differing = self.folds.iter().zip(&other.folds).find(|(a, b)| a.rows != b.rows);
        if let (true, Some((fold, _))) = (same, differing) {
            let name = &fold.name;
            return Err(Error::data(format!(
                "{name} has other rows in one than in the other: give both the same split and seed"
            )));
        }
        if !same {
            return Err(Error::data("the two were judged on different folds: give both the same data, split and seed"));
        }
        let sum = |of: &dyn Fn(&FoldScores) -> usize| self.folds.iter().map(of).sum::<usize>() as f64;
        let ratio = sum(&|fold| fold.rows.len()) / sum(&|fold| fold.train_rows);
        let names = self.folds.iter().flat_map(|fold| fold.scores.iter()).map(|(name, _)| name);
        let mut tests: Vec<(String, PairedTest)> = Vec::new();
        for name in names {
            if tests.iter().any(|(n, _)| n == name) {
                continue;
            }
            if let (Some(a), Some(b)) = (self.measure(name), other.measure(name)) {
                // A measure that is hardly ever defined says nothing.
                if a.iter().zip(&b).filter(|(a, b)| !(**a - **b).is_nan()).count() > 1 {
                    tests.push((name.to_string(), corrected_t_test(&a, &b, ratio, level)?));
                }
            }
        }
        if tests.is_empty() {
            return Err(Error::data("no measure is defined for both in two folds or more"));
        }
        Ok(tests)
    }
}

impl<P, M, O> Pipeline<P, M, O> {
    /// How good pipelines of this recipe are: for each fold the whole pipeline, postprocessor included, is fitted on its
    /// training rows and judged on its test rows, with the row weights. `how` is a [`CrossValidation`], a
    /// [`Split`], or a number of folds.
    ///
    /// Groups are kept together, times are respected (the blocks of k folds are judged by models of earlier and later ones;
    /// `time-series` looks back only), classes have the same shares. Folds run in parallel, as many at once as there are
    /// threads, each with its share of the rows in memory; the result is the same to the bit whatever their number. Progress
    /// is reported as "fold 2 of 5" and as folds done. Cost: one fit a fold; a postprocessor that needs out-of-fold predictions
    /// multiplies each.
    ///
    /// With an exposure predictions for one unit of it are judged by [rates](Training::into_rates), each row counting by its exposure:
    /// what scikit-learn does with the rates as `y` and the exposure as `sample_weight`.
    ///
    /// A measure that is not defined in a fold (the ROC curve of one class) is NaN there, as in scikit-learn; so are all in a fold
    /// whose rows weigh nothing, or have no exposure.
    ///
    /// # Errors
    /// When there is no target; when the rows, groups or times do not make such folds; when a fit fails, naming the fold, and the
    /// row of the whole data; when a class is to be judged in a fold that cannot learn it; when the work is cancelled.
    #[doc(alias = "cross_val_score")]
    pub fn cross_validate<X>(
        &self,
        data: &Training<Frame>,
        how: impl Into<CrossValidation>,
        context: &Context,
    ) -> Result<CrossValidated>
    where
        X: Clone,
        P: PreprocessorRecipe<X> + Sync,
        M: ModelRecipe<X> + Sync,
        O: Postprocess<Frame, Prediction> + Describe + Sync,
        O::Fitted: DynComponent + Transform<(Frame, Prediction), Output = Prediction>,
    {
        let how = how.into();
        data.validate()?;
        let folds = folds_of(data, &how.split, self.seed)?;
        self.judge_folds(data, &how, &folds, context)
    }

    /// [`cross_validate`](Self::cross_validate) on folds that are made already.
    pub(crate) fn judge_folds<X>(
        &self,
        data: &Training<Frame>,
        how: &CrossValidation,
        folds: &[Fold],
        context: &Context,
    ) -> Result<CrossValidated>
    where
        X: Clone,
        P: PreprocessorRecipe<X> + Sync,
        M: ModelRecipe<X> + Sync,
        O: Postprocess<Frame, Prediction> + Describe + Sync,
        O::Fitted: DynComponent + Transform<(Frame, Prediction), Output = Prediction>,
    {
        let Some(target) = &data.target else {
            return Err(Error::data("cross-validation needs a target: without one there is nothing to be right about"));
        };
        if let Target::Classes(classes) = target {
            check_classes(folds, classes, &how.split)?;
        }
        let truth = truth_of(data)?;
        let of_fold = |(i, fold): (usize, &Fold)| {
            context.check()?;
            let name = how.split.name(i);
            let context = context.labelled(&name);
            let fitted = self.fit_with(data.take(&fold.train), &context).map_err(|e| e.in_part(&name, &fold.train))?;
            let judged = |rows: &[usize]| {
                judge(&fitted, &data.x, &truth, rows, &how.measures).map_err(|e| e.in_part(&name, rows))
            };
            let (prediction, scores) = judged(&fold.test)?;
            let train_scores = if how.train_scores { Some(judged(&fold.train)?.1) } else { None };
            let (train_rows, rows) = (fold.train.len(), fold.test.clone());
            Ok(FoldScores { name, train_rows, rows, prediction, scores, train_scores })
        };
        let judged = in_waves(folds, of_fold, context)?;
        Ok(CrossValidated { folds: judged, rows: data.len(), folds_a_repeat: how.split.folds_a_repeat() })
    }
}

/// The predictions for some rows and their scores.
fn judge<P, M, O, X>(
    fitted: &FittedPipeline<P, M, O>,
    frame: &Frame,
    (target, weights): &(Target, Option<Array1<f64>>),
    rows: &[usize],
    measures: &Measures,
) -> Result<(Prediction, Scores)>
where
    P: Transform<Frame, Output = X>,
    M: Predict<X>,
    M::Output: Into<Prediction>,
    O: Transform<(Frame, Prediction), Output = Prediction>,
{
    let prediction = fitted.run(&frame.take(rows))?;
    let weights = weights.as_ref().map(|w| w.take(rows));
    let score = |weights| measures.score_where_defined(&target.take(rows), &prediction, weights);
    let scores = match &weights {
        // Nothing was shown to any of these rows, say.
        Some(weights) if weights.iter().all(|w| *w == 0.0) => score(None)?.iter().map(|(m, _)| (m, f64::NAN)).collect(),
        weights => score(weights.as_ref().map(Array1::view))?,
    };
    Ok((prediction, scores))
}

/// `work` on each fold, as many at once as there are threads. They go in waves: a thread that waits within one fold must not
/// begin another, or all of them would be in memory. Of several errors the first fold's is given.
fn in_waves<T: Send>(
    folds: &[Fold],
    work: impl Fn((usize, &Fold)) -> Result<T> + Sync,
    context: &Context,
) -> Result<Vec<T>> {
    let wave = context.run(rayon::current_num_threads).max(1);
    let mut all = Vec::with_capacity(folds.len());
    for (start, part) in (0..).step_by(wave).zip(folds.chunks(wave)) {
        let done: Vec<Result<T>> =
            context.run(|| part.par_iter().enumerate().map(|(i, fold)| work((start + i, fold))).collect());
        for one in done {
            all.push(one?);
        }
        context.report("cross-validation", all.len() as u64, Some(folds.len() as u64));
    }
    Ok(all)
}

/// The folds of some training data: groups are kept together, time is respected, and classes have about the same share in
/// each fold. `seed` shuffles where the split has none of its own.
pub(crate) fn folds_of(data: &Training<Frame>, split: &Split, seed: u64) -> Result<Vec<Fold>> {
    split.folds(data.len(), &RowKeys::of(data).options(Some(seed)))
}

fn check_classes(folds: &[Fold], classes: &ClassTarget, split: &Split) -> Result<()> {
    for (i, fold) in folds.iter().enumerate() {
        fold.check_classes(classes).map_err(|e| e.in_part(split.name(i), &[]))?;
    }
    Ok(())
}
