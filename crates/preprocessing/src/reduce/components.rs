//! [`Components`]: how many components are kept, and the columns they become.

use adflux_core::{Column, Error, Result, parameter};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, sync::Arc};

/// A number of components, or the share of the variance that they are to explain. In a file, a whole number is a count and a
/// decimal number a share, as in scikit-learn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Components {
    /// This many components.
    Count(usize),
    /// The fewest components that explain more than this share of the variance, above 0 and below 1.
    Share(f64),
}

impl Components {
    pub(super) fn check(self, name: &'static str) -> Result<()> {
        match self {
            Components::Count(count) => parameter::at_least_one(name, count),
            Components::Share(share) => {
                let reason =
                    "a share of the variance lies between 0 and 1, both excluded; write a count without decimals";
                parameter::ensure(share > 0.0 && share < 1.0, name, share, reason)
            }
        }
    }
}

impl From<usize> for Components {
    fn from(count: usize) -> Self {
        Components::Count(count)
    }
}

impl From<f64> for Components {
    fn from(share: f64) -> Self {
        Components::Share(share)
    }
}

impl Serialize for Components {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Components::Count(count) => serializer.serialize_u64(count as u64),
            Components::Share(share) => serializer.serialize_f64(share),
        }
    }
}

impl<'de> Deserialize<'de> for Components {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Components;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of components (20) or a share of the variance (0.95)")
            }
            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Components, E> {
                usize::try_from(count).map(Components::Count).map_err(E::custom)
            }
            fn visit_i64<E: de::Error>(self, count: i64) -> Result<Components, E> {
                usize::try_from(count).map(Components::Count).map_err(E::custom)
            }
            fn visit_f64<E: de::Error>(self, share: f64) -> Result<Components, E> {
                Ok(Components::Share(share))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// # Errors
/// When a matrix of rows × columns has fewer singular values than `count`.
pub(super) fn no_more_than_there_are(step: &str, count: usize, rows: usize, columns: usize) -> Result<()> {
    if count <= rows.min(columns) {
        return Ok(());
    }
    let few = if rows < columns { "rows" } else { "columns" };
    let reason = format!(
        "`{step}` was given {rows} rows of {columns} columns, which have at most {} components: ask for fewer, or give more \
         {few}",
        rows.min(columns)
    );
    Err(Error::parameter("n_components", count, reason))
}

/// The columns `prefix0`, `prefix1`, …, each made from all of `columns`.
pub(super) fn named(prefix: &str, count: usize, columns: &[Column]) -> Arc<[Column]> {
    let mut sources: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    sources.extend(columns.iter().flat_map(|c| &c.sources).filter(|s| seen.insert(s.as_str())).cloned());
    (0..count).map(|i| Column { name: format!("{prefix}{i}"), sources: sources.clone() }).collect()
}
