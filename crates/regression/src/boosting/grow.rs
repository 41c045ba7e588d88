//! Growing a tree leaf by leaf: the leaf whose split gains most is split next.

use super::{
    histogram::{Layout, Pair, Sums, Units},
    skeleton::{Grown, Skeleton},
    split::{Bounds, Left, Node, Rules, Split},
};
use crate::tree::{binning::Binned, nodes::CodeSet};
use adflux_core::{Context, Result};
use rayon::prelude::*;
use std::ops::Range;

/// What all trees have in common.
pub(super) struct Plan<'a> {
    pub(super) data: &'a Binned,
    pub(super) layout: Layout,
    pub(super) rules: Rules,
    pub(super) num_leaves: usize,
    pub(super) max_depth: usize,
    /// Whether each column is categorical.
    pub(super) categorical: Vec<bool>,
    /// 1 where values may only rise with a column, −1 where they may only fall, else 0.
    pub(super) monotone: Vec<i8>,
}

/// The rows of a tree: those it learns from, and others that only go along to their leaves.
pub(super) struct Rows {
    pub(super) own: Vec<u32>,
    pub(super) others: Vec<u32>,
}

/// A leaf, and the node that it was or still is.
struct Leaf {
    node: usize,
    own: Range<usize>,
    others: Range<usize>,
    depth: usize,
    sums: Sums,
    bounds: Bounds,
    histogram: Vec<Sums>,
    best: Option<Split>,
}

/// Cells that are worth a second thread: rows counted and cells read.
const WORTH_THREADS: usize = 1 << 14;

impl Plan<'_> {
    /// Grows a tree, reordering `rows` so that those of a leaf lie side by side. Columns that are not `drawn` are not split.
    ///
    /// # Errors
    /// When cancelled.
    pub(super) fn grow(
        &self,
        rows: &mut Rows,
        pairs: &[Pair],
        units: &Units,
        drawn: &[bool],
        context: &Context,
    ) -> Result<Skeleton> {
        let grower = Grower { plan: self, pairs, units, drawn };
        let mut aside = Vec::with_capacity(rows.own.len().max(rows.others.len()));
        let mut root = Leaf {
            node: 0,
            own: 0..rows.own.len(),
            others: 0..rows.others.len(),
            depth: 0,
            sums: units.sum(&rows.own, pairs),
            bounds: Bounds::NONE,
            histogram: vec![Sums::default(); self.layout.cells()],
            best: None,
        };
        if grower.may_split(&root) {
            root.best = grower.look(&mut root, &rows.own);
        }
        let mut nodes = vec![root.as_node()];
        let mut leaves = vec![root];
        // Memory of histograms that are no longer needed.
        let mut spare: Vec<Vec<Sums>> = Vec::new();
        while leaves.len() < self.num_leaves {
            context.check()?;
            let Some((at, split)) = most_gain(&leaves) else { break };
            let last = leaves.len() + 1 == self.num_leaves;
            let parent = leaves.swap_remove(at);
            let (own, others) = (parent.own.clone(), parent.others.clone());
            let cut = own.start + self.partition(&mut rows.own[own], &split, &mut aside);
            let cut_others = others.start + self.partition(&mut rows.others[others], &split, &mut aside);
            let (mut left, mut right) = grower.children(parent, &split, cut, cut_others, nodes.len(), &mut spare);
            nodes[left.0].split = Some((split, left.1.node, right.node));
            let left_leaf = &mut left.1;
            if !last {
                grower.look_at_children(left_leaf, &mut right, &rows.own);
            }
            nodes.extend([left_leaf.as_node(), right.as_node()]);
            for mut leaf in [left.1, right] {
                if leaf.best.is_none() {
                    spare.push(std::mem::take(&mut leaf.histogram));
                }
                leaves.push(leaf);
            }
        }
        Ok(Skeleton { nodes })
    }

    /// Moves the rows that go left to the front, keeping the order on both sides, and says how many they are.
    fn partition(&self, rows: &mut [u32], split: &Split, aside: &mut Vec<u32>) -> usize {
        let codes = self.data.codes(split.column);
        let missing = self.data.bins(split.column).missing_code().filter(|_| split.missing_left == Some(true));
        // As a set of codes, whatever the split: one look-up a row.
        let mut set = match split.left {
            Left::UpTo(last, _) => up_to(last),
            Left::In(set) => set,
        };
        if let Some(code) = missing {
            set[usize::from(code >> 6)] |= 1 << (code & 63);
        }
        aside.clear();
        aside.resize(rows.len(), 0);
        let (mut left, mut right) = (0, 0);
        for i in 0..rows.len() {
            let row = rows[i];
            let code = codes.at(row);
            let goes = (set[usize::from(code >> 6)] >> (code & 63) & 1) as usize;
            // Both are written and one is kept: which side a row goes to cannot be foreseen.
            rows[left] = row;
            aside[right] = row;
            left += goes;
            right += 1 - goes;
        }
        rows[left..].copy_from_slice(&aside[..right]);
        left
    }
}

