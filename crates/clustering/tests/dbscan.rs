//! DBSCAN against scikit-learn and against its definition, and what must be refused.

use crate::hierarchical::{assert_same_parts, table, training};
use adflux_clustering::{Dbscan, DbscanModel, k_distances, k_distances_with, suggest_eps, suggest_eps_with};
use adflux_core::{CancelToken, Context, Error, Features, Fit, Predict, Training, random::stream};
use adflux_testing::{assert_all_close, fixture};
use ndarray::{Array1, Array2, array, concatenate};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    x: Vec<Vec<f64>>,
    eps: f64,
    min_samples: usize,
    weights: Option<Vec<f64>>,
    labels: Vec<i64>,
    core: Vec<u32>,
}

fn fit(x: &Array2<f64>, weights: Option<Vec<f64>>, eps: f64, min_samples: usize) -> DbscanModel {
    let data = training(x);
    let data = weights.into_iter().fold(data, |data, w| data.with_weights(w.into()));
    Dbscan::new(eps).min_samples(min_samples).fit(data).unwrap()
}

/// −1 for outliers, as in scikit-learn.
fn signed(labels: &[Option<u32>]) -> Vec<i64> {
    labels.iter().map(|label| label.map_or(-1, i64::from)).collect()
}

#[test]
fn labels_and_core_rows_are_scikit_learns() {
    let cases: Vec<Case> = fixture("density/dbscan.json");
    assert_eq!(cases.len(), 11);
    for Case { name, x, eps, min_samples, weights, labels, core } in cases {
        let x = table(&x);
        let model = fit(&x, weights, eps, min_samples);
        let ours = signed(&model.labels());
        assert_same_parts(&ours, &labels, &name);
        let outliers = |labels: &[i64]| labels.iter().map(|label| *label == -1).collect::<Vec<_>>();
        assert_eq!(outliers(&ours), outliers(&labels), "{name}");
        assert_eq!(model.core_rows(), core, "{name}");
        assert_eq!(model.n_outliers(), labels.iter().filter(|label| **label == -1).count(), "{name}");
        assert!(model.weights().is_sorted_by(|a, b| a >= b), "{name}: the heaviest first");
    }
}

/// The definition, in the order of scikit-learn: each core row spreads its number, and the first to reach a row has it.
fn simple(x: &Array2<f64>, weights: Option<&[f64]>, eps: f64, min_samples: usize) -> Vec<i64> {
    let near = |a: usize, b: usize| {
        x.row(a).iter().zip(x.row(b)).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b)) <= eps * eps
    };
    let rows = x.nrows();
    let mass =
        |row| (0..rows).filter(|other| near(row, *other)).map(|other| weights.map_or(1.0, |w| w[other])).sum::<f64>();
    let core: Vec<bool> = (0..rows).map(|row| mass(row) >= min_samples as f64).collect();
    let mut labels = vec![-1; rows];
    let mut next = 0;
    for first in 0..rows {
        if !core[first] || labels[first] != -1 {
            continue;
        }
        let mut waiting = vec![first];
        labels[first] = next;
        while let Some(row) = waiting.pop() {
            for other in (0..rows).filter(|other| near(row, *other)) {
                if labels[other] == -1 {
                    labels[other] = next;
                    if core[other] {
                        waiting.push(other);
                    }
                }
            }
        }
        next += 1;
    }
    labels
}

/// Heaps of different density over some noise.
fn heaps(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut rng = stream(seed, &[]);
    Array2::from_shape_fn((rows, columns), |(row, column)| match row % 6 {
        5 => rng.random_range(-20.0..20.0),
        heap => {
            let noise: f64 = (0..4).map(|_| rng.random_range(-1.0..1.0)).sum();
            ((heap * (column + 2)) % 5) as f64 * 5.0 + noise * (0.3 + heap as f64 / 4.0)
        }
    })
}

#[test]
fn many_rows_and_any_number_of_threads_give_the_labels_of_the_definition() {
    for (rows, columns, eps) in [(3_000, 2, 0.4), (2_500, 5, 1.5), (2_000, 9, 30.0)] {
        let x = heaps(rows, columns, rows as u64);
        let expected = simple(&x, None, eps, 6);
        for threads in [1, 3] {
            let context = Context::default().with_threads(threads).unwrap();
            let model = Dbscan::new(eps).min_samples(6).fit_with(training(&x), &context).unwrap();
            assert_same_parts(&signed(&model.labels()), &expected, &format!("{rows}×{columns}, {threads} threads"));
        }
    }
}

