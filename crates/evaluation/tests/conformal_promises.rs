//! The coverage that each method promises, kept in simulation: 200 small data sets, each with a model of its own and fresh rows.

use adflux_core::random::{Rng, stream};
use adflux_evaluation::conformal::*;
use ndarray::{Array1, Array2};
use rand::RngExt as _;

const REPETITIONS: u64 = 200;
const FRESH: usize = 40;

fn normal(rng: &mut Rng) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

/// Rows of a line with noise that grows with x, four times as much in every other row.
struct Rows {
    x: Array1<f64>,
    y: Array1<f64>,
    group: Vec<u32>,
}

fn rows(count: usize, rng: &mut Rng) -> Rows {
    let x: Array1<f64> = (0..count).map(|_| 2.0 * normal(rng)).collect();
    let group: Vec<u32> = (0..count as u32).map(|row| row % 2).collect();
    let noise = |x: &f64, group: &u32, rng: &mut Rng| (0.3 + x.abs()) * f64::from(1 + 3 * group) * normal(rng);
    let y = x.iter().zip(&group).map(|(x, g)| 2.0 * x + noise(x, g, rng)).collect();
    Rows { x, y, group }
}

/// The slope of the line through the origin: the toy model, which is fitted anew in each repetition.
fn slope(x: &Array1<f64>, y: &Array1<f64>) -> f64 {
    (x * y).sum() / (x * x).sum()
}

