//! Path-dependent TreeSHAP: where the column of a split is not known, a row goes both ways, by the weight of the rows of training.
//!
//! What a tree says of a row whose columns in a set S are known is the sum over leaves of the leaf's value times, for each column
//! j on the way to it, 1 or 0 as the row meets all its splits or not (o_j) when j is in S, and otherwise the share of the rows of
//! training that went that way (z_j). Shapley values are averages over sets, drawn column by column with a chance q that is itself
//! uniform (Owen 1972), so the value of column i is an integral of a polynomial:
//!
//! ```text
//! φ_i = Σ_leaves value ∫₀¹ (o_i − z_i) Π_{j ≠ i} (z_j (1 − q) + o_j q) dq
//! ```
//!
//! Its degree is less than the number D of columns on the way, so ⌈D / 2⌉ points of Gauss and Legendre give it exactly. The
//! products are made on the way down and the sums over leaves on the way up, so a row costs O(leaves · D) where Lundberg's second
//! algorithm takes O(leaves · D²), as in Linear TreeSHAP (Yu, Xu, Bai & Wu 2022). All terms are positive: no digits are lost.
//!
//! Every row visits all nodes in the same order, so several rows go side by side.

use super::quadrature::Quadrature;
use crate::tree::nodes::{Step, Tree};
use adflux_core::widest::{Kernel, multiply_add};

/// Rows that go side by side.
pub(super) const LANES: usize = 8;
type Lanes = [f64; LANES];

/// Of the first edge of a column on a path: there is none above.
const FIRST: u32 = u32::MAX;

/// A tree prepared for many rows.
pub(super) struct Prepared<'a> {
    tree: &'a Tree,
    /// The columns that are split.
    pub(super) columns: Vec<usize>,
    /// Of the edge that leads to each node.
    edges: Vec<Edge>,
    /// For each edge and point: factors and credits.
    terms: Vec<Terms>,
    quadrature: Quadrature,
    /// Nodes on the longest way to a leaf.
    depth: usize,
    /// The mean of each output over the rows of training.
    pub(super) expected: Vec<f64>,
}

/// The edge from a split to one of its children.
#[derive(Clone, Copy)]
struct Edge {
    /// The place in `columns`.
    column: u32,
    /// How many edges further up, counted from the root, the column was split last; [`FIRST`] when it was not.
    above: u32,
    /// The share of rows of training that go this way at all splits of the column so far.
    share: f64,
    /// The share up to the edge above; 1 when there is none.
    share_above: f64,
}

impl Edge {
    /// What the product changes by when the row has strayed before.
    fn ratio(&self) -> f64 {
        if self.share_above > 0.0 { self.share / self.share_above } else { 0.0 }
    }
}

/// What an edge multiplies the product of a path by at a point of the quadrature, and the credit of its column for one unit
/// of what comes of it.
#[derive(Clone, Copy)]
struct Terms {
    /// When the row goes this way.
    goes: f64,
    /// When it has gone another way only here.
    strays: f64,
    /// Credit when the row goes this way; when it does not, it is that of the quadrature.
    credit: f64,
}

