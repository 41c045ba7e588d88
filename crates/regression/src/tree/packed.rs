//! Small trees laid out for many rows.
//!
//! The children of a node stand side by side, so that the outcome of a comparison is the way to one of them, and a leaf
//! leads to itself: rows go down together without a question whether one has arrived, which cannot be foreseen and would cost
//! more than the step.

use super::nodes::{self, Tree};

/// A node. 16 bytes, so that four share a cache line.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Values up to it go left; infinite of a leaf.
    threshold: f64,
    /// The column, [`MISSING_LEFT`] set when missing values go left.
    column: u32,
    /// The index of the left child, in front of the right one; of a leaf its own.
    left: u32,
}

const MISSING_LEFT: u32 = 1 << 31;

/// A tree with its nodes as steps.
pub(super) struct Packed<'a> {
    tree: &'a Tree,
    steps: Vec<Step>,
    /// Where each node stands in the tree.
    places: Vec<u32>,
}

/// Rows that go side by side: while one waits for its next node, the others go on.
const LANES: usize = 8;
/// The most nodes of a tree that is laid out anew: its steps stay in the first cache.
const MOST_NODES: usize = 1024;

impl<'a> Packed<'a> {
    /// `None` for trees that are large, that are not worth it for so few rows, or that split sets of categories.
    pub(super) fn of(tree: &'a Tree, rows: usize) -> Option<Self> {
        if tree.len() > MOST_NODES.min(rows) {
            return None;
        }
        let (mut steps, mut places) = (Vec::with_capacity(tree.len()), vec![0]);
        while let Some(&place) = places.get(steps.len()) {
            let at = steps.len() as u32;
            steps.push(match tree.step(place as usize) {
                nodes::Step::Leaf(_) => Step { threshold: f64::INFINITY, column: MISSING_LEFT, left: at },
                nodes::Step::Split { column, right } => {
                    let (threshold, missing_left) = tree.up_to(place as usize)?;
                    let column = column as u32 | if missing_left { MISSING_LEFT } else { 0 };
                    let left = places.len() as u32;
                    places.extend([place + 1, right as u32]);
                    Step { threshold, column, left }
                }
            });
        }
        Some(Packed { tree, steps, places })
    }

    /// Adds the outputs of the leaf that each row falls into to the sums of the row, as [`Tree::add_leaves`]. Where no value
    /// is missing, none is asked whether it is.
    pub(super) fn add_leaves(&self, rows: &[f64], width: usize, some_missing: bool, sums: &mut [f64]) {
        if some_missing {
            self.add_leaves_of::<true>(rows, width, sums);
        } else {
            self.add_leaves_of::<false>(rows, width, sums);
        }
    }

    fn add_leaves_of<const MISSING: bool>(&self, rows: &[f64], width: usize, sums: &mut [f64]) {
        let outputs = self.tree.outputs();
        let together = rows.chunks_exact(width * LANES);
        let alone = together.remainder();
        let (sums, sums_alone) = sums.split_at_mut(sums.len() - alone.len() / width * outputs);
        for (rows, sums) in together.zip(sums.chunks_exact_mut(outputs * LANES)) {
            let found = self.leaves::<MISSING>(std::array::from_fn(|lane| &rows[lane * width..][..width]));
            for (at, sums) in found.into_iter().zip(sums.chunks_exact_mut(outputs)) {
                self.tree.add_leaf(self.places[at as usize] as usize, sums);
            }
        }
        self.tree.add_leaves(alone, width, sums_alone);
    }

    /// The steps that rows end at.
    #[inline]
    fn leaves<const MISSING: bool>(&self, rows: [&[f64]; LANES]) -> [u32; LANES] {
        let mut at = [0; LANES];
        let mut moved = 1;
        while moved != 0 {
            moved = 0;
            for (at, row) in at.iter_mut().zip(rows) {
                let step = self.steps[*at as usize];
                let value = row[(step.column & !MISSING_LEFT) as usize];
                let stays_left = MISSING && value.is_nan() & (step.column & MISSING_LEFT != 0);
                // What is no number is not up to anything.
                let left = (value <= step.threshold) | stays_left;
                let next = step.left + u32::from(!left);
                moved |= next ^ *at;
                *at = next;
            }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::nodes::Test;
    use adflux_core::random::{Rng, stream};
    use rand::RngExt as _;

    /// Adds a node and all below it.
    fn grow(tree: &mut Tree, depth: usize, rng: &mut Rng) {
        if depth == 0 || rng.random_bool(0.2) {
            let outputs = tree.outputs();
            return tree.push_leaf(1.0, |to| to.extend((0..outputs).map(|_| rng.random::<f64>())));
        }
        let at = tree.len();
        tree.push_split(rng.random_range(0..3), Test::UpTo(rng.random()), rng.random(), 2.0);
        grow(tree, depth - 1, rng);
        tree.right_is_next(at);
        grow(tree, depth - 1, rng);
    }

    #[test]
    fn packed_trees_add_what_trees_add() {
        let mut rng = stream(5, &[]);
        for depth in 0..10 {
            let mut tree = Tree::new(1 + depth % 2);
            grow(&mut tree, depth, &mut rng);
            let packed = Packed::of(&tree, 10_000).unwrap();
            for (rows, missing) in [(7, 0.0), (8, 0.3), (203, 0.0), (203, 0.3)] {
                let mut value = || if rng.random_bool(missing) { f64::NAN } else { rng.random() };
                let table: Vec<f64> = (0..3 * rows).map(|_| value()).collect();
                let mut sums = [vec![0.5; rows * tree.outputs()], vec![0.5; rows * tree.outputs()]];
                tree.add_leaves(&table, 3, &mut sums[0]);
                packed.add_leaves(&table, 3, missing > 0.0, &mut sums[1]);
                assert_eq!(sums[0], sums[1], "depth {depth}, {rows} rows, {missing} missing");
            }
        }
    }

    #[test]
    fn large_trees_and_sets_of_categories_are_not_packed() {
        let mut tree = Tree::new(1);
        tree.push_split(0, Test::In([1; 4]), false, 2.0);
        tree.push_leaf(1.0, |to| to.push(1.0));
        tree.right_is_next(0);
        tree.push_leaf(1.0, |to| to.push(2.0));
        assert!(Packed::of(&tree, 10_000).is_none());
        let mut leaf = Tree::new(1);
        leaf.push_leaf(1.0, |to| to.push(1.0));
        assert!(Packed::of(&leaf, 1).is_some() && Packed::of(&leaf, 0).is_none());
    }
}
