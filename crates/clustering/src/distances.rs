//! The distances of all pairs of rows, each once.

use adflux_core::{Context, Error, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// What the distances of all pairs may take unless told otherwise: 2 GiB, enough for 23,170 rows.
pub(crate) const MAX_MEMORY: u64 = 1 << 31;

/// The distances of all pairs of rows, each once: SciPy's condensed matrix. Of row 0 to all after it, of row 1, and so on;
/// 4 · rows² bytes.
///
/// Made by [`gower_distances`](crate::gower_distances), or [of numbers](PairDistances::new) that come from elsewhere, and read by
/// [`Linkage::of_distances`](crate::Linkage::of_distances).
///
/// ```
/// use adflux_clustering::PairDistances;
/// let distances = PairDistances::new(vec![1.0, 5.0, 4.0])?;
/// assert_eq!((distances.rows(), distances.get(2, 0), distances.get(1, 1)), (3, Some(5.0), Some(0.0)));
/// assert_eq!(distances.to_array().row(1).to_vec(), [1.0, 0.0, 4.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "pdist")]
#[doc(alias = "squareform")]
pub struct PairDistances {
    rows: usize,
    values: Vec<f64>,
}

impl PairDistances {
    /// Distances in the order of SciPy's `pdist`; none are those of one row.
    ///
    /// # Errors
    /// When there are not n (n − 1) / 2 of them for some n, or one is negative or not finite.
    pub fn new(values: Vec<f64>) -> Result<Self> {
        let count = values.len();
        let rows = (1 + 8 * count as u128).isqrt().div_ceil(2) as usize;
        if pairs(rows) != count as u128 {
            return Err(Error::data(format!(
                "{count} distances are not those of all pairs: n rows have n (n − 1) / 2"
            )));
        }
        match values.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
            Some(at) => Err(Error::data(format!("distance {} is {}: must be a number from 0", at + 1, values[at]))),
            None => Ok(PairDistances { rows, values }),
        }
    }

    /// Computes the distances of `rows` rows on all threads of the pool it is called in. `between(a)` makes the function that is asked for
    /// the distances of row a to those after it.
    ///
    /// # Errors
    /// When they would take more than `max_memory` bytes, naming `what` needs them and what to do `instead`, or more than there is;
    /// when the work is cancelled.
    pub(crate) fn compute<F: FnMut(usize) -> f64>(
        rows: usize,
        max_memory: u64,
        (what, instead): (&str, &str),
        context: &Context,
        between: impl Fn(usize) -> F + Sync,
    ) -> Result<Self> {
        let bytes = bytes_of(rows);
        if bytes > u128::from(max_memory) {
            let reason = format!(
                "{what} keeps the distances of all pairs, which takes {} for {rows} rows: {instead}, cluster a sample of at most \
                 {} rows, or raise the limit",
                readable(bytes),
                most_rows(max_memory),
            );
            return Err(Error::parameter("max_memory", max_memory, reason));
        }
        let count = pairs(rows) as usize;
        let mut values = Vec::new();
        values.try_reserve_exact(count).map_err(Error::backend)?;
        values.resize(count, 0.0);
        let mut left = &mut values[..];
        let mut of_row = Vec::with_capacity(rows);
        for row in 0..rows {
            let (own, rest) = left.split_at_mut(rows - row - 1);
            of_row.push(own);
            left = rest;
        }
        of_row.into_par_iter().enumerate().try_for_each(|(row, distances)| {
            context.check()?;
            let mut between = between(row);
            (row + 1..).zip(distances).for_each(|(other, distance)| *distance = between(other));
            Ok::<(), Error>(())
        })?;
        Ok(PairDistances { rows, values })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// All distances, in SciPy's order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub(crate) fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// The distance of two rows; `None` where there is no such row.
    pub fn get(&self, a: usize, b: usize) -> Option<f64> {
        let (first, second) = (a.min(b), a.max(b));
        match second < self.rows {
            true if first == second => Some(0.0),
            true => Some(self.values[first * (2 * self.rows - first - 1) / 2 + second - first - 1]),
            false => None,
        }
    }

    /// The distances as a matrix, rows × rows, SciPy's `squareform`: 8 · rows² bytes more.
    pub fn to_array(&self) -> Array2<f64> {
        Array2::from_shape_fn((self.rows, self.rows), |(a, b)| self.get(a, b).unwrap_or_default())
    }
}

fn pairs(rows: usize) -> u128 {
    let rows = rows as u128;
    rows * rows.saturating_sub(1) / 2
}

/// What the distances of all pairs take.
fn bytes_of(rows: usize) -> u128 {
    pairs(rows) * 8
}

/// The most rows whose distances fit.
fn most_rows(max_memory: u64) -> usize {
    let mut rows = (max_memory as f64 / 4.0).sqrt() as usize + 2;
    while rows > 1 && bytes_of(rows) > u128::from(max_memory) {
        rows -= 1;
    }
    rows
}

fn readable(bytes: u128) -> String {
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_met_exactly() {
        for rows in [2, 3, 100, 23_170] {
            let bytes = bytes_of(rows) as u64;
            assert_eq!((most_rows(bytes), most_rows(bytes - 1)), (rows, rows - 1));
        }
    }

    #[test]
    fn only_the_distances_of_all_pairs_are_taken() {
        for (count, rows) in [(0, 1), (1, 2), (3, 3), (4950, 100)] {
            assert_eq!(PairDistances::new(vec![1.0; count]).unwrap().rows(), rows);
        }
        for count in [2, 4, 5, 4951] {
            assert!(PairDistances::new(vec![1.0; count]).unwrap_err().to_string().contains("n (n − 1) / 2"), "{count}");
        }
        for wrong in [f64::NAN, f64::INFINITY, -1.0] {
            let said = PairDistances::new(vec![1.0, wrong, 2.0]).unwrap_err().to_string();
            assert!(said.starts_with("distance 2 is"), "{said}");
        }
    }

    #[test]
    fn each_pair_has_its_place() {
        let apart = |a: usize| move |b: usize| (10 * a + b) as f64;
        let of = PairDistances::compute(5, u64::MAX, ("", ""), &Context::default(), apart).unwrap();
        for (a, b) in (0..5).flat_map(|a| (a + 1..5).map(move |b| (a, b))) {
            assert_eq!((of.get(a, b), of.get(b, a)), (Some((10 * a + b) as f64), Some((10 * a + b) as f64)));
        }
        assert_eq!((of.get(3, 3), of.get(1, 5), of.get(5, 5)), (Some(0.0), None, None));
    }
}
