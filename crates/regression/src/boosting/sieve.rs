//! A sieve for the splits of a column: most gain too little, and are seen to without the divisions of their scores and without
//! units. With a, b the sums of first derivatives of the children and c, d those of the second plus λ,
//!
//! ```text
//! a²/c + b²/d ≤ floor   ⇔   a²·d + b²·c ≤ floor·c·d
//! ```
//!
//! The right side holds as well where a child has no rows, and so neither sum.

use super::{
    histogram::{Sums, Units},
    split::Node,
};
use crate::tree::monotone::Bounds;

/// Splits that are looked at side by side.
const LANES: usize = 4;
/// The most rows of a node whose sums are whole numbers below 2⁵¹, and so exact as floats.
const MOST_ROWS: u64 = 1 << 21;

/// The sums in front of every code of a column, and what they are compared with. Made once for the columns of a node: it is
/// large.
pub(super) struct Sieve {
    units: Units,
    /// Of the node.
    first: f64,
    second: f64,
    /// λ, and the scores of 1, in units.
    lambda: f64,
    score: f64,
    /// Whether no bound changes scores, and sums are exact.
    unbound: bool,
    /// Whether scores are sorted out at all: no direction changes them either.
    free: bool,
    codes: usize,
    lefts: [Sums; 256],
    firsts: [f64; 256],
    seconds: [f64; 256],
}

impl Sieve {
    /// The sieve of a node, without a column as yet.
    pub(super) fn new(node: &Node<'_>) -> Self {
        let (first, second) = node.units.sizes();
        let whole = node.units.counted(node.sums);
        Sieve {
            units: *node.units,
            first: whole.0,
            second: whole.1,
            lambda: node.rules.reg_lambda / second,
            score: second / (first * first),
            unbound: node.bounds == Bounds::NONE && node.totals.rows <= MOST_ROWS,
            free: false,
            codes: 0,
            lefts: [Sums::default(); 256],
            firsts: [0.0; 256],
            seconds: [0.0; 256],
        }
    }

    /// Adds up the cells of a column of numbers, in which values may only rise or fall if there is a direction.
    pub(super) fn load(&mut self, cells: &[Sums], direction: i8) {
        self.codes = cells.len();
        self.free = self.unbound && direction == 0;
        let mut left = Sums::default();
        for (to, cell) in self.lefts.iter_mut().zip(cells) {
            *to = left;
            left.add(*cell);
        }
        if self.free {
            let lefts = self.lefts[..cells.len()].iter().zip(&mut self.firsts).zip(&mut self.seconds);
            lefts.for_each(|((left, first), second)| (*first, *second) = self.units.counted_few(*left));
        }
    }

    /// What stands in front of a code.
    pub(super) fn left(&self, code: usize) -> Sums {
        self.lefts[code]
    }

    /// What children that score more have more than, rounding allowed for.
    pub(super) fn floor(&self, scores: f64) -> f64 {
        scores * self.score * (1.0 - 1e-12)
    }

    /// The first code from `from` on in front of which a split, `with` added to its left, may have more than the floor.
    pub(super) fn next(&self, from: usize, with: Sums, floor: f64) -> Option<usize> {
        if !self.free {
            return (from < self.codes).then_some(from);
        }
        let with = self.units.counted(with);
        let mut at = from;
        while at < self.codes {
            let end = (at / LANES + 1) * LANES;
            if at.is_multiple_of(LANES) && self.all_less(at, with, floor) {
                at = end;
                continue;
            }
            let mut rest = at..end.min(self.codes);
            if let Some(found) = rest.find(|code| !self.surely_less(*code, with, floor)) {
                return Some(found);
            }
            at = end;
        }
        None
    }

    #[inline]
    fn all_less(&self, from: usize, with: (f64, f64), floor: f64) -> bool {
        // No way out before the end, so that the splits are compared at a time.
        (from..from + LANES).fold(true, |all, code| all & self.surely_less(code, with, floor))
    }

