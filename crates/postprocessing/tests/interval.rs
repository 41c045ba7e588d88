//! Conformal intervals: the promised coverage, whatever the errors look like.

use crate::{binomial_error, frame, normal, reloaded, values};
use adflux_core::{
    Fit, MultiTarget, Needs, Postprocess, Prediction, Rows as _, Target, Training, Transform, random::stream,
};
use adflux_data::Frame;
use adflux_postprocessing::{ConformalInterval, FittedConformalInterval};
use ndarray::{Array1, Array2, array};

/// Predictions and outcomes of a model whose errors are skewed and heavy-tailed: nothing that a normal interval would fit.
fn rows(count: usize, seed: u64) -> (Array1<f64>, Array1<f64>) {
    let mut rng = stream(seed, &[]);
    let row = |_| {
        let prediction = 10.0 * normal(&mut rng);
        (prediction, prediction + normal(&mut rng).exp().powi(2) - 1.0)
    };
    let (predictions, outcomes): (Vec<f64>, Vec<f64>) = (0..count).map(row).unzip();
    (predictions.into(), outcomes.into())
}

fn training(prediction: Prediction, target: Target) -> Training<(Frame, Prediction)> {
    Training::new((frame(prediction.len()), prediction)).with_target(target)
}

fn fit(level: f64, count: usize, seed: u64) -> FittedConformalInterval {
    let (prediction, outcome) = rows(count, seed);
    ConformalInterval::new(level).fit(training(prediction.into(), Target::Values(outcome))).unwrap()
}

fn says(recipe: &ConformalInterval, rows_to_learn_from: usize) -> String {
    let (prediction, outcome) = rows(rows_to_learn_from, 1);
    recipe.fit(training(prediction.into(), Target::Values(outcome))).unwrap_err().to_string()
}

#[test]
fn fresh_rows_fall_inside_as_often_as_promised() {
    // Over many fits of few rows, where the + 1 of the conformal rank matters: with 19 rows at 0.9 the exact coverage is
    // 18 / 20, and the plain 90 % quantile would give 17 / 20 or so.
    const FITS: usize = 4_000;
    for (level, learned, exact) in [(0.5, 19, 0.5), (0.8, 9, 0.8), (0.9, 19, 0.9), (0.9, 25, 24.0 / 26.0)] {
        let mut inside = 0;
        for seed in 0..FITS as u64 {
            let fitted = fit(level, learned, seed);
            let (prediction, outcome) = rows(1, seed + 1_000_000);
            let Prediction::Intervals(i) = fitted.transform(((), prediction.clone().into())).unwrap() else { panic!() };
            assert_eq!((i.mean, i.level), (prediction, level));
            inside += usize::from((i.lower[0]..=i.upper[0]).contains(&outcome[0]));
        }
        let coverage = inside as f64 / FITS as f64;
        assert!((coverage - exact).abs() < binomial_error(exact, FITS, 3.5), "{level} of {learned} rows: {coverage}");
    }
}

#[test]
fn several_predictions_have_widths_of_their_own() {
    let (a, truth_of_a) = rows(400, 2);
    let (b, truth_of_b) = (&a * 0.0, &truth_of_a * 100.0);
    let mut outcomes = Array2::zeros((400, 2));
    // The target has the names in another order than the prediction.
    outcomes.column_mut(0).assign(&truth_of_b);
    outcomes.column_mut(1).assign(&truth_of_a);
    let target = MultiTarget { names: vec!["spend".to_string(), "clicks".into()].into(), values: outcomes };
    let several = |a: &Array1<f64>, b: &Array1<f64>| {
        Prediction::Multi(vec![("clicks".into(), a.clone().into()), ("spend".into(), b.clone().into())])
    };
    let fitted = ConformalInterval::new(0.8).fit(training(several(&a, &b), Target::Multi(target))).unwrap();
    let alone = |x: &Array1<f64>, y: &Array1<f64>| {
        let data = training(x.clone().into(), Target::Values(y.clone()));
        ConformalInterval::new(0.8).fit(data).unwrap().half_width("").unwrap()
    };
    assert_eq!(fitted.half_width("clicks"), Some(alone(&a, &truth_of_a)));
    assert_eq!(fitted.half_width("spend"), Some(alone(&b, &truth_of_b)));

    let got = fitted.transform(((), several(&array![1.0], &array![0.0]))).unwrap();
    let clicks = got.named("clicks").unwrap().intervals().unwrap();
    let half = fitted.half_width("clicks").unwrap();
    assert_eq!((clicks.lower[0], clicks.upper[0]), (1.0 - half, 1.0 + half));

    let other = Prediction::Multi(vec![("impressions".into(), values(&[1.0]))]);
    let error = fitted.transform(((), other)).unwrap_err().to_string();
    assert_eq!(error, "column `impressions`: no interval was fitted for this prediction: fit the pipeline again");
}

#[test]
fn too_few_rows_and_parameters_out_of_range_are_named() {
    assert_eq!(
        says(&ConformalInterval::new(0.95), 18),
        "an interval of level 0.95 needs at least 19 rows to learn from"
    );
    assert!(fit(0.95, 19, 1).half_width("").unwrap().is_finite());
    for level in [0.0, 1.0, -0.1, f64::NAN] {
        let says = says(&ConformalInterval::new(level), 100);
        assert_eq!(says, format!("parameter `level` = {level:?}: must lie between 0 and 1, both excluded"));
    }
    let few = ConformalInterval::default().folds(1);
    assert_eq!(says(&few, 100), "parameter `folds` = 1: at least 2 folds are needed");
}

#[test]
fn a_target_or_a_prediction_of_another_kind_is_an_error() {
    let classes = adflux_core::ClassTarget::from_labels(&["yes", "no"]);
    let data = training(values(&[1.0, 2.0]), Target::Classes(classes));
    let error = ConformalInterval::default().fit(data).unwrap_err().to_string();
    assert!(error.starts_with("`conformal-interval` needs a numeric target"), "{error}");
    let named = Prediction::Multi(vec![("cost".into(), values(&[1.0]))]);
    let target = MultiTarget { names: vec!["costs".to_string()].into(), values: array![[1.0]] };
    let error = ConformalInterval::default().fit(training(named, Target::Multi(target))).unwrap_err().to_string();
    assert_eq!(error, "missing column `cost` (did you mean `costs`?); the data has costs");
}

#[test]
fn it_asks_for_out_of_fold_predictions_and_a_file_keeps_every_bit() {
    let needs = Postprocess::<Frame, Prediction>::needs(&ConformalInterval::new(0.8).folds(7));
    assert_eq!(needs, Needs::OutOfFold(7));
    let fitted = fit(0.8, 100, 3);
    let x = Prediction::from(rows(20, 4).0);
    let loaded = reloaded(&fitted).transform((frame(20), x.clone())).unwrap();
    assert_eq!(loaded, fitted.transform(((), x)).unwrap());
}
