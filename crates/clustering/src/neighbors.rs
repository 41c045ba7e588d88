//! Neighbours of a point among rows: a k-d tree whose leaves are compared 8 rows at a time.

use crate::lanes::{LANES, Lanes, squared_within};
use adflux_core::{
    Context, Result,
    widest::{Kernel, run},
};
use ndarray::ArrayView2;
use rayon::prelude::*;
use std::{cmp::Ordering, collections::BinaryHeap};

/// Panels of 8 rows in a leaf.
const LEAF_PANELS: usize = 4;
/// Rows in a leaf.
const LEAF: usize = LEAF_PANELS * LANES;
/// From how many leaves on the two halves of a tree are built on two threads.
const SHARED: usize = 64;
/// Places that are worked on between two looks at whether to go on.
const BLOCK: usize = 512;
/// Of a place that no row has.
pub(crate) const NO_ROW: u32 = u32::MAX;

/// Rows in a k-d tree (Friedman, Bentley and Finkel 1977). They have places, near rows near each other: leaf after leaf, 8 to a
/// panel. All leaves but the last are full. The tree does not depend on the number of threads.
///
/// Squared distances are summed column by column in two roundings each, as in scikit-learn's trees; a box is never farther than
/// what is in it, rounding included, because each step of its sum is at most that of the row's. So comparisons with a radius are
/// exact.
#[derive(Clone, Debug)]
pub(crate) struct KdTree {
    columns: usize,
    /// Parents before children, the left child next.
    nodes: Vec<Node>,
    /// The least and the most of each column, node by node.
    boxes: Vec<[f64; 2]>,
    /// `columns` groups of lanes for each panel; infinite where there is no row.
    cells: Vec<Lanes>,
    /// The row at each place.
    rows: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Node {
    /// The first panel.
    first: u32,
    panels: u32,
    /// The right child; 0 for a leaf.
    right: u32,
}

impl Node {
    /// Its places, of which the last may have no row.
    pub(crate) fn places(&self) -> std::ops::Range<usize> {
        self.first as usize * LANES..(self.first + self.panels) as usize * LANES
    }

    /// The two children of the node that is number `own`.
    pub(crate) fn children(&self, own: usize) -> Option<(usize, usize)> {
        (self.right != 0).then_some((own + 1, self.right as usize))
    }
}

/// What is looked for in a tree.
pub(crate) trait Search {
    /// The largest squared distance that is of interest by now. Must be finite.
    fn limit(&self) -> f64;
    /// A row within the limit.
    fn found(&mut self, place: usize, squared: f64);
    /// Whether a node is of no interest whatever its distance.
    fn skips(&self, _node: usize) -> bool {
        false
    }
    /// Whether enough was found.
    fn done(&self) -> bool {
        false
    }
}

impl KdTree {
    /// The tree of at least one row of finite numbers, fewer than 2³² − 8 of them.
    pub(crate) fn new(x: ArrayView2<f64>) -> Self {
        let (rows, columns) = x.dim();
        let leaves = rows.div_ceil(LEAF).max(1);
        let mut order: Vec<u32> = (0..rows as u32).collect();
        let mut nodes = vec![Node::default(); 2 * leaves - 1];
        let mut boxes = vec![[0.0; 2]; nodes.len() * columns];
        let x = x.as_standard_layout();
        let values = x.as_slice().unwrap_or_default();
        let part = Part { first: 0, number: 0, order: &mut order, nodes: &mut nodes, boxes: &mut boxes };
        part.build(values, columns);
        let panels = rows.div_ceil(LANES);
        let mut cells = vec![[f64::INFINITY; LANES]; panels * columns];
        for (place, &row) in order.iter().enumerate() {
            let cells = &mut cells[place / LANES * columns..][..columns];
            let row = &values[row as usize * columns..][..columns];
            cells.iter_mut().zip(row).for_each(|(cell, v)| cell[place % LANES] = *v);
        }
        order.resize(panels * LANES, NO_ROW);
        KdTree { columns, nodes, boxes, cells, rows: order }
    }

    /// The nodes, parents before children, the root first.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The row at each place, [`NO_ROW`] where there is none.
    pub(crate) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Copies the row at a place to `point`.
    pub(crate) fn read(&self, place: usize, point: &mut [f64]) {
        let cells = &self.cells[place / LANES * self.columns..];
        point.iter_mut().zip(cells).for_each(|(to, from)| *to = from[place % LANES]);
    }

    /// Works on the rows on all threads, each with its place, its numbers and its own of `out`, which has an item a place.
    pub(crate) fn each_row<T: Send>(
        &self,
        out: &mut [T],
        context: &Context,
        work: impl Fn(usize, &[f64], &mut T) + Sync,
    ) -> Result<()> {
        out.par_chunks_mut(BLOCK).enumerate().try_for_each(|(block, out)| {
            context.check()?;
            let mut point = vec![0.0; self.columns];
            for (place, out) in (block * BLOCK..).zip(out).filter(|(place, _)| self.rows[*place] != NO_ROW) {
                self.read(place, &mut point);
                work(place, &point, out);
            }
            Ok(())
        })
    }

