//! The number of segments by every measure, against kneed, the papers' formulas in NumPy, and data of which it is known.

use adflux_clustering::{ChooseK, ChosenK, UNSTABLE, elbow, fewest_by_gap, gaps};
use adflux_core::{CancelToken, Context, Error, Features, random::stream};
use adflux_testing::{assert_all_close, fixture};
use ndarray::Array2;
use rand::RngExt as _;
use serde::Deserialize;

fn features(x: Array2<f64>) -> Features {
    let names: Vec<String> = (0..x.ncols()).map(|i| format!("c{i}")).collect();
    Features::from_dense(x, names).unwrap()
}

/// `count` heaps of `each` rows on a ring of radius 10.
fn heaps(count: usize, each: usize, spread: f64) -> Features {
    let mut rng = stream(5, &[count as u64]);
    features(Array2::from_shape_fn((count * each, 2), |(row, column)| {
        let angle = (row / each) as f64 / count as f64 * std::f64::consts::TAU;
        let noise: f64 = (0..4).map(|_| rng.random::<f64>() - 0.5).sum();
        10.0 * if column == 0 { angle.cos() } else { angle.sin() } + spread * noise
    }))
}

#[derive(Deserialize)]
struct Elbow {
    x: Vec<usize>,
    y: Vec<f64>,
    knee: Option<usize>,
}

#[test]
fn the_elbow_is_that_of_kneed() {
    let cases: Vec<Elbow> = fixture("choosing/elbows.json");
    assert!(cases.iter().any(|case| case.knee.is_none()) && cases.len() > 50);
    for Elbow { x, y, knee } in cases {
        let curve: Vec<(usize, f64)> = x.into_iter().zip(y).collect();
        assert_eq!(elbow(&curve), knee, "{curve:?}");
    }
}

#[test]
fn curves_without_a_bend_have_no_elbow() {
    assert_eq!(elbow(&[]), None);
    assert_eq!(elbow(&[(2, 4.0)]), None);
    assert_eq!(elbow(&[(1, 4.0), (2, 4.0)]), None);
    assert_eq!(elbow(&[(1, f64::NAN), (2, 4.0), (3, 1.0)]), None);
    assert_eq!(elbow(&[(1, 0.3), (2, 0.2), (3, 0.1)]), None, "a straight line, but for rounding");
    assert_eq!(elbow(&[(5, 3.0), (3, 2.0), (9, 1.0)]), None, "numbers that do not ascend");
    assert_eq!(elbow(&[(1, 9.0), (2, 3.0), (2, 2.0), (3, 1.0)]), None, "a number twice");
    assert_eq!(elbow(&[(1, 9.0), (2, 9.0), (3, 8.0), (4, 0.0)]), None, "the first is never one");
}

#[derive(Deserialize)]
struct Gaps {
    data: Vec<f64>,
    draws: Vec<Vec<f64>>,
    gaps: Vec<f64>,
    errors: Vec<f64>,
    fewest: Option<usize>,
}

#[test]
fn the_gap_statistic_is_that_of_the_paper() {
    for case in fixture::<Vec<Gaps>>("choosing/gaps.json") {
        let found = gaps(&case.data, &case.draws);
        assert_all_close(&found.iter().map(|g| g.gap).collect::<Vec<_>>(), &case.gaps, 1e-12);
        assert_all_close(&found.iter().map(|g| g.error).collect::<Vec<_>>(), &case.errors, 1e-12);
        assert_eq!(fewest_by_gap(&found), case.fewest);
    }
}

#[derive(Deserialize)]
struct Together {
    x: Vec<Vec<f64>>,
    inertia: Vec<f64>,
    gaps: Vec<f64>,
    deviations: Vec<f64>,
    stability: Vec<f64>,
    least: Vec<f64>,
}

#[test]
fn gap_and_stability_over_many_draws_are_those_of_scikit_learn() {
    let case: Together = fixture("choosing/together.json");
    let x = Array2::from_shape_vec((case.x.len(), 2), case.x.concat()).unwrap();
    let chosen = ChooseK::new(6).references(300).resamples(300).choose(&features(x)).unwrap();
    for (i, candidate) in chosen.candidates.iter().enumerate() {
        // Both end in the best of five starts, which may be another minimum.
        assert!((candidate.inertia / case.inertia[i]).ln().abs() < 0.05);
        // Two means of 300 draws, four errors apart, and other minima.
        let near = 4.0 * case.deviations[i] * (2.0_f64 / 300.0).sqrt() + 0.01;
        let (here, there) = (candidate.gap.gap + candidate.inertia.ln(), case.gaps[i] + case.inertia[i].ln());
        assert!((here - there).abs() < near, "{i}: {here} {there}");
        // In another minimum other segments come back.
        let same = (candidate.inertia / case.inertia[i] - 1.0).abs() < 1e-6;
        assert!(same || i > 2, "as many segments as heaps are found by both");
        if let Some(stability) = candidate.stability.filter(|_| same) {
            assert!((stability.mean - case.stability[i - 1]).abs() < 0.05, "{i}: {stability:?}");
            assert!((stability.least - case.least[i - 1]).abs() < 0.08, "{i}: {stability:?} {}", case.least[i - 1]);
        }
    }
}

