//! Columns that give a sensitive column away.
//!
//! Leaving out `gender` is of no use when `firstname` stays in. A column gives a sensitive one away when its value lets you
//! guess the sensitive value much better than the most frequent value would.

use adflux_core::{Categories, Result, parameter::ensure};
use adflux_data::{ColumnKind, Frame};
use adflux_evaluation::association::predictability;

/// A column that gives a sensitive one away.
#[derive(Clone, Debug, PartialEq)]
pub struct Proxy {
    /// The column.
    pub column: String,
    /// The sensitive column.
    pub sensitive: String,
    /// The share of rows whose sensitive value is guessed right from the column.
    pub guessed: f64,
    /// The share guessed right without it, by always saying the most frequent value.
    pub baseline: f64,
}

/// The columns of `candidates` that give a column of `sensitive` away: knowing them removes at least `threshold` of the wrong
/// guesses (0.5 is a sensible value; 0 is no help, 1 is certainty). Guesses are made from the *other* rows with the same
/// value, so that a column with a value of its own in every row is not taken for a proxy. Numbers with many values are
/// compared by twentieths. O(columns · sensitive · rows · log rows).
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
    let mut found = Vec::new();
    for column in candidates {
        let shown = codes(frame, column.as_ref())?;
        for (name, hidden) in sensitive.iter().zip(&hidden) {
            let guess = predictability(&shown, hidden)?;
            if guess.baseline < 1.0 && guess.gain() >= threshold {
                found.push(Proxy {
                    column: column.as_ref().into(),
                    sensitive: name.as_ref().into(),
                    guessed: guess.share,
                    baseline: guess.baseline,
                });
            }
        }
    }
    Ok(found)
}

fn codes(frame: &Frame, name: &str) -> Result<Vec<u32>> {
    const PARTS: usize = 20;
    let categories = frame.categories(name)?;
    if frame.kind_of(name)? == ColumnKind::Text || categories.levels.len() <= 2 * PARTS {
        return Ok(categories.codes);
    }
    let values = frame.numbers(name)?;
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let part = |v: &f64| match v.is_nan() {
        true => Categories::MISSING,
        false => (sorted.partition_point(|s| s < v) * PARTS / sorted.len()) as u32,
    };
    Ok(values.iter().map(part).collect())
}
