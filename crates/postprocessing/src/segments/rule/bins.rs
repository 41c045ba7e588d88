//! Columns as few small codes, so that all comparisons of a column are counted in one pass over its rows.

use super::condition::Test;
use super::decimal::shortest;
use crate::segments::column::{Compared, Values};
use adflux_core::Categories;

/// The code of a missing value.
pub(super) const MISSING: u8 = 255;
/// The code of a level that is too rare to have its own.
const OTHER: u8 = 254;
/// The most bins of a number, and the most levels of a text.
const BINS: usize = 254;

/// A comparison in codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pick {
    /// The bins from the first to the last.
    Bins(u8, u8),
    /// One code.
    Only(u8),
    /// Every code but one.
    Not(u8),
}

impl Pick {
    pub(super) fn takes(self, code: u8) -> bool {
        match self {
            Pick::Bins(first, last) => (first..=last).contains(&code),
            Pick::Only(only) => code == only,
            Pick::Not(not) => code != not,
        }
    }
}

/// A column in codes.
pub(super) struct Coded<'a> {
    pub(super) column: &'a Compared,
    pub(super) codes: Vec<u8>,
    pub(super) bins: Bins,
}

/// What the codes stand for.
pub(super) enum Bins {
    /// Ascending numbers: the least and the greatest of each bin.
    Ordered(Vec<(f64, f64)>),
    /// Levels.
    Levels(Vec<String>),
}

impl<'a> Coded<'a> {
    /// O(rows · log rows).
    pub(super) fn new(column: &'a Compared) -> Self {
        let (codes, bins) = match &column.values {
            Values::Number { values, boolean: true, .. } => {
                let code = |v: &f64| if v.is_finite() { u8::from(*v != 0.0) } else { MISSING };
                (values.iter().map(code).collect(), Bins::Levels(vec!["false".into(), "true".into()]))
            }
            Values::Number { values, .. } => ordered(values),
            Values::Text { categories, counts } => levels(categories, counts),
        };
        Coded { column, codes, bins }
    }

    /// The comparison in words.
    pub(super) fn test(&self, pick: Pick) -> Test {
        match (&self.bins, pick) {
            (_, Pick::Only(MISSING)) => Test::Missing,
            (Bins::Ordered(bins), Pick::Bins(first, last)) => {
                let (first, last) = (usize::from(first), usize::from(last));
                let inner = (first > 0 && last + 1 < bins.len()) || bins.len() == 2;
                if first == last && bins[first].0 == bins[first].1 && inner {
                    return Test::Equals { value: bins[first].0 };
                }
                let between = |below: usize| shortest(bins[below].1, bins[below + 1].0);
                Test::Range {
                    above: (first > 0).then(|| between(first - 1)),
                    up_to: (last + 1 < bins.len()).then(|| between(last)),
                }
            }
            (Bins::Levels(levels), Pick::Only(level) | Pick::Bins(level, _)) => {
                Test::Is { level: levels[usize::from(level)].clone() }
            }
            (Bins::Levels(levels), Pick::Not(level)) => Test::IsNot { level: levels[usize::from(level)].clone() },
            // INVARIANT: numbers are picked by bins.
            (Bins::Ordered(_), Pick::Only(_) | Pick::Not(_)) => Test::Range { above: None, up_to: None },
        }
    }
}

/// A bin for every number while they are few, otherwise bins of about as many rows each.
fn ordered(values: &[f64]) -> (Vec<u8>, Bins) {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut firsts = sorted.clone();
    firsts.dedup();
    if firsts.len() > BINS {
        firsts = (0..BINS).map(|bin| sorted[bin * sorted.len() / BINS]).collect();
        firsts.dedup();
    }
    let place = |v: f64| firsts.partition_point(|first| *first <= v) - 1;
    let code = |v: &f64| if v.is_finite() { place(*v) as u8 } else { MISSING };
    let last_below = |end: f64| sorted[sorted.partition_point(|v| *v < end) - 1];
    let ends = firsts.iter().skip(1).map(|end| last_below(*end)).chain(sorted.last().copied());
    (values.iter().map(code).collect(), Bins::Ordered(firsts.iter().copied().zip(ends).collect()))
}

/// A code for each of the most frequent levels.
fn levels(categories: &Categories, counts: &[usize]) -> (Vec<u8>, Bins) {
    let mut frequent: Vec<usize> = (0..counts.len()).collect();
    frequent.sort_by_key(|level| (std::cmp::Reverse(counts[*level]), *level));
    frequent.truncate(BINS);
    let mut codes = vec![OTHER; counts.len()];
    frequent.iter().enumerate().for_each(|(place, level)| codes[*level] = place as u8);
    let code = |c: &u32| if *c == Categories::MISSING { MISSING } else { codes[*c as usize] };
    let names = frequent.iter().map(|level| categories.levels[*level].clone()).collect();
    (categories.codes.iter().map(code).collect(), Bins::Levels(names))
}
