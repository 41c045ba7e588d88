//! What is refused, and how it is said.

use crate::data::{dense, smooth, values};
use adflux_core::{Block, Column, Features, Fit, Predict, Target, Training, Values};
use adflux_regression::{MaxFeatures, RandomForestClassifier, RandomForestRegressor};
use ndarray::array;

fn says<T>(result: adflux_core::Result<T>) -> String {
    match result {
        Ok(_) => "nothing is wrong".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn parameters_out_of_range_are_named() {
    let d = RandomForestRegressor::default;
    let wrong = [
        (RandomForestRegressor::new(0), "parameter `n_estimators` = 0: must be at least 1"),
        (RandomForestRegressor::new(1 << 40), "parameter `n_estimators` = 1099511627776: must be at most 100000"),
        (d().max_depth(0), "parameter `max_depth` = 0: must be at least 1"),
        (d().min_samples_split(1), "parameter `min_samples_split` = 1: must be at least 2"),
        (d().min_samples_leaf(0), "parameter `min_samples_leaf` = 0: must be at least 1"),
        (d().max_bins(256), "parameter `max_bins` = 256: must lie between 2 and 255, both included"),
        (
            d().max_features(MaxFeatures::Fraction(1.5)),
            "parameter `max_features` = 1.5: a fraction must be above 0 and at most 1",
        ),
        (d().max_features(MaxFeatures::Count(0)), "parameter `max_features` = 0: a count must be at least 1"),
        (d().max_samples(0.0), "parameter `max_samples` = 0.0: a share of the rows: above 0, at most 1"),
        (
            d().max_samples(0.5).bootstrap(false),
            "parameter `max_samples` = 0.5: only a bootstrap draws rows: set bootstrap = true",
        ),
    ];
    for (recipe, message) in wrong {
        assert_eq!(says(recipe.fit(values(array![[1.0]], [1.0]))), message);
    }
}

#[test]
fn infinite_numbers_are_named_by_column_and_row() {
    let recipe = RandomForestRegressor::new(2);
    let x = array![[1.0, 2.0], [1.0, f64::NEG_INFINITY]];
    assert!(says(recipe.fit(values(x.clone(), [1.0, 2.0]))).starts_with("column `x1`, row 2: an infinite value"));
    let forest = recipe.fit(values(array![[1.0, 2.0], [1.0, 3.0]], [1.0, 2.0])).unwrap();
    assert!(says(forest.predict(&dense(x.clone()))).starts_with("column `x1`, row 2: an infinite value"));
    assert!(says(forest.predict(&crate::data::sparse(&x))).starts_with("column `x1`, row 2: an infinite value"));
}

#[test]
fn another_width_says_both() {
    let (x, y) = smooth(30, 1);
    let forest = RandomForestRegressor::new(2).fit(values(x, y)).unwrap();
    assert_eq!(
        says(forest.predict(&dense(array![[1.0, 2.0]]))),
        "`random-forest-regressor` was fitted on 6 columns and is given 2"
    );
}

#[test]
fn targets_and_blocks_of_another_kind_are_refused() {
    let text = Values::Text(vec!["a".to_string(), "b".into()].into());
    let text = Features::new(2, vec![Block::new(vec![Column::input("title")], text).unwrap()]).unwrap();
    let data = Training::new(text).with_target(Target::Values(array![1.0, 2.0]));
    assert_eq!(
        says(RandomForestRegressor::default().fit(data)),
        "`random-forest-regressor` does not take text features (column `title`): put a tfidf-vectorizer before it, or leave the column out"
    );
    let (x, y) = smooth(30, 1);
    let no_target = Training::new(dense(x.clone()));
    assert_eq!(
        says(RandomForestRegressor::default().fit(no_target)),
        "`random-forest-regressor` needs a numeric target"
    );
    assert!(says(RandomForestClassifier::default().fit(values(x, y))).contains("needs a target of classes"));
    let nothing = Features::new(2, Vec::new()).unwrap();
    let data = Training::new(nothing).with_target(Target::Values(array![1.0, 2.0]));
    assert!(says(RandomForestRegressor::default().fit(data)).contains("was given no features"));
}
