//! Two segmentations of the same people compared: which segment became which, and who moved.
//!
//! ```
//! use adflux_evaluation::segments::{Change, SegmentOptions, compare_segments};
//! // Six people: at the second date segments are called otherwise, and the third person is with others.
//! let before = [0, 0, 0, 1, 1, 1].map(Some);
//! let after = [7, 7, 4, 4, 4, 4].map(Some);
//! let compared = compare_segments(&before, &after, &SegmentOptions::default())?;
//! assert_eq!(compared.matches.iter().map(|m| (m.before, m.after)).collect::<Vec<_>>(), [(0, 7), (1, 4)]);
//! assert_eq!(compared.changes[2], Change::Moved);
//! assert_eq!(compared.moved(), [2]);
//! # Ok::<(), adflux_core::Error>(())
//! ```

mod assignment;

pub use assignment::assignment;

use crate::metrics::adjusted_rand;
use adflux_core::{Error, Result, parameter};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How segments are matched.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SegmentOptions {
    /// The least Jaccard similarity of two segments that count as one, above 0 and up to 1. 1/3 by default: of two segments of one
    /// size, half of the people are in both.
    pub min_jaccard: f64,
}

impl Default for SegmentOptions {
    fn default() -> Self {
        SegmentOptions { min_jaccard: 1.0 / 3.0 }
    }
}

/// A segment of the first date and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentMatch {
    /// The segment at the first date.
    pub before: u32,
    /// The segment at the second.
    pub after: u32,
    /// Its rows at the first date.
    pub size_before: usize,
    /// Its rows at the second.
    pub size_after: usize,
    /// The rows in both.
    pub both: usize,
    /// The rows in both as a share of those in either, 0 to 1.
    pub jaccard: f64,
}

/// A segment without a counterpart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lone {
    /// The segment.
    pub segment: u32,
    /// Its rows.
    pub size: usize,
    /// The segment of the other date that most of its rows are in; `None` when they are in none.
    pub mostly: Option<u32>,
    /// How many of its rows are there.
    pub there: usize,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is in the segment that its own became, or in none at both dates.
    Stayed,
    /// It is in another.
    Moved,
    /// It was in a segment and is in none.
    Left,
    /// It was in no segment and is in one.
    Joined,
}

/// How one segmentation became another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentChanges {
    /// Segments that are matched, the largest of the first date first.
    pub matches: Vec<SegmentMatch>,
    /// Segments of the first date that no segment of the second stands for.
    pub vanished: Vec<Lone>,
    /// Segments of the second date that stand for none of the first.
    pub new: Vec<Lone>,
    /// What became of each row.
    pub changes: Vec<Change>,
    /// The adjusted Rand index of the rows that are in a segment at both dates: 1 for the same segments, whatever they are called,
    /// 0 for what chance makes. `None` when there are no such rows.
    pub adjusted_rand: Option<f64>,
}

impl SegmentChanges {
    /// The rows that are in another segment than the one their own became, or left or joined one, ascending.
    pub fn moved(&self) -> Vec<usize> {
        let stayed = |change: &Change| *change == Change::Stayed;
        self.changes.iter().enumerate().filter(|(_, change)| !stayed(change)).map(|(row, _)| row).collect()
    }
}

