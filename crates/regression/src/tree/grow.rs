//! Growing a tree over codes, node by node, the left child first.

use super::{
    binning::Binned,
    code_set::{self, holds, insert},
    exact::Sorted,
    kept::{Kept, Layout},
    monotone::Bounds,
    nodes::{Test, Tree},
    outcome::Outcome,
    random::Drawn,
    split::{Histogram, Parent, Split, score},
};
use crate::table::Table;
use adflux_core::{Context, Result, random::Rng};
use rand::RngExt as _;

/// When a tree stops, and how many columns it looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits<'a> {
    pub(crate) max_depth: usize,
    pub(crate) min_samples_split: usize,
    pub(crate) min_samples_leaf: usize,
    /// Columns drawn for a split.
    pub(crate) max_features: usize,
    /// Whether a column is split at a threshold drawn at random rather than at its best one.
    pub(crate) random_thresholds: bool,
    /// Nodes of up to so many rows are split between any two values, not only between bins.
    pub(crate) exact_to: usize,
    /// Rows from which on a node's histograms are kept for its children, when all columns are looked at.
    pub(crate) keep_from: usize,
    /// The direction of each column as [`Monotone::directions`](super::monotone::Monotone::directions) says it; empty when there is
    /// none.
    pub(crate) monotone: &'a [i8],
}

/// A node of so many rows is counted more slowly than its histograms are subtracted and read.
pub(crate) const KEEP_FROM: usize = 1024;

/// A node that waits to be grown.
struct Waiting {
    start: usize,
    end: usize,
    depth: usize,
    /// The node whose right child this is.
    right_of: Option<usize>,
    /// How many of the columns may still tell its rows apart.
    varying: usize,
    bounds: Bounds,
    kept: Option<Kept>,
}

/// Nodes grown between two looks at the cancel token.
const CHECK_EVERY: usize = 1024;

struct Grower<'a, O: Outcome> {
    data: &'a Binned,
    outcome: &'a O,
    limits: Limits<'a>,
    rng: &'a mut Rng,
    histogram: Histogram<O>,
    sorted: Sorted<O>,
    drawn: Drawn<O>,
    /// The values, where nodes are split exactly.
    values: Option<&'a Table<'a>>,
    /// A permutation of the columns. Those that are constant in a node stand behind its `varying` ones; below the node
    /// only the order in front of that mark changes, so the mark of every waiting node stays true.
    columns: Vec<u32>,
    total: O::Sums,
    importances: Vec<f64>,
    aside: Vec<O::Sample>,
    /// When histograms are kept.
    layout: Option<Layout>,
}

/// Grows a tree on `samples`, which are reordered. Gives the tree and the impurity that each column took away.
///
/// # Errors
/// When cancelled.
pub(crate) fn grow<O: Outcome>(
    data: &Binned,
    values: Option<&Table<'_>>,
    outcome: &O,
    mut samples: Vec<O::Sample>,
    limits: Limits<'_>,
    rng: &mut Rng,
    context: &Context,
) -> Result<(Tree, Vec<f64>)> {
    let width = data.width();
    let mut grower = Grower {
        data,
        outcome,
        limits,
        rng,
        histogram: Histogram::new(outcome),
        sorted: Sorted::new(outcome),
        drawn: Drawn::new(outcome),
        values,
        columns: (0..width as u32).collect(),
        total: outcome.zeros(),
        importances: vec![0.0; width],
        aside: Vec::with_capacity(samples.len()),
        layout: (limits.max_features == width && !limits.random_thresholds)
            .then(|| Layout::new(data, outcome.outputs()))
            .flatten(),
    };
    let mut tree = Tree::new(outcome.outputs());
    let kept = grower.keep(&samples);
    let (end, bounds) = (samples.len(), Bounds::NONE);
    let mut stack = vec![Waiting { start: 0, end, depth: 0, right_of: None, varying: width, bounds, kept }];
    while let Some(node) = stack.pop() {
        if tree.len().is_multiple_of(CHECK_EVERY) {
            context.check()?;
        }
        if let Some(parent) = node.right_of {
            tree.right_is_next(parent);
        }
        let own = &mut samples[node.start..node.end];
        let mut varying = node.varying;
        let Some(split) = grower.best_split(own, &node, &mut varying) else {
            tree.push_leaf(outcome.weight(own), |to| outcome.leaf(own, node.bounds, to));
            continue;
        };
        let (middle, test) = grower.partition(own, &split);
        let missing_left = split.missing_left.unwrap_or(2 * middle > own.len());
        let index = tree.len();
        tree.push_split(split.column, test, missing_left, outcome.weight(own));
        let waiting = || stack.iter().filter(|node| node.kept.is_some()).count();
        let parent = node.kept.filter(|_| grower.room_for(waiting() + 2));
        let (left, right) = grower.kept_of_children(parent, own.split_at(middle));
        let (depth, cut) = (node.depth + 1, node.start + middle);
        let (below, above) = node.bounds.of_children(grower.direction(split.column), split.middle);
        let (start, end) = (node.start, node.end);
        stack.push(Waiting { start: cut, end, depth, right_of: Some(index), varying, bounds: above, kept: right });
        stack.push(Waiting { start, end: cut, depth, right_of: None, varying, bounds: below, kept: left });
    }
    Ok((tree, grower.importances))
}

