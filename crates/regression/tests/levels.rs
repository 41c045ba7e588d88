//! Categorical columns of trees and forests.

use crate::data::{categories, category, dense, labels, number};
use adflux_core::{
    Block, Categories, Column, Component, Context, Features, Fit, MultiTarget, Predict, Registry, Rows as _, Saved,
    Target, Training, Values, random::stream,
};
use adflux_regression::{
    DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreesClassifier, ExtraTreesRegressor,
    FittedRandomForestRegressor, RandomForestClassifier, RandomForestRegressor,
};
use adflux_testing::{assert_all_close, fixture};
use ndarray::{Array1, Array2, Axis, array};
use rand::RngExt as _;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    name: String,
    classes: usize,
    codes: Vec<u32>,
    number: Vec<f64>,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    max_depth: usize,
    min_samples_leaf: usize,
    predicted: Vec<Vec<f64>>,
}

#[test]
fn sets_of_levels_are_lightgbms() {
    for case in fixture::<Vec<Golden>>("trees/levels.json") {
        println!("{}", case.name);
        let blocks = vec![category("city", case.codes.clone(), 12), number("number", case.number)];
        let x = Features::new(case.y.len(), blocks).unwrap();
        let mut data = Training::new(x.clone());
        data.weights = case.weights.map(Into::into);
        let (depth, leaf) = (case.max_depth, case.min_samples_leaf);
        let found = if case.classes == 0 {
            let tree = DecisionTreeRegressor::default().max_depth(depth).min_samples_leaf(leaf);
            tree.fit(data.with_target(Target::Values(case.y.into()))).unwrap().predict_values(&x).unwrap()
        } else {
            let codes = case.y.iter().map(|y| *y as u32).collect();
            let tree = DecisionTreeClassifier::default().max_depth(depth).min_samples_leaf(leaf);
            tree.fit(data.with_target(labels(&codes, case.classes))).unwrap().predict_proba(&x).unwrap()
        };
        // LightGBM keeps derivatives in single precision.
        assert_all_close(&found, case.predicted.iter().flatten(), 1e-5);
    }
}

/// Draws rows of so many levels, and what each level does at random.
fn drawn(rows: usize, levels: usize, seed: u64) -> (Vec<u32>, Vec<f64>) {
    let mut rng = stream(seed, &[]);
    let effects: Vec<f64> = (0..levels).map(|_| rng.random::<f64>()).collect();
    let codes: Vec<u32> = (0..rows).map(|_| rng.random_range(0..levels as u32)).collect();
    let y = codes.iter().map(|code| effects[*code as usize] + 0.8 * rng.random::<f64>()).collect();
    (codes, y)
}

/// The least sum of squared errors when sets of levels have a mean each: of all sets.
fn least_error(codes: &[u32], levels: usize, y: &Array2<f64>) -> f64 {
    let error = |set: usize| {
        [true, false].map(|inside| {
            let rows = (0..codes.len()).filter(|row| (set >> codes[*row] & 1 == 1) == inside).collect::<Vec<_>>();
            match y.select(Axis(0), &rows).mean_axis(Axis(0)) {
                Some(mean) => rows.iter().map(|row| (&y.row(*row) - &mean).mapv(|v| v * v).sum()).sum::<f64>(),
                None => 0.0,
            }
        })
    };
    (1..1 << (levels - 1)).map(|set| error(set).iter().sum()).fold(f64::INFINITY, f64::min)
}

fn error(y: &Array2<f64>, predicted: &Array2<f64>) -> f64 {
    (y - predicted).mapv(|v| v * v).sum()
}

