//! Conformal quantiles of all rows, and of the groups of a column.

use adflux_core::{Categories, Error, Result};
use adflux_data::Frame;
use adflux_evaluation::conformal::{conformal_quantile, group_quantiles, rows_needed};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// The group of each row, where a column says it.
///
/// # Errors
/// When the column is missing, or holds numbers that are not whole.
pub(crate) fn groups_of(frame: &Frame, column: Option<&str>) -> Result<Option<Categories>> {
    let of = |column: &str| match frame.classes(column) {
        Err(Error::Column { column, row, .. }) => {
            let reason = "groups are text, truth values or whole numbers: cut the numbers into ranges first".into();
            Err(Error::Column { column, row, reason })
        }
        other => other,
    };
    column.map(of).transpose()
}

/// What the conformal recipes have in common: builder methods named after their fields, the check of these, and that they are
/// fitted on out-of-fold predictions.
macro_rules! conformal_recipe {
    ($recipe:ident) => {
        impl $recipe {
            /// Sets the share of outcomes that is to be contained.
            pub fn level(mut self, level: f64) -> Self {
                self.level = level;
                self
            }

            /// Sets the number of folds.
            pub fn folds(mut self, folds: usize) -> Self {
                self.folds = folds;
                self
            }

            /// Sets the column whose values have quantiles of their own.
            pub fn by(mut self, column: impl Into<String>) -> Self {
                self.by = Some(column.into());
                self
            }

            /// Sets the fewest rows of a group that has its own quantile.
            pub fn min_group_size(mut self, rows: usize) -> Self {
                self.min_group_size = rows;
                self
            }

            fn check(&self) -> adflux_core::Result<()> {
                adflux_core::parameter::open_unit("level", self.level)?;
                adflux_core::parameter::ensure(self.folds >= 2, "folds", self.folds, "at least 2 folds are needed")
            }
        }

        impl adflux_core::Postprocess<adflux_data::Frame, adflux_core::Prediction> for $recipe {
            fn needs(&self) -> adflux_core::Needs {
                adflux_core::Needs::OutOfFold(self.folds)
            }
        }
    };
}
pub(crate) use conformal_recipe;

/// The conformal quantile of all rows, and of each group that is large enough to have its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Quantiles {
    pub overall: f64,
    /// By the name of the group, in the order of the names.
    pub groups: Vec<(String, f64)>,
}

impl Quantiles {
    /// Of one score a row. `min_rows` is the size of a group that has its own.
    ///
    /// # Errors
    /// When there are too few rows for the level; `what` is then what needs them ("an interval").
    pub fn fit(scores: &[f64], groups: Option<&Categories>, level: f64, min_rows: usize, what: &str) -> Result<Self> {
        let needed = rows_needed(level)?;
        if scores.len() < needed {
            let rows = scores.len();
            return Err(Error::data(format!(
                "{what} of level {level} needs at least {needed} rows to learn from, and there are {rows}"
            )));
        }
        let overall = conformal_quantile(scores, level)?;
        let mut of_groups = Vec::new();
        if let Some(groups) = groups {
            for (code, quantile) in group_quantiles(scores, &groups.codes, level, min_rows)? {
                of_groups.extend(groups.levels.get(code as usize).map(|name| (name.clone(), quantile)));
            }
            of_groups.sort_by(|a, b| a.0.cmp(&b.0));
        }
        Ok(Quantiles { overall, groups: of_groups })
    }

    /// The quantile of a group: its own, or that of all rows for one that was small, missing or never seen.
    pub fn of(&self, group: Option<&str>) -> f64 {
        let own = |group: &str| {
            let place = self.groups.binary_search_by(|(name, _)| name.as_str().cmp(group)).ok()?;
            self.groups.get(place).map(|(_, quantile)| *quantile)
        };
        group.and_then(own).unwrap_or(self.overall)
    }

    /// The quantile of each of `rows` predictions.
    ///
    /// # Errors
    /// When the frame of the groups has more rows or fewer.
    pub fn each(&self, rows: usize, groups: Option<&Categories>) -> Result<Array1<f64>> {
        let Some(groups) = groups else { return Ok(Array1::from_elem(rows, self.overall)) };
        if groups.codes.len() != rows {
            return Err(Error::data(format!("{rows} predictions beside {} rows of the frame", groups.codes.len())));
        }
        let of_level: Vec<f64> = groups.levels.iter().map(|name| self.of(Some(name))).collect();
        let of = |code: &u32| of_level.get(*code as usize).copied().unwrap_or(self.overall);
        Ok(groups.codes.iter().map(of).collect())
    }

    /// Whether what came from a file can be used: no quantile is below `least`, or minus infinity.
    pub fn are_sound(&self, least: f64) -> bool {
        let sorted = self.groups.windows(2).all(|w| w[0].0 < w[1].0);
        let sound = |quantile: f64| quantile >= least && quantile > f64::NEG_INFINITY;
        sorted && sound(self.overall) && self.groups.iter().all(|(_, quantile)| sound(*quantile))
    }
}