fn up_to(last: u8) -> CodeSet {
    std::array::from_fn(|word| {
        let bits = (usize::from(last) + 1).saturating_sub(word * 64);
        if bits >= 64 { u64::MAX } else { (1 << bits) - 1 }
    })
}

/// The leaf whose split gains most, the first of equals.
fn most_gain(leaves: &[Leaf]) -> Option<(usize, Split)> {
    let mut best: Option<(usize, Split)> = None;
    for (at, leaf) in leaves.iter().enumerate() {
        if let Some(split) = leaf.best {
            // Leaves change places: equals are told apart by their nodes.
            let better = best.is_none_or(|(other, b)| {
                split.gain > b.gain || (split.gain == b.gain && leaf.node < leaves[other].node)
            });
            if better {
                best = Some((at, split));
            }
        }
    }
    best
}

impl Leaf {
    fn as_node(&self) -> Grown {
        Grown { split: None, own: self.own.clone(), others: self.others.clone(), bounds: self.bounds }
    }
}

/// Growing one tree.
struct Grower<'a> {
    plan: &'a Plan<'a>,
    pairs: &'a [Pair],
    units: &'a Units,
    drawn: &'a [bool],
}

impl Grower<'_> {
    fn node(&self, leaf: &Leaf) -> Node<'_> {
        Node::new(&self.plan.rules, self.units, leaf.sums, leaf.bounds)
    }

    fn may_split(&self, leaf: &Leaf) -> bool {
        let rules = &self.plan.rules;
        let totals = self.units.totals(leaf.sums);
        leaf.depth < self.plan.max_depth
            && totals.rows / 2 >= rules.min_child_samples
            && totals.second >= 2.0 * rules.min_child_weight
    }

    /// The two leaves that a split makes of one, and the node that it was. The left one has the memory of its histogram, the
    /// right one some that was spare.
    fn children(
        &self,
        parent: Leaf,
        split: &Split,
        cut: usize,
        cut_others: usize,
        next: usize,
        spare: &mut Vec<Vec<Sums>>,
    ) -> ((usize, Leaf), Leaf) {
        let direction = self.plan.monotone[split.column];
        let node = self.node(&parent);
        let (left_sums, right_sums) = (split.left_sums, parent.sums.less(split.left_sums));
        let middle = node.value(self.units.totals(left_sums)).midpoint(node.value(self.units.totals(right_sums)));
        let (left_bounds, right_bounds) = parent.bounds.of_children(direction, middle);
        let other = spare.pop().unwrap_or_else(|| vec![Sums::default(); self.plan.layout.cells()]);
        let depth = parent.depth + 1;
        let left = Leaf {
            node: next,
            own: parent.own.start..cut,
            others: parent.others.start..cut_others,
            depth,
            sums: left_sums,
            bounds: left_bounds,
            histogram: parent.histogram,
            best: None,
        };
        let right = Leaf {
            node: next + 1,
            own: cut..parent.own.end,
            others: cut_others..parent.others.end,
            depth,
            sums: right_sums,
            bounds: right_bounds,
            histogram: other,
            best: None,
        };
        ((parent.node, left), right)
    }

    /// Counts the smaller child, takes it from the histogram of the parent, which the left one has, and looks for the best
    /// splits of both.
    fn look_at_children(&self, left: &mut Leaf, right: &mut Leaf, rows: &[u32]) {
        let (left_may, right_may) = (self.may_split(left), self.may_split(right));
        if !left_may && !right_may {
            return;
        }
        let left_is_smaller = left.own.len() <= right.own.len();
        if left_is_smaller {
            std::mem::swap(&mut left.histogram, &mut right.histogram);
        }
        let (small, large) = if left_is_smaller { (left, right) } else { (right, left) };
        let (small_may, large_may) = if left_is_smaller { (left_may, right_may) } else { (right_may, left_may) };
        let own = &rows[small.own.clone()];
        let (small_node, large_node) = (self.node(small), self.node(large));
        let layout = &self.plan.layout;
        let task = |(group, small, large): (&Range<usize>, &mut [Sums], &mut [Sums])| {
            layout.count(self.plan.data, group, own, self.pairs, self.units, small);
            large.iter_mut().zip(&*small).for_each(|(all, part)| *all = all.less(*part));
            let best_of = |may: bool, node: &Node<'_>, cells: &[Sums]| {
                if may { self.best_of_group(group, node, cells) } else { None }
            };
            (best_of(small_may, &small_node, small), best_of(large_may, &large_node, large))
        };
        let mut parts = Vec::with_capacity(layout.groups.len());
        let (mut small_rest, mut large_rest) = (&mut small.histogram[..], &mut large.histogram[..]);
        for group in &layout.groups {
            let cells = layout.of_group(group).len();
            let (small_part, large_part);
            (small_part, small_rest) = small_rest.split_at_mut(cells);
            (large_part, large_rest) = large_rest.split_at_mut(cells);
            parts.push((group, small_part, large_part));
        }
        let work = own.len() * self.drawn.len() + 2 * layout.cells();
        let found: Vec<_> = if work >= WORTH_THREADS {
            parts.into_par_iter().with_max_len(1).map(task).collect()
        } else {
            parts.into_iter().map(task).collect()
        };
        let (of_small, of_large): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        small.best = first_of_best(of_small);
        large.best = first_of_best(of_large);
    }

    /// Counts a leaf and looks for its best split.
    fn look(&self, leaf: &mut Leaf, rows: &[u32]) -> Option<Split> {
        let own = &rows[leaf.own.clone()];
        let node = self.node(leaf);
        let layout = &self.plan.layout;
        let mut parts = Vec::with_capacity(layout.groups.len());
        let mut rest = &mut leaf.histogram[..];
        for group in &layout.groups {
            let part;
            (part, rest) = rest.split_at_mut(layout.of_group(group).len());
            parts.push((group, part));
        }
        let task = |(group, cells): (&Range<usize>, &mut [Sums])| {
            layout.count(self.plan.data, group, own, self.pairs, self.units, cells);
            self.best_of_group(group, &node, cells)
        };
        first_of_best(parts.into_par_iter().with_max_len(1).map(task).collect())
    }

    fn best_of_group(&self, group: &Range<usize>, node: &Node<'_>, cells: &[Sums]) -> Option<Split> {
        let plan = self.plan;
        let mut best = None;
        for column in group.clone().filter(|column| self.drawn[*column]) {
            let cells = &cells[plan.layout.of_column(group, column)];
            let bins = plan.data.bins(column);
            if plan.categorical[column] {
                node.scan_levels(cells, bins, column, &mut best);
            } else {
                node.scan(cells, bins, column, plan.monotone[column], &mut best);
            }
        }
        best
    }
}

/// The best of several, the first of equals.
fn first_of_best(found: Vec<Option<Split>>) -> Option<Split> {
    found.into_iter().flatten().reduce(|best, split| if split.gain > best.gain { split } else { best })
}