#[test]
fn of_numbers_and_two_classes_no_set_is_better_and_of_more_few_are() {
    let stump = DecisionTreeClassifier::default().max_depth(1);
    let mut excess = Vec::new();
    for seed in 0..30 {
        let levels = 7;
        let (codes, y) = drawn(150, levels, seed);
        let data = Training::new(Features::new(150, vec![category("city", codes.clone(), levels)]).unwrap());
        let column = Array2::from_shape_vec((150, 1), y.clone()).unwrap();
        let numbers = data.clone().with_target(Target::Values(y.clone().into()));
        let tree = DecisionTreeRegressor::default().max_depth(1).fit(numbers).unwrap();
        let found = error(&column, &tree.predict_values(&data.x).unwrap());
        assert!(found <= least_error(&codes, levels, &column) * (1.0 + 1e-12), "numbers, seed {seed}");
        for classes in [2, 4] {
            let of_row: Array1<u32> =
                y.iter().map(|y| ((y / 1.8 * classes as f64) as u32).min(classes as u32 - 1)).collect();
            let shares =
                Array2::from_shape_fn((150, classes), |(row, class)| f64::from(u8::from(of_row[row] == class as u32)));
            let tree = stump.fit(data.clone().with_target(labels(&of_row, classes))).unwrap();
            let found = error(&shares, &tree.predict_proba(&data.x).unwrap());
            let least = least_error(&codes, levels, &shares);
            if classes == 2 {
                assert!(found <= least * (1.0 + 1e-12), "two classes, seed {seed}");
            } else {
                excess.push(found / least - 1.0);
            }
        }
    }
    let mean = excess.iter().sum::<f64>() / 30.0;
    assert!(mean < 0.01 && excess.iter().all(|excess| *excess < 0.08), "{excess:?}");
    assert!(excess.iter().filter(|excess| **excess < 1e-9).count() > 15, "{excess:?}");
}

/// One level is 1 in each column.
fn one_hot(codes: &[u32], levels: usize) -> Features {
    dense(Array2::from_shape_fn((codes.len(), levels), |(row, level)| f64::from(u8::from(codes[row] == level as u32))))
}

#[test]
fn two_levels_are_a_column_of_zero_and_one_and_three_are_their_indicators() {
    for seed in 0..5 {
        let (codes, y) = drawn(90, 2, seed);
        let x = Features::new(90, vec![category("sex", codes.clone(), 2)]).unwrap();
        let numeric = Features::new(90, vec![number("sex", codes.iter().map(|code| f64::from(*code)))]).unwrap();
        let fit = |x: &Features| {
            let data = Training::new(x.clone()).with_target(Target::Values(y.clone().into()));
            let forest = RandomForestRegressor::new(5).fit(data.clone()).unwrap().predict_values(x).unwrap();
            (forest, DecisionTreeRegressor::default().fit(data).unwrap().predict_values(x).unwrap())
        };
        assert_eq!(fit(&x), fit(&numeric), "the same rows on the same sides");

        let (codes, y) = drawn(90, 3, seed);
        let x = Features::new(90, vec![category("city", codes.clone(), 3)]).unwrap();
        let fit = |x: &Features| {
            let data = Training::new(x.clone()).with_target(Target::Values(y.clone().into()));
            DecisionTreeRegressor::default().fit(data).unwrap().predict_values(x).unwrap()
        };
        assert_all_close(&fit(&x), &fit(&one_hot(&codes, 3)), 1e-12);
    }
}

#[test]
fn fifty_levels_are_told_apart_better_than_by_their_numbers() {
    let (codes, y) = drawn(2000, 50, 5);
    let mut rng = stream(6, &[]);
    let noise: Vec<f64> = (0..2000).map(|_| rng.random()).collect();
    let whole = |city: Block| Features::new(2000, vec![city, number("noise", noise.clone())]).unwrap();
    let sets = whole(category("city", codes.clone(), 50));
    let ordinal = whole(number("city", codes.iter().map(|code| f64::from(*code))));
    let (train, test): (Vec<usize>, Vec<usize>) = ((0..1000).collect(), (1000..2000).collect());
    let truth = Array1::from(y).select(Axis(0), &test);
    let errors = |x: Features, y: &Array1<f64>| {
        let data = Training::new(x.clone().take(&train)).with_target(Target::Values(y.clone()));
        let test = x.take(&test);
        let of = |predicted: Array2<f64>| (&predicted.column(0) - &truth).mapv(|e| e * e).mean().unwrap();
        [
            of(DecisionTreeRegressor::default().max_depth(3).fit(data.clone()).unwrap().predict_values(&test).unwrap()),
            of(RandomForestRegressor::new(50).max_depth(4).fit(data.clone()).unwrap().predict_values(&test).unwrap()),
            of(ExtraTreesRegressor::new(50).max_depth(5).fit(data).unwrap().predict_values(&test).unwrap()),
        ]
    };
    let learned = Array1::from(drawn(2000, 50, 5).1).select(Axis(0), &train);
    let (by_sets, by_numbers) = (errors(sets, &learned), errors(ordinal, &learned));
    for (sets, numbers) in by_sets.iter().zip(by_numbers) {
        assert!(*sets < numbers, "{by_sets:?} beside {by_numbers:?}");
    }
    assert!(by_sets[0] < 0.7 * by_numbers[0] && by_sets[1] < 0.7 * by_numbers[1], "{by_sets:?} beside {by_numbers:?}");
}

