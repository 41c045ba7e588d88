//! The iterations of k-prototypes: all rows to their nearest prototypes, then all prototypes to the middle of their rows.

use crate::{mixed::Mixed, waves::in_waves};
use adflux_core::{Context, Result};
use ndarray::Array2;

/// The rows, and how they are compared.
pub(super) struct Data<'a> {
    pub(super) rows: &'a Mixed,
    pub(super) weights: Vec<f64>,
    /// What a category that differs adds to a squared distance.
    pub(super) gamma: f64,
    /// Codes of each category.
    pub(super) codes: Vec<usize>,
    /// Rows of a piece of work: by the number of rows alone, so that sums are added in the same order whatever the threads.
    pub(super) piece: usize,
}

impl<'a> Data<'a> {
    pub(super) fn new(rows: &'a Mixed, weights: Vec<f64>, gamma: f64, codes: Vec<usize>) -> Self {
        Data { rows, weights, gamma, codes, piece: rows.rows.div_ceil(64).max(512) }
    }

    /// The dissimilarity of a row and a prototype.
    pub(super) fn between(&self, row: usize, prototypes: &Prototypes, k: usize) -> f64 {
        let (numbers, codes) = prototypes.of(k);
        dissimilarity((self.rows.numbers_of(row), self.rows.codes_of(row)), (numbers, codes), self.gamma)
    }

    /// Rows as prototypes.
    pub(super) fn prototypes(&self, rows: &[usize]) -> Prototypes {
        let mut centers = Array2::zeros((rows.len(), self.rows.numbers.ncols()));
        let mut modes = Vec::with_capacity(rows.len() * self.codes.len());
        for (mut center, &row) in centers.rows_mut().into_iter().zip(rows) {
            center.assign(&self.rows.numbers.row(row));
            modes.extend_from_slice(self.rows.codes_of(row));
        }
        Prototypes { centers, modes }
    }
}

/// The squared distance of the numbers, and gamma for every category that differs.
pub(super) fn dissimilarity(a: (&[f64], &[u32]), b: (&[f64], &[u32]), gamma: f64) -> f64 {
    let squared: f64 = a.0.iter().zip(b.0).map(|(a, b)| (a - b) * (a - b)).sum();
    let differ = a.1.iter().zip(b.1).filter(|(a, b)| a != b).count();
    squared + gamma * differ as f64
}

/// Means of numbers (prototypes × columns) and modes of categories (prototypes × categories).
#[derive(Clone, Debug)]
pub(super) struct Prototypes {
    pub(super) centers: Array2<f64>,
    pub(super) modes: Vec<u32>,
}

impl Prototypes {
    pub(super) fn len(&self) -> usize {
        self.centers.nrows()
    }

    pub(super) fn of(&self, k: usize) -> (&[f64], &[u32]) {
        let (columns, categories) = (self.centers.ncols(), self.modes.len() / self.len().max(1));
        let centers = self.centers.as_slice().unwrap_or_default();
        (&centers[k * columns..(k + 1) * columns], &self.modes[k * categories..(k + 1) * categories])
    }
}

/// What one start came to.
pub(super) struct Run {
    pub(super) prototypes: Prototypes,
    pub(super) segments: Vec<u32>,
    pub(super) cost: f64,
    pub(super) n_iter: usize,
    pub(super) converged: bool,
}

/// Iterates until no row changes its segment, or `max_iter`.
pub(super) fn run(data: &Data, mut prototypes: Prototypes, max_iter: usize, context: &Context) -> Result<Run> {
    let mut segments = vec![u32::MAX; data.rows.rows];
    let (mut n_iter, mut converged) = (0, false);
    while n_iter < max_iter && !converged {
        context.check()?;
        n_iter += 1;
        let (sums, changed) = assign(data, &prototypes, &mut segments);
        converged = !changed;
        if changed {
            prototypes = sums.middles(data, &prototypes, &mut segments);
        }
        context.report(super::KIND, n_iter as u64, Some(max_iter as u64));
    }
    let (sums, _) = assign(data, &prototypes, &mut segments);
    Ok(Run { prototypes, segments, cost: sums.cost, n_iter, converged })
}

/// What the rows of each segment add up to.
struct Sums {
    cost: f64,
    weights: Vec<f64>,
    numbers: Array2<f64>,
    /// The weight of each code of each category, one after the other, for each segment.
    counts: Array2<f64>,
}

impl Sums {
    fn new(k: usize, columns: usize, codes: usize) -> Self {
        Sums {
            cost: 0.0,
            weights: vec![0.0; k],
            numbers: Array2::zeros((k, columns)),
            counts: Array2::zeros((k, codes)),
        }
    }

