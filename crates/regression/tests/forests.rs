//! What holds for every forest.

use crate::data::{dense, labels, smooth, sparse, values};
use adflux_core::{
    AnyModel, AnyModelRecipe, Block, Column, Component, Context, DynComponent, Error, Features, Fit, MultiTarget,
    Predict, Prediction, Registry, Saved, Spec, Target, Training, Values,
};
use adflux_regression::{MaxFeatures, RandomForestClassifier, RandomForestRegressor, register};
use ndarray::{Array1, Array2, Axis, array, concatenate, s};
use proptest::prelude::*;

fn two_targets(y: &Array1<f64>) -> Target {
    let values = Array2::from_shape_fn((y.len(), 2), |(i, j)| if j == 0 { y[i] } else { -1e-6 * y[i] * y[i] });
    Target::Multi(MultiTarget { names: ["clicks".to_string(), "ctr".into()].into(), values })
}

fn classes(y: &Array1<f64>) -> Target {
    labels(&y.mapv(|v| if v < 3.0 { 0 } else { 1 + u32::from(v > 6.0) }), 3)
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    let (x, y) = smooth(700, 1);
    let (one, two) = (Context::default().with_threads(1).unwrap(), Context::default().with_threads(2).unwrap());
    let regressor = RandomForestRegressor::new(12).max_features(MaxFeatures::Fraction(0.5));
    for target in [Target::Values(y.clone()), two_targets(&y)] {
        let data = Training::new(dense(x.clone())).with_target(target);
        let [a, b] = [&one, &two].map(|c| regressor.fit_with(data.clone(), c).unwrap().state().unwrap());
        assert!(a == b);
    }
    let data = Training::new(dense(x)).with_target(classes(&y));
    let classifier = RandomForestClassifier::new(12);
    let [a, b] = [&one, &two].map(|c| classifier.fit_with(data.clone(), c).unwrap().state().unwrap());
    assert!(a == b);
    let other = classifier.seed(43).fit(data).unwrap().state().unwrap();
    assert!(a != other, "another seed gives another forest");
}

#[test]
fn a_saved_forest_predicts_the_same_bits() {
    let (x, y) = smooth(300, 2);
    let mut registry = Registry::new();
    register(&mut registry).unwrap();
    for (kind, target) in [
        ("random-forest-regressor", Target::Values(y.clone())),
        ("random-forest-regressor", two_targets(&y)),
        ("random-forest-classifier", classes(&y)),
    ] {
        let spec: Spec = toml::from_str(&format!("kind = '{kind}'\nparams = {{ n_estimators = 7 }}")).unwrap();
        let data = Training::new(dense(x.clone())).with_target(target);
        let model = registry.build::<AnyModelRecipe>(&spec).unwrap().fit(data).unwrap();
        let saved = model.save().unwrap();
        let loaded: AnyModel = registry.load(&saved).unwrap();
        let x = dense(x.clone());
        assert_eq!(model.predict(&x).unwrap(), loaded.predict(&x).unwrap());
        assert!(saved == loaded.save().unwrap());
    }
}

#[test]
fn a_damaged_state_is_an_error_not_a_panic() {
    let (x, y) = smooth(60, 3);
    let mut saved = adflux_core::Saved::of(&RandomForestRegressor::new(2).fit(values(x, y)).unwrap()).unwrap();
    let at = saved.state.windows(12).position(|w| w == b"node_columns").unwrap();
    // The first bytes of the array are the column of the first node.
    let bytes = saved.state[at..].windows(5).position(|w| w == b"bytes").unwrap() + at;
    saved.state[bytes + 8..bytes + 16].fill(0x55);
    let error = saved.load::<adflux_regression::FittedRandomForestRegressor>(&Registry::new()).unwrap_err();
    assert!(error.to_string().contains("nodes are not those of whole trees"), "{error}");
}

#[test]
fn numbers_that_are_none_are_refused_in_a_file() {
    let (x, y) = smooth(60, 3);
    let one = Saved::of(&RandomForestRegressor::new(2).fit(values(x.clone(), y.clone())).unwrap()).unwrap();
    let two = Training::new(dense(x)).with_target(two_targets(&y));
    let two = Saved::of(&RandomForestRegressor::new(2).fit(two).unwrap()).unwrap();
    let load = |saved: &Saved| saved.load::<adflux_regression::FittedRandomForestRegressor>(&Registry::new());
    for (saved, arrays) in [(&one, ["thresholds", "importances"]), (&two, ["values", "thresholds"])] {
        assert!(load(saved).is_ok());
        for array in arrays {
            let mut damaged = saved.clone();
            crate::data::first_number(&mut damaged.state, array, f64::NAN);
            assert!(load(&damaged).is_err(), "{array}");
        }
    }
}

