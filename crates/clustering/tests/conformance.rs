//! Every component of the crate through the conformance kit.

use adflux_clustering::{AutoKMeans, Init, KMeans, register};
use adflux_core::{Features, Training, random::stream};
use adflux_testing::conformance;
use ndarray::Array2;
use rand::RngExt as _;

/// Three groups of people by age, tenure and salary.
fn people() -> Training<Features> {
    let mut rng = stream(3, &[]);
    let x = Array2::from_shape_fn((60, 3), |(row, column)| {
        let group = (row % 3) as f64;
        [25.0 + 12.0 * group, 1.0 + 4.0 * group, 20_000.0 + 9_000.0 * group][column] * (0.9 + 0.2 * rng.random::<f64>())
    });
    Training::new(Features::from_dense(x, ["age", "tenure", "salary"]).unwrap())
}

#[test]
fn k_means() {
    conformance::model(KMeans::new(3).n_init(2).seed(7), people())
        .registry(register)
        .refuses("n_clusters", KMeans::new(0))
        .refuses("n_clusters", KMeans::new(61))
        .refuses("n_init", KMeans::new(3).n_init(0))
        .refuses("max_iter", KMeans::new(3).max_iter(0))
        .refuses("tol", KMeans::new(3).tol(-1.0))
        .refuses("tol", KMeans::new(3).tol(f64::NAN))
        .refuses("init", KMeans::new(3).init(Init::Centers(vec![vec![1.0; 3]; 2])))
        .refuses("init", KMeans::new(3).init(Init::Centers(vec![vec![f64::NAN; 3]; 3])))
        .check();
}

#[test]
fn k_means_from_random_and_from_given_starts() {
    conformance::model(KMeans::new(4).init(Init::Random), people()).registry(register).check();
    let centers = Array2::from_shape_fn((2, 3), |(row, column)| [30.0, 4.0, 25_000.0][column] * (1 + row) as f64);
    conformance::model(KMeans::default().centers(centers.view()), people()).registry(register).check();
}

#[test]
fn auto_k_means() {
    let recipe = AutoKMeans::new(2, 4).seed(7);
    conformance::model(recipe.clone(), people())
        .registry(register)
        .many_rows(3_000)
        .refuses("min", AutoKMeans::new(1, 4))
        .refuses("min", AutoKMeans::new(61, 70))
        .refuses("max", AutoKMeans::new(4, 3))
        .refuses("n_init", recipe.clone().n_init(0))
        .refuses("max_iter", recipe.clone().max_iter(0))
        .refuses("tol", recipe.clone().tol(f64::INFINITY))
        .refuses("sample_size", recipe.sample_size(2))
        .check();
}
