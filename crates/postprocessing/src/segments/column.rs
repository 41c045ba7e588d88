//! A described column, read from the frame once.

use adflux_core::{Categories, Result};
use adflux_data::{ColumnKind, Frame};

/// A column, ready to be compared.
pub(super) struct Compared {
    pub(super) name: String,
    pub(super) values: Values,
    /// How many rows have no value.
    pub(super) missing: usize,
}

pub(super) enum Values {
    /// Numbers and booleans; a value that is not finite is missing.
    Number { values: Vec<f64>, mean: f64, deviation: f64, share: bool, boolean: bool },
    /// Text; how many rows each level has.
    Text { categories: Categories, counts: Vec<usize> },
}

impl Compared {
    /// The column, or `None` for one that is not compared: dates.
    pub(super) fn read(frame: &Frame, name: &str) -> Result<Option<Self>> {
        let values = match frame.kind_of(name)? {
            ColumnKind::Text => {
                let categories = frame.categories(name)?;
                let mut counts = vec![0; categories.levels.len()];
                categories.codes.iter().filter(|c| **c != Categories::MISSING).for_each(|c| counts[*c as usize] += 1);
                Values::Text { categories, counts }
            }
            kind @ (ColumnKind::Number | ColumnKind::Boolean) => {
                let values = frame.numbers(name)?;
                let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
                let mean = known.iter().sum::<f64>() / known.len() as f64;
                // The mean of equal numbers may differ from them by rounding, which is no difference between segments.
                let constant = known.iter().all(|v| *v == known[0]);
                let squares = if constant { 0.0 } else { known.iter().map(|v| (v - mean).powi(2)).sum() };
                let deviation = (squares / known.len() as f64).sqrt();
                let share = known.iter().all(|v| *v == 0.0 || *v == 1.0);
                Values::Number { values, mean, deviation, share, boolean: kind == ColumnKind::Boolean }
            }
            _ => return Ok(None),
        };
        let mut column = Compared { name: name.into(), values, missing: 0 };
        column.missing = (0..frame.rows()).filter(|row| column.is_missing(*row)).count();
        Ok(Some(column))
    }

    /// Whether a row has no value.
    pub(super) fn is_missing(&self, row: usize) -> bool {
        match &self.values {
            Values::Number { values, .. } => !values[row].is_finite(),
            Values::Text { categories, .. } => categories.codes[row] == Categories::MISSING,
        }
    }

    pub(super) fn rows(&self) -> usize {
        match &self.values {
            Values::Number { values, .. } => values.len(),
            Values::Text { categories, .. } => categories.codes.len(),
        }
    }
}
