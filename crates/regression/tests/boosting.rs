//! Boosting beside scikit-learn and LightGBM, and what holds for it.

use crate::data::{categories, category, dense, labels, rows, smooth, sparse, values};
use adflux_core::{
    Block, Categories, Column, Component, Context, Error, Features, Fit, Predict, Registry, Rows as _, Saved, Target,
    Training, Values, random::stream,
};
use adflux_regression::{GradientBoostingClassifier, GradientBoostingRegressor, Loss};
use adflux_testing::{assert_all_close, fixture};
use ndarray::{Array1, Array2, Axis, array, concatenate, s};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    rounds: usize,
    leaves: usize,
    leaf: usize,
    full: Vec<Vec<Option<f64>>>,
    missing: Vec<Vec<Option<f64>>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    loss: String,
    parameters: toml::Table,
    missing: bool,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    predicted: Vec<Vec<f64>>,
}

#[test]
fn trees_are_those_of_scikit_learn_and_lightgbm() {
    let golden: Golden = fixture("boosting/rows.json");
    assert!(golden.cases.len() >= 11);
    for case in golden.cases {
        println!("{}", case.name);
        let x = dense(rows(if case.missing { &golden.missing } else { &golden.full }));
        let mut parameters = toml::toml! { cat_smooth = 10.0 };
        parameters.insert("n_estimators".into(), (golden.rounds as i64).into());
        parameters.insert("num_leaves".into(), (golden.leaves as i64).into());
        parameters.insert("min_child_samples".into(), (golden.leaf as i64).into());
        parameters.extend(case.parameters);
        let mut data = Training::new(x.clone());
        data.weights = case.weights.map(Into::into);
        let predicted = if case.loss == "classes" {
            let codes: Array1<u32> = case.y.iter().map(|code| *code as u32).collect();
            let classes = case.predicted[0].len();
            let recipe: GradientBoostingClassifier = parameters.try_into().unwrap();
            recipe.fit(data.with_target(labels(&codes, classes))).unwrap().predict_proba(&x).unwrap()
        } else {
            parameters.insert("loss".into(), case.loss.into());
            let recipe: GradientBoostingRegressor = parameters.try_into().unwrap();
            let fitted = recipe.fit(data.with_target(Target::Values(case.y.into()))).unwrap();
            fitted.predict(&x).unwrap().insert_axis(ndarray::Axis(1))
        };
        assert_all_close(&predicted, case.predicted.iter().flatten(), 2e-6);
    }
}

fn classes(y: &Array1<f64>) -> Target {
    labels(&y.mapv(|v| if v < 3.0 { 0 } else { 1 + u32::from(v > 6.0) }), 3)
}

fn mean_square(a: &Array1<f64>, b: &Array1<f64>) -> f64 {
    (a - b).mapv(|e| e * e).mean().unwrap()
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    let (x, y) = smooth(3000, 1);
    let contexts = [1, 2].map(|threads| Context::default().with_threads(threads).unwrap());
    let recipe = GradientBoostingRegressor::new(15).subsample(0.7).colsample_bytree(0.6).n_iter_no_change(5);
    for loss in [Loss::SquaredError, Loss::Huber, Loss::Quantile] {
        let data = values(x.clone(), y.clone());
        let recipe = recipe.clone().loss(loss);
        let [a, b] = contexts.each_ref().map(|c| recipe.fit_with(data.clone(), c).unwrap().state().unwrap());
        assert!(a == b);
    }
    let data = Training::new(dense(x)).with_target(classes(&y));
    let classifier = GradientBoostingClassifier::new(10).subsample(0.7);
    let [a, b] = contexts.each_ref().map(|c| classifier.fit_with(data.clone(), c).unwrap().state().unwrap());
    assert!(a == b);
    assert!(a != classifier.seed(43).fit(data).unwrap().state().unwrap(), "another seed draws other rows");
}

#[test]
fn so_many_rows_that_threads_share_them_give_the_same_bits() {
    let (x, y) = smooth(70_000, 41);
    let recipe = GradientBoostingRegressor::new(3).num_leaves(9).subsample(0.7);
    let states = [1, 2, 3].map(|threads| {
        let context = Context::default().with_threads(threads).unwrap();
        recipe.fit_with(values(x.clone(), y.clone()), &context).unwrap().state().unwrap()
    });
    assert!(states[0] == states[1] && states[0] == states[2]);
}

