//! k-means against scikit-learn, what always holds, and what must be refused.

use crate::hierarchical::assert_same_parts;
use adflux_clustering::{Init, KMeans, KMeansAlgorithm, KMeansModel};
use adflux_core::{
    AnyModel, AnyModelRecipe, CancelToken, Context, DynComponent as _, Features, Fit, Predict, Recipe as _, Registry,
    Result, Training,
};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;
use serde::Deserialize;

fn table(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn training(x: &Array2<f64>, weights: Option<&[f64]>) -> Training<Features> {
    let names = (0..x.ncols()).map(|i| format!("c{i}"));
    let data = Training::new(Features::from_dense(x.clone(), names).unwrap());
    match weights {
        Some(weights) => data.with_weights(Array1::from(weights.to_vec())),
        None => data,
    }
}

#[derive(Deserialize)]
struct Case {
    name: String,
    x: Vec<Vec<f64>>,
    weights: Option<Vec<f64>>,
    init: Vec<Vec<f64>>,
    max_iter: usize,
    tol: f64,
    centers: Vec<Vec<f64>>,
    labels: Vec<u32>,
    inertia: f64,
    n_iter: usize,
}

#[test]
fn from_the_same_centers_it_ends_where_scikit_learn_does() {
    for case in fixture::<Vec<Case>>("clustering/lloyd.json") {
        let (x, centers) = (table(&case.x), table(&case.centers));
        let recipe = KMeans::new(0).centers(table(&case.init).view()).max_iter(case.max_iter).tol(case.tol);
        let model = recipe.fit(training(&x, case.weights.as_deref())).unwrap();
        assert_eq!(model.n_iter(), case.n_iter, "{}", case.name);
        assert_close(model.inertia(), case.inertia, 1e-8);
        // Segments are numbered by weight here, and as the start was there.
        let segments = model.assign(&x.view()).unwrap();
        assert_same_parts(&segments, &case.labels, &case.name);
        let labels = model.labels();
        let weight = |row: usize| case.weights.as_ref().map_or(1.0, |w| w[row]);
        assert!((0..x.nrows()).all(|row| labels[row] == Some(segments[row]).filter(|_| weight(row) > 0.0)));
        let mut theirs = vec![None; centers.nrows()];
        segments.iter().zip(&case.labels).for_each(|(segment, label)| theirs[*segment as usize] = Some(*label));
        for (segment, label) in theirs.iter().enumerate().filter_map(|(s, label)| Some((s, (*label)? as usize))) {
            assert_all_close(model.centers().row(segment), centers.row(label), 1e-8);
        }
        assert!(model.weights().is_sorted_by(|a, b| a >= b), "{}: {:?}", case.name, model.weights());
    }
}

#[derive(Deserialize)]
struct Starts {
    x: Vec<Vec<f64>>,
    n_clusters: usize,
    k_means_plus_plus: Vec<f64>,
    random: Vec<f64>,
}

#[test]
fn starts_are_as_good_as_scikit_learns_over_20_seeds() {
    let starts: Starts = fixture("clustering/starts.json");
    let x = table(&starts.x);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    for (init, theirs) in [(Init::KMeansPlusPlus, starts.k_means_plus_plus), (Init::Random, starts.random)] {
        let recipe = KMeans::new(starts.n_clusters).init(init).n_init(1);
        let ours: Vec<f64> =
            (0..20).map(|seed| recipe.clone().seed(seed).fit(training(&x, None)).unwrap().inertia()).collect();
        let variance = theirs.iter().map(|i| (i - mean(&theirs)).powi(2)).sum::<f64>() / 19.0;
        // Two standard errors of the difference of two means of 20.
        let most = mean(&theirs) + 2.0 * (2.0 * variance / 20.0).sqrt();
        assert!(mean(&ours) <= most, "{} > {most}, scikit-learn {}", mean(&ours), mean(&theirs));
    }
}

/// Rows in a few heaps, a little apart.
fn heaps(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        ((row * 7919 + column * 104_729) % 1009) as f64 / 250.0 + ((row % 5 * (column + 3)) % 7) as f64
    })
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    // More rows than a piece of work takes.
    let x = heaps(5_000, 3);
    let fit = |threads| {
        let context = Context::default().with_threads(threads).unwrap();
        KMeans::new(9).seed(3).n_init(2).fit_with(training(&x, None), &context).unwrap()
    };
    let (one, two) = (fit(1), fit(2));
    let bits = |model: &KMeansModel| model.centers().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&one), bits(&two));
    assert_eq!(one.inertia().to_bits(), two.inertia().to_bits());
}

