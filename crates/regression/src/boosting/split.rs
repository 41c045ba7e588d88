//! The best split of one column of a node, from its histogram.
//!
//! With derivatives G, H summed over a node, its best value is v = −G/(H + λ), and that lowers the loss by half of
//! G²/(H + λ), its score. The gain of a split is what the scores of the children have more than that of the node.

use super::{
    histogram::{Sums, Totals, Units},
    sieve::Sieve,
};
use crate::tree::{
    binning::ColumnBins,
    code_set::{CodeSet, first_parts},
    monotone::Bounds,
};

/// What a split must keep to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) min_child_samples: u64,
    pub(super) min_child_weight: f64,
    pub(super) min_split_gain: f64,
    pub(super) reg_lambda: f64,
    pub(super) cat_smooth: f64,
    pub(super) cat_l2: f64,
}

/// What goes left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Left {
    /// Codes up to the first; the second is the least code of the right, that of missing values when they alone go there.
    UpTo(u8, u8),
    /// These codes.
    In(CodeSet),
}

/// A split of a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    pub(super) gain: f64,
    pub(super) column: usize,
    pub(super) left: Left,
    /// Where missing values go; `None` when the node has none of them.
    pub(super) missing_left: Option<bool>,
    pub(super) left_sums: Sums,
}

/// A node as the scans of its columns see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    pub(super) rules: &'a Rules,
    pub(super) units: &'a Units,
    pub(super) sums: Sums,
    pub(super) totals: Totals,
    pub(super) bounds: Bounds,
}

impl<'a> Node<'a> {
    pub(super) fn new(rules: &'a Rules, units: &'a Units, sums: Sums, bounds: Bounds) -> Self {
        Node { rules, units, sums, totals: units.totals(sums), bounds }
    }

    /// The value of a leaf of these sums.
    pub(super) fn value(&self, of: Totals) -> f64 {
        self.bounds.clip(-of.first / (of.second + self.rules.reg_lambda))
    }

    /// By how much more than nothing that value lowers the loss, doubled.
    fn score(&self, of: Totals, lambda: f64) -> f64 {
        let hessian = of.second + lambda;
        if self.bounds == Bounds::NONE {
            return of.first * of.first / hessian;
        }
        let value = self.bounds.clip(-of.first / hessian);
        -(2.0 * of.first + hessian * value) * value
    }

    /// The least gain that is one, and the score of the node itself.
    fn least_gain(&self) -> (f64, f64) {
        // What rounding may make of no gain at all.
        let score = self.score(self.totals, self.rules.reg_lambda);
        (self.rules.min_split_gain.max(1e-12 * score.abs()), score)
    }

    fn allowed(&self, of: Totals) -> bool {
        of.rows >= self.rules.min_child_samples && of.second >= self.rules.min_child_weight && of.second > 0.0
    }

    /// The scores of both children, `None` when one of them may not be.
    fn scores(&self, left_sums: Sums, lambda: f64, direction: i8) -> Option<f64> {
        let (left, right) = (self.units.totals(left_sums), self.units.totals(self.sums.less(left_sums)));
        if !(self.allowed(left) && self.allowed(right)) {
            return None;
        }
        if direction != 0 {
            let rise = self.value(right) - self.value(left);
            if rise * f64::from(direction) < 0.0 {
                return None;
            }
        }
        Some(self.score(left, lambda) + self.score(right, lambda))
    }

    /// Puts the best split of a column of numbers into `best` when it is better.
    pub(super) fn scan(
        &self,
        sieve: &mut Sieve,
        cells: &[Sums],
        (column, bins): (usize, &ColumnBins),
        direction: i8,
        best: &mut Option<Split>,
    ) {
        let (least, own) = self.least_gain();
        let mut to_beat = best.map_or(least, |best| best.gain);
        let numbers = bins.missing_code().map_or(cells.len(), usize::from);
        let missing_code = bins.missing_code().filter(|code| !cells[usize::from(*code)].is_empty());
        let missing = missing_code.map(|code| cells[usize::from(code)]);
        let some = missing.map(|_| false);
        sieve.load(&cells[..numbers], direction);
        let mut offer = |with: Sums, missing_left| {
            let mut floor = sieve.floor(to_beat + own);
            let mut from = 0;
            // A split in front of an empty cell has the sums of the one before it, and gains no more.
            while let Some(code) = sieve.next(from, with, floor) {
                let left_sums = sieve.left(code).plus(with);
                from = code + 1;
                if let Some(scores) = self.scores(left_sums, self.rules.reg_lambda, direction)
                    && scores - own > to_beat
                    && let Some(left) = around(&cells[..numbers], code)
                {
                    to_beat = scores - own;
                    floor = sieve.floor(scores);
                    *best = Some(Split { gain: to_beat, column, left, missing_left, left_sums });
                }
            }
        };
        offer(Sums::default(), some);
        if let Some(missing) = missing {
            offer(missing, Some(true));
        }
        // Missing values alone on the right.
        if let Some(code) = missing_code
            && let Some(last) = cells[..numbers].iter().rposition(|cell| !cell.is_empty())
            && let left = self.sums.less(cells[usize::from(code)])
            && let Some(scores) = self.scores(left, self.rules.reg_lambda, direction)
            && scores - own > to_beat
        {
            let codes = Left::UpTo(last as u8, code);
            *best = Some(Split { gain: scores - own, column, left: codes, missing_left: some, left_sums: left });
        }
    }

    /// The same of a categorical column: levels in the order of their best values, so that the best of all sets is a first
    /// part of them (Fisher 1958). Missing is a level like others.
    pub(super) fn scan_levels(&self, cells: &[Sums], bins: &ColumnBins, column: usize, best: &mut Option<Split>) {
        let rules = self.rules;
        let mut order: Vec<(f64, u8)> = Vec::with_capacity(cells.len());
        for (code, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let totals = self.units.totals(*cell);
            order.push((totals.first / (totals.second + rules.cat_smooth), code as u8));
        }
        let lambda = rules.reg_lambda + if order.len() > FEW_LEVELS { rules.cat_l2 } else { 0.0 };
        let (least, own) = self.least_gain();
        let mut to_beat = best.map_or(least, |best| best.gain);
        let missing_code = bins.missing_code().filter(|code| !cells[usize::from(*code)].is_empty());
        let mut left = Sums::default();
        first_parts(&mut order, missing_code, |code, set, missing_left| {
            left.add(cells[usize::from(code)]);
            if let Some(scores) = self.scores(left, lambda, 0)
                && scores - own > to_beat
            {
                to_beat = scores - own;
                *best = Some(Split { gain: to_beat, column, left: Left::In(set), missing_left, left_sums: left });
            }
        });
    }
}

/// The codes that occur on both sides of a split in front of `code`, `None` when there are none on one side.
fn around(cells: &[Sums], code: usize) -> Option<Left> {
    let (left, right) = cells.split_at(code);
    let before = left.iter().rposition(|cell| !cell.is_empty())?;
    let behind = right.iter().position(|cell| !cell.is_empty())?;
    Some(Left::UpTo(before as u8, (code + behind) as u8))
}

/// Up to so many levels a set is as good as a threshold, and is not held back by `cat_l2`.
const FEW_LEVELS: usize = 4;
