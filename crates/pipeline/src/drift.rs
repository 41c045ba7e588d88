//! Which columns have moved between two tables: last year's campaigns and this year's, the rows of training and those that a
//! pipeline is to predict.
//!
//! Every column is put into bins, numbers and times by the tenths of the reference, texts and truth values by their levels, with a
//! bin for missing values; [`psi`] says how far the shares of the bins have moved. Levels that the reference has once and levels
//! that it does not have share a bin: as many rows of the next sample are new as were met once in this one (Good 1953), so a
//! column of names does not move because names differ, and one whose levels were all replaced does.
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
    /// What it holds in the reference, and in the table compared with it.
    pub kinds: [ColumnKind; 2],
    /// The share of missing values in the reference, and in the table compared with it.
    pub missing: [f64; 2],
    /// The index over its bins.
    pub psi: Psi,
    /// Of numbers and times that both tables have.
    pub ks: Option<KolmogorovSmirnov>,
    /// The levels that only the table compared has, of texts and truth values, the most frequent first. Where the reference
    /// has numbers and this table text, the texts that are no numbers.
    pub new_levels: Vec<String>,
    /// The levels that only the reference has, the most frequent first.
    pub vanished_levels: Vec<String>,
}

impl ColumnDrift {
    /// How far it has moved, as the index is usually read; within what chance explains it has not. A column that holds another
    /// kind of values has moved in any case.
    pub fn shift(&self) -> Shift {
        match self.psi.value {
            _ if self.kinds[0] != self.kinds[1] && self.psi.value < 0.25 => Shift::Moderate,
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

/// Compares the columns of `compared` with those of `reference` that have the same name. Where one table has numbers and the
/// other text, the texts that are numbers are compared as such, and the others count as missing. O(rows · log rows) a column,
/// columns in parallel.
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
        kinds,
        missing: [share(reference)?, share(compared)?],
        psi: Psi { value: 0.0, bins: 0, by_chance: 0.0 },
        ks: None,
        new_levels: Vec::new(),
        vanished_levels: Vec::new(),
    };
    let numbers = match kinds {
        [ColumnKind::Number, ColumnKind::Number] | [ColumnKind::Time, ColumnKind::Time] => {
            Some((reference.numbers(name)?, compared.numbers(name)?))
        }
        [ColumnKind::Number, ColumnKind::Text] => {
            Some((reference.numbers(name)?, numbers_of(compared, name, &mut drift.new_levels)?))
        }
        [ColumnKind::Text, ColumnKind::Number] => {
            Some((numbers_of(reference, name, &mut drift.vanished_levels)?, compared.numbers(name)?))
        }
        _ => None,
    };
    if let Some((a, b)) = numbers {
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
    let (others, new, missing) = (LEVELS, LEVELS + 1, LEVELS + 2);
    let mut counts = [vec![0; LEVELS + 3], vec![0; LEVELS + 3]];
    for (counts, of) in counts.iter_mut().zip([&a, &b]) {
        counts[missing] = of.missing;
        for (level, rows) in &of.levels {
            let bin = match a.places.get(level) {
                Some(place) if a.levels[*place].1 > 1 => (*place).min(others),
                _ => new,
            };
            counts[bin] += rows;
        }
    }
    drift.psi = psi(&counts[0], &counts[1])?;
    Ok(drift)
}

/// The texts of a column as numbers, NaN where they are none; those are put into `others`, the most frequent first.
fn numbers_of(frame: &Frame, name: &str, others: &mut Vec<String>) -> Result<Vec<f64>> {
    let Categories { codes, levels } = frame.categories(name)?;
    let numbers: Vec<Option<f64>> = levels.iter().map(|level| level.trim().parse().ok()).collect();
    let mut rows_of = vec![0u64; levels.len()];
    codes.iter().filter(|code| **code != Categories::MISSING).for_each(|code| rows_of[*code as usize] += 1);
    let mut texts: Vec<usize> = (0..levels.len()).filter(|level| numbers[*level].is_none()).collect();
    texts.sort_by_key(|level| std::cmp::Reverse(rows_of[*level]));
    *others = texts.into_iter().map(|level| levels[level].clone()).collect();
    let number = |code: u32| numbers.get(code as usize).copied().flatten().unwrap_or(f64::NAN);
    Ok(codes.into_iter().map(number).collect())
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