#[test]
fn new_rows_go_to_the_nearest_core_row_within_reach() {
    let model = fit(&array![[0.0], [1.0], [2.0], [9.0], [10.0], [11.0], [12.0]], None, 1.0, 3);
    assert_eq!(model.core_rows(), [1, 4, 5]);
    assert_eq!(model.components(), array![[1.0], [10.0], [11.0]]);
    let new = model.assign(&array![[1.0], [0.25], [2.0], [2.01], [11.5], [-1e300]].view()).unwrap();
    assert_eq!(new.ids, [Some(1), Some(1), Some(1), None, Some(0), None]);
    assert_all_close(&new.strength, &[1.0, 0.25, 0.0, 0.0, 0.5, 0.0], 1e-12);
    assert!(model.assign(&array![[1.0, 2.0]].view()).is_err());
}

#[test]
fn the_curve_of_distances_tells_which_rows_are_core() {
    let x = heaps(900, 3, 5);
    let eps = suggest_eps(x.view(), 6).unwrap().unwrap();
    let curve = k_distances(x.view(), 6).unwrap();
    assert!(curve.is_sorted() && curve.len() == 900);
    // The suggested radius is a distance of the curve, and so are others.
    for radius in [eps, curve[100], curve[500], curve[777]] {
        let core = fit(&x, None, radius, 6).core_rows().len();
        assert_eq!(core, curve.iter().filter(|d| **d <= radius).count());
        assert!(fit(&x, None, radius.next_down(), 6).core_rows().len() < core);
    }
    let core = fit(&x, None, eps, 6).core_rows().len();
    // A sixth of the rows is noise over a wide range.
    assert!((600..840).contains(&core), "{core}");
    assert_eq!(suggest_eps(x.view(), 1_000).unwrap(), None);
    assert_eq!(suggest_eps(Array2::zeros((20, 2)).view(), 5).unwrap(), None);
    assert_eq!(k_distances(x.view(), 901).unwrap_err().to_string(), "parameter `k` = 901: must be at most 900");
    assert!(k_distances(Array2::zeros((0, 2)).view(), 1).is_err());
    assert!(k_distances(array![[f64::NAN]].view(), 1).is_err());
}

#[test]
fn a_distance_whose_root_is_rounded_down_is_rounded_up() {
    // 3 is more than the square of its root as rounded.
    let x = array![[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]];
    let eps = k_distances(x.view(), 2).unwrap()[0];
    assert_eq!(eps, 3_f64.sqrt().next_up());
    assert_eq!(fit(&x, None, eps, 2).core_rows(), [0, 1]);
    assert_eq!(suggest_eps(x.view(), 2).unwrap(), Some(eps));
}

#[test]
fn the_curve_of_distances_can_be_cancelled_and_keeps_to_its_threads() {
    let x = heaps(5_000, 2, 5);
    let token = CancelToken::default();
    token.cancel();
    let context = Context::default().with_cancel(token);
    assert!(matches!(k_distances_with(x.view(), 5, &context), Err(Error::Cancelled)));
    assert!(matches!(suggest_eps_with(x.view(), 5, &context), Err(Error::Cancelled)));
    let two = Context::default().with_threads(2).unwrap();
    assert_eq!(k_distances_with(x.view(), 5, &two).unwrap(), k_distances(x.view(), 5).unwrap());
}

#[test]
fn weights_that_add_up_but_for_rounding_make_a_core_row() {
    // Ten tenths: added one by one they are less than 1.
    assert!([0.1; 10].iter().sum::<f64>() < 1.0);
    let x = Array2::from_shape_fn((10, 1), |(row, _)| row as f64);
    assert_eq!(fit(&x, Some(vec![0.1; 10]), 20.0, 1).core_rows().len(), 10);
    // A margin of a billionth is not one of a millionth.
    assert_eq!(fit(&x, Some(vec![0.1 - 1e-7; 10]), 20.0, 1).core_rows().len(), 0);
}

#[test]
fn a_row_of_weight_is_as_many_rows() {
    let x = heaps(150, 2, 9);
    let weights: Vec<f64> = (0..150).map(|row| f64::from(row % 4)).collect();
    let model = fit(&x, Some(weights.clone()), 0.6, 7);
    let repeated: Vec<usize> = (0..150).flat_map(|row| vec![row; row % 4]).collect();
    let as_many = fit(&x.select(ndarray::Axis(0), &repeated), None, 0.6, 7);
    let there: Vec<usize> = (0..150).filter(|row| row % 4 > 0).collect();
    let of_first: Vec<Option<u32>> = {
        let labels = as_many.labels();
        there.iter().map(|row| labels[repeated.iter().position(|r| r == row).unwrap()]).collect()
    };
    let ours: Vec<Option<u32>> = there.iter().map(|row| model.labels()[*row]).collect();
    assert_same_parts(&ours, &of_first, "weights");
    assert_eq!(model.weights().iter().sum::<f64>() as usize, as_many.counts().iter().sum::<u64>() as usize);
}

