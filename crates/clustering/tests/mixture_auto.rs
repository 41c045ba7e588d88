//! The choice among Gaussian mixtures, against scikit-learn's BIC and AIC.

use crate::hierarchical::{table, training};
use adflux_clustering::{AutoGaussianMixture, CovarianceType, MixtureCriterion};
use adflux_core::{CancelToken, Context, Error, Fit};
use adflux_testing::{assert_close, fixture};
use ndarray::{Array1, Array2, Axis};
use serde::Deserialize;

const KINDS: [CovarianceType; 4] =
    [CovarianceType::Full, CovarianceType::Tied, CovarianceType::Diag, CovarianceType::Spherical];

#[derive(Deserialize)]
struct Compared {
    x: Vec<Vec<f64>>,
    table: Vec<Quality>,
}

#[derive(Deserialize)]
struct Quality {
    n_components: usize,
    covariance_type: CovarianceType,
    bic: f64,
    aic: f64,
}

/// Three clear ellipsoids of 90, 70 and 50 rows, and what scikit-learn makes of them.
fn compared() -> (Array2<f64>, Vec<Quality>) {
    let Compared { x, table: theirs } = fixture("mixture/choice.json");
    (table(&x), theirs)
}

#[test]
fn criteria_are_scikit_learns_and_so_is_the_lowest() {
    let (x, theirs) = compared();
    let recipe = AutoGaussianMixture::new(1, 6).covariance_types(KINDS).n_init(20).tol(1e-9).max_iter(2_000).seed(1);
    for criterion in [MixtureCriterion::Bic, MixtureCriterion::Aic] {
        let model = recipe.clone().criterion(criterion).fit(training(&x)).unwrap();
        let choice = model.choice();
        assert_eq!(choice.table.len(), theirs.len());
        for (ours, theirs) in choice.table.iter().zip(&theirs) {
            assert_eq!((ours.n_components, ours.covariance_type), (theirs.n_components, theirs.covariance_type));
            // Up to the true number there is one best mixture; above, each side keeps the best that it came upon.
            let margin = if ours.n_components <= 3 { 1e-5 } else { 0.02 };
            assert_close(ours.bic / theirs.bic, 1.0, margin);
            assert_close(ours.aic / theirs.aic, 1.0, margin);
        }
        let chosen = model.model();
        assert_eq!((chosen.weights().len(), chosen.covariance_type()), (choice.n_components, choice.covariance_type));
    }
    let choice = recipe.fit(training(&x)).unwrap().choice().clone();
    assert_eq!((choice.n_components, choice.covariance_type), (3, CovarianceType::Full));
    assert!(choice.reason.starts_with("3 segments have the lowest BIC, 1"), "{}", choice.reason);
    assert!(!choice.reason.contains("tried"), "{}", choice.reason);
}

#[test]
fn the_edge_and_a_single_cloud_are_told() {
    let (x, _) = compared();
    let edge = AutoGaussianMixture::new(1, 2).fit(training(&x)).unwrap();
    assert!(edge.choice().reason.ends_with("; more than 2 were not tried"), "{}", edge.choice().reason);
    let cloud = x.slice(ndarray::s![..90, ..]).to_owned();
    let cloud = AutoGaussianMixture::default().fit(training(&cloud)).unwrap();
    assert_eq!(cloud.choice().n_components, 1);
    assert!(cloud.choice().reason.starts_with("1 segment has the lowest BIC"), "{}", cloud.choice().reason);
    assert!(cloud.choice().reason.ends_with("one cloud: the data has no segments of this shape"));
}

#[test]
fn weights_count_rows_in_the_criterion_too() {
    let (x, _) = compared();
    let recipe = AutoGaussianMixture::new(1, 3).covariance_types([CovarianceType::Diag]).n_init(10).tol(1e-10);
    let weights: Array1<f64> = (0..x.nrows()).map(|row| f64::from(row as u32 % 3)).collect();
    let repeated: Vec<usize> = (0..x.nrows()).flat_map(|row| vec![row; row % 3]).collect();
    let weighted = recipe.fit(training(&x).with_weights(weights)).unwrap();
    let as_many = recipe.fit(training(&x.select(Axis(0), &repeated))).unwrap();
    for (a, b) in weighted.choice().table.iter().zip(&as_many.choice().table) {
        assert_close(a.bic / b.bic, 1.0, 1e-4);
        assert_close(a.aic / b.aic, 1.0, 1e-4);
    }
}

#[test]
fn few_distinct_rows_lower_max_and_what_cannot_be_is_refused() {
    let three = Array2::from_shape_fn((12, 2), |(row, _)| (row % 3) as f64);
    let model = AutoGaussianMixture::default().fit(training(&three)).unwrap();
    assert_eq!(model.choice().table.len(), 3);
    assert!(!model.choice().reason.contains("not tried"), "more are impossible: {}", model.choice().reason);
    let (x, _) = compared();
    let says = |recipe: AutoGaussianMixture, x: &Array2<f64>| recipe.fit(training(x)).unwrap_err().to_string();
    assert!(says(AutoGaussianMixture::new(4, 9), &three).contains("only 3 distinct rows"));
    assert!(says(AutoGaussianMixture::new(0, 9), &x).starts_with("parameter `min`"));
    assert!(says(AutoGaussianMixture::new(3, 2), &x).starts_with("parameter `max`"));
    assert!(says(AutoGaussianMixture::default().covariance_types([]), &x).contains("must name at least one"));
    let token = CancelToken::default();
    token.cancel();
    let cancelled = AutoGaussianMixture::default().fit_with(training(&x), &Context::default().with_cancel(token));
    assert!(matches!(cancelled, Err(Error::Cancelled)));
}
