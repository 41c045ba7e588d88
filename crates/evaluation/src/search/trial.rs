//! What is tried, and what came of it.

use adflux_core::{Error, Result};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// A point that is to be tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The number of the trial, from 0.
    pub number: usize,
    /// The value of each parameter, by its path.
    pub point: Table,
    /// The share of the resource to spend on it, above 0 and at most 1; less than 1 only in successive halving.
    pub budget: f64,
}

impl Candidate {
    /// A number.
    ///
    /// # Errors
    /// When there is no number at `path`.
    pub fn float(&self, path: &str) -> Result<f64> {
        let number = |v: &Value| v.as_float().or(v.as_integer().map(|v| v as f64));
        self.point.get(path).and_then(number).ok_or_else(|| self.none(path, "number"))
    }

    /// A whole number.
    ///
    /// # Errors
    /// When there is none at `path`.
    pub fn integer(&self, path: &str) -> Result<i64> {
        self.point.get(path).and_then(Value::as_integer).ok_or_else(|| self.none(path, "whole number"))
    }

    /// Text.
    ///
    /// # Errors
    /// When there is none at `path`.
    pub fn text(&self, path: &str) -> Result<&str> {
        self.point.get(path).and_then(Value::as_str).ok_or_else(|| self.none(path, "text"))
    }

    fn none(&self, path: &str, what: &str) -> Error {
        let paths: Vec<&str> = self.point.keys().map(String::as_str).collect();
        Error::data(format!("the point has no {what} at `{path}`; it has {}", paths.join(", ")))
    }
}

/// What the objective says of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// How good it is: what is minimized or maximized.
    pub value: f64,
    /// How far repeated judgements lie apart, as a standard deviation, when that is known: over the folds of a cross-validation.
    pub deviation: Option<f64>,
}

impl From<f64> for Evaluation {
    fn from(value: f64) -> Self {
        Evaluation { value, deviation: None }
    }
}

/// A point that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Its number, from 0.
    pub number: usize,
    /// The value of each parameter, by its path.
    pub point: Table,
    /// The share of the resource that was spent on it.
    pub budget: f64,
    /// How good it is; `None` when it failed.
    pub value: Option<f64>,
    /// How far repeated judgements lie apart, when that is known.
    pub deviation: Option<f64>,
    /// Why it failed.
    pub error: Option<String>,
    /// How long it took.
    pub seconds: f64,
}