#[test]
fn so_many_columns_that_threads_share_them_give_the_same_bits() {
    let x = Array2::from_shape_fn((600, 70), |(i, j)| ((i * (j + 31) + i * i) % 101) as f64);
    let y: Vec<f64> = x.rows().into_iter().map(|r| r[0] * r[69] - 20.0 * r[40] + r[12]).collect();
    let data = values(x, y);
    let states = [1, 2, 3].map(|threads| {
        let context = Context::default().with_threads(threads).unwrap();
        GradientBoostingRegressor::new(8).fit_with(data.clone(), &context).unwrap().state().unwrap()
    });
    assert!(states[0] == states[1] && states[0] == states[2]);
}

#[test]
fn a_saved_model_predicts_the_same_bits_and_a_damaged_one_is_refused() {
    let data = categories(400, 30, 2);
    let model = GradientBoostingRegressor::new(5).fit(data.clone()).unwrap();
    let saved = Saved::of(&model).unwrap();
    let load = |saved: &Saved| saved.load::<adflux_regression::FittedGradientBoostingRegressor>(&Registry::new());
    assert_eq!(load(&saved).unwrap().predict(&data.x).unwrap(), model.predict(&data.x).unwrap());
    let mut damaged = saved;
    let at = damaged.state.windows(12).position(|w| w == b"node_columns").unwrap();
    let bytes = damaged.state[at..].windows(5).position(|w| w == b"bytes").unwrap() + at;
    damaged.state[bytes + 8..bytes + 16].fill(0x15);
    let error = load(&damaged).unwrap_err();
    assert!(error.to_string().contains("nodes are not those of whole trees"), "{error}");
}

#[test]
fn sparse_and_dense_blocks_give_the_same_model() {
    let (mut x, y) = smooth(500, 4);
    x.mapv_inplace(|v| if v < 0.4 { v.min(0.0) } else { v });
    let recipe = GradientBoostingRegressor::new(5);
    let a = recipe.fit(values(x.clone(), y.clone())).unwrap();
    let b = recipe.fit(Training::new(sparse(&x)).with_target(Target::Values(y))).unwrap();
    assert!(a.state().unwrap() == b.state().unwrap());
    assert_eq!(a.predict(&sparse(&x)).unwrap(), b.predict(&dense(x)).unwrap());
}

#[test]
fn a_weight_of_two_is_the_row_twice_and_of_zero_no_row() {
    // More distinct values than bins.
    let (x, y) = smooth(900, 6);
    let weights: Array1<f64> = (0..900).map(|i| f64::from(i % 3)).collect();
    let repeated: Vec<usize> = (0..900).flat_map(|i| std::iter::repeat_n(i, i % 3)).collect();
    for loss in [Loss::SquaredError, Loss::AbsoluteError, Loss::Poisson] {
        let y = y.mapv(|y| y.max(0.0));
        let recipe =
            GradientBoostingRegressor::new(8).loss(loss).min_child_samples(1).min_child_weight(5.0).reg_lambda(1.0);
        let weighted = values(x.clone(), y).with_weights(weights.clone());
        let twice = Training { weights: None, ..weighted.clone() }.take(&repeated);
        let once = Training { weights: None, ..weighted.clone() };
        let [a, b, c] = [weighted, twice, once].map(|d| recipe.fit(d).unwrap().predict(&dense(x.clone())).unwrap());
        assert_all_close(&a, &b, 1e-4);
        assert!((a - c).iter().any(|difference| difference.abs() > 0.1), "weights count");
    }
}

