//! Gaussian mixtures against scikit-learn, what always holds, and what must be refused.

use crate::hierarchical::{table, training};
use adflux_clustering::{CovarianceType, GaussianMixture, GaussianMixtureModel};
use adflux_core::{CancelToken, Context, Error, Features, Fit, Predict, Training, random::stream};
use adflux_testing::{assert_all_close, fixture};
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;
use serde::Deserialize;

const KINDS: [CovarianceType; 4] =
    [CovarianceType::Full, CovarianceType::Tied, CovarianceType::Diag, CovarianceType::Spherical];

#[derive(Deserialize)]
struct Case {
    name: String,
    x: Vec<Vec<f64>>,
    means_init: Vec<Vec<f64>>,
    covariance_type: CovarianceType,
    tol: f64,
    max_iter: usize,
    reg_covar: f64,
    weights: Vec<f64>,
    means: Vec<Vec<f64>>,
    covariances: Vec<Vec<Vec<f64>>>,
    lower_bounds: Vec<f64>,
    converged: bool,
    bic: f64,
    aic: f64,
    new: Vec<Vec<f64>>,
    proba: Vec<Vec<f64>>,
    scores: Vec<f64>,
}

#[test]
fn every_iteration_is_scikit_learns_from_the_same_start() {
    let cases: Vec<Case> = fixture("mixture/mixture.json");
    assert_eq!(cases.len(), 12);
    for case in cases {
        let x = table(&case.x);
        let recipe = GaussianMixture::default()
            .means_init(table(&case.means_init).view())
            .covariance_type(case.covariance_type)
            .tol(case.tol)
            .max_iter(case.max_iter)
            .reg_covar(case.reg_covar);
        let model = recipe.fit(training(&x)).unwrap();
        assert_eq!(
            (model.lower_bounds().len(), model.converged()),
            (case.lower_bounds.len(), case.converged),
            "{}",
            case.name
        );
        assert_all_close(model.lower_bounds(), &case.lower_bounds, 1e-9);
        assert_all_close(model.weights(), &case.weights, 1e-8);
        assert_all_close(model.means(), &table(&case.means), 1e-7);
        for (segment, theirs) in case.covariances.iter().enumerate() {
            assert_all_close(&model.covariance(segment).unwrap(), &table(theirs), 1e-7);
        }
        assert_all_close(&[model.bic(&x.view()).unwrap(), model.aic(&x.view()).unwrap()], &[case.bic, case.aic], 1e-6);
        let new = table(&case.new);
        assert_all_close(&model.predict_proba(&new.view()).unwrap(), &table(&case.proba), 1e-7);
        assert_all_close(&model.score_samples(&new.view()).unwrap(), &case.scores, 1e-6);
    }
}

/// Overlapping heaps.
fn heaps(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut rng = stream(seed, &[]);
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        let noise: f64 = (0..4).map(|_| rng.random_range(-1.0..1.0)).sum();
        ((row % 3 * (column + 2)) % 5) as f64 * 2.0 + noise * (0.5 + (row % 3) as f64 / 3.0)
    })
}

fn fit(x: &Array2<f64>, recipe: &GaussianMixture) -> GaussianMixtureModel {
    recipe.fit(training(x)).unwrap()
}

#[test]
fn the_bic_finds_the_number_of_segments() {
    let x = heaps(600, 2, 4);
    let bic = |k: usize| fit(&x, &GaussianMixture::new(k).n_init(3)).bic(&x.view()).unwrap();
    let best = (1..6).min_by(|a, b| bic(*a).total_cmp(&bic(*b)));
    assert_eq!(best, Some(3));
}

#[test]
fn threads_change_no_bit() {
    let x = heaps(3_000, 4, 8);
    let with = |threads| {
        let context = Context::default().with_threads(threads).unwrap();
        GaussianMixture::new(3).fit_with(training(&x), &context).unwrap()
    };
    let (one, three) = (with(1), with(3));
    assert_eq!(one.lower_bounds(), three.lower_bounds());
    assert_eq!(one.means(), three.means());
}

#[test]
fn weights_count_rows() {
    let x = heaps(120, 2, 5);
    let weights: Array1<f64> = (0..120).map(|row| f64::from(row % 3)).collect();
    let repeated: Vec<usize> = (0..120).flat_map(|row| vec![row; row % 3]).collect();
    let start = x.select(Axis(0), &[1, 2, 4]);
    for kind in KINDS {
        let recipe = GaussianMixture::default().means_init(start.view()).covariance_type(kind);
        let weighted = recipe.fit(training(&x).with_weights(weights.clone())).unwrap();
        let as_many = fit(&x.select(Axis(0), &repeated), &recipe);
        assert_all_close(weighted.lower_bounds(), as_many.lower_bounds(), 1e-10);
        assert_all_close(weighted.means(), as_many.means(), 1e-9);
        assert_all_close(weighted.weights(), as_many.weights(), 1e-9);
    }
}

