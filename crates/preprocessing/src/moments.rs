//! Sums over the columns of a block, dense or sparse, without making it dense.

use crate::step::{self, ROWS};
use adflux_core::{Block, Error, Result, Values};
use rayon::prelude::*;

/// `size` sums over the numbers of `values`, made by `add(sums, row, column, value)`. Numbers that a sparse block does not
/// store are passed over. The sums of fixed blocks of rows are added in order, so that the number of threads changes nothing.
pub(crate) fn sums(values: &Values, size: usize, add: impl Fn(&mut [f64], usize, usize, f64) + Sync) -> Vec<f64> {
    match values {
        Values::Dense(x) => {
            let blocks: Vec<Vec<f64>> = (0..x.nrows().div_ceil(ROWS))
                .into_par_iter()
                .map(|block| {
                    let mut sums = vec![0.0; size];
                    for row in block * ROWS..((block + 1) * ROWS).min(x.nrows()) {
                        for (column, value) in x.row(row).iter().enumerate() {
                            add(&mut sums, row, column, *value);
                        }
                    }
                    sums
                })
                .collect();
            let mut total = vec![0.0; size];
            for block in blocks {
                total.iter_mut().zip(block).for_each(|(t, s)| *t += s);
            }
            total
        }
        // What is stored is little: a pass over it costs less than sums of each block of rows.
        Values::Sparse(x) => {
            let mut sums = vec![0.0; size];
            for (row, entries) in x.outer_iterator().enumerate() {
                for (column, value) in entries.iter() {
                    add(&mut sums, row, column, *value);
                }
            }
            sums
        }
        _ => vec![0.0; size],
    }
}

/// What is known of the columns of a block.
#[derive(Clone, Debug)]
pub(crate) struct Moments {
    /// How many values are not missing.
    pub(crate) count: Vec<f64>,
    /// Their mean.
    pub(crate) mean: Vec<f64>,
    /// The sum of the squares of their distances from the mean.
    pub(crate) squares: Vec<f64>,
}

impl Moments {
    /// The moments of the columns; NaN is passed over. Two passes, the second about the mean of the first.
    pub(crate) fn of(values: &Values, rows: usize, columns: usize) -> Self {
        let missing = sums(values, columns, |sums, _, c, v| sums[c] += f64::from(u8::from(v.is_nan())));
        let count: Vec<f64> = missing.iter().map(|m| rows as f64 - m).collect();
        let total = sums(values, columns, |sums, _, c, v| sums[c] += if v.is_nan() { 0.0 } else { v });
        let mean: Vec<f64> = total.iter().zip(&count).map(|(t, n)| if *n > 0.0 { t / n } else { 0.0 }).collect();
        let about = |v: f64, c: usize| if v.is_nan() { 0.0 } else { (v - mean[c]).powi(2) };
        let mut squares = sums(values, columns, |sums, _, c, v| sums[c] += about(v, c));
        for (c, zeros) in zeros(values, rows, columns).into_iter().enumerate() {
            squares[c] += zeros * mean[c] * mean[c];
        }
        Moments { count, mean, squares }
    }

    /// The variance of each column about its mean, of the population: divisor n. NaN for a column without values.
    pub(crate) fn variance(&self) -> impl Iterator<Item = f64> {
        self.squares.iter().zip(&self.count).map(|(s, n)| s / n)
    }
}

/// How many zeros of each column a sparse block does not store; none of a dense one.
pub(crate) fn zeros(values: &Values, rows: usize, columns: usize) -> Vec<f64> {
    if !matches!(values, Values::Sparse(_)) {
        return vec![0.0; columns];
    }
    sums(values, columns, |sums, _, c, _| sums[c] += 1.0).iter().map(|stored| rows as f64 - stored).collect()
}

/// The distance of the largest from the smallest value of each column, missing ones passed over: 0 when all are the same, and
/// when there is none.
pub(crate) fn extent(values: &Values, columns: usize) -> Vec<f64> {
    let none = (f64::INFINITY, f64::NEG_INFINITY);
    let mut ends = vec![none; columns];
    let mut widen = |c: usize, v: f64| ends[c] = (ends[c].0.min(v), ends[c].1.max(v));
    match values {
        Values::Dense(x) => {
            x.rows().into_iter().for_each(|row| row.iter().enumerate().for_each(|(c, v)| widen(c, *v)));
        }
        Values::Sparse(x) => {
            x.iter().for_each(|(v, (_, c))| widen(c, *v));
            let zeros = zeros(values, x.rows(), columns);
            zeros.iter().enumerate().filter(|(_, zeros)| **zeros > 0.0).for_each(|(c, _)| widen(c, 0.0));
        }
        _ => {}
    }
    ends.into_iter().map(|(low, high)| (high - low).max(0.0)).collect()
}

/// Refuses infinite numbers, naming the first.
pub(crate) fn refuse_infinite(step: &str, block: &Block) -> Result<()> {
    match block.values() {
        Values::Dense(x) => step::refuse_infinite(step, x, block.columns()),
        Values::Sparse(x) => match x.iter().find(|(v, _)| v.is_infinite()) {
            Some((value, (row, column))) => {
                let reason = format!("{value}, which `{step}` does not take: correct it, or leave it empty");
                Err(Error::cell(&block.columns()[column].name, row, reason))
            }
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Checks that a block holds numbers.
///
/// # Errors
/// Naming `step` and the first column of a block of categories or text.
pub(crate) fn require_numbers(step: &str, block: &Block) -> Result<()> {
    match block.values() {
        Values::Dense(_) | Values::Sparse(_) => Ok(()),
        _ => Err(block.refused_by(step)),
    }
}

/// The error of a column whose numbers are too large to be squared.
pub(crate) fn too_large(step: &str, column: &str) -> Error {
    Error::column(column, format!("numbers too large for `{step}`, whose squares overflow: divide the column first"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use sprs::CsMat;

    #[test]
    fn a_sparse_block_has_the_moments_of_its_dense_form() {
        let x = array![[0.0, 2.0, 0.0], [1.5, 0.0, 0.0], [0.0, -4.0, 0.0], [3.0, 1.0, 0.0]];
        let sparse = CsMat::csr_from_dense(x.view(), 0.0);
        let (dense, sparse) = (Moments::of(&Values::Dense(x), 4, 3), Moments::of(&Values::Sparse(sparse), 4, 3));
        for (a, b) in [(&dense.mean, &sparse.mean), (&dense.squares, &sparse.squares)] {
            assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-14), "{a:?} {b:?}");
        }
    }

    #[test]
    fn missing_values_are_passed_over() {
        let moments = Moments::of(&Values::Dense(array![[1.0, f64::NAN], [f64::NAN, f64::NAN], [3.0, f64::NAN]]), 3, 2);
        assert_eq!((moments.mean[0], moments.squares[0], moments.count[0]), (2.0, 2.0, 2.0));
        assert!(moments.variance().nth(1).is_some_and(f64::is_nan));
    }
}
