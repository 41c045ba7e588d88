//! Agglomerative clustering against SciPy and scikit-learn, what always holds, and what must be refused.

use adflux_clustering::{
    Agglomerative, AgglomerativeModel, AutoAgglomerative, AutoAgglomerativeModel, Linkage, LinkageMethod,
};
use adflux_core::{
    AnyModel, AnyModelRecipe, CancelToken, Component as _, Context, DynComponent as _, Error, Features, Fit, Predict,
    Prediction, Recipe as _, Registry, Training,
};
use adflux_testing::{assert_all_close, fixture};
use ndarray::{Array1, Array2, Axis, array, concatenate};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

const METHODS: [LinkageMethod; 7] = [
    LinkageMethod::Ward,
    LinkageMethod::Single,
    LinkageMethod::Complete,
    LinkageMethod::Average,
    LinkageMethod::Weighted,
    LinkageMethod::Centroid,
    LinkageMethod::Median,
];

pub(crate) fn table(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

pub(crate) fn training(x: &Array2<f64>) -> Training<Features> {
    Training::new(Features::from_dense(x.clone(), (0..x.ncols()).map(|i| format!("c{i}"))).unwrap())
}

/// Rows in a few heaps, no two distances equal.
fn heaps(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        ((row * 7919 + column * 104_729) % 1009) as f64 / 250.0 + ((row % 5 * (column + 3)) % 7) as f64 * 3.0
    })
}

/// Asserts that two labelings are the same up to the names of the labels.
#[track_caller]
pub(crate) fn assert_same_parts<A: Copy + Eq + std::hash::Hash, B: Copy + Eq + std::hash::Hash>(
    ours: &[A],
    theirs: &[B],
    what: &str,
) {
    let (mut there, mut back) = (HashMap::new(), HashMap::new());
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (a, b) in ours.iter().zip(theirs) {
        assert!(*there.entry(*a).or_insert(*b) == *b && *back.entry(*b).or_insert(*a) == *a, "{what}");
    }
}

/// The height at which two rows come together, of all pairs in SciPy's order.
fn cophenetic(tree: &Linkage) -> Vec<f64> {
    let n = tree.rows();
    let mut members: Vec<Vec<usize>> = (0..n).map(|row| vec![row]).collect();
    let mut heights = Array2::zeros((n, n));
    for merge in tree.merges() {
        for &a in &members[merge.first] {
            for &b in &members[merge.second] {
                heights[[a.min(b), a.max(b)]] = merge.height;
            }
        }
        members.push([&members[merge.first][..], &members[merge.second][..]].concat());
    }
    (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).map(|pair| heights[pair]).collect()
}

#[derive(Deserialize)]
struct Case {
    name: String,
    x: Vec<Vec<f64>>,
    methods: Vec<OfMethod>,
    by_count: BTreeMap<String, Vec<u32>>,
}

#[derive(Deserialize)]
struct OfMethod {
    method: LinkageMethod,
    z: Vec<Vec<f64>>,
    threshold: f64,
    by_height: Vec<u32>,
}

#[test]
fn the_linkage_matrix_is_scipys() {
    for case in fixture::<Vec<Case>>("hierarchical/linkage.json") {
        let x = table(&case.x);
        assert_eq!(case.methods.len(), METHODS.len());
        for OfMethod { method, z, threshold, by_height } in case.methods {
            let what = format!("{}, {}", case.name, method.name());
            let tree = Linkage::of(x.view(), method).unwrap();
            let ours = tree.to_array();
            let theirs = table(&z);
            for column in [0, 1, 3] {
                assert_eq!(ours.column(column), theirs.column(column), "{what}");
            }
            assert_all_close(ours.column(2), theirs.column(2), 1e-9);
            assert_same_parts(&tree.cut_at(threshold), &by_height, &what);
            let model =
                Agglomerative::default().linkage(method).distance_threshold(threshold).fit(training(&x)).unwrap();
            assert_same_parts(&model.labels(0).unwrap(), &by_height, &what);
        }
    }
}

#[derive(Deserialize)]
struct Matrices {
    name: String,
    x: Vec<Vec<f64>>,
    z: BTreeMap<String, Vec<Vec<f64>>>,
}

