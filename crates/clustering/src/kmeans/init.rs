//! Where the centres start.

use super::data::Data;
use adflux_core::{
    Context, Result,
    random::Rng,
    widest::{Kernel, multiply_add, run},
};
use rand::RngExt as _;
use rayon::prelude::*;

/// Candidates that are compared side by side.
const LANES: usize = 8;
type Lanes = [f64; LANES];

/// `k` of so many rows drawn without replacement, each in proportion to its weight (Efraimidis and Spirakis 2006).
pub(crate) fn random(rows: usize, weight: impl Fn(usize) -> f64, k: usize, rng: &mut Rng) -> Vec<usize> {
    let key = |row: usize, rng: &mut Rng| -(1.0 - rng.random::<f64>()).ln() / weight(row);
    let mut keys: Vec<(f64, usize)> = (0..rows).map(|row| (key(row, rng), row)).collect();
    keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    keys.into_iter().take(k).map(|(_, row)| row).collect()
}

/// The rows that greedy k-means++ starts from.
pub(super) fn k_means_plus_plus(data: &Data, k: usize, rng: &mut Rng, context: &Context) -> Result<Vec<usize>> {
    let trials = 2 + (k as f64).ln() as usize;
    let weights: Vec<f64> = (0..data.x.nrows()).map(|row| data.weight(row)).collect();
    // The squared distance of each row to its nearest centre so far; at first only weights count.
    let mut closest = vec![1.0; weights.len()];
    let first = draw(&weights, &closest, 1, rng);
    closest.fill(f64::INFINITY);
    let mut chosen = vec![first[0]];
    let mut tried = Tried::default();
    tried.look(data, &weights, &closest, &first);
    tried.keep(0, &mut closest);
    while chosen.len() < k {
        context.check()?;
        let candidates = draw(&weights, &closest, trials, rng);
        let potentials = tried.look(data, &weights, &closest, &candidates);
        let best = (1..candidates.len()).fold(0, |best, i| if potentials[i] < potentials[best] { i } else { best });
        chosen.push(candidates[best]);
        tried.keep(best, &mut closest);
    }
    Ok(chosen)
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

/// What the squared distance of each row to its nearest centre would be with each of some candidates. Kept for all, so that the rows
/// need not be read again for the one that is chosen.
#[derive(Default)]
struct Tried {
    /// All rows for the first 8 candidates, all rows for the next.
    with: Vec<Lanes>,
}

impl Tried {
    /// Tries candidates; the weighted sum over the rows with each.
    fn look(&mut self, data: &Data, weights: &[f64], closest: &[f64], candidates: &[usize]) -> Vec<f64> {
        let rows = closest.len();
        self.with.resize(rows * candidates.len().div_ceil(LANES), [0.0; LANES]);
        let mut potentials = Vec::new();
        for (candidates, with) in candidates.chunks(LANES).zip(self.with.chunks_mut(rows)) {
            let panel = panel(data, candidates);
            let pieces: Vec<Lanes> = with
                .par_chunks_mut(data.piece)
                .enumerate()
                .map(|(piece, with)| {
                    let (from, to) = (piece * data.piece, piece * data.piece + with.len());
                    let (closest, weights) = (&closest[from..to], &weights[from..to]);
                    run(Look { rows: data.rows(from, to), panel: &panel, closest, weights, with })
                })
                .collect();
            let mut total = [0.0; LANES];
            pieces.iter().for_each(|sums| total.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum));
            potentials.extend_from_slice(&total[..candidates.len()]);
        }
        potentials
    }

    /// Lowers `closest` to what it is with a candidate.
    fn keep(&self, candidate: usize, closest: &mut [f64]) {
        let with = &self.with[candidate / LANES * closest.len()..];
        closest.iter_mut().zip(with).for_each(|(closest, with)| *closest = with[candidate % LANES]);
    }
}

/// Up to [`LANES`] rows, column after column.
fn panel(data: &Data, rows: &[usize]) -> Vec<Lanes> {
    let mut columns = vec![[0.0; LANES]; data.x.ncols()];
    for (lane, &row) in rows.iter().enumerate() {
        columns.iter_mut().zip(data.row(row)).for_each(|(column, value)| column[lane] = *value);
    }
    columns
}

struct Look<'a> {
    rows: &'a [f64],
    panel: &'a [Lanes],
    closest: &'a [f64],
    weights: &'a [f64],
    with: &'a mut [Lanes],
}

impl Kernel for Look<'_> {
    type Output = Lanes;

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> Lanes {
        let columns = self.panel.len();
        let mut sums = [0.0; LANES];
        for (block, with) in self.with.chunks_mut(ROWS).enumerate() {
            let first = block * ROWS;
            let row = |r: usize| &self.rows[(first + r) * columns..(first + r + 1) * columns];
            if with.len() == ROWS {
                let squared = squared::<FUSED, ROWS>(std::array::from_fn(row), self.panel);
                with.copy_from_slice(&squared);
            } else {
                with.iter_mut().enumerate().for_each(|(r, with)| [*with] = squared::<FUSED, 1>([row(r)], self.panel));
            }
            for (r, with) in with.iter_mut().enumerate() {
                let (closest, weight) = (self.closest[first + r], self.weights[first + r]);
                for lane in 0..LANES {
                    with[lane] = if with[lane] < closest { with[lane] } else { closest };
                    sums[lane] += weight * with[lane];
                }
            }
        }
        sums
    }
}

/// Squared distances as sums of squared differences: exactly 0 for equal rows, so that none is drawn twice.
#[inline(always)]
fn squared<const FUSED: bool, const ROWS: usize>(rows: [&[f64]; ROWS], panel: &[Lanes]) -> [Lanes; ROWS] {
    let rows = rows.map(|row| &row[..panel.len()]);
    let mut squared = [[0.0; LANES]; ROWS];
    for (column, cell) in panel.iter().enumerate() {
        for r in 0..ROWS {
            for lane in 0..LANES {
                let difference = rows[r][column] - cell[lane];
                squared[r][lane] = multiply_add::<FUSED, f64>(difference, difference, squared[r][lane]);
            }
        }
    }
    squared
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::random::stream;

    #[test]
    fn heavy_rows_are_drawn_first() {
        let weight = |row| if row % 10 == 3 { 1e9 } else { 1.0 };
        let mut drawn = random(100, weight, 10, &mut stream(1, &[]));
        assert_ne!(drawn, [3, 13, 23, 33, 43, 53, 63, 73, 83, 93], "in an order of their own");
        drawn.sort_unstable();
        assert_eq!(drawn, [3, 13, 23, 33, 43, 53, 63, 73, 83, 93]);
        assert_eq!(random(4, |_| f64::from_bits(1 << 52), 4, &mut stream(1, &[])).len(), 4);
    }
}
