//! The nearest centres with bounds, so that few are looked at: Yinyang k-means (Ding et al. 2015).
//!
//! Of each row, an upper bound of the distance to its own centre is kept, and for every group of centres a lower bound of the
//! distance to all of them but its own. Centres that move loosen the bounds by as much. A group whose lower bound is above the
//! upper bound has no nearer centre; any other is looked at, beginning with the own, which makes the upper bound tight.
//!
//! Distances are compared in f64, by the same operations as where all centres are looked at. Bounds are kept in f32, rounded away
//! from each other and with room for the rounding of the distances, so that labels are those of the full search.

use super::{
    data::{Data, square},
    groups::{Groups, LANES, Lanes},
    search::{Search, changes},
    sums::Change,
};
use crate::centers::squared;
use adflux_core::widest::{Kernel, run};
use adflux_evaluation::distance::scores_of;
use ndarray::Array2;
use rayon::prelude::*;

/// Rows whose bounds are looked at together.
const CHUNK: usize = 256;

/// More and less than 1, by more than the rounding of an f32.
const UP: f32 = 1.0 + 1.0 / (1 << 21) as f32;
const DOWN: f32 = 1.0 - 1.0 / (1 << 21) as f32;
/// For what vanishes in f32.
const TINY: f32 = 1e-30;

pub(super) struct Bounds {
    groups: Groups,
    /// The centres that the bounds are about.
    centers: Array2<f64>,
    /// The squared length of each row.
    squares: Vec<f64>,
    upper: Vec<f32>,
    /// Chunk after chunk of rows, group after group.
    lower: Vec<f32>,
}

impl Bounds {
    /// Bounds that say nothing yet; `None` where there is no memory for them.
    pub(super) fn new(data: &Data, centers: &Array2<f64>) -> Option<Self> {
        let rows = data.x.nrows();
        let lower = zeros(rows.checked_mul(centers.nrows().div_ceil(LANES))?)?;
        let squares = data.pieces(|rows| rows.chunks_exact(data.columns()).map(square).collect::<Vec<_>>());
        Some(Bounds {
            groups: Groups::new(centers),
            centers: centers.clone(),
            squares: squares.concat(),
            upper: vec![f32::MAX / 4.0; rows],
            lower,
        })
    }

    /// What the lower bounds of so many rows and centres take.
    pub(super) fn bytes(rows: usize, centers: usize) -> usize {
        rows.saturating_mul(centers.div_ceil(LANES)).saturating_mul(size_of::<f32>())
    }
}

/// So many zeros, when there is memory for them.
pub(super) fn zeros(count: usize) -> Option<Vec<f32>> {
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(count).ok()?;
    zeros.resize(count, 0.0);
    Some(zeros)
}

impl Search for Bounds {
    fn nearest(&mut self, data: &Data, centers: &Array2<f64>, segments: &mut [u32]) -> Vec<Vec<Change>> {
        let shifts: Vec<f32> = (self.centers.rows().into_iter().zip(centers.rows()))
            .map(|(from, to)| squared(&from.to_vec(), to).sqrt() as f32 * UP + TINY)
            .collect();
        self.centers.assign(centers);
        self.groups.follow(centers);
        let longest = centers.rows().into_iter().map(|c| c.iter().map(|v| v * v).sum::<f64>()).fold(0.0, f64::max);
        let shared = Shared {
            groups: &self.groups,
            group_shifts: &self.groups.greatest(&shifts),
            shifts: &shifts,
            longest,
            rounding: 4.0 * f64::EPSILON * (data.columns() + 4) as f64,
        };
        let (piece, count) = (data.piece, self.groups.count());
        segments
            .par_chunks_mut(piece)
            .zip(self.upper.par_chunks_mut(piece))
            .zip(self.lower.par_chunks_mut(piece * count))
            .enumerate()
            .map(|(i, ((segments, upper), lower))| {
                let first = i * piece;
                // A row that is in no segment yet may begin in any.
                let mut new: Vec<u32> = segments.iter().map(|s| if *s == u32::MAX { 0 } else { *s }).collect();
                run(Piece {
                    shared: &shared,
                    rows: data.rows(first, first + segments.len()),
                    squares: &self.squares[first..first + segments.len()],
                    segments: &mut new,
                    upper,
                    lower,
                });
                changes(first, segments, &new)
            })
            .collect()
    }
}

