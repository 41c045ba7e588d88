//! The rows that mini-batches are drawn from.

use super::{check_rows, data::check_distance, mini_batch::KIND};
use crate::{
    counted::Counted,
    scale::{factor_exponent, largest, power, times},
};
use adflux_core::{Error, Features, Result, Training, random::Rng};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, CowArray, Ix2};
use rand::RngExt as _;

/// The rows of a chunk that count.
pub(super) struct Chunk<'a> {
    pub(super) features: &'a Features,
    pub(super) x: CowArray<'a, f64, Ix2>,
    pub(super) counted: Counted,
}

impl<'a> Chunk<'a> {
    /// # Errors
    /// When the chunk is not one dense block of finite numbers whose squares can be added, or its weights are none.
    pub(super) fn of(chunk: &'a Training<Features>) -> Result<Self> {
        chunk.validate()?;
        chunk.x.require_finite(KIND)?;
        let x = chunk.x.dense(KIND)?.view();
        let counted = Counted::new(x.nrows(), chunk.weights.as_ref().map(|w| w.view()))?;
        let x = counted.of(x);
        let squares = x.iter().map(|v| v * v).sum::<f64>();
        if !times(squares, counted.exponent().max(0)).is_finite() {
            let reason = "numbers too large to be squared: put a standard-scaler before it";
            return Err(Error::data(format!("`{KIND}`: {reason}")));
        }
        Ok(Chunk { features: &chunk.x, x, counted })
    }
}

/// The rows that count, seen divided by the power of two that brings the largest number to about 1.
pub(super) struct Rows<'a> {
    pub(super) x: ArrayView2<'a, f64>,
    pub(super) counted: &'a Counted,
    pub(super) exponent: i32,
}

/// Some of them, divided.
pub(super) struct Sample {
    pub(super) x: Array2<f64>,
    weights: Option<Array1<f64>>,
}

impl Sample {
    pub(super) fn weights(&self) -> Option<ArrayView1<'_, f64>> {
        self.weights.as_ref().map(|w| w.view())
    }
}

impl<'a> Rows<'a> {
    /// # Errors
    /// When there are no columns, too many rows, or fewer distinct ones than `n_clusters`.
    pub(super) fn new(chunk: &'a Chunk, n_clusters: usize) -> Result<Self> {
        let x = chunk.x.view();
        check_rows(KIND, n_clusters, x)?;
        Ok(Rows { x, counted: &chunk.counted, exponent: factor_exponent(largest(x)) })
    }

    pub(super) fn len(&self) -> usize {
        self.x.nrows()
    }

    /// Centres given in the unit of the columns.
    pub(super) fn placed(&self, centers: &Array2<f64>) -> Result<Array2<f64>> {
        let placed = centers * power(-self.exponent);
        check_distance(&placed)?;
        Ok(placed)
    }

    /// Centres in the unit of the columns.
    pub(super) fn original(&self, centers: &Array2<f64>) -> Array2<f64> {
        centers * power(self.exponent)
    }

    /// So many rows with their weights, drawn with replacement.
    pub(super) fn draw(&self, count: usize, rng: &mut Rng) -> Sample {
        let rows: Vec<usize> = (0..count).map(|_| rng.random_range(0..self.len())).collect();
        let scale = power(-self.exponent);
        Sample {
            x: self.x.select(Axis(0), &rows).mapv_into(|v| v * scale),
            weights: self.counted.weights().map(|w| w.select(Axis(0), &rows)),
        }
    }

    pub(super) fn all(&self) -> Sample {
        Sample { x: &self.x * power(-self.exponent), weights: self.counted.weights().map(|w| w.to_owned()) }
    }
}