#[test]
fn rows_of_weight_zero_move_no_border_of_a_bin_and_no_level() {
    let (x, y) = smooth(1000, 7);
    let beside = concatenate![Axis(0), x, &x * 0.01];
    let twice = concatenate![Axis(0), y, y];
    let weights: Array1<f64> = (0..2000).map(|row| f64::from(u8::from(row < 1000))).collect();
    let recipe = GradientBoostingRegressor::new(8);
    let alone = recipe.fit(values(x.clone(), y.clone())).unwrap().state().unwrap();
    let dense = values(beside.clone(), twice.clone()).with_weights(weights.clone());
    assert!(recipe.fit(dense).unwrap().state().unwrap() == alone);
    let sparse = Training::new(sparse(&beside)).with_target(Target::Values(twice)).with_weights(weights);
    assert!(recipe.fit(sparse).unwrap().state().unwrap() == alone);

    // 300 levels, of which the first 254 have a row that counts.
    let codes: Vec<u32> = (0..254).chain((254..300).flat_map(|level| [level; 20])).collect();
    let rows = codes.len();
    let weights: Array1<f64> = (0..rows).map(|row| f64::from(u8::from(row < 254))).collect();
    let x = Features::new(rows, vec![category("city", codes, 300)]).unwrap();
    let y: Array1<f64> = (0..rows).map(|row| f64::from(row as u32 * 37 % 11)).collect();
    let recipe = GradientBoostingRegressor::new(8).min_child_samples(5).cat_smooth(0.0);
    let counted: Vec<usize> = (0..254).collect();
    let alone = Training::new(x.clone().take(&counted)).with_target(Target::Values(y.select(Axis(0), &counted)));
    let weighed = Training::new(x.clone()).with_target(Target::Values(y)).with_weights(weights);
    let [alone, weighed] = [alone, weighed].map(|data| recipe.fit(data).unwrap().predict(&x).unwrap());
    assert_eq!(alone, weighed);
}

#[test]
fn an_outcome_of_weight_zero_may_be_anything() {
    let (x, y) = smooth(100, 12);
    // The same place as another row, so that bins are the same.
    let beside = concatenate![Axis(0), x, x.slice(s![..1, ..])];
    let mut weights = Array1::ones(101);
    weights[100] = 0.0;
    for (loss, outcomes) in [
        (Loss::SquaredError, vec![1e200, -1e308]),
        (Loss::AbsoluteError, vec![1e308]),
        (Loss::Huber, vec![1e308]),
        (Loss::Poisson, vec![-1.0, 1e308]),
        (Loss::Gamma, vec![0.0, 1e308]),
        (Loss::Tweedie, vec![-1.0, 1e308]),
    ] {
        let recipe = GradientBoostingRegressor::new(5).loss(loss);
        let y = y.mapv(|y| y.abs() + 0.01);
        let alone = recipe.fit(values(x.clone(), y.clone())).unwrap().predict(&dense(x.clone())).unwrap();
        for outcome in outcomes {
            let data = values(beside.clone(), y.iter().copied().chain([outcome])).with_weights(weights.clone());
            let found = recipe.fit(data.clone()).unwrap().predict(&dense(x.clone())).unwrap();
            assert_all_close(&found, &alone, 1e-12);
            let recipe = recipe.clone().n_iter_no_change(2);
            let stopped = recipe.fit_with_validation(data.clone(), data, &Context::default()).unwrap();
            assert!(stopped.rounds() > 0, "{loss:?}");
        }
    }
}

#[test]
fn one_row_that_outweighs_all_others_does_not_end_the_tree() {
    let rows = 200_001;
    let x = Array2::from_shape_fn((rows, 1), |(i, _)| (i % 100) as f64);
    let y: Array1<f64> = x.column(0).mapv(|x| f64::from(u8::from(x >= 50.0)));
    for heavy in [1e6, 1e10, 1e14] {
        let mut weights = Array1::ones(rows);
        weights[0] = heavy;
        let data = values(x.clone(), y.clone()).with_weights(weights);
        let model = GradientBoostingRegressor::new(30).num_leaves(4).fit(data).unwrap();
        let found = model.predict(&dense(array![[10.0], [49.0], [50.0], [90.0]])).unwrap();
        assert_all_close(&found, &[0.0, 0.0, 1.0, 1.0], 0.1);
    }
}

