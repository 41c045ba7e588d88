//! Expanding a leaf: parting its rows between its children, counting these, and looking for their best splits.

use super::{
    grow::Plan,
    histogram::{Pair, Panel, Sums, Units},
    rows::Rows,
    sieve::Sieve,
    split::{Left, Node, Split},
};
use crate::tree::{
    code_set::{CodeSet, insert, up_to},
    monotone::Bounds,
};
use rayon::prelude::*;

/// A leaf of the growing tree.
pub(super) struct Leaf<'r> {
    pub(super) rows: Rows<'r>,
    depth: usize,
    sums: Sums,
    pub(super) bounds: Bounds,
    /// Empty where it is not needed.
    histogram: Vec<Sums>,
    pub(super) best: Option<Split>,
    /// What its best split makes of it, once it was expanded.
    pub(super) children: Option<Box<[Leaf<'r>; 2]>>,
}

/// What the leaves of one tree are expanded with.
pub(super) struct Expander<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) pairs: &'a [Pair],
    pub(super) units: &'a Units,
    pub(super) drawn: &'a [bool],
}

/// Work that is worth a second thread: rows × columns counted and cells read.
const WORTH_THREADS: usize = 1 << 14;

impl<'r> Leaf<'r> {
    fn new(rows: Rows<'r>, depth: usize, sums: Sums, bounds: Bounds) -> Self {
        Leaf { rows, depth, sums, bounds, histogram: Vec::new(), best: None, children: None }
    }

    /// Keeps a histogram if the leaf can be split.
    fn found(&mut self, best: Option<Split>, histogram: Vec<Sums>) {
        self.best = best;
        if best.is_some() {
            self.histogram = histogram;
        }
    }
}

