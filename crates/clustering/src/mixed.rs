//! Rows of numbers and categories side by side, read from features.

use adflux_core::{Categories, Column, Error, Features, Result, Values, features::same_columns};
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A categorical column and its levels in training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Category {
    pub(crate) column: Column,
    pub(crate) levels: Vec<String>,
}

impl Category {
    /// The code of a missing value: a level of its own, behind the others.
    fn missing(&self) -> u32 {
        self.levels.len() as u32
    }

    /// Codes of this category: its levels, and that of missing values.
    pub(crate) fn codes(&self) -> usize {
        self.levels.len() + 1
    }

    /// The level of a code; `None` is missing.
    pub(crate) fn level(&self, code: u32) -> Option<&str> {
        self.levels.get(code as usize).map(String::as_str)
    }
}

/// A level that training did not have: like no other.
const UNKNOWN: u32 = u32::MAX;

/// Numbers and codes of the same rows.
pub(crate) struct Mixed {
    /// Rows × numeric columns.
    pub(crate) numbers: Array2<f64>,
    /// Rows × categories, codes of [`Category`].
    pub(crate) codes: Vec<u32>,
    pub(crate) rows: usize,
}

/// What the columns are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shape {
    pub(crate) numeric: Vec<Column>,
    pub(crate) categories: Vec<Category>,
}

impl Shape {
    /// The shape of the features that `step` is fitted on.
    ///
    /// # Errors
    /// When there are no columns, or a block is neither dense nor categorical.
    pub(crate) fn of(x: &Features, step: &str) -> Result<Self> {
        let (mut numeric, mut categories) = (Vec::new(), Vec::new());
        for block in x.blocks() {
            match block.values() {
                Values::Dense(_) => numeric.extend(block.columns().iter().cloned()),
                Values::Category(of) => categories.extend(
                    block
                        .columns()
                        .iter()
                        .map(|column| Category { column: column.clone(), levels: of.levels.to_vec() }),
                ),
                _ => return Err(block.refused_by(step)),
            }
        }
        if numeric.is_empty() && categories.is_empty() {
            return Err(Error::data(format!("`{step}` was given no features: choose at least one column")));
        }
        Ok(Shape { numeric, categories })
    }

    /// The rows of features that have these columns: numbers finite, levels found by name.
    ///
    /// # Errors
    /// When columns differ, or a number is not finite: naming column and row.
    pub(crate) fn read(&self, x: &Features, step: &str) -> Result<Mixed> {
        x.require_finite(step)?;
        let found = Shape::of(x, step)?;
        same_columns(step, &self.numeric, &found.numeric)?;
        let names: Vec<Column> = self.categories.iter().map(|c| c.column.clone()).collect();
        same_columns(step, &names, found.categories.iter().map(|c| &c.column))?;
        let rows = x.rows();
        let (mut numbers, mut codes) = (Array2::zeros((rows, self.numeric.len())), vec![0; rows * names.len()]);
        let (mut at, mut category) = (0, 0);
        for block in x.blocks() {
            match block.values() {
                Values::Dense(values) => {
                    numbers.slice_mut(ndarray::s![.., at..at + values.ncols()]).assign(values);
                    at += values.ncols();
                }
                Values::Category(values) => {
                    let known = self.categories[category].coded(values);
                    codes.iter_mut().skip(category).step_by(names.len()).zip(known).for_each(|(to, code)| *to = code);
                    category += 1;
                }
                _ => return Err(block.refused_by(step)),
            }
        }
        Ok(Mixed { numbers, codes, rows })
    }
}

impl Category {
    fn coded<'a>(&'a self, values: &'a Categories) -> impl Iterator<Item = u32> + 'a {
        let places: HashMap<&str, u32> = self.levels.iter().map(String::as_str).zip(0..).collect();
        let known: Vec<u32> =
            values.levels.iter().map(|level| places.get(level.as_str()).copied().unwrap_or(UNKNOWN)).collect();
        values.codes.iter().map(move |code| known.get(*code as usize).copied().unwrap_or(self.missing()))
    }
}

impl Mixed {
    pub(crate) fn numbers_of(&self, row: usize) -> &[f64] {
        let columns = self.numbers.ncols();
        &self.numbers.as_slice().unwrap_or_default()[row * columns..(row + 1) * columns]
    }

    /// Some of the rows.
    pub(crate) fn take(&self, rows: &[usize]) -> Self {
        let codes = rows.iter().flat_map(|row| self.codes_of(*row)).copied().collect();
        Mixed { numbers: self.numbers.select(Axis(0), rows), codes, rows: rows.len() }
    }

    pub(crate) fn codes_of(&self, row: usize) -> &[u32] {
        let categories = self.codes.len() / self.rows.max(1);
        &self.codes[row * categories..(row + 1) * categories]
    }
}