#[test]
fn what_cannot_be_clustered_is_refused() {
    let x = heaps(20, 2, 1);
    let says = |recipe: GaussianMixture, data: Training<Features>| recipe.fit(data).unwrap_err().to_string();
    assert!(says(GaussianMixture::new(0), training(&x)).starts_with("parameter `n_components` = 0"));
    assert!(says(GaussianMixture::new(21), training(&x)).contains("only 20 distinct rows"));
    let same = Array2::from_elem((30, 2), 4.0);
    assert!(says(GaussianMixture::new(2), training(&same)).contains("only 1 distinct rows"));
    assert!(
        says(GaussianMixture::new(1).reg_covar(0.0), training(&same))
            .starts_with("parameter `reg_covar` = 0.0: the covariance")
    );
    for (recipe, name) in [
        (GaussianMixture::new(2).tol(f64::NAN), "tol"),
        (GaussianMixture::new(2).reg_covar(-1.0), "reg_covar"),
        (GaussianMixture::new(2).max_iter(0), "max_iter"),
        (GaussianMixture::new(2).n_init(0), "n_init"),
        (GaussianMixture { means_init: Some(vec![vec![0.0; 2]]), ..GaussianMixture::new(2) }, "means_init"),
        (GaussianMixture { means_init: Some(vec![vec![0.0; 3]]), ..GaussianMixture::new(1) }, "means_init"),
    ] {
        assert!(says(recipe, training(&x)).starts_with(&format!("parameter `{name}`")), "{name}");
    }
    assert!(says(GaussianMixture::new(2), training(&array![[0.0], [f64::NAN]])).contains("column `c0`, row 2"));
    assert!(says(GaussianMixture::new(2), training(&x).with_weights(Array1::zeros(20))).contains("all are zero"));
    assert!(says(GaussianMixture::new(1), training(&array![[1e200], [-1e200]])).contains("too large to be squared"));
    let token = CancelToken::default();
    token.cancel();
    let cancelled = GaussianMixture::new(2).fit_with(training(&x), &Context::default().with_cancel(token));
    assert!(matches!(cancelled, Err(Error::Cancelled)));
    let model = fit(&x, &GaussianMixture::new(2));
    assert!(model.covariance(2).is_err() && model.predict_proba(&Array2::zeros((1, 3)).view()).is_err());
}

#[test]
fn poor_data_have_an_answer() {
    for kind in KINDS {
        // One row, and a column without variance: a point with the variance that is added.
        let one = fit(&array![[3.0, 1.0]], &GaussianMixture::default().covariance_type(kind));
        assert_eq!(one.means(), array![[3.0, 1.0]]);
        assert_all_close(&one.covariance(0).unwrap(), &(Array2::eye(2) * 1e-6), 1e-15);
        let x = heaps(60, 1, 2);
        let beside = ndarray::concatenate![Axis(1), x, Array2::from_elem((60, 1), 4.0)];
        let model = fit(&beside, &GaussianMixture::new(2).covariance_type(kind));
        assert_eq!(model.counts().iter().sum::<u64>(), 60);
        // Far off, no density is left: still a segment, and probabilities.
        let far = model.predict(&training(&array![[1e200, 4.0], [1e9, 4.0]]).x).unwrap();
        assert!(far.ids.iter().all(Option::is_some) && far.strength.iter().all(|p| (0.0..=1.0).contains(p)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Without an addition to the variances EM never lowers the likelihood; probabilities sum to 1.
    #[test]
    fn the_likelihood_never_falls(seed in 0_u64..5_000, k in 1_usize..5, kind in 0_usize..4) {
        let x = heaps(150, 3, seed);
        let recipe = GaussianMixture::new(k).covariance_type(KINDS[kind]).reg_covar(0.0).tol(0.0).max_iter(40).seed(seed);
        let model = fit(&x, &recipe);
        let bounds = model.lower_bounds();
        prop_assert!(bounds.windows(2).all(|pair| pair[1] >= pair[0] - 1e-9), "{bounds:?}");
        for row in model.predict_proba(&x.view()).unwrap().rows() {
            prop_assert!((row.sum() - 1.0).abs() < 1e-12);
        }
    }

    /// Elsewhere, and turned, rows have the same likelihood, and the means move with them.
    #[test]
    fn shifts_and_turns_move_the_means_alone(seed in 0_u64..5_000, shift in -1e4..1e4_f64, angle in 0.0..6.3_f64) {
        let x = heaps(150, 2, seed);
        let start = x.slice(ndarray::s![..3, ..]).to_owned();
        let moved = |points: &Array2<f64>| {
            let mut moved = points.clone();
            for (mut to, from) in moved.rows_mut().into_iter().zip(points.rows()) {
                to[0] = angle.cos() * from[0] - angle.sin() * from[1] + shift;
                to[1] = angle.sin() * from[0] + angle.cos() * from[1] - 2.0 * shift;
            }
            moved
        };
        // A fixed number of iterations, so that rounding does not decide when it ends.
        let recipe = |start: &Array2<f64>| GaussianMixture::default().means_init(start.view()).tol(0.0).max_iter(8);
        let (here, there) = (fit(&x, &recipe(&start)), fit(&moved(&x), &recipe(&moved(&start))));
        prop_assume!(here.weights().windows(2).all(|pair| pair[0] - pair[1] > 1e-6));
        prop_assert!(here.lower_bounds().iter().zip(there.lower_bounds()).all(|(a, b)| (a - b).abs() < 1e-6));
        assert_all_close(there.means(), &moved(here.means()), 1e-5);
        let (a, b) = (here.predict_proba(&x.view()).unwrap(), there.predict_proba(&moved(&x).view()).unwrap());
        assert_all_close(&a, &b, 1e-5);
    }
}
