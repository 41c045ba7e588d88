//! [`Rule`]: a segment as a few conditions that a person can read, and search for.

mod bins;
mod condition;
mod decimal;
mod search;

pub use condition::{Condition, Test};

use super::{Language, column::Compared};
use adflux_core::Result;
use adflux_data::Frame;
use bins::{Bins, Coded, Pick};
use rayon::prelude::*;
use search::Search;
use serde::{Deserialize, Serialize};

/// A segment as a conjunction of at most four conditions: who meets all of them is probably in it.
///
/// The segment itself is made by a model that looks at all columns at once. The rule is a stand-in that can be read, and typed into the
/// search of a candidate database; `precision` and `recall` say what is lost by that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// The conditions, in the order in which they were found to matter; at least one, at most four.
    pub conditions: Vec<Condition>,
    /// The conditions in words, in the language of the description: `years_experience > 8 and honors = 1`.
    pub text: String,
    /// The share of the rows that meet all conditions which are in the segment.
    pub precision: f64,
    /// The share of the rows in the segment which meet all conditions.
    pub recall: f64,
}

impl Rule {
    /// Which rows of `frame` meet all conditions.
    ///
    /// # Errors
    /// When a column is missing, or is of another kind than its condition compares.
    pub fn matches(&self, frame: &Frame) -> Result<Vec<bool>> {
        all_of(self.conditions.iter().map(|c| c.matches(frame)), frame.rows())
    }
}

/// A rule for each of `segments`, given as whether each row is in it; `None` where no comparison is right more often than
/// chance. On all threads of the pool it is called in.
pub(super) fn rules(columns: &[Compared], segments: &[Vec<bool>], language: Language) -> Vec<Option<Rule>> {
    let columns: Vec<Coded> = columns.par_iter().map(Coded::new).collect();
    segments.par_iter().map(|inside| rule(&columns, inside, language)).collect()
}

fn rule(columns: &[Coded], inside: &[bool], language: Language) -> Option<Rule> {
    let mut chosen: Vec<Written> =
        Search::new(columns, inside).run().into_iter().map(|c| Written::new(columns, c)).collect();
    for place in 0..chosen.len() {
        shorten(&mut chosen, place, inside);
    }
    let (precision, recall) = quality(&chosen, inside);
    let conditions: Vec<Condition> = chosen.into_iter().map(Written::condition).collect();
    let words: Vec<String> = conditions.iter().map(|c| c.text(language)).collect();
    let text = words.join(language.pick(" and ", " y "));
    (!conditions.is_empty()).then_some(Rule { conditions, text, precision, recall })
}

/// A chosen comparison, as it will be read.
struct Written<'a> {
    column: &'a Coded<'a>,
    pick: Pick,
    test: Test,
    rows: Vec<bool>,
}

impl<'a> Written<'a> {
    fn new(columns: &'a [Coded<'a>], (column, pick): search::Chosen) -> Self {
        let column = &columns[column];
        let test = column.test(pick);
        Written { rows: column.matches(&test), column, pick, test }
    }

    fn condition(self) -> Condition {
        Condition { column: self.column.column.name.clone(), test: self.test }
    }
}

impl Coded<'_> {
    /// The comparison made with the values themselves.
    fn matches(&self, test: &Test) -> Vec<bool> {
        // INVARIANT: a test made from a column is of its kind.
        test.matches(self.column).unwrap_or_default()
    }
}

/// How much F1 may be lost by writing one number with fewer digits.
const ROUNDING: f64 = 0.002;
/// Numbers of so many digits are short enough.
const SHORT: usize = 3;

/// Writes the ends of a range with fewer digits where that hardly changes who meets it: 70 for 69.95.
fn shorten(chosen: &mut [Written], place: usize, inside: &[bool]) {
    let (Bins::Ordered(bins), Pick::Bins(first, last)) = (&chosen[place].column.bins, chosen[place].pick) else {
        return;
    };
    for (upper, edge) in [(false, usize::from(first)), (true, usize::from(last) + 1)] {
        let Test::Range { above, up_to } = chosen[place].test else { return };
        let Some(end) = (if upper { up_to } else { above }) else { continue };
        // Between the bins below and above the edge.
        let (Some((low, _)), Some((_, high))) = (edge.checked_sub(1).and_then(|b| bins.get(b)), bins.get(edge)) else {
            continue;
        };
        let short = decimal::shortest(*low, *high);
        if decimal::digits(end) <= SHORT || decimal::digits(short) >= decimal::digits(end) {
            continue;
        }
        let test = match upper {
            true => Test::Range { above, up_to: Some(short) },
            false => Test::Range { above: Some(short), up_to },
        };
        let before = f1(quality(chosen, inside));
        let rows = chosen[place].column.matches(&test);
        let old = std::mem::replace(&mut chosen[place].rows, rows);
        if f1(quality(chosen, inside)) >= before - ROUNDING {
            chosen[place].test = test;
        } else {
            chosen[place].rows = old;
        }
    }
}

/// Precision and recall of a conjunction.
fn quality(chosen: &[Written], inside: &[bool]) -> (f64, f64) {
    let (mut all, mut both, mut size) = (0_usize, 0_usize, 0_usize);
    for (row, inside) in inside.iter().enumerate() {
        let meets = chosen.iter().all(|c| c.rows[row]);
        all += usize::from(meets);
        both += usize::from(meets && *inside);
        size += usize::from(*inside);
    }
    (both as f64 / all as f64, both as f64 / size as f64)
}

fn f1((precision, recall): (f64, f64)) -> f64 {
    if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 }
}

fn all_of(conditions: impl Iterator<Item = Result<Vec<bool>>>, rows: usize) -> Result<Vec<bool>> {
    let mut all = vec![true; rows];
    for condition in conditions {
        all.iter_mut().zip(condition?).for_each(|(all, meets)| *all &= meets);
    }
    Ok(all)
}
