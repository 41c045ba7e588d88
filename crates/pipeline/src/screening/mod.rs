//! Which columns may be learned from, and why the others are not.
//!
//! A table as it comes has columns that a model must not see: sensitive ones and those that give them away, numbers of
//! customers, columns without content, and columns that are known only once the outcome is. [`Screen`] finds them before the
//! fit; nothing is decided silently, and everything can be overruled by name.
//!
//! | reason | rule | new role |
//! |---|---|---|
//! | [`Sensitive`](Reason::Sensitive) | has the role `Sensitive` | as it is |
//! | [`Empty`](Reason::Empty) | all values are missing | `Ignore` |
//! | [`Constant`](Reason::Constant) | one value in all rows. A value and missing ones are kept: that something is missing can mean something | `Ignore` |
//! | [`Identifier`](Reason::Identifier) | see [`Identifier`] and below | `Id` |
//! | [`GivesAway`](Reason::GivesAway) | [`find_proxies`] above [`proxy_threshold`](Screen::proxy_threshold) | `Ignore` |
//! | [`Leak`](Reason::Leak) | gives the target away, see below | `Ignore` |
//!
//! The first that holds, in this order, is given.
//!
//! **Identifiers.** Text: e-mail addresses, telephone numbers; web addresses and other single words of which 95 % are
//! different. Whole numbers: all different, and nearly every number of their range, or rising from row to row. By name
//! (`customerID`, `job_ad_id`, …): a name that ends in `id` with more than 20 values, one that ends in `number`, `code`, `key`, … with a
//! value of its own in every row. Numbers with a fraction, dates, and texts of several words are never identifiers; neither are
//! amounts, however different they are (`salary`).
//!
//! **Leaks**, looked for with at least 30 rows. A target of classes (or of fewer than 10 different numbers; at least 15 rows not
//! of the most frequent one): a value, its being missing, or (two classes) a threshold that
//! says the class in 99.9 % of the cases that are not right by chance anyway. A target of numbers: the same order (|Spearman's
//! correlation| ≥ 0.999), or a sum, difference, product or ratio (also in per cent and per mille) of two columns that equals the
//! target to its decimals in 99 % of the rows (`ctr = clicks / impressions`; that the two columns are themselves rounded is allowed for); both columns are then excluded, unless one has another role, such
//! as the exposure.
//!
//! What does so for 90 % of those cases (an order: |Spearman's correlation| ≥ 0.99) is kept, and listed among the
//! [`suspects`](Screening::suspects).
//!
//! **What it cannot see.** A column that is known only afterwards, but does not give the outcome away alone or by such a formula, is
//! for you to leave out: impressions are not known when a campaign is planned, and clicks can be predicted well from them, but
//! no rule here says so. Nor does it see what three columns, or two sensitive hints together, give away.
//!
//! ```
//! use adflux_data::{Frame, Role};
//! use adflux_pipeline::Screen;
//! let frame = Frame::builder()
//!     .texts("firstname", ["Anne", "Brad", "Anne", "Brad", "Anne", "Brad"])
//!     .texts("country", ["ES"; 6])
//!     .numbers("years", vec![1.0, 1.0, 2.0, 2.0, 3.0, 3.0])
//!     .texts("gender", ["f", "m", "f", "m", "f", "m"])
//!     .build()?
//!     .with_role("gender", Role::Sensitive)?;
//! let screening = Screen::new().run(&frame)?;
//! assert_eq!(screening.frame.names_with(Role::Feature), ["years"]);
//! let said: Vec<String> = screening.excluded.iter().map(|e| e.to_string()).collect();
//! assert_eq!(said, [
//!     "firstname gives away gender (guessed right for 100.0 %)",
//!     "country has the same value in every row",
//!     "gender is sensitive",
//! ]);
//! # Ok::<(), adflux_core::Error>(())
//! ```

mod formulas;
mod identifiers;
mod leaks;
mod reason;

pub use reason::{Identifier, Leak, LeakKind, Reason};

use crate::proxies::find_proxies;
use adflux_core::{Error, Result, parameter::ensure};
use adflux_data::{ColumnKind, Frame, Role};
use adflux_postprocessing::Language;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fmt};

/// Finds the columns that must not be learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Screen {
    /// How much of the wrong guesses of a sensitive column must go away for a column to give it away, 0 to 1. Default 0.5.
    pub proxy_threshold: f64,
    /// Columns that are learned from whatever the rules say. Default: none.
    pub allow: Vec<String>,
}

impl Default for Screen {
    fn default() -> Self {
        Screen { proxy_threshold: 0.5, allow: Vec::new() }
    }
}

/// A column that is not learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Excluded {
    /// The column.
    pub column: String,
    /// Why.
    #[serde(flatten)]
    pub reason: Reason,
}

impl Excluded {
    /// Column and reason in one sentence.
    pub fn text(&self, language: Language) -> String {
        format!("{} {}", self.column, self.reason.text(language))
    }
}

