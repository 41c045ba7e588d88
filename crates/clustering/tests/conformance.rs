//! Every component of the crate through the conformance kit.

use adflux_clustering::{
    Agglomerative, AutoAgglomerative, AutoGaussianMixture, AutoKMeans, AutoKPrototypes, ClusterSelectionMethod,
    CovarianceType, Dbscan, GaussianMixture, Hdbscan, Init, KMeans, KMeansAlgorithm, KPrototypes, LinkageMethod,
    MiniBatchKMeans, PrototypeInit, register,
};
use adflux_core::{Block, Categories, Column, Features, Training, Values, random::stream};
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
fn k_means_with_bounds() {
    let recipe = KMeans::new(9).algorithm(KMeansAlgorithm::Yinyang);
    conformance::model(recipe, people()).registry(register).many_rows(3_000).check();
}

#[test]
fn mini_batch_k_means() {
    let recipe = MiniBatchKMeans::new(3).batch_size(20).seed(7);
    conformance::model(recipe.clone(), people())
        .registry(register)
        .many_rows(3_000)
        .refuses("n_clusters", MiniBatchKMeans::new(0))
        .refuses("n_clusters", MiniBatchKMeans::new(61))
        .refuses("batch_size", recipe.clone().batch_size(0))
        .refuses("n_init", recipe.clone().n_init(0))
        .refuses("init_size", recipe.clone().init_size(2))
        .refuses("max_iter", recipe.clone().max_iter(0))
        .refuses("tol", recipe.clone().tol(-1.0))
        .refuses("reassignment_ratio", recipe.clone().reassignment_ratio(1.5))
        .refuses("init", recipe.init(Init::Centers(vec![vec![1.0; 3]; 2])))
        .check();
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
        .refuses("batch_size", recipe.clone().batch_size(0))
        .refuses("sample_size", recipe.clone().sample_size(2))
        .check();
    conformance::model(recipe.batch_size(20), people()).registry(register).many_rows(3_000).check();
}

#[test]
fn agglomerative() {
    conformance::model(Agglomerative::new(3), people())
        .registry(register)
        .many_rows(2_000)
        .refuses("n_clusters", Agglomerative::new(0))
        .refuses("n_clusters", Agglomerative::new(61))
        .refuses("distance_threshold", Agglomerative::default().distance_threshold(0.0))
        .refuses("distance_threshold", Agglomerative::new(2).distance_threshold(1.0))
        .refuses("levels", Agglomerative::default().levels([3, 2]))
        .refuses("levels", Agglomerative::default().levels([3, 61]))
        .refuses("max_memory", Agglomerative::new(3).linkage(LinkageMethod::Average).max_memory(100))
        .check();
}

#[test]
fn agglomerative_with_every_linkage_and_several_levels() {
    for linkage in [
        LinkageMethod::Single,
        LinkageMethod::Complete,
        LinkageMethod::Average,
        LinkageMethod::Weighted,
        LinkageMethod::Centroid,
        LinkageMethod::Median,
    ] {
        conformance::model(Agglomerative::new(3).linkage(linkage), people()).registry(register).many_rows(500).check();
    }
    let levels = Agglomerative::default().levels([2, 5]).keep_linkage(true);
    conformance::model(levels, people()).registry(register).many_rows(500).check();
}

#[test]
fn auto_agglomerative() {
    let recipe = AutoAgglomerative::new(2, 4).seed(7);
    conformance::model(recipe.clone(), people())
        .registry(register)
        .many_rows(2_000)
        .refuses("min", AutoAgglomerative::new(1, 4))
        .refuses("min", AutoAgglomerative::new(61, 70))
        .refuses("max", AutoAgglomerative::new(4, 3))
        .refuses("sample_size", recipe.clone().sample_size(2))
        .refuses("max_memory", recipe.linkage(LinkageMethod::Complete).max_memory(100))
        .check();
}

#[test]
fn dbscan() {
    conformance::model(Dbscan::new(1_500.0).min_samples(4), people())
        .registry(register)
        .refuses("eps", Dbscan::new(0.0))
        .refuses("eps", Dbscan::new(-1.0))
        .refuses("eps", Dbscan::new(f64::NAN))
        .refuses("min_samples", Dbscan::default().min_samples(0))
        .check();
    // Nothing is dense: all are outliers, of the training and later.
    conformance::model(Dbscan::new(1e-6), people()).registry(register).many_rows(500).check();
}

#[test]
fn hdbscan() {
    conformance::model(Hdbscan::new(5).min_samples(3), people())
        .registry(register)
        .refuses("min_cluster_size", Hdbscan::new(1))
        .refuses("min_cluster_size", Hdbscan::new(61))
        .refuses("min_samples", Hdbscan::default().min_samples(0))
        .refuses("min_samples", Hdbscan::default().min_samples(61))
        .refuses("cluster_selection_epsilon", Hdbscan::default().cluster_selection_epsilon(-1.0))
        .refuses("cluster_selection_epsilon", Hdbscan::default().cluster_selection_epsilon(f64::NAN))
        .check();
    let leaves =
        Hdbscan::new(4).cluster_selection_method(ClusterSelectionMethod::Leaf).cluster_selection_epsilon(100.0);
    conformance::model(leaves, people()).registry(register).many_rows(500).check();
    let one = Hdbscan::new(20).allow_single_cluster(true);
    conformance::model(one, people()).registry(register).many_rows(500).check();
}