/// The features with the levels under other codes, in another order.
fn recoded(x: &Features) -> Features {
    let blocks = x.blocks().iter().map(|block| match block.values() {
        Values::Category(city) => {
            let last = city.levels.len() as u32 - 1;
            let levels: Vec<String> = city.levels.iter().rev().cloned().collect();
            let codes = city.codes.iter().map(|code| last - code).collect();
            let city = Categories { codes, levels: levels.into() };
            Block::new(block.columns().to_vec(), Values::Category(city)).unwrap()
        }
        _ => block.clone(),
    });
    Features::new(x.rows(), blocks.collect()).unwrap()
}

#[test]
fn levels_are_known_by_name_and_unknown_ones_are_missing() {
    let data = categories(600, 30, 3);
    let forest = RandomForestRegressor::new(10).fit(data.clone()).unwrap();
    let extra = ExtraTreesRegressor::new(10).fit(data.clone()).unwrap();
    assert!(forest.feature_importances()[1] > 0.9);
    assert_eq!(forest.predict(&recoded(&data.x)).unwrap(), forest.predict(&data.x).unwrap());
    assert_eq!(extra.predict(&recoded(&data.x)).unwrap(), extra.predict(&data.x).unwrap());
    let city = Categories { codes: vec![0, Categories::MISSING], levels: ["nowhere".to_string()].into() };
    let city = Block::new(vec![Column::input("city")], Values::Category(city)).unwrap();
    let unknown = forest.predict_values(&Features::new(2, vec![number("number", [0.5, 0.5]), city]).unwrap()).unwrap();
    assert!(unknown[[0, 0]] == unknown[[1, 0]] && unknown[[0, 0]].is_finite());
    let numbers = Features::new(2, vec![number("number", [0.5, 0.5]), number("city", [1.0, 2.0])]).unwrap();
    let said = forest.predict_values(&numbers).unwrap_err().to_string();
    let reason = "of numbers, where `random-forest-regressor` was fitted on categories: encode it as in the fit";
    assert_eq!(said, format!("column `city`: {reason}"));
}

#[test]
fn a_missing_level_is_a_level_and_one_that_a_node_did_not_see_goes_with_more_rows() {
    // Rows without a level are like level 1.
    let codes = [0, 0, 0, 1, 1, Categories::MISSING, Categories::MISSING].to_vec();
    let x = Features::new(7, vec![category("city", codes, 2)]).unwrap();
    let data = Training::new(x.clone()).with_target(Target::Values(array![1.0, 1.0, 1.0, 5.0, 5.0, 5.0, 5.0]));
    let tree = DecisionTreeRegressor::default().fit(data.clone()).unwrap();
    assert_eq!(tree.predict_values(&x).unwrap().column(0), data.values("test").unwrap());
    let trees = ExtraTreesRegressor::new(7).fit(data.clone()).unwrap().predict_values(&x).unwrap();
    assert_all_close(trees.column(0), data.values("test").unwrap(), 1e-12);

    // Below the split by the number, the right node never sees level 2: it goes with level 0, of which there are more rows.
    let levels = vec![0, 0, 0, 1, 2, 2, 0, 0, 0, 0, 1];
    let side = (0..11).map(|row| f64::from(u8::from(row > 5)));
    let x = Features::new(11, vec![number("side", side), category("city", levels, 3)]).unwrap();
    let y = array![0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 10.0, 10.0, 10.0, 10.0, 20.0];
    let tree = DecisionTreeRegressor::default().fit(Training::new(x).with_target(Target::Values(y))).unwrap();
    let one = Features::new(1, vec![number("side", [1.0]), category("city", vec![2], 3)]).unwrap();
    assert_eq!(tree.predict_values(&one).unwrap(), array![[10.0]]);
}

