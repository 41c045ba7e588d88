//! Euclidean distances of many rows at once: what k-means and the silhouette spend their time on.
//!
//! ```
//! use adflux_evaluation::distance::Panels;
//! use ndarray::array;
//! let centers = Panels::new(array![[0.0, 0.0], [3.0, 4.0]].view());
//! let mut nearest = [0; 2];
//! centers.nearest(&[1.0, 1.0, 9.0, 9.0], &mut nearest);
//! assert_eq!(nearest, [0, 1]);
//! ```

use adflux_core::widest::{Kernel, multiply_add, rows_of, run};
use ndarray::ArrayView2;

/// Points that are compared side by side.
pub const LANES: usize = 8;

/// Points in panels of 8, column after column, so that a row is compared with 8 of them at a time.
#[derive(Clone, Debug)]
pub struct Panels {
    columns: usize,
    points: usize,
    /// `columns` groups of lanes for each panel.
    panels: Vec<[f64; LANES]>,
    /// Half of the squared norms, one group of lanes a panel; infinite in a lane without a point.
    half_norms: Vec<[f64; LANES]>,
}

impl Panels {
    /// Panels of `points` (points × columns), which must be finite.
    pub fn new(points: ArrayView2<f64>) -> Self {
        let (columns, count) = (points.ncols(), points.nrows().div_ceil(LANES));
        let mut panels = vec![[0.0; LANES]; columns * count];
        let mut half_norms = vec![[f64::INFINITY; LANES]; count];
        for (i, point) in points.rows().into_iter().enumerate() {
            let (panel, lane) = (i / LANES, i % LANES);
            half_norms[panel][lane] = 0.5 * point.iter().map(|v| v * v).sum::<f64>();
            point.iter().enumerate().for_each(|(column, v)| panels[panel * columns + column][lane] = *v);
        }
        Panels { columns, points: points.nrows(), panels, half_norms }
    }

    /// Writes the index of the nearest point to each row, the first of equals. `rows` holds the numbers of as many rows, one
    /// after the other, as `nearest` has places; rows beyond the shorter of the two are left alone.
    ///
    /// Compares ‖p‖²/2 − x·p, not differences, at one multiplication a number: rows and points should lie about the origin (take
    /// a mean off both), or digits are lost; and the squares of both should be numbers. Where no score is one, as where there are no
    /// points or no columns, a row is given 0.
    pub fn nearest(&self, rows: &[f64], nearest: &mut [u32]) {
        nearest.fill(0);
        if self.columns > 0 && !self.panels.is_empty() {
            let count = (rows.len() / self.columns).min(nearest.len());
            run(NearestKernel { panels: self, rows: &rows[..count * self.columns], nearest });
        }
    }

    /// Adds the distance of each row to all points to `sums`, one for each row; by differences, so exact for equal rows.
    pub(crate) fn add_distances(&self, rows: &[f64], sums: &mut [f64]) {
        if self.columns > 0 {
            run(SumKernel { panels: self, rows, sums });
        }
    }

    #[inline(always)]
    fn each(&self) -> impl Iterator<Item = (&[[f64; LANES]], &[f64; LANES])> {
        self.panels.chunks_exact(self.columns).zip(&self.half_norms)
    }
}

struct NearestKernel<'a> {
    panels: &'a Panels,
    rows: &'a [f64],
    nearest: &'a mut [u32],
}

impl Kernel for NearestKernel<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let NearestKernel { panels, rows, nearest } = self;
        let mut scores = vec![[0.0; LANES]; ROWS * panels.half_norms.len()];
        // Two closures would both need these: cells let them share.
        let nearest = std::cell::Cell::from_mut(nearest).as_slice_of_cells();
        let scores = std::cell::RefCell::new(&mut scores[..]);
        rows_of::<f64, ROWS>(
            rows,
            panels.columns,
            |first, x| nearest_of::<FUSED, ROWS>(panels, x, &mut scores.borrow_mut(), &nearest[first..]),
            |row, x| nearest_of::<FUSED, 1>(panels, x, &mut scores.borrow_mut(), &nearest[row..]),
        );
    }
}

/// Scores go through memory: with values kept for both steps at once, compilers give up on vectors.
#[inline(always)]
fn nearest_of<const FUSED: bool, const ROWS: usize>(
    panels: &Panels,
    x: [&[f64]; ROWS],
    scores: &mut [[f64; LANES]],
    nearest: &[std::cell::Cell<u32>],
) {
    let count = panels.half_norms.len();
    for (panel, (points, half_norms)) in panels.each().enumerate() {
        let of_rows = scores_of::<FUSED, ROWS>(points, half_norms, x);
        for (r, of_row) in of_rows.into_iter().enumerate() {
            scores[r * count + panel] = of_row;
        }
    }
    for (scores, nearest) in scores.chunks_exact(count).zip(&nearest[..ROWS]) {
        let mut least = [f64::INFINITY; LANES];
        for scores in scores {
            for lane in 0..LANES {
                least[lane] = if scores[lane] < least[lane] { scores[lane] } else { least[lane] };
            }
        }
        let least = least.into_iter().fold(f64::INFINITY, |a, b| if b < a { b } else { a });
        // Among the points only: a lane without one scores as much as a point that is no number.
        let place = scores.as_flattened()[..panels.points].iter().position(|score| *score == least);
        nearest.set(place.unwrap_or_default() as u32);
    }
}