#[test]
fn gaussian_mixture() {
    conformance::model(GaussianMixture::new(3).seed(7), people())
        .registry(register)
        .refuses("n_components", GaussianMixture::new(0))
        .refuses("n_components", GaussianMixture::new(61))
        .refuses("tol", GaussianMixture::new(2).tol(-1.0))
        .refuses("reg_covar", GaussianMixture::new(2).reg_covar(f64::NAN))
        .refuses("max_iter", GaussianMixture::new(2).max_iter(0))
        .refuses("n_init", GaussianMixture::new(2).n_init(0))
        .refuses("means_init", GaussianMixture { means_init: Some(vec![vec![1.0; 2]; 2]), ..GaussianMixture::new(2) })
        .check();
    for kind in [CovarianceType::Tied, CovarianceType::Diag, CovarianceType::Spherical] {
        let recipe = GaussianMixture::new(2).covariance_type(kind).n_init(2);
        conformance::model(recipe, people()).registry(register).many_rows(1_000).check();
    }
}

#[test]
fn auto_gaussian_mixture() {
    let recipe = AutoGaussianMixture::new(1, 3).n_init(2).seed(7);
    conformance::model(recipe.clone(), people())
        .registry(register)
        .many_rows(1_000)
        .refuses("min", AutoGaussianMixture::new(0, 3))
        .refuses("min", AutoGaussianMixture::new(61, 70))
        .refuses("max", AutoGaussianMixture::new(4, 3))
        .refuses("covariance_types", recipe.clone().covariance_types([]))
        .refuses("tol", recipe.clone().tol(-1.0))
        .refuses("reg_covar", recipe.clone().reg_covar(f64::NAN))
        .refuses("max_iter", recipe.clone().max_iter(0))
        .refuses("n_init", recipe.clone().n_init(0))
        .check();
    let shapes = [CovarianceType::Tied, CovarianceType::Diag];
    conformance::model(recipe.covariance_types(shapes), people()).registry(register).many_rows(500).check();
}

/// The same people with two categories, one of them missing here and there.
fn mixed_people() -> Training<Features> {
    let numbers = people().x.into_blocks();
    let category = |name: &str, levels: &[&str], code: fn(u32) -> u32| {
        let levels: Vec<String> = levels.iter().map(|level| level.to_string()).collect();
        let values = Categories { codes: (0..60).map(code).collect(), levels: levels.into() };
        Block::new(vec![Column::input(name)], Values::Category(values)).unwrap()
    };
    let trade = category("trade", &["nurse", "driver", "cook"], |row| row % 3);
    let city = category("city", &["Lugo", "Vigo"], |row| if row % 7 == 0 { Categories::MISSING } else { row / 3 % 2 });
    Training::new(Features::new(60, numbers.into_iter().chain([trade, city]).collect()).unwrap())
}

#[test]
fn k_prototypes() {
    conformance::model(KPrototypes::new(3).n_init(2).seed(7), mixed_people())
        .registry(register)
        .refuses("n_clusters", KPrototypes::new(0))
        .refuses("n_clusters", KPrototypes::new(61))
        .refuses("gamma", KPrototypes::new(3).gamma(-1.0))
        .refuses("gamma", KPrototypes::new(3).gamma(f64::NAN))
        .refuses("n_init", KPrototypes::new(3).n_init(0))
        .refuses("max_iter", KPrototypes::new(3).max_iter(0))
        .refuses("init", KPrototypes::new(3).init(PrototypeInit::Rows(vec![1, 2])))
        .refuses("init", KPrototypes::new(3).init(PrototypeInit::Rows(vec![1, 2, 1_000_000])))
        .check();
}

#[test]
fn k_prototypes_of_numbers_and_of_categories_alone() {
    conformance::model(KPrototypes::new(3).n_init(2), people()).registry(register).check();
    let categories = mixed_people().x.into_blocks().split_off(1);
    let categories = Training::new(Features::new(60, categories).unwrap());
    let random = KPrototypes::new(3).n_init(2).init(PrototypeInit::Random);
    conformance::model(random, categories).registry(register).check();
}

#[test]
fn auto_k_prototypes() {
    let recipe = AutoKPrototypes::new(2, 4).n_init(2).seed(7);
    conformance::model(recipe.clone(), mixed_people())
        .registry(register)
        .many_rows(2_000)
        .refuses("min", AutoKPrototypes::new(1, 4))
        .refuses("min", AutoKPrototypes::new(61, 70))
        .refuses("max", AutoKPrototypes::new(4, 3))
        .refuses("gamma", recipe.clone().gamma(f64::INFINITY))
        .refuses("n_init", recipe.clone().n_init(0))
        .refuses("max_iter", recipe.clone().max_iter(0))
        .refuses("sample_size", recipe.sample_size(2))
        .check();
}
