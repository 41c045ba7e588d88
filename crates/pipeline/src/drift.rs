//! Which columns have moved between two tables: last year's campaigns and this year's, the rows of training and those that a
//! pipeline is to predict.
//!
//! Every column is put into bins, numbers and times by the tenths of the reference, texts and truth values by their levels, with a
//! bin for missing values; [`psi`] says how far the shares of the bins have moved.
//! Numbers and times also have the [Kolmogorov–Smirnov test](adflux_evaluation::drift::ks_2samp) of the values that are there.
//! A shift of 0.1 is read as a moderate one, of 0.25 as a large one, provided that it is [beyond chance](ColumnDrift::shift).

use adflux_core::{Categories, Result};
use adflux_data::{ColumnKind, Frame};
use adflux_evaluation::drift::{KolmogorovSmirnov, Method, Psi, ks_2samp, psi, psi_of_numbers};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::HashMap;

/// How many bins numbers are put in.
const BINS: usize = 10;
/// So many levels of the reference, the most frequent, have a bin each; the others share one.
const LEVELS: usize = 50;

/// How far a column has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// Less than 0.1, or no more than chance.
    None,
    /// From 0.1 on.
    Moderate,
    /// From 0.25 on.
    Large,
}

/// How a column of one table compares with the one of the same name of the other.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDrift {
    /// Its name.
    pub column: String,
    /// What it holds in the reference.
    pub kind: ColumnKind,
    /// The share of missing values in the reference, and in the table compared with it.
    pub missing: [f64; 2],
    /// The index over its bins.
    pub psi: Psi,
    /// Of numbers and times that both tables have.
    pub ks: Option<KolmogorovSmirnov>,
    /// The levels that only the table compared has, of texts and truth values, the most frequent first.
    pub new_levels: Vec<String>,
    /// The levels that only the reference has, the most frequent first.
    pub vanished_levels: Vec<String>,
}

impl ColumnDrift {
    /// How far it has moved, as the index is usually read; within what chance explains it has not.
    pub fn shift(&self) -> Shift {
        match self.psi.value {
            value if !self.psi.is_beyond_chance() || value < 0.1 => Shift::None,
            value if value < 0.25 => Shift::Moderate,
            _ => Shift::Large,
        }
    }
}

/// What [`find_drift`] finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The columns that both tables have: those that have moved further first.
    pub columns: Vec<ColumnDrift>,
    /// The columns that only the reference has.
    pub only_reference: Vec<String>,
    /// The columns that only the table compared has.
    pub only_compared: Vec<String>,
}

/// Compares the columns of `compared` with those of `reference` that have the same name. A column that is text in one of the two
/// is text in both. O(rows · log rows) a column, columns in parallel.
///
/// ```
/// use adflux_data::Frame;
/// use adflux_pipeline::drift::{Shift, find_drift};
/// let table = |platform: fn(usize) -> &'static str| {
///     Frame::builder()
///         .texts("platform", (0..200).map(platform))
///         .numbers("budget", (0..200).map(|i| f64::from(i % 50)).collect())
///         .build()
/// };
/// let (last, this) = (table(|i| ["META", "GOOGLE"][i % 2])?, table(|i| ["META", "TIKTOK"][i % 2])?);
/// let drift = find_drift(&last, &this)?;
/// assert_eq!((drift.columns[0].column.as_str(), drift.columns[0].shift()), ("platform", Shift::Large));
/// assert_eq!(drift.columns[0].new_levels, ["TIKTOK"]);
/// assert_eq!(drift.columns[1].shift(), Shift::None);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When one of the tables has no rows.
pub fn find_drift(reference: &Frame, compared: &Frame) -> Result<Drift> {
    let both: Vec<&str> = reference.names().filter(|name| compared.has(name)).collect();
    let mut columns: Vec<ColumnDrift> =
        both.par_iter().map(|name| column(reference, compared, name)).collect::<Result<_>>()?;
    columns.sort_by(|a, b| b.shift().cmp(&a.shift()).then(b.psi.value.total_cmp(&a.psi.value)));
    let only = |one: &Frame, other: &Frame| one.names().filter(|name| !other.has(name)).map(str::to_string).collect();
    Ok(Drift { columns, only_reference: only(reference, compared), only_compared: only(compared, reference) })
}

fn column(reference: &Frame, compared: &Frame, name: &str) -> Result<ColumnDrift> {
    let kinds = [reference.kind_of(name)?, compared.kind_of(name)?];
    let share =
        |frame: &Frame| Ok::<_, adflux_core::Error>(frame.missing_in(name)? as f64 / frame.rows().max(1) as f64);
    let mut drift = ColumnDrift {
        column: name.into(),
        kind: kinds[0],
        missing: [share(reference)?, share(compared)?],
        psi: Psi { value: 0.0, bins: 0, by_chance: 0.0 },
        ks: None,
        new_levels: Vec::new(),
        vanished_levels: Vec::new(),
    };
    if kinds.iter().all(|kind| matches!(kind, ColumnKind::Number | ColumnKind::Time)) {
        let (a, b) = (reference.numbers(name)?, compared.numbers(name)?);
        drift.psi = psi_of_numbers(&a, &b, BINS)?;
        // Without a value there is nothing to test.
        drift.ks = ks_2samp(&a, &b, Method::Auto).ok();
        return Ok(drift);
    }
    let (a, b) = (Counts::of(reference, name)?, Counts::of(compared, name)?);
    let beside = |one: &Counts, other: &Counts| {
        one.levels
            .iter()
            .filter(|(level, _)| !other.places.contains_key(level))
            .map(|(level, _)| level.clone())
            .collect()
    };
    (drift.vanished_levels, drift.new_levels) = (beside(&a, &b), beside(&b, &a));
    let mut counts = [vec![0; LEVELS + 2], vec![0; LEVELS + 2]];
    for (counts, of) in counts.iter_mut().zip([&a, &b]) {
        counts[LEVELS + 1] = of.missing;
        for (level, rows) in &of.levels {
            let bin = a.places.get(level).copied().unwrap_or(LEVELS).min(LEVELS);
            counts[bin] += rows;
        }
    }
    drift.psi = psi(&counts[0], &counts[1])?;
    Ok(drift)
}

/// The levels of a column with the number of their rows, the more frequent first.
struct Counts {
    levels: Vec<(String, u64)>,
    places: HashMap<String, usize>,
    missing: u64,
}

impl Counts {
    fn of(frame: &Frame, name: &str) -> Result<Self> {
        let Categories { codes, levels } = frame.categories(name)?;
        let (mut rows_of, mut missing) = (vec![0; levels.len()], 0);
        for code in codes {
            match rows_of.get_mut(code as usize) {
                Some(rows) => *rows += 1,
                None => missing += 1,
            }
        }
        let mut levels: Vec<(String, u64)> = levels.iter().cloned().zip(rows_of).collect();
        levels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let places = levels.iter().enumerate().map(|(place, (level, _))| (level.clone(), place)).collect();
        Ok(Counts { levels, places, missing })
    }
}
