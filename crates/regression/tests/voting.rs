//! The mean of several models.

use crate::data::{dense, labels, smooth, values};
use adflux_core::{
    AnyModel, AnyModelRecipe, Component as _, DynComponent as _, Error, Features, Fit as _, MultiTarget, Predict as _,
    Prediction, Recipe as _, Registry, Saved, Target, Training,
};
use adflux_regression::{
    DecisionTreeClassifier, DecisionTreeRegressor, FittedVoting, LinearRegression, LogisticRegression,
    PoissonRegressor, RandomForestClassifier, RandomForestRegressor, Ridge, Voting, register,
};
use ndarray::{Array, Array1, Array2, Dimension};
use proptest::prelude::*;

fn registry() -> Registry {
    let mut registry = Registry::new();
    register(&mut registry).unwrap();
    registry
}

fn numbers() -> Training<Features> {
    let (x, y) = smooth(120, 3);
    values(x, y)
}

fn point(model: &impl adflux_core::Predict<Features, Output = impl Into<Prediction>>, x: &Features) -> Array1<f64> {
    model.predict(x).unwrap().into().point().unwrap().clone()
}

fn close<D: Dimension>(a: &Array<f64, D>, b: &Array<f64, D>) {
    assert_eq!(a.shape(), b.shape());
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-12 * b.abs().max(1.0)), "{a} {b}");
}

#[test]
fn an_exposure_is_used_by_all_models_or_by_none() {
    let (x, y) = smooth(60, 3);
    let exposure = x.column(1).mapv(|v| 1.0 + 9.0 * v);
    let totals = (&y.mapv(|y| (0.1 * y).exp()) * &exposure).mapv(f64::round);
    let data = Training::new(dense(x)).with_target(Target::Values(totals)).with_exposure(exposure);
    let glm = || PoissonRegressor::new(0.0);
    let said = |models: Voting| models.fit(data.clone()).unwrap_err().to_string();
    let mixed = said(Voting::new().model(glm()).model(DecisionTreeRegressor::default()));
    assert!(
        mixed.starts_with("step 2 (decision-tree-regressor): `decision-tree-regressor` uses no exposure"),
        "{mixed}"
    );
    let both = Voting::new().model(glm()).model(PoissonRegressor::new(1.0)).fit(data.clone()).unwrap();
    assert!(both.uses_exposure());
    let alone = [0.0, 1.0].map(|alpha| point(&PoissonRegressor::new(alpha).fit(data.clone()).unwrap(), &data.x));
    close(&point(&both, &data.x), &(0.5 * (&alone[0] + &alone[1])));
    let plain = Training { exposure: None, ..data };
    assert!(!Voting::new().model(glm()).model(Ridge::default()).fit(plain).unwrap().uses_exposure());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn it_is_the_weighted_mean_of_its_models(a in 0.1_f64..9.0, b in 0.1_f64..9.0, scale in -300_i32..300) {
        let data = numbers();
        let tree = DecisionTreeRegressor::default().max_depth(3);
        let scale = 10_f64.powi(scale);
        let both = Voting::new().model(Ridge::default()).model(tree.clone()).weights([a * scale, b * scale]);
        let both = both.fit(data.clone()).unwrap();
        let (ridge, tree) = (Ridge::default().fit(data.clone()).unwrap(), tree.fit(data.clone()).unwrap());
        let mean = (point(&ridge, &data.x) * a + point(&tree, &data.x) * b) / (a + b);
        close(&point(&both, &data.x), &mean);
    }
}

