//! Monotone constraints of trees and forests.

use crate::data::{categories, dense, labels, smooth, values};
use adflux_core::{Error, Features, Fit, MultiTarget, Target, Training, random::stream};
use adflux_regression::{
    DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreesClassifier, ExtraTreesRegressor, MaxFeatures,
    RandomForestClassifier, RandomForestRegressor,
};
use ndarray::{Array1, Array2};
use proptest::prelude::*;

/// The first row in which what is predicted falls as `moved` rises, or rises if `direction` is negative.
fn broken(
    predict: impl Fn(Features) -> Array1<f64>,
    x: &Array2<f64>,
    (moved, direction): (usize, f64),
) -> Option<(f64, f64)> {
    (0..20).find_map(|row| {
        let line = Array2::from_shape_fn((40, 3), |(i, j)| if j == moved { i as f64 / 39.0 } else { x[[row, j]] });
        let predicted = predict(dense(line)).to_vec();
        // Leaves are means, which rounding may make a little larger or smaller.
        predicted
            .windows(2)
            .map(|pair| (pair[0], pair[1]))
            .find(|(a, b)| (b - a) * direction < -1e-12 * a.abs().max(1.0))
    })
}

/// Calls with each forest, constrained to rise with x0 and to fall with x1: what it predicts.
fn each_constrained(
    data: &Training<Features>,
    leaf: usize,
    seed: u64,
    mut check: impl FnMut(&str, &dyn Fn(Features) -> Array1<f64>),
) {
    macro_rules! constrained {
        ($recipe:expr, $predict:ident, $output:literal) => {{
            let recipe =
                $recipe.min_samples_leaf(leaf).seed(seed).monotone_increasing(["x0"]).monotone_decreasing(["x1"]);
            let fitted = recipe.fit(data.clone()).unwrap();
            check(stringify!($recipe), &|x| fitted.$predict(&x).unwrap().column($output).to_owned());
        }};
    }
    let some = MaxFeatures::Count(2);
    if matches!(data.target, Some(Target::Classes(_))) {
        constrained!(DecisionTreeClassifier::default(), predict_proba, 1);
        constrained!(RandomForestClassifier::new(4).max_features(some), predict_proba, 1);
        constrained!(ExtraTreesClassifier::new(4).max_features(some), predict_proba, 1);
    } else {
        constrained!(DecisionTreeRegressor::default(), predict_values, 0);
        constrained!(RandomForestRegressor::new(4).max_features(some), predict_values, 0);
        constrained!(ExtraTreesRegressor::new(4).max_features(some), predict_values, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Wherever the other columns stand, predictions rise with the first and fall with the second.
    #[test]
    fn predictions_rise_and_fall_as_they_are_told(seed in 0_u64..1000, leaf in 1_usize..6, missing in 0.0..0.2) {
        let mut rng = stream(seed, &[]);
        let mut cell = || if rng.random_bool(missing) { f64::NAN } else { rng.random::<f64>() };
        let x = Array2::from_shape_simple_fn((150, 3), &mut cell);
        let y: Array1<f64> = (0..150).map(|_| rng.random::<f64>().powi(3) * 10.0).collect();
        let numbers = values(x.clone(), y.clone());
        let classes = Training::new(dense(x.clone())).with_target(labels(&y.mapv(|y| u32::from(y > 1.0)), 2));
        let mut found = Vec::new();
        for data in [numbers, classes] {
            each_constrained(&data, leaf, seed, |name, predict| {
                for moved in [(0, 1.0), (1, -1.0)] {
                    found.extend(broken(predict, &x, moved).map(|values| (name.to_string(), moved, values)));
                }
            });
        }
        prop_assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn without_constraints_predictions_do_not_keep_to_them() {
    let mut rng = stream(3, &[]);
    let x = Array2::from_shape_simple_fn((150, 3), || rng.random::<f64>());
    let y: Array1<f64> = (0..150).map(|_| rng.random::<f64>()).collect();
    let forest = RandomForestRegressor::new(4).fit(values(x.clone(), y)).unwrap();
    assert!(broken(|x| forest.predict_values(&x).unwrap().column(0).to_owned(), &x, (0, 1.0)).is_some());
}

#[test]
fn a_constraint_that_is_true_costs_little() {
    let (x, y) = smooth(600, 3);
    let train = values(x.clone(), y.clone());
    let error = |recipe: RandomForestRegressor| {
        let forest = recipe.oob_score(true).fit(train.clone()).unwrap();
        forest.oob_score().unwrap()
    };
    let (free, held) =
        (error(RandomForestRegressor::new(60)), error(RandomForestRegressor::new(60).monotone_increasing(["x2"])));
    assert!(held > free - 0.03, "R² of {held} beside {free}");
    let wrong = error(RandomForestRegressor::new(60).monotone_decreasing(["x2"]));
    assert!(wrong < free - 0.05, "R² of {wrong} beside {free}");
}

fn says<T>(result: adflux_core::Result<T>) -> String {
    match result {
        Ok(_) => "nothing is wrong".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn constraints_that_cannot_be_are_refused_by_name() {
    let (x, y) = smooth(60, 14);
    let d = RandomForestRegressor::default;
    let fit = |recipe: RandomForestRegressor| recipe.fit(values(x.clone(), y.clone()));
    assert!(matches!(fit(d().monotone_increasing(["x9"])), Err(Error::MissingColumns { .. })));
    assert_eq!(
        says(fit(d().monotone_increasing(["x0", "x1"]).monotone_decreasing(["x1"]))),
        "parameter `monotone_decreasing` = \"x1\": predictions cannot rise and fall with it: it is in monotone_increasing too"
    );
    assert_eq!(
        says(d().monotone_increasing(["city"]).fit(categories(50, 3, 1))),
        "column `city`: monotone_increasing: it is categorical, and its levels have no order"
    );
    let reason = "of several targets or more than two classes none rises alone: take the constraint out";
    let three = labels(&y.mapv(|v| if v < 3.0 { 0 } else { 1 + u32::from(v > 6.0) }), 3);
    let three = Training::new(dense(x.clone())).with_target(three);
    let said = says(ExtraTreesClassifier::new(3).monotone_decreasing(["x0"]).fit(three));
    assert_eq!(said, format!("parameter `monotone_decreasing` = [\"x0\"]: {reason}"));
    let both = Array2::from_shape_fn((60, 2), |(i, j)| y[i] * (j + 1) as f64);
    let both = Target::Multi(MultiTarget { names: ["a".to_string(), "b".into()].into(), values: both });
    let data = Training::new(dense(x)).with_target(both);
    let said = says(DecisionTreeRegressor::default().monotone_increasing(["x0"]).fit(data));
    assert_eq!(said, format!("parameter `monotone_increasing` = [\"x0\"]: {reason}"));
}
