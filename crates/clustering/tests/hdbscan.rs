//! HDBSCAN against the package `hdbscan` and scikit-learn, what always holds, and what must be refused.

use crate::hierarchical::{assert_same_parts, table, training};
use adflux_clustering::{ClusterSelectionMethod, Dbscan, Hdbscan, HdbscanModel};
use adflux_core::{CancelToken, Context, Error, Features, Fit, Predict, Training, random::stream};
use adflux_testing::{assert_all_close, fixture};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    x: Vec<Vec<f64>>,
    min_cluster_size: usize,
    min_samples: usize,
    method: ClusterSelectionMethod,
    epsilon: f64,
    allow_single_cluster: bool,
    labels: Vec<i64>,
    strengths: Vec<f64>,
    outlier_scores: Vec<f64>,
    new: Option<New>,
}

#[derive(Deserialize)]
struct New {
    x: Vec<Vec<f64>>,
    labels: Vec<i64>,
    strengths: Vec<f64>,
}

/// −1 for outliers, as in the packages.
fn signed(labels: &[Option<u32>]) -> Vec<i64> {
    labels.iter().map(|label| label.map_or(-1, i64::from)).collect()
}

/// Asserts the same parts and the same outliers, and returns the pairs of numbers that mean the same.
#[track_caller]
fn assert_same_segments(ours: &[i64], theirs: &[i64], what: &str) {
    assert_same_parts(ours, theirs, what);
    assert!(ours.iter().zip(theirs).all(|(a, b)| (*a == -1) == (*b == -1)), "{what}");
}

/// Data in which ties decide are outside: there the packages differ from each other, and where rows are repeated or lie on a grid labels
/// here need not be theirs. `poor_data_have_an_answer` and the properties below have such rows.
#[test]
fn labels_strengths_and_scores_are_those_of_the_packages() {
    let cases: Vec<Case> = fixture("density/hdbscan.json");
    assert_eq!(cases.len(), 19);
    for case in cases {
        let what = &case.name;
        let recipe = Hdbscan::new(case.min_cluster_size)
            .min_samples(case.min_samples)
            .cluster_selection_method(case.method)
            .cluster_selection_epsilon(case.epsilon)
            .allow_single_cluster(case.allow_single_cluster);
        let model = recipe.fit(training(&table(&case.x))).unwrap();
        let ours = signed(&model.labels());
        assert_same_segments(&ours, &case.labels, what);
        assert_all_close(model.strengths(), &case.strengths, 1e-9);
        assert_all_close(model.outlier_scores(), &case.outlier_scores, 1e-9);
        assert!(model.counts().is_sorted_by(|a, b| a >= b), "{what}");
        if let Some(new) = case.new {
            let predicted = model.assign(&table(&new.x).view()).unwrap();
            // With the training rows beside them, so that the same number means the same segment.
            let both = |of: &[i64], more: &[i64]| [of, more].concat();
            assert_same_segments(&both(&ours, &signed(&predicted.ids)), &both(&case.labels, &new.labels), what);
            assert_all_close(&predicted.strength, &new.strengths, 1e-9);
        }
    }
}

/// Heaps over some noise.
fn heaps(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut rng = stream(seed, &[]);
    Array2::from_shape_fn((rows, columns), |(row, column)| match row % 5 {
        4 => rng.random_range(-20.0..20.0),
        heap => {
            let noise: f64 = (0..4).map(|_| rng.random_range(-1.0..1.0)).sum();
            ((heap * (column + 2)) % 5) as f64 * 6.0 + noise * (0.3 + heap as f64 / 4.0)
        }
    })
}

fn fit(x: &Array2<f64>, recipe: &Hdbscan) -> HdbscanModel {
    recipe.fit(training(x)).unwrap()
}

