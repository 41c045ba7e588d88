//! Reduction and selection: against scikit-learn (fixtures of `tests/golden/make_reduction.py`), what holds for any data, and what
//! is refused.

use crate::{Rows, category, matrix, names, texts, values};
use adflux_core::{
    Block, ClassTarget, Column, Context, Features, Fit, FitTransform, Target, Training, Transform, Values,
};
use adflux_preprocessing::{
    CorrelationThreshold, FittedPca, Normalizer, Pca, ScoreFunction, SelectKBest, SvdAlgorithm, SvdSolver,
    TruncatedSvd, VarianceThreshold,
};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, Axis, array, s};
use proptest::prelude::*;
use serde::Deserialize;
use sprs::CsMat;
use std::collections::BTreeMap;

fn dense(x: Array2<f64>) -> Features {
    let names: Vec<String> = (0..x.ncols()).map(|c| format!("x{c}")).collect();
    Features::from_dense(x, names).unwrap()
}

fn sparse(x: &Array2<f64>) -> Features {
    let columns: Vec<Column> = (0..x.ncols()).map(|c| Column::input(format!("x{c}"))).collect();
    let values = Values::Sparse(CsMat::csr_from_dense(x.view(), 0.0));
    Features::new(x.nrows(), vec![Block::new(columns, values).unwrap()]).unwrap()
}

fn fit_pca(recipe: &Pca, x: &Array2<f64>) -> (FittedPca, Array2<f64>) {
    let (fitted, z) = recipe.fit_transform(Training::new(dense(x.clone())), &Context::default()).unwrap();
    (fitted, values(&z))
}

/// Numbers that stay what they are in any order and on any machine.
fn wavy(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(r, c)| {
        ((r * 37 + c * 11) as f64 * 0.73).sin() * (c + 1) as f64 + (r % (c + 3)) as f64
    })
}

#[track_caller]
fn says<T>(result: adflux_core::Result<T>, expected: &str) {
    match result {
        Ok(_) => panic!("no error, where `{expected}` was expected"),
        Err(error) => assert!(error.to_string().contains(expected), "{error}"),
    }
}

/// Features for the conformance kit.
pub(crate) fn four_columns(rows: usize) -> Features {
    dense(wavy(rows, 4))
}

/// A dense block beside a sparse one.
pub(crate) fn dense_and_sparse(rows: usize) -> Features {
    let mut blocks = dense(wavy(rows, 2)).into_blocks();
    let x = wavy(rows, 6).mapv(|v| if v.abs() < 3.0 { 0.0 } else { v.abs() });
    let columns: Vec<Column> = (0..6).map(|c| Column::input(format!("term{c}"))).collect();
    blocks.push(Block::new(columns, Values::Sparse(CsMat::csr_from_dense(x.view(), 0.0))).unwrap());
    Features::new(rows, blocks).unwrap()
}

#[derive(Deserialize)]
struct PcaCase {
    name: String,
    x: Rows,
    n_components: Option<f64>,
    svd_solver: SvdSolver,
    whiten: bool,
    fitted_components: usize,
    compared: usize,
    mean: Vec<f64>,
    components: Rows,
    explained_variance: Vec<f64>,
    explained_variance_ratio: Vec<f64>,
    singular_values: Vec<f64>,
    noise_variance: f64,
    train: Rows,
    unseen: Rows,
    transformed: Rows,
    back: Rows,
}