    /// Looks for rows near `point`, the nearest boxes first.
    pub(crate) fn search(&self, point: &[f64], search: &mut impl Search) {
        run(Descent { tree: self, point, search });
    }

    /// A lower bound of the squared distance of `point` to the rows of a node.
    #[inline(always)]
    fn squared_to_box(&self, node: usize, point: &[f64]) -> f64 {
        let sides = &self.boxes[node * self.columns..][..point.len()];
        let mut squared = 0.0;
        for (v, [least, most]) in point.iter().zip(sides) {
            let (below, above) = (least - v, v - most);
            let beside = if below > above { below } else { above };
            let beside = if beside > 0.0 { beside } else { 0.0 };
            squared += beside * beside;
        }
        squared
    }
}

/// A part of a tree to be built.
struct Part<'a> {
    first: usize,
    number: usize,
    order: &'a mut [u32],
    nodes: &'a mut [Node],
    boxes: &'a mut [[f64; 2]],
}

impl Part<'_> {
    fn build(self, values: &[f64], columns: usize) {
        let Part { first, number, order, nodes, boxes } = self;
        let (node, nodes) = nodes.split_at_mut(1);
        let (sides, boxes) = boxes.split_at_mut(columns);
        sides.fill([f64::INFINITY, f64::NEG_INFINITY]);
        for &row in order.iter() {
            for ([least, most], v) in sides.iter_mut().zip(&values[row as usize * columns..][..columns]) {
                *least = if v < least { *v } else { *least };
                *most = if v > most { *v } else { *most };
            }
        }
        let leaves = order.len().div_ceil(LEAF).max(1);
        node[0] = Node { first: first as u32, panels: order.len().div_ceil(LANES) as u32, right: 0 };
        if leaves == 1 {
            return;
        }
        let left = leaves / 2;
        let widest = |best: (usize, f64), (column, [least, most]): (usize, &[f64; 2])| {
            if most - least > best.1 { (column, most - least) } else { best }
        };
        let (column, _) = sides.iter().enumerate().fold((0, 0.0), widest);
        let of = |row: u32| values[row as usize * columns + column];
        order.select_nth_unstable_by(left * LEAF, |a, b| of(*a).total_cmp(&of(*b)).then(a.cmp(b)));
        let right = number + 2 * left;
        node[0].right = right as u32;
        let (order, of_right) = order.split_at_mut(left * LEAF);
        let (nodes, nodes_of_right) = nodes.split_at_mut(2 * left - 1);
        let (boxes, boxes_of_right) = boxes.split_at_mut((2 * left - 1) * columns);
        let left_part = Part { first, number: number + 1, order, nodes, boxes };
        let right_part = Part {
            first: first + left * LEAF_PANELS,
            number: right,
            order: of_right,
            nodes: nodes_of_right,
            boxes: boxes_of_right,
        };
        if leaves >= SHARED {
            rayon::join(|| left_part.build(values, columns), || right_part.build(values, columns));
        } else {
            left_part.build(values, columns);
            right_part.build(values, columns);
        }
    }
}

struct Descent<'a, S> {
    tree: &'a KdTree,
    point: &'a [f64],
    search: &'a mut S,
}

impl<S: Search> Kernel for Descent<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let Descent { tree, point, search } = self;
        // As deep as a tree of 2³² rows in leaves of 32 can be, with a sibling left at each step.
        let mut waiting = [(0_usize, 0.0); 64];
        waiting[0] = (0, tree.squared_to_box(0, point));
        let mut count = 1;
        while count > 0 && !search.done() {
            count -= 1;
            let (number, squared) = waiting[count];
            if squared > search.limit() || search.skips(number) {
                continue;
            }
            let node = tree.nodes[number];
            let Some((left, right)) = node.children(number) else {
                leaf(tree, node, point, search);
                continue;
            };
            let (of_left, of_right) = (tree.squared_to_box(left, point), tree.squared_to_box(right, point));
            let (near, far) = if of_right < of_left {
                ((right, of_right), (left, of_left))
            } else {
                ((left, of_left), (right, of_right))
            };
            for next in [far, near] {
                if next.1 <= search.limit() {
                    waiting[count] = next;
                    count += 1;
                }
            }
        }
    }
}

#[inline(always)]
fn leaf(tree: &KdTree, node: Node, point: &[f64], search: &mut impl Search) {
    let cells = &tree.cells[node.first as usize * tree.columns..][..node.panels as usize * tree.columns];
    for (panel, cells) in cells.chunks_exact(point.len()).enumerate() {
        let Some(squared) = squared_within(cells, point, search.limit()) else { continue };
        for (lane, squared) in squared.into_iter().enumerate() {
            if squared <= search.limit() {
                search.found((node.first as usize + panel) * LANES + lane, squared);
            }
        }
    }
}

/// A row that was found. Ordered by squared distance and, of equals, by row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neighbor {
    pub(crate) squared: f64,
    pub(crate) row: u32,
}

