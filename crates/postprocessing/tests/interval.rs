//! Conformal intervals: the promised coverage, whatever the errors look like.

use crate::{binomial_error, frame, normal, registry, reloaded, values};
use adflux_core::{
    DynComponent as _, Fit, Intervals, MultiTarget, Needs, Postprocess, Prediction, Rows as _, Saved, Target, Training,
    Transform, component::encode, random::stream,
};
use adflux_data::Frame;
use adflux_postprocessing::{ConformalInterval, FittedConformalInterval};
use ndarray::{Array1, Array2, array};
use rand::RngExt as _;

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
            let Prediction::Intervals(i) = fitted.transform((frame(1), prediction.clone().into())).unwrap() else {
                panic!()
            };
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

    let got = fitted.transform((frame(1), several(&array![1.0], &array![0.0]))).unwrap();
    let clicks = got.named("clicks").unwrap().intervals().unwrap();
    let half = fitted.half_width("clicks").unwrap();
    assert_eq!((clicks.lower[0], clicks.upper[0]), (1.0 - half, 1.0 + half));

    let other = Prediction::Multi(vec![("impressions".into(), values(&[1.0]))]);
    let error = fitted.transform((frame(1), other)).unwrap_err().to_string();
    assert_eq!(error, "column `impressions`: no interval was fitted for this prediction: fit the pipeline again");
}

