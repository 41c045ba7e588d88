//! A grown tree: nodes in one array, each followed by its left child.

use super::{
    code_set::{self, CodeSet},
    saved::{Flat, Reader},
};
use std::hint::select_unpredictable;

/// A node. 16 bytes, so that four share a cache line.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// Of a split: values up to it go left, or, [`IN_SET`] being set, the index of the set of codes that go left. Of a leaf:
    /// its value when there is one output.
    threshold: f64,
    /// The column, [`MISSING_LEFT`] set when missing values go left; [`LEAF`] of a leaf.
    column: u32,
    /// Of a split: the index of the right child. Of a leaf: its number.
    right: u32,
}

const MISSING_LEFT: u32 = 1 << 31;
const IN_SET: u32 = 1 << 30;
const LEAF: u32 = IN_SET - 1;

/// Whether a set holds the code that stands in a row. NaN is in none.
#[inline]
fn holds(set: &CodeSet, code: f64) -> bool {
    // NaN becomes code 0 here, and is told apart by its caller.
    code_set::holds(set, code as u8)
}

/// What a split asks of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Test {
    /// Values up to it go left.
    UpTo(f64),
    /// These codes go left.
    In(CodeSet),
}

/// Walks that go side by side.
const LANES: usize = 8;

impl Node {
    fn column(&self) -> usize {
        (self.column & LEAF) as usize
    }

    /// The index of the child that `row` goes to from the split at index `at`. Trees without sets are walked without asking
    /// for them.
    #[inline]
    fn next<const SETS: bool>(&self, at: usize, row: &[f64], sets: &[CodeSet]) -> usize {
        let value = row[self.column()];
        let missing = value.is_nan() & (self.column & MISSING_LEFT != 0);
        let left = if SETS && self.column & IN_SET != 0 {
            missing | (!value.is_nan() & holds(&sets[self.threshold as usize], value))
        } else {
            (value <= self.threshold) | missing
        };
        // Without branches: which side a row goes to cannot be foreseen.
        select_unpredictable(left, at + 1, self.right as usize)
    }
}

/// A tree that predicts.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    outputs: usize,
    leaves: u32,
    /// Leaves × outputs; empty when there is one output.
    values: Vec<f64>,
    /// The weight of the rows that each node was grown on.
    covers: Vec<f32>,
    /// The sets of splits of categorical columns.
    sets: Vec<CodeSet>,
}

/// A node as those see it who go their own way through a tree.
pub(crate) enum Step<'a> {
    /// Its outputs.
    Leaf(&'a [f64]),
    /// The column that is asked for, and the index of the right child.
    Split { column: usize, right: usize },
}

/// Adds up, over trees, the outputs of the leaf that each row falls into: `rows` × `width` numbers, and as many × outputs
/// sums. The trees are added in their order, however many rows there are.
pub(crate) fn add_leaves(trees: &[Tree], rows: &[f64], width: usize, sums: &mut [f64]) {
    if rows.len() >= LANES * width {
        // A tree stays in cache for all rows.
        return trees.iter().for_each(|tree| tree.add_leaves(rows, width, sums));
    }
    if trees.iter().all(|tree| tree.sets.is_empty()) {
        add_leaves_of_few::<false>(trees, rows, width, sums);
    } else {
        add_leaves_of_few::<true>(trees, rows, width, sums);
    }
}

/// Row by row, several trees side by side.
fn add_leaves_of_few<const SETS: bool>(trees: &[Tree], rows: &[f64], width: usize, sums: &mut [f64]) {
    let outputs = trees.first().map_or(1, |tree| tree.outputs);
    let (together, alone) = trees.as_chunks::<LANES>();
    for (row, sums) in rows.chunks_exact(width).zip(sums.chunks_exact_mut(outputs)) {
        for trees in together {
            let found = leaves::<SETS>(trees.each_ref().map(|tree| tree.walk(row)));
            trees.iter().zip(found).for_each(|(tree, leaf)| tree.add_leaf(leaf, sums));
        }
        for tree in alone {
            tree.add_leaf(tree.walk(row).leaf::<SETS>(), sums);
        }
    }
}

