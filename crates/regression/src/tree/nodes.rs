//! A grown tree: nodes in one array, each followed by its left child.

use std::hint::select_unpredictable;

/// A node. 16 bytes, so that four share a cache line.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// Of a split: values up to it go left. Of a leaf: its value when there is one output.
    threshold: f64,
    /// The column, [`MISSING_LEFT`] set when missing values go left; [`LEAF`] of a leaf.
    column: u32,
    /// Of a split: the index of the right child. Of a leaf: its number.
    right: u32,
}

const MISSING_LEFT: u32 = 1 << 31;
const LEAF: u32 = MISSING_LEFT - 1;

/// Walks that go side by side.
const LANES: usize = 8;

impl Node {
    /// The index of the child that `row` goes to from the split at index `at`.
    #[inline]
    fn next(&self, at: usize, row: &[f64]) -> usize {
        let value = row[(self.column & !MISSING_LEFT) as usize];
        let left = (value <= self.threshold) | (value.is_nan() & (self.column & MISSING_LEFT != 0));
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
}

/// Adds up, over trees, the outputs of the leaf that each row falls into: `rows` × `width` numbers, and as many × outputs
/// sums. The trees are added in their order, however many rows there are.
pub(crate) fn add_leaves(trees: &[Tree], rows: &[f64], width: usize, sums: &mut [f64]) {
    if rows.len() >= LANES * width {
        // A tree stays in cache for all rows.
        return trees.iter().for_each(|tree| tree.add_leaves(rows, width, sums));
    }
    let outputs = trees.first().map_or(1, |tree| tree.outputs);
    let (together, alone) = trees.as_chunks::<LANES>();
    for (row, sums) in rows.chunks_exact(width).zip(sums.chunks_exact_mut(outputs)) {
        for trees in together {
            let found = leaves(trees.each_ref().map(|tree| Walk { nodes: &tree.nodes, row }));
            trees.iter().zip(found).for_each(|(tree, leaf)| tree.add_leaf(leaf, sums));
        }
        for tree in alone {
            tree.add_leaf(Walk { nodes: &tree.nodes, row }.leaf(), sums);
        }
    }
}

/// A row on its way down a tree.
#[derive(Clone, Copy)]
struct Walk<'a> {
    nodes: &'a [Node],
    row: &'a [f64],
}

impl Walk<'_> {
    /// The node after the one at `at`; `None` when that is a leaf.
    #[inline]
    fn next(&self, at: usize) -> Option<usize> {
        let node = &self.nodes[at];
        (node.column != LEAF).then(|| node.next(at, self.row))
    }

    /// The index of the leaf.
    fn leaf(&self) -> usize {
        let mut at = 0;
        while let Some(next) = self.next(at) {
            at = next;
        }
        at
    }
}

/// The leaves of walks that go side by side: while one waits for its next node to come from memory, the others go on.
fn leaves(walks: [Walk<'_>; LANES]) -> [usize; LANES] {
    let mut at = [0; LANES];
    let mut moving = true;
    while moving {
        moving = false;
        for (at, walk) in at.iter_mut().zip(&walks) {
            if let Some(next) = walk.next(*at) {
                *at = next;
                moving = true;
            }
        }
    }
    at
}

/// What is kept of trees in a file. The right children follow from the order of the nodes.
#[derive(Default)]
pub(crate) struct Flat {
    pub(crate) columns: Vec<u32>,
    pub(crate) thresholds: Vec<f64>,
    pub(crate) values: Vec<f64>,
}

impl Tree {
    pub(crate) fn new(outputs: usize) -> Self {
        Tree { nodes: Vec::new(), outputs, leaves: 0, values: Vec::new() }
    }

    /// The number of nodes, leaves included.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a split; its left child is the node added next.
    pub(crate) fn push_split(&mut self, column: usize, threshold: f64, missing_left: bool) {
        let column = column as u32 | if missing_left { MISSING_LEFT } else { 0 };
        self.nodes.push(Node { threshold, column, right: 0 });
    }

    /// Makes the node added next the right child of `parent`.
    pub(crate) fn right_is_next(&mut self, parent: usize) {
        self.nodes[parent].right = self.nodes.len() as u32;
    }

    /// Adds a leaf; `write` appends a value for each output.
    pub(crate) fn push_leaf(&mut self, write: impl FnOnce(&mut Vec<f64>)) {
        write(&mut self.values);
        let threshold = if self.outputs == 1 { self.values.pop().unwrap_or(f64::NAN) } else { 0.0 };
        self.nodes.push(Node { threshold, column: LEAF, right: self.leaves });
        self.leaves += 1;
    }

    /// Adds the outputs of the leaf that each row falls into to the sums of the row: `rows` × `width` numbers, and as many
    /// × outputs sums.
    pub(super) fn add_leaves(&self, rows: &[f64], width: usize, sums: &mut [f64]) {
        let together = rows.chunks_exact(width * LANES);
        let alone = together.remainder().chunks_exact(width);
        let mut sums = sums.chunks_exact_mut(self.outputs);
        for rows in together {
            let mut rows = rows.chunks_exact(width);
            let walks = std::array::from_fn(|_| Walk { nodes: &self.nodes, row: rows.next().unwrap_or_default() });
            leaves(walks).into_iter().zip(&mut sums).for_each(|(leaf, sums)| self.add_leaf(leaf, sums));
        }
        for (row, sums) in alone.zip(sums) {
            let leaf = Walk { nodes: &self.nodes, row }.leaf();
            self.add_leaf(leaf, sums);
        }
    }

    #[inline]
    fn add_leaf(&self, leaf: usize, sums: &mut [f64]) {
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
    pub(crate) fn flatten(&self, to: &mut Flat) {
        to.columns.extend(self.nodes.iter().map(|n| n.column));
        to.thresholds.extend(self.nodes.iter().map(|n| n.threshold));
        to.values.extend(&self.values);
    }

    /// The tree of kept nodes, whose leaf values are taken from the front of `values`; `None` when they are not the nodes
    /// of one tree over `width` columns.
    pub(crate) fn restore(
        columns: &[u32],
        thresholds: &[f64],
        values: &mut &[f64],
        outputs: usize,
        width: usize,
    ) -> Option<Self> {
        if columns.is_empty() || columns.len() != thresholds.len() {
            return None;
        }
        let mut tree = Tree::new(outputs);
        let mut waiting = Vec::new();
        for (i, (&column, &threshold)) in columns.iter().zip(thresholds).enumerate() {
            let right = if column == LEAF {
                tree.leaves += 1;
                match waiting.pop() {
                    Some(parent) => tree.right_of(parent, i + 1),
                    None if i + 1 == columns.len() => {}
                    None => return None,
                }
                tree.leaves - 1
            } else {
                if (column & !MISSING_LEFT) as usize >= width {
                    return None;
                }
                waiting.push(i);
                0
            };
            tree.nodes.push(Node { threshold, column, right });
        }
        if !waiting.is_empty() || tree.nodes.last()?.column != LEAF {
            return None;
        }
        if outputs > 1 {
            let (own, rest) = values.split_at_checked((tree.leaves as usize).checked_mul(outputs)?)?;
            tree.values = own.to_vec();
            *values = rest;
        }
        Some(tree)
    }

    fn right_of(&mut self, parent: usize, child: usize) {
        self.nodes[parent].right = child as u32;
    }
}