#[test]
fn numbers_that_are_none_are_refused_in_a_file() {
    let data = categories(400, 30, 2);
    let saved = Saved::of(&GradientBoostingRegressor::new(5).fit(data).unwrap()).unwrap();
    for array in ["base", "thresholds", "importances"] {
        let mut damaged = saved.clone();
        crate::data::first_number(&mut damaged.state, array, f64::NAN);
        let load = damaged.load::<adflux_regression::FittedGradientBoostingRegressor>(&Registry::new());
        assert!(load.is_err(), "{array}");
    }
}

#[test]
fn units_of_columns_weights_and_targets_do_not_matter() {
    let (x, y) = smooth(600, 9);
    let recipe = GradientBoostingRegressor::new(10);
    let plain = recipe.fit(values(x.clone(), y.clone())).unwrap().predict(&dense(x.clone())).unwrap();
    let tiny = &x * 1e-9;
    assert_eq!(recipe.fit(values(tiny.clone(), y.clone())).unwrap().predict(&dense(tiny)).unwrap(), plain);
    let scale = 2.0_f64.powi(-40);
    let scaled = recipe.fit(values(x.clone(), &y * scale)).unwrap().predict(&dense(x.clone())).unwrap();
    assert_all_close(&(scaled / scale), &plain, 1e-9);
    for loss in [Loss::Poisson, Loss::Gamma, Loss::Tweedie] {
        let positive = y.mapv(|y| y.abs() + 0.01);
        let recipe = recipe.clone().loss(loss);
        let plain = recipe.fit(values(x.clone(), positive.clone())).unwrap().predict(&dense(x.clone())).unwrap();
        let rates = recipe.fit(values(x.clone(), &positive * 1e-6)).unwrap().predict(&dense(x.clone())).unwrap();
        assert_all_close(&(rates * 1e6), &plain, 1e-6);
    }
    let heavy = values(x.clone(), y).with_weights(Array1::from_elem(600, 2.0_f64.powi(300)));
    assert_eq!(recipe.fit(heavy).unwrap().predict(&dense(x)).unwrap(), plain);
}

#[test]
fn rates_of_a_millionth_are_told_apart() {
    let x = Array2::from_shape_fn((400, 1), |(i, _)| f64::from(u32::from(i % 2 == 0)) * 1e-6);
    let y: Array1<f64> = (0..400).map(|i| if i % 2 == 0 { 3e-6 } else { 1e-6 }).collect();
    for loss in [Loss::SquaredError, Loss::AbsoluteError, Loss::Huber, Loss::Poisson, Loss::Gamma, Loss::Tweedie] {
        let model = GradientBoostingRegressor::new(200).loss(loss).fit(values(x.clone(), y.clone())).unwrap();
        let predicted = model.predict(&dense(array![[1e-6], [0.0]])).unwrap();
        assert!((predicted[0] - 3e-6).abs() < 1e-8 && (predicted[1] - 1e-6).abs() < 1e-8, "{loss:?}: {predicted}");
    }
}

#[test]
fn stopping_early_keeps_the_best_rounds() {
    let (x, y) = smooth(400, 12);
    let mut rng = stream(8, &[]);
    let noisy = y.mapv(|y| y + 4.0 * (rng.random::<f64>() - 0.5));
    let (train, test) = (
        values(x.slice(s![..300, ..]).to_owned(), noisy.slice(s![..300]).to_vec()),
        values(x.slice(s![300.., ..]).to_owned(), noisy.slice(s![300..]).to_vec()),
    );
    let recipe = GradientBoostingRegressor::new(400).learning_rate(0.3).n_iter_no_change(10);
    let stopped = recipe.fit_with_validation(train.clone(), test.clone(), &Context::default()).unwrap();
    assert!(stopped.rounds() > 3 && stopped.rounds() < 200, "{}", stopped.rounds());
    // The rounds kept are those of a fit of so many rounds.
    let again = GradientBoostingRegressor::new(stopped.rounds()).learning_rate(0.3).fit(train.clone()).unwrap();
    assert_eq!(again.predict(&test.x).unwrap(), stopped.predict(&test.x).unwrap());
    let full = GradientBoostingRegressor::new(400).learning_rate(0.3).fit(train.clone()).unwrap();
    let truth = test.values("test").unwrap();
    let error = |model: &adflux_regression::FittedGradientBoostingRegressor| {
        mean_square(&model.predict(&test.x).unwrap(), truth)
    };
    assert!(error(&stopped) < error(&full));
    let by_itself = recipe.fit(train).unwrap();
    assert!(by_itself.rounds() < 200);
}