#[test]
fn pca_is_that_of_scikit_learn() {
    for case in fixture::<Vec<PcaCase>>("reduction/pca.json") {
        println!("{} {:?} {:?}", case.name, case.n_components, case.svd_solver);
        let mut recipe = Pca::default().svd_solver(case.svd_solver).whiten(case.whiten);
        recipe.n_components = case.n_components.map(|n| if n < 1.0 { n.into() } else { (n as usize).into() });
        let x = matrix(&case.x);
        let (fitted, z) = fit_pca(&recipe, &x);
        let k = case.compared;
        // A covariance matrix holds a small variance beside a large one to fewer digits, in scikit-learn's as in this.
        let tolerance = match (case.name.as_str(), case.svd_solver) {
            ("steep", _) | ("offset", _) => 1e-7,
            (_, SvdSolver::Full) => 1e-10,
            _ => 1e-8,
        };
        assert_eq!(fitted.components().nrows(), case.fitted_components);
        assert_all_close(fitted.mean(), &case.mean, 1e-12);
        let components = fitted.components();
        assert_all_close(components.slice(s![..k, ..]), &matrix(&case.components), tolerance);
        assert_all_close(&fitted.explained_variance()[..k], &case.explained_variance, tolerance);
        assert_all_close(&fitted.explained_variance_ratio()[..k], &case.explained_variance_ratio, tolerance);
        assert_all_close(&fitted.singular_values()[..k], &case.singular_values, tolerance);
        // Of fewer rows than columns scikit-learn counts the directions without variance too, for one of its solvers.
        if (case.name.as_str(), case.svd_solver) != ("wide", SvdSolver::CovarianceEigh) {
            assert_close(fitted.noise_variance(), case.noise_variance, tolerance);
        }
        assert_all_close(z.slice(s![.., ..k]), &matrix(&case.train), tolerance);
        let unseen = fitted.transform(dense(matrix(&case.unseen))).unwrap();
        assert_all_close(values(&unseen).slice(s![.., ..k]), &matrix(&case.transformed), tolerance);
        if case.compared == case.fitted_components {
            let back = fitted.inverse_transform(unseen).unwrap();
            assert_all_close(&values(&back), &matrix(&case.back), tolerance);
        }
    }
}

#[derive(Deserialize)]
struct PcaRandomized {
    x: Rows,
    components: Rows,
    explained_variance: Vec<f64>,
    explained_variance_ratio: Vec<f64>,
    noise_variance: f64,
    train: Rows,
}

#[test]
fn randomized_pca_finds_what_that_of_scikit_learn_finds_from_any_seed() {
    let golden: PcaRandomized = fixture("reduction/pca_randomized.json");
    let x = matrix(&golden.x);
    for seed in 0..20 {
        for normalizer in [Normalizer::Auto, Normalizer::Qr, Normalizer::None] {
            let recipe = Pca::new(4).svd_solver(SvdSolver::Randomized).power_iteration_normalizer(normalizer);
            let (fitted, z) = fit_pca(&recipe.whiten(true).seed(seed), &x);
            assert_all_close(fitted.components(), &matrix(&golden.components), 1e-5);
            assert_all_close(fitted.explained_variance(), &golden.explained_variance, 1e-9);
            assert_all_close(fitted.explained_variance_ratio(), &golden.explained_variance_ratio, 1e-9);
            assert_close(fitted.noise_variance(), golden.noise_variance, 1e-9);
            assert_all_close(z.slice(s![..10, ..]), &matrix(&golden.train), 1e-5);
        }
    }
}

#[derive(Deserialize)]
struct SvdCase {
    name: String,
    algorithm: String,
    x: Rows,
    components: Rows,
    singular_values: Vec<f64>,
    explained_variance: Vec<f64>,
    explained_variance_ratio: Vec<f64>,
    transformed: Rows,
}

#[test]
fn truncated_svd_is_that_of_scikit_learn_on_sparse_and_dense_columns() {
    for case in fixture::<Vec<SvdCase>>("reduction/truncated_svd.json") {
        let x = matrix(&case.x);
        let algorithm = if case.algorithm == "arpack" { SvdAlgorithm::Exact } else { SvdAlgorithm::Randomized };
        for (seed, features) in [(0, dense(x.clone())), (1, sparse(&x)), (2, sparse(&x))] {
            println!("{} {} {seed}", case.name, case.algorithm);
            let recipe = TruncatedSvd::new(3).algorithm(algorithm).n_iter(10).seed(seed);
            let (fitted, z) = recipe.fit_transform(Training::new(features), &Context::default()).unwrap();
            assert_all_close(fitted.components(), &matrix(&case.components), 1e-6);
            assert_all_close(fitted.singular_values(), &case.singular_values, 1e-9);
            assert_all_close(fitted.explained_variance(), &case.explained_variance, 1e-6);
            assert_all_close(fitted.explained_variance_ratio(), &case.explained_variance_ratio, 1e-6);
            assert_all_close(values(&z).slice(s![..10, ..]), &matrix(&case.transformed), 1e-6);
            assert_eq!(names(&z), ["truncatedsvd0", "truncatedsvd1", "truncatedsvd2"]);
        }
    }
}