#[test]
fn more_starts_are_never_worse_and_seeds_differ() {
    let x = heaps(300, 2);
    let inertia = |n_init, seed| KMeans::new(7).n_init(n_init).seed(seed).fit(training(&x, None)).unwrap().inertia();
    assert!(inertia(8, 1) <= inertia(1, 1));
    let seeds: std::collections::HashSet<u64> = (0..10).map(|seed| inertia(1, seed).to_bits()).collect();
    assert!(seeds.len() > 1);
}

#[test]
fn rows_without_weight_change_nothing() {
    let mut x = heaps(60, 2);
    let without = KMeans::new(3).fit(training(&x.select(Axis(0), &(0..50).collect::<Vec<_>>()), None)).unwrap();
    x.slice_mut(ndarray::s![50.., ..]).mapv_inplace(|v| v * 100.0);
    let start = without.centers() + 0.1;
    let weights: Vec<f64> = (0..60).map(|row| f64::from(u8::from(row < 50))).collect();
    let model = KMeans::new(3).centers(start.view()).fit(training(&x, Some(&weights))).unwrap();
    let of_50 = |recipe: KMeans| recipe.fit(training(&x.slice(ndarray::s![..50, ..]).to_owned(), None)).unwrap();
    let without = of_50(KMeans::new(3).centers(start.view()));
    assert_eq!((model.centers(), model.counts()), (without.centers(), without.counts()));
    assert_eq!((model.weights(), model.n_iter()), (without.weights(), without.n_iter()));
    assert_eq!(model.inertia().to_bits(), without.inertia().to_bits());
    let labels = model.labels();
    assert!(labels[..50] == without.labels() && labels[50..].iter().all(Option::is_none));
    // Drawn starts never lie on them either.
    for init in [Init::Random, Init::KMeansPlusPlus] {
        let model = KMeans::new(3).init(init).max_iter(1).fit(training(&x, Some(&weights))).unwrap();
        assert!(model.centers().iter().all(|v| *v < 20.0), "{}", model.centers());
    }
}

#[test]
fn distances_and_strength_say_how_firmly_a_row_belongs() {
    let x = array![[0.0, 0.0], [0.0, 2.0], [0.0, 1.0], [10.0, 0.0], [10.0, 2.0]];
    let model = KMeans::new(2).fit(training(&x, None)).unwrap();
    assert_eq!(model.centers(), array![[0.0, 1.0], [10.0, 1.0]]);
    assert_eq!((model.counts(), model.converged()), (&[3, 2][..], true));
    assert_close(model.inertia(), 4.0, 1e-12);
    let new = array![[0.0, 1.0], [5.0, 1.0], [2.0, 1.0]];
    assert_all_close(&model.transform(&new.view()).unwrap(), &array![[0.0, 10.0], [5.0, 5.0], [2.0, 8.0]], 1e-12);
    let segments = model.predict(&training(&new, None).x).unwrap();
    assert_eq!(segments.ids, [Some(0), Some(0), Some(0)], "the lower number of equals");
    assert_all_close(&segments.strength, &[1.0, 0.0, 0.75], 1e-12);
    let single = KMeans::new(1).fit(training(&x, None)).unwrap().predict(&training(&new, None).x).unwrap();
    assert_eq!(single.strength, array![1.0, 1.0, 1.0]);
}

#[test]
fn small_and_flat_data() {
    let one = KMeans::new(1).fit(training(&array![[3.0, -1.0]], None)).unwrap();
    assert_eq!((one.centers(), one.inertia()), (&array![[3.0, -1.0]], 0.0));
    let same = KMeans::new(1).fit(training(&Array2::from_elem((9, 2), 0.1), None)).unwrap();
    assert_close(same.inertia(), 0.0, 1e-30);
    // As many segments as distinct rows.
    let x = array![[1.0], [1.0], [2.0], [5.0], [5.0], [5.0]];
    for init in [Init::Random, Init::KMeansPlusPlus] {
        let model = KMeans::new(3).init(init).fit(training(&x, None)).unwrap();
        assert_eq!((model.centers(), model.counts()), (&array![[5.0], [1.0], [2.0]], &[3, 2, 1][..]));
        assert_close(model.inertia(), 0.0, 1e-30);
    }
    // Distinct rows whose squared distance is too small for a number.
    let near = KMeans::new(2).fit(training(&array![[0.0], [1e-200], [1e-200]], None)).unwrap();
    assert_eq!((near.counts(), near.centers()), (&[2, 1][..], &array![[1e-200], [0.0]]));
    // A column that does not vary.
    let flat = KMeans::new(2).fit(training(&array![[0.0, 7.0], [1.0, 7.0], [9.0, 7.0]], None)).unwrap();
    assert_eq!(flat.centers(), array![[0.5, 7.0], [9.0, 7.0]]);
}