#[test]
fn a_row_that_is_a_segments_densest_has_strength_one_and_outliers_none() {
    let model = fit(&heaps(1_200, 3, 7), &Hdbscan::new(20));
    assert!((3..6).contains(&model.n_clusters()), "{}", model.n_clusters());
    for segment in 0..model.n_clusters() as u32 {
        let labels = model.labels();
        let strengths = labels.iter().zip(model.strengths()).filter(|(label, _)| **label == Some(segment));
        assert_eq!(strengths.map(|(_, strength)| *strength).fold(0.0, f64::max), 1.0);
    }
    let outliers: Vec<usize> = (0..1_200).filter(|row| model.labels()[*row].is_none()).collect();
    assert_eq!(outliers.len(), model.n_outliers());
    assert!(outliers.len() > 100 && outliers.iter().all(|row| model.strengths()[*row] == 0.0));
}

#[test]
fn rows_of_weight_zero_are_left_out() {
    let x = heaps(200, 2, 3);
    let weights: Array1<f64> = (0..200).map(|row| if row % 3 == 0 { 0.0 } else { 2.5 }).collect();
    let model = Hdbscan::new(8).fit(training(&x).with_weights(weights)).unwrap();
    let there: Vec<usize> = (0..200).filter(|row| row % 3 != 0).collect();
    let alone = fit(&x.select(ndarray::Axis(0), &there), &Hdbscan::new(8));
    let of = |rows: &[usize]| rows.iter().map(|row| model.labels()[*row]).collect::<Vec<_>>();
    assert_eq!(of(&there), alone.labels());
    assert!((0..200).step_by(3).all(|row| model.labels()[row].is_none() && model.strengths()[row] == 0.0));
    let unequal = training(&x).with_weights((0..200).map(|row| f64::from(row % 2 + 1)).collect());
    let says = Hdbscan::new(8).fit(unequal).unwrap_err().to_string();
    assert!(says.starts_with("`hdbscan` takes no weights but equal ones and 0"), "{says}");
}

#[test]
fn what_cannot_be_clustered_is_refused() {
    let x = heaps(20, 2, 1);
    let says = |recipe: Hdbscan, data: Training<Features>| recipe.fit(data).unwrap_err().to_string();
    assert!(says(Hdbscan::new(1), training(&x)).starts_with("parameter `min_cluster_size` = 1: must be at least 2"));
    assert!(says(Hdbscan::new(5).min_samples(0), training(&x)).starts_with("parameter `min_samples` = 0"));
    assert!(says(Hdbscan::new(5).min_samples(21), training(&x)).contains("`min_samples` = 21: there are only 20 rows"));
    assert!(says(Hdbscan::new(21), training(&x)).contains("`min_cluster_size` = 21: there are only 20 rows"));
    for epsilon in [-1.0, f64::NAN] {
        let recipe = Hdbscan::new(5).cluster_selection_epsilon(epsilon);
        assert!(says(recipe, training(&x)).starts_with("parameter `cluster_selection_epsilon`"), "{epsilon}");
    }
    assert!(says(Hdbscan::default(), training(&array![[1.0, 2.0]])).contains("there are only 1 rows"));
    assert!(says(Hdbscan::default(), training(&array![[0.0], [f64::NAN]])).contains("column `c0`, row 2"));
    let weightless = training(&x).with_weights(Array1::zeros(20));
    assert!(says(Hdbscan::default(), weightless).contains("all are zero"));
    let token = CancelToken::default();
    token.cancel();
    let cancelled = Hdbscan::default().fit_with(training(&x), &Context::default().with_cancel(token));
    assert!(matches!(cancelled, Err(Error::Cancelled)));
}