#[test]
fn rows_held_back_are_judged_the_same_dense_sparse_and_among_levels() {
    let (mut x, y) = smooth(700, 12);
    x.mapv_inplace(|v| if v < 0.4 { 0.0 } else { v });
    let mut rng = stream(8, &[]);
    let y = y.mapv(|y| y + 6.0 * (rng.random::<f64>() - 0.5));
    let (train, test) = ((0..400).collect::<Vec<_>>(), (400..700).collect::<Vec<_>>());
    let codes: Vec<u32> = y.iter().map(|y| (y.abs() * 7.0) as u32 % 5).collect();
    let beside = |x: Features| {
        let blocks = x.blocks().iter().cloned().chain([category("city", codes.clone(), 5)]).collect();
        Training::new(Features::new(700, blocks).unwrap())
    };
    let classes = labels(&y.mapv(|v| if v < 3.0 { 0 } else { 1 + u32::from(v > 6.0) }), 3);
    let context = Context::default();
    let numbers = [dense(x.clone()), sparse(&x)].map(|x| {
        let data = beside(x).with_target(Target::Values(y.clone()));
        let recipe = GradientBoostingRegressor::new(300).learning_rate(0.2).n_iter_no_change(4);
        recipe.fit_with_validation(data.clone().take(&train), data.take(&test), &context).unwrap()
    });
    assert!((2..200).contains(&numbers[0].rounds()), "{}", numbers[0].rounds());
    assert!(numbers[0].state().unwrap() == numbers[1].state().unwrap());
    let of_classes = [dense(x.clone()), sparse(&x)].map(|x| {
        let data = beside(x).with_target(classes.clone());
        let recipe = GradientBoostingClassifier::new(300).learning_rate(0.2).n_iter_no_change(4);
        recipe.fit_with_validation(data.clone().take(&train), data.take(&test), &context).unwrap()
    });
    assert!((2..200).contains(&of_classes[0].rounds()), "{}", of_classes[0].rounds());
    assert!(of_classes[0].state().unwrap() == of_classes[1].state().unwrap());
}

#[test]
fn sets_of_levels_are_split_and_unknown_levels_are_missing() {
    let data = categories(3000, 30, 3);
    let truth = data.values("test").unwrap().clone();
    let model = GradientBoostingRegressor::new(40).num_leaves(8).fit(data.clone()).unwrap();
    assert!(mean_square(&model.predict(&data.x).unwrap(), &truth) < 0.05, "a few sets tell 11 values apart");
    assert!(model.feature_importances()[1] > 0.99);
    // The same levels under other codes, and one that was never there.
    let later = |codes: Vec<u32>, levels: &[&str]| {
        let levels: Vec<String> = levels.iter().map(|l| l.to_string()).collect();
        let number = Block::new(vec![Column::input("number")], Values::Dense(array![[0.5], [0.5]])).unwrap();
        let city = Categories { codes, levels: levels.into() };
        let city = Block::new(vec![Column::input("city")], Values::Category(city)).unwrap();
        model.predict(&Features::new(2, vec![number, city]).unwrap()).unwrap()
    };
    let known = later(vec![0, 1], &["level 3", "level 7"]);
    assert_eq!(known, later(vec![1, 0], &["level 7", "level 3"]));
    assert!((known[0] - f64::from(3 * 37 % 11)).abs() < 0.7, "{known}");
    let unknown = later(vec![0, Categories::MISSING], &["nowhere"]);
    assert!(unknown[0] == unknown[1] && unknown[0].is_finite());
}

#[test]
fn a_category_of_ten_thousand_levels_is_taken() {
    let data = categories(20_000, 10_000, 4);
    let model = GradientBoostingRegressor::new(10).fit(data.clone()).unwrap();
    assert!(model.predict(&data.x).unwrap().iter().all(|v| v.is_finite()));
    let saved = Saved::of(&model).unwrap();
    assert!(saved.state.len() < 100_000, "254 levels are kept: {} bytes", saved.state.len());
}