/// Asserts that shares of the repetitions lie about `level`: not below, and not above `most`, by more than 3.5 standard errors.
fn keeps(what: &str, shares: &[f64], level: f64, most: f64) {
    let n = shares.len() as f64;
    let mean = shares.iter().sum::<f64>() / n;
    let error = 3.5 * (shares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt();
    assert!(mean > level - error && mean < most + error, "{what}: {mean} ± {error}, promised {level} to {most}");
}

fn share(y: &Array1<f64>, (lower, upper): &(Array1<f64>, Array1<f64>), of: impl Fn(usize) -> bool) -> f64 {
    let rows: Vec<usize> = (0..y.len()).filter(|&row| of(row)).collect();
    rows.iter().filter(|&&row| lower[row] <= y[row] && y[row] <= upper[row]).count() as f64 / rows.len() as f64
}

#[test]
fn intervals_hold_what_they_promise() {
    const LEVEL: f64 = 0.8;
    let scored = 60;
    let mut shares: [Vec<f64>; 6] = Default::default();
    for repetition in 0..REPETITIONS {
        let mut rng = stream(1, &[repetition]);
        let (train, held, fresh) = (rows(30, &mut rng), rows(scored, &mut rng), rows(FRESH, &mut rng));
        let slope = slope(&train.x, &train.y);
        let (said, asked) = (&held.x * slope, &fresh.x * slope);
        let all = |_: usize| true;

        let split = residual_scores(held.y.view(), said.view(), None).unwrap();
        let quantile = conformal_quantile(&split, LEVEL).unwrap();
        let interval = residual_interval(asked.view(), quantile, None).unwrap();
        shares[0].push(share(&fresh.y, &interval, all));

        // A scale that is of some help.
        let scale = |x: &Array1<f64>| x.mapv(|x| 1.0 + x.abs());
        let scores = residual_scores(held.y.view(), said.view(), Some(scale(&held.x).view())).unwrap();
        let quantile = conformal_quantile(&scores, LEVEL).unwrap();
        let interval = residual_interval(asked.view(), quantile, Some(scale(&fresh.x).view())).unwrap();
        shares[1].push(share(&fresh.y, &interval, all));

        // Quantiles that are far too narrow and not in the middle.
        let ends = |said: &Array1<f64>| (said - 0.5, said + 0.8);
        let (lower, upper) = ends(&said);
        let scores = quantile_scores(held.y.view(), lower.view(), upper.view()).unwrap();
        let (lower, upper) = ends(&asked);
        let quantile = conformal_quantile(&scores, LEVEL).unwrap();
        let interval = quantile_interval(lower.view(), upper.view(), quantile).unwrap();
        shares[2].push(share(&fresh.y, &interval, all));

        let of_group = group_quantiles(&split, &held.group, LEVEL, 10).unwrap();
        let half: Array1<f64> = fresh.group.iter().map(|g| of_group[g]).collect();
        let interval = (&asked - &half, &asked + &half);
        for group in 0..2 {
            shares[3 + group as usize].push(share(&fresh.y, &interval, |row| fresh.group[row] == group));
        }
        // One quantile for all does not keep it in each group.
        let quantile = conformal_quantile(&split, LEVEL).unwrap();
        let interval = residual_interval(asked.view(), quantile, None).unwrap();
        shares[5].push(share(&fresh.y, &interval, |row| fresh.group[row] == 1));
    }
    let most = |rows: usize| LEVEL + 1.0 / (rows + 1) as f64;
    keeps("split", &shares[0], LEVEL, most(scored));
    keeps("normalised", &shares[1], LEVEL, most(scored));
    keeps("CQR", &shares[2], LEVEL, most(scored));
    keeps("the calm group", &shares[3], LEVEL, most(scored / 2));
    keeps("the loud group", &shares[4], LEVEL, most(scored / 2));
    assert!(shares[5].iter().sum::<f64>() / (REPETITIONS as f64) < 0.7, "groups were not needed");
}

#[test]
fn cv_plus_holds_what_it_promises_where_the_plain_quantile_of_the_fits_errors_does_not() {
    const LEVEL: f64 = 0.8;
    // A model with as many slopes as rows, nearly: it knows its rows by heart.
    let (count, folds) = (24, 6);
    let (mut plus, mut in_sample) = (Vec::new(), Vec::new());
    for repetition in 0..REPETITIONS {
        let mut rng = stream(2, &[repetition]);
        let (train, fresh) = (rows(count, &mut rng), rows(FRESH, &mut rng));
        // The nearest row's outcome: no error at all on the rows it learned from.
        let nearest = |of: &[usize], x: f64| {
            let distance = |row: &usize| (train.x[*row] - x).abs();
            train.y[*of.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap()]
        };
        let fold_of: Vec<usize> = (0..count).map(|row| row % folds).collect();
        let kept: Vec<Vec<usize>> =
            (0..folds).map(|fold| (0..count).filter(|row| fold_of[*row] != fold).collect()).collect();
        let residual = |row: usize| (train.y[row] - nearest(&kept[fold_of[row]], train.x[row])).abs();
        let residuals: Array1<f64> = (0..count).map(residual).collect();
        let said = Array2::from_shape_fn((FRESH, folds), |(row, fold)| nearest(&kept[fold], fresh.x[row]));
        let interval = cv_plus(residuals.view(), &fold_of, said.view(), LEVEL).unwrap();
        plus.push(share(&fresh.y, &interval, |_| true));
        let all: Vec<usize> = (0..count).collect();
        let said: Array1<f64> = fresh.x.iter().map(|x| nearest(&all, *x)).collect();
        let own: Vec<f64> = (0..count).map(|row| (train.y[row] - nearest(&all, train.x[row])).abs()).collect();
        let interval = residual_interval(said.view(), conformal_quantile(&own, LEVEL).unwrap(), None).unwrap();
        in_sample.push(share(&fresh.y, &interval, |_| true));
    }
    // Promised is 1 − 2 (1 − level); it is about the level.
    keeps("CV+", &plus, LEVEL - 0.02, LEVEL + 0.08);
    assert!(in_sample.iter().sum::<f64>() / (REPETITIONS as f64) < 0.1);
}

/// Probabilities of four classes from a model that is too sure of itself, and the class that came.
fn classes(count: usize, rng: &mut Rng) -> (Array2<f64>, Array1<u32>) {
    let (mut said, mut truth) = (Array2::zeros((count, 4)), Array1::zeros(count));
    for (mut row, came) in said.rows_mut().into_iter().zip(&mut truth) {
        let honest: [f64; 4] = std::array::from_fn(|_| rng.random::<f64>().powi(2) + 0.02);
        let (sum, mut draw) = (honest.iter().sum::<f64>(), rng.random::<f64>());
        *came = honest
            .iter()
            .position(|h| {
                draw -= h / sum;
                draw < 0.0
            })
            .unwrap_or(3) as u32;
        let sharp = honest.map(|h| h.powi(2));
        row.assign(&Array1::from(sharp.map(|s| s / sharp.iter().sum::<f64>()).to_vec()));
    }
    (said, truth)
}

#[test]
fn sets_hold_what_they_promise() {
    const LEVEL: f64 = 0.9;
    let scored = 59;
    let (mut lac, mut aps, mut sizes) = (Vec::new(), Vec::new(), [0.0; 2]);
    for repetition in 0..REPETITIONS {
        let mut rng = stream(3, &[repetition]);
        let ((said, truth), (asked, came)) = (classes(scored, &mut rng), classes(FRESH, &mut rng));
        let mut draws = |rows: usize| (0..rows).map(|_| rng.random::<f64>()).collect::<Array1<f64>>();
        let (u, fresh_u) = (draws(scored), draws(FRESH));
        let scores = lac_scores(said.view(), truth.view()).unwrap();
        let of_lac = lac_sets(asked.view(), conformal_quantile(&scores, LEVEL).unwrap()).unwrap();
        let scores = aps_scores(said.view(), truth.view(), Some(u.view())).unwrap();
        let threshold = conformal_quantile(&scores, LEVEL).unwrap();
        let of_aps = aps_sets(asked.view(), threshold, Some(fresh_u.view())).unwrap();
        let covered = |sets: &Array2<bool>| {
            let holds = came.iter().enumerate().filter(|(row, class)| sets[[*row, **class as usize]]);
            holds.count() as f64 / FRESH as f64
        };
        lac.push(covered(&of_lac));
        aps.push(covered(&of_aps));
        for (size, sets) in sizes.iter_mut().zip([of_lac, of_aps]) {
            *size += sets.iter().filter(|s| **s).count() as f64;
        }
    }
    keeps("LAC", &lac, LEVEL, LEVEL + 1.0 / (scored + 1) as f64);
    keeps("APS", &aps, LEVEL, LEVEL + 1.0 / (scored + 1) as f64);
    assert!(sizes[0] < sizes[1], "LAC gives the smaller sets: {sizes:?}");
}
