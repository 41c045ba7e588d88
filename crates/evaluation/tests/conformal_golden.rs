//! Conformal intervals and sets beside MAPIE's, and what must be refused.

use adflux_evaluation::conformal::*;
use adflux_testing::{assert_all_close, fixture};
use ndarray::{Array1, Array2, array, s};
use serde::Deserialize;

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn ends((lower, upper): (Array1<f64>, Array1<f64>)) -> Vec<f64> {
    lower.into_iter().zip(upper).flat_map(|(l, u)| [l, u]).collect()
}

#[derive(Deserialize)]
struct Intervals {
    rows: usize,
    levels: Vec<f64>,
    truth: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    predicted: Vec<f64>,
    split: Vec<Vec<[f64; 2]>>,
    cqr: Vec<Vec<[f64; 2]>>,
}

#[test]
fn split_and_quantile_intervals_are_mapies() {
    let case: Intervals = fixture("conformal/intervals.json");
    let n = case.rows;
    let (y, p) = (Array1::from(case.truth), Array1::from(case.predicted));
    let (l, u) = (Array1::from(case.lower), Array1::from(case.upper));
    let residuals = residual_scores(y.slice(s![..n]), p.slice(s![..n]), None).unwrap();
    let outside = quantile_scores(y.slice(s![..n]), l.slice(s![..n]), u.slice(s![..n])).unwrap();
    for (i, &level) in case.levels.iter().enumerate() {
        let quantile = conformal_quantile(&residuals, level).unwrap();
        let split = residual_interval(p.slice(s![n..]), quantile, None).unwrap();
        assert_all_close(&ends(split), &case.split[i].concat(), 1e-10);
        let quantile = conformal_quantile(&outside, level).unwrap();
        let cqr = quantile_interval(l.slice(s![n..]), u.slice(s![n..]), quantile).unwrap();
        assert_all_close(&ends(cqr), &case.cqr[i].concat(), 1e-10);
    }
}

#[derive(Deserialize)]
struct Cross {
    levels: Vec<f64>,
    cases: Vec<CrossCase>,
}

#[derive(Deserialize)]
struct CrossCase {
    fold_of: Vec<usize>,
    residuals: Vec<f64>,
    predictions: Vec<Vec<f64>>,
    bounds: Vec<Vec<[f64; 2]>>,
}

#[test]
fn cv_plus_and_the_jackknife_plus_are_mapies() {
    let golden: Cross = fixture("conformal/cross.json");
    for case in golden.cases {
        let (residuals, predictions) = (Array1::from(case.residuals), matrix(&case.predictions));
        for (&level, bounds) in golden.levels.iter().zip(&case.bounds) {
            let plus = cv_plus(residuals.view(), &case.fold_of, predictions.view(), level).unwrap();
            assert_all_close(&ends(plus), &bounds.concat(), 1e-10);
        }
    }
}

#[derive(Deserialize)]
struct Sets {
    rows: usize,
    levels: Vec<f64>,
    probabilities: Vec<Vec<f64>>,
    truth: Vec<u32>,
    u: Vec<f64>,
    fresh_u: Vec<f64>,
    cases: Vec<SetsCase>,
}

#[derive(Deserialize)]
struct SetsCase {
    lac: Vec<Vec<bool>>,
    aps_randomized: Vec<Vec<bool>>,
    aps_included: Vec<Vec<bool>>,
}

#[test]
fn sets_are_mapies() {
    let golden: Sets = fixture("conformal/sets.json");
    let (p, n) = (matrix(&golden.probabilities), golden.rows);
    let truth = Array1::from(golden.truth);
    let (scored, fresh, truth) = (p.slice(s![..n, ..]), p.slice(s![n.., ..]), truth.slice(s![..n]));
    let (u, fresh_u) = (Array1::from(golden.u), Array1::from(golden.fresh_u));
    let lac = lac_scores(scored, truth).unwrap();
    let aps = aps_scores(scored, truth, Some(u.view())).unwrap();
    let rows = |sets: Array2<bool>| sets.rows().into_iter().map(|r| r.to_vec()).collect::<Vec<_>>();
    for (&level, case) in golden.levels.iter().zip(&golden.cases) {
        let threshold = conformal_quantile(&lac, level).unwrap();
        assert_eq!(rows(lac_sets(fresh, threshold).unwrap()), case.lac);
        let threshold = conformal_quantile(&aps, level).unwrap();
        assert_eq!(rows(aps_sets(fresh, threshold, Some(fresh_u.view())).unwrap()), case.aps_randomized);
        let ones = Array1::ones(fresh.nrows());
        assert_eq!(rows(aps_sets(fresh, threshold, Some(ones.view())).unwrap()), case.aps_included);
    }
}