impl<O: Outcome> Grower<'_, O> {
    /// The best split of a node, `None` when it is to be a leaf. Takes columns found constant out of `varying`.
    fn best_split(&mut self, samples: &[O::Sample], node: &Waiting, varying: &mut usize) -> Option<Split> {
        let Limits { max_depth, min_samples_split, min_samples_leaf, .. } = self.limits;
        let rows = samples.len();
        if node.depth >= max_depth || rows < min_samples_split || rows / 2 < min_samples_leaf {
            return None;
        }
        let (first, rest) = samples.split_first()?;
        if rest.iter().all(|s| self.outcome.same(first, s)) {
            return None;
        }
        self.total.as_mut().fill(0.0);
        samples.iter().for_each(|s| self.outcome.add(s, self.total.as_mut()));
        let best = self.search(samples, node, varying)?;
        // Rounding can make the gain of a split that gains nothing slightly negative.
        self.importances[best.column] += (best.score - score(self.total.as_ref())).max(0.0);
        Some(best)
    }

    /// Looks at columns in random order, as many as are to be drawn, and further while all of them were constant. Columns
    /// known to be constant are drawn too, as in scikit-learn, but cost nothing.
    fn search(&mut self, samples: &[O::Sample], node: &Waiting, varying: &mut usize) -> Option<Split> {
        let mut best = None;
        let mut constant = self.columns.len() - *varying;
        let (mut looked_at, mut drawn) = (0, 0);
        while looked_at < *varying && (drawn < self.limits.max_features || looked_at == 0) {
            drawn += 1;
            let at = self.rng.random_range(0..*varying - looked_at + constant);
            if at >= *varying - looked_at {
                constant -= 1;
                continue;
            }
            let at = looked_at + at;
            let column = self.columns[at] as usize;
            let (bins, total) = (self.data.bins(column), self.total.as_ref());
            let direction = self.direction(column);
            let constraint = (direction != 0).then_some((node.bounds, direction));
            let parent = Parent { total, min_rows: self.limits.min_samples_leaf as f64, constraint };
            let exact = self.values.filter(|_| samples.len() <= self.limits.exact_to && !bins.is_exact());
            if let Some(values) = exact {
                self.sorted.load(self.outcome, samples, values, column);
            } else if self.limits.random_thresholds {
                self.drawn.load(samples, self.data.codes(column), bins);
            } else if let (Some(layout), Some(kept)) = (&self.layout, &node.kept) {
                self.histogram.load(self.outcome, layout.column(kept, column));
            } else {
                self.histogram.count(self.outcome, samples, self.data.codes(column), bins.common(), total);
            }
            let constant = match exact {
                Some(_) => self.sorted.constant(),
                None if self.limits.random_thresholds => self.drawn.constant(),
                None => self.histogram.constant(),
            };
            if constant {
                self.histogram.clear(self.outcome);
                *varying -= 1;
                self.columns.swap(at, *varying);
                continue;
            }
            match (self.limits.random_thresholds, bins.is_categorical()) {
                _ if exact.is_some() => self.sorted.take_best(self.outcome, column, parent, &mut best),
                (true, true) => self.drawn.take_levels(self.outcome, samples, column, parent, self.rng, &mut best),
                (true, false) => self.drawn.take(self.outcome, samples, (column, bins), parent, self.rng, &mut best),
                (false, true) => self.histogram.take_best_levels(self.outcome, bins, column, parent, &mut best),
                (false, false) => self.histogram.take_best(self.outcome, bins, column, parent, &mut best),
            }
            self.columns.swap(at, looked_at);
            looked_at += 1;
            // Every split of two rows is as good as any other.
            if samples.len() == 2 && best.is_some() {
                break;
            }
        }
        best
    }

    fn direction(&self, column: usize) -> i8 {
        self.limits.monotone.get(column).copied().unwrap_or(0)
    }

    /// The histograms of a node, when it is large enough to keep them.
    fn keep(&self, samples: &[O::Sample]) -> Option<Kept> {
        let layout = self.layout.as_ref().filter(|_| samples.len() >= self.limits.keep_from)?;
        Some(layout.count(self.data, self.outcome, samples))
    }

    /// Whether so many nodes may be kept.
    fn room_for(&self, nodes: usize) -> bool {
        self.layout.as_ref().is_some_and(|layout| nodes <= layout.most_nodes())
    }

    /// The histograms of children that are large enough to keep them: the smaller child is counted, the larger is what it
    /// leaves of the parent.
    fn kept_of_children(
        &self,
        parent: Option<Kept>,
        (left, right): (&[O::Sample], &[O::Sample]),
    ) -> (Option<Kept>, Option<Kept>) {
        let (Some(layout), Some(parent)) = (&self.layout, parent) else { return (None, None) };
        let (smaller, larger) = if left.len() <= right.len() { (left, right) } else { (right, left) };
        if larger.len() < self.limits.keep_from {
            return (None, None);
        }
        let counted = layout.count(self.data, self.outcome, smaller);
        let rest = Some(parent.without(&counted));
        let counted = Some(counted).filter(|_| smaller.len() >= self.limits.keep_from);
        if left.len() <= right.len() { (counted, rest) } else { (rest, counted) }
    }

    /// Moves the rows that go left to the front, and says how many they are and what the split asks of values.
    fn partition(&mut self, samples: &mut [O::Sample], split: &Split) -> (usize, Test) {
        let (codes, bins) = (self.data.codes(split.column), self.data.bins(split.column));
        let missing = bins.missing_code().filter(|_| split.missing_left == Some(true));
        let code = |sample: &O::Sample| codes.at(O::row(sample));
        match (split.test, split.left) {
            (Test::UpTo(_), Some(last)) => {
                let goes_left = |code: u8| code <= last || Some(code) == missing;
                (part(samples, &mut self.aside, |sample| goes_left(code(sample))), split.test)
            }
            (Test::UpTo(threshold), None) => {
                let values = self.values;
                let value = |row: u32| values.map_or(f64::NAN, |table| table.value(row as usize, split.column));
                let goes_left = |v: f64| v <= threshold || (v.is_nan() && split.missing_left == Some(true));
                (part(samples, &mut self.aside, |sample| goes_left(value(O::row(sample)))), split.test)
            }
            (Test::In(mut set), _) => {
                let mut seen = [0; 4];
                let middle = part(samples, &mut self.aside, |sample| {
                    let code = code(sample);
                    insert(&mut seen, code);
                    holds(&set, code) || Some(code) == missing
                });
                // Levels that the node did not see go with more rows, as missing values do.
                if 2 * middle > samples.len() {
                    set.iter_mut().zip(seen).for_each(|(set, seen)| *set |= !seen);
                }
                (middle, Test::In(code_set::levels(&set, bins)))
            }
        }
    }
}

