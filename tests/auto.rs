//! Which model suits a table: real candidates, their mean, the same bits whatever the threads.

use adflux::{
    core::{
        AnyModelRecipe, AnyPostprocessRecipe, AnyTransformRecipe, Context, Describe as _, Recipe as _, Result, Target,
        Training, random::stream,
    },
    data::Frame,
    pipeline::{AnyFittedPipeline, AnyPipeline, AutoFound, AutoSearch, Pipeline},
    postprocessing::Identity,
    preprocessing::{Branch, ColumnTransformer},
    regression::{LinearRegression, RandomForestRegressor, Voting, candidates},
};
use rand::RngExt as _;

/// A line and a step: neither a linear model nor a forest of few rows has both.
fn data(rows: usize) -> Training<Frame> {
    let mut rng = stream(5, &[]);
    let x: Vec<Vec<f64>> = (0..rows).map(|_| (0..3).map(|_| rng.random_range(-1.0..1.0)).collect()).collect();
    let y = x.iter().map(|r| 3.0 * r[0] + if r[1] > 0.0 { 2.0 } else { 0.0 } + rng.random_range(-0.3..0.3)).collect();
    let column = |i: usize| x.iter().map(|r| r[i]).collect::<Vec<f64>>();
    let frame = Frame::builder().numbers("a", column(0)).numbers("b", column(1)).numbers("c", column(2)).build();
    Training::new(frame.unwrap()).with_target(Target::Values(y))
}

fn pipeline() -> AnyPipeline {
    Pipeline {
        preprocessor: AnyTransformRecipe::new(ColumnTransformer::new().branch(Branch::new("all", ["a", "b", "c"]))),
        model: AnyModelRecipe::new(LinearRegression::default()),
        postprocessor: AnyPostprocessRecipe::new(Identity::default()),
        seed: 3,
    }
}

fn find(threads: usize) -> Result<AutoFound> {
    let forest = RandomForestRegressor::new(20).min_samples_leaf(8);
    let models = [
        ("line".to_string(), AnyModelRecipe::new(LinearRegression::default())),
        ("forest".to_string(), AnyModelRecipe::new(forest)),
    ];
    let context = Context::default().with_threads(threads)?;
    AutoSearch::new(models).explore(&pipeline(), &data(150), &adflux::registry()?, &context)
}

#[test]
fn a_mean_that_is_better_is_taken_fitted_saved_and_loaded() {
    let found = find(2).unwrap();
    assert_eq!(found.chosen.len(), 2, "{found:?}");
    let average = found.average.as_ref().unwrap();
    let mean = average.values.iter().sum::<f64>() / 5.0;
    assert!(found.tried.iter().all(|tried| tried.value().unwrap() < mean), "{found:?}");
    assert!(found.reason.starts_with("the mean of 2 models is better than"), "{}", found.reason);
    let spec = found.best.model.describe().unwrap();
    assert_eq!((spec.kind.as_str(), spec.steps.len()), (Voting::KIND, 2));

    let fitted = found.best.fit(data(150)).unwrap();
    let loaded =
        AnyFittedPipeline::from_bytes(&fitted.to_bytes().unwrap(), "auto.adflux", &adflux::registry().unwrap())
            .unwrap();
    assert_eq!(loaded.run(&data(20).x).unwrap(), fitted.run(&data(20).x).unwrap());
    // On rows that were in no choice it is better than either alone.
    let rest = data(2000);
    let score = |pipeline: &AnyPipeline| {
        let fitted = pipeline.fit(data(150)).unwrap();
        let truth = rest.target.as_ref().unwrap();
        adflux::evaluation::score(truth, &fitted.run(&rest.x).unwrap(), None).unwrap().get("r2").unwrap()
    };
    let both = score(&found.best);
    let forest = RandomForestRegressor::new(20).min_samples_leaf(8);
    for alone in [AnyModelRecipe::new(LinearRegression::default()), AnyModelRecipe::new(forest)] {
        assert!(score(&Pipeline { model: alone, ..pipeline() }) < both);
    }
}

#[test]
fn threads_change_nothing() {
    let [one, three] = [1, 3].map(|threads| find(threads).unwrap());
    assert_eq!((one.average, one.chosen, one.reason), (three.average, three.chosen, three.reason));
    let outcomes = |found: &AutoFound| found.tried.iter().map(|t| t.outcome.clone()).collect::<Vec<_>>();
    assert_eq!(outcomes(&find(2).unwrap()), one.tried.iter().map(|t| t.outcome.clone()).collect::<Vec<_>>());
}

#[test]
fn every_candidate_learns_its_kind_of_target() {
    let frame = data(120);
    let Some(Target::Values(y)) = &frame.target else { panic!() };
    let counts = Target::Values(y.mapv(|v| v.abs().round()));
    let classes = Target::Classes(adflux::core::ClassTarget::from_labels(
        &y.iter().map(|v| if *v > 1.0 { "yes" } else { "no" }).collect::<Vec<_>>(),
    ));
    for target in [Target::Values(y.clone()), counts, classes] {
        let models = candidates(&target, 1);
        let count = models.len();
        let data = Training::new(frame.x.clone()).with_target(target);
        let found = AutoSearch::new(models).split(adflux::evaluation::splits::KFold::new(2));
        let found = found.explore(&pipeline(), &data, &adflux::registry().unwrap(), &Context::default()).unwrap();
        assert_eq!(found.tried.iter().filter(|tried| tried.value().is_some()).count(), count, "{:?}", found.tried);
    }
}
