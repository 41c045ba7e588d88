//! Where the centres start.

use super::lloyd::Data;
use adflux_core::{Context, Result, random::Rng};
use ndarray::{Array2, Axis};
use rand::RngExt as _;
use rayon::prelude::*;

/// Candidates that are compared side by side.
const LANES: usize = 8;

/// `k` rows drawn without replacement, each in proportion to its weight (Efraimidis and Spirakis 2006).
pub(super) fn random(data: &Data, k: usize, rng: &mut Rng) -> Array2<f64> {
    let mut keys: Vec<(f64, usize)> = (0..data.x.nrows())
        .map(|row| (-(1.0 - rng.random::<f64>()).ln() / data.weight(row), row))
        .filter(|(key, _)| key.is_finite())
        .collect();
    keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let rows: Vec<usize> = keys.into_iter().take(k).map(|(_, row)| row).collect();
    data.x.select(Axis(0), &rows)
}

/// Greedy k-means++.
pub(super) fn k_means_plus_plus(data: &Data, k: usize, rng: &mut Rng, context: &Context) -> Result<Array2<f64>> {
    let trials = 2 + (k as f64).ln() as usize;
    let weights: Vec<f64> = (0..data.x.nrows()).map(|row| data.weight(row)).collect();
    // The squared distance of each row to its nearest centre so far; at first only weights count.
    let mut closest = vec![1.0; weights.len()];
    let first = draw(&weights, &closest, 1, rng);
    closest.fill(f64::INFINITY);
    let mut chosen = vec![first[0]];
    shrink(data, first[0], &mut closest);
    while chosen.len() < k {
        context.check()?;
        let candidates = draw(&weights, &closest, trials, rng);
        let potentials = potentials(data, &weights, &closest, &candidates);
        let best = (1..candidates.len()).fold(0, |best, i| if potentials[i] < potentials[best] { i } else { best });
        chosen.push(candidates[best]);
        shrink(data, candidates[best], &mut closest);
    }
    Ok(data.x.select(Axis(0), &chosen))
}

/// `count` rows with probabilities in proportion to weight × closest.
fn draw(weights: &[f64], closest: &[f64], count: usize, rng: &mut Rng) -> Vec<usize> {
    let mut total = 0.0;
    let cumulated: Vec<f64> = weights
        .iter()
        .zip(closest)
        .map(|(weight, closest)| {
            total += weight * closest;
            total
        })
        .collect();
    let last = cumulated.partition_point(|&sum| sum < total);
    let mut at = |_| {
        let target = rng.random::<f64>() * total;
        // Above the target, not at it: a row that has no share cannot be drawn.
        cumulated.partition_point(|&sum| sum <= target).min(last)
    };
    (0..count).map(&mut at).collect()
}

/// Lowers `closest` to the squared distances to `row`.
fn shrink(data: &Data, row: usize, closest: &mut [f64]) {
    let panel = panel(data, &[row]);
    each_piece(data, closest, |rows, closest| {
        for (row, closest) in rows.chunks_exact(panel.len()).zip(closest) {
            *closest = closest.min(squared(row, &panel)[0]);
        }
    });
}

fn each_piece(data: &Data, closest: &mut [f64], work: impl Fn(&[f64], &mut [f64]) + Sync) {
    closest.par_chunks_mut(data.piece).enumerate().for_each(|(piece, closest)| {
        let first = piece * data.piece;
        work(data.rows(first, first + closest.len()), closest);
    });
}

/// What the weighted sum of `closest` would be with each of the candidates.
fn potentials(data: &Data, weights: &[f64], closest: &[f64], candidates: &[usize]) -> Vec<f64> {
    let of_panel = |candidates: &[usize]| {
        let panel = panel(data, candidates);
        let pieces: Vec<[f64; LANES]> = closest
            .par_chunks(data.piece)
            .enumerate()
            .map(|(piece, closest)| {
                let first = piece * data.piece;
                let rows = data.rows(first, first + closest.len()).chunks_exact(panel.len());
                let mut sums = [0.0; LANES];
                for ((row, closest), weight) in rows.zip(closest).zip(&weights[first..]) {
                    let distances = squared(row, &panel);
                    for lane in 0..LANES {
                        sums[lane] += weight * distances[lane].min(*closest);
                    }
                }
                sums
            })
            .collect();
        let mut total = [0.0; LANES];
        pieces.iter().for_each(|sums| total.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum));
        total[..candidates.len()].to_vec()
    };
    candidates.chunks(LANES).flat_map(of_panel).collect()
}

/// Up to [`LANES`] rows, column after column.
fn panel(data: &Data, rows: &[usize]) -> Vec<[f64; LANES]> {
    let mut columns = vec![[0.0; LANES]; data.x.ncols()];
    for (lane, &row) in rows.iter().enumerate() {
        columns.iter_mut().zip(data.row(row)).for_each(|(column, value)| column[lane] = *value);
    }
    columns
}

/// Squared distances as sums of squared differences: exactly 0 for equal rows, so that none is drawn twice.
fn squared(row: &[f64], panel: &[[f64; LANES]]) -> [f64; LANES] {
    let mut squared = [0.0; LANES];
    for (&value, column) in row.iter().zip(panel) {
        for lane in 0..LANES {
            let difference = value - column[lane];
            squared[lane] += difference * difference;
        }
    }
    squared
}