impl<'a> Prepared<'a> {
    /// `width` is the number of columns of the table. O(nodes · points).
    pub(super) fn new(tree: &'a Tree, width: usize) -> Self {
        let mut edges = vec![Edge { column: 0, above: FIRST, share: 1.0, share_above: 1.0 }; tree.len()];
        let (mut columns, mut place) = (Vec::new(), vec![FIRST; width]);
        // The depth and node of the last edge of each used column.
        let mut last: Vec<Option<(u32, usize)>> = Vec::new();
        let (mut depth, mut most) = (0, 0);
        let mut expected = vec![0.0; tree.outputs()];
        // Nodes to enter with their depth, columns on the way and weight; edges to be forgotten on the way up.
        enum Task {
            Enter { at: usize, parent: usize, depth: u32, distinct: usize, weight: f64 },
            Forget { column: u32, before: Option<(u32, usize)> },
        }
        let mut tasks = vec![Task::Enter { at: 0, parent: 0, depth: 0, distinct: 0, weight: 1.0 }];
        while let Some(task) = tasks.pop() {
            let (at, parent, level, mut distinct, mut weight) = match task {
                Task::Forget { column, before } => {
                    last[column as usize] = before;
                    continue;
                }
                Task::Enter { at, parent, depth, distinct, weight } => (at, parent, depth, distinct, weight),
            };
            if let (true, Step::Split { column, right }) = (level > 0, tree.step(parent)) {
                if place[column] == FIRST {
                    place[column] = columns.len() as u32;
                    columns.push(column);
                    last.push(None);
                }
                let (left_cover, right_cover) = (tree.cover(parent + 1), tree.cover(right));
                let own = if at == right { right_cover } else { left_cover };
                let both = left_cover + right_cover;
                let ratio = if both > 0.0 { own / both } else { 0.5 };
                weight *= ratio;
                let column = place[column];
                let before = last[column as usize];
                let share_above = before.map_or(1.0, |(_, node)| edges[node].share);
                distinct += usize::from(before.is_none());
                let above = before.map_or(FIRST, |(depth, _)| depth);
                edges[at] = Edge { column, above, share: share_above * ratio, share_above };
                last[column as usize] = Some((level, at));
                tasks.push(Task::Forget { column, before });
            }
            (depth, most) = (depth.max(level as usize + 1), most.max(distinct));
            match tree.step(at) {
                Step::Split { right, .. } => {
                    let next = |child| Task::Enter { at: child, parent: at, depth: level + 1, distinct, weight };
                    tasks.push(next(right));
                    tasks.push(next(at + 1));
                }
                Step::Leaf(values) => expected.iter_mut().zip(values).for_each(|(to, v)| *to += weight * v),
            }
        }
        let quadrature = Quadrature::new(most.div_ceil(2));
        let terms = edges.iter().flat_map(|edge| quadrature.terms(edge)).collect();
        Prepared { tree, columns, edges, terms, quadrature, depth, expected }
    }

    fn terms(&self, at: usize) -> &[Terms] {
        let points = self.quadrature.points.len();
        &self.terms[at * points..(at + 1) * points]
    }
}

impl Quadrature {
    fn terms(&self, edge: &Edge) -> impl Iterator<Item = Terms> {
        let Edge { share, share_above, .. } = *edge;
        self.points.iter().zip(&self.weights).map(move |(q, weight)| {
            let goes = share * (1.0 - q) + q;
            let before = share_above * (1.0 - q) + q;
            Terms { goes: goes / before, strays: share * (1.0 - q) / before, credit: weight * (1.0 - share) / goes }
        })
    }
}

/// What is written on the way down and up, kept from row to row.
#[derive(Default)]
pub(super) struct Scratch {
    path: Vec<usize>,
    /// 1 where a row goes along all edges of the column so far, 0 where not; by depth.
    along: Vec<Lanes>,
    /// 1 where a row goes left at the node of a depth.
    left: Vec<Lanes>,
    /// Depth × points.
    products: Vec<Lanes>,
    /// Depth × points: sums over the leaves below.
    below: Vec<Lanes>,
    /// −weight / (1 − point): the credit, for a share above 0, where a row does not go along.
    strayed: Vec<f64>,
}

/// Adds to `sums`, columns of the tree × outputs, what each column adds for each of the rows.
pub(super) struct Walk<'a> {
    pub(super) tree: &'a Prepared<'a>,
    pub(super) rows: [&'a [f64]; LANES],
    pub(super) scratch: &'a mut Scratch,
    pub(super) sums: &'a mut [Lanes],
}

impl Kernel for Walk<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let Walk { tree, rows, scratch, sums } = self;
        let points = tree.quadrature.points.len();
        scratch.along.resize(tree.depth, [1.0; LANES]);
        scratch.left.resize(tree.depth, [0.0; LANES]);
        scratch.products.resize(tree.depth * points, [1.0; LANES]);
        scratch.below.resize(tree.depth * points, [0.0; LANES]);
        let quadrature = tree.quadrature.points.iter().zip(&tree.quadrature.weights);
        scratch.strayed.clear();
        scratch.strayed.extend(quadrature.map(|(q, weight)| -weight / (1.0 - q)));
        let outputs = tree.expected.len();
        for output in 0..outputs {
            walk::<FUSED>(tree, &rows, scratch, output, outputs, sums);
        }
    }
}

