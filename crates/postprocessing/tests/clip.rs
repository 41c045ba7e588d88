//! Numbers within bounds.

use crate::{reloaded, values};
use adflux_core::{Fit, Intervals, Prediction, Segments, Training, Transform};
use adflux_data::Frame;
use adflux_postprocessing::Clip;
use ndarray::array;
use proptest::prelude::*;

fn clipped(clip: &Clip, prediction: Prediction) -> Prediction {
    let fitted = clip.fit(Training::new(((), prediction.clone()))).unwrap();
    fitted.transform(((), prediction)).unwrap()
}

#[test]
fn each_bound_works_alone_and_none_changes_nothing() {
    let all = values(&[-2.0, 0.5, 3.0, f64::INFINITY]);
    assert_eq!(clipped(&Clip::default(), all.clone()), all);
    assert_eq!(clipped(&Clip::default().min(0.0), all.clone()), values(&[0.0, 0.5, 3.0, f64::INFINITY]));
    assert_eq!(clipped(&Clip::default().max(1.0), all.clone()), values(&[-2.0, 0.5, 1.0, 1.0]));
    assert_eq!(clipped(&Clip::default().min(1.0).max(1.0), all), values(&[1.0; 4]));
}

#[test]
fn every_part_of_several_predictions_and_of_an_interval_is_clipped() {
    let interval = Intervals { mean: array![0.5], lower: array![-0.5], upper: array![1.5], level: 0.8 };
    let several = Prediction::Multi(vec![
        ("ctr".into(), Prediction::Intervals(interval)),
        ("share".into(), Prediction::Multi(vec![("spend".into(), values(&[7.0]))])),
    ]);
    let got = clipped(&Clip::default().min(0.0).max(1.0), several);
    let ctr = got.named("ctr").unwrap().intervals().unwrap().clone();
    assert_eq!(ctr, Intervals { mean: array![0.5], lower: array![0.0], upper: array![1.0], level: 0.8 });
    assert_eq!(got.named("share").unwrap().named("spend").unwrap(), &values(&[1.0]));
}

#[test]
fn segments_are_refused() {
    let segments = Prediction::Segments(Segments { ids: vec![Some(0)], strength: array![1.0] });
    let error = Clip::default().min(0.0).transform(((), segments.clone())).unwrap_err().to_string();
    assert_eq!(error, "`clip` bounds numbers: classes and segments have none");
    let within = Prediction::Multi(vec![("who".into(), segments)]);
    assert_eq!(Clip::default().transform(((), within)).unwrap_err().to_string(), error);
}

#[test]
fn bounds_that_cannot_be_are_named() {
    let says = |clip: Clip| clip.fit(Training::new(((), values(&[1.0])))).unwrap_err().to_string();
    assert_eq!(says(Clip::default().min(2.0).max(1.0)), "parameter `min` = 2.0: must not be greater than `max`");
    assert_eq!(says(Clip::default().max(f64::NAN)), "parameter `max` = Some(NaN): must be a number");
}

proptest! {
    /// Clipping twice is clipping once, the order of two predictions is kept, and a file changes nothing.
    #[test]
    fn clipping_is_idempotent_and_monotone(mut all in prop::collection::vec(-1e9..1e9_f64, 1..50), a in -1e3..1e3_f64, b in -1e3..1e3_f64) {
        all.sort_by(f64::total_cmp);
        let clip = Clip::default().min(a.min(b)).max(a.max(b));
        let once = clipped(&clip, values(&all));
        prop_assert_eq!(&clipped(&clip, once.clone()), &once);
        let sorted = once.point().unwrap().to_vec();
        prop_assert!(sorted.windows(2).all(|w| w[0] <= w[1]));
        let frame = Frame::builder().numbers("x", all.clone()).build().unwrap();
        prop_assert_eq!(reloaded(&clip).transform((frame, values(&all))).unwrap(), once);
    }
}
