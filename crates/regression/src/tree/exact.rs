//! The best split of one column of a small node, between any two of its values.

use super::{
    nodes::Test,
    outcome::Outcome,
    split::{Parent, Split},
};
use crate::table::Table;

/// The rows of a node by their value in a column.
pub(crate) struct Sorted<O: Outcome> {
    rows: Vec<(f64, O::Sample)>,
    left: O::Sums,
    missing: O::Sums,
    joint: O::Sums,
}

impl<O: Outcome> Sorted<O> {
    pub(crate) fn new(outcome: &O) -> Self {
        Sorted { rows: Vec::new(), left: outcome.zeros(), missing: outcome.zeros(), joint: outcome.zeros() }
    }

    /// Sorts the rows of a node; those with a missing value stand apart.
    pub(crate) fn load(&mut self, outcome: &O, samples: &[O::Sample], table: &Table<'_>, column: usize) {
        self.rows.clear();
        self.missing.as_mut().fill(0.0);
        for sample in samples {
            // Adding zero makes -0.0 the same number as 0.0.
            let value = table.value(O::row(sample) as usize, column) + 0.0;
            if value.is_nan() {
                outcome.add(sample, self.missing.as_mut());
            } else {
                self.rows.push((value, *sample));
            }
        }
        self.rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(O::row(&a.1).cmp(&O::row(&b.1))));
    }

    fn some_missing(&self) -> bool {
        self.missing.as_ref()[0] > 0.0
    }

    /// Whether no two rows differ in this column.
    pub(crate) fn constant(&self) -> bool {
        match (self.rows.first(), self.rows.last()) {
            (Some(first), Some(last)) => first.0 == last.0 && !self.some_missing(),
            _ => true,
        }
    }

    /// Puts the best split of `column` into `best` when it is better, as
    /// [`Histogram::take_best`](super::split::Histogram::take_best).
    pub(crate) fn take_best(&mut self, outcome: &O, column: usize, parent: Parent<'_>, best: &mut Option<Split>) {
        let stride = 2 + outcome.outputs();
        let mut consider = |left: &[f64], threshold: f64, missing_left: Option<bool>| {
            parent.offer(&left[..stride], best, |score, middle| Split {
                score,
                column,
                test: Test::UpTo(threshold),
                left: None,
                missing_left,
                middle,
            });
        };
        let some_missing = self.missing.as_ref()[0] > 0.0;
        self.left.as_mut().fill(0.0);
        for (i, (value, sample)) in self.rows.iter().enumerate() {
            outcome.add(sample, self.left.as_mut());
            let Some((next, _)) = self.rows.get(i + 1) else { break };
            if value == next {
                continue;
            }
            let threshold = between(*value, *next);
            consider(self.left.as_ref(), threshold, some_missing.then_some(false));
            if some_missing {
                let sums = self.left.as_ref().iter().zip(self.missing.as_ref());
                self.joint.as_mut().iter_mut().zip(sums).for_each(|(to, (a, b))| *to = a + b);
                consider(self.joint.as_ref(), threshold, Some(true));
            }
        }
        if some_missing {
            consider(self.left.as_ref(), f64::INFINITY, Some(false));
        }
    }
}

/// The threshold between two values: midway, but below the second, which between neighbouring floats it may round to.
pub(crate) fn between(below: f64, above: f64) -> f64 {
    let middle = below.midpoint(above);
    if middle < above { middle } else { below }
}
