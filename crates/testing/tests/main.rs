//! The conformance kit itself: what is sound passes, and each fault is caught by the check that is there for it.

mod forecasters;
#[cfg(feature = "frame")]
mod frames;
mod models;
mod steps;

use adflux_core::{Features, Target, Training};
use adflux_testing::conformance::Failure;
use ndarray::Array2;

fn features() -> Features {
    let x = Array2::from_shape_fn((30, 3), |(row, column)| (1 + (row * 7 + column * 5) % 13) as f64);
    Features::from_dense(x, ["age", "tenure", "salary"]).unwrap()
}

fn training() -> Training<Features> {
    Training::new(features()).with_target(Target::Values((0..30).map(|row| f64::from(row % 7)).collect()))
}

/// Asserts that `check` found something, and says what all found when it did not.
#[track_caller]
fn caught_by(check: &str, failures: &[Failure]) {
    assert!(failures.iter().any(|f| f.check == check), "`{check}` found nothing: {failures:#?}");
}
