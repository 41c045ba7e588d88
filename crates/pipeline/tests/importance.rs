//! Permutation importance.

use crate::known::{Known, KnownModel};
use adflux_core::{ClassTarget, Context, MultiTarget, Target, Training, random::stream};
use adflux_data::Frame;
use adflux_pipeline::{FittedPipeline, Importance, ImportanceOptions, Pipeline, permutation_importance};
use adflux_postprocessing::Identity;
use adflux_preprocessing::{Branch, ColumnTransformer, FittedColumnTransformer, OneHotEncoder};
use adflux_testing::assert_close;
use ndarray::{Array1, Axis, stack};
use rand::RngExt as _;

const ROWS: usize = 2000;
const WEIGHTS: [(&str, f64); 3] = [("much", 2.0), ("little", 1.0), ("platform=META", 1.0)];

fn frame() -> Frame {
    let mut rng = stream(2, &[]);
    let mut random = || (0..ROWS).map(|_| rng.random::<f64>()).collect::<Vec<f64>>();
    Frame::builder()
        .numbers("nothing", random())
        .texts("unread", (0..ROWS).map(|r| format!("note {r}")))
        .numbers("little", random())
        .numbers("much", random())
        .texts("platform", random().iter().map(|v| ["META", "GOOGLE", "TIKTOK"][(v * 3.0) as usize]))
        .build()
        .unwrap()
}

/// What the model predicts as a number.
fn sum(frame: &Frame) -> Array1<f64> {
    let of = |name: &str| Array1::from(frame.numbers(name).unwrap());
    let meta: Array1<f64> = frame.texts("platform").unwrap().iter().map(|p| f64::from(u8::from(p == "META"))).collect();
    of("much") * 2.0 + of("little") + meta
}

fn classes(codes: Array1<u32>, labels: &[&str]) -> Target {
    Target::Classes(ClassTarget { codes, labels: labels.iter().map(|l| l.to_string()).collect() })
}

fn fitted(data: &Training<Frame>) -> FittedPipeline<FittedColumnTransformer, KnownModel, Identity> {
    let columns = ColumnTransformer::new()
        .branch(Branch::new("numbers", ["much", "little", "nothing"]))
        .branch(Branch::new("platform", ["platform"]).step(OneHotEncoder::default()));
    Pipeline::new(columns, Known::new(&WEIGHTS)).fit(data.clone()).unwrap()
}

fn importance(target: Target, options: &ImportanceOptions) -> Vec<Importance> {
    let data = Training::new(frame()).with_target(target);
    permutation_importance(&fitted(&data), &data, options, &Context::default()).unwrap()
}

fn columns(all: &[Importance]) -> Vec<&str> {
    all.iter().map(|i| i.column.as_str()).collect()
}

#[test]
fn a_column_is_worth_twice_its_share_of_the_variance() {
    // The prediction is the truth. Shuffling a column that adds a share s to its variance makes the squared error 2 s.
    let y = sum(&frame());
    let all = importance(Target::Values(y.clone()), &ImportanceOptions { repeats: 20, seed: 1 });
    assert_eq!(columns(&all), ["much", "platform", "little", "nothing"]);
    let variance = [4.0 / 12.0, 2.0 / 9.0, 1.0 / 12.0];
    for (importance, of_column) in all.iter().zip(variance) {
        assert_eq!(importance.measure, "r2");
        assert_close(importance.value, 2.0 * of_column / y.var(0.0), 0.08);
        assert!(importance.deviation > 0.0 && importance.deviation < 0.1 * importance.value, "{importance:?}");
    }
    // Read by the pipeline, and of no use to the model.
    assert_eq!((all[3].value, all[3].deviation), (0.0, 0.0));
}

#[test]
fn classes_go_by_the_curve_of_two_and_the_loss_of_more() {
    let y = sum(&frame());
    let two = importance(classes(y.mapv(|y| u32::from(y > 2.0)), &["no", "yes"]), &ImportanceOptions::default());
    assert_eq!((columns(&two)[0], two[0].measure.as_str()), ("much", "roc_auc"));
    assert!(two[0].value > 0.1 && two[0].value > two[2].value && two[2].value > 0.01 && two[3].value == 0.0, "{two:?}");
    let three =
        importance(classes(y.mapv(|y| if y > 2.0 { 2 } else { 1 }), &["a", "b", "c"]), &ImportanceOptions::default());
    assert_eq!((columns(&three)[0], three[0].measure.as_str()), ("much", "log_loss"));
    assert!(three[0].value > three[2].value && three[2].value > 0.01 && three[3].value == 0.0, "{three:?}");
}

#[test]
fn several_targets_count_alike() {
    let y = sum(&frame());
    let options = ImportanceOptions::default();
    let one = importance(Target::Values(y.clone()), &options);
    let names = ["a".to_string(), "b".into()].into();
    let both = MultiTarget { names, values: stack![Axis(1), y, -&y] };
    for (both, one) in importance(Target::Multi(both), &options).iter().zip(&one) {
        assert_eq!((&both.column, &both.measure), (&one.column, &one.measure));
        assert_close(both.value, one.value, 1e-9);
    }
}

#[test]
fn the_bits_are_the_same_on_one_thread_and_two_and_others_with_another_seed() {
    let data = Training::new(frame()).with_target(Target::Values(sum(&frame())));
    let fitted = fitted(&data);
    let on = |threads, seed| {
        let context = Context::default().with_threads(threads).unwrap();
        permutation_importance(&fitted, &data, &ImportanceOptions { repeats: 2, seed }, &context).unwrap()
    };
    assert_eq!(on(1, 7), on(2, 7));
    assert_ne!(on(1, 7), on(1, 8));
}

#[test]
fn what_cannot_be_measured_is_named() {
    let y = sum(&frame());
    let data = Training::new(frame()).with_target(Target::Values(y.clone()));
    let says = |fitted: &FittedPipeline<_, _, _>, data: &Training<Frame>, repeats| {
        let options = ImportanceOptions { repeats, seed: 1 };
        permutation_importance(fitted, data, &options, &Context::default()).unwrap_err().to_string()
    };
    let numbers = fitted(&data);
    assert!(says(&numbers, &data, 0).contains("`repeats`"));
    assert!(says(&numbers, &Training::new(frame()), 1).contains("needs a target"));
    let one_class = Training::new(frame()).with_target(classes(Array1::zeros(ROWS), &["no", "yes"]));
    assert!(says(&fitted(&one_class), &one_class, 1).contains("`roc_auc` is not defined on these rows"));
    assert!(says(&numbers, &one_class, 1).contains("cannot be compared"));
    let narrow = Training::new(frame().without(&["much"])).with_target(Target::Values(y));
    assert!(says(&numbers, &narrow, 1).contains("missing column `much`"));
    let cancelled = Context::default();
    cancelled.cancel_token().cancel();
    let stopped = permutation_importance(&numbers, &data, &ImportanceOptions::default(), &cancelled);
    assert!(matches!(stopped, Err(adflux_core::Error::Cancelled)));
}