    #[inline]
    fn surely_less(&self, code: usize, with: (f64, f64), floor: f64) -> bool {
        let (a, c) = (self.firsts[code & 255] + with.0, self.seconds[code & 255] + with.1);
        let (b, d) = (self.first - a, self.second - c + self.lambda);
        let c = c + self.lambda;
        a * a * d + b * b * c <= floor * (c * d)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        boosting::{histogram::Layout, split::Rules},
        table::Table,
        tree::binning::Binned,
    };
    use adflux_core::{Context, Features, random::stream};
    use ndarray::Array2;
    use rand::RngExt as _;

    /// The greatest gain of all splits of rows of a value, a first and a second derivative.
    fn best_gain(rows: &[(f64, f64, f64)], rules: &Rules) -> f64 {
        let score = |rows: &[&(f64, f64, f64)]| {
            let (first, second) = rows.iter().fold((0.0, 0.0), |(a, b), (_, g, h)| (a + g, b + h));
            (rows.len() as u64 >= rules.min_child_samples).then(|| first * first / (second + rules.reg_lambda))
        };
        let whole = score(&rows.iter().collect::<Vec<_>>()).unwrap_or(0.0);
        let mut best = 0.0;
        for (threshold, ..) in rows.iter().filter(|(value, ..)| !value.is_nan()) {
            for missing_left in [false, true] {
                let goes_left = |value: f64| if value.is_nan() { missing_left } else { value <= *threshold };
                let (left, right): (Vec<_>, Vec<_>) = rows.iter().partition(|(value, ..)| goes_left(*value));
                if let (Some(left), Some(right)) = (score(&left), score(&right)) {
                    best = f64::max(best, left + right - whole);
                }
            }
        }
        best
    }

    #[test]
    fn the_best_split_is_never_sorted_out() {
        let mut rng = stream(21, &[]);
        let x = Array2::from_shape_simple_fn((300, 3), || match rng.random_range(0..8) {
            0 => f64::NAN,
            1 => 0.5,
            _ => rng.random::<f64>(),
        });
        let features = Features::from_dense(x.clone(), ["a", "b", "c"]).unwrap();
        let data = Binned::new(&Table::new(&features, "test").unwrap(), &[], 255, &Context::default()).unwrap();
        let layout = Layout::new(&data);
        let panel = &layout.panels[0];
        for rows in [2, 5, 20, 100, 300] {
            for reg_lambda in [0.0, 0.7] {
                let rows: Vec<u32> = (0..rows).collect();
                let derivatives: Vec<[f32; 2]> = (0..300)
                    .map(|row| [(x[[row, 1]].max(0.3) - rng.random::<f64>()) as f32, 0.5 + rng.random::<f32>()])
                    .collect();
                let units = Units::new(300, [1.0, 1.5], || 450.0);
                let pairs: Vec<_> = derivatives.iter().map(|pair| units.pair(*pair)).collect();
                let rules = Rules {
                    min_child_samples: 1 + rows.len() as u64 / 20,
                    min_child_weight: 0.0,
                    min_split_gain: 0.0,
                    reg_lambda,
                    cat_smooth: 0.0,
                    cat_l2: 0.0,
                };
                let mut cells = vec![Sums::default(); layout.cells()];
                layout.count(&data, panel, &rows, &pairs, &units, &mut cells);
                let node = Node::new(&rules, &units, units.sum(&rows, &pairs), Bounds::NONE);
                let mut sieve = Sieve::new(&node);
                for column in 0..3 {
                    let mut best = None;
                    let own = &cells[layout.of_column(panel, column)];
                    node.scan(&mut sieve, own, (column, data.bins(column)), 0, &mut best);
                    let row = |row: &u32| {
                        let [first, second] = derivatives[*row as usize].map(f64::from);
                        (x[[*row as usize, column]], first, second)
                    };
                    let expected = best_gain(&rows.iter().map(row).collect::<Vec<_>>(), &rules);
                    adflux_testing::assert_close(best.map_or(0.0, |best| best.gain), expected, 1e-6);
                }
            }
        }
    }
}