#[derive(Deserialize)]
struct KBest {
    x: Rows,
    classes: Vec<String>,
    target: Vec<f64>,
    cases: Vec<KBestCase>,
}

#[derive(Deserialize)]
struct KBestCase {
    score_func: ScoreFunction,
    sparse: bool,
    scores: Vec<Option<f64>>,
    p_values: Vec<Option<f64>>,
    best: BTreeMap<usize, Vec<usize>>,
    share: BTreeMap<usize, Vec<usize>>,
}

fn places(kept: &[&str]) -> Vec<usize> {
    kept.iter().map(|name| name[1..].parse().unwrap()).collect()
}

#[test]
fn select_k_best_is_that_of_scikit_learn() {
    let golden: KBest = fixture("reduction/select_k_best.json");
    let x = matrix(&golden.x);
    for case in golden.cases {
        let target = match case.score_func {
            ScoreFunction::FRegression => Target::Values(Array1::from(golden.target.clone())),
            _ => Target::Classes(ClassTarget::from_labels(&golden.classes)),
        };
        let features = if case.sparse { sparse(&x) } else { dense(x.clone()) };
        let data = Training::new(features.clone()).with_target(target);
        let recipe = SelectKBest::new(3).score_func(case.score_func);
        let fitted = recipe.fit(data.clone()).unwrap();
        for i in 0..8 {
            let or_nan = |v: Option<f64>| v.unwrap_or(f64::NAN);
            println!("{:?} {} {i}", case.score_func, case.sparse);
            // scikit-learn takes differences of sums of squares, which leave 1e-12 of these.
            assert_close(fitted.scores()[i], or_nan(case.scores[i]), 1e-10);
            assert_close(fitted.p_values()[i], or_nan(case.p_values[i]), 1e-10);
        }
        for (k, kept) in &case.best {
            let fitted = recipe.clone().k(*k).fit(data.clone()).unwrap();
            assert_eq!(places(&names(&fitted.transform(features.clone()).unwrap())), *kept, "{k}");
        }
        for (percent, kept) in &case.share {
            let fitted = recipe.clone().share(*percent as f64 / 100.0).fit(data.clone()).unwrap();
            let output = fitted.transform(features.clone()).unwrap();
            assert_eq!(places(&names(&output)), *kept, "{percent} %");
            assert_eq!(values(&output), x.select(Axis(1), kept));
        }
    }
}

#[derive(Deserialize)]
struct Variances {
    x: Rows,
    cases: Vec<VarianceCase>,
}

#[derive(Deserialize)]
struct VarianceCase {
    threshold: f64,
    sparse: bool,
    variances: Vec<f64>,
    kept: Vec<usize>,
}

#[test]
fn variance_threshold_is_that_of_scikit_learn() {
    let golden: Variances = fixture("reduction/variance_threshold.json");
    let x = matrix(&golden.x);
    for case in golden.cases {
        let features =
            if case.sparse { sparse(&x.mapv(|v| if v.is_nan() { 0.0 } else { v })) } else { dense(x.clone()) };
        let fitted = VarianceThreshold::new(case.threshold).fit(Training::new(features.clone())).unwrap();
        assert_all_close(fitted.variances(), &case.variances, 1e-12);
        assert_eq!(places(&names(&fitted.transform(features).unwrap())), case.kept);
    }
}

