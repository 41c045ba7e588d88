//! Rows of numbers and categories: k-prototypes against kmodes, Gower's distance against the package of that name.

use crate::hierarchical::table;
use adflux_clustering::{
    AutoKPrototypes, KMeans, KPrototypes, KPrototypesModel, Linkage, LinkageMethod, PairDistances, PrototypeInit,
    gower_distances, gower_distances_with,
};
use adflux_core::{
    Block, CancelToken, Categories, Column, Component as _, Context, Error, Features, Fit, Predict, Registry, Training,
    Values, random::stream,
};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

fn category(name: &str, codes: Vec<u32>, levels: &[&str]) -> Block {
    let levels: Vec<String> = levels.iter().map(|level| level.to_string()).collect();
    Block::new(vec![Column::input(name)], Values::Category(Categories { codes, levels: levels.into() })).unwrap()
}

/// Numbers, and categories whose levels are l0, l1 and so on; a code below 0 is missing.
fn features(numbers: &[Vec<Option<f64>>], codes: &[Vec<i64>]) -> Features {
    let rows = numbers.len();
    let x = Array2::from_shape_fn((rows, numbers[0].len()), |(r, c)| numbers[r][c].unwrap_or(f64::NAN));
    let names: Vec<Column> = (0..x.ncols()).map(|c| Column::input(format!("n{c}"))).collect();
    let mut blocks = vec![Block::new(names, Values::Dense(x)).unwrap()];
    for c in 0..codes[0].len() {
        let codes = codes.iter().map(|row| u32::try_from(row[c]).unwrap_or(Categories::MISSING)).collect();
        blocks.push(category(&format!("c{c}"), codes, &["l0", "l1", "l2", "l3", "l4", "l5"]));
    }
    Features::new(rows, blocks).unwrap()
}

#[derive(Deserialize)]
struct Case {
    name: String,
    numbers: Vec<Vec<Option<f64>>>,
    codes: Vec<Vec<i64>>,
    rows: Vec<usize>,
    given_gamma: Option<f64>,
    gamma: f64,
    cost: f64,
    labels: Vec<u32>,
    centers: Vec<Vec<f64>>,
    modes: Vec<Vec<u32>>,
}

#[test]
fn from_the_same_rows_it_ends_where_kmodes_does() {
    for case in fixture::<Vec<Case>>("mixed/k_prototypes.json") {
        let x = features(&case.numbers, &case.codes);
        let recipe = KPrototypes::new(case.rows.len()).init(PrototypeInit::Rows(case.rows));
        let recipe = KPrototypes { gamma: case.given_gamma, ..recipe };
        let model = recipe.fit(Training::new(x.clone())).unwrap();
        assert!(model.converged());
        assert_close(model.gamma(), case.gamma, 1e-12);
        assert_close(model.cost(), case.cost, 1e-9);
        // Segments are numbered by weight here.
        let ids = model.predict(&x).unwrap().ids;
        let mut theirs = vec![None; model.counts().len()];
        for (id, label) in ids.iter().zip(&case.labels) {
            assert_eq!(*theirs[id.unwrap() as usize].get_or_insert(*label), *label, "{}", case.name);
        }
        for (segment, label) in theirs.iter().enumerate().filter_map(|(s, label)| Some((s, (*label)? as usize))) {
            assert_all_close(model.centers().row(segment), &case.centers[label], 1e-9);
            for (c, mode) in case.modes[label].iter().enumerate() {
                let found = model.mode(segment, &format!("c{c}")).unwrap().unwrap();
                // Of levels that are as frequent, kmodes keeps the one that came first.
                let frequency = |level: String| {
                    let inside = case.codes.iter().zip(&ids).enumerate();
                    let inside = inside
                        .filter(|(_, (codes, id))| **id == Some(segment as u32) && format!("l{}", codes[c]) == level);
                    inside.count()
                };
                assert_eq!(frequency(found.to_string()), frequency(format!("l{mode}")), "{}", case.name);
            }
        }
    }
}

#[derive(Deserialize)]
struct Gower {
    numbers: Vec<Vec<Option<f64>>>,
    codes: Vec<Vec<i64>>,
    distances: Vec<Vec<f64>>,
    linkages: BTreeMap<String, Vec<Vec<f64>>>,
}