#[test]
fn clear_heaps_are_counted_by_every_measure() {
    for count in [2, 3, 5] {
        let chosen = ChooseK::new(8).references(10).resamples(5).choose(&heaps(count, 40, 1.0)).unwrap();
        assert_eq!(chosen.n_clusters, count, "{}", chosen.reason);
        let votes = chosen.votes;
        // On a ring of more heaps than three the inertia falls most while heaps share a centre.
        for (measure, vote) in votes.all().into_iter().filter(|(measure, _)| count == 3 || *measure != "elbow") {
            assert_eq!(vote, Some(count), "{measure} of {count}");
        }
        let stable = chosen.candidates[count - 1].stability.unwrap();
        assert!(stable.least > 0.99 && stable.mean > 0.99);
        assert!(chosen.reason.starts_with(&format!("{count} segments are what ")), "{}", chosen.reason);
    }
}

#[test]
fn one_heap_is_told_by_the_gap() {
    let mut rng = stream(8, &[]);
    let x = Array2::from_shape_fn((200, 3), |_| (0..6).map(|_| rng.random::<f64>()).sum::<f64>());
    let chosen = ChooseK::new(6).resamples(10).choose(&features(x)).unwrap();
    assert_eq!(chosen.votes.gap, Some(1), "{chosen:?}");
    assert!(chosen.reason.contains("asks for 1: no segments"), "{}", chosen.reason);
    assert!(chosen.n_clusters >= 2);
}

#[test]
fn what_does_not_come_back_is_not_recommended() {
    // Evenly spread rows: two halves come back better than six parts.
    let mut rng = stream(9, &[]);
    let x = Array2::from_shape_fn((150, 4), |_| rng.random::<f64>());
    let chosen = ChooseK::new(8).references(5).choose(&features(x)).unwrap();
    let of = |chosen: &ChosenK, k: usize| chosen.candidates[k - 1].stability.unwrap().mean;
    assert!(chosen.candidates[1..].iter().any(|c| c.stability.unwrap().mean < UNSTABLE), "the data is of no use here");
    let any = chosen.candidates[1..].iter().any(|c| c.stability.unwrap().mean >= UNSTABLE);
    assert!(any, "the data is of no use here");
    assert!(of(&chosen, chosen.n_clusters) >= UNSTABLE, "{}", chosen.reason);
}

#[test]
fn threads_change_nothing_and_work_can_be_cancelled() {
    let x = heaps(3, 60, 2.0);
    let recipe = ChooseK::new(5).references(4).resamples(4).sample_size(100).seed(3);
    let with = |threads| recipe.choose_with(&x, &Context::default().with_threads(threads).unwrap()).unwrap();
    let one = with(1);
    assert_eq!(one, with(3));
    assert_eq!(one.rows, 100);
    assert_ne!(one, recipe.clone().seed(4).choose(&x).unwrap());
    let token = CancelToken::default();
    token.cancel();
    let cancelled = recipe.choose_with(&x, &Context::default().with_cancel(token));
    assert!(matches!(cancelled, Err(Error::Cancelled)));
}

#[test]
fn bad_input_is_refused_by_name() {
    let says = |recipe: ChooseK, x: Array2<f64>| recipe.choose(&features(x)).unwrap_err().to_string();
    let some = || Array2::from_shape_fn((9, 2), |(row, column)| (row * (column + 1)) as f64);
    assert!(says(ChooseK::new(1), some()).contains("`max` = 1"));
    assert!(says(ChooseK::default().references(0), some()).contains("`references` = 0"));
    assert!(says(ChooseK::default().resamples(10_001), some()).contains("`resamples`"));
    assert!(says(ChooseK::default().n_init(0), some()).contains("`n_init`"));
    assert!(says(ChooseK::default().sample_size(2), some()).contains("`sample_size`"));
    assert!(says(ChooseK::default(), Array2::ones((9, 2))).contains("two of which differ"), "only duplicates");
    assert!(says(ChooseK::default(), Array2::ones((1, 2))).contains("give three rows"), "one row");
    assert!(says(ChooseK::default(), Array2::zeros((0, 2))).contains("give three rows"), "no rows");
    let mut missing = some();
    missing[[4, 1]] = f64::NAN;
    assert!(says(ChooseK::default(), missing).starts_with("column `c1`, row 5: a missing value"));
}

#[test]
fn few_distinct_rows_lower_max_and_a_perfect_fit_has_an_infinite_gap() {
    let x = Array2::from_shape_fn((12, 2), |(row, _)| (row % 3) as f64);
    let chosen = ChooseK::default().references(3).resamples(3).choose(&features(x)).unwrap();
    assert_eq!(chosen.candidates.len(), 3, "more segments than distinct rows are not tried");
    assert_eq!((chosen.n_clusters, chosen.candidates[2].inertia), (3, 0.0));
    assert_eq!(chosen.candidates[2].gap.gap, f64::INFINITY);
}
