//! Every component of the crate through the conformance kit.

use crate::recipes::{classes, numbers};
use adflux_neural::{MlpClassifier, MlpRegressor, register};
use adflux_testing::conformance;

#[test]
fn mlp_classifier() {
    let recipe = MlpClassifier::new([8]).epochs(3).batch_size(16);
    conformance::model(recipe.clone(), classes())
        .registry(register)
        .refuses("hidden", MlpClassifier::new([0]))
        .refuses("dropout", recipe.clone().dropout(1.0))
        .refuses("learning_rate", recipe.clone().learning_rate(0.0))
        .refuses("weight_decay", recipe.clone().weight_decay(-1.0))
        .refuses("epochs", recipe.clone().epochs(0))
        .refuses("batch_size", recipe.clone().batch_size(0))
        .refuses("patience", recipe.clone().patience(0))
        .refuses("validation_fraction", recipe.validation_fraction(1.0))
        .check();
}

#[test]
fn mlp_regressor() {
    let recipe = MlpRegressor::new([8]).epochs(3).batch_size(16);
    conformance::model(recipe.clone(), numbers())
        .registry(register)
        .refuses("hidden", MlpRegressor::new([0]))
        .refuses("epochs", recipe.clone().epochs(0))
        .refuses("batch_size", recipe.batch_size(0))
        .check();
}