/// The scores ‖p‖²/2 − x·p of some rows beside a panel of points, given column after column: the least is that of the nearest. To be
/// called in a [`Kernel`]; the bits are those by which [`Panels::nearest`] compares.
#[inline(always)]
pub fn scores_of<const FUSED: bool, const ROWS: usize>(
    points: &[[f64; LANES]],
    half_norms: &[f64; LANES],
    x: [&[f64]; ROWS],
) -> [[f64; LANES]; ROWS] {
    let x = x.map(|row| &row[..points.len()]);
    let mut scores = [[0.0; LANES]; ROWS];
    for (column, point) in points.iter().enumerate() {
        for r in 0..ROWS {
            for lane in 0..LANES {
                scores[r][lane] = multiply_add::<FUSED, f64>(x[r][column], point[lane], scores[r][lane]);
            }
        }
    }
    for scores in &mut scores {
        for lane in 0..LANES {
            scores[lane] = half_norms[lane] - scores[lane];
        }
    }
    scores
}

struct SumKernel<'a> {
    panels: &'a Panels,
    rows: &'a [f64],
    sums: &'a mut [f64],
}

impl Kernel for SumKernel<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let SumKernel { panels, rows, sums } = self;
        let sums = std::cell::Cell::from_mut(sums).as_slice_of_cells();
        rows_of::<f64, ROWS>(
            rows,
            panels.columns,
            |first, x| {
                let more = distances_of::<FUSED, ROWS>(panels, x);
                more.iter().zip(&sums[first..]).for_each(|(more, sum)| sum.set(sum.get() + more));
            },
            |row, x| sums[row].set(sums[row].get() + distances_of::<FUSED, 1>(panels, x)[0]),
        );
    }
}

#[inline(always)]
fn distances_of<const FUSED: bool, const ROWS: usize>(panels: &Panels, x: [&[f64]; ROWS]) -> [f64; ROWS] {
    let mut sums = [[0.0; LANES]; ROWS];
    for (points, half_norms) in panels.each() {
        let x = x.map(|row| &row[..points.len()]);
        let mut squared = [[0.0; LANES]; ROWS];
        for (column, point) in points.iter().enumerate() {
            for r in 0..ROWS {
                for lane in 0..LANES {
                    let difference = x[r][column] - point[lane];
                    squared[r][lane] = multiply_add::<FUSED, f64>(difference, difference, squared[r][lane]);
                }
            }
        }
        for r in 0..ROWS {
            for lane in 0..LANES {
                let there = half_norms[lane] < f64::INFINITY;
                sums[r][lane] += if there { squared[r][lane].sqrt() } else { 0.0 };
            }
        }
    }
    sums.map(|s| ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn numbers(rows: usize, columns: usize, salt: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, columns), |(r, c)| ((r * 37 + c * 101 + salt * 13) % 59) as f64 / 8.0 - 3.0)
    }

    fn distance(a: ndarray::ArrayView1<f64>, b: ndarray::ArrayView1<f64>) -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn every_shape_agrees_with_the_definition() {
        for (rows, columns, points) in [(1, 1, 1), (3, 2, 7), (9, 5, 8), (17, 3, 9), (30, 12, 25)] {
            let (x, p) = (numbers(rows, columns, 1), numbers(points, columns, 2));
            let panels = Panels::new(p.view());
            let (mut nearest, mut sums) = (vec![9; rows], vec![1.0; rows]);
            panels.nearest(x.as_slice().unwrap(), &mut nearest);
            panels.add_distances(x.as_slice().unwrap(), &mut sums);
            for (row, x) in x.rows().into_iter().enumerate() {
                let all: Vec<f64> = p.rows().into_iter().map(|p| distance(x, p)).collect();
                let least = all.iter().copied().fold(f64::INFINITY, f64::min);
                assert!(all[nearest[row] as usize] - least < 1e-12, "{rows} {columns} {points}");
                assert!((sums[row] - 1.0 - all.iter().sum::<f64>()).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn the_first_of_equals_is_nearest_across_panels() {
        let mut points = numbers(20, 1, 0);
        points.fill(50.0);
        [5, 9, 17].into_iter().for_each(|same| points[[same, 0]] = 2.0);
        let mut nearest = [0; 9];
        Panels::new(points.view()).nearest(&[2.0; 9], &mut nearest);
        assert_eq!(nearest, [5; 9]);
    }

    #[test]
    fn where_no_score_is_a_number_the_first_point_is_named() {
        for bad in [f64::NAN, f64::INFINITY, f64::MAX] {
            for count in 1..20 {
                let mut nearest = [7; 9];
                let points = Array2::from_elem((count, 1), bad);
                Panels::new(points.view()).nearest(&[bad; 9], &mut nearest);
                assert_eq!(nearest, [0; 9], "{bad} {count}");
            }
        }
    }

    #[test]
    fn instruction_sets_agree_to_rounding() {
        let (x, p) = (numbers(21, 6, 3), numbers(11, 6, 4));
        let panels = Panels::new(p.view());
        let with = |kernel: &dyn Fn(SumKernel)| {
            let mut sums = vec![0.0; 21];
            kernel(SumKernel { panels: &panels, rows: x.as_slice().unwrap(), sums: &mut sums });
            sums
        };
        let (widest, plain) = (with(&|kernel| run(kernel)), with(&|kernel| kernel.run::<false, 2>()));
        let (four, eight) = (with(&|kernel| kernel.run::<true, 4>()), with(&|kernel| kernel.run::<true, 8>()));
        assert_eq!(four, eight, "the width does not matter");
        assert!(widest == four || widest == plain);
        assert!(plain.iter().zip(&four).all(|(a, b)| (a - b).abs() < 1e-10));
    }
}