#[test]
fn a_column_that_is_the_target_itself_has_the_highest_score() {
    let x = wavy(40, 3);
    let data = Training::new(dense(x.clone())).with_target(Target::Values(&x.column(1) * -0.1));
    let fitted = SelectKBest::new(1).score_func(ScoreFunction::FRegression).fit(data).unwrap();
    assert!(fitted.scores()[1] > 1e15 && fitted.p_values()[1] < 1e-200);
    assert_eq!(fitted.kept().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["x1"]);
}

#[test]
fn constant_columns_and_constant_targets_have_no_score() {
    // 0.1 has no exact mean: what rounding makes of it must not count.
    let mut x = wavy(30, 2);
    x.column_mut(1).fill(0.1);
    let labels: Vec<&str> = (0..30).map(|r| if r % 3 == 0 { "a" } else { "b" }).collect();
    for features in [dense(x.clone()), sparse(&x)] {
        let data = Training::new(features);
        let classes = data.clone().with_target(Target::Classes(ClassTarget::from_labels(&labels)));
        let fitted = SelectKBest::new(1).fit(classes).unwrap();
        assert!(fitted.scores()[1].is_nan() && fitted.p_values()[1].is_nan() && fitted.scores()[0] > 0.0);
        let regression = SelectKBest::new(1).score_func(ScoreFunction::FRegression);
        let numbers = data.clone().with_target(Target::Values(x.column(0).mapv(f64::sin)));
        assert_eq!(regression.fit(numbers).unwrap().scores()[1], 0.0);
        let constant = regression.fit(data.with_target(Target::Values(Array1::from_elem(30, 0.1)))).unwrap();
        assert_eq!((constant.scores(), constant.p_values()), (&[0.0, 0.0][..], &[1.0, 1.0][..]));
    }
}

#[test]
fn of_correlated_columns_the_later_or_the_less_related_goes() {
    let base = wavy(200, 1).column(0).to_owned();
    let noise = |seed: usize, size: f64| Array1::from_shape_fn(200, |r| ((r * seed) as f64 * 1.7).cos() * size);
    // b goes with a, c against a; d is its own, e is constant.
    let columns =
        [base.clone(), &base + &noise(3, 0.05), &base * -2.0 + noise(7, 0.1), noise(5, 1.0), Array1::ones(200)];
    let x = ndarray::stack(Axis(1), &columns.each_ref().map(|c| c.view())).unwrap();
    let said = |fitted: &adflux_preprocessing::FittedCorrelationThreshold| -> Vec<String> {
        fitted
            .dropped()
            .iter()
            .map(|d| format!("{}-{}{}", d.column, d.kept, if d.correlation < 0.0 { "!" } else { "" }))
            .collect()
    };
    let recipe = CorrelationThreshold::default();
    let alone = recipe.fit(Training::new(dense(x.clone()))).unwrap();
    assert_eq!(said(&alone), ["x1-x0", "x2-x0!"]);
    assert_eq!(names(&alone.transform(dense(x.clone())).unwrap()), ["x0", "x3", "x4"]);
    let target = Target::Values(&columns[1] * 3.0 + noise(3, 0.01));
    let targeted = recipe.fit(Training::new(dense(x.clone())).with_target(target)).unwrap();
    assert_eq!(said(&targeted), ["x0-x1", "x2-x1!"]);
    let labels: Vec<&str> = columns[2].iter().map(|v| if *v > -3.0 { "high" } else { "low" }).collect();
    let classes = Target::Classes(ClassTarget::from_labels(&labels));
    let classed = recipe.fit(Training::new(dense(x.clone())).with_target(classes)).unwrap();
    assert!(classed.dropped().len() == 2 && names(&classed.transform(dense(x.clone())).unwrap()).len() == 3);
    // Sparse, and dense beside sparse: the same pairs.
    assert_eq!(said(&recipe.fit(Training::new(sparse(&x))).unwrap()), ["x1-x0", "x2-x0!"]);
    let mut blocks = dense(x.slice(s![.., ..1]).to_owned()).into_blocks();
    let rest: Vec<Column> = (1..5).map(|c| Column::input(format!("x{c}"))).collect();
    let tail = Values::Sparse(CsMat::csr_from_dense(x.slice(s![.., 1..]), 0.0));
    blocks.push(Block::new(rest, tail).unwrap());
    let mixed = recipe.fit(Training::new(Features::new(200, blocks).unwrap())).unwrap();
    assert_eq!(said(&mixed), ["x1-x0", "x2-x0!"]);
    assert_close(mixed.dropped()[0].correlation, alone.dropped()[0].correlation, 1e-12);
}