#[test]
fn a_file_whose_targets_are_not_those_of_its_leaves_is_refused() {
    let (x, y) = smooth(60, 3);
    let fit = |target: Target| {
        let data = Training::new(dense(x.clone())).with_target(target);
        Saved::of(&RandomForestRegressor::new(2).fit(data).unwrap()).unwrap()
    };
    let load = |saved: &Saved| saved.load::<adflux_regression::FittedRandomForestRegressor>(&Registry::new());
    // In MessagePack a key, then nothing or the names.
    let (none, names) = (b"\xa7targets\xc0".to_vec(), b"\xa7targets\x92\xa6clicks\xa3ctr".to_vec());
    let exchanged = |mut saved: Saved, from: &[u8], to: &[u8]| {
        let at = saved.state.windows(from.len()).position(|w| w == from).unwrap();
        saved.state.splice(at..at + from.len(), to.iter().copied());
        saved
    };
    let (one, two) = (fit(Target::Values(y.clone())), fit(two_targets(&y)));
    assert!(load(&exchanged(one.clone(), &none, &none)).is_ok());
    for damaged in [exchanged(one, &none, &names), exchanged(two, &names, &none)] {
        let error = load(&damaged).unwrap_err().to_string();
        assert!(error.contains("targets"), "{error}");
    }
}

#[test]
fn an_outcome_of_weight_zero_may_be_anything() {
    let (x, y) = smooth(100, 12);
    let beside = concatenate![Axis(0), x, x.slice(s![..1, ..])];
    let mut weights = Array1::ones(101);
    weights[100] = 0.0;
    let recipe = RandomForestRegressor::new(5).min_samples_leaf(5);
    let alone = recipe.fit(values(x.clone(), y.clone())).unwrap().predict_values(&dense(x.clone())).unwrap();
    for outcome in [1e200, -1e308] {
        let data = values(beside.clone(), y.iter().copied().chain([outcome])).with_weights(weights.clone());
        let found = recipe.fit(data).unwrap().predict_values(&dense(x.clone())).unwrap();
        assert_eq!(found, alone);
    }
}

#[test]
fn sparse_and_dense_blocks_of_the_same_numbers_give_the_same_forest() {
    let (mut x, y) = smooth(500, 4);
    x.mapv_inplace(|v| if v < 0.4 { v.min(0.0) } else { v });
    let recipe = RandomForestRegressor::new(5).max_features(MaxFeatures::Count(3));
    let target = Target::Values(y);
    let a = recipe.fit(Training::new(dense(x.clone())).with_target(target.clone())).unwrap();
    let b = recipe.fit(Training::new(sparse(&x)).with_target(target)).unwrap();
    assert!(a.state().unwrap() == b.state().unwrap());
    assert_eq!(a.predict(&sparse(&x)).unwrap(), b.predict(&dense(x)).unwrap());
}

#[test]
fn a_few_rows_are_predicted_to_the_bit_as_among_many() {
    let (x, y) = smooth(300, 5);
    let target = classes(&y);
    // 11 trees are no multiple of those that a row walks down at a time.
    let regressor = RandomForestRegressor::new(11).fit(values(x.clone(), y)).unwrap();
    let classifier = RandomForestClassifier::new(11).fit(Training::new(dense(x.clone())).with_target(target)).unwrap();
    let predict = |x: Array2<f64>| {
        (regressor.predict_values(&dense(x.clone())).unwrap(), classifier.predict_proba(&dense(x)).unwrap())
    };
    let (numbers, probabilities) = predict(x.clone());
    for rows in [1, 3, 7, 8, 9, 17] {
        let few = predict(x.slice(s![100..100 + rows, ..]).to_owned());
        assert_eq!(few.0, numbers.slice(s![100..100 + rows, ..]), "{rows} rows");
        assert_eq!(few.1, probabilities.slice(s![100..100 + rows, ..]), "{rows} rows");
    }
}

#[test]
fn blocks_side_by_side_are_one_table() {
    let x = Array2::from_shape_fn((120, 150), |(i, j)| ((i * (j + 7) + i * i) % 13).saturating_sub(6) as f64);
    let y: Vec<f64> = (0..120).map(|i| x[[i, 69]] * x[[i, 70]] - x[[i, 149]]).collect();
    let named = |columns: std::ops::Range<usize>| columns.map(|i| Column::input(format!("x{i}"))).collect::<Vec<_>>();
    let left = Values::Dense(x.slice(s![.., ..70]).to_owned());
    let Values::Sparse(right) = sparse(&x.slice(s![.., 70..]).to_owned()).blocks()[0].values().clone() else {
        unreachable!()
    };
    let blocks =
        vec![Block::new(named(0..70), left).unwrap(), Block::new(named(70..150), Values::Sparse(right)).unwrap()];
    let mixed = Features::new(120, blocks).unwrap();
    let recipe = RandomForestRegressor::new(4).max_features(MaxFeatures::Fraction(0.4));
    let target = Target::Values(y.into());
    let a = recipe.fit(Training::new(mixed.clone()).with_target(target.clone())).unwrap();
    let b = recipe.fit(Training::new(dense(x.clone())).with_target(target)).unwrap();
    assert!(a.state().unwrap() == b.state().unwrap());
    assert_eq!(a.predict(&mixed).unwrap(), a.predict(&dense(x)).unwrap());
}