#[test]
fn too_few_rows_and_parameters_out_of_range_are_named() {
    assert_eq!(
        says(&ConformalInterval::new(0.95), 18),
        "an interval of level 0.95 needs at least 19 rows to learn from, and there are 18"
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
    assert_eq!(loaded, fitted.transform((frame(20), x)).unwrap());
}

/// A frame of platforms, with predictions of 0 and outcomes that scatter four times as much on TIKTOK as on META.
fn platforms(count: usize, seed: u64) -> (Frame, Prediction, Array1<f64>) {
    let mut rng = stream(seed, &[]);
    let platform = |row: usize| ["META", "TIKTOK"][row % 2];
    let frame = Frame::builder().texts("platform", (0..count).map(platform)).build().unwrap();
    let outcome = (0..count).map(|row| normal(&mut rng) * if row % 2 == 0 { 1.0 } else { 4.0 }).collect();
    (frame, values(&vec![0.0; count]), outcome)
}

#[test]
fn each_group_is_covered_as_often_as_promised_over_200_repetitions() {
    // Of 19 rows of a group at 0.9 the 18th error: an exact coverage of 0.9.
    const FITS: u64 = 200;
    const FRESH: usize = 20;
    let mut inside = [[0; 2]; 2];
    for seed in 0..FITS {
        let (frame, prediction, outcome) = platforms(38, seed);
        let (fresh, asked, came) = platforms(2 * FRESH, seed + 1_000_000);
        let data = Training::new((frame, prediction)).with_target(Target::Values(outcome));
        let recipe = ConformalInterval::new(0.9).min_group_size(10);
        for (by, recipe) in [recipe.clone(), recipe.by("platform")].into_iter().enumerate() {
            let answer = recipe.fit(data.clone()).unwrap().transform((fresh.clone(), asked.clone())).unwrap();
            let i = answer.intervals().unwrap();
            for (row, outcome) in came.iter().enumerate() {
                inside[by][row % 2] += usize::from((i.lower[row]..=i.upper[row]).contains(outcome));
            }
        }
    }
    let rows = FITS as usize * FRESH;
    let [overall, by_group] = inside.map(|groups| groups.map(|n| n as f64 / rows as f64));
    // The rows of a repetition share their quantile: beside the binomial error of the rows there is that of its coverage, which is
    // beta-distributed with a deviation of √(0.9 · 0.1 / 21).
    let error = 3.5 * (0.9 * 0.1 / rows as f64 + 0.9 * 0.1 / 21.0 / FITS as f64).sqrt();
    assert!(by_group.iter().all(|coverage| (coverage - 0.9).abs() < error), "{by_group:?} ± {error}");
    assert!(overall[0] > 0.97 && overall[1] < 0.87, "one width for all does not serve both: {overall:?}");
}

#[test]
fn groups_that_are_small_missing_or_new_have_the_width_of_all_rows() {
    let names = (0..60).map(|row| Some(if row < 40 { "META" } else { "TIKTOK" }).filter(|_| row != 7));
    let frame = Frame::builder().optional_texts("platform", names).build().unwrap();
    let outcome: Array1<f64> = (1..=60).map(f64::from).collect();
    let data = Training::new((frame, values(&[0.0; 60]))).with_target(Target::Values(outcome));
    let fitted = ConformalInterval::new(0.8).by("platform").min_group_size(30).fit(data).unwrap();
    let all = fitted.half_width("").unwrap();
    // ⌈61 · 0.8⌉ = 49; of the 39 known rows of META ⌈40 · 0.8⌉ = 32, past the row that is missing.
    assert_eq!(
        (all, fitted.half_width_in("", "META"), fitted.half_width_in("", "TIKTOK")),
        (49.0, Some(33.0), Some(all))
    );
    let new = Frame::builder().optional_texts("platform", [Some("META"), Some("TIKTOK"), Some("SNAP"), None]);
    let answer = fitted.transform((new.build().unwrap(), values(&[0.0; 4]))).unwrap();
    assert_eq!(answer.intervals().unwrap().upper, array![33.0, all, all, all]);
    assert_eq!(fitted.inputs(), ["platform"]);

    let fractions = Frame::builder().numbers("platform", vec![0.5; 60]).build().unwrap();
    let data = Training::new((fractions, values(&[0.0; 60]))).with_target(Target::Values(Array1::zeros(60)));
    let error = ConformalInterval::new(0.8).by("platform").fit(data).unwrap_err().to_string();
    assert!(error.starts_with("column `platform`, row 1: groups are text"), "{error}");
}

/// Intervals of a model that are of the right shape and half as wide as they should be.
fn quantiles(count: usize, seed: u64) -> (Prediction, Array1<f64>) {
    let mut rng = stream(seed, &[]);
    let spread: Array1<f64> = (0..count).map(|_| 0.5 + 4.0 * rng.random::<f64>()).collect();
    let outcome = spread.mapv(|s| s * normal(&mut rng));
    let mean = Array1::zeros(count);
    (Intervals { lower: -0.8 * &spread, upper: 0.8 * &spread, mean, level: 0.5 }.into(), outcome)
}

#[test]
fn the_intervals_of_a_model_are_mended_and_stay_wide_where_they_are() {
    const FITS: u64 = 200;
    const FRESH: usize = 20;
    let (mut inside, mut wider) = (0, true);
    for seed in 0..FITS {
        let (prediction, outcome) = quantiles(39, seed);
        let (asked, came) = quantiles(FRESH, seed + 1_000_000);
        let data = Training::new((frame(39), prediction)).with_target(Target::Values(outcome));
        let fitted = ConformalInterval::new(0.9).fit(data).unwrap();
        let given = asked.intervals().unwrap().clone();
        let answer = fitted.transform((frame(FRESH), asked)).unwrap();
        let i = answer.intervals().unwrap();
        assert_eq!((i.level, &i.mean), (0.9, &given.mean));
        inside += came.iter().enumerate().filter(|(row, y)| (i.lower[*row]..=i.upper[*row]).contains(*y)).count();
        let q = fitted.half_width("").unwrap();
        wider &= (0..FRESH).all(|row| i.upper[row] == given.upper[row] + q && i.lower[row] == given.lower[row] - q);
    }
    let rows = FITS as usize * FRESH;
    let error = 3.5 * (0.9 * 0.1 / rows as f64 + 0.9 * 0.1 / 41.0 / FITS as f64).sqrt();
    let coverage = inside as f64 / rows as f64;
    assert!(wider && (coverage - 0.9).abs() < error, "{coverage} ± {error}");
}

#[test]
fn intervals_of_a_model_that_is_too_careful_become_narrower() {
    let wide = |rows: usize| Intervals {
        mean: Array1::zeros(rows),
        lower: Array1::from_elem(rows, -100.0),
        upper: Array1::from_elem(rows, 100.0),
        level: 0.8,
    };
    let outcome: Array1<f64> = (1..=19).map(f64::from).collect();
    let data = training(wide(19).into(), Target::Values(outcome));
    let fitted = ConformalInterval::new(0.9).fit(data).unwrap();
    assert_eq!(fitted.half_width(""), Some(-82.0));
    let answer = fitted.transform((frame(1), wide(1).into())).unwrap();
    assert_eq!((answer.intervals().unwrap().lower[0], answer.intervals().unwrap().upper[0]), (-18.0, 18.0));
}

#[test]
fn a_file_of_version_1_is_read() {
    #[derive(serde::Serialize)]
    struct Version1 {
        level: f64,
        half_widths: Vec<(String, f64)>,
    }
    let old = Version1 { level: 0.8, half_widths: vec![("clicks".into(), 3.0), ("spend".into(), 50.0)] };
    let state = encode("conformal-interval", &old).unwrap();
    let load = |version| {
        let saved = Saved { kind: "conformal-interval".into(), version, state: state.clone() };
        registry().load::<crate::Boxed>(&saved)
    };
    let several = Prediction::Multi(vec![("clicks".into(), values(&[10.0])), ("spend".into(), values(&[70.0]))]);
    let answer = load(1).unwrap().transform((frame(1), several)).unwrap();
    let of = |name: &str| answer.named(name).unwrap().intervals().unwrap().clone();
    assert_eq!((of("clicks").lower[0], of("clicks").upper[0], of("clicks").level), (7.0, 13.0, 0.8));
    assert_eq!((of("spend").lower[0], of("spend").upper[0]), (20.0, 120.0));
    // What is written now says so, and the old state is none of that version.
    assert_eq!(load(1).unwrap().save().unwrap().version, 2);
    assert!(load(2).is_err());
}