#[test]
fn small_variances_beside_large_ones_are_exact_with_the_full_solver() {
    // Standard deviations from 1 to 1e-9: a covariance matrix holds the last of them to no digit.
    let x =
        Array2::from_shape_fn((400, 4), |(r, c)| ((r * (c + 2) * 7) as f64 * 0.61).sin() * 10f64.powi(-3 * c as i32));
    let (full, _) = fit_pca(&Pca::default().svd_solver(SvdSolver::Full), &x);
    for (c, variance) in full.explained_variance().iter().enumerate() {
        let exact = x.column(c).var(1.0);
        assert!((variance / exact - 1.0).abs() < 0.02, "{c}: {variance} for {exact}");
    }
    let (covariance, _) = fit_pca(&Pca::default().svd_solver(SvdSolver::CovarianceEigh), &x);
    assert_close(covariance.explained_variance()[1], full.explained_variance()[1], 1e-12);
    // Far from 0 both hold what the numbers hold.
    let far = x.mapv(|v| v + 1e7);
    for solver in [SvdSolver::Full, SvdSolver::CovarianceEigh] {
        let (far, _) = fit_pca(&Pca::new(2).svd_solver(solver), &far);
        assert!((far.explained_variance()[1] / full.explained_variance()[1] - 1.0).abs() < 1e-3);
    }
}

#[test]
fn a_share_of_the_variance_decides_the_number_of_components() {
    let x = wavy(80, 6);
    let all = fit_pca(&Pca::default(), &x).0;
    for share in [0.3, 0.9, 0.999_999] {
        let some = fit_pca(&Pca::new(share), &x).0;
        let (k, ratios) = (some.components().nrows(), all.explained_variance_ratio());
        assert!(ratios[..k].iter().sum::<f64>() > share && ratios[..k - 1].iter().sum::<f64>() <= share);
    }
}

#[test]
fn components_name_every_input_column_once() {
    let columns = vec![
        Column { name: "p=a".into(), sources: vec!["p".into()] },
        Column { name: "p=b".into(), sources: vec!["p".into()] },
    ];
    let x = wavy(20, 3);
    let first = Block::new(columns, Values::Dense(x.slice(s![.., ..2]).to_owned())).unwrap();
    let second = Block::new(vec![Column::input("q")], Values::Dense(x.slice(s![.., 2..]).to_owned())).unwrap();
    let x = Features::new(20, vec![first, second]).unwrap();
    let z = Pca::new(2).prefix("shape").fit_transform(Training::new(x), &Context::default()).unwrap().1;
    assert_eq!(names(&z), ["shape0", "shape1"]);
    assert!(z.columns().all(|c| c.sources == ["p", "q"]));
}

#[test]
fn a_whitened_component_without_variance_is_zero() {
    let x = ndarray::concatenate![Axis(1), wavy(50, 2), wavy(50, 2)];
    for solver in [SvdSolver::Full, SvdSolver::CovarianceEigh] {
        let z = fit_pca(&Pca::default().whiten(true).svd_solver(solver), &x).1;
        assert!(z.slice(s![.., 2..]).iter().all(|v| *v == 0.0));
        for column in z.slice(s![.., ..2]).columns() {
            assert_close(column.var(1.0), 1.0, 1e-9);
        }
    }
}

