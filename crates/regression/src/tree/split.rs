//! The best split of one column, from its histogram.

use super::{
    binning::{Codes, ColumnBins},
    code_set::{CodeSet, first_parts, holds, insert},
    level_order,
    monotone::Bounds,
    nodes::Test,
    outcome::Outcome,
};

/// A split of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split {
    /// Σ over children and outputs of (Σw·y)²/Σw: minus the impurity of the children, up to a constant of the node.
    pub(crate) score: f64,
    pub(crate) column: usize,
    /// What goes left: values up to a threshold, which is infinite when missing values alone go right, or codes of levels.
    pub(crate) test: Test,
    /// Of a threshold the greatest code on the left; `None` when it lies within a bin and alone parts the rows.
    pub(crate) left: Option<u8>,
    /// Where missing values go; `None` when the node has none of them.
    pub(crate) missing_left: Option<bool>,
    /// Where the values of the children meet, in a column that has a direction.
    pub(crate) middle: f64,
}

/// The node that is to be split.
#[derive(Clone, Copy)]
pub(crate) struct Parent<'a> {
    /// Its sums.
    pub(crate) total: &'a [f64],
    /// What each child must have.
    pub(crate) min_rows: f64,
    /// What the values of children must keep to, and their direction, in a column that has one.
    pub(crate) constraint: Option<(Bounds, i8)>,
}

impl Parent<'_> {
    /// Puts a split whose left child has these sums into `best` when it may be made and scores more. `split` is given its score
    /// and middle.
    #[inline]
    pub(super) fn offer(&self, left: &[f64], best: &mut Option<Split>, split: impl FnOnce(f64, f64) -> Split) {
        let total = &self.total[..left.len()];
        let Some(score) = score_of_children(left, total, self.min_rows) else { return };
        if best.is_none_or(|b| score > b.score)
            && let Some(middle) = self.middle(left, total)
        {
            *best = Some(split(score, middle));
        }
    }

    /// Midway between the values of the children, of which the last output tells; `None` where they may not be those.
    fn middle(&self, left: &[f64], total: &[f64]) -> Option<f64> {
        let Some((bounds, direction)) = self.constraint else { return Some(0.0) };
        let last = left.len() - 1;
        let on_left = left[last] / left[1];
        let on_right = (total[last] - left[last]) / (total[1] - left[1]);
        let as_directed = (on_right - on_left) * f64::from(direction) >= 0.0;
        (as_directed && bounds.hold(on_left) && bounds.hold(on_right)).then(|| on_left.midpoint(on_right))
    }
}

/// (Σw·y)²/Σw over outputs: of a node, what [`Split::score`] is of its children.
pub(crate) fn score(sums: &[f64]) -> f64 {
    sums[2..].iter().map(|s| s * s).sum::<f64>() / sums[1]
}

/// What [`Split::score`] would be, `None` when a child may not be as small as that.
fn score_of_children(left: &[f64], total: &[f64], min_rows: f64) -> Option<f64> {
    let (rows, weight) = (total[0] - left[0], total[1] - left[1]);
    // Weights can be what is left of a difference, and rounding can leave nothing.
    if left[0] < min_rows || rows < min_rows || left[1] <= 0.0 || weight <= 0.0 {
        return None;
    }
    let (mut on_left, mut on_right) = (0.0, 0.0);
    for (l, t) in left[2..].iter().zip(&total[2..]) {
        on_left += l * l;
        on_right += (t - l) * (t - l);
    }
    Some(on_left / left[1] + on_right / weight)
}

/// The histogram of one column: a cell for each code, and a bit for each code that occurs.
///
/// Only the codes that occur are read, which makes nodes of few rows cheap; reading clears, so that the next histogram
/// starts from zeros without touching what was not used.
pub(crate) struct Histogram<O: Outcome> {
    cells: Vec<f64>,
    occurs: CodeSet,
    left: O::Sums,
    missing: O::Sums,
    joint: O::Sums,
    order: Vec<(f64, u8)>,
}

impl<O: Outcome> Histogram<O> {
    pub(crate) fn new(outcome: &O) -> Self {
        Histogram {
            cells: vec![0.0; 256 * (2 + outcome.outputs())],
            occurs: [0; 4],
            left: outcome.zeros(),
            missing: outcome.zeros(),
            joint: outcome.zeros(),
            order: Vec::new(),
        }
    }

    /// Counts the rows of a node of which `total` are the sums. Rows of the `common` code are not added one by one: they
    /// are what the others leave of the total.
    pub(crate) fn count(
        &mut self,
        outcome: &O,
        samples: &[O::Sample],
        codes: Codes<'_>,
        common: Option<u8>,
        total: &[f64],
    ) {
        let Some(common) = common else {
            return samples.iter().for_each(|s| self.add(outcome, codes.at(O::row(s)), s));
        };
        for sample in samples {
            let code = codes.at(O::row(sample));
            if code != common {
                self.add(outcome, code, sample);
            }
        }
        let mut rest = std::mem::take(&mut self.joint);
        rest.as_mut().copy_from_slice(total);
        self.each_occurring(outcome, |cell| rest.as_mut().iter_mut().zip(cell).for_each(|(rest, sum)| *rest -= *sum));
        if rest.as_ref()[0] > 0.0 {
            self.cells[common as usize * total.len()..][..total.len()].copy_from_slice(rest.as_ref());
            insert(&mut self.occurs, common);
        }
        self.joint = rest;
    }

