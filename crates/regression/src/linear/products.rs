//! Products of all pairs of columns, added up over rows.
//!
//! A panel of rows is read, moved, scaled by the roots of its weights, and multiplied with itself while it is in the cache: n·d²
//! multiplications and additions for n rows of d columns, half of each for only one triangle is made. A tile of sums stays in the
//! registers while the panel goes by.

use super::{design::Design, passes::plus};
use adflux_core::widest::{Kernel, multiply_add};
use std::ops::Range;

/// Columns of a tile; its rows are as many as the machine works on side by side.
const TILE: usize = 8;
/// Numbers of a panel: a quarter of a MiB.
const PANEL: usize = 1 << 15;

/// Adds the products of the rows of a design, of the columns beside it and of a column of ones to the lower triangle of `sums`.
pub(super) struct Products<'a> {
    pub(super) design: &'a Design<'a>,
    pub(super) beside: &'a [&'a [f64]],
    pub(super) weights: Option<&'a [f64]>,
    pub(super) rows: Range<usize>,
    pub(super) sums: &'a mut [f64],
}

impl Kernel for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let width = self.design.width();
        let size = width + self.beside.len() + 1;
        let stride = size.next_multiple_of(TILE);
        let most = (PANEL / stride).clamp(64, 512).min(self.rows.len());
        // A tile's row that starts where a line of the cache does is read in one go.
        let mut memory = vec![0.0; most * stride + TILE];
        let start = memory.as_ptr().align_offset(64).min(TILE);
        let panel = &mut memory[start..start + most * stride];
        for start in self.rows.clone().step_by(most) {
            let panel = &mut panel[..most.min(self.rows.end - start) * stride];
            for (row, to) in (start..).zip(panel.chunks_exact_mut(stride)) {
                let root = self.weights.map_or(1.0, |w| w[row].sqrt());
                self.design.read(row, root, &mut to[..width]);
                to[width..].iter_mut().zip(self.beside).for_each(|(to, column)| *to = column[row] * root);
                to[size - 1] = root;
            }
            for i in (0..size).step_by(ROWS) {
                for j in (0..i + ROWS).step_by(TILE) {
                    let sums = tile::<FUSED, ROWS>(panel, stride, i, j);
                    for (i, sums) in (i..size).zip(&sums) {
                        let end = size.min(j + TILE);
                        plus(&mut self.sums[i * size + j..i * size + end], &sums[..end - j]);
                    }
                }
            }
        }
    }
}

/// The products of the columns from `i` with those from `j`.
#[inline(always)]
fn tile<const FUSED: bool, const ROWS: usize>(panel: &[f64], stride: usize, i: usize, j: usize) -> [[f64; TILE]; ROWS] {
    let mut sums = [[0.0; TILE]; ROWS];
    for row in panel.chunks_exact(stride) {
        if let (Some(a), Some(b)) = (row[i..i + ROWS].first_chunk::<ROWS>(), row[j..j + TILE].first_chunk::<TILE>()) {
            for r in 0..ROWS {
                for c in 0..TILE {
                    sums[r][c] = multiply_add::<FUSED, f64>(a[r], b[c], sums[r][c]);
                }
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;
    use adflux_core::widest::run;
    use ndarray::Array2;

    #[test]
    fn every_pair_is_multiplied_once_whatever_the_width() {
        for width in [1, 5, 7, 8, 15, 17] {
            let x = Array2::from_shape_fn((700, width), |(i, j)| ((i * 7 + j * 13) % 11) as f64 - 4.0);
            let (center, scale) = (vec![1.0; width], vec![0.5; width]);
            let design = Design { table: Table::of(&x), center, scale };
            let y: Vec<f64> = (0..700).map(|i| (i % 5) as f64).collect();
            let weights: Vec<f64> = (0..700).map(|i| (i % 3) as f64).collect();
            let size = width + 2;
            let mut sums = vec![0.0; size * size];
            run(Products { design: &design, beside: &[&y], weights: Some(&weights), rows: 3..699, sums: &mut sums });
            let value = |row: usize, j: usize| match j {
                j if j < width => (x[[row, j]] - 1.0) * 0.5,
                j if j == width => y[row],
                _ => 1.0,
            };
            for i in 0..size {
                for j in 0..=i {
                    let wanted: f64 = (3..699).map(|row| weights[row] * value(row, i) * value(row, j)).sum();
                    let found = sums[i * size + j];
                    assert!((found - wanted).abs() < 1e-9 * wanted.abs().max(1.0), "{width}: {i} {j} {found} {wanted}");
                }
            }
        }
    }
}