#[test]
fn what_cannot_be_reduced_is_refused_by_name() {
    let fit = |recipe: Pca, x: Array2<f64>| recipe.fit(Training::new(dense(x)));
    says(fit(Pca::new(4), wavy(30, 3)), "`n_components` = 4: `pca` was given 30 rows of 3 columns");
    says(fit(Pca::new(4), wavy(3, 30)), "give more rows");
    says(fit(Pca::new(1.5), wavy(30, 3)), "a share of the variance lies between 0 and 1");
    says(fit(Pca::new(0.5).svd_solver(SvdSolver::Randomized), wavy(30, 3)), "parameter `svd_solver`");
    says(fit(Pca::default(), wavy(1, 3)), "needs two rows at least");
    says(fit(Pca::default(), Array2::ones((9, 2))), "each of 2 columns (`x0`, …) is constant");
    says(fit(Pca::default(), array![[1.0], [f64::NAN]]), "column `x0`, row 2: a missing value");
    says(fit(Pca::default(), wavy(9, 2) * 1e300), "scale the columns first");
    let words = || Training::new(texts("title", &["java", "sql"]));
    says(Pca::default().fit(words()), "`pca` does not take text features (column `title`)");
    says(TruncatedSvd::default().fit(words()), "put a tfidf-vectorizer before it");
    says(Pca::default().fit(Training::new(sparse(&wavy(9, 2)))), "put a truncated-svd before it");
    let one = Features::new(2, vec![category("city", &[Some("a"), Some("b")])]).unwrap();
    says(TruncatedSvd::default().fit(Training::new(one.clone())), "put a one-hot-encoder before it");
    says(TruncatedSvd::new(3).fit(Training::new(sparse(&wavy(9, 2)))), "have at most 2 components");
    says(VarianceThreshold::default().fit(Training::new(one.clone())), "column `city`");
    says(CorrelationThreshold::default().fit(Training::new(one)), "column `city`");
}

#[test]
fn what_cannot_be_selected_from_is_refused_by_name() {
    let x = || Training::new(dense(wavy(6, 2)));
    let classes = |labels: &[&str]| x().with_target(Target::Classes(ClassTarget::from_labels(labels)));
    says(SelectKBest::default().fit(x()), "needs a target of classes");
    let numbers = x().with_target(Target::Values(ndarray::Array1::linspace(0.0, 1.0, 6)));
    says(SelectKBest::default().fit(numbers), "set score_func = \"f_regression\"");
    says(SelectKBest::default().fit(classes(&["a"; 6])), "every row is of the class `a`");
    let regression = SelectKBest::default().score_func(ScoreFunction::FRegression);
    says(regression.fit(classes(&["a", "b", "a", "b", "a", "b"])), "needs a numeric target");
    let chi2 = SelectKBest::default().score_func(ScoreFunction::Chi2);
    let mut below = wavy(6, 2).mapv(f64::abs);
    below[[3, 1]] = -2.0;
    let data = classes(&["a", "b", "a", "b", "a", "b"]).replace(dense(below));
    says(chi2.fit(data.clone().with_target(data.target.clone().unwrap())), "column `x1`, row 4: -2");
    says(VarianceThreshold::new(1e9).fit(x()), "none of 2 has a variance above 1000000000.0");
    says(VarianceThreshold::default().fit(Training::new(dense(Array2::ones((4, 2))))), "leaves no column");
    says(CorrelationThreshold::new(1.5).fit(x()), "parameter `threshold` = 1.5");
}

fn many_columns() -> impl Strategy<Value = Array2<f64>> {
    (2..30_usize, 1..8_usize).prop_flat_map(|(rows, columns)| {
        prop::collection::vec(-1e3..1e3_f64, rows * columns)
            .prop_map(move |values| Array2::from_shape_vec((rows, columns), values).unwrap())
    })
}

