//! The conformance kit for components, and what the tests of adflux share.
//!
//! A dev-dependency: unlike the rest of adflux, the functions here **panic**, with a message that says what to do, because
//! that is how a test fails.
//!
//! | item | what for |
//! |---|---|
//! | [`mod@conformance`] | every check that a component must pass, in one call: for adflux's components and for yours |
//! | [`fixture`] | numbers from outside (scikit-learn, SciPy, …), committed under `tests/golden` |
//! | [`assert_close`], [`assert_all_close`] | comparing with them, naming the first place where they differ |
//! | [`shared_data`] | data sets that are not part of the repository; the test skips visibly without them |
//!
//! The feature `frame` adds preprocessors and postprocessors to the kit. They take frames, and frames bring polars, so a crate
//! of models does without.

pub mod conformance;

use serde::de::DeserializeOwned;
use std::{
    env,
    path::{Path, PathBuf},
};

/// Reads the golden fixture `tests/golden/<name>` of adflux's repository, for example `fixture::<Case>("clustering/kmeans.json")`.
///
/// JSON has no NaN: fixtures write `null`, to be read as `Option<f64>`.
///
/// # Panics
/// When the file is missing or does not have the shape of `T`, naming the file and the script that writes it.
pub fn fixture<T: DeserializeOwned>(name: &str) -> T {
    let path = workspace().join("tests/golden").join(name);
    let maker = name.split('/').next().unwrap_or(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| {
        panic!("{}: {e}; write it with `python tests/golden/make_{maker}.py` and commit it", path.display())
    });
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Asserts that two numbers are within `tolerance` of each other: `|a − b| ≤ tolerance · max(1, |b|)`, so absolute for
/// small numbers and relative for large ones. Two NaN, and two infinities of one sign, are close.
///
/// # Panics
/// When they are not.
#[track_caller]
pub fn assert_close(a: f64, b: f64, tolerance: f64) {
    assert!(close(a, b, tolerance), "{a} is not {b} to within {tolerance:e} (they differ by {:e})", (a - b).abs());
}

/// [`assert_close`] for every pair of two sequences (slices, vectors, ndarray arrays of any dimension in their iteration
/// order).
///
/// # Panics
/// At the first index where they differ, with both values, or when the lengths differ.
#[track_caller]
pub fn assert_all_close<'a>(
    a: impl IntoIterator<Item = &'a f64>,
    b: impl IntoIterator<Item = &'a f64>,
    tolerance: f64,
) {
    let (a, b): (Vec<f64>, Vec<f64>) = (a.into_iter().copied().collect(), b.into_iter().copied().collect());
    assert_eq!(a.len(), b.len(), "the lengths differ");
    let different = a.iter().zip(&b).filter(|(a, b)| !close(**a, **b, tolerance)).count();
    if let Some(i) = a.iter().zip(&b).position(|(a, b)| !close(*a, *b, tolerance)) {
        panic!(
            "index {i}: {} is not {} to within {tolerance:e} (they differ by {:e}); {different} of {} values differ",
            a[i],
            b[i],
            (a[i] - b[i]).abs(),
            a.len()
        );
    }
}

/// The path of a data set that is not part of the repository: `name` in the folder that the environment variable
/// `ADFLUX_SHARED_DATA` names. Without it, prints `skipped: <name> is not here` and returns `None`, so that a test can
/// return early and be seen to:
///
/// ```no_run
/// let Some(path) = adflux_testing::shared_data("facebook_ads.csv") else { return };
/// ```
pub fn shared_data(name: &str) -> Option<PathBuf> {
    let path = env::var_os("ADFLUX_SHARED_DATA").map(|folder| PathBuf::from(folder).join(name));
    if path.as_ref().is_some_and(|p| p.is_file()) {
        return path;
    }
    // Straight to the standard error: `eprintln!` would be captured, and the skip would not be seen.
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "skipped: {name} is not here");
    None
}

/// The folder of the workspace's Cargo.toml.
fn workspace() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (b.is_finite() && (a - b).abs() <= tolerance * b.abs().max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use std::panic::catch_unwind;

    fn message<T: std::fmt::Debug>(work: impl FnOnce() -> T + std::panic::UnwindSafe) -> String {
        *catch_unwind(work).unwrap_err().downcast::<String>().unwrap()
    }

    #[test]
    fn the_first_difference_is_named() {
        let (a, b) = (array![[1.0, 2.0], [3.0, f64::NAN]], array![[1.0, 2.5], [4.0, f64::NAN]]);
        let says = message(move || assert_all_close(&a, &b, 1e-9));
        assert!(says.starts_with("index 1: 2 is not 2.5") && says.ends_with("2 of 4 values differ"), "{says}");
        assert!(message(|| assert_all_close(&[1.0], &[1.0, 2.0], 1.0)).contains("lengths"));
    }

    #[test]
    fn closeness_is_relative_for_large_numbers_and_never_holds_against_nan_or_infinity() {
        assert_close(1e9 + 1.0, 1e9, 1e-8);
        assert_close(f64::NEG_INFINITY, f64::NEG_INFINITY, 0.0);
        assert!(!close(1e9 + 1.0, 1e9, 1e-10));
        assert!(!close(1.0, f64::NAN, 1.0) && !close(f64::NAN, 1.0, 1.0));
        assert!(!close(f64::INFINITY, f64::NEG_INFINITY, 1.0) && !close(1.0, f64::INFINITY, 1.0));
    }

    #[test]
    fn a_missing_fixture_names_its_script_and_missing_data_is_none() {
        assert!(message(|| fixture::<f64>("nothing/here.json")).contains("make_nothing.py"));
        assert_eq!(shared_data("there-is-no-such-file.csv"), None);
    }
}