#[test]
fn dense_blocks_in_any_memory_order_give_the_same_forest_and_predictions() {
    let (x, y) = smooth(300, 5);
    let by_column = {
        let mut by_column = Array2::zeros(ndarray::ShapeBuilder::f((300, 6)));
        by_column.assign(&x);
        by_column
    };
    let forest = RandomForestRegressor::new(5).fit(values(x.clone(), y.clone())).unwrap();
    let other = RandomForestRegressor::new(5).fit(values(by_column.clone(), y)).unwrap();
    assert!(forest.state().unwrap() == other.state().unwrap());
    assert_eq!(forest.predict(&dense(x)).unwrap(), forest.predict(&dense(by_column)).unwrap());
}

#[test]
fn a_weight_of_two_is_the_row_twice_and_of_zero_no_row() {
    // More distinct values than bins.
    let (x, y) = smooth(900, 6);
    let weights: Array1<f64> = (0..900).map(|i| f64::from(i % 3)).collect();
    let rows: Vec<usize> = (0..900).flat_map(|i| std::iter::repeat_n(i, i % 3)).collect();
    let recipe = RandomForestRegressor::new(1).bootstrap(false).max_depth(4);
    let weighted = values(x.clone(), y).with_weights(weights);
    let repeated = adflux_core::Rows::take(&Training { weights: None, ..weighted.clone() }, &rows);
    let unweighted = Training { weights: None, ..weighted.clone() };
    let [a, b, c] =
        [weighted, repeated, unweighted].map(|d| recipe.fit(d).unwrap().predict_values(&dense(x.clone())).unwrap());
    adflux_testing::assert_all_close(&a, &b, 1e-12);
    assert!((a - c).iter().any(|difference| difference.abs() > 0.1), "weights count");
}

#[test]
fn rows_of_weight_zero_do_not_take_part_in_the_bootstrap() {
    let (x, y) = smooth(1000, 7);
    let (more_x, more_y) = smooth(500, 8);
    // Beside the others, where they would have bins of their own.
    let more_x = more_x * 0.01;
    let recipe = RandomForestRegressor::new(5);
    let alone = recipe.fit(values(x.clone(), y.clone())).unwrap();
    let both = values(concatenate![Axis(0), x, more_x], concatenate![Axis(0), y, more_y])
        .with_weights((0..1500).map(|i| f64::from(u8::from(i < 1000))).collect());
    let both = recipe.fit(both).unwrap();
    assert!(alone.state().unwrap() == both.state().unwrap());
}

#[test]
fn the_scale_of_a_column_does_not_matter() {
    let (x, y) = smooth(400, 9);
    let recipe = RandomForestRegressor::new(5);
    let plain = recipe.fit(values(x.clone(), y.clone())).unwrap();
    let tiny = recipe.fit(values(&x * 1e-9, y)).unwrap();
    assert_eq!(plain.predict(&dense(x.clone())).unwrap(), tiny.predict(&dense(&x * 1e-9)).unwrap());
}

#[test]
fn the_scale_of_targets_does_not_matter() {
    let (x, y) = smooth(400, 10);
    let recipe = RandomForestRegressor::new(5).min_samples_leaf(5);
    let one = recipe.fit(Training::new(dense(x.clone())).with_target(two_targets(&y))).unwrap();
    let Target::Multi(mut target) = two_targets(&y) else { unreachable!() };
    target.values.column_mut(1).mapv_inplace(|v| v * 1e12 + 7.0);
    let other = recipe.fit(Training::new(dense(x.clone())).with_target(Target::Multi(target))).unwrap();
    let [one, other] = [one, other].map(|forest| forest.predict_values(&dense(x.clone())).unwrap());
    adflux_testing::assert_all_close(one.column(0), other.column(0), 1e-9);
    adflux_testing::assert_all_close(&one.column(1).mapv(|v| v * 1e12 + 7.0), other.column(1), 1e-9);
}

