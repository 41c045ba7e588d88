//! The minimum spanning tree of rows by mutual reachability, by Borůvka's algorithm over a k-d tree.
//!
//! In each round every component looks for the shortest edge that leaves it; these edges join the components, of which at most half
//! are left. Edges are ordered by length and then by their rows, so that no two are equal and the tree is the same whatever the
//! order of the search and the number of threads. Memory is O(rows): no matrix, no lists of neighbours.
//!
//! W. B. March, P. Ram and A. G. Gray, *Fast Euclidean minimum spanning tree: algorithm, analysis, and applications*, 2010;
//! L. McInnes and J. Healy, *Accelerated hierarchical density based clustering*, 2017.

use crate::{
    neighbors::{KdTree, NO_ROW, Nearest, Search},
    sets::{Joined, Sets},
};
use adflux_core::{Context, Error, Result};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// No place.
const NONE: u32 = u32::MAX;

/// The squared distance of each row to its `k`-th nearest, and to the one before it, itself counted as the first; by place.
pub(super) fn core_distances(tree: &KdTree, k: usize, context: &Context) -> Result<Vec<[f64; 2]>> {
    let mut distances = vec![[0.0; 2]; tree.rows().len()];
    tree.each_row(&mut distances, context, |_, point, distances| {
        let mut nearest = Nearest::new(tree, k);
        tree.search(point, &mut nearest);
        *distances = [(); 2].map(|()| nearest.farthest().map_or(0.0, |found| found.squared));
    })?;
    Ok(distances)
}

/// The edges of the tree: two rows and their mutual reachability distance, max(core, core, distance); shortest first. `core` holds
/// the squared core distances by place. An error when there is no tree: distances that are infinite.
pub(super) fn spanning_tree(tree: &KdTree, core: &[f64], context: &Context) -> Result<Vec<(u32, u32, f64)>> {
    let rows = tree.rows().iter().filter(|row| **row != NO_ROW).count();
    let sets = Sets::new(core.len());
    let nearest_core = nearest_core(tree, core);
    let mut candidates: Vec<Candidate> =
        core.iter().map(|core| Candidate { floor: *core, ..Candidate::default() }).collect();
    let mut edges: Vec<Edge> = Vec::with_capacity(rows.saturating_sub(1));
    while edges.len() + 1 < rows {
        context.report(super::KIND, edges.len() as u64, Some(rows as u64 - 1));
        let roots: Vec<u32> = (0..core.len() as u32).map(|place| sets.root(place)).collect();
        let joined = Joined::of_nodes(tree, |_| true, &sets);
        let bounds: Vec<AtomicU64> = core.iter().map(|_| AtomicU64::new(f64::MAX.to_bits())).collect();
        for (place, candidate) in candidates.iter_mut().enumerate() {
            if candidate.to != NONE && roots[candidate.to as usize] == roots[place] {
                (candidate.to, candidate.squared, candidate.exact) = (NONE, f64::MAX, false);
            }
            bounds[roots[place] as usize].fetch_min(candidate.squared.to_bits(), Relaxed);
        }
        let round = Round { tree, core, nearest_core: &nearest_core, roots: &roots, joined: &joined, bounds: &bounds };
        tree.each_row(&mut candidates, context, |place, point, candidate| round.look(place, point, candidate))?;
        let before = edges.len();
        edges.extend(
            shortest(tree, &roots, &candidates).into_iter().filter(|edge| sets.join(edge.places.0, edge.places.1)),
        );
        if edges.len() == before {
            let reason = "the distances of some rows are not numbers: put a standard-scaler before it";
            return Err(Error::data(format!("`{}`: {reason}", super::KIND)));
        }
    }
    edges.sort_by(Edge::order);
    Ok(edges.into_iter().map(|edge| (edge.rows.0, edge.rows.1, edge.squared.sqrt())).collect())
}

/// The least core distance in each node.
fn nearest_core(tree: &KdTree, core: &[f64]) -> Vec<f64> {
    let mut of_nodes = vec![f64::INFINITY; tree.nodes().len()];
    for (number, node) in tree.nodes().iter().enumerate().rev() {
        of_nodes[number] = match node.children(number) {
            Some((left, right)) => of_nodes[left].min(of_nodes[right]),
            None => {
                let there = node.places().filter(|place| tree.rows()[*place] != NO_ROW);
                there.map(|place| core[place]).fold(f64::INFINITY, f64::min)
            }
        };
    }
    of_nodes
}

/// What a row knows of the edges that leave its component.
#[derive(Clone, Copy)]
struct Candidate {
    /// The other end, [`NONE`] when none is known.
    to: u32,
    /// The squared length of the edge to it.
    squared: f64,
    /// Whether no other edge of the row comes before it. It stays so while its end is outside: less is outside in every round.
    exact: bool,
    /// No edge of the row that leaves its component is shorter.
    floor: f64,
}

impl Default for Candidate {
    fn default() -> Self {
        Candidate { to: NONE, squared: f64::MAX, exact: false, floor: 0.0 }
    }
}

/// An edge, and its place in the order of all edges.
struct Edge {
    squared: f64,
    /// The lower row first.
    rows: (u32, u32),
    places: (u32, u32),
}

impl Edge {
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.squared.total_cmp(&other.squared).then(self.rows.cmp(&other.rows))
    }
}

