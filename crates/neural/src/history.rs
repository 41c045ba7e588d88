//! [`History`]: what came of each epoch.

use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// The losses and measures of each epoch, in the order in which a network keeps them: `loss`, the measures, then the same of the
/// validation rows under `val_`, and `learning_rate`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    pub(crate) columns: Vec<(String, Vec<f64>)>,
    pub(crate) ended: Option<Ended>,
}

/// Why a training ended before its last epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ended {
    /// A callback asked for it, with this reason.
    Stopped(String),
    /// It was cancelled from outside.
    Cancelled,
}

impl History {
    /// Epochs.
    pub fn epochs(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| values.len())
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// One column, a number an epoch. Not a number where a measure was not there or not defined in an epoch.
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, values)| &values[..])
    }

    /// The last value of a column.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.get(name)?.last().copied()
    }

    /// The epoch, counted from 0, and value of a column at its lowest, or at its highest. The first of equals.
    pub fn best(&self, name: &str, highest: bool) -> Option<(usize, f64)> {
        let better = |a: f64, b: f64| if highest { a > b } else { a < b };
        let mut best: Option<(usize, f64)> = None;
        for (epoch, value) in self.get(name)?.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            if best.is_none_or(|(_, known)| better(*value, known)) {
                best = Some((epoch, *value));
            }
        }
        best
    }

    /// Why the training ended before its last epoch, if it did.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// As a table with a line for each epoch, counted from 1.
    pub fn to_csv(&self) -> String {
        let mut text = String::from("epoch");
        self.names().for_each(|name| {
            let _ = write!(text, ",{name}");
        });
        text.push('\n');
        for epoch in 0..self.epochs() {
            let _ = write!(text, "{}", epoch + 1);
            for (_, values) in &self.columns {
                let _ = match values[epoch] {
                    value if value.is_nan() => write!(text, ","),
                    value => write!(text, ",{value}"),
                };
            }
            text.push('\n');
        }
        text
    }

    /// Adds an epoch.
    pub(crate) fn push(&mut self, logs: &[(String, f64)]) {
        let epochs = self.epochs();
        for (name, value) in logs {
            match self.columns.iter_mut().find(|(known, _)| known == name) {
                Some((_, values)) => values.push(*value),
                None => {
                    let mut values = vec![f64::NAN; epochs];
                    values.push(*value);
                    self.columns.push((name.clone(), values));
                }
            }
        }
        // What this epoch did not have.
        self.columns.iter_mut().for_each(|(_, values)| values.resize(epochs + 1, f64::NAN));
    }
}