#[test]
fn probabilities_of_classes_are_averaged() {
    let (x, y) = smooth(120, 4);
    let codes = y.mapv(|y| u32::from(y > 2.0) + u32::from(y > 5.0));
    let data = Training::new(dense(x)).with_target(labels(&codes, 3));
    let tree = DecisionTreeClassifier::default().max_depth(2);
    let both = Voting::new().model(LogisticRegression::default()).model(tree.clone()).fit(data.clone()).unwrap();
    let of_both = both.predict(&data.x).unwrap();
    let of_line = LogisticRegression::default().fit(data.clone()).unwrap().predict(&data.x).unwrap();
    let of_tree = tree.fit(data.clone()).unwrap().predict(&data.x).unwrap();
    let mean = (&of_line.probabilities + &of_tree.probabilities) / 2.0;
    close(&of_both.classes().unwrap().probabilities, &mean);
    assert_eq!(of_both.classes().unwrap().labels, of_line.labels);
    for row in of_both.classes().unwrap().probabilities.rows() {
        assert!((row.sum() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn several_targets_are_averaged_one_by_one() {
    let (x, y) = smooth(80, 4);
    let values = Array2::from_shape_fn((80, 2), |(row, column)| if column == 0 { y[row] } else { x[[row, 1]] });
    let names: Vec<String> = ["a", "b"].map(String::from).into();
    let data = Training::new(dense(x)).with_target(Target::Multi(MultiTarget { names: names.into(), values }));
    let forest = RandomForestRegressor::new(3);
    let both = Voting::new().model(LinearRegression::default()).model(forest.clone()).fit(data.clone()).unwrap();
    let (line, forest) = (LinearRegression::default().fit(data.clone()).unwrap(), forest.fit(data.clone()).unwrap());
    let all: [Prediction; 3] =
        [&both.predict(&data.x).unwrap(), &line.predict(&data.x).unwrap(), &forest.predict(&data.x).unwrap()]
            .map(Clone::clone);
    for name in ["a", "b"] {
        let [mean, line, forest] = [0, 1, 2].map(|i| all[i].named(name).unwrap().point().unwrap());
        close(mean, &((line + forest) / 2.0));
    }
}

#[test]
fn what_has_no_mean_is_refused_at_the_fit() {
    let said = |voting: Voting, data: Training<Features>| voting.fit(data).unwrap_err().to_string();
    let (x, y) = smooth(80, 4);
    let classes = Training::new(dense(x.clone())).with_target(labels(&y.mapv(|y| u32::from(y > 2.0)), 2));
    let mixed = Voting::new().model(RandomForestClassifier::new(2)).model(Ridge::default());
    let text = said(mixed, classes);
    assert!(text.contains("step 2 (ridge)"), "{text}");
    assert!(said(Voting::new(), numbers()).contains("there are no models"), "{}", said(Voting::new(), numbers()));
    let one = |weights: &[f64]| said(Voting::new().model(Ridge::default()).weights(weights), numbers());
    assert!(one(&[1.0, 2.0]).contains("there are 1 models: give one weight for each"), "{}", one(&[1.0, 2.0]));
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(one(&[wrong]).contains("a number above 0"), "{}", one(&[wrong]));
    }
    let wrong = said(Voting::new().model(Ridge::default()).model(Ridge::new(-1.0)), numbers());
    assert!(wrong.contains("step 2 (ridge)") && wrong.contains("alpha"), "{wrong}");
}

#[test]
fn a_description_and_a_file_bring_back_models_and_weights() {
    let data = numbers();
    let recipe = Voting::new().model(Ridge::new(2.0)).model(RandomForestRegressor::new(2)).weights([2.0, 1.0]);
    let spec = recipe.spec().unwrap();
    assert_eq!(spec.steps.iter().map(|s| s.kind.as_str()).collect::<Vec<_>>(), ["ridge", "random-forest-regressor"]);
    let again = registry().build::<AnyModelRecipe>(&spec).unwrap().fit(data.clone()).unwrap();
    let fitted = recipe.fit(data.clone()).unwrap();
    assert_eq!(again.predict(&data.x).unwrap(), fitted.predict(&data.x).unwrap());
    let loaded = registry().load::<AnyModel>(&again.save().unwrap()).unwrap();
    assert_eq!(loaded.predict(&data.x).unwrap(), fitted.predict(&data.x).unwrap());
    let voting = loaded.downcast_ref::<FittedVoting>().unwrap();
    let shares: Vec<f64> = voting.models().map(|(_, share)| share).collect();
    assert!((shares[0] - 2.0 / 3.0).abs() < 1e-15);

    let wrong = toml::toml! { kind = "voting"
    steps = [{ kind = "ridge" }, { kind = "rigde" }] };
    let text = registry().build::<AnyModelRecipe>(&wrong.try_into().unwrap()).unwrap_err().to_string();
    assert!(text.contains("step 2 (rigde)") && text.contains("ridge"), "{text}");
}

#[test]
fn a_damaged_state_is_refused() {
    #[derive(serde::Serialize)]
    struct State {
        models: Vec<Saved>,
        shares: Vec<f64>,
    }
    let model = Ridge::default().fit(numbers()).unwrap();
    for (count, shares) in [(1, vec![]), (1, vec![0.5]), (2, vec![2.0, -1.0]), (2, vec![f64::NAN, 1.0]), (0, vec![])] {
        let models = (0..count).map(|_| Saved::of(&model).unwrap()).collect();
        let state = adflux_core::component::encode("voting", &State { models, shares }).unwrap();
        let loaded = FittedVoting::from_state(1, &state, &registry());
        assert!(matches!(loaded, Err(Error::State { .. })), "{count}: {loaded:?}");
    }
}
