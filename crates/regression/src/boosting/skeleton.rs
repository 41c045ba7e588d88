//! A grown tree before its leaves have values: where its nodes' rows lie, and the way from codes to values.

use super::{
    grow::{Plan, Rows},
    split::{Bounds, Left, Split},
};
use crate::tree::nodes::{Test, Tree};
use std::ops::Range;

/// A node of the growing tree.
pub(super) struct Grown {
    /// The split and its children.
    pub(super) split: Option<(Split, usize, usize)>,
    pub(super) own: Range<usize>,
    pub(super) others: Range<usize>,
    pub(super) bounds: Bounds,
}

/// A tree without values: its nodes, the root first.
pub(super) struct Skeleton {
    pub(super) nodes: Vec<Grown>,
}

/// A leaf of a skeleton: its rows, and the values it may have.
pub(super) struct Place<'a> {
    pub(super) own: &'a [u32],
    pub(super) others: &'a [u32],
    pub(super) bounds: Bounds,
}

impl Skeleton {
    /// The tree, `value` saying what each leaf adds. Gains are added to `importances`, and nodes weigh what their own rows
    /// weigh together.
    pub(super) fn tree(
        &self,
        plan: &Plan<'_>,
        rows: &Rows,
        weights: &[f64],
        importances: &mut [f64],
        mut value: impl FnMut(Place<'_>) -> f64,
    ) -> Tree {
        let covers = self.covers(&rows.own, weights);
        let mut tree = Tree::new(1);
        let mut stack = vec![(0, None)];
        while let Some((at, right_of)) = stack.pop() {
            if let Some(parent) = right_of {
                tree.right_is_next(parent);
            }
            let node = &self.nodes[at];
            let Some((split, left, right)) = &node.split else {
                let place = Place {
                    own: &rows.own[node.own.clone()],
                    others: &rows.others[node.others.clone()],
                    bounds: node.bounds,
                };
                let value = value(place);
                tree.push_leaf(covers[at], |to| to.push(value));
                continue;
            };
            importances[split.column] += split.gain;
            let goes_left = self.nodes[*left].own.len();
            let missing_left = split.missing_left.unwrap_or(2 * goes_left > node.own.len());
            stack.push((*right, Some(tree.len())));
            tree.push_split(split.column, plan.test(split), missing_left, covers[at]);
            stack.push((*left, None));
        }
        tree
    }

    /// The weight of the rows of every node.
    fn covers(&self, own: &[u32], weights: &[f64]) -> Vec<f64> {
        let mut covers = vec![0.0; self.nodes.len()];
        // Children stand behind their parents.
        for (at, node) in self.nodes.iter().enumerate().rev() {
            covers[at] = match node.split {
                Some((_, left, right)) => covers[left] + covers[right],
                None => own[node.own.clone()].iter().map(|row| weights[*row as usize]).sum(),
            };
        }
        covers
    }
}

impl Plan<'_> {
    /// What a split asks of values instead of codes.
    fn test(&self, split: &Split) -> Test {
        let bins = self.data.bins(split.column);
        match split.left {
            Left::UpTo(left, right) => Test::UpTo(bins.threshold(left, right)),
            Left::In(codes) => {
                let mut levels = [0; 4];
                for code in 0..=u8::MAX {
                    if codes[usize::from(code >> 6)] >> (code & 63) & 1 == 1 {
                        let level = bins.high(code) as u8;
                        levels[usize::from(level >> 6)] |= 1 << (level & 63);
                    }
                }
                Test::In(levels)
            }
        }
    }
}
