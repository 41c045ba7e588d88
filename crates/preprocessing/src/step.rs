//! What the steps from features to features have in common.

use adflux_core::{Block, Column, Context, Error, Features, Result, Training, Values};
use ndarray::{Array1, Array2};
use rayon::prelude::*;
use std::sync::Arc;

/// A recipe that learns by looking. [`step!`](crate::step::step) makes a registered step of it, whose `fit_transform`
/// hands the training features on to the fitted step instead of copying them.
pub(crate) trait Learn {
    type Fitted;
    /// Learns from training data that has been validated: it has rows, and weights and target (if any) that can be used.
    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<Self::Fitted>;
}

macro_rules! step {
    ($recipe:ty => $fitted:ty, $kind:literal, version = $version:literal) => {
        adflux_core::component!($fitted, $kind, version = $version);
        crate::step::step!($recipe => $fitted, $kind);
    };
    // For a fitted form that reads the states of earlier versions itself.
    ($recipe:ty => $fitted:ty, $kind:literal) => {
        adflux_core::recipe!($recipe, $kind);

        impl adflux_core::Fit<adflux_core::Training<adflux_core::Features>> for $recipe {
            type Fitted = $fitted;
            fn fit_with(
                &self,
                data: adflux_core::Training<adflux_core::Features>,
                context: &adflux_core::Context,
            ) -> adflux_core::Result<$fitted> {
                data.validate()?;
                context.run(|| crate::step::Learn::learn(self, &data, context))
            }
        }

        impl adflux_core::FitTransform<adflux_core::Features> for $recipe {
            fn fit_transform(
                &self,
                data: adflux_core::Training<adflux_core::Features>,
                context: &adflux_core::Context,
            ) -> adflux_core::Result<($fitted, adflux_core::Features)> {
                data.validate()?;
                context.run(|| {
                    let fitted = crate::step::Learn::learn(self, &data, context)?;
                    let output = adflux_core::Transform::transform(&fitted, data.x)?;
                    Ok((fitted, output))
                })
            }
        }
    };
}
pub(crate) use step;

/// Checks that a fitted step is given as many blocks as it was fitted on.
pub(crate) fn same_blocks(step: &str, fitted: usize, x: &Features) -> Result<()> {
    if fitted == x.blocks().len() {
        return Ok(());
    }
    Err(Error::data(format!("`{step}` was fitted on {fitted} blocks of features and is given {}", x.blocks().len())))
}

/// Checks that a fitted step is given the columns it was fitted on, in the same order.
pub(crate) fn same_columns(step: &str, fitted: &Arc<[Column]>, found: &Arc<[Column]>) -> Result<()> {
    // Columns of one column transformer are the same allocation at fit and at prediction.
    if Arc::ptr_eq(fitted, found) {
        return Ok(());
    }
    adflux_core::features::same_columns(step, fitted, found.iter())
}

/// The error of a step that was fitted on another kind of block in this place.
pub(crate) fn another_kind(step: &str, fitted: &'static str, columns: &[Column]) -> Error {
    let name = columns.first().map_or("", |c| c.name.as_str());
    Error::column(name, format!("`{step}` was fitted on {fitted} here, and is given another kind of block"))
}

/// Rows that are worked on together. Fixed, so that sums do not depend on the number of threads.
pub(crate) const ROWS: usize = 8192;

/// What `work` makes of each item, in order; in parallel when the data has many rows, because waking a thread takes longer
/// than transforming a few.
pub(crate) fn each<T: Sync, R: Send>(rows: usize, items: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    if rows <= ROWS { items.iter().map(work).collect() } else { items.par_iter().map(work).collect() }
}

/// Calls `work` with every row of `x`, in parallel when there are many; says whether it returned `true` for any.
pub(crate) fn any_row_mut(x: &mut Array2<f64>, work: impl Fn(&mut [f64]) -> bool + Sync) -> bool {
    let width = x.ncols();
    if width == 0 {
        return false;
    }
    if !x.is_standard_layout() {
        *x = x.as_standard_layout().into_owned();
    }
    let Some(values) = x.as_slice_mut() else { return false };
    let rows = |chunk: &mut [f64]| chunk.chunks_exact_mut(width).fold(false, |any, row| work(row) | any);
    if values.len() <= ROWS * width {
        return rows(values);
    }
    values.par_chunks_mut(ROWS * width).map(rows).reduce(|| false, |a, b| a | b)
}

/// Adds up, column by column, what `add` makes of each value (and the weight of its row). The sums of fixed blocks of
/// rows are added in order.
pub(crate) fn column_sums(
    x: &Array2<f64>,
    weights: Option<&Array1<f64>>,
    add: impl Fn(usize, f64, f64) -> f64 + Sync,
) -> Vec<f64> {
    let blocks: Vec<Vec<f64>> = (0..x.nrows().div_ceil(ROWS))
        .into_par_iter()
        .map(|block| {
            let mut sums = vec![0.0; x.ncols()];
            for row in block * ROWS..((block + 1) * ROWS).min(x.nrows()) {
                let weight = weights.map_or(1.0, |w| w[row]);
                for (column, (sum, value)) in sums.iter_mut().zip(x.row(row)).enumerate() {
                    *sum += add(column, *value, weight);
                }
            }
            sums
        })
        .collect();
    let mut total = vec![0.0; x.ncols()];
    for sums in blocks {
        total.iter_mut().zip(sums).for_each(|(t, s)| *t += s);
    }
    total
}

/// Refuses infinite numbers, naming the first.
pub(crate) fn refuse_infinite(step: &str, x: &Array2<f64>, columns: &[Column]) -> Result<()> {
    match x.indexed_iter().find(|(_, v)| v.is_infinite()) {
        Some(((row, column), value)) => {
            let reason = format!("{value}, which `{step}` does not take: correct it, or leave it empty");
            Err(Error::cell(&columns[column].name, row, reason))
        }
        None => Ok(()),
    }
}

/// Features whose blocks are what `convert` makes of the blocks of `x`, by position, columns and values.
pub(crate) fn map_blocks(
    x: Features,
    mut convert: impl FnMut(usize, Arc<[Column]>, Values) -> Result<Block>,
) -> Result<Features> {
    let rows = x.rows();
    let blocks = x.into_blocks().into_iter().enumerate().map(|(i, block)| {
        let (columns, values) = block.into_parts();
        convert(i, columns, values)
    });
    Features::trusted(rows, blocks.collect::<Result<_>>()?)
}
