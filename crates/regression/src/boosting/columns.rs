//! Columns that are split by, copied out of their panels.
//!
//! A split reads one byte a row. Where the codes of a row lie side by side that is a cache line a row, and in a table that no
//! cache holds the lines of all rows come from memory for each node. The copies are made when first asked for, of so many columns
//! at most that they take a few bytes a row.

use crate::tree::binning::{Binned, Codes};
use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

/// The most columns that are copied.
const MOST_COPIES: usize = 16;
/// Bytes of a panel from which on its columns are copied: no second cache holds it.
const WORTH_COPYING: usize = 1 << 20;

/// The copies.
#[derive(Debug)]
pub(super) struct Columns {
    copies: Vec<OnceLock<Vec<u8>>>,
    made: AtomicUsize,
}

impl Columns {
    pub(super) fn new(width: usize) -> Self {
        Columns { copies: (0..width).map(|_| OnceLock::new()).collect(), made: AtomicUsize::new(0) }
    }

    /// The codes of a column, wherever they can be read fastest.
    pub(super) fn codes<'a>(&'a self, data: &'a Binned, column: usize) -> Codes<'a> {
        let codes = data.codes(column);
        let copy = &self.copies[column];
        if let Some(copy) = copy.get() {
            return Codes::of(copy);
        }
        // Which columns come first may depend on threads; what their codes are does not.
        if codes.bytes() < WORTH_COPYING || self.made.fetch_add(1, Ordering::Relaxed) >= MOST_COPIES {
            return codes;
        }
        Codes::of(copy.get_or_init(|| codes.copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;
    use adflux_core::{Context, Features};
    use ndarray::Array2;

    #[test]
    fn copies_hold_the_codes_of_their_columns() {
        for (rows, copied) in [(60_000, MOST_COPIES), (1000, 0)] {
            let x = Array2::from_shape_fn((rows, 20), |(row, column)| (row * (column + 7919) % 250) as f64);
            let features = Features::from_dense(x, (0..20).map(|i| format!("x{i}"))).unwrap();
            let data = Binned::new(&Table::new(&features, "test").unwrap(), &[], 255, &Context::default()).unwrap();
            let columns = Columns::new(20);
            for column in (0..20).chain(0..20) {
                let (codes, own) = (columns.codes(&data, column), data.codes(column));
                assert!((0..rows as u32).step_by(7).all(|row| codes.at(row) == own.at(row)));
            }
            assert_eq!(columns.copies.iter().filter(|copy| copy.get().is_some()).count(), copied);
        }
    }
}