#[test]
fn what_cannot_be_segmented_is_refused_by_name() {
    let says = |recipe: KMeans, x: &Array2<f64>, weights: Option<&[f64]>| {
        recipe.fit(training(x, weights)).unwrap_err().to_string()
    };
    let x = array![[1.0, 2.0], [1.0, 2.0], [3.0, 4.0]];
    let few = "parameter `n_clusters` = 3: there are only 2 distinct rows: ask for at most as many segments";
    assert_eq!(says(KMeans::new(3), &x, None), few);
    assert_eq!(says(KMeans::new(3).centers(array![[0.0, 0.0], [1.0, 1.0], [9.0, 9.0]].view()), &x, None), few);
    assert!(says(KMeans::new(2), &x, Some(&[1.0, 1.0, 0.0])).contains("only 1 distinct rows"));
    assert!(says(KMeans::new(2), &array![[0.0], [-0.0]], None).contains("only 1 distinct rows"));
    assert!(says(KMeans::new(0), &x, None).contains("`n_clusters` = 0"));
    assert!(says(KMeans::new(1).max_iter(0), &x, None).contains("`max_iter`"));
    assert!(says(KMeans::new(1).n_init(0), &x, None).contains("`n_init`"));
    assert!(says(KMeans::new(1).n_init(1 << 40), &x, None).contains("`n_init` = 1099511627776: must be at most 10000"));
    assert!(says(KMeans::new(1).max_iter(usize::MAX), &x, None).contains("`max_iter`"));
    assert!(says(KMeans::new(1).tol(-1.0), &x, None).contains("`tol`"));
    assert!(says(KMeans::new(1), &x, Some(&[0.0; 3])).contains("all are zero"));
    assert!(says(KMeans::new(2), &array![[1e200], [-1e200]], None).contains("too large"));
    assert!(says(KMeans::new(1), &Array2::zeros((0, 2)), None).contains("no rows"));
    assert!(says(KMeans::new(1), &Array2::zeros((2, 0)), None).contains("no columns"));
    assert!(says(KMeans::new(1), &array![[1.0, 0.0], [0.0, f64::NAN]], None).starts_with("column `c1`, row 2"));
    let wrong = KMeans::new(2).init(Init::Centers(vec![vec![1.0, 2.0]]));
    assert_eq!(says(wrong, &x, None), "parameter `init` = 1 centers: n_clusters is 2: give as many centers");
    let wrong = KMeans::new(2).init(Init::Centers(vec![vec![1.0, 2.0], vec![1.0]]));
    assert!(says(wrong, &x, None).contains("center 2 is not 2 finite numbers"));

    let model = KMeans::new(2).fit(training(&x, None)).unwrap();
    let narrow = training(&array![[1.0]], None).x;
    assert_eq!(model.predict(&narrow).unwrap_err().to_string(), "`k-means` was fitted on 2 columns and is given 1");
    assert!(model.predict(&training(&array![[1.0, f64::NAN]], None).x).is_err());
}

#[test]
fn the_score_is_minus_the_inertia() {
    let x = heaps(200, 3);
    let weights: Vec<f64> = (0..200).map(|row| (row % 4) as f64).collect();
    let model = KMeans::new(4).fit(training(&x, Some(&weights))).unwrap();
    let weights = Array1::from(weights);
    assert_close(model.score(&x.view(), Some(weights.view())).unwrap(), -model.inertia(), 1e-9 * model.inertia());
    assert_close(model.score(&model.centers().view(), None).unwrap(), 0.0, 0.0);
    let few = Array1::ones(3);
    let said = model.score(&x.view(), Some(few.view())).unwrap_err().to_string();
    assert_eq!(said, "`k-means` is given 3 weights for 200 rows");
}

