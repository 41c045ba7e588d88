//! [`Coefficients`]: what every fitted linear model holds and predicts with.

use super::{design::overflow, passes::scores};
use crate::table::Table;
use adflux_core::{Column, Error, Features, MultiTarget, Prediction, Result, Target, Training};
use ndarray::{Array1, Array2, ArrayView1, Axis};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A line of coefficients and an intercept for each target or class.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub(crate) struct Coefficients {
    pub(crate) columns: Arc<[Column]>,
    /// Targets × columns.
    pub(crate) weights: Array2<f64>,
    pub(crate) intercepts: Array1<f64>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    columns: Vec<Column>,
    #[serde(with = "adflux_core::arrays")]
    weights: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    intercepts: Array1<f64>,
}

impl From<Coefficients> for Saved {
    fn from(c: Coefficients) -> Self {
        Saved { columns: c.columns.to_vec(), weights: c.weights, intercepts: c.intercepts }
    }
}

impl TryFrom<Saved> for Coefficients {
    type Error = String;

    fn try_from(saved: Saved) -> Result<Self, String> {
        let fits = saved.weights.ncols() == saved.columns.len()
            && saved.weights.nrows() == saved.intercepts.len()
            && !saved.weights.is_empty();
        if !fits {
            return Err("the coefficients do not fit the columns".into());
        }
        Coefficients::finite(saved.columns.into(), saved.weights, saved.intercepts)
            .map_err(|_| "a coefficient is not a finite number".into())
    }
}

impl Coefficients {
    /// # Errors
    /// When one is not finite: the numbers they came from overflowed.
    pub(crate) fn finite(columns: Arc<[Column]>, weights: Array2<f64>, intercepts: Array1<f64>) -> Result<Self> {
        if weights.iter().chain(&intercepts).all(|v| v.is_finite()) {
            Ok(Coefficients { columns, weights, intercepts })
        } else {
            Err(overflow())
        }
    }

    /// One line, in the units of `x`.
    ///
    /// # Errors
    /// As [`finite`](Self::finite).
    pub(crate) fn line(x: &Features, b: Vec<f64>, intercept: f64) -> Result<Self> {
        let weights = Array1::from(b).insert_axis(Axis(0));
        Coefficients::finite(x.columns().cloned().collect(), weights, Array1::from_elem(1, intercept))
    }

    /// Rows × targets.
    ///
    /// # Errors
    /// When `x` has other columns than the fit, a block that is neither dense nor sparse, a number that is missing or infinite,
    /// or numbers so large that the scores overflow.
    pub(crate) fn scores(&self, x: &Features, step: &str) -> Result<Array2<f64>> {
        x.require_columns(step, &self.columns)?;
        let table = Table::unchecked(x, step)?;
        let scores = scores(&table, self.weights.view(), self.intercepts.as_slice().unwrap_or_default());
        if let Some(row) = scores.rows().into_iter().position(|row| row.iter().any(|v| !v.is_finite())) {
            x.require_finite(step)?;
            let reason = format!("row {}: the prediction of `{step}` overflows: the numbers are too large", row + 1);
            return Err(Error::data(reason));
        }
        Ok(scores)
    }

    /// The coefficients of the only target, or of the first.
    pub(crate) fn first(&self) -> (ArrayView1<'_, f64>, f64) {
        (self.weights.row(0), self.intercepts[0])
    }
}

/// Numeric targets: a list of numbers for each, and their names when there are several.
pub(crate) struct Targets {
    pub(crate) values: Vec<Vec<f64>>,
    pub(crate) names: Option<Vec<String>>,
}

impl Targets {
    /// # Errors
    /// When there is no numeric target, or an exposure.
    pub(crate) fn of<X>(data: &Training<X>, step: &str) -> Result<Self> {
        data.without_exposure(step)?;
        match &data.target {
            Some(Target::Multi(MultiTarget { names, values })) if values.ncols() > 0 => Ok(Targets {
                values: values.columns().into_iter().map(|c| c.to_vec()).collect(),
                names: Some(names.to_vec()),
            }),
            Some(Target::Multi(_)) => Err(Error::data(format!("`{step}` needs at least one numeric target"))),
            _ => Ok(Targets { values: vec![data.values(step)?.to_vec()], names: None }),
        }
    }

    pub(crate) fn views(&self) -> Vec<&[f64]> {
        self.values.iter().map(Vec::as_slice).collect()
    }
}

/// Scores as numbers, or as several by name.
pub(crate) fn named(scores: Array2<f64>, names: Option<&[String]>) -> Prediction {
    let Some(names) = names else { return Prediction::Values(scores.into_raw_vec_and_offset().0.into()) };
    let each = names.iter().zip(scores.columns());
    Prediction::Multi(each.map(|(name, values)| (name.clone(), Prediction::Values(values.to_owned()))).collect())
}