fn close(a: &Array2<f64>, b: &Array2<f64>, tolerance: f64) -> bool {
    a.dim() == b.dim() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn components_are_orthonormal_and_all_of_them_lose_nothing(x in many_columns(), whiten in any::<bool>()) {
        for solver in [SvdSolver::Full, SvdSolver::CovarianceEigh] {
            let (fitted, z) = fit_pca(&Pca::default().svd_solver(solver).whiten(whiten), &x);
            let components = fitted.components().to_owned();
            let k = components.nrows();
            prop_assert!(close(&components.dot(&components.t()), &Array2::eye(k), 1e-10));
            prop_assert!(fitted.explained_variance().is_sorted_by(|a, b| a >= b));
            let names: Vec<String> = (0..k).map(|i| format!("pca{i}")).collect();
            let back = fitted.inverse_transform(Features::from_dense(z, names).unwrap()).unwrap();
            prop_assert!(close(&values(&back), &x, 1e-8));
        }
    }

    #[test]
    fn rows_in_another_order_give_the_same_components(x in many_columns(), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..x.nrows()).collect();
        order.sort_by_key(|i| (*i as u64 + 1).wrapping_mul(seed | 1));
        let recipe = Pca::new(1).svd_solver(SvdSolver::Full);
        let (fitted, z) = fit_pca(&recipe, &x);
        // Two directions of the same variance are any two of their plane.
        let all = fit_pca(&Pca::default().svd_solver(SvdSolver::Full), &x).0;
        let gap = all.explained_variance().get(1).map_or(0.0, |v| v / all.explained_variance()[0]);
        prop_assume!(gap < 0.99);
        let shuffled = fit_pca(&recipe, &x.select(Axis(0), &order)).1;
        let largest = fitted.components().iter().fold(0.0_f64, |a, v| a.max(v.abs()));
        let ties = fitted.components().iter().filter(|v| v.abs() > largest * (1.0 - 1e-9)).count();
        prop_assume!(ties == 1);
        prop_assert!(close(&shuffled, &z.select(Axis(0), &order), 1e-6));
    }

    #[test]
    fn a_truncated_svd_of_sparse_columns_is_that_of_the_dense(x in many_columns()) {
        let x = x.mapv(|v| if v.abs() < 500.0 { 0.0 } else { v });
        prop_assume!(x.iter().any(|v| *v != 0.0));
        let recipe = TruncatedSvd::new(1);
        let fit = |x: Features| recipe.fit_transform(Training::new(x), &Context::default()).unwrap();
        let ((a, za), (b, zb)) = (fit(dense(x.clone())), fit(sparse(&x)));
        assert_close(a.singular_values()[0], b.singular_values()[0], 1e-9);
        prop_assert!(close(&values(&za), &values(&zb), 1e-6 * a.singular_values()[0]));
    }

    #[test]
    fn dropping_nothing_changes_nothing(x in many_columns()) {
        let data = Training::new(dense(x.clone())).with_target(Target::Values(x.column(0).to_owned()));
        let best = SelectKBest::new(100).score_func(ScoreFunction::FRegression);
        prop_assert_eq!(values(&best.fit_transform(data.clone(), &Context::default()).unwrap().1), x.clone());
        let apart = CorrelationThreshold::new(1.0).fit_transform(data.clone(), &Context::default()).unwrap();
        prop_assert_eq!(values(&apart.1).ncols() + apart.0.dropped().len(), x.ncols());
        let varied = VarianceThreshold::default().fit_transform(data, &Context::default()).unwrap().1;
        prop_assert_eq!(values(&varied), x);
    }

    #[test]
    fn no_two_kept_columns_are_correlated(x in many_columns(), threshold in 0.1..0.9_f64) {
        let kept = CorrelationThreshold::new(threshold).fit_transform(Training::new(dense(x)), &Context::default());
        let kept = values(&kept.unwrap().1);
        for i in 0..kept.ncols() {
            for j in 0..i {
                let (a, b) = (kept.column(i), kept.column(j));
                let (a, b) = (&a - a.mean().unwrap(), &b - b.mean().unwrap());
                prop_assert!((a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt()).abs() <= threshold + 1e-9);
            }
        }
    }
}