#[inline(always)]
fn walk<const FUSED: bool>(
    tree: &Prepared<'_>,
    rows: &[&[f64]; LANES],
    scratch: &mut Scratch,
    output: usize,
    outputs: usize,
    sums: &mut [Lanes],
) {
    let points = tree.quadrature.points.len();
    scratch.path.clear();
    scratch.path.push(0);
    scratch.products[..points].fill([1.0; LANES]);
    loop {
        let depth = scratch.path.len() - 1;
        let at = scratch.path[depth];
        let below = &mut scratch.below[depth * points..][..points];
        match tree.tree.step(at) {
            Step::Split { .. } => {
                below.fill([0.0; LANES]);
                scratch.left[depth] = rows.map(|row| if tree.tree.goes_left(at, row) { 1.0 } else { 0.0 });
                enter(tree, scratch, at + 1);
                continue;
            }
            Step::Leaf(values) => {
                let products = &scratch.products[depth * points..][..points];
                let value = values[output];
                for (to, product) in below.iter_mut().zip(products) {
                    *to = product.map(|p| p * value);
                }
            }
        }
        // Up, to a split of which only the left child was seen.
        loop {
            let Some(child) = scratch.path.pop() else { return };
            let Some(&parent) = scratch.path.last() else { return };
            leave::<FUSED>(tree, scratch, child, output, outputs, sums);
            if let (true, Step::Split { right, .. }) = (child == parent + 1, tree.tree.step(parent)) {
                enter(tree, scratch, right);
                break;
            }
        }
    }
}

/// Goes down to `child` of the last node of the path.
#[inline(always)]
fn enter(tree: &Prepared<'_>, scratch: &mut Scratch, child: usize) {
    let depth = scratch.path.len();
    let (parent, edge) = (scratch.path[depth - 1], tree.edges[child]);
    let left = scratch.left[depth - 1];
    let mut along = if child == parent + 1 { left } else { left.map(|l| 1.0 - l) };
    let points = tree.quadrature.points.len();
    let (done, rest) = scratch.products.split_at_mut(depth * points);
    let from = done[(depth - 1) * points..].iter();
    let to = rest[..points].iter_mut();
    if edge.above == FIRST {
        for ((to, from), terms) in to.zip(from).zip(tree.terms(child)) {
            for lane in 0..LANES {
                let factor = if along[lane] > 0.0 { terms.goes } else { terms.strays };
                to[lane] = from[lane] * factor;
            }
        }
    } else {
        let (before, ratio) = (scratch.along[edge.above as usize], edge.ratio());
        (0..LANES).for_each(|lane| along[lane] *= before[lane]);
        for ((to, from), terms) in to.zip(from).zip(tree.terms(child)) {
            for lane in 0..LANES {
                let strays = if before[lane] > 0.0 { terms.strays } else { ratio };
                let factor = if along[lane] > 0.0 { terms.goes } else { strays };
                to[lane] = from[lane] * factor;
            }
        }
    }
    scratch.along[depth] = along;
    scratch.path.push(child);
}

/// Goes up from `child`, which the path has lost already: credits the column of the edge, less what the edge of the same column
/// above would credit it with for these leaves.
#[inline(always)]
fn leave<const FUSED: bool>(
    tree: &Prepared<'_>,
    scratch: &mut Scratch,
    child: usize,
    output: usize,
    outputs: usize,
    sums: &mut [Lanes],
) {
    let depth = scratch.path.len();
    let points = tree.quadrature.points.len();
    let edge = tree.edges[child];
    let (above, below) = scratch.below.split_at_mut(depth * points);
    let (above, below) = (&mut above[(depth - 1) * points..], &below[..points]);
    let to = &mut sums[edge.column as usize * outputs + output];
    credit::<FUSED>(1.0, &scratch.along[depth], edge.share, tree.terms(child), &scratch.strayed, below, to);
    if edge.above != FIRST {
        let upper = edge.above as usize;
        // The node that the upper edge leads to is on the path.
        let node = scratch.path[upper];
        let (along, share) = (&scratch.along[upper], tree.edges[node].share);
        credit::<FUSED>(-1.0, along, share, tree.terms(node), &scratch.strayed, below, to);
    }
    for (to, from) in above.iter_mut().zip(below) {
        (0..LANES).for_each(|lane| to[lane] += from[lane]);
    }
}

/// Adds `sign` times the credit of an edge for the leaves that are `below` it.
#[inline(always)]
fn credit<const FUSED: bool>(
    sign: f64,
    along: &Lanes,
    share: f64,
    terms: &[Terms],
    strayed: &[f64],
    below: &[Lanes],
    to: &mut Lanes,
) {
    // A way that no row of training went leads nowhere for a row that does not go it either.
    let open = if share > 0.0 { 1.0 } else { 0.0 };
    for ((terms, strayed), below) in terms.iter().zip(strayed).zip(below) {
        let (goes, strays) = (sign * terms.credit, sign * open * strayed);
        for lane in 0..LANES {
            let factor = if along[lane] > 0.0 { goes } else { strays };
            to[lane] = multiply_add::<FUSED, f64>(factor, below[lane], to[lane]);
        }
    }
}