#[test]
fn ties_on_a_grid_and_an_origin_far_off_lead_to_scipys_matrices() {
    for case in fixture::<Vec<Matrices>>("hierarchical/grid.json") {
        assert!(["complete", "average", "weighted"].iter().all(|method| case.z.contains_key(*method)));
        for (method, z) in case.z {
            let what = format!("{}, {method}", case.name);
            let method = METHODS.into_iter().find(|m| m.name() == method).unwrap();
            let ours = Linkage::of(table(&case.x).view(), method).unwrap().to_array();
            let theirs = table(&z);
            for column in [0, 1, 3] {
                assert_eq!(ours.column(column), theirs.column(column), "{what}");
            }
            assert_all_close(ours.column(2), theirs.column(2), 1e-9);
        }
    }
}

#[test]
fn cuts_by_count_are_scikit_learns() {
    for case in fixture::<Vec<Case>>("hierarchical/linkage.json") {
        let x = table(&case.x);
        assert_eq!(case.by_count.len(), 8);
        for (asked, theirs) in case.by_count {
            let (method, k) = asked.split_once(' ').unwrap();
            let method = METHODS.into_iter().find(|m| m.name() == method).unwrap();
            let model = Agglomerative::new(k.parse().unwrap()).linkage(method).fit(training(&x)).unwrap();
            assert_same_parts(&model.labels(0).unwrap(), &theirs, &format!("{}: {asked}", case.name));
        }
    }
}

#[derive(Deserialize)]
struct Ties {
    x: Vec<Vec<f64>>,
    single: Vec<f64>,
}