#[test]
fn threads_files_blocks_of_rows_and_out_of_bag_are_as_without_levels() {
    let data = categories(3000, 40, 2);
    let recipe = RandomForestRegressor::new(6).oob_score(true).min_samples_leaf(3);
    let [one, two] = [1, 2].map(|threads| {
        let context = Context::default().with_threads(threads).unwrap();
        recipe.fit_with(data.clone(), &context).unwrap()
    });
    assert!(one.state().unwrap() == two.state().unwrap());
    assert!(one.oob_score().unwrap() > 0.95);
    let saved = Saved::of(&one).unwrap();
    let loaded: FittedRandomForestRegressor = saved.load(&Registry::new()).unwrap();
    let all = one.predict_values(&data.x).unwrap();
    assert_eq!(loaded.predict_values(&data.x).unwrap(), all);
    for rows in [1, 3, 8, 9, 17] {
        let few: Vec<usize> = (100..100 + rows).collect();
        assert_eq!(one.predict_values(&data.x.clone().take(&few)).unwrap(), all.select(Axis(0), &few));
    }
}

#[test]
fn contributions_add_up_and_are_of_the_column_of_levels() {
    let data = categories(200, 9, 4);
    let codes: Array1<u32> = data.values("test").unwrap().mapv(|y| if y < 3.0 { 0 } else { 1 + u32::from(y > 7.0) });
    let classes = Training::new(data.x.clone()).with_target(labels(&codes, 3));
    let forest = RandomForestClassifier::new(6).fit(classes.clone()).unwrap();
    let extra = ExtraTreesClassifier::new(6).max_depth(6).fit(classes).unwrap();
    let few = data.x.clone().take(&(0..30).collect::<Vec<_>>());
    for background in [None, Some(&data.x)] {
        for (found, p) in [
            (forest.contributions(&few, background, &Context::default()), forest.predict_proba(&few).unwrap()),
            (extra.contributions(&few, background, &Context::default()), extra.predict_proba(&few).unwrap()),
        ] {
            let found = found.unwrap().unwrap();
            let sums = found.values.sum_axis(Axis(1)) + &found.base;
            assert_all_close(&sums, &p, 1e-9);
            let by_column = found.values.mapv(f64::abs).sum_axis(Axis(2)).sum_axis(Axis(0));
            assert!(by_column[1] > 2.0 * by_column[0], "{by_column}");
        }
    }
}

#[test]
fn several_targets_share_sets_and_ten_thousand_levels_are_taken() {
    let data = categories(2000, 30, 8);
    let y = data.values("test").unwrap().clone();
    let both = Array2::from_shape_fn((2000, 2), |(i, j)| if j == 0 { y[i] } else { -1e6 * y[i] });
    let both = Target::Multi(MultiTarget { names: ["a".to_string(), "b".into()].into(), values: both });
    let tree = DecisionTreeRegressor::default().max_depth(4).fit(data.clone().with_target(both)).unwrap();
    let found = tree.predict_values(&data.x).unwrap();
    assert!((&found.column(0) - &y).mapv(|e| e * e).mean().unwrap() < 0.3, "the line of two targets is that of one");
    assert_all_close(&(&found.column(1) / -1e6), found.column(0), 1e-9);

    let many = categories(20_000, 10_000, 4);
    let forest = RandomForestRegressor::new(3).max_depth(6).fit(many.clone()).unwrap();
    assert!(forest.predict_values(&many.x).unwrap().iter().all(|v| v.is_finite()));
}
