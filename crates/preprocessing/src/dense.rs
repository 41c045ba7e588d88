//! What the steps that take nothing but numbers, and look at each column by itself, have in common.

use crate::step::{another_kind, any_row_mut, each, map_blocks, refuse_infinite, same_blocks, same_columns};
use adflux_core::{Block, Column, Context, Error, Features, Result, Values};
use ndarray::{Array2, ArrayView1};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One dense block at fit: its columns, and what a step learned of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dense<T> {
    pub(crate) columns: Arc<[Column]>,
    /// As many as there are columns.
    pub(crate) learned: Vec<T>,
}

impl<T> Dense<T> {
    /// What `learn` makes of the values of each column that are not missing, columns in parallel. All blocks must be
    /// dense and without infinite numbers. Of a `sample` only its rows are looked at.
    pub(crate) fn learn(
        kind: &str,
        x: &Features,
        context: &Context,
        sample: Option<&[usize]>,
        learn: impl Fn(&Column, Vec<f64>) -> Result<T> + Sync + Send,
    ) -> Result<Vec<Dense<T>>>
    where
        T: Send,
    {
        let one = |block: &Block| {
            let Values::Dense(x) = block.values() else { return Err(block.refused_by(kind)) };
            refuse_infinite(kind, x, block.columns())?;
            let columns: Vec<usize> = (0..x.ncols()).collect();
            let learned = each(x.nrows(), &columns, |place| {
                context.check()?;
                learn(&block.columns()[*place], present(x.column(*place), sample))
            });
            Ok(Dense { columns: block.columns().clone(), learned: learned.into_iter().collect::<Result<_>>()? })
        };
        context.check()?;
        x.blocks().iter().map(one).collect()
    }

    /// Features whose blocks are what `convert` makes of those of `x`, by position; they must have the columns of the fit.
    pub(crate) fn apply(
        kind: &str,
        fitted: &[Dense<T>],
        x: Features,
        convert: impl Fn(usize, &Dense<T>, Array2<f64>) -> Result<Block>,
    ) -> Result<Features> {
        same_blocks(kind, fitted.len(), &x)?;
        map_blocks(x, |i, columns, values| {
            let Values::Dense(x) = values else { return Err(another_kind(kind, "numbers", &columns)) };
            same_columns(kind, &fitted[i].columns, &columns)?;
            let learned = fitted[i].learned.len();
            if learned != columns.len() {
                let reason = format!("what was learned of {learned} columns beside {} columns", columns.len());
                return Err(Error::State { kind: kind.into(), reason });
            }
            convert(i, &fitted[i], x)
        })
    }

    /// [`apply`](Dense::apply) of what changes each number by itself: `f` is given what was learned of the column, and
    /// the number. Missing values stay missing; infinite ones, and results that are, are refused.
    pub(crate) fn map(
        kind: &str,
        fitted: &[Dense<T>],
        x: Features,
        f: impl Fn(&T, f64) -> f64 + Sync,
    ) -> Result<Features>
    where
        T: Sync,
    {
        Dense::apply(kind, fitted, x, |_, fitted, mut x| {
            let infinite = any_row_mut(&mut x, |row| {
                let mut infinite = false;
                for (value, learned) in row.iter_mut().zip(&fitted.learned) {
                    if value.is_finite() {
                        *value = f(learned, *value);
                    }
                    infinite |= value.is_infinite();
                }
                infinite
            });
            if infinite {
                refuse_infinite(kind, &x, &fitted.columns)?;
            }
            Block::new(fitted.columns.clone(), Values::Dense(x))
        })
    }
}

/// The columns that come out of a block, which must be so many.
///
/// # Errors
/// [`Error::State`] naming `kind` when they are not: the file is damaged.
pub(crate) fn output_of<'a>(
    kind: &str,
    outputs: &'a [Arc<[Column]>],
    block: usize,
    width: usize,
) -> Result<&'a Arc<[Column]>> {
    outputs.get(block).filter(|columns| columns.len() == width).ok_or_else(|| {
        let found = outputs.get(block).map_or(0, |columns| columns.len());
        let reason = format!("{found} columns come out of block {} where {width} are made", block + 1);
        Error::State { kind: kind.into(), reason }
    })
}

/// What was learned of every column, in order.
pub(crate) fn all<T>(blocks: &[Dense<T>]) -> impl Iterator<Item = &T> {
    blocks.iter().flat_map(|block| &block.learned)
}

/// The values that are not missing.
fn present(column: ArrayView1<'_, f64>, sample: Option<&[usize]>) -> Vec<f64> {
    let there = |v: &f64| !v.is_nan();
    match sample {
        Some(rows) => rows.iter().map(|row| column[*row]).filter(there).collect(),
        None => {
            let mut values = Vec::with_capacity(column.len());
            values.extend(column.iter().copied().filter(there));
            values
        }
    }
}

/// The error of a column in which nothing is to be learned.
pub(crate) fn no_values(column: &Column, what: &str) -> Error {
    let reason = format!("every value is missing, so there are no {what} to learn: leave the column out, or impute it");
    Error::column(&column.name, reason)
}

/// # Errors
/// Naming the first number of a dense block that is missing.
pub(crate) fn refuse_missing(kind: &str, x: &Features) -> Result<()> {
    let advice = format!("a missing value, which `{kind}` does not take: put a simple-imputer before it");
    refuse_where(x, f64::is_nan, |_| advice.clone())
}

/// # Errors
/// Naming the first number of a dense block that is `wrong`, with the `reason` against it.
pub(crate) fn refuse_where(x: &Features, wrong: impl Fn(f64) -> bool, reason: impl Fn(f64) -> String) -> Result<()> {
    for block in x.blocks() {
        let Values::Dense(x) = block.values() else { continue };
        if let Some(((row, column), value)) = x.indexed_iter().find(|(_, v)| wrong(**v)) {
            return Err(Error::cell(&block.columns()[column].name, row, reason(*value)));
        }
    }
    Ok(())
}

/// # Errors
/// When one of the `numbers` that were learned of the column is not finite.
pub(crate) fn refuse_overflow(kind: &str, column: &Column, numbers: &[f64]) -> Result<()> {
    if numbers.iter().all(|v| v.is_finite()) {
        return Ok(());
    }
    let reason = format!("numbers too large for `{kind}`, whose differences overflow: divide the column first");
    Err(Error::column(&column.name, reason))
}
