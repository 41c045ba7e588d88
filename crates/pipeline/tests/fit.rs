//! What a postprocessor is shown: predictions of models that never saw the row.

use crate::{
    campaigns, columns,
    known::Known,
    parts::{Memory, Witness},
    training,
};
use adflux_core::{Context, Error, Progress, Target, Training};
use adflux_data::Frame;
use adflux_pipeline::Pipeline;
use std::sync::{Arc, Mutex};

fn seen(data: Training<Frame>, folds: usize, seed: u64) -> Vec<f64> {
    let pipeline = Pipeline::new(columns(), Memory::default()).with_postprocessor(Witness { folds }).seed(seed);
    pipeline.fit(data).unwrap().postprocessor.predictions
}

/// The campaigns with other keys.
fn keyed(keys: &[f64]) -> Training<Frame> {
    let data = training(keys.len());
    let key = Frame::builder().numbers("key", keys.to_vec()).build().unwrap();
    Training { x: data.x.with_columns_of(&key).unwrap(), ..data }
}

#[test]
fn a_model_that_passes_over_an_exposure_is_refused() {
    // It looks at the target itself, and asks nothing.
    let pipeline = Pipeline::new(columns(), Known::new(&[("key", 1.0)]));
    let data = training(9).with_exposure((1..10).map(f64::from).collect());
    let said = pipeline.fit(data).unwrap_err().to_string();
    assert!(said.starts_with("step 2 (model): `known` uses no exposure: learn the rate"), "{said}");
    // Without a target there is nothing that is counted over it.
    let mut no_target = training(9).with_exposure((1..10).map(f64::from).collect());
    no_target.target = None;
    assert!(pipeline.fit(no_target).is_ok());
}

#[test]
fn in_sample_predictions_see_their_own_row_and_out_of_fold_never() {
    let outcome: Vec<f64> = (0..30).map(|r| 1000.0 + f64::from(r)).collect();
    assert_eq!(seen(training(30), 0, 42), outcome);
    for folds in [2, 5, 30] {
        let seen = seen(training(30), folds, 42);
        assert!(seen.iter().all(|p| *p < 0.0), "{folds} folds: {seen:?}");
    }
    // With a fold for each row, every other row was learned from: below row r are r rows.
    let all_but_one: Vec<f64> = (0..30).map(|r| -1.0 - f64::from(r)).collect();
    assert_eq!(seen(training(30), 30, 42), all_but_one);
}

#[test]
fn the_seed_shuffles_the_rows_into_folds() {
    let of = |seed| seen(training(40), 4, seed);
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
    // In blocks, rows 10 to 19 would all have 10 rows below.
    let blocks: Vec<f64> = (0..40).map(|r| -1.0 - f64::from(r / 10 * 10)).collect();
    assert_ne!(of(1), blocks);
}

#[test]
fn groups_are_kept_together() {
    // Six rows share each key, so a fold that tears a group apart is seen through.
    let keys: Vec<f64> = (0..60).map(|r| f64::from(r % 10)).collect();
    assert!(seen(keyed(&keys), 5, 42).iter().any(|p| *p > 0.0), "without groups the test proves nothing");
    let grouped = keyed(&keys).with_groups(keys.iter().map(|k| *k as u32).collect());
    assert!(seen(grouped, 5, 42).iter().all(|p| *p < 0.0));
}

#[test]
fn time_is_cut_into_blocks() {
    // Rows in an order that is not that of time; the key is the moment.
    let keys: Vec<f64> = (0..50).map(|r| f64::from(r * 7 % 50)).collect();
    let timed = keyed(&keys).with_time(keys.iter().map(|k| *k as i64).collect());
    let expected: Vec<f64> = keys.iter().map(|k| -1.0 - (k / 10.0).floor() * 10.0).collect();
    assert_eq!(seen(timed, 5, 42), expected);
}

#[test]
fn the_final_model_learns_from_all_rows() {
    let pipeline = Pipeline::new(columns(), Memory::default()).with_postprocessor(Witness { folds: 3 });
    let fitted = pipeline.fit(training(30)).unwrap();
    let outcome: Vec<f64> = (0..30).map(|r| 1000.0 + f64::from(r)).collect();
    assert_eq!(fitted.run(&campaigns(30)).unwrap().point().unwrap().to_vec(), outcome);
    assert_eq!(fitted.training.rows, 30);
    assert_eq!(fitted.kinds(), ["column-transformer", "memory", "witness"]);
}

#[test]
fn errors_name_the_part() {
    let says = |data| Pipeline::new(columns(), Memory::default()).fit(data).unwrap_err().to_string();
    let no_key = Training { x: campaigns(9).without(&["key"]), ..training(9) };
    assert!(says(no_key).starts_with("step 1 (preprocessor): missing column `key`"));
    assert_eq!(says(Training::new(campaigns(9))), "step 2 (model): `memory` needs a numeric target");
    let short = training(9).with_target(Target::Values(vec![1.0].into()));
    assert_eq!(says(short), "target of 1 rows beside 9 rows of inputs");
    let more_folds = Pipeline::new(columns(), Memory::default()).with_postprocessor(Witness { folds: 10 });
    let error = more_folds.fit(training(9)).unwrap_err().to_string();
    assert_eq!(error, "parameter `k` = 10: there are only 9 rows to put into folds");
    let interval = adflux_postprocessing::ConformalInterval::new(1.5);
    let error = Pipeline::new(columns(), Memory::default()).with_postprocessor(interval).fit(training(9)).unwrap_err();
    assert!(error.to_string().starts_with("step 3 (postprocessor): parameter `level` = 1.5"), "{error}");
}

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Progress for Told {
    fn update(&self, task: &str, _: u64, _: Option<u64>) {
        self.0.lock().unwrap().push(task.into());
    }
}

#[test]
fn progress_names_the_fold_and_cancelling_stops() {
    let pipeline = Pipeline::new(columns(), Memory::default()).with_postprocessor(Witness { folds: 2 });
    let told = Arc::new(Told::default());
    pipeline.fit_with(training(9), &Context::default().with_progress(told.clone())).unwrap();
    assert_eq!(*told.0.lock().unwrap(), ["memory", "fold 1 of 2: memory", "fold 2 of 2: memory"]);

    let context = Context::default();
    context.cancel_token().cancel();
    assert!(matches!(pipeline.fit_with(training(9), &context), Err(Error::Cancelled)));
}

#[test]
fn more_folds_than_rows_are_refused_however_many() {
    for folds in [31, usize::MAX] {
        let pipeline = Pipeline::new(columns(), Memory::default()).with_postprocessor(Witness { folds });
        let error = pipeline.fit(training(30)).unwrap_err().to_string();
        assert!(error.contains("there are only 30 rows to put into folds"), "{error}");
    }
}