#[derive(Deserialize)]
struct Pairs {
    x: Vec<Vec<f64>>,
    cophenetic: BTreeMap<LinkageName, Vec<f64>>,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct LinkageName(String);

#[test]
fn ties_lead_to_scipys_cophenetic_distances() {
    let ties: Ties = fixture("hierarchical/ties.json");
    let tree = Linkage::of(table(&ties.x).view(), LinkageMethod::Single).unwrap();
    assert_all_close(&cophenetic(&tree), &ties.single, 1e-12);
    let pairs: Pairs = fixture("hierarchical/pairs.json");
    for method in METHODS {
        let tree = Linkage::of(table(&pairs.x).view(), method).unwrap();
        assert_all_close(&cophenetic(&tree), &pairs.cophenetic[&LinkageName(method.name().into())], 1e-12);
    }
}

#[test]
fn levels_are_cuts_of_one_tree() {
    let x = heaps(200, 3);
    let model = Agglomerative::default().levels([1, 3, 8]).keep_linkage(true).fit(training(&x)).unwrap();
    let tree = model.linkage().unwrap();
    assert_eq!(model.levels().iter().map(|level| level.n_clusters()).collect::<Vec<_>>(), [1, 3, 8]);
    assert!(model.levels()[0].parents().is_empty());
    for (place, level) in model.levels().iter().enumerate() {
        let labels: Vec<u32> = model.labels(place).unwrap().into_iter().map(Option::unwrap).collect();
        assert_eq!(labels, tree.cut(level.n_clusters()).unwrap());
        assert!(level.counts().is_sorted_by(|a, b| a >= b) && level.counts().iter().sum::<u64>() == 200);
        let mut inertia = 0.0;
        for (segment, center) in level.centers().rows().into_iter().enumerate() {
            let rows: Vec<usize> = (0..200).filter(|row| labels[*row] == segment as u32).collect();
            assert_eq!(rows.len() as u64, level.counts()[segment]);
            let of_segment = x.select(Axis(0), &rows);
            let mean = of_segment.mean_axis(Axis(0)).unwrap();
            assert_all_close(&center.to_owned(), &mean, 1e-12);
            inertia += (&of_segment - &center).mapv(|v| v * v).sum();
        }
        assert_all_close(&[level.inertia()], &[inertia], 1e-10);
        if place > 0 {
            let coarser = model.labels(place - 1).unwrap();
            for (fine, coarse) in labels.iter().zip(coarser) {
                assert_eq!(Some(level.parents()[*fine as usize]), coarse);
            }
        }
    }
    // The last merges make the segments of the finest level one.
    let last: Vec<f64> = tree.merges().iter().rev().take(7).rev().map(|merge| merge.height).collect();
    assert_eq!(model.top().merges().iter().map(|merge| merge.height).collect::<Vec<_>>(), last);
    // Ward's heights tell how much inertia a merge adds.
    let added = model.levels()[0].inertia() - model.levels()[2].inertia();
    assert_all_close(&[last.iter().map(|h| h * h / 2.0).sum()], &[added], 1e-9);
    assert!(model.labels(3).is_err() && model.assign(3, &x.view()).is_err());
}

#[test]
fn new_rows_go_to_the_nearest_centre_of_the_finest_level_and_to_what_that_lies_in() {
    let x = heaps(150, 2);
    let model = Agglomerative::default().levels([2, 6]).fit(training(&x)).unwrap();
    let fine = &model.levels()[1];
    // A centre is in its own segment.
    assert_eq!(model.assign(1, &fine.centers().view()).unwrap(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(model.assign(0, &fine.centers().view()).unwrap(), fine.parents());
    let new = heaps(40, 2) + 0.3;
    let Prediction::Multi(levels) = model.predict(&training(&new).x).unwrap() else { panic!("several levels") };
    assert_eq!(levels.iter().map(|level| level.0.as_str()).collect::<Vec<_>>(), ["segment_2", "segment_6"]);
    for (place, (_, prediction)) in levels.iter().enumerate() {
        let segments = prediction.segments().unwrap();
        let ids: Vec<Option<u32>> = model.assign(place, &new.view()).unwrap().into_iter().map(Some).collect();
        assert_eq!(segments.ids, ids);
        assert!(segments.strength.iter().all(|s| (0.0..=1.0).contains(s)));
    }
    let one = Agglomerative::new(6).fit(training(&x)).unwrap();
    assert_eq!(one.predict(&training(&new).x).unwrap().segments().unwrap(), levels[1].1.segments().unwrap());
}

#[test]
fn weights_are_masses_and_rows_without_are_left_out() {
    let x = heaps(40, 2);
    // Row 3 three times, row 7 twice, the last five not at all.
    let weights = Array1::from_shape_fn(40, |row| {
        [1.0, 3.0, 2.0, 0.0][usize::from(row == 3) + 2 * usize::from(row == 7) + 3 * usize::from(row >= 35)]
    });
    let weighted = Agglomerative::new(4).keep_linkage(true).fit(training(&x).with_weights(weights.clone())).unwrap();
    let kept = x.slice(ndarray::s![..35, ..]);
    let copies = concatenate![
        Axis(0),
        kept,
        x.slice(ndarray::s![3..4, ..]),
        x.slice(ndarray::s![3..4, ..]),
        x.slice(ndarray::s![7..8, ..])
    ];
    let copied = Agglomerative::new(4).keep_linkage(true).fit(training(&copies)).unwrap();
    // The merges of the copies are at height 0; all others are the same.
    let heights =
        |model: &AgglomerativeModel| model.linkage().unwrap().merges().iter().map(|m| m.height).collect::<Vec<_>>();
    assert_eq!(heights(&copied)[..3], [0.0; 3]);
    assert_all_close(&heights(&copied)[3..], &heights(&weighted), 1e-9);
    assert_eq!(weighted.labels(0).unwrap()[..35], copied.labels(0).unwrap()[..35]);
    assert_eq!(weighted.labels(0).unwrap()[35..], [None; 5]);
    assert_all_close(weighted.levels()[0].centers(), copied.levels()[0].centers(), 1e-9);
    assert_eq!(weighted.levels()[0].weights(), copied.levels()[0].weights());
    assert_eq!(weighted.levels()[0].counts().iter().sum::<u64>(), 35);

    for method in METHODS {
        let recipe = Agglomerative::new(4).linkage(method);
        let unequal = recipe.fit(training(&x).with_weights(weights.clone()));
        match method {
            LinkageMethod::Ward | LinkageMethod::Single | LinkageMethod::Complete => drop(unequal.unwrap()),
            _ => assert!(unequal.unwrap_err().to_string().contains("use ward")),
        }
        let zero_or_two = weights.mapv(|w| if w > 0.0 { 2.0 } else { 0.0 });
        let with = recipe.fit(training(&x).with_weights(zero_or_two)).unwrap();
        let without = recipe.fit(training(&kept.to_owned())).unwrap();
        assert_eq!(with.labels(0).unwrap()[..35], without.labels(0).unwrap());
    }
}

#[test]
fn it_can_be_saved_with_and_without_the_tree() {
    let mut registry = Registry::new();
    adflux_clustering::register(&mut registry).unwrap();
    let data = training(&heaps(300, 4));
    for keep in [false, true] {
        let recipe = Agglomerative::default().levels([2, 5]).keep_linkage(keep).max_memory(1 << 20);
        assert_eq!(Agglomerative::from_spec(&recipe.spec().unwrap(), &registry).unwrap(), recipe);
        let model = AnyModelRecipe::new(recipe).fit(data.clone()).unwrap();
        let saved = model.save().unwrap();
        let most = if keep { 300 * 40 } else { 300 * 8 };
        assert!(saved.state.len() < most, "{} bytes", saved.state.len());
        let loaded = registry.load::<AnyModel>(&saved).unwrap();
        assert_eq!(loaded.predict(&data.x).unwrap(), model.predict(&data.x).unwrap());
        let loaded = loaded.downcast_ref::<AgglomerativeModel>().unwrap();
        let model = model.downcast_ref::<AgglomerativeModel>().unwrap();
        assert_eq!(loaded.linkage(), model.linkage());
        assert_eq!(loaded.linkage().is_some(), keep);
        assert_eq!((loaded.top(), loaded.labels(1).unwrap()), (model.top(), model.labels(1).unwrap()));
    }
}

#[test]
fn the_number_is_chosen_as_k_means_does() {
    let x = Array2::from_shape_fn((120, 2), |(row, column)| {
        (row / 40 * (3 + column)) as f64 * 5.0 + (row * (7 + column) % 11) as f64 / 4.0
    });
    for method in [LinkageMethod::Ward, LinkageMethod::Average, LinkageMethod::Single] {
        let model = AutoAgglomerative::default().linkage(method).fit(training(&x)).unwrap();
        assert_eq!(model.choice().n_clusters, 3, "{}", model.choice().reason);
        assert_eq!(model.model().levels()[0].counts(), [40, 40, 40]);
        assert!(model.choice().table.windows(2).all(|w| w[1].inertia <= w[0].inertia));
        let plain = Agglomerative::new(3).linkage(method).fit(training(&x)).unwrap();
        assert_eq!(plain.labels(0).unwrap(), model.model().labels(0).unwrap());
        let chosen = &model.choice().table[1];
        assert_eq!((chosen.n_clusters, chosen.inertia), (3, plain.levels()[0].inertia()));
    }
    // A saved choice is of the model beside it.
    let model = AutoAgglomerative::default().fit(training(&x)).unwrap();
    let state = model.state().unwrap();
    assert_eq!(AutoAgglomerativeModel::from_state(1, &state, &Registry::new()).unwrap().choice(), model.choice());
    let at = state.windows(12).rposition(|w| w == b"\xaan_clusters\x03").unwrap() + 11;
    let mut damaged = state.clone();
    damaged[at] = 4;
    let said = AutoAgglomerativeModel::from_state(1, &damaged, &Registry::new()).unwrap_err().to_string();
    assert!(said.contains("not the one that was chosen"), "{said}");
    let few = Array2::from_shape_fn((12, 2), |(row, _)| (row % 3) as f64);
    let model: AutoAgglomerativeModel = AutoAgglomerative::default().fit(training(&few)).unwrap();
    assert_eq!((model.choice().table.len(), model.choice().n_clusters), (2, 3));
    let says = |recipe: AutoAgglomerative, x: &Array2<f64>| recipe.fit(training(x)).unwrap_err().to_string();
    assert!(says(AutoAgglomerative::default(), &Array2::ones((9, 2))).contains("at most 1 segments"));
    assert!(says(AutoAgglomerative::new(1, 3), &x).contains("`min` = 1"));
    assert!(
        says(AutoAgglomerative::default().linkage(LinkageMethod::Average).max_memory(10), &x).contains("57120 bytes")
    );
}

/// What the fit of a recipe on some rows says.
fn says(recipe: Agglomerative, x: &Array2<f64>) -> String {
    recipe.fit(training(x)).unwrap_err().to_string()
}

#[test]
fn more_segments_than_distinct_rows_are_refused() {
    let x = heaps(10, 2);
    assert!(says(Agglomerative::new(11), &x).contains("only 10 distinct rows"));
    assert!(
        says(Agglomerative::default().levels([2, 11]), &x)
            .starts_with("parameter `levels` = [2, 11]: there are only 10")
    );
    let twice = concatenate![Axis(0), x, x];
    assert!(says(Agglomerative::new(11), &twice).contains("only 10 distinct rows"));
    assert_eq!(Agglomerative::new(10).fit(training(&twice)).unwrap().levels()[0].counts(), [2; 10]);
}

#[test]
fn duplicates_alone_are_one_segment() {
    let same = Array2::from_elem((20, 3), 4.5);
    for method in METHODS {
        let recipe = Agglomerative::default().linkage(method);
        assert!(says(recipe.clone(), &same).contains("only 1 distinct rows"));
        assert_eq!(recipe.clone().n_clusters(1).fit(training(&same)).unwrap().levels()[0].counts(), [20]);
        assert_eq!(recipe.distance_threshold(1e-9).fit(training(&same)).unwrap().levels()[0].counts(), [20]);
        assert!(Linkage::of(same.view(), method).unwrap().merges().iter().all(|merge| merge.height == 0.0));
    }
}

#[test]
fn one_column_and_a_column_of_one_value_are_taken() {
    let x = array![[1.0, 7.0], [2.0, 7.0], [9.0, 7.0], [10.5, 7.0]];
    for method in METHODS {
        let both = Agglomerative::new(2).linkage(method).fit(training(&x)).unwrap();
        assert_eq!(both.labels(0).unwrap(), [0, 0, 1, 1].map(Some));
        let one =
            Agglomerative::new(2).linkage(method).fit(training(&x.slice(ndarray::s![.., ..1]).to_owned())).unwrap();
        assert_eq!(one.labels(0).unwrap(), both.labels(0).unwrap());
    }
}

#[test]
fn one_row_is_one_segment() {
    let x = array![[1.0, 2.0]];
    for method in METHODS {
        assert!(says(Agglomerative::default().linkage(method), &x).contains("only 1 distinct rows"));
        let model = Agglomerative::new(1).linkage(method).keep_linkage(true).fit(training(&x)).unwrap();
        assert_eq!((model.labels(0).unwrap(), model.linkage().unwrap().rows()), (vec![Some(0)], 1));
        assert_eq!(model.predict(&training(&x).x).unwrap().segments().unwrap().strength, array![1.0]);
    }
}

#[test]
fn weights_of_zero_alone_and_missing_numbers_are_refused() {
    let x = heaps(10, 2);
    let none = Agglomerative::new(2).fit(training(&x).with_weights(Array1::zeros(10)));
    assert!(none.unwrap_err().to_string().contains("all are zero"));
    for weight in [1e-200, 1e200] {
        let mut weights = Array1::ones(10);
        weights[4] = weight;
        assert!(Agglomerative::new(2).fit(training(&x).with_weights(weights)).is_err());
    }
    let mut missing = x.clone();
    missing[[3, 1]] = f64::NAN;
    for method in METHODS {
        assert!(
            says(Agglomerative::new(2).linkage(method), &missing).starts_with("column `c1`, row 4: a missing value")
        );
        assert!(Linkage::of(missing.view(), method).is_err());
    }
    assert!(says(Agglomerative::new(2), &(x * 1e200)).contains("too large to be squared"));
    assert!(Linkage::of(Array2::zeros((0, 2)).view(), LinkageMethod::Ward).is_err());
    assert!(Linkage::of(Array2::zeros((2, 0)).view(), LinkageMethod::Ward).is_err());
}

#[test]
fn parameters_out_of_range_and_in_conflict_are_refused() {
    let x = heaps(10, 2);
    for threshold in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(
            says(Agglomerative::default().distance_threshold(threshold), &x)
                .starts_with("parameter `distance_threshold`")
        );
    }
    assert!(says(Agglomerative::new(2).distance_threshold(1.0), &x).contains("either it or `n_clusters`"));
    assert!(says(Agglomerative::new(2).levels([2, 3]), &x).starts_with("parameter `levels`"));
    assert!(says(Agglomerative::default().distance_threshold(1.0).levels([2]), &x).starts_with("parameter `levels`"));
    for levels in [vec![0, 2], vec![3, 2], vec![2, 2]] {
        assert!(says(Agglomerative::default().levels(levels), &x).contains("greater than the one before"));
    }
}

#[test]
fn a_linkage_that_needs_too_much_memory_is_refused_with_what_to_use_instead() {
    let x = heaps(100, 2);
    for method in METHODS {
        let fit = Agglomerative::new(2).linkage(method).max_memory(4950 * 8 - 1).fit(training(&x));
        match method {
            LinkageMethod::Ward | LinkageMethod::Single => drop(fit.unwrap()),
            _ => {
                let said = fit.unwrap_err().to_string();
                assert!(said.starts_with("parameter `max_memory` = 39599"), "{said}");
                assert!(said.contains("39600 bytes for 100 rows") && said.contains("use ward or single"), "{said}");
            }
        }
        Agglomerative::new(2).linkage(method).max_memory(4950 * 8).fit(training(&x)).unwrap();
    }
}

#[test]
fn work_can_be_cancelled() {
    let token = CancelToken::default();
    token.cancel();
    for method in METHODS {
        let context = Context::default().with_cancel(token.clone());
        let cancelled = Agglomerative::new(2).linkage(method).fit_with(training(&heaps(50, 2)), &context);
        assert!(matches!(cancelled, Err(Error::Cancelled)));
        assert!(matches!(Linkage::of_with(heaps(50, 2).view(), method, &context), Err(Error::Cancelled)));
    }
}

/// Numbers drawn so that no two distances are equal but by accident.
fn rows() -> impl Strategy<Value = Array2<f64>> {
    (2_usize..40, 1_usize..6).prop_flat_map(|(rows, columns)| {
        prop::collection::vec(-100.0..100.0_f64, rows * columns)
            .prop_map(move |values| Array2::from_shape_vec((rows, columns), values).unwrap())
    })
}

proptest! {
    #[test]
    fn heights_rise(x in rows()) {
        for method in [LinkageMethod::Ward, LinkageMethod::Single, LinkageMethod::Complete, LinkageMethod::Average, LinkageMethod::Weighted] {
            let tree = Linkage::of(x.view(), method).unwrap();
            prop_assert!(tree.merges().is_sorted_by(|a, b| a.height <= b.height));
        }
    }

    #[test]
    fn shifting_and_turning_keep_the_tree(x in rows(), shift in -1e3..1e3_f64, angle in 0.0..std::f64::consts::TAU) {
        let mut turned = x.clone();
        if x.ncols() > 1 {
            let (sin, cos) = angle.sin_cos();
            turned.column_mut(0).assign(&(&x.column(0) * cos - &x.column(1) * sin));
            turned.column_mut(1).assign(&(&x.column(0) * sin + &x.column(1) * cos));
        }
        turned += shift;
        for method in METHODS {
            let (a, b) = (Linkage::of(x.view(), method).unwrap(), Linkage::of(turned.view(), method).unwrap());
            let clear = a.merges().windows(2).all(|w| (w[1].height - w[0].height).abs() > 1e-6);
            prop_assume!(clear);
            for (a, b) in a.merges().iter().zip(b.merges()) {
                prop_assert_eq!((a.first, a.second, a.size), (b.first, b.second, b.size));
                prop_assert!((a.height - b.height).abs() < 1e-7 * (1.0 + a.height));
            }
        }
    }

    #[test]
    fn permuting_rows_permutes_labels(x in rows(), seed in any::<u64>()) {
        use rand::seq::SliceRandom as _;
        let mut order: Vec<usize> = (0..x.nrows()).collect();
        order.shuffle(&mut adflux_core::random::stream(seed, &[]));
        let permuted = x.select(Axis(0), &order);
        let k = 1 + x.nrows() / 3;
        for method in METHODS {
            let tree = Linkage::of(x.view(), method).unwrap();
            prop_assume!(tree.merges().windows(2).all(|w| (w[1].height - w[0].height).abs() > 1e-9));
            let there = tree.cut(k).unwrap();
            let here = Linkage::of(permuted.view(), method).unwrap().cut(k).unwrap();
            let expected: Vec<u32> = order.iter().map(|row| there[*row]).collect();
            assert_same_parts(&here, &expected, method.name());
        }
    }
}
