//! Several postprocessors, one after the other.

use crate::{frame, registry, reloaded, values};
use adflux_core::{
    AnyPostprocessRecipe, Context, Describe as _, Fit, Needs, Postprocess, Prediction, Recipe as _, Spec, Target,
    Training, Transform,
};
use adflux_data::Frame;
use adflux_postprocessing::{CampaignEstimate, Clip, ConformalInterval, Identity, Sequence};
use ndarray::Array1;

/// Twenty predictions of 0 for outcomes 1 to 20.
fn data() -> Training<(Frame, Prediction)> {
    let outcome: Array1<f64> = (1..=20).map(f64::from).collect();
    Training::new((frame(20), values(&[0.0; 20]))).with_target(Target::Values(outcome))
}

fn applied(sequence: &Sequence, to: f64) -> (f64, f64, f64) {
    let fitted = sequence.fit(data()).unwrap();
    let prediction = fitted.transform((frame(1), values(&[to]))).unwrap();
    let i = prediction.intervals().unwrap();
    (i.lower[0], i.mean[0], i.upper[0])
}

#[test]
fn steps_run_in_order_and_learn_from_what_comes_before() {
    // ⌈21 · 0.8⌉ = 17: the 17th error.
    let interval = ConformalInterval::new(0.8);
    let interval_first = Sequence::new().step(interval.clone()).step(Clip::default().min(0.0).max(10.0));
    assert_eq!(applied(&interval_first, 5.0), (0.0, 5.0, 10.0));
    // Clipped first, predictions are at least 3: errors 2, 1, 0, 1, …, 17, of which the 17th is 14.
    let clip_first = Sequence::new().step(Clip::default().min(3.0)).step(interval);
    assert_eq!(applied(&clip_first, 5.0), (-9.0, 5.0, 19.0));
    assert_eq!(applied(&clip_first, 0.0), (-11.0, 3.0, 17.0));
}

#[test]
fn it_needs_the_most_that_one_of_its_steps_needs() {
    assert_eq!(Sequence::new().needs(), Needs::Nothing);
    assert_eq!(Sequence::new().step(Clip::default()).step(Identity::default()).needs(), Needs::Nothing);
    let sequence = Sequence::new().step(ConformalInterval::new(0.8).folds(7)).step(Clip::default());
    assert_eq!(sequence.clone().needs(), Needs::OutOfFold(7));
    assert_eq!(sequence.step(CampaignEstimate::default().folds(9)).needs(), Needs::OutOfFold(9));
}

#[test]
fn a_file_keeps_it_and_the_columns_it_reads() {
    let sequence = Sequence::new().step(ConformalInterval::new(0.8)).step(Clip::default().min(0.0));
    let fitted = sequence.fit(data()).unwrap();
    let x = (frame(3), values(&[-50.0, 1.0, 2.5]));
    assert_eq!(reloaded(&fitted).transform(x.clone()).unwrap(), fitted.transform(x).unwrap());

    let nested = Sequence::new().step(sequence);
    let fitted = nested.fit(data()).unwrap();
    let x = (frame(1), values(&[1.0]));
    assert_eq!(reloaded(&fitted).transform(x.clone()).unwrap(), fitted.transform(x).unwrap());
}

#[test]
fn its_description_survives_a_toml_file() {
    let sequence = Sequence::new().step(ConformalInterval::new(0.8).folds(3)).step(Clip::default().min(0.0));
    let spec = sequence.spec().unwrap();
    let text = toml::to_string(&spec).unwrap();
    let read: Spec = toml::from_str(&text).unwrap();
    assert_eq!(read, spec);
    let built: AnyPostprocessRecipe<Frame> = registry().build(&read).unwrap();
    assert_eq!(built.describe().unwrap(), spec);
    let x = || (frame(1), values(&[5.0]));
    let [a, b] = [
        built.fit(data()).unwrap().transform(x()),
        AnyPostprocessRecipe::new(sequence).fit(data()).unwrap().transform(x()),
    ];
    assert_eq!(a.unwrap(), b.unwrap());
}

#[test]
fn errors_name_the_step() {
    let sequence = Sequence::new().step(Identity::default()).step(ConformalInterval::new(2.0));
    let error = sequence.fit_with(data(), &Context::default()).unwrap_err().to_string();
    assert!(error.starts_with("step 2 (conformal-interval): parameter `level` = 2.0"), "{error}");

    let fitted = Sequence::new().step(Identity::default()).step(Clip::default()).fit(data()).unwrap();
    let segments = adflux_core::Segments { ids: vec![None], strength: Array1::zeros(1) };
    let error = fitted.transform((frame(1), segments.into())).unwrap_err().to_string();
    assert_eq!(error, "step 2 (clip): `clip` bounds numbers: classes and segments have none");

    let toml = "kind = 'sequence'\nsteps = [{ kind = 'identity' }, { kind = 'clp' }]";
    let spec: Spec = toml::from_str(toml).unwrap();
    let error = registry().build::<AnyPostprocessRecipe<Frame>>(&spec).unwrap_err().to_string();
    assert_eq!(error, "step 2 (clp): unknown postprocessor `clp`; did you mean `clip`?");
}

#[test]
fn a_sequence_of_nothing_changes_nothing() {
    let fitted = Sequence::new().fit(data()).unwrap();
    assert_eq!(fitted.transform((frame(2), values(&[1.0, -2.0]))).unwrap(), values(&[1.0, -2.0]));
}