#[test]
fn what_cannot_be_clustered_is_refused() {
    let x = array![[0.0, 1.0], [0.1, 1.0], [5.0, 1.0]];
    let says = |recipe: Dbscan, data: Training<Features>| recipe.fit(data).unwrap_err().to_string();
    for eps in [0.0, -2.0, f64::NAN, f64::INFINITY] {
        assert!(says(Dbscan::new(eps), training(&x)).starts_with("parameter `eps` ="), "{eps}");
    }
    assert!(says(Dbscan::default().min_samples(0), training(&x)).starts_with("parameter `min_samples` = 0"));
    let missing = training(&array![[0.0], [f64::NAN]]);
    assert!(says(Dbscan::default(), missing).contains("column `c0`, row 2"));
    let weightless = training(&x).with_weights(Array1::zeros(3));
    assert!(says(Dbscan::default(), weightless).contains("all are zero"));
    assert!(says(Dbscan::default(), training(&array![[1e200], [-1e200]])).contains("too large to be squared"));
    assert!(says(Dbscan::default(), training(&Array2::zeros((3, 0)))).contains("no columns"));
    let token = CancelToken::default();
    token.cancel();
    let cancelled = Dbscan::default().fit_with(training(&x), &Context::default().with_cancel(token));
    assert!(matches!(cancelled, Err(Error::Cancelled)));
}

#[test]
fn poor_data_have_an_answer() {
    // One row is an outlier, or, when one is enough, a segment.
    assert_eq!(fit(&array![[3.0]], None, 1.0, 2).labels(), [None]);
    assert_eq!(fit(&array![[3.0]], None, 1.0, 1).labels(), [Some(0)]);
    // Only duplicates, in columns without variance: dense, however small the radius.
    let same = fit(&Array2::from_elem((40, 3), 7.0), None, 1e-9, 5);
    assert_eq!((same.n_clusters(), same.n_outliers()), (1, 0));
    // A column without variance changes nothing.
    let x = heaps(80, 1, 3);
    let beside = concatenate![ndarray::Axis(1), x, Array2::from_elem((80, 1), 4.0)];
    assert_eq!(fit(&x, None, 0.5, 4).labels(), fit(&beside, None, 0.5, 4).labels());
    // Nothing dense: everything is an outlier, new rows too.
    let nothing = fit(&x, None, 1e-9, 4);
    assert_eq!((nothing.n_clusters(), nothing.n_outliers()), (0, 80));
    assert!(nothing.predict(&training(&x).x).unwrap().ids.iter().all(Option::is_none));
}

#[test]
fn the_training_rows_come_back_except_at_borders_of_several() {
    let x = heaps(600, 2, 21);
    let model = fit(&x, None, 0.5, 6);
    let back = model.predict(&training(&x).x).unwrap();
    let differ: Vec<usize> = (0..600).filter(|row| back.ids[*row] != model.labels()[*row]).collect();
    assert!(differ.len() < 20, "{differ:?}");
    for row in differ {
        assert!(back.ids[row].is_some() && model.labels()[row].is_some());
        assert!(!model.core_rows().contains(&(row as u32)));
    }
    assert!(model.core_rows().iter().all(|row| back.strength[*row as usize] == 1.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Small whole numbers: many equal rows, and many at exactly the radius.
    #[test]
    fn labels_are_those_of_the_definition(
        rows in prop::collection::vec((0_i8..7, 0_i8..7, 0_u8..4), 1..70), eps in 1_u8..4, min_samples in 1_usize..7,
    ) {
        let x = Array2::from_shape_fn((rows.len(), 2), |(row, column)| f64::from([rows[row].0, rows[row].1][column]));
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.2)).collect();
        let weights = weights.iter().any(|w| *w > 0.0).then_some(weights);
        let model = fit(&x, weights.clone(), f64::from(eps), min_samples);
        assert_same_parts(&signed(&model.labels()), &simple(&x, weights.as_deref(), f64::from(eps), min_samples), "any");
    }

    /// Distances stay when all is shifted and turned. Not quite to the bit, so the radius lies between them.
    #[test]
    fn moving_all_rows_changes_nothing(
        seed in 0_u64..1_000, by in -50.0..50.0_f64, angle in 0.0..std::f64::consts::TAU,
    ) {
        let x = heaps(120, 2, seed);
        let (sin, cos) = angle.sin_cos();
        let moved = x.dot(&array![[cos, sin], [-sin, cos]]) + by;
        prop_assert_eq!(fit(&x, None, 0.512_345, 5).labels(), fit(&moved, None, 0.512_345, 5).labels());
    }
}