#[test]
fn the_rows_needed_are_the_fewest_with_a_finite_quantile() {
    for percent in 1..100 {
        let level = f64::from(percent) / 100.0;
        let rows = rows_needed(level).unwrap();
        assert!(conformal_quantile(&vec![1.0; rows], level).unwrap().is_finite(), "{level}");
        assert!(conformal_quantile(&vec![1.0; rows - 1], level).unwrap().is_infinite(), "{level}");
    }
    assert!(rows_needed(1.0).unwrap_err().to_string().starts_with("parameter `level` = 1.0"));
}

#[test]
fn a_scale_widens_where_it_is_large_and_a_model_too_careful_is_narrowed() {
    let (y, p, scale) = (array![1.0, 4.0, 9.0], array![0.0, 0.0, 0.0], array![1.0, 2.0, 3.0]);
    let scores = residual_scores(y.view(), p.view(), Some(scale.view())).unwrap();
    assert_eq!(scores, [1.0, 2.0, 3.0]);
    let (lower, upper) = residual_interval(p.view(), 2.0, Some(scale.view())).unwrap();
    assert_eq!((lower, upper), (array![-2.0, -4.0, -6.0], array![2.0, 4.0, 6.0]));
    let scores = quantile_scores(y.view(), array![-9.0, -9.0, -9.0].view(), array![19.0, 19.0, 19.0].view()).unwrap();
    assert_eq!(scores, [-10.0, -13.0, -10.0]);
}

#[test]
fn what_cannot_be_scored_is_named() {
    let (y, p) = (array![1.0, 2.0], array![1.0, f64::NAN]);
    let says = |r: adflux_core::Result<Vec<f64>>| r.unwrap_err().to_string();
    assert!(says(residual_scores(y.view(), p.view(), None)).starts_with("column `prediction`, row 2"));
    assert_eq!(
        says(residual_scores(y.view(), y.view(), Some(array![1.0, 0.0].view()))),
        "column `scale`, row 2: 0: must be a finite number above 0"
    );
    assert!(says(quantile_scores(y.view(), y.view(), array![1.0].view())).contains("upper ends of 1 rows"));
    let probabilities = array![[0.5, 0.5], [0.2, 0.8]];
    assert!(says(lac_scores(probabilities.view(), array![0, 2].view())).contains("class 2 of 2 columns"));
    let u = array![0.5, 1.5];
    let error = says(aps_scores(probabilities.view(), array![0, 1].view(), Some(u.view())));
    assert_eq!(error, "column `u`, row 2: 1.5 does not lie between 0 and 1");
    assert!(lac_sets(array![[1.5, -0.5]].view(), 0.5).unwrap_err().to_string().contains("does not lie"));
    let plus = |fold: usize| cv_plus(y.view(), &[0, fold], array![[1.0, 2.0]].view(), 0.5);
    assert!(plus(2).unwrap_err().to_string().contains("fold 2 of predictions by 2 models"));
    // Two rows do not reach a level of 0.9.
    let (lower, upper) = cv_plus(y.view(), &[0, 1], array![[1.0, 2.0]].view(), 0.9).unwrap();
    assert_eq!((lower[0], upper[0]), (f64::NEG_INFINITY, f64::INFINITY));
    assert!(group_quantiles(&[1.0], &[0, 1], 0.5, 1).unwrap_err().to_string().contains("groups of 2 rows"));
}

#[test]
fn small_groups_and_rows_without_one_have_no_quantile() {
    let groups = [0, 0, 0, 0, 1, 1, 1, u32::MAX, u32::MAX, u32::MAX, u32::MAX];
    let scores: Vec<f64> = (1..=11).map(f64::from).collect();
    let of =
        |level, min_rows| group_quantiles(&scores, &groups, level, min_rows).unwrap().into_iter().collect::<Vec<_>>();
    assert_eq!(of(0.5, 1), [(0, 3.0), (1, 6.0)]);
    assert_eq!(of(0.5, 4), [(0, 3.0)]);
    // A level of 0.8 needs four rows, whatever is asked for.
    assert_eq!(of(0.8, 1), [(0, 4.0)]);
}
