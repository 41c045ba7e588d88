//! A grown tree before its leaves have values: the rows of its leaves, and the way from codes to values.

use super::{
    expand::Leaf,
    grow::Plan,
    rows::Rows,
    split::{Left, Split},
};
use crate::tree::{
    code_set,
    monotone::Bounds,
    nodes::{Test, Tree},
};
use rayon::prelude::*;

/// A node of the growing tree.
#[derive(Default)]
pub(super) struct Grown<'r> {
    /// The split and its children.
    pub(super) split: Option<(Split, usize, usize)>,
    /// The number of rows that it learns from.
    learned: usize,
    bounds: Bounds,
    /// Of a leaf.
    pub(super) rows: Option<Rows<'r>>,
}

impl Grown<'_> {
    pub(super) fn of(leaf: &Leaf<'_>) -> Self {
        Grown { split: None, learned: leaf.rows.own.len(), bounds: leaf.bounds, rows: None }
    }
}

/// A tree without values: its nodes, the root first, children behind their parents.
pub(super) struct Skeleton<'r> {
    pub(super) nodes: Vec<Grown<'r>>,
}

impl<'r> Skeleton<'r> {
    /// What `of` says of each leaf's rows and bounds, by node; 0 of splits.
    pub(super) fn each_leaf(&self, of: impl Fn(&Rows<'r>, Bounds) -> f64 + Sync) -> Vec<f64> {
        let of_node = |node: &Grown<'r>| node.rows.as_ref().map_or(0.0, |rows| of(rows, node.bounds));
        self.nodes.par_iter().map(of_node).collect()
    }

    /// The rows of the leaves, and what `values` holds for each.
    pub(super) fn leaves<'a>(&'a self, values: &'a [f64]) -> impl Iterator<Item = (&'a Rows<'r>, f64)> {
        self.nodes.iter().zip(values).filter_map(|(node, value)| Some((node.rows.as_ref()?, *value)))
    }

    /// The tree, of which each leaf adds what `values` holds for it. Gains are added to `importances`, and nodes weigh what
    /// their own rows weigh together.
    pub(super) fn tree(&self, plan: &Plan<'_>, weights: &[f64], importances: &mut [f64], values: &[f64]) -> Tree {
        let mut covers = self.each_leaf(|rows, _| rows.own.iter().map(|row| weights[*row as usize]).sum());
        for (at, node) in self.nodes.iter().enumerate().rev() {
            if let Some((_, left, right)) = node.split {
                covers[at] = covers[left] + covers[right];
            }
        }
        let mut tree = Tree::new(1);
        let mut stack = vec![(0, None)];
        while let Some((at, right_of)) = stack.pop() {
            if let Some(parent) = right_of {
                tree.right_is_next(parent);
            }
            let node = &self.nodes[at];
            let Some((split, left, right)) = &node.split else {
                tree.push_leaf(covers[at], |to| to.push(values[at]));
                continue;
            };
            importances[split.column] += split.gain;
            let goes_left = self.nodes[*left].learned;
            let missing_left = split.missing_left.unwrap_or(2 * goes_left > node.learned);
            stack.push((*right, Some(tree.len())));
            tree.push_split(split.column, plan.test(split), missing_left, covers[at]);
            stack.push((*left, None));
        }
        tree
    }
}

impl Plan<'_> {
    /// What a split asks of values instead of codes.
    fn test(&self, split: &Split) -> Test {
        let bins = self.data.bins(split.column);
        match split.left {
            Left::UpTo(left, right) => Test::UpTo(bins.threshold(left, right)),
            Left::In(codes) => Test::In(code_set::levels(&codes, bins)),
        }
    }
}
