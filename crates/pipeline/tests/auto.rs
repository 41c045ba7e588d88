//! Several models tried on the same folds.

use crate::{registry, training};
use adflux_core::{
    AnyModelRecipe, AnyPostprocessRecipe, AnyTransformRecipe, Context, Error, Features, Fit, Predict, Result, Training,
};
use adflux_data::Frame;
use adflux_evaluation::splits::KFold;
use adflux_pipeline::{AnyPipeline, AutoSearch, Outcome, Pipeline};
use adflux_postprocessing::Identity;
use adflux_preprocessing::{Branch, ColumnTransformer};
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::{thread::sleep, time::Duration};

/// Predicts 1000 + key with an error of its own, after so many milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Near {
    error: f64,
    milliseconds: u64,
    fails: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct NearModel(f64);

adflux_core::recipe!(Near, "near");
adflux_core::component!(NearModel, "near", version = 1);

impl Fit<Training<Features>> for Near {
    type Fitted = NearModel;
    fn fit_with(&self, _: Training<Features>, context: &Context) -> Result<NearModel> {
        if self.fails {
            return Err(Error::data("it cannot"));
        }
        for _ in 0..self.milliseconds {
            context.check()?;
            sleep(Duration::from_millis(1));
        }
        Ok(NearModel(self.error))
    }
}

impl Predict<Features> for NearModel {
    type Output = Array1<f64>;
    fn predict(&self, x: &Features) -> Result<Array1<f64>> {
        Ok(x.dense("near")?.column(0).mapv(|key| 1000.0 + key + self.0))
    }
}

fn model(name: &str, error: f64) -> (String, AnyModelRecipe) {
    (name.into(), AnyModelRecipe::new(Near { error, ..Near::default() }))
}

fn slow(name: &str, milliseconds: u64) -> (String, AnyModelRecipe) {
    (name.into(), AnyModelRecipe::new(Near { milliseconds, ..Near::default() }))
}

fn failing(name: &str) -> (String, AnyModelRecipe) {
    (name.into(), AnyModelRecipe::new(Near { fails: true, ..Near::default() }))
}

fn pipeline() -> AnyPipeline {
    Pipeline {
        preprocessor: AnyTransformRecipe::new(ColumnTransformer::new().branch(Branch::new("key", ["key"]))),
        model: model("", 0.0).1,
        postprocessor: AnyPostprocessRecipe::<Frame>::new(Identity::default()),
        seed: 1,
    }
}

fn explore(search: &AutoSearch) -> Result<adflux_pipeline::AutoFound> {
    search.explore(&pipeline(), &training(20), &registry(), &Context::default())
}

#[test]
fn the_best_alone_is_taken_where_no_mean_helps() {
    let found = explore(&AutoSearch::new([model("far", 3.0), model("near", 1.0), model("farther", 9.0)])).unwrap();
    assert_eq!((found.measure.as_str(), &found.chosen[..]), ("r2", &[(1, 1.0)][..]));
    assert_eq!((found.reason.as_str(), found.average), ("near is best", None));
    assert!(found.tried[1].value() > found.tried[0].value());
    let fitted = found.best.fit(training(20)).unwrap();
    assert_eq!(fitted.run(&training(1).x).unwrap().point().unwrap()[0], 1001.0);
}

#[test]
fn less_is_better_of_an_error_and_the_folds_are_those_asked_for() {
    let search =
        AutoSearch::new([model("far", -3.0), model("near", 1.0)]).measure("mae").split(KFold::new(4)).average(false);
    let found = explore(&search).unwrap();
    assert_eq!(found.tried[0].outcome, Outcome::Judged { values: vec![3.0; 4] });
    assert_eq!(found.chosen, [(1, 1.0)]);
    let equal = explore(&AutoSearch::new([model("first", 1.0), model("second", 1.0)])).unwrap();
    assert_eq!(equal.chosen, [(0, 1.0)]);
}

#[test]
fn a_model_that_fails_is_recorded_and_all_that_fail_are_an_error() {
    let found = explore(&AutoSearch::new([failing("broken"), model("near", 1.0)])).unwrap();
    assert!(matches!(&found.tried[0].outcome, Outcome::Failed(reason) if reason.contains("it cannot")));
    assert_eq!((found.tried[0].value(), &found.chosen[..]), (None, &[(1, 1.0)][..]));
    let said = explore(&AutoSearch::new([failing("a"), failing("b")])).unwrap_err().to_string();
    assert!(said.contains("it cannot"), "{said}");
    assert!(explore(&AutoSearch::new([])).unwrap_err().to_string().contains("there are no models"));
    let said = explore(&AutoSearch::new([model("a", 1.0)]).measure("roc_auc")).unwrap_err().to_string();
    assert!(said.contains("roc_auc") && said.contains("rmse"), "{said}");
    for seconds in [0.0, -1.0, f64::NAN] {
        assert!(explore(&AutoSearch::new([model("a", 1.0)]).max_seconds(seconds)).is_err());
    }
}

#[test]
fn the_first_model_ends_and_others_only_in_time() {
    let models = [slow("first", 20), slow("second", 600_000), model("third", 0.0)];
    let found = explore(&AutoSearch::new(models).max_seconds(0.05)).unwrap();
    assert!(matches!(found.tried[0].outcome, Outcome::Judged { .. }));
    assert_eq!(found.tried[1].outcome, Outcome::OutOfTime);
    assert_eq!(found.tried[2].outcome, Outcome::OutOfTime);
    let all = explore(&AutoSearch::new([slow("first", 1), model("second", 0.0)]).max_seconds(1e300)).unwrap();
    assert!(all.tried.iter().all(|tried| matches!(tried.outcome, Outcome::Judged { .. })));
}

#[test]
fn a_stop_is_a_stop() {
    let context = Context::default();
    context.cancel_token().cancel();
    let stopped = AutoSearch::new([slow("first", 5)]).explore(&pipeline(), &training(20), &registry(), &context);
    assert!(matches!(stopped, Err(Error::Cancelled)), "{stopped:?}");
    let none = Training::new(training(20).x);
    let said = AutoSearch::new([model("a", 1.0)]).explore(&pipeline(), &none, &registry(), &Context::default());
    assert!(said.unwrap_err().to_string().contains("needs a target"));
}