/// Compares two segmentations of the same rows; `None` is a row in no segment. Numbers of segments say nothing: segments are
/// matched one to one so that as many people as can be have stayed ([`assignment`]; of equals the greater sum of Jaccard
/// similarities), over pairs of at least [`min_jaccard`](SegmentOptions::min_jaccard). (Hennig 2007 and the MONIC framework of Spiliopoulou
/// et al. 2006 tell surviving clusters by overlap in the same way.)
///
/// O(rows · log segments + segments³).
///
/// # Errors
/// When there are no rows, lengths differ, `min_jaccard` does not lie above 0 and up to 1, or there are more than 2,000 segments at a
/// date: a column of identifiers was given.
pub fn compare_segments(
    before: &[Option<u32>],
    after: &[Option<u32>],
    options: &SegmentOptions,
) -> Result<SegmentChanges> {
    crate::checks::same_length(before.len(), "segments", after.len())?;
    let least = options.min_jaccard;
    parameter::ensure(least > 0.0 && least <= 1.0, "min_jaccard", least, "must lie above 0 and up to 1")?;
    let table = Table::new(before, after)?;
    let pairs = table.pairs(least);
    let became: BTreeMap<u32, u32> = pairs.iter().map(|m| (m.before, m.after)).collect();
    let change = |(before, after): (&Option<u32>, &Option<u32>)| match (before, after) {
        (None, None) => Change::Stayed,
        (Some(_), None) => Change::Left,
        (None, Some(_)) => Change::Joined,
        (Some(before), Some(after)) if became.get(before) == Some(after) => Change::Stayed,
        (Some(_), Some(_)) => Change::Moved,
    };
    let in_both: (Vec<u32>, Vec<u32>) = before.iter().zip(after).filter_map(|(a, b)| Some(((*a)?, (*b)?))).unzip();
    let vanished = (0..table.before.len()).filter(|&i| !became.contains_key(&table.before[i].0));
    let new = (0..table.after.len()).filter(|&j| !became.values().any(|after| *after == table.after[j].0));
    Ok(SegmentChanges {
        vanished: vanished.map(|i| lone(table.before[i], &table.after, |j| table.both[[i, j]])).collect(),
        new: new.map(|j| lone(table.after[j], &table.before, |i| table.both[[i, j]])).collect(),
        changes: before.iter().zip(after).map(change).collect(),
        adjusted_rand: match in_both.0.is_empty() {
            true => None,
            false => Some(adjusted_rand(&in_both.0, &in_both.1)?),
        },
        matches: pairs,
    })
}

fn lone((segment, size): (u32, usize), others: &[(u32, usize)], both: impl Fn(usize) -> usize) -> Lone {
    // The first of equals.
    let most = (0..others.len()).rev().max_by_key(|&other| both(other)).filter(|&other| both(other) > 0);
    Lone { segment, size, mostly: most.map(|other| others[other].0), there: most.map_or(0, both) }
}

/// How many rows are in each pair of segments.
struct Table {
    /// Segments with their rows, ascending.
    before: Vec<(u32, usize)>,
    after: Vec<(u32, usize)>,
    both: Array2<usize>,
}

/// More would take hours to match, and are no segments.
const MOST_SEGMENTS: usize = 2_000;

impl Table {
    fn new(before: &[Option<u32>], after: &[Option<u32>]) -> Result<Self> {
        let sizes = |segments: &[Option<u32>]| {
            let mut sizes = BTreeMap::<u32, usize>::new();
            segments.iter().flatten().for_each(|segment| *sizes.entry(*segment).or_default() += 1);
            sizes.into_iter().collect::<Vec<_>>()
        };
        let (of_before, of_after) = (sizes(before), sizes(after));
        for (date, of) in [("first", &of_before), ("second", &of_after)] {
            if of.len() > MOST_SEGMENTS {
                return Err(Error::data(format!(
                    "there are {} segments at the {date} date, of which at most {MOST_SEGMENTS} are compared: give the column of the \
                     segments, not of an identifier",
                    of.len()
                )));
            }
        }
        let place = |of: &[(u32, usize)], segment: Option<u32>| of.binary_search_by_key(&segment?, |s| s.0).ok();
        let mut both = Array2::zeros((of_before.len(), of_after.len()));
        for (a, b) in before.iter().zip(after) {
            if let (Some(i), Some(j)) = (place(&of_before, *a), place(&of_after, *b)) {
                both[[i, j]] += 1;
            }
        }
        Ok(Table { before: of_before, after: of_after, both })
    }