#[test]
fn cancelling_stops_it() {
    let token = CancelToken::default();
    token.cancel();
    let context = Context::default().with_cancel(token);
    let stopped: Result<_> = KMeans::new(2).fit_with(training(&heaps(50, 2), None), &context);
    assert!(matches!(stopped, Err(adflux_core::Error::Cancelled)));
}

#[test]
fn it_goes_through_the_registry_and_a_saved_file() {
    let mut registry = Registry::new();
    adflux_clustering::register(&mut registry).unwrap();
    let x = training(&heaps(40, 2), None);
    let recipes = [
        KMeans::new(3).seed(9),
        KMeans::new(2).n_init(3).init(Init::Random),
        KMeans::new(2).centers(array![[0.0, 0.0], [4.0, 4.0]].view()),
    ];
    for recipe in recipes {
        let spec = recipe.spec().unwrap();
        let written = written_and_read(&spec);
        assert_eq!(KMeans::from_spec(&written, &registry).unwrap(), recipe);
        let model = registry.build::<AnyModelRecipe>(&written).unwrap().fit(x.clone()).unwrap();
        let loaded = registry.load::<AnyModel>(&model.save().unwrap()).unwrap();
        assert_eq!(loaded.predict(&x.x).unwrap(), model.predict(&x.x).unwrap());
        let model = recipe.fit(x.clone()).unwrap();
        assert_eq!(model.labels(), model.predict(&x.x).unwrap().ids);
        let loaded: KMeansModel = model.save().unwrap().load(&registry).unwrap();
        assert_eq!(loaded.labels(), model.labels());
    }
    let misspelt = r#"{ "kind": "k-means", "params": { "clusters": 3 } }"#;
    let error = registry.build::<AnyModelRecipe>(&serde_json::from_str(misspelt).unwrap()).unwrap_err().to_string();
    assert!(error.contains("clusters"), "{error}");
}

fn written_and_read(spec: &adflux_core::Spec) -> adflux_core::Spec {
    serde_json::from_str(&serde_json::to_string(spec).unwrap()).unwrap()
}

prop_compose! {
    /// Rows on a coarse grid, so that ties and duplicates occur, and centers of which some are nobody's nearest.
    fn problem()(columns in 1usize..4)(
        rows in prop::collection::vec(prop::collection::vec((-20i8..20).prop_map(|v| f64::from(v) / 4.0), columns), 6..60),
        centers in prop::collection::vec(prop::collection::vec((-8i8..8).prop_map(f64::from), columns), 1..5),
    ) -> (Array2<f64>, Array2<f64>) {
        (table(&rows), table(&centers))
    }
}

prop_compose! {
    /// The same off the grid, so that no row lies half-way between two centers, started from rows.
    fn problem_without_ties()((mut x, _) in problem(), k in 1usize..5) -> (Array2<f64>, Array2<f64>) {
        x.indexed_iter_mut().for_each(|((row, column), v)| *v += ((row * 5 + column * 3 + 1) as f64).sin() / 50.0);
        let centers = x.slice(ndarray::s![..k, ..]).to_owned();
        (x, centers)
    }
}

