//! Columns that give a sensitive column away.
//!
//! Leaving out `gender` is of no use when `firstname` stays in. A column gives a sensitive one away when its value lets you
//! guess the sensitive value much better than the most frequent value would.

use adflux_core::{Categories, Result, parameter::ensure};
use adflux_data::{ColumnKind, Frame};
use adflux_evaluation::association::predictability;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A column that gives a sensitive one away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proxy {
    /// The column.
    pub column: String,
    /// The part of its values that does.
    pub part: Part,
    /// The sensitive column.
    pub sensitive: String,
    /// The share of rows whose sensitive value is guessed right from the column.
    pub guessed: f64,
    /// The share guessed right without it, by always saying the most frequent value.
    pub baseline: f64,
}

/// The part of a text that gives something away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The whole value.
    Whole,
    /// Its first word: the `Jennifer` of `Jennifer López` and of `jennifer.lopez@example.com`.
    FirstWord,
    /// Its last word: the `López` of `Jennifer López`.
    LastWord,
}

/// The columns of `candidates` that give a column of `sensitive` away: knowing them removes at least `threshold` of the wrong
/// guesses (0.5 is a sensible value; 0 is no help, 1 is certainty). Guesses are made from the *other* rows with the same
/// value, so that a column with a value of its own in every row is not taken for a proxy. Numbers with many values are
/// compared by twentieths.
///
/// Texts of several words are judged by their first and by their last word too: full names differ in every row, and yet say
/// the gender. Of the parts that give a column away, the one that does so most often is reported. Only single columns are
/// looked at: two that give something away together (a postal code and a year of birth) are not found, nor are words in the
/// middle of a text. O(columns · sensitive · rows · log rows).
///
/// ```
/// use adflux_data::Frame;
/// use adflux_pipeline::proxies::find_proxies;
/// let frame = Frame::builder()
///     .texts("firstname", ["Anne", "Brad", "Anne", "Brad", "Anne", "Brad"])
///     .numbers("years", vec![1.0, 1.0, 2.0, 2.0, 3.0, 3.0])
///     .texts("gender", ["f", "m", "f", "m", "f", "m"])
///     .build()?;
/// let found = find_proxies(&frame, &["firstname", "years"], &["gender"], 0.5)?;
/// assert_eq!(found.len(), 1);
/// assert_eq!((found[0].column.as_str(), found[0].guessed, found[0].baseline), ("firstname", 1.0, 0.5));
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When a column is missing, or `threshold` is not between 0 and 1.
pub fn find_proxies<S: AsRef<str>>(
    frame: &Frame,
    candidates: &[S],
    sensitive: &[S],
    threshold: f64,
) -> Result<Vec<Proxy>> {
    ensure((0.0..=1.0).contains(&threshold), "threshold", threshold, "must lie between 0 and 1")?;
    let hidden = sensitive.iter().map(|s| codes(frame, s.as_ref())).collect::<Result<Vec<_>>>()?;
    let sensitive: Vec<(&str, Vec<u32>)> = sensitive.iter().map(AsRef::as_ref).zip(hidden).collect();
    let candidates: Vec<&str> = candidates.iter().map(AsRef::as_ref).collect();
    let of_column = |column: &&str| proxies_in(frame, column, &sensitive, threshold);
    Ok(candidates.par_iter().map(of_column).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// What one column gives away of the sensitive columns, given by name and codes.
fn proxies_in(frame: &Frame, column: &str, sensitive: &[(&str, Vec<u32>)], threshold: f64) -> Result<Vec<Proxy>> {
    let mut shown = vec![(Part::Whole, codes(frame, column)?)];
    if frame.kind_of(column)? == ColumnKind::Text {
        shown.extend(words(&frame.categories(column)?));
    }
    let mut found = Vec::new();
    for (name, hidden) in sensitive {
        let mut best: Option<Proxy> = None;
        for (part, shown) in &shown {
            let guess = predictability(shown, hidden)?;
            let better = best.as_ref().is_none_or(|best| guess.share > best.guessed);
            if guess.baseline < 1.0 && guess.gain() >= threshold && better {
                best = Some(Proxy {
                    column: column.into(),
                    part: *part,
                    sensitive: name.to_string(),
                    guessed: guess.share,
                    baseline: guess.baseline,
                });
            }
        }
        found.extend(best);
    }
    Ok(found)
}

/// A column as codes: texts, and numbers of few values, as they are; other numbers by twentieths.
pub(crate) fn codes(frame: &Frame, name: &str) -> Result<Vec<u32>> {
    const PARTS: usize = 20;
    if frame.kind_of(name)? == ColumnKind::Text {
        return Ok(frame.categories(name)?.codes);
    }
    let values = frame.numbers(name)?;
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let mut levels = sorted.clone();
    levels.dedup();
    let few = levels.len() <= 2 * PARTS;
    let code = |v: &f64| match (v.is_nan(), few) {
        (true, _) => Categories::MISSING,
        (false, true) => levels.partition_point(|level| level < v) as u32,
        (false, false) => (sorted.partition_point(|s| s < v) * PARTS / sorted.len()) as u32,
    };
    Ok(values.iter().map(code).collect())
}

/// The first and the last word of each text, without regard to case; nothing when no text has two words.
fn words(texts: &Categories) -> Vec<(Part, Vec<u32>)> {
    let words_of = |level: &String| -> Option<(String, String)> {
        let mut words = level.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let first = words.next()?.to_lowercase();
        let last = words.next_back().map_or_else(|| first.clone(), str::to_lowercase);
        Some((first, last))
    };
    let words: Vec<Option<(String, String)>> = texts.levels.iter().map(words_of).collect();
    if words.iter().flatten().all(|(first, last)| first == last) {
        return Vec::new();
    }
    let codes = |pick: fn(&(String, String)) -> &str| -> Vec<u32> {
        let mut levels = std::collections::HashMap::new();
        let code_of: Vec<u32> = words
            .iter()
            .map(|words| match words {
                None => Categories::MISSING,
                Some(words) => {
                    let next = levels.len() as u32;
                    *levels.entry(pick(words)).or_insert(next)
                }
            })
            .collect();
        texts.codes.iter().map(|code| code_of.get(*code as usize).copied().unwrap_or(Categories::MISSING)).collect()
    };
    vec![(Part::FirstWord, codes(|w| &w.0)), (Part::LastWord, codes(|w| &w.1))]
}
