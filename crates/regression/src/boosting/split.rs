//! The best split of one column of a node, from its histogram.
//!
//! With derivatives G, H summed over a node, its best value is v = −G/(H + λ), and that lowers the loss by half of
//! G²/(H + λ), its score. The gain of a split is what the scores of the children have more than that of the node.

use super::histogram::{Sums, Totals, Units};
use crate::tree::{binning::ColumnBins, nodes::CodeSet};

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

/// The values that leaves below a node may have: monotone constraints above it have set them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Bounds {
    pub(super) const NONE: Bounds = Bounds { least: f64::NEG_INFINITY, most: f64::INFINITY };

    pub(super) fn clip(&self, value: f64) -> f64 {
        value.max(self.least).min(self.most)
    }

    /// The bounds of the children of a split in a column of that direction, whose values meet at `middle`.
    pub(super) fn of_children(self, direction: i8, middle: f64) -> (Bounds, Bounds) {
        let (below, above) = (Bounds { most: middle, ..self }, Bounds { least: middle, ..self });
        match direction {
            0 => (self, self),
            1.. => (below, above),
            _ => (above, below),
        }
    }
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
        cells: &[Sums],
        bins: &ColumnBins,
        column: usize,
        direction: i8,
        best: &mut Option<Split>,
    ) {
        let (least, own) = self.least_gain();
        let mut to_beat = best.map_or(least, |best| best.gain);
        let mut consider = |left_sums, left, missing_left| {
            if let Some(scores) = self.scores(left_sums, self.rules.reg_lambda, direction)
                && scores - own > to_beat
            {
                to_beat = scores - own;
                *best = Some(Split { gain: to_beat, column, left, missing_left, left_sums });
            }
        };
        let missing_code = bins.missing_code().filter(|code| !cells[usize::from(*code)].is_empty());
        let numbers = bins.missing_code().map_or(cells.len(), usize::from);
        let missing = missing_code.map(|code| cells[usize::from(code)]);
        let mut left = Sums::default();
        let mut before = None;
        for (code, cell) in cells[..numbers].iter().enumerate() {
            if cell.is_empty() {
                continue;
            }
            let code = code as u8;
            if let Some(before) = before {
                consider(left, Left::UpTo(before, code), missing.map(|_| false));
                if let Some(missing) = missing {
                    let mut joint = left;
                    joint.add(missing);
                    consider(joint, Left::UpTo(before, code), Some(true));
                }
            }
            left.add(*cell);
            before = Some(code);
        }
        if let (Some(before), Some(code)) = (before, missing_code) {
            consider(left, Left::UpTo(before, code), Some(false));
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
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let lambda = rules.reg_lambda + if order.len() > FEW_LEVELS { rules.cat_l2 } else { 0.0 };
        let (least, own) = self.least_gain();
        let mut to_beat = best.map_or(least, |best| best.gain);
        let missing_code = bins.missing_code().filter(|code| !cells[usize::from(*code)].is_empty());
        let (mut left, mut set, mut missing_left) = (Sums::default(), [0; 4], missing_code.map(|_| false));
        for (_, code) in order.iter().take(order.len().saturating_sub(1)) {
            left.add(cells[usize::from(*code)]);
            if Some(*code) == missing_code {
                missing_left = Some(true);
            } else {
                set[usize::from(code >> 6)] |= 1 << (code & 63);
            }
            if let Some(scores) = self.scores(left, lambda, 0)
                && scores - own > to_beat
            {
                to_beat = scores - own;
                *best = Some(Split { gain: to_beat, column, left: Left::In(set), missing_left, left_sums: left });
            }
        }
    }
}

/// Up to so many levels a set is as good as a threshold, and is not held back by `cat_l2`.
const FEW_LEVELS: usize = 4;