/// A row on its way down a tree.
#[derive(Clone, Copy)]
struct Walk<'a> {
    nodes: &'a [Node],
    sets: &'a [CodeSet],
    row: &'a [f64],
}

impl Walk<'_> {
    /// The node after the one at `at`; `None` when that is a leaf.
    #[inline]
    fn next<const SETS: bool>(&self, at: usize) -> Option<usize> {
        let node = &self.nodes[at];
        (node.column != LEAF).then(|| node.next::<SETS>(at, self.row, self.sets))
    }

    /// The index of the leaf.
    fn leaf<const SETS: bool>(&self) -> usize {
        let mut at = 0;
        while let Some(next) = self.next::<SETS>(at) {
            at = next;
        }
        at
    }
}

/// The leaves of walks that go side by side: while one waits for its next node to come from memory, the others go on.
fn leaves<const SETS: bool>(walks: [Walk<'_>; LANES]) -> [usize; LANES] {
    let mut at = [0; LANES];
    let mut moving = true;
    while moving {
        moving = false;
        for (at, walk) in at.iter_mut().zip(&walks) {
            if let Some(next) = walk.next::<SETS>(*at) {
                *at = next;
                moving = true;
            }
        }
    }
    at
}

impl Tree {
    pub(crate) fn new(outputs: usize) -> Self {
        Tree { nodes: Vec::new(), outputs, leaves: 0, values: Vec::new(), covers: Vec::new(), sets: Vec::new() }
    }

    /// The number of nodes, leaves included.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a split of a node whose rows weigh `cover`; its left child is the node added next.
    pub(crate) fn push_split(&mut self, column: usize, test: Test, missing_left: bool, cover: f64) {
        let mut column = column as u32 | if missing_left { MISSING_LEFT } else { 0 };
        let threshold = match test {
            Test::UpTo(threshold) => threshold,
            Test::In(set) => {
                column |= IN_SET;
                self.sets.push(set);
                (self.sets.len() - 1) as f64
            }
        };
        self.nodes.push(Node { threshold, column, right: 0 });
        self.covers.push(cover as f32);
    }

    /// Makes the node added next the right child of `parent`.
    pub(crate) fn right_is_next(&mut self, parent: usize) {
        self.nodes[parent].right = self.nodes.len() as u32;
    }

    /// Adds a leaf of rows that weigh `cover`; `write` appends a value for each output.
    pub(crate) fn push_leaf(&mut self, cover: f64, write: impl FnOnce(&mut Vec<f64>)) {
        write(&mut self.values);
        let threshold = if self.outputs == 1 { self.values.pop().unwrap_or(f64::NAN) } else { 0.0 };
        self.nodes.push(Node { threshold, column: LEAF, right: self.leaves });
        self.leaves += 1;
        self.covers.push(cover as f32);
    }

    fn walk<'a>(&'a self, row: &'a [f64]) -> Walk<'a> {
        Walk { nodes: &self.nodes, sets: &self.sets, row }
    }

    /// Adds the outputs of the leaf that each row falls into to the sums of the row: `rows` × `width` numbers, and as many
    /// × outputs sums.
    pub(crate) fn add_leaves(&self, rows: &[f64], width: usize, sums: &mut [f64]) {
        if self.sets.is_empty() {
            self.add_leaves_of_many::<false>(rows, width, sums);
        } else {
            self.add_leaves_of_many::<true>(rows, width, sums);
        }
    }

    fn add_leaves_of_many<const SETS: bool>(&self, rows: &[f64], width: usize, sums: &mut [f64]) {
        let together = rows.chunks_exact(width * LANES);
        let alone = together.remainder().chunks_exact(width);
        let mut sums = sums.chunks_exact_mut(self.outputs);
        for rows in together {
            let mut rows = rows.chunks_exact(width);
            let walks = std::array::from_fn(|_| self.walk(rows.next().unwrap_or_default()));
            leaves::<SETS>(walks).into_iter().zip(&mut sums).for_each(|(leaf, sums)| self.add_leaf(leaf, sums));
        }
        for (row, sums) in alone.zip(sums) {
            let leaf = self.walk(row).leaf::<SETS>();
            self.add_leaf(leaf, sums);
        }
    }

    #[inline]
    pub(super) fn add_leaf(&self, leaf: usize, sums: &mut [f64]) {
        sums.iter_mut().zip(self.value(leaf)).for_each(|(sum, value)| *sum += value);
    }

    /// The outputs of a leaf.
    #[inline]
    fn value(&self, leaf: usize) -> &[f64] {
        let node = &self.nodes[leaf];
        if self.outputs == 1 {
            std::slice::from_ref(&node.threshold)
        } else {
            &self.values[node.right as usize * self.outputs..][..self.outputs]
        }
    }

    /// Appends what is to be kept.
    pub(super) fn flatten(&self, to: &mut Flat) {
        to.sizes.push(self.nodes.len() as u32);
        to.node_columns.extend(self.nodes.iter().map(|n| n.column));
        to.thresholds.extend(self.nodes.iter().map(|n| n.threshold));
        to.covers.extend(&self.covers);
        to.values.extend(&self.values);
        to.sets.extend(self.sets.iter().flatten());
    }

    /// The next tree of a file; `None` when its nodes are not those of one tree over `width` columns, or a leaf says no finite
    /// number.
    pub(super) fn restore(from: &mut Reader<'_>, outputs: usize, width: usize) -> Option<Self> {
        let (columns, thresholds, covers) = from.nodes()?;
        let mut tree = Tree::new(outputs);
        let mut waiting = Vec::new();
        let mut sets = 0;
        for (i, (&column, &threshold)) in columns.iter().zip(thresholds).enumerate() {
            let right = if column == LEAF {
                if !threshold.is_finite() {
                    return None;
                }
                tree.leaves += 1;
                match waiting.pop() {
                    Some(parent) => tree.right_of(parent, i + 1),
                    None if i + 1 == columns.len() => {}
                    None => return None,
                }
                tree.leaves - 1
            } else {
                // Infinite where missing values alone go right.
                if (column & LEAF) as usize >= width || threshold.is_nan() {
                    return None;
                }
                if column & IN_SET != 0 {
                    // Sets stand in the order of their splits.
                    if threshold != f64::from(sets) {
                        return None;
                    }
                    sets += 1;
                }
                waiting.push(i);
                0
            };
            tree.nodes.push(Node { threshold, column, right });
        }
        if !waiting.is_empty() || tree.nodes.last()?.column != LEAF {
            return None;
        }
        if covers.iter().any(|cover| !(*cover >= 0.0 && cover.is_finite())) {
            return None;
        }
        tree.covers = covers.to_vec();
        tree.sets = from.sets(sets as usize)?;
        if outputs > 1 {
            tree.values = from.values((tree.leaves as usize).checked_mul(outputs)?)?.to_vec();
        }
        if tree.values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        Some(tree)
    }

    fn right_of(&mut self, parent: usize, child: usize) {
        self.nodes[parent].right = child as u32;
    }

    /// The numbers of a leaf.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// The node at `at`; the left child of a split is the node after it.
    #[inline]
    pub(crate) fn step(&self, at: usize) -> Step<'_> {
        let node = &self.nodes[at];
        match node.column == LEAF {
            true => Step::Leaf(self.value(at)),
            false => Step::Split { column: node.column(), right: node.right as usize },
        }
    }

    /// The greatest value that goes left at the split at `at`, and whether missing values do; `None` where a set of categories
    /// goes left.
    pub(super) fn up_to(&self, at: usize) -> Option<(f64, bool)> {
        let node = &self.nodes[at];
        (node.column & IN_SET == 0).then_some((node.threshold, node.column & MISSING_LEFT != 0))
    }

    /// Whether `row` goes left at the split at `at`.
    #[inline]
    pub(crate) fn goes_left(&self, at: usize, row: &[f64]) -> bool {
        self.nodes[at].next::<true>(at, row, &self.sets) == at + 1
    }

    /// The weight of the rows that the node at `at` was grown on.
    pub(crate) fn cover(&self, at: usize) -> f64 {
        f64::from(self.covers[at])
    }
}
