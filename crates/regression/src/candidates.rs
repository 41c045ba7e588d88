//! Models worth trying on a table.

use crate::{
    ExtraTreesClassifier, ExtraTreesRegressor, GradientBoostingClassifier, GradientBoostingRegressor, LassoCV,
    LogisticRegression, Loss, RandomForestClassifier, RandomForestRegressor, Ridge,
};
use adflux_core::{AnyModelRecipe, Target};

/// The models that are worth trying for a target, by name, the quickest first: a linear model with a penalty, boosted trees, small
/// slow ones for few rows, and forests. For numbers that are never negative, such as clicks and costs, also trees that are boosted
/// towards their logarithm (Poisson loss); for several targets at once the models that take several.
///
/// All take dense and sparse features without missing values. `seed` is that of all that draw.
///
/// ```
/// use adflux_core::Target;
/// use adflux_regression::candidates;
/// use ndarray::array;
/// let clicks = candidates(&Target::Values(array![3.0, 0.0, 12.0]), 42);
/// assert_eq!(clicks[0].0, "ridge");
/// assert!(clicks.iter().any(|(name, _)| name == "gradient-boosting, poisson"));
/// ```
pub fn candidates(target: &Target, seed: u64) -> Vec<(String, AnyModelRecipe)> {
    let all = match target {
        Target::Classes(_) => of_classes(seed),
        Target::Values(y) => of_numbers(seed, y.iter().all(|v| *v >= 0.0) && y.iter().any(|v| *v > 0.0)),
        _ => of_several(seed),
    };
    all.into_iter().map(|(name, recipe)| (name.to_string(), recipe)).collect()
}

fn of_classes(seed: u64) -> Vec<(&'static str, AnyModelRecipe)> {
    let boosting = GradientBoostingClassifier { seed, ..GradientBoostingClassifier::default() };
    let slow = GradientBoostingClassifier {
        n_estimators: 200,
        learning_rate: 0.03,
        num_leaves: 7,
        reg_lambda: 1.0,
        colsample_bytree: 0.7,
        ..boosting.clone()
    };
    let forest = RandomForestClassifier { seed, min_samples_leaf: 3, ..RandomForestClassifier::default() };
    let extra = ExtraTreesClassifier { seed, min_samples_leaf: 3, ..ExtraTreesClassifier::default() };
    vec![
        ("logistic", AnyModelRecipe::new(LogisticRegression::default())),
        ("gradient-boosting", AnyModelRecipe::new(boosting)),
        ("gradient-boosting, slow", AnyModelRecipe::new(slow)),
        ("random-forest", AnyModelRecipe::new(forest)),
        ("extra-trees", AnyModelRecipe::new(extra)),
    ]
}

fn of_numbers(seed: u64, never_negative: bool) -> Vec<(&'static str, AnyModelRecipe)> {
    let boosting = GradientBoostingRegressor { seed, ..GradientBoostingRegressor::default() };
    let slow = GradientBoostingRegressor {
        n_estimators: 200,
        learning_rate: 0.03,
        num_leaves: 7,
        reg_lambda: 1.0,
        colsample_bytree: 0.7,
        ..boosting.clone()
    };
    let mut all = vec![
        ("ridge", AnyModelRecipe::new(Ridge::default())),
        ("lasso", AnyModelRecipe::new(LassoCV::default())),
        ("gradient-boosting", AnyModelRecipe::new(boosting.clone())),
        ("gradient-boosting, slow", AnyModelRecipe::new(slow)),
    ];
    if never_negative {
        let poisson = GradientBoostingRegressor { loss: Loss::Poisson, ..boosting };
        all.push(("gradient-boosting, poisson", AnyModelRecipe::new(poisson)));
    }
    all.extend(forests(seed));
    all
}

fn of_several(seed: u64) -> Vec<(&'static str, AnyModelRecipe)> {
    let mut all = vec![("ridge", AnyModelRecipe::new(Ridge::default()))];
    all.extend(forests(seed));
    all
}

fn forests(seed: u64) -> [(&'static str, AnyModelRecipe); 2] {
    let forest = RandomForestRegressor { seed, min_samples_leaf: 3, ..RandomForestRegressor::default() };
    let extra = ExtraTreesRegressor { seed, min_samples_leaf: 3, ..ExtraTreesRegressor::default() };
    [("random-forest", AnyModelRecipe::new(forest)), ("extra-trees", AnyModelRecipe::new(extra))]
}