impl fmt::Display for Excluded {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.text(Language::En))
    }
}

/// What [`Screen::run`] finds.
#[derive(Clone, Debug)]
pub struct Screening {
    /// The frame with the new roles: what is left as [`Role::Feature`] may be learned from.
    pub frame: Frame,
    /// All columns that may not, in the order of the frame.
    pub excluded: Vec<Excluded>,
    /// Columns that may be learned from, and nearly give the target away: whether they are known before it is for people to say.
    pub suspects: Vec<Excluded>,
}

impl Screen {
    /// The default rules.
    pub fn new() -> Self {
        Screen::default()
    }

    /// Sets how much a column must help in guessing a sensitive one to be excluded.
    pub fn proxy_threshold(mut self, threshold: f64) -> Self {
        self.proxy_threshold = threshold;
        self
    }

    /// Adds columns that are learned from whatever the rules say.
    pub fn allow<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.allow.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Looks at the columns of the role [`Feature`](Role::Feature); the other roles say what is predicted, what is sensitive, and
    /// what is beside the point. Columns of the role `Sensitive` are listed too.
    ///
    /// O(columns · (1 + sensitive + targets) · rows · log rows + columns²).
    ///
    /// # Errors
    /// When an allowed column is missing or is itself sensitive, or `proxy_threshold` is not between 0 and 1.
    pub fn run(&self, frame: &Frame) -> Result<Screening> {
        ensure(
            (0.0..=1.0).contains(&self.proxy_threshold),
            "proxy_threshold",
            self.proxy_threshold,
            "must lie between 0 and 1",
        )?;
        frame.require(&self.allow)?;
        let sensitive = frame.names_with(Role::Sensitive);
        if let Some(name) = self.allow.iter().find(|name| sensitive.contains(&name.as_str())) {
            let reason =
                "allowed and sensitive at once: allow the columns that give it away, or do not call it sensitive";
            return Err(Error::column(name, reason));
        }

        let mut reasons: HashMap<&str, Reason> = sensitive.iter().map(|name| (*name, Reason::Sensitive)).collect();
        let candidates: Vec<&str> =
            frame.names_with(Role::Feature).into_iter().filter(|name| !self.allow.iter().any(|a| a == name)).collect();
        let mut telling = Vec::with_capacity(candidates.len());
        let of_itself: Vec<_> = candidates.par_iter().map(|name| of_itself(frame, name)).collect::<Result<_>>()?;
        for (name, reason) in candidates.into_iter().zip(of_itself) {
            match reason {
                Some(reason) => drop(reasons.insert(name, reason)),
                None => telling.push(name),
            }
        }
        for proxy in find_proxies(frame, &telling, &sensitive, self.proxy_threshold)? {
            let Some(name) = telling.iter().find(|name| **name == proxy.column) else { continue };
            if let Reason::GivesAway(proxies) = reasons.entry(name).or_insert_with(|| Reason::GivesAway(Vec::new())) {
                proxies.push(proxy);
            }
        }
        let mut suspects = Vec::new();
        for leaks::Found { column, leak, certain } in leaks::find(frame, &telling)? {
            if certain {
                reasons.entry(column).or_insert(Reason::Leak(leak));
            } else {
                suspects.push(Excluded { column: column.into(), reason: Reason::Leak(leak) });
            }
        }
        suspects.retain(|suspect| !reasons.contains_key(suspect.column.as_str()));

        let mut screened = frame.clone();
        let mut excluded = Vec::with_capacity(reasons.len());
        for column in frame.names() {
            let Some(reason) = reasons.remove(column) else { continue };
            screened = match reason {
                Reason::Sensitive => screened,
                Reason::Identifier(_) => screened.with_role(column, Role::Id)?,
                _ => screened.with_role(column, Role::Ignore)?,
            };
            excluded.push(Excluded { column: column.into(), reason });
        }
        Ok(Screening { frame: screened, excluded, suspects })
    }
}

/// What a column says of itself, without regard to others.
fn of_itself(frame: &Frame, name: &str) -> Result<Option<Reason>> {
    let present = frame.rows() - frame.missing_in(name)?;
    if present == 0 {
        return Ok(Some(Reason::Empty));
    }
    let complete = present == frame.rows();
    let identifier = if frame.kind_of(name)? == ColumnKind::Text {
        let values = frame.categories(name)?;
        if complete && values.levels.len() == 1 {
            return Ok(Some(Reason::Constant));
        }
        identifiers::of_texts(name, &values)
    } else {
        let values: Vec<f64> = frame.numbers(name)?.into_iter().filter(|v| !v.is_nan()).collect();
        if complete && values.iter().all(|v| *v == values[0]) {
            return Ok(Some(Reason::Constant));
        }
        let whole = frame.kind_of(name)? == ColumnKind::Number && values.iter().all(|v| v.fract() == 0.0);
        if whole { identifiers::of_whole_numbers(name, &values) } else { None }
    };
    Ok(identifier.map(Reason::Identifier))
}
