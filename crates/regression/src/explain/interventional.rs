//! Interventional TreeSHAP: columns that are not known are those of a background row, on the average over background rows.
//!
//! A row and a background row go down a tree together. Where they part over a column, the way of the row is taken by all sets
//! that hold the column and the other way by all that do not, and later splits of the column are settled by that. A leaf that m
//! columns of the row and n of the background row lead to is worth `value · (m − 1)! n! / (m + n)!` to each of the m, and
//! `−value · m! (n − 1)! / (m + n)!` to each of the n (Lundberg et al. 2020, "independent TreeSHAP"; Laberge & Pequignot 2022).
//!
//! Background rows that have parted from the row over the same columns go on together, 64 of them as the bits of a word, so that
//! a node is visited once for all of them.

use crate::tree::nodes::{Step, Tree};

/// Background rows that go together.
pub(super) const TOGETHER: usize = 64;

/// A tree and up to [`TOGETHER`] background rows.
pub(super) struct Prepared<'a> {
    tree: &'a Tree,
    /// By node: which background rows go left. Empty at leaves.
    left: Vec<u64>,
    all: u64,
}

/// Whose way is taken at the splits of a column.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Row,
    Background,
}

/// A node to be visited.
struct Visit {
    at: usize,
    /// The background rows that come along.
    set: u64,
    /// How many columns were settled before, and how many of them the row's way.
    settled: usize,
    of_row: usize,
    /// The column that was settled by coming here.
    newly: Option<(usize, Side)>,
    /// m! n! / (m + n + 1)! for m columns of the row and n of the background row.
    weight: f64,
}

/// What is kept from row to row.
#[derive(Default)]
pub(super) struct Scratch {
    visits: Vec<Visit>,
    settled: Vec<(usize, Side)>,
    sides: Vec<Option<Side>>,
}

impl<'a> Prepared<'a> {
    /// `rows` are at most [`TOGETHER`] rows of `width` numbers.
    pub(super) fn new(tree: &'a Tree, rows: &[f64], width: usize) -> Self {
        let mut left = vec![0; tree.len()];
        for (at, left) in left.iter_mut().enumerate() {
            if let Step::Split { .. } = tree.step(at) {
                for (i, row) in rows.chunks_exact(width).enumerate() {
                    *left |= u64::from(tree.goes_left(at, row)) << i;
                }
            }
        }
        let rows = rows.len() / width;
        let all = if rows >= TOGETHER { u64::MAX } else { (1 << rows) - 1 };
        Prepared { tree, left, all }
    }

    /// Adds to `to`, columns × `stride`, the first of which are the outputs of the tree, `factor` times what each column of `row`
    /// adds, summed over the background rows.
    pub(super) fn add(&self, row: &[f64], factor: f64, stride: usize, scratch: &mut Scratch, to: &mut [f64]) {
        let Scratch { visits, settled, sides } = scratch;
        sides.resize(row.len(), None);
        visits.push(Visit { at: 0, set: self.all, settled: 0, of_row: 0, newly: None, weight: 1.0 });
        while let Some(visit) = visits.pop() {
            settled.drain(visit.settled..).for_each(|(column, _)| sides[column] = None);
            let (mut of_row, mut of_background) = (visit.of_row, visit.settled - visit.of_row);
            let mut weight = visit.weight;
            if let Some((column, side)) = visit.newly {
                settled.push((column, side));
                sides[column] = Some(side);
                let own = if side == Side::Row { &mut of_row } else { &mut of_background };
                *own += 1;
                weight *= *own as f64 / (visit.settled + 2) as f64;
            }
            let on = |at: usize, set: u64, newly: Option<(usize, Side)>| Visit {
                at,
                set,
                settled: settled.len(),
                of_row,
                newly,
                weight,
            };
            match self.tree.step(visit.at) {
                Step::Leaf(values) => {
                    let rows = factor * f64::from(visit.set.count_ones()) * weight * (settled.len() + 1) as f64;
                    for &(column, side) in settled.iter() {
                        let share = match side {
                            Side::Row => rows / of_row as f64,
                            Side::Background => -rows / of_background as f64,
                        };
                        let to = to[column * stride..].iter_mut();
                        to.zip(values).for_each(|(to, value)| *to += share * value);
                    }
                }
                Step::Split { column, right } => {
                    let row_left = self.tree.goes_left(visit.at, row);
                    let (row_child, other_child) = if row_left { (visit.at + 1, right) } else { (right, visit.at + 1) };
                    let left = self.left[visit.at];
                    let with = visit.set & if row_left { left } else { !left };
                    let against = visit.set & !with;
                    match sides[column] {
                        Some(Side::Row) => visits.push(on(row_child, visit.set, None)),
                        Some(Side::Background) => {
                            let ways = [(row_child, with), (other_child, against)];
                            visits.extend(ways.into_iter().filter(|(_, s)| *s != 0).map(|(at, set)| on(at, set, None)));
                        }
                        None => {
                            if with != 0 {
                                visits.push(on(row_child, with, None));
                            }
                            if against != 0 {
                                visits.push(on(row_child, against, Some((column, Side::Row))));
                                visits.push(on(other_child, against, Some((column, Side::Background))));
                            }
                        }
                    }
                }
            }
        }
        settled.drain(..).for_each(|(column, _)| sides[column] = None);
    }
}