    fn plus(&mut self, more: &Sums) {
        self.cost += more.cost;
        self.weights.iter_mut().zip(&more.weights).for_each(|(total, weight)| *total += weight);
        self.numbers += &more.numbers;
        self.counts += &more.counts;
    }

    fn add(&mut self, data: &Data, row: usize, segment: usize, weight: f64) {
        self.weights[segment] += weight;
        let sums = self.numbers.row_mut(segment);
        sums.into_iter().zip(data.rows.numbers_of(row)).for_each(|(sum, value)| *sum += weight * value);
        let mut first = 0;
        for (&code, &codes) in data.rows.codes_of(row).iter().zip(&data.codes) {
            self.counts[[segment, first + code as usize]] += weight;
            first += codes;
        }
    }
}

/// Puts every row to its nearest prototype, the first of equals; the sums of the new segments, and whether any row changed.
fn assign(data: &Data, prototypes: &Prototypes, segments: &mut [u32]) -> (Sums, bool) {
    let shape = (prototypes.len(), prototypes.centers.ncols(), data.codes.iter().sum());
    let old = &*segments;
    let of_piece = |piece: usize| {
        let rows = piece * data.piece..((piece + 1) * data.piece).min(old.len());
        let mut sums = Sums::new(shape.0, shape.1, shape.2);
        let mut new = Vec::with_capacity(rows.len());
        for row in rows {
            let (nearest, least) = nearest(data, prototypes, row);
            new.push(nearest);
            let weight = data.weights[row];
            sums.cost += weight * least;
            sums.add(data, row, nearest as usize, weight);
        }
        (sums, new)
    };
    let (mut total, mut all) = (Sums::new(shape.0, shape.1, shape.2), Vec::with_capacity(old.len()));
    let bytes = 8 * shape.0 * (1 + shape.1 + shape.2);
    in_waves(old.len().div_ceil(data.piece), bytes, of_piece, |(sums, new)| {
        total.plus(&sums);
        all.extend(new);
    });
    let changed = all != segments;
    segments.copy_from_slice(&all);
    (total, changed)
}

pub(super) fn nearest(data: &Data, prototypes: &Prototypes, row: usize) -> (u32, f64) {
    let mut best = (0, f64::INFINITY);
    for k in 0..prototypes.len() {
        let distance = data.between(row, prototypes, k);
        if distance < best.1 {
            best = (k as u32, distance);
        }
    }
    best
}

impl Sums {
    /// The new prototypes: means, and of each category the code of the greatest weight, the first of equals.
    fn middles(mut self, data: &Data, before: &Prototypes, segments: &mut [u32]) -> Prototypes {
        if self.weights.contains(&0.0) {
            self.refill(data, before, segments);
        }
        let mut prototypes = before.clone();
        let categories = data.codes.len();
        for k in (0..before.len()).filter(|k| self.weights[*k] > 0.0) {
            let mean = self.numbers.row(k).mapv(|sum| sum / self.weights[k]);
            prototypes.centers.row_mut(k).assign(&mean);
            let mut first = 0;
            for (category, &codes) in data.codes.iter().enumerate() {
                let counts = self.counts.slice(ndarray::s![k, first..first + codes]);
                let most = counts.iter().enumerate().fold((0, f64::NEG_INFINITY), |most, (code, &weight)| {
                    if weight > most.1 { (code, weight) } else { most }
                });
                prototypes.modes[k * categories + category] = most.0 as u32;
                first += codes;
            }
        }
        prototypes
    }

    /// Empty segments get the rows that are least like their prototypes, the least first; never the last row of a segment.
    fn refill(&mut self, data: &Data, before: &Prototypes, segments: &mut [u32]) {
        let mut members = vec![0_usize; before.len()];
        segments.iter().for_each(|segment| members[*segment as usize] += 1);
        let mut far: Vec<(f64, usize)> =
            segments.iter().enumerate().map(|(row, &own)| (data.between(row, before, own as usize), row)).collect();
        far.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut far = far.into_iter().filter(|(distance, _)| *distance > 0.0);
        for empty in (0..before.len()).filter(|k| members[*k] == 0).collect::<Vec<_>>() {
            let Some((_, row)) = far.by_ref().find(|(_, row)| members[segments[*row] as usize] > 1) else { return };
            members[segments[row] as usize] -= 1;
            members[empty] += 1;
            self.add(data, row, segments[row] as usize, -data.weights[row]);
            self.add(data, row, empty, data.weights[row]);
            segments[row] = empty as u32;
        }
    }
}