/// The shortest edge of each component.
fn shortest(tree: &KdTree, roots: &[u32], candidates: &[Candidate]) -> Vec<Edge> {
    let mut of_roots: Vec<Option<Edge>> = roots.iter().map(|_| None).collect();
    for (place, candidate) in candidates.iter().enumerate().filter(|(_, candidate)| candidate.to != NONE) {
        let (a, b) = (tree.rows()[place], tree.rows()[candidate.to as usize]);
        let edge =
            Edge { squared: candidate.squared, rows: (a.min(b), a.max(b)), places: (place as u32, candidate.to) };
        let best = &mut of_roots[roots[place] as usize];
        if best.as_ref().is_none_or(|best| edge.order(best).is_lt()) {
            *best = Some(edge);
        }
    }
    of_roots.into_iter().flatten().collect()
}

/// What all rows of a round share.
struct Round<'a> {
    tree: &'a KdTree,
    core: &'a [f64],
    nearest_core: &'a [f64],
    /// The component of each place.
    roots: &'a [u32],
    joined: &'a [Joined],
    /// The shortest edge known of each component, squared, as bits: numbers from 0 up are ordered as their bits are.
    bounds: &'a [AtomicU64],
}

impl Round<'_> {
    fn bound(&self, place: usize) -> &AtomicU64 {
        &self.bounds[self.roots[place] as usize]
    }

    /// Finds the shortest edge of a row, unless another row of its component has a shorter one.
    fn look(&self, place: usize, point: &[f64], candidate: &mut Candidate) {
        let bound = f64::from_bits(self.bound(place).load(Relaxed));
        if candidate.exact || candidate.floor > bound {
            return;
        }
        let mut outside = Outside { round: self, place, bound, best: *candidate };
        self.tree.search(point, &mut outside);
        // All edges up to here were seen: the bound only fell.
        let seen = outside.limit();
        *candidate = outside.best;
        candidate.exact = candidate.to != NONE && candidate.squared <= seen;
        candidate.floor = candidate.floor.max(seen);
    }
}

/// The search of one row.
struct Outside<'a> {
    round: &'a Round<'a>,
    place: usize,
    /// Of the component, as last read.
    bound: f64,
    best: Candidate,
}

impl Search for Outside<'_> {
    #[inline(always)]
    fn limit(&self) -> f64 {
        if self.best.squared < self.bound { self.best.squared } else { self.bound }
    }

    #[inline(always)]
    fn found(&mut self, place: usize, squared: f64) {
        let Round { tree, core, roots, .. } = self.round;
        if roots[place] == roots[self.place] {
            return;
        }
        let squared = squared.max(core[self.place]).max(core[place]);
        let row = |place: usize| tree.rows()[place];
        let before = |other: usize| {
            let own = row(self.place);
            let (new, old) = (row(place), row(other));
            (own.min(new), own.max(new)) < (own.min(old), own.max(old))
        };
        let best = &mut self.best;
        if squared < best.squared || (squared == best.squared && best.to != NONE && before(best.to as usize)) {
            (best.to, best.squared) = (place as u32, squared);
            let known = self.round.bound(self.place).fetch_min(squared.to_bits(), Relaxed);
            self.bound = f64::from_bits(known).min(squared);
        }
    }

    fn skips(&self, node: usize) -> bool {
        let own = self.round.roots[self.place];
        self.round.nearest_core[node] > self.limit()
            || matches!(self.round.joined[node], Joined::One(other) if other == own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::tests::{points, squared};
    use ndarray::Array2;

    /// Kruskal's algorithm over all pairs.
    fn simple(x: &Array2<f64>, k: usize) -> Vec<(u32, u32, f64)> {
        let rows = x.nrows();
        let of = |a: usize| {
            let mut all: Vec<f64> = (0..rows).map(|b| squared(x.row(a), x.row(b))).collect();
            all.sort_by(f64::total_cmp);
            all[k - 1]
        };
        let core: Vec<f64> = (0..rows).map(of).collect();
        let pairs = (0..rows).flat_map(|a| (a + 1..rows).map(move |b| (a, b)));
        let mut edges: Vec<(f64, u32, u32)> =
            pairs.map(|(a, b)| (squared(x.row(a), x.row(b)).max(core[a]).max(core[b]), a as u32, b as u32)).collect();
        edges.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let sets = Sets::new(rows);
        edges.into_iter().filter(|edge| sets.join(edge.1, edge.2)).map(|(s, a, b)| (a, b, s.sqrt())).collect()
    }

    fn fast(x: &Array2<f64>, k: usize, context: &Context) -> Vec<(u32, u32, f64)> {
        context.run(|| {
            let tree = KdTree::new(x.view());
            let core: Vec<f64> = core_distances(&tree, k, context).unwrap().iter().map(|core| core[0]).collect();
            spanning_tree(&tree, &core, context).unwrap()
        })
    }

    #[test]
    fn without_distances_there_is_no_tree() {
        let tree = KdTree::new(points(20, 2, 1, false).view());
        let core = vec![f64::INFINITY; tree.rows().len()];
        let said = spanning_tree(&tree, &core, &Context::default()).unwrap_err().to_string();
        assert!(said.contains("are not numbers"), "{said}");
    }

    #[test]
    fn it_is_kruskals_tree_whatever_the_threads() {
        for (rows, columns, k) in [(1, 2, 1), (2, 1, 2), (33, 3, 5), (300, 2, 1), (500, 2, 6), (400, 7, 4), (600, 1, 9)]
        {
            for rounded in [false, true] {
                let x = points(rows, columns, rows as u64, rounded);
                let expected = simple(&x, k);
                assert_eq!(expected.len(), rows - 1);
                for threads in [1, 3] {
                    let context = Context::default().with_threads(threads).unwrap();
                    assert_eq!(fast(&x, k, &context), expected, "{rows}×{columns}, {k}, {threads} threads, {rounded}");
                }
            }
        }
    }
}
