//! The rows that count.

use crate::{
    labels::NONE,
    scale::{exponent_of, largest, times},
};
use adflux_core::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayView2, Axis, CowArray, Ix2};

/// The exponent of how much smaller than the largest a weight may be: products with squares of numbers about 1 are still numbers.
const LEAST: i32 = -600;

/// The rows of weight above 0, and their weights brought to about 1 by a power of two. All others are left out before anything is
/// computed, so that they can have no influence.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    /// All rows.
    rows: usize,
    /// The places of those that count, ascending; none when all do.
    places: Option<Vec<usize>>,
    weights: Option<Array1<f64>>,
    exponent: i32,
}

impl Counted {
    /// Of so many rows with checked weights.
    ///
    /// # Errors
    /// When the weights are too large to be added, or too far apart to be compared.
    pub(crate) fn new(rows: usize, weights: Option<ArrayView1<f64>>) -> Result<Self> {
        let Some(weights) = weights else {
            return Ok(Counted { rows, places: None, weights: None, exponent: 0 });
        };
        if !weights.sum().is_finite() {
            return Err(Error::column("weights", "they are too large to be added: divide them by their mean"));
        }
        let exponent = exponent_of(largest(weights));
        let counts = |row: &usize| weights[*row] > 0.0;
        let places: Option<Vec<usize>> =
            (!(0..rows).all(|row| counts(&row))).then(|| (0..rows).filter(counts).collect());
        let weights = places.as_ref().map_or_else(|| weights.to_owned(), |places| weights.select(Axis(0), places));
        let weights = weights.mapv_into(|weight| times(weight, -exponent));
        if weights.iter().any(|weight| *weight < times(1.0, LEAST)) {
            let reason = "the largest is more than 1e180 times the least above 0: give 0 to rows that do not count";
            return Err(Error::column("weights", reason));
        }
        Ok(Counted { rows, places, weights: Some(weights), exponent })
    }

    /// All rows, those of weight 0 too.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// How many count.
    pub(crate) fn len(&self) -> usize {
        self.places.as_ref().map_or(self.rows, Vec::len)
    }

    /// Of all rows, those that count.
    pub(crate) fn of<'a>(&self, x: ArrayView2<'a, f64>) -> CowArray<'a, f64, Ix2> {
        self.places.as_ref().map_or_else(|| x.into(), |places| x.select(Axis(0), places).into())
    }

    /// Their places among all rows; none when all count.
    pub(crate) fn places(&self) -> Option<&[usize]> {
        self.places.as_deref()
    }

    /// Their weights, divided by 2^[`exponent`](Self::exponent).
    pub(crate) fn weights(&self) -> Option<ArrayView1<'_, f64>> {
        self.weights.as_ref().map(|weights| weights.view())
    }

    /// The same of one of them; 1 without weights.
    pub(crate) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    pub(crate) fn exponent(&self) -> i32 {
        self.exponent
    }

    /// The segments of all rows, of those that count: the others are in none.
    pub(crate) fn to_all(&self, segments: Vec<u32>) -> Vec<u32> {
        let Some(places) = &self.places else { return segments };
        let mut all = vec![NONE; self.rows];
        places.iter().zip(segments).for_each(|(place, segment)| all[*place] = segment);
        all
    }
}
