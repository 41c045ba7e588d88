//! Every component of the crate through the conformance kit.

use crate::data::{dense, smooth, sparse};
use adflux_core::{ClassTarget, Features, MultiTarget, Rows as _, Target, Training};
use adflux_regression::{FunnelRegressor, MaxFeatures, RandomForestClassifier, RandomForestRegressor, register};
use adflux_testing::conformance;
use ndarray::{Array2, Axis, concatenate};

fn numbers() -> Training<Features> {
    let (x, y) = smooth(80, 3);
    Training::new(dense(x)).with_target(Target::Values(y))
}

fn classes() -> Training<Features> {
    let (x, y) = smooth(80, 3);
    let labels: Vec<&str> = y
        .iter()
        .map(|y| {
            if *y < 2.0 {
                "few"
            } else if *y < 5.0 {
                "some"
            } else {
                "many"
            }
        })
        .collect();
    Training::new(dense(x)).with_target(Target::Classes(ClassTarget::from_labels(&labels)))
}

/// Campaigns: what they brought of their budget, which is the exposure.
fn campaigns() -> Training<Features> {
    let (x, _) = smooth(80, 3);
    let budget = x.column(0).mapv(|v| 100.0 + 900.0 * v);
    let spend = &budget * 0.9;
    let impressions = (&spend * 100.0).mapv(f64::round);
    let clicks = (&impressions * 0.02).mapv(f64::round);
    let applications = (&clicks * 0.1).mapv(f64::round);
    let columns = [impressions, clicks, applications, spend];
    let views: Vec<_> = columns.iter().map(|c| c.view().insert_axis(Axis(1))).collect();
    let names: Vec<String> = ["impressions", "clicks", "applications", "spend"].map(String::from).into();
    let target = MultiTarget { names: names.into(), values: concatenate(Axis(1), &views).unwrap() };
    Training::new(dense(x)).with_target(Target::Multi(target)).with_exposure(budget)
}

#[test]
fn random_forest_regressor() {
    let recipe = RandomForestRegressor::new(8);
    conformance::model(recipe.clone(), numbers())
        .registry(register)
        .takes_missing_values()
        .refuses("n_estimators", RandomForestRegressor::new(0))
        .refuses("max_depth", recipe.clone().max_depth(0))
        .refuses("min_samples_split", recipe.clone().min_samples_split(1))
        .refuses("min_samples_leaf", recipe.clone().min_samples_leaf(0))
        .refuses("max_features", recipe.clone().max_features(MaxFeatures::Fraction(0.0)))
        .refuses("max_features", recipe.clone().max_features(MaxFeatures::Count(0)))
        .refuses("max_samples", recipe.clone().max_samples(1.5))
        .refuses("max_bins", recipe.clone().max_bins(1))
        .refuses("max_bins", recipe.max_bins(256))
        .check();
}

#[test]
fn a_forest_of_several_targets_and_without_bootstrap() {
    let (x, y) = smooth(80, 4);
    let values = Array2::from_shape_fn((80, 2), |(row, column)| if column == 0 { y[row] } else { x[[row, 1]] });
    let names: Vec<String> = ["a", "b"].map(String::from).into();
    let data = Training::new(dense(x)).with_target(Target::Multi(MultiTarget { names: names.into(), values }));
    let recipe = RandomForestRegressor::new(5).bootstrap(false).max_depth(4);
    conformance::model(recipe, data).registry(register).takes_missing_values().check();
}

#[test]
fn a_forest_of_sparse_features() {
    let (x, y) = smooth(80, 5);
    let data = Training::new(sparse(&x)).with_target(Target::Values(y));
    let forest = conformance::model(RandomForestRegressor::new(5), data);
    forest.registry(register).takes_missing_values().check();
}

#[test]
fn random_forest_classifier() {
    let recipe = RandomForestClassifier::new(8);
    assert_eq!(classes().len(), 80);
    conformance::model(recipe.clone(), classes())
        .registry(register)
        .takes_missing_values()
        .refuses("n_estimators", RandomForestClassifier::new(0))
        .refuses("min_samples_leaf", recipe.clone().min_samples_leaf(0))
        .refuses("max_samples", recipe.max_samples(f64::NAN))
        .check();
}

#[test]
fn funnel_regressor() {
    let recipe = FunnelRegressor::default().forest(RandomForestRegressor::new(5));
    conformance::model(recipe.clone(), campaigns())
        .registry(register)
        .takes_missing_values()
        .refuses("smoothing", recipe.clone().smoothing(0.0))
        .refuses("dispersion", recipe.clone().dispersion(-0.1))
        .refuses("n_estimators", recipe.forest(RandomForestRegressor::new(0)))
        .check();
}