impl Expander<'_> {
    /// The root, counted.
    pub(super) fn root<'r>(&self, rows: Rows<'r>) -> Leaf<'r> {
        let sums = self.units.sum(&rows.own, self.pairs);
        let mut root = Leaf::new(rows, 0, sums, Bounds::NONE);
        if !self.may_split(&root) {
            return root;
        }
        let layout = &self.plan.layout;
        let mut histogram = vec![Sums::default(); layout.cells()];
        let node = self.node(&root);
        let mut rest = &mut histogram[..];
        let mut parts = Vec::with_capacity(layout.panels.len());
        for panel in &layout.panels {
            let cells;
            (cells, rest) = rest.split_at_mut(layout.of_panel(panel).len());
            parts.push((panel, cells));
        }
        let task = |(panel, cells): (&Panel, &mut [Sums])| {
            layout.count(self.plan.data, panel, &root.rows.own, self.pairs, self.units, cells);
            self.best_of_panel(panel, &node, cells)
        };
        let found = parts.into_par_iter().with_max_len(1).map(task).collect();
        root.found(first_of_best(found), histogram);
        root
    }

    /// Makes the children of a leaf that can be split, and looks for their best splits when these are wanted.
    pub(super) fn expand(&self, leaf: &mut Leaf<'_>, look: bool) {
        let Some(split) = leaf.best else { return };
        let plan = self.plan;
        let (left, right) = leaf.rows.part(plan.columns.codes(plan.data, split.column), &plan.goes_left(&split));
        let node = self.node(leaf);
        let (left_sums, right_sums) = (split.left_sums, leaf.sums.less(split.left_sums));
        let middle = node.value(self.units.totals(left_sums)).midpoint(node.value(self.units.totals(right_sums)));
        let (left_bounds, right_bounds) = leaf.bounds.of_children(plan.monotone[split.column], middle);
        let mut left = Leaf::new(left, leaf.depth + 1, left_sums, left_bounds);
        let mut right = Leaf::new(right, leaf.depth + 1, right_sums, right_bounds);
        let histogram = std::mem::take(&mut leaf.histogram);
        if look {
            let left_is_smaller = left.rows.own.len() <= right.rows.own.len();
            let (small, large) = if left_is_smaller { (&mut left, &mut right) } else { (&mut right, &mut left) };
            self.look(small, large, histogram);
        }
        leaf.children = Some(Box::new([left, right]));
    }

    /// Counts the smaller child, takes it from the histogram of the parent, and looks for the best splits of both.
    fn look(&self, small: &mut Leaf<'_>, large: &mut Leaf<'_>, mut of_large: Vec<Sums>) {
        let (small_may, large_may) = (self.may_split(small), self.may_split(large));
        if !small_may && !large_may {
            return;
        }
        let own = &small.rows.own;
        let (small_node, large_node) = (self.node(small), self.node(large));
        let layout = &self.plan.layout;
        let mut of_small = vec![Sums::default(); layout.cells()];
        let task = |(panel, small, large): (&Panel, &mut [Sums], &mut [Sums])| {
            layout.count(self.plan.data, panel, own, self.pairs, self.units, small);
            large.iter_mut().zip(&*small).for_each(|(all, part)| *all = all.less(*part));
            let best_of = |may: bool, node: &Node<'_>, cells: &[Sums]| {
                if may { self.best_of_panel(panel, node, cells) } else { None }
            };
            (best_of(small_may, &small_node, small), best_of(large_may, &large_node, large))
        };
        let mut parts = Vec::with_capacity(layout.panels.len());
        let (mut small_rest, mut large_rest) = (&mut of_small[..], &mut of_large[..]);
        for panel in &layout.panels {
            let cells = layout.of_panel(panel).len();
            let (small_part, large_part);
            (small_part, small_rest) = small_rest.split_at_mut(cells);
            (large_part, large_rest) = large_rest.split_at_mut(cells);
            parts.push((panel, small_part, large_part));
        }
        let work = own.len() * self.drawn.len() + 2 * layout.cells();
        let found: Vec<_> = if parts.len() > 1 && work >= WORTH_THREADS {
            parts.into_par_iter().with_max_len(1).map(task).collect()
        } else {
            parts.into_iter().map(task).collect()
        };
        let (best_of_small, best_of_large): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        small.found(first_of_best(best_of_small), of_small);
        large.found(first_of_best(best_of_large), of_large);
    }

    fn node(&self, leaf: &Leaf<'_>) -> Node<'_> {
        Node::new(&self.plan.rules, self.units, leaf.sums, leaf.bounds)
    }

    fn may_split(&self, leaf: &Leaf<'_>) -> bool {
        let rules = &self.plan.rules;
        let totals = self.units.totals(leaf.sums);
        leaf.depth < self.plan.max_depth
            && totals.rows / 2 >= rules.min_child_samples
            && totals.second >= 2.0 * rules.min_child_weight
    }

    fn best_of_panel(&self, panel: &Panel, node: &Node<'_>, cells: &[Sums]) -> Option<Split> {
        let plan = self.plan;
        let mut sieve = Sieve::new(node);
        let mut best = None;
        for column in panel.columns.clone().filter(|column| self.drawn[*column]) {
            let cells = &cells[plan.layout.of_column(panel, column)];
            let bins = plan.data.bins(column);
            if bins.is_categorical() {
                node.scan_levels(cells, bins, column, &mut best);
            } else {
                node.scan(&mut sieve, cells, (column, bins), plan.monotone[column], &mut best);
            }
        }
        best
    }
}

/// The best of several, the first of equals.
fn first_of_best(found: Vec<Option<Split>>) -> Option<Split> {
    found.into_iter().flatten().reduce(|best, split| if split.gain > best.gain { split } else { best })
}

impl Plan<'_> {
    /// The codes that a split sends left, whatever the split: one look-up a row.
    fn goes_left(&self, split: &Split) -> CodeSet {
        let mut set = match split.left {
            Left::UpTo(last, _) => up_to(last),
            Left::In(set) => set,
        };
        let missing = self.data.bins(split.column).missing_code();
        if let Some(code) = missing.filter(|_| split.missing_left == Some(true)) {
            insert(&mut set, code);
        }
        set
    }
}
