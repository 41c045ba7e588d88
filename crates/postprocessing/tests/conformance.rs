//! Every component of the crate through the conformance kit.

use crate::{normal, values};
use adflux_core::{ClassTarget, Classes, Intervals, MultiTarget, Prediction, Target, Training, random::stream};
use adflux_data::Frame;
use adflux_postprocessing::{
    Calibration, CalibrationMethod, CampaignEstimate, Clip, ConformalInterval, ConformalSet, Identity, Sequence,
    SetMethod, register,
};
use adflux_testing::conformance;
use ndarray::{Array1, Array2};

const ROWS: usize = 60;

fn frame() -> Frame {
    let budgets = (0..ROWS).map(|row| 100.0 + (row * 37 % 900) as f64).collect();
    let unread = (0..ROWS).map(|row| row as f64).collect();
    let platforms = (0..ROWS).map(|row| ["META", "GOOGLE", "TIKTOK"][row % 3]);
    Frame::builder().numbers("unread", unread).numbers("budget", budgets).texts("platform", platforms).build().unwrap()
}

/// Numbers around which the truth lies.
fn single() -> Training<(Frame, Prediction)> {
    let mut rng = stream(1, &[]);
    let guess: Vec<f64> = (0..ROWS).map(|row| row as f64).collect();
    let truth: Array1<f64> = guess.iter().map(|g| g + normal(&mut rng)).collect();
    Training::new((frame(), values(&guess))).with_target(Target::Values(truth))
}

/// Two numbers by name.
fn several() -> Training<(Frame, Prediction)> {
    let (a, b): (Vec<f64>, Vec<f64>) = (0..ROWS).map(|row| (row as f64, 10.0 - row as f64)).unzip();
    let target = Array2::from_shape_fn((ROWS, 2), |(row, column)| [row as f64 + 1.0, 8.0 - row as f64][column]);
    let names: Vec<String> = ["a", "b"].map(String::from).into();
    let prediction = Prediction::Multi(vec![("a".into(), values(&a)), ("b".into(), values(&b))]);
    Training::new((frame(), prediction)).with_target(Target::Multi(MultiTarget { names: names.into(), values: target }))
}

/// Intervals in which the truth is now and then.
fn intervals() -> Training<(Frame, Prediction)> {
    let mut data = single();
    if let Prediction::Values(mean) = data.x.1.clone() {
        data.x.1 = Intervals { lower: &mean - 1.0, upper: &mean + 0.5, mean, level: 0.5 }.into();
    }
    data
}

/// Probabilities of three classes beside the one that came.
fn classes() -> Training<(Frame, Prediction)> {
    let labels: Vec<&str> = (0..ROWS).map(|row| ["a", "b", "c"][row * 7 % 11 % 3]).collect();
    let target = ClassTarget::from_labels(&labels);
    let mut probabilities = Array2::from_shape_fn((ROWS, 3), |(row, class)| {
        let known = f64::from(u8::from(target.codes[row] as usize == class));
        1.0 + known * (row % 5) as f64 + ((row * 3 + class) % 7) as f64 / 7.0
    });
    probabilities.rows_mut().into_iter().for_each(|mut row| row /= row.sum());
    let said = Classes { labels: target.labels.clone(), probabilities };
    Training::new((frame(), said.into())).with_target(Target::Classes(target))
}

/// Campaigns: predicted rates, and what they brought.
fn campaigns() -> Training<(Frame, Prediction)> {
    let mut rng = stream(2, &[]);
    let frame = frame();
    let mut target = Array2::zeros((ROWS, 4));
    for (mut row, budget) in target.rows_mut().into_iter().zip(frame.numbers("budget").unwrap()) {
        let mut scatter = || (0.2 * normal(&mut rng)).exp();
        let spend = budget * 0.9_f64.min(0.8 * scatter());
        let impressions = (spend * 200.0 * scatter()).round();
        let clicks = (impressions * 0.02 * scatter()).round();
        let applications = (clicks * 0.1 * scatter()).round().max(1.0);
        row.assign(&ndarray::array![impressions, clicks, applications, spend]);
    }
    let rate = |name: &str, of: f64| {
        (name.to_string(), values(&(0..ROWS).map(|r| of * (1.0 + r as f64 / 100.0)).collect::<Vec<_>>()))
    };
    let rates = vec![rate("spend_share", 0.5), rate("cpm", 5.0), rate("ctr", 0.02), rate("conversion_rate", 0.1)];
    let names: Vec<String> = ["impressions", "clicks", "applications", "spend"].map(String::from).into();
    Training::new((frame, Prediction::Multi(rates)))
        .with_target(Target::Multi(MultiTarget { names: names.into(), values: target }))
}

#[test]
fn identity() {
    conformance::postprocessor(Identity {}, single()).registry(register).check();
}

#[test]
fn clip() {
    let bounds = Clip::default().min(2.0).max(50.0);
    conformance::postprocessor(bounds, single())
        .registry(register)
        .refuses("min", Clip::default().min(f64::NAN))
        .refuses("max", Clip::default().max(f64::NAN))
        .refuses("min", Clip::default().min(2.0).max(1.0))
        .check();
    conformance::postprocessor(Clip::default(), several()).registry(register).check();
}

#[test]
fn calibration() {
    use CalibrationMethod::{Beta, Isotonic, Platt, Temperature};
    for method in [Platt, Isotonic, Beta, Temperature] {
        conformance::postprocessor(Calibration::new(method), classes())
            .registry(register)
            .refuses("folds", Calibration::new(method).folds(1))
            .check();
    }
}

#[test]
fn conformal_set() {
    for method in [SetMethod::Lac, SetMethod::Aps] {
        let recipe = ConformalSet::new(0.8).method(method);
        conformance::postprocessor(recipe.clone(), classes())
            .registry(register)
            .refuses("level", recipe.clone().level(0.0))
            .refuses("folds", recipe.clone().folds(1))
            .check();
        let by = recipe.by("platform").min_group_size(10);
        conformance::postprocessor(by, classes()).registry(register).check();
    }
}

#[test]
fn conformal_interval() {
    for data in [single(), several(), intervals()] {
        let by = ConformalInterval::new(0.8).by("platform").min_group_size(10);
        conformance::postprocessor(by, data.clone()).registry(register).check();
        conformance::postprocessor(ConformalInterval::new(0.8), data)
            .registry(register)
            .refuses("level", ConformalInterval::new(0.0))
            .refuses("level", ConformalInterval::new(1.0))
            .refuses("folds", ConformalInterval::new(0.8).folds(1))
            .check();
    }
}

#[test]
fn campaign_estimate() {
    let recipe = CampaignEstimate::default().neighbours(20);
    conformance::postprocessor(recipe.clone(), campaigns())
        .registry(register)
        .refuses("level", recipe.clone().level(1.0))
        .refuses("folds", recipe.clone().folds(1))
        .refuses("neighbours", recipe.neighbours(19))
        .check();
}

#[test]
fn sequence() {
    let steps = Sequence::new().step(ConformalInterval::new(0.8)).step(Clip::default().min(0.0));
    conformance::postprocessor(steps, single())
        .registry(register)
        .refuses("level", Sequence::new().step(ConformalInterval::new(2.0)))
        .check();
    conformance::postprocessor(Sequence::new(), single()).registry(register).check();
}