impl Ord for Neighbor {
    #[inline(always)]
    fn cmp(&self, other: &Self) -> Ordering {
        self.squared.total_cmp(&other.squared).then(self.row.cmp(&other.row))
    }
}

impl PartialOrd for Neighbor {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Neighbor {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Neighbor {}

/// The k nearest, in a heap with the farthest on top: O(log k) for each that is nearer.
pub(crate) struct Nearest<'a> {
    rows: &'a [u32],
    k: usize,
    most: f64,
    found: BinaryHeap<Neighbor>,
}

impl<'a> Nearest<'a> {
    /// Looks for `k` rows, at least 1.
    pub(crate) fn new(tree: &'a KdTree, k: usize) -> Self {
        Nearest { rows: &tree.rows, k, most: f64::MAX, found: BinaryHeap::with_capacity(k.min(tree.rows.len())) }
    }

    /// Takes none beyond a squared distance.
    pub(crate) fn within(mut self, squared: f64) -> Self {
        self.most = squared;
        self
    }

    /// Takes out the farthest of what was found.
    pub(crate) fn farthest(&mut self) -> Option<Neighbor> {
        self.found.pop()
    }

    /// What was found, the nearest first.
    pub(crate) fn ascending(self) -> Vec<Neighbor> {
        self.found.into_sorted_vec()
    }
}

impl Search for Nearest<'_> {
    #[inline(always)]
    fn limit(&self) -> f64 {
        match self.found.peek() {
            Some(farthest) if self.found.len() == self.k => farthest.squared,
            _ => self.most,
        }
    }

    #[inline(always)]
    fn found(&mut self, place: usize, squared: f64) {
        let new = Neighbor { squared, row: self.rows[place] };
        if self.found.len() < self.k {
            self.found.push(new);
        } else if let Some(mut farthest) = self.found.peek_mut().filter(|farthest| new < **farthest) {
            *farthest = new;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use adflux_core::random::stream;
    use ndarray::Array2;
    use rand::RngExt as _;

    /// Rows of small numbers, many of them equal and at equal distances, or of any.
    pub(crate) fn points(rows: usize, columns: usize, seed: u64, rounded: bool) -> Array2<f64> {
        let mut rng = stream(seed, &[]);
        let x = Array2::from_shape_fn((rows, columns), |_| rng.random_range(-3.0..3.0_f64));
        if rounded { x.mapv(f64::round) } else { x }
    }

    pub(crate) fn squared(a: ndarray::ArrayView1<f64>, b: ndarray::ArrayView1<f64>) -> f64 {
        a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b))
    }

    struct Within(f64, Vec<u32>, Vec<u32>);
    impl Search for Within {
        fn limit(&self) -> f64 {
            self.0
        }
        fn found(&mut self, place: usize, _: f64) {
            self.2.push(self.1[place]);
        }
    }

    #[test]
    fn rows_within_a_radius_and_the_nearest_are_those_of_the_definition() {
        for (rows, columns) in [(1, 1), (31, 2), (33, 3), (700, 2), (500, 11), (4_000, 1)] {
            for rounded in [false, true] {
                let x = points(rows, columns, rows as u64, rounded);
                let tree = KdTree::new(x.view());
                let mut seen: Vec<u32> = tree.rows().iter().copied().filter(|row| *row != NO_ROW).collect();
                seen.sort_unstable();
                assert_eq!(seen, (0..rows as u32).collect::<Vec<_>>());
                for of in (0..rows).step_by(1 + rows / 40) {
                    let point = x.row(of).to_vec();
                    let mut all: Vec<(f64, u32)> =
                        (0..rows).map(|row| (squared(x.row(row), x.row(of)), row as u32)).collect();
                    all.sort_by(|a, b| a.partial_cmp(b).unwrap());
                    for radius in [0.0, 1.0, 2.0, 40.0] {
                        let mut search = Within(radius, tree.rows().to_vec(), Vec::new());
                        tree.search(&point, &mut search);
                        search.2.sort_unstable();
                        let mut expected: Vec<u32> = all.iter().filter(|p| p.0 <= radius).map(|p| p.1).collect();
                        expected.sort_unstable();
                        assert_eq!(search.2, expected, "{rows} {columns} {radius}");
                    }
                    for k in [1, 5, 60, rows] {
                        let mut search = Nearest::new(&tree, k);
                        tree.search(&point, &mut search);
                        let found: Vec<(f64, u32)> = search.ascending().iter().map(|f| (f.squared, f.row)).collect();
                        assert_eq!(found, all[..k.min(rows)], "{rows} {columns} {k}");
                    }
                }
            }
        }
    }

    #[test]
    fn far_points_and_infinite_squares_find_nothing() {
        let tree = KdTree::new(points(50, 2, 1, false).view());
        let mut search = Nearest::new(&tree, 3);
        tree.search(&[1e300, -1e300], &mut search);
        assert!(search.ascending().is_empty());
    }
}