    /// The pairs of at least `least` similarity, the largest first.
    fn pairs(&self, least: f64) -> Vec<SegmentMatch> {
        let pair = |i: usize, j: usize| {
            let ((before, size_before), (after, size_after)) = (self.before[i], self.after[j]);
            let both = self.both[[i, j]];
            let jaccard = both as f64 / (size_before + size_after - both) as f64;
            SegmentMatch { before, after, size_before, size_after, both, jaccard }
        };
        // All similarities together are less than one person.
        let share = 1.0 / (self.before.len() + 1) as f64;
        let gain = |pair: SegmentMatch| match pair.jaccard >= least {
            true => pair.both as f64 + share * pair.jaccard,
            false => 0.0,
        };
        let gains = Array2::from_shape_fn(self.both.raw_dim(), |(i, j)| gain(pair(i, j)));
        let assigned = assignment(gains.view());
        let pairs = assigned.iter().enumerate().filter_map(|(i, j)| Some(pair(i, (*j)?)));
        let mut pairs: Vec<SegmentMatch> = pairs.filter(|pair| pair.jaccard >= least).collect();
        pairs.sort_by(|a, b| b.size_before.cmp(&a.size_before).then(a.before.cmp(&b.before)));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(before: &[i32], after: &[i32]) -> SegmentChanges {
        let of = |ids: &[i32]| ids.iter().map(|id| u32::try_from(*id).ok()).collect::<Vec<_>>();
        compare_segments(&of(before), &of(after), &SegmentOptions::default()).unwrap()
    }

    #[test]
    fn the_same_segments_under_other_numbers_are_the_same() {
        let same = compared(&[0, 0, 1, 1, 1, -1], &[5, 5, 0, 0, 0, -1]);
        assert_eq!((same.adjusted_rand, same.moved()), (Some(1.0), vec![]));
        assert_eq!(
            same.matches.iter().map(|m| (m.before, m.after, m.both)).collect::<Vec<_>>(),
            [(1, 0, 3), (0, 5, 2)]
        );
        assert!(same.new.is_empty() && same.vanished.is_empty());
    }

    #[test]
    fn a_segment_that_splits_keeps_its_larger_part_and_the_other_is_new() {
        let split = compared(&[0, 0, 0, 0, 0, 1, 1], &[2, 2, 2, 3, 3, 1, 1]);
        assert_eq!(split.matches.iter().map(|m| (m.before, m.after)).collect::<Vec<_>>(), [(0, 2), (1, 1)]);
        assert_eq!(split.new, [Lone { segment: 3, size: 2, mostly: Some(0), there: 2 }]);
        assert_eq!(split.moved(), [3, 4]);
        let merged = compared(&[2, 2, 2, 3, 3, 1, 1], &[0, 0, 0, 0, 0, 1, 1]);
        assert_eq!(merged.vanished, [Lone { segment: 3, size: 2, mostly: Some(0), there: 2 }]);
    }

    #[test]
    fn segments_that_share_few_people_are_not_one() {
        // One of the three people of each is in the other: 1 of 5.
        let other = compared(&[0, 0, 0, -1, -1], &[-1, -1, 4, 4, 4]);
        assert!(other.matches.is_empty());
        assert_eq!((other.vanished.len(), other.new.len()), (1, 1));
        assert_eq!(other.changes, [Change::Left, Change::Left, Change::Moved, Change::Joined, Change::Joined]);
        let loose = SegmentOptions { min_jaccard: 0.2 };
        let before = [Some(0), Some(0), Some(0), None, None];
        let after = [None, None, Some(4), Some(4), Some(4)];
        assert_eq!(compare_segments(&before, &after, &loose).unwrap().matches.len(), 1);
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let options = SegmentOptions::default();
        assert!(compare_segments(&[], &[], &options).unwrap_err().to_string().contains("no rows"));
        assert!(compare_segments(&[None], &[], &options).is_err());
        for min_jaccard in [0.0, -1.0, 1.1, f64::NAN] {
            let error = compare_segments(&[Some(1)], &[Some(1)], &SegmentOptions { min_jaccard }).unwrap_err();
            assert!(error.to_string().contains("`min_jaccard`"), "{error}");
        }
        // An identifier of each row: as many segments as rows.
        let ids: Vec<Option<u32>> = (0..2_001).map(Some).collect();
        let one = vec![Some(0); 2_001];
        for (before, after, date) in [(&ids, &one, "first"), (&one, &ids, "second")] {
            let said = compare_segments(before, after, &options).unwrap_err().to_string();
            assert!(
                said.starts_with(&format!("there are 2001 segments at the {date} date, of which at most 2000")),
                "{said}"
            );
        }
        let none = compare_segments(&[None, None], &[None, Some(1)], &options).unwrap();
        assert_eq!((none.adjusted_rand, none.moved()), (None, vec![1]));
    }
}