#[test]
fn missing_columns_single_rows_and_classes_of_one_row_are_answered() {
    let (mut x, y) = smooth(200, 13);
    x.column_mut(2).fill(f64::NAN);
    let model = GradientBoostingRegressor::new(10).fit(values(x.clone(), y.clone())).unwrap();
    assert_eq!(model.feature_importances()[2], 0.0);
    x[[0, 2]] = 3.0;
    assert!(model.predict(&dense(x.clone())).unwrap().iter().all(|v| v.is_finite()));
    let one = GradientBoostingRegressor::new(3).fit(values(array![[1.0]], [5.0])).unwrap();
    assert_eq!(one.predict(&dense(array![[9.0]])).unwrap(), array![5.0]);
    let zeros =
        GradientBoostingRegressor::new(3).loss(Loss::Poisson).fit(values(array![[1.0], [2.0]], [0.0; 2])).unwrap();
    assert!(zeros.predict(&dense(array![[1.0]])).unwrap()[0] < 1e-4, "all counts were zero");
    let mut codes = Array1::zeros(200);
    for rare in [1, 2] {
        codes[rare] = rare as u32;
        let data = Training::new(dense(x.clone())).with_target(labels(&codes, rare + 1));
        let model = GradientBoostingClassifier::new(20).min_child_samples(1).fit(data).unwrap();
        let p = model.predict_proba(&dense(x.clone())).unwrap();
        assert!(p.iter().all(|p| (0.0..=1.0).contains(p)) && p[[rare, rare]] > 0.5);
    }
    let none = Training::new(dense(x.clone())).with_target(labels(&Array1::zeros(200), 1));
    let p = GradientBoostingClassifier::new(2).fit(none).unwrap().predict_proba(&dense(x)).unwrap();
    assert!(p.ncols() == 1 && p.iter().all(|p| *p == 1.0));
}