    #[inline]
    fn add(&mut self, outcome: &O, code: u8, sample: &O::Sample) {
        let stride = 2 + outcome.outputs();
        outcome.add(sample, &mut self.cells[code as usize * stride..][..stride]);
        insert(&mut self.occurs, code);
    }

    /// The cells of the codes that occur, in ascending order.
    fn each_occurring(&mut self, outcome: &O, mut each: impl FnMut(&mut [f64])) {
        let stride = 2 + outcome.outputs();
        for (word, mut occurs) in self.occurs.into_iter().enumerate() {
            while occurs != 0 {
                let code = word << 6 | occurs.trailing_zeros() as usize;
                occurs &= occurs - 1;
                each(&mut self.cells[code * stride..][..stride]);
            }
        }
    }

    /// Puts in a kept histogram. Codes without rows are left out, whatever rounding left in their sums.
    pub(crate) fn load(&mut self, outcome: &O, cells: &[f64]) {
        let stride = 2 + outcome.outputs();
        for (code, (from, to)) in cells.chunks_exact(stride).zip(self.cells.chunks_exact_mut(stride)).enumerate() {
            if from[0] > 0.0 {
                to.copy_from_slice(from);
                insert(&mut self.occurs, code as u8);
            }
        }
    }

    /// Whether no two rows differ in this column.
    pub(crate) fn constant(&self) -> bool {
        self.occurs.iter().map(|word| word.count_ones()).sum::<u32>() < 2
    }

    /// Puts the best split of `column` into `best` when it is better, and clears the histogram.
    pub(crate) fn take_best(
        &mut self,
        outcome: &O,
        bins: &ColumnBins,
        column: usize,
        parent: Parent<'_>,
        best: &mut Option<Split>,
    ) {
        let stride = 2 + outcome.outputs();
        let mut consider = |left: &[f64], codes: (u8, u8), missing_left: Option<bool>| {
            parent.offer(&left[..stride], best, |score, middle| {
                let test = Test::UpTo(bins.threshold(codes.0, codes.1));
                Split { score, column, test, left: Some(codes.0), missing_left, middle }
            });
        };

        let missing_code = self.missing_code(bins);
        if let Some(code) = missing_code {
            let cell = &mut self.cells[code as usize * stride..][..stride];
            self.missing.as_mut().copy_from_slice(cell);
            cell.fill(0.0);
            self.occurs[(code >> 6) as usize] &= !(1 << (code & 63));
        }
        let mut left = std::mem::take(&mut self.left);
        left.as_mut().fill(0.0);
        let mut before = None;
        for (word, occurs) in self.occurs.iter_mut().enumerate() {
            while *occurs != 0 {
                let code = ((word as u32) << 6 | occurs.trailing_zeros()) as u8;
                *occurs &= *occurs - 1;
                if let Some(before) = before {
                    consider(left.as_ref(), (before, code), missing_code.map(|_| false));
                    if missing_code.is_some() {
                        let sums = left.as_ref().iter().zip(self.missing.as_ref());
                        self.joint.as_mut().iter_mut().zip(sums).for_each(|(to, (a, b))| *to = a + b);
                        consider(self.joint.as_ref(), (before, code), Some(true));
                    }
                }
                let cell = &mut self.cells[code as usize * stride..][..stride];
                left.as_mut().iter_mut().zip(cell).for_each(|(sum, cell)| *sum += std::mem::take(cell));
                before = Some(code);
            }
        }
        if let (Some(before), Some(code)) = (before, missing_code) {
            consider(left.as_ref(), (before, code), Some(false));
        }
        self.left = left;
    }

    /// As [`take_best`](Self::take_best), of a column of levels: those that may go left together are the first parts of an order.
    /// Missing is a level like others.
    pub(crate) fn take_best_levels(
        &mut self,
        outcome: &O,
        bins: &ColumnBins,
        column: usize,
        parent: Parent<'_>,
        best: &mut Option<Split>,
    ) {
        let stride = 2 + outcome.outputs();
        let mut order = std::mem::take(&mut self.order);
        let codes = (0..=u8::MAX).filter(|code| holds(&self.occurs, *code));
        level_order::load(&self.cells, stride, codes, outcome.one_number(), &mut order);
        let missing = self.missing_code(bins);
        let left = &mut self.left.as_mut()[..stride];
        left.fill(0.0);
        first_parts(&mut order, missing, |code, set, missing_left| {
            let cell = &self.cells[usize::from(code) * stride..][..stride];
            left.iter_mut().zip(cell).for_each(|(sum, cell)| *sum += cell);
            parent.offer(left, best, |score, middle| Split {
                score,
                column,
                test: Test::In(set),
                left: None,
                missing_left,
                middle,
            });
        });
        self.order = order;
        self.clear(outcome);
    }

    /// The code of missing values, where some rows have it.
    fn missing_code(&self, bins: &ColumnBins) -> Option<u8> {
        bins.missing_code().filter(|code| holds(&self.occurs, *code))
    }

    /// Empties the histogram, for a column that is not looked at further.
    pub(crate) fn clear(&mut self, outcome: &O) {
        self.each_occurring(outcome, |cell| cell.fill(0.0));
        self.occurs = [0; 4];
    }
}