#[test]
fn gower_distances_are_those_of_the_package_and_of_the_definition() {
    for case in fixture::<Vec<Gower>>("mixed/gower.json") {
        let distances = gower_distances(&features(&case.numbers, &case.codes)).unwrap().to_array();
        for (row, expected) in distances.rows().into_iter().zip(&case.distances) {
            // The package works in 32 bits.
            assert!(row.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{row} {expected:?}");
        }
    }
}

#[test]
fn trees_of_gower_distances_are_scipys() {
    for case in fixture::<Vec<Gower>>("mixed/gower.json") {
        let distances = gower_distances(&features(&case.numbers, &case.codes)).unwrap();
        for method in [LinkageMethod::Single, LinkageMethod::Complete, LinkageMethod::Average, LinkageMethod::Weighted]
        {
            let tree = Linkage::of_distances(distances.clone(), method).unwrap().to_array();
            let expected = table(&case.linkages[method.name()]);
            for column in [0, 1, 3] {
                assert_eq!(tree.column(column), expected.column(column), "{}", method.name());
            }
            assert_all_close(tree.column(2), expected.column(2), 1e-12);
        }
    }
}

#[test]
fn a_tree_of_distances_is_that_of_the_rows() {
    let mut rng = stream(8, &[]);
    let x = Array2::from_shape_fn((70, 3), |_| rng.random::<f64>());
    let apart = |a: usize, b: usize| (&x.row(a) - &x.row(b)).mapv(|v| v * v).sum().sqrt();
    let all = (0..70).flat_map(|a| (a + 1..70).map(move |b| (a, b))).map(|(a, b)| apart(a, b)).collect();
    let distances = PairDistances::new(all).unwrap();
    for method in [LinkageMethod::Single, LinkageMethod::Complete, LinkageMethod::Average, LinkageMethod::Weighted] {
        let of_distances = Linkage::of_distances(distances.clone(), method).unwrap();
        let of_rows = Linkage::of(x.view(), method).unwrap();
        assert_all_close(&of_distances.to_array(), &of_rows.to_array(), 1e-12);
    }
    for method in [LinkageMethod::Ward, LinkageMethod::Centroid, LinkageMethod::Median] {
        let said = Linkage::of_distances(distances.clone(), method).unwrap_err().to_string();
        assert!(said.starts_with("parameter `linkage`") && said.contains("use single, complete"), "{said}");
    }
    let one = Linkage::of_distances(PairDistances::new(Vec::new()).unwrap(), LinkageMethod::Average).unwrap();
    assert_eq!(one.cut(1).unwrap(), [0]);
}

#[test]
fn gower_distances_that_take_too_much_memory_are_refused_and_work_can_be_cancelled() {
    let (x, _) = heaps(100);
    let says = |limit| gower_distances_with(&x, limit, &Context::default());
    assert!(says(4950 * 8).is_ok());
    let said = says(4950 * 8 - 1).unwrap_err().to_string();
    assert!(
        said.contains("takes 39600 bytes for 100 rows: use k-prototypes") && said.contains("at most 99 rows"),
        "{said}"
    );
    // As many rows as would take 160 GB.
    let many = features(&vec![vec![Some(1.0)]; 200_000], &vec![vec![0]; 200_000]);
    assert!(gower_distances(&many).unwrap_err().to_string().contains("160.0 GB for 200000 rows"));
    let token = CancelToken::default();
    token.cancel();
    let context = Context::default().with_cancel(token);
    assert!(matches!(gower_distances_with(&x, u64::MAX, &context), Err(Error::Cancelled)));
    let distances = gower_distances(&x).unwrap();
    let cancelled = Linkage::of_distances_with(distances, LinkageMethod::Average, &context);
    assert!(matches!(cancelled, Err(Error::Cancelled)));
}

/// Three heaps that differ by number, by category or by both.
fn heaps(rows: usize) -> (Features, Vec<u32>) {
    let mut rng = stream(12, &[]);
    let truth: Vec<u32> = (0..rows as u32).map(|row| row % 3).collect();
    let numbers = truth.iter().map(|t| vec![Some(f64::from(t / 2) * 4.0 + rng.random::<f64>())]).collect::<Vec<_>>();
    let codes = truth.iter().map(|t| vec![i64::from(*t % 2), i64::from(*t % 2) + 1]).collect::<Vec<_>>();
    (features(&numbers, &codes), truth)
}

#[test]
fn heaps_that_differ_by_category_are_found_and_counted() {
    let (x, truth) = heaps(150);
    let model = KPrototypes::new(3).gamma(2.0).seed(1).fit(Training::new(x.clone())).unwrap();
    let ids: Vec<u32> = model.predict(&x).unwrap().ids.into_iter().flatten().collect();
    assert_eq!(adflux_evaluation::metrics::adjusted_rand(&truth, &ids).unwrap(), 1.0);
    let auto = AutoKPrototypes::new(2, 6).gamma(2.0).fit(Training::new(x.clone())).unwrap();
    assert_eq!(auto.choice().n_clusters, 3, "{}", auto.choice().reason);
    assert_eq!(auto.predict(&x).unwrap(), auto.model().predict(&x).unwrap());
}

#[test]
fn points_have_the_dissimilarities_as_squared_distances() {
    let (x, _) = heaps(40);
    let model = KPrototypes::new(2).gamma(0.7).fit(Training::new(x.clone())).unwrap();
    let points = model.points(&x).unwrap();
    let of = |row: usize| {
        let only = KPrototypes::new(1).gamma(0.7).fit(Training::new(adflux_core::Rows::take(&x, &[row]))).unwrap();
        only.transform(&x).unwrap().column(0).to_owned()
    };
    for a in [0, 1, 7] {
        for (b, dissimilarity) in of(a).iter().enumerate() {
            let squared = (&points.row(a) - &points.row(b)).mapv(|v| v * v).sum();
            assert!((squared - dissimilarity).abs() < 1e-12);
        }
    }
}

#[test]
fn with_numbers_alone_it_is_k_means() {
    let mut rng = stream(3, &[]);
    let x = Array2::from_shape_fn((90, 2), |(row, _)| (row % 3 * 6) as f64 + rng.random::<f64>());
    let x = Features::from_dense(x, ["a", "b"]).unwrap();
    let ours = KPrototypes::new(3).fit(Training::new(x.clone())).unwrap();
    let means = KMeans::new(3).n_init(5).fit(Training::new(x)).unwrap();
    assert_close(ours.cost(), means.inertia(), 1e-9);
}

#[test]
fn levels_are_found_by_name_and_new_ones_are_like_no_other() {
    let training =
        |codes: Vec<u32>, levels: &[&str]| Features::new(codes.len(), vec![category("c", codes, levels)]).unwrap();
    let x = training(vec![0, 0, 0, 1, 1, Categories::MISSING], &["a", "b"]);
    let model = KPrototypes::new(3).fit(Training::new(x)).unwrap();
    assert_eq!([0, 1, 2].map(|segment| model.mode(segment, "c").unwrap()), [Some("a"), Some("b"), None]);
    let later = training(vec![2, 1, 0, Categories::MISSING], &["new", "b", "a"]);
    let found = model.predict(&later).unwrap();
    assert_eq!(found.ids[1..], [1, 0, 2].map(Some));
    assert_eq!(model.transform(&training(vec![0], &["new"])).unwrap().row(0).to_vec(), [1.0, 1.0, 1.0]);
}

#[test]
fn rows_without_weight_change_nothing_and_a_weight_of_two_is_two_rows() {
    let (x, _) = heaps(60);
    let weights = Array1::from_shape_fn(60, |row| (row % 3) as f64);
    let recipe = KPrototypes::new(2).n_init(20).gamma(1.0);
    let weighted = recipe.fit(Training::new(x.clone()).with_weights(weights)).unwrap();
    let twice: Vec<usize> = (0..60).flat_map(|row| vec![row; row % 3]).collect();
    let plain = recipe.fit(Training::new(adflux_core::Rows::take(&x, &twice))).unwrap();
    assert_close(weighted.cost(), plain.cost(), 1e-9);
    assert_eq!(weighted.weights(), plain.weights());
}

#[test]
fn bad_input_is_refused_by_name() {
    let says = |recipe: KPrototypes, x: Features| recipe.fit(Training::new(x)).unwrap_err().to_string();
    let (x, _) = heaps(9);
    let same = features(&[(); 5].map(|()| vec![Some(1.0)]), &[(); 5].map(|()| vec![2]));
    assert!(says(KPrototypes::new(2), same.clone()).contains("only 1 distinct rows"), "only duplicates");
    assert_eq!(KPrototypes::new(1).fit(Training::new(same.clone())).unwrap().cost(), 0.0);
    let one = features(&[vec![Some(1.0)]], &[vec![2]]);
    assert_eq!(KPrototypes::new(1).fit(Training::new(one.clone())).unwrap().counts(), [1], "one row");
    assert!(says(KPrototypes::new(2), one).contains("only 1 distinct rows"));
    assert!(says(KPrototypes::new(10), x.clone()).contains("only 9 distinct rows"));
    let missing = features(&[vec![Some(1.0)], vec![None]], &[vec![0], vec![1]]);
    assert!(says(KPrototypes::new(2), missing).starts_with("column `n0`, row 2: a missing value"));
    let large = features(&[vec![Some(1e200)], vec![Some(-1e200)]], &[vec![0], vec![1]]);
    assert!(says(KPrototypes::new(2), large).contains("put a standard-scaler before it"));
    let text = Block::new(vec![Column::input("t")], Values::Text(vec!["a".to_string()].into())).unwrap();
    assert!(says(KPrototypes::new(1), Features::new(1, vec![text.clone()]).unwrap()).contains("does not take text"));
    assert!(says(KPrototypes::new(1), Features::new(1, Vec::new()).unwrap()).contains("was given no features"));
    let rows = KPrototypes::new(2).init(PrototypeInit::Rows(vec![0, 9]));
    assert!(says(rows, x.clone()).contains("`init`"));
    let auto = AutoKPrototypes::default().fit(Training::new(same)).unwrap_err().to_string();
    assert!(auto.contains("at most 1 segments"), "{auto}");

    let model = KPrototypes::new(2).fit(Training::new(x.clone())).unwrap();
    assert!(model.mode(2, "c0").unwrap_err().to_string().contains("there are 2 segments"));
    assert!(model.mode(0, "c9").unwrap_err().to_string().contains("c9"));
    let dense = Features::from_dense(Array2::zeros((1, 3)), ["n0", "c0", "c1"]).unwrap();
    assert!(model.predict(&dense).is_err(), "a category that came as a number");

    let infinite = features(&[vec![Some(f64::INFINITY)], vec![Some(1.0)]], &[vec![0], vec![1]]);
    assert!(gower_distances(&infinite).unwrap_err().to_string().starts_with("column `n0`, row 1: an infinite value"));
    assert!(gower_distances(&Features::new(1, vec![text]).unwrap()).unwrap_err().to_string().contains("text"));
    assert!(gower_distances(&Features::new(1, Vec::new()).unwrap()).is_err());
    let widest = features(&[vec![Some(f64::MAX)], vec![Some(f64::MIN)]], &[vec![0], vec![0]]);
    assert_eq!(gower_distances(&widest).unwrap().values(), [0.5]);
}

#[test]
fn a_damaged_state_is_refused() {
    let (x, _) = heaps(9);
    let model = KPrototypes::new(2).fit(Training::new(x.clone())).unwrap();
    let state = model.state().unwrap();
    let again = KPrototypesModel::from_state(1, &state, &Registry::new()).unwrap();
    assert_eq!(again.predict(&x).unwrap(), model.predict(&x).unwrap());
    // A level that is gone.
    let at = state.windows(3).position(|w| w == b"\xa2l5").unwrap();
    let mut damaged = state.clone();
    damaged.drain(at..at + 3);
    assert!(KPrototypesModel::from_state(1, &damaged, &Registry::new()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn more_iterations_never_cost_more(seed in 0_u64..1000, k in 1_usize..5, gamma in 0.0_f64..5.0) {
        let mut rng = stream(seed, &[]);
        let numbers: Vec<Vec<Option<f64>>> = (0..40).map(|_| vec![Some(rng.random::<f64>() * 3.0)]).collect();
        let codes: Vec<Vec<i64>> = (0..40).map(|_| vec![rng.random_range(-1..4), rng.random_range(0..2)]).collect();
        let x = features(&numbers, &codes);
        let recipe = KPrototypes::new(k).gamma(gamma).n_init(1).seed(seed);
        let costs: Vec<f64> = (1..8)
            .map(|max_iter| recipe.clone().max_iter(max_iter).fit(Training::new(x.clone())).unwrap().cost())
            .collect();
        prop_assert!(costs.windows(2).all(|w| w[1] <= w[0] + 1e-9), "{:?}", costs);
    }

    #[test]
    fn gower_distances_lie_between_0_and_1_and_do_not_hang_on_the_order_of_rows(seed in 0_u64..1000) {
        let mut rng = stream(seed, &[]);
        let numbers: Vec<Vec<Option<f64>>> =
            (0..12).map(|_| vec![(rng.random::<f64>() < 0.8).then(|| rng.random::<f64>() * 9.0 - 4.0)]).collect();
        let codes: Vec<Vec<i64>> = (0..12).map(|_| vec![rng.random_range(-1..3)]).collect();
        let d = gower_distances(&features(&numbers, &codes)).unwrap();
        prop_assert!(d.values().iter().all(|v| (0.0..=1.0).contains(v)));
        let turned = gower_distances(&adflux_core::Rows::take(&features(&numbers, &codes), &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]));
        let turned = turned.unwrap();
        for (a, b) in (0..12).flat_map(|a| (0..12).map(move |b| (a, b))) {
            prop_assert_eq!(d.get(a, b), turned.get(11 - a, 11 - b));
        }
    }
}