fn says<T>(result: adflux_core::Result<T>) -> String {
    match result {
        Ok(_) => "nothing is wrong".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_cannot_be_learned_is_refused_by_name() {
    let (x, y) = smooth(60, 14);
    let fit = |recipe: GradientBoostingRegressor, y: Array1<f64>| says(recipe.fit(values(x.clone(), y)));
    let d = GradientBoostingRegressor::default;
    let mut wrong = y.mapv(f64::abs);
    wrong[4] = -2.0;
    for (loss, range) in [(Loss::Poisson, "0 or more"), (Loss::Tweedie, "0 or more"), (Loss::Gamma, "above 0")] {
        let expected = format!("column `target`, row 5: -2: this loss takes targets of {range}");
        assert_eq!(fit(d().loss(loss), wrong.clone()), expected);
    }
    wrong[4] = 0.0;
    assert_eq!(fit(d().loss(Loss::Gamma), wrong), "column `target`, row 5: 0: this loss takes targets of above 0");
    assert!(fit(d().monotone_increasing(["x9"]), y.clone()).starts_with("missing column `x9`"));
    assert_eq!(
        fit(d().monotone_increasing(["x0", "x1"]).monotone_decreasing(["x1"]), y.clone()),
        "parameter `monotone_decreasing` = \"x1\": predictions cannot rise and fall with it: it is in monotone_increasing too"
    );
    assert_eq!(
        says(d().monotone_increasing(["city"]).fit(categories(50, 3, 1))),
        "column `city`: monotone_increasing: it is categorical, and its levels have no order"
    );
    let three = Training::new(dense(x.clone())).with_target(classes(&y));
    let classifier = GradientBoostingClassifier::default();
    assert!(says(classifier.clone().monotone_decreasing(["x0"]).fit(three.clone())).contains("more than two classes"));
    assert!(says(classifier.fit(values(x.clone(), y.clone()))).contains("needs a target of classes"));
    assert!(says(d().fit(three.clone())).contains("needs a numeric target"));
    let few = says(d().n_iter_no_change(3).fit(values(array![[1.0]], [1.0])));
    assert!(few.contains("leaves no row of 1"), "{few}");
    let nothing = values(x.clone(), y.clone()).with_weights(Array1::zeros(60));
    assert!(says(d().fit(nothing)).contains("all are zero"));
    let other = values(x.slice(s![.., ..3]).to_owned(), y.clone());
    let said = says(d().fit_with_validation(values(x.clone(), y.clone()), other, &Context::default()));
    assert!(said.contains("was fitted on 6 columns and is given 3"), "{said}");
    let mut infinite = x.clone();
    infinite[[2, 1]] = f64::INFINITY;
    assert!(says(d().fit(values(infinite, y))).starts_with("column `x1`, row 3: an infinite value"));
}

#[test]
fn text_is_refused_and_cancelling_stops_the_fit() {
    let text = Values::Text(vec!["a".to_string(), "b".into()].into());
    let text = Features::new(2, vec![Block::new(vec![Column::input("title")], text).unwrap()]).unwrap();
    let data = Training::new(text).with_target(Target::Values(array![1.0, 2.0]));
    assert!(says(GradientBoostingRegressor::default().fit(data)).contains("does not take text features"));
    let (x, y) = smooth(100, 12);
    let context = Context::default();
    context.cancel_token().cancel();
    let error = GradientBoostingRegressor::default().fit_with(values(x, y), &context).unwrap_err();
    assert!(matches!(error, Error::Cancelled));
}

#[test]
fn a_few_rows_are_predicted_to_the_bit_as_among_many() {
    let data = categories(500, 20, 5);
    let model = GradientBoostingRegressor::new(11).fit(data.clone()).unwrap();
    let all = model.predict(&data.x).unwrap();
    for rows in [1, 3, 8, 9, 17] {
        let few: Vec<usize> = (100..100 + rows).collect();
        assert_eq!(model.predict(&data.x.take(&few)).unwrap(), all.slice(s![100..100 + rows]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Wherever the other columns stand, predictions rise with the first and fall with the second.
    #[test]
    fn monotone_constraints_hold(
        seed in 0_u64..1000,
        loss in prop::sample::select(vec![Loss::SquaredError, Loss::AbsoluteError, Loss::Poisson, Loss::Huber]),
        leaves in 3_usize..20,
    ) {
        let mut rng = stream(seed, &[]);
        let x = Array2::from_shape_simple_fn((150, 3), || if rng.random_bool(0.1) { f64::NAN } else { rng.random::<f64>() });
        let y: Array1<f64> = (0..150).map(|_| rng.random::<f64>().powi(3) * 10.0).collect();
        let recipe = GradientBoostingRegressor::new(15).loss(loss).num_leaves(leaves).min_child_samples(3);
        let model = recipe.monotone_increasing(["x0"]).monotone_decreasing(["x1"]).fit(values(x.clone(), y)).unwrap();
        for (moved, direction) in [(0, 1.0), (1, -1.0)] {
            for row in 0..20 {
                let line = Array2::from_shape_fn((30, 3), |(i, j)| if j == moved { i as f64 / 29.0 } else { x[[row, j]] });
                let predicted = model.predict(&dense(line)).unwrap();
                for (a, b) in predicted.iter().zip(predicted.iter().skip(1)) {
                    prop_assert!((b - a) * direction >= -1e-9 * a.abs().max(1.0), "{a} then {b}");
                }
            }
        }
    }

    /// A mean, median or quantile lies between the targets when steps do not overshoot.
    #[test]
    fn predictions_are_finite_and_between_the_targets(
        cells in prop::collection::vec(prop_oneof![8 => -3.0..3.0, 1 => Just(f64::NAN), 1 => Just(0.0)], 90),
        y in prop::collection::vec(-1e6..1e6, 30),
        max_bins in 2_usize..6,
    ) {
        let x = Array2::from_shape_vec((30, 3), cells).unwrap();
        let (least, most) = y.iter().fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(*v), b.max(*v)));
        for loss in [Loss::SquaredError, Loss::AbsoluteError, Loss::Quantile] {
            let recipe = GradientBoostingRegressor::new(10).loss(loss).max_bins(max_bins).min_child_samples(2);
            let slack = 1e-6 * (most - least);
            for v in recipe.fit(values(x.clone(), y.clone())).unwrap().predict(&dense(x.clone())).unwrap() {
                prop_assert!(v >= least - slack && v <= most + slack);
            }
        }
    }
}