proptest! {
    #[test]
    fn inertia_rises_only_where_an_empty_segment_is_filled((x, centers) in problem()) {
        let fit = |max_iter| KMeans::new(0).centers(centers.view()).max_iter(max_iter).tol(0.0).fit(training(&x, None));
        prop_assume!(fit(1).is_ok());
        let mut last: Option<KMeansModel> = None;
        for max_iter in 1..8 {
            let model = fit(max_iter).unwrap();
            if let Some(last) = &last {
                // The iteration starts from the centers of the last: one of them may be nobody's.
                let filled = last.counts().contains(&0);
                let room = last.inertia() * 1e-12 + 1e-12;
                prop_assert!(filled || model.inertia() <= last.inertia() + room, "{} {}", model.inertia(), last.inertia());
            }
            last = Some(model);
        }
    }

    // From rows, which are all somebody's.
    #[test]
    fn inertia_never_rises((x, centers) in problem_without_ties()) {
        let fit = |max_iter| KMeans::new(0).centers(centers.view()).max_iter(max_iter).fit(training(&x, None));
        // Too few distinct rows is the one thing that can be wrong here.
        prop_assume!(fit(1).is_ok());
        let mut last = f64::INFINITY;
        for max_iter in 1..8 {
            let inertia = fit(max_iter).unwrap().inertia();
            prop_assert!(inertia <= last * (1.0 + 1e-12) + 1e-12, "{} after {}", inertia, last);
            last = inertia;
        }
    }

    #[test]
    fn the_order_and_the_place_of_rows_do_not_matter((x, centers) in problem_without_ties(), seed in any::<u64>()) {
        let fit = |x: &Array2<f64>, centers: &Array2<f64>| KMeans::new(0).centers(centers.view()).fit(training(x, None));
        let model = fit(&x, &centers).unwrap();
        let segments = model.assign(&x.view()).unwrap();
        let mut order: Vec<usize> = (0..x.nrows()).collect();
        order.sort_by_key(|row| (*row as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let permuted = fit(&x.select(Axis(0), &order), &centers).unwrap();
        prop_assert!((permuted.inertia() - model.inertia()).abs() < 1e-9 * (1.0 + model.inertia()));
        // 2²³ more: the last digits of the rows are those of 2⁻²⁹ then.
        let (moved, start) = (&x + 8_388_608.0, &centers + 8_388_608.0);
        let shifted = fit(&moved, &start).unwrap().assign(&moved.view()).unwrap();
        // Segments of one size may be numbered the other way round.
        assert_same_parts(&segments, &shifted, "elsewhere");
        let back: Vec<Option<u32>> = order.iter().map(|row| model.labels()[*row]).collect();
        assert_same_parts(&back, &permuted.labels(), "in another order");
    }

    #[test]
    fn a_weight_of_two_is_the_row_twice(
        (x, centers) in problem_without_ties(),
        doubled in prop::collection::vec(any::<bool>(), 60),
    ) {
        let weights: Vec<f64> = (0..x.nrows()).map(|row| if doubled[row] { 2.0 } else { 1.0 }).collect();
        let rows: Vec<usize> = (0..x.nrows()).flat_map(|row| std::iter::repeat_n(row, weights[row] as usize)).collect();
        // In the first iteration no segment is refilled: with a whole row of weight 2 there, with one of two rows here.
        let recipe = KMeans::new(0).centers(centers.view()).max_iter(1);
        let weighted = recipe.fit(training(&x, Some(&weights))).unwrap();
        let twice = recipe.fit(training(&x.select(Axis(0), &rows), None)).unwrap();
        prop_assert!((weighted.inertia() - twice.inertia()).abs() < 1e-9 * (1.0 + twice.inertia()));
        prop_assert_eq!(weighted.weights(), twice.weights());
    }

    #[test]
    fn turning_space_keeps_the_partition(
        (x, centers) in problem_without_ties(),
        angles in prop::collection::vec(0.0..6.3f64, 3),
    ) {
        prop_assume!(x.ncols() >= 2);
        // In every plane of two columns, one after the other.
        let planes = [(0, 1), (0, 2), (1, 2)].into_iter().zip(&angles).filter(|((_, other), _)| *other < x.ncols());
        let planes: Vec<_> = planes.collect();
        let turned = |points: &Array2<f64>| {
            let mut turned = points.clone();
            for ((a, b), angle) in &planes {
                for mut row in turned.rows_mut() {
                    let (from, to) = (row[*a], row[*b]);
                    row[*a] = angle.cos() * from - angle.sin() * to;
                    row[*b] = angle.sin() * from + angle.cos() * to;
                }
            }
            turned
        };
        let fit = |x: &Array2<f64>, centers: &Array2<f64>| {
            KMeans::new(0).centers(centers.view()).fit(training(x, None)).unwrap()
        };
        let (plain, other) = (fit(&x, &centers), fit(&turned(&x), &turned(&centers)));
        prop_assert!((plain.inertia() - other.inertia()).abs() < 1e-9 * (1.0 + plain.inertia()));
        let segments = plain.assign(&x.view()).unwrap();
        let of_turned = other.assign(&turned(&x).view()).unwrap();
        assert_same_parts(&segments, &of_turned, "turned");
    }

    #[test]
    fn bounds_change_nothing_but_the_time((x, centers) in problem()) {
        let fit = |algorithm| KMeans::new(0).centers(centers.view()).algorithm(algorithm).fit(training(&x, None));
        prop_assume!(fit(KMeansAlgorithm::Lloyd).is_ok());
        let (all, bounds) = (fit(KMeansAlgorithm::Lloyd).unwrap(), fit(KMeansAlgorithm::Yinyang).unwrap());
        prop_assert_eq!(all.n_iter(), bounds.n_iter());
        prop_assert_eq!(all.centers(), bounds.centers());
        prop_assert_eq!(all.counts(), bounds.counts());
    }
}