/// What all rows have in common.
struct Shared<'a> {
    groups: &'a Groups,
    /// How far each centre has moved, and the farthest of each group.
    shifts: &'a [f32],
    group_shifts: &'a [f32],
    /// The squared length of the longest centre.
    longest: f64,
    /// How much a squared distance may be off, as a share of the squared lengths of row and centre.
    rounding: f64,
}

impl Shared<'_> {
    /// Bounds, from above and from below, of the distance that a score stands for.
    #[inline(always)]
    fn bounds(&self, score: f64, square: f64) -> (f32, f32) {
        let squared = square + 2.0 * score;
        let rounding = self.rounding * (square + self.longest);
        let above = (squared.max(0.0) + rounding).sqrt() as f32 * UP + TINY;
        let below = (squared - rounding).max(0.0).sqrt() as f32 * DOWN - TINY;
        // No centre at all is as far as can be.
        (above, if score == f64::INFINITY { f32::MAX / 4.0 } else { below.max(0.0) })
    }
}

struct Piece<'a> {
    shared: &'a Shared<'a>,
    rows: &'a [f64],
    squares: &'a [f64],
    segments: &'a mut [u32],
    upper: &'a mut [f32],
    lower: &'a mut [f32],
}

impl Kernel for Piece<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let (groups, columns) = (self.shared.groups, self.shared.groups.columns);
        let lists = || (0..groups.count()).map(|_| Vec::with_capacity(CHUNK)).collect::<Vec<Vec<usize>>>();
        let (mut due, mut others) = (lists(), lists());
        let chunks = self.rows.chunks(CHUNK * columns).zip(self.squares.chunks(CHUNK)).zip(
            (self.segments.chunks_mut(CHUNK).zip(self.upper.chunks_mut(CHUNK)))
                .zip(self.lower.chunks_mut(CHUNK * groups.count())),
        );
        for ((rows, squares), ((segments, upper), lower)) in chunks {
            let mut chunk =
                Chunk { shared: self.shared, rows, squares, segments, upper, lower, best: [f64::INFINITY; CHUNK] };
            chunk.loosen(&mut due);
            for (group, list) in due.iter_mut().enumerate() {
                chunk.scores::<FUSED, ROWS>(group, list, |chunk, row, scores| chunk.own(group, row, scores));
                for row in list.drain(..) {
                    for (other, list) in others.iter_mut().enumerate().filter(|(other, _)| *other != group) {
                        if chunk.is_open(other, row) {
                            list.push(row);
                        }
                    }
                }
            }
            for (group, list) in others.iter_mut().enumerate() {
                // Other groups may have brought the row nearer since.
                list.retain(|row| chunk.is_open(group, *row));
                chunk.scores::<FUSED, ROWS>(group, list, |chunk, row, scores| chunk.other(group, row, scores));
                list.clear();
            }
        }
    }
}

/// Some rows with their bounds.
struct Chunk<'a> {
    shared: &'a Shared<'a>,
    rows: &'a [f64],
    squares: &'a [f64],
    segments: &'a mut [u32],
    upper: &'a mut [f32],
    lower: &'a mut [f32],
    /// The scores of the rows' centres, where they were looked at.
    best: [f64; CHUNK],
}