#[test]
fn poor_data_have_an_answer() {
    // One row, and one is enough for a core distance: an outlier, whatever may be a single segment.
    let lone = Hdbscan::new(2).min_samples(1).allow_single_cluster(true);
    assert_eq!(fit(&array![[3.0]], &lone).labels(), [None]);
    // Only duplicates, in columns without variance: no cluster splits off; one segment where that is enough.
    let same = Array2::from_elem((30, 2), 4.0);
    assert_eq!(fit(&same, &Hdbscan::default()).n_outliers(), 30);
    let one = fit(&same, &Hdbscan::default().allow_single_cluster(true));
    assert_eq!((one.n_clusters(), one.n_outliers()), (1, 0));
    assert!(one.strengths().iter().all(|strength| *strength == 1.0));
    let new = one.assign(&array![[4.0, 4.0], [5.0, 4.0]].view()).unwrap();
    assert_eq!(new.ids, [Some(0), None]);
    // Two heaps of duplicates are two segments.
    let two = Array2::from_shape_fn((20, 1), |(row, _)| if row < 8 { 1.0 } else { 2.0 });
    let model = fit(&two, &Hdbscan::default());
    assert_eq!(model.counts(), [12, 8]);
    assert_eq!(model.assign(&array![[1.0], [2.0], [1.4]].view()).unwrap().ids[..2], [Some(1), Some(0)]);
    // A column without variance changes nothing.
    let x = heaps(150, 1, 6);
    let beside = ndarray::concatenate![ndarray::Axis(1), x, Array2::from_elem((150, 1), 4.0)];
    assert_eq!(fit(&x, &Hdbscan::new(8)).labels(), fit(&beside, &Hdbscan::new(8)).labels());
    // Nothing is near a row that is far off.
    let far = fit(&x, &Hdbscan::new(8)).assign(&array![[1e300], [1e9]].view()).unwrap();
    assert_eq!(far.ids, [None, None]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Small whole numbers, so that ties abound: no strength or score leaves 0 to 1, no segment is too small.
    #[test]
    fn segments_are_large_enough_and_strengths_are_shares(
        rows in prop::collection::vec((0_i8..9, 0_i8..9), 6..80), size in 2_usize..7, min_samples in 1_usize..6, leaf: bool,
    ) {
        let x = Array2::from_shape_fn((rows.len(), 2), |(row, column)| f64::from([rows[row].0, rows[row].1][column]));
        let method = if leaf { ClusterSelectionMethod::Leaf } else { ClusterSelectionMethod::Eom };
        let model = fit(&x, &Hdbscan::new(size).min_samples(min_samples).cluster_selection_method(method));
        prop_assert!(model.counts().iter().all(|count| *count as usize >= size));
        prop_assert!(model.strengths().iter().chain(model.outlier_scores()).all(|v| (0.0..=1.0).contains(v)));
        let back = model.predict(&training(&x).x).unwrap();
        prop_assert!(back.strength.iter().all(|v| (0.0..=1.0).contains(v)));
    }

    /// Distances stay when all is shifted and turned, and so do segments, strengths and scores.
    #[test]
    fn shifting_and_turning_change_nothing(seed in 0_u64..500, by in -100.0..100.0_f64, angle in 0.0..std::f64::consts::TAU) {
        let x = heaps(150, 3, seed);
        let (sin, cos) = angle.sin_cos();
        let turned = Array2::from_shape_fn((150, 3), |(row, column)| by + match column {
            0 => x[[row, 0]] * cos - x[[row, 2]] * sin,
            1 => x[[row, 1]],
            _ => x[[row, 0]] * sin + x[[row, 2]] * cos,
        });
        let recipe = Hdbscan::new(8).min_samples(4);
        let (a, b) = (fit(&x, &recipe), fit(&turned, &recipe));
        prop_assert_eq!(a.labels(), b.labels());
        assert_all_close(a.strengths(), b.strengths(), 1e-8);
        assert_all_close(a.outlier_scores(), b.outlier_scores(), 1e-8);
    }

    /// Two rows of one segment hang together at some radius, by the definition of DBSCAN*: a cluster is one of its segments at the
    /// radius where the last of its rows joins it.
    #[test]
    fn a_leaf_is_dense_at_some_radius(seed in 0_u64..500) {
        let x = heaps(150, 2, seed);
        let model = fit(&x, &Hdbscan::new(10).min_samples(4).cluster_selection_method(ClusterSelectionMethod::Leaf));
        let labels = model.labels();
        for segment in 0..model.n_clusters() as u32 {
            let rows: Vec<usize> = (0..150).filter(|row| labels[*row] == Some(segment)).collect();
            let together = (1..200).map(|step| f64::from(step) * 0.1).any(|eps| {
                let at = Dbscan::new(eps).min_samples(4).fit(training(&x)).unwrap().labels();
                at[rows[0]].is_some() && rows.iter().all(|row| at[*row] == at[rows[0]])
            });
            prop_assert!(together);
        }
    }
}