/// Moves the samples that go left to the front, keeping the order on both sides, and says how many they are.
fn part<S: Copy>(samples: &mut [S], aside: &mut Vec<S>, mut goes_left: impl FnMut(&S) -> bool) -> usize {
    aside.clear();
    let mut kept = 0;
    for i in 0..samples.len() {
        let sample = samples[i];
        if goes_left(&sample) {
            samples[kept] = sample;
            kept += 1;
        } else {
            aside.push(sample);
        }
    }
    samples[kept..].copy_from_slice(aside);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::outcome::Single;
    use adflux_core::{Features, random::stream};
    use ndarray::Array2;

    #[test]
    fn a_tree_on_kept_histograms_is_the_tree_on_counted_ones() {
        let mut rng = stream(3, &[]);
        let mut x =
            Array2::from_shape_simple_fn((3000, 4), || if rng.random_bool(0.1) { f64::NAN } else { rng.random() });
        x.column_mut(2).mapv_inplace(|v| if v < 0.7 { 0.0 } else { v });
        let y: Vec<f64> =
            x.rows().into_iter().map(|r| r[0].max(0.3) * r[1].max(0.2) + r[2].max(0.0) + rng.random::<f64>()).collect();
        let weights: Vec<f64> = y.iter().map(|y| 0.5 + y).collect();
        let outcome = Single::new(&y, &weights);
        let features = Features::from_dense(x.clone(), ["a", "b", "c", "d"]).unwrap();
        let context = Context::default();
        let data = Binned::new(&Table::new(&features, "test").unwrap(), &[], 255, &context).unwrap();
        let trees = [100, usize::MAX].map(|keep_from| {
            let samples = (0..3000).map(|row| outcome.sample(row, weights[row as usize])).collect();
            let limits = Limits {
                max_depth: usize::MAX,
                min_samples_split: 2,
                min_samples_leaf: 10,
                max_features: 4,
                random_thresholds: false,
                exact_to: 0,
                keep_from,
                monotone: &[],
            };
            grow(&data, None, &outcome, samples, limits, &mut stream(1, &[]), &context).unwrap()
        });
        assert!(trees[0].0.len() > 100);
        let rows: Vec<f64> = x.iter().copied().collect();
        let [a, b] = trees.map(|(tree, _)| {
            let mut values = vec![0.0; 3000];
            tree.add_leaves(&rows, 4, &mut values);
            values
        });
        assert_eq!(a, b);
    }
}