impl Chunk<'_> {
    /// Follows the centres' shifts, and lists under their groups the rows that may have to change.
    #[inline(always)]
    fn loosen(&mut self, due: &mut [Vec<usize>]) {
        let count = self.upper.len();
        for (upper, segment) in self.upper.iter_mut().zip(&*self.segments) {
            *upper = (*upper + self.shared.shifts[*segment as usize]) * UP;
        }
        let mut least = [f32::INFINITY; CHUNK];
        for (lower, shift) in self.lower.chunks_exact_mut(count).zip(self.shared.group_shifts) {
            for (lower, least) in lower.iter_mut().zip(&mut least) {
                let loose = (*lower - shift) * DOWN;
                *lower = if loose > 0.0 { loose } else { 0.0 };
                *least = if *lower < *least { *lower } else { *least };
            }
        }
        for row in 0..count {
            if least[row] <= self.upper[row] {
                due[self.shared.groups.of(self.segments[row])].push(row);
            }
        }
    }

    /// Whether a group may have a nearer centre.
    #[inline(always)]
    fn is_open(&self, group: usize, row: usize) -> bool {
        self.lower[group * self.upper.len() + row] <= self.upper[row]
    }

    #[inline(always)]
    fn set_lower(&mut self, group: usize, row: usize, bound: f32) {
        self.lower[group * self.upper.len() + row] = bound;
    }

    /// The nearest of the own group becomes the own centre.
    #[inline(always)]
    fn own(&mut self, group: usize, row: usize, scores: &Lanes) {
        let Two { lane, least, next } = Two::of(scores);
        self.segments[row] = self.shared.groups.member(group, lane);
        self.best[row] = least;
        self.upper[row] = self.shared.bounds(least, self.squares[row]).0;
        let below = self.shared.bounds(next, self.squares[row]).1;
        self.set_lower(group, row, below);
    }

    /// The nearest of another group becomes the own centre, when it is nearer.
    #[inline(always)]
    fn other(&mut self, group: usize, row: usize, scores: &Lanes) {
        let Two { lane, least, next } = Two::of(scores);
        let (own, member) = (self.segments[row], self.shared.groups.member(group, lane));
        let square = self.squares[row];
        if (least, member) >= (self.best[row], own) {
            return self.set_lower(group, row, self.shared.bounds(least, square).1);
        }
        // The centre it leaves is one of its group again.
        let left = self.shared.groups.of(own);
        let below = self.shared.bounds(self.best[row], square).1;
        let place = left * self.upper.len() + row;
        self.lower[place] = self.lower[place].min(below);
        self.segments[row] = member;
        self.best[row] = least;
        self.upper[row] = self.shared.bounds(least, square).0;
        self.set_lower(group, row, self.shared.bounds(next, square).1);
    }

    /// The scores of some rows beside a group's centres.
    #[inline(always)]
    fn scores<const FUSED: bool, const ROWS: usize>(
        &mut self,
        group: usize,
        list: &[usize],
        mut then: impl FnMut(&mut Self, usize, &Lanes),
    ) {
        let (cells, half_norms) = self.shared.groups.panel(group);
        let mut batches = list.chunks_exact(ROWS);
        for batch in &mut batches {
            let scores = scores_of::<FUSED, ROWS>(cells, half_norms, std::array::from_fn(|i| self.row(batch[i])));
            batch.iter().zip(&scores).for_each(|(row, scores)| then(self, *row, scores));
        }
        for row in batches.remainder() {
            let [scores] = scores_of::<FUSED, 1>(cells, half_norms, [self.row(*row)]);
            then(self, *row, &scores);
        }
    }

    #[inline(always)]
    fn row(&self, row: usize) -> &[f64] {
        let columns = self.shared.groups.columns;
        &self.rows[row * columns..(row + 1) * columns]
    }
}

/// The least score, its lane (the first of equals), and the least of the others.
struct Two {
    lane: usize,
    least: f64,
    next: f64,
}

impl Two {
    #[inline(always)]
    fn of(scores: &Lanes) -> Self {
        let mut two = Two { lane: 0, least: scores[0], next: f64::INFINITY };
        for (lane, score) in scores.iter().enumerate().skip(1) {
            let nearer = *score < two.least;
            let other = if nearer { two.least } else { *score };
            two.next = if other < two.next { other } else { two.next };
            two.least = if nearer { *score } else { two.least };
            two.lane = if nearer { lane } else { two.lane };
        }
        two
    }
}