#[test]
fn trees_without_anything_to_split_are_the_mean() {
    let one = |data| RandomForestRegressor::new(3).fit(data).unwrap();
    let forest = one(values(array![[1.0, 2.0]], [5.0]));
    assert_eq!(forest.predict(&dense(array![[9.0, f64::NAN]])).unwrap(), Prediction::Values(array![5.0]));
    assert_eq!(forest.feature_importances(), &array![0.0, 0.0]);
    let constant_target = one(values(array![[1.0], [2.0], [3.0]], [0.1; 3]));
    adflux_testing::assert_close(constant_target.predict_values(&dense(array![[2.5]])).unwrap()[[0, 0]], 0.1, 1e-15);
    let same_rows = RandomForestRegressor::new(1).bootstrap(false);
    let same_rows = same_rows.fit(values(array![[4.0], [4.0], [4.0]], [1.0, 2.0, 6.0])).unwrap();
    assert_eq!(same_rows.predict(&dense(array![[0.0]])).unwrap(), Prediction::Values(array![3.0]));
    let huge_leaves = RandomForestRegressor::new(1).bootstrap(false).min_samples_leaf(usize::MAX);
    let huge_leaves = huge_leaves.fit(values(array![[1.0], [2.0]], [1.0, 3.0])).unwrap();
    assert_eq!(huge_leaves.predict(&dense(array![[1.0]])).unwrap(), Prediction::Values(array![2.0]));
    let all_missing = one(values(array![[f64::NAN, 1.0], [f64::NAN, 2.0]], [1.0, 1.0]));
    assert_eq!(all_missing.predict(&dense(array![[1.0, 1.0]])).unwrap(), Prediction::Values(array![1.0]));
}

#[test]
fn missing_values_go_where_they_lower_the_error() {
    let nan = f64::NAN;
    let one_tree = RandomForestRegressor::new(1).bootstrap(false);
    // Missing is like small, like large, and like neither.
    for (missing, expected) in [(1.0, 1.0), (9.0, 9.0), (5.0, 5.0)] {
        let x = array![[1.0], [2.0], [7.0], [8.0], [nan], [nan]];
        let forest = one_tree.fit(values(x, [1.0, 1.0, 9.0, 9.0, missing, missing])).unwrap();
        let predicted = forest.predict(&dense(array![[nan], [0.0], [10.0]])).unwrap();
        assert_eq!(predicted, Prediction::Values(array![expected, 1.0, 9.0]));
    }
    // Never missing in the data: with the larger side.
    let forest = one_tree.fit(values(array![[1.0], [2.0], [3.0], [9.0]], [1.0, 1.0, 1.0, 4.0])).unwrap();
    assert_eq!(forest.predict(&dense(array![[nan]])).unwrap(), Prediction::Values(array![1.0]));
}

#[test]
fn importances_sum_to_one_and_find_what_matters() {
    let (x, y) = smooth(500, 11);
    let forest = RandomForestRegressor::new(10).fit(values(x, y)).unwrap();
    let importances = forest.feature_importances();
    adflux_testing::assert_close(importances.sum(), 1.0, 1e-12);
    assert!((0..4).all(|used| importances[used] > importances[4]), "x4 is noise: {importances}");
    assert_eq!(forest.columns()[4].name, "x4");
}

#[test]
fn cancelling_stops_the_fit() {
    let (x, y) = smooth(100, 12);
    let context = Context::default();
    context.cancel_token().cancel();
    let error = RandomForestRegressor::default().fit_with(values(x, y), &context).unwrap_err();
    assert!(matches!(error, Error::Cancelled));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A leaf is a mean of targets, whatever the columns hold.
    #[test]
    fn predictions_lie_between_the_targets(
        cells in prop::collection::vec(prop_oneof![8 => -3.0..3.0, 1 => Just(f64::NAN), 1 => Just(0.0)], 60),
        y in prop::collection::vec(-1e6..1e6, 20),
        max_bins in 2_usize..6,
        leaf in 1_usize..4,
    ) {
        let x = Array2::from_shape_vec((20, 3), cells).unwrap();
        let (least, most) = y.iter().fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(*v), b.max(*v)));
        let forest = RandomForestRegressor::new(4).max_bins(max_bins).min_samples_leaf(leaf);
        let forest = forest.fit(values(x.clone(), y)).unwrap();
        let slack = 1e-9 * (most - least);
        for v in forest.predict_values(&dense(x)).unwrap() {
            prop_assert!(v >= least - slack && v <= most + slack);
        }
    }

    /// Grown out on distinct rows without bootstrap, a tree repeats its targets.
    #[test]
    fn a_full_tree_repeats_what_it_saw(y in prop::collection::vec(-1e3..1e3, 2..80)) {
        let x = Array2::from_shape_fn((y.len(), 1), |(i, _)| ((i * 37) % 101) as f64 * 1e-7);
        let forest = RandomForestRegressor::new(1).bootstrap(false).fit(values(x.clone(), y.clone())).unwrap();
        prop_assert_eq!(forest.predict(&dense(x)).unwrap(), Prediction::Values(y.into()));
    }
}
