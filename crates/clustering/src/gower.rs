//! Gower's distance between rows of numbers and categories.

use crate::mixed::Shape;
use adflux_core::{Error, Features, Result, Values};
use ndarray::Array2;
use rayon::prelude::*;

const KIND: &str = "gower";

/// The Gower distances of all pairs of rows (rows × rows), 0 to 1: the mean over the columns of |a − b| / range for numbers, and of
/// 0 for equal and 1 for different categories (Gower, *A general coefficient of similarity and some of its properties*, 1971).
///
/// Takes dense and categorical blocks. Ranges are those of `x`; a column that does not vary counts as equal. A column where one of two
/// rows has no value (NaN, a missing category) is left out of their mean, and two rows without a column in common are 1 apart. The
/// Python package gower works in 32 bits and takes no missing values; where there are none, both agree.
///
/// O(rows² · columns) time, on all threads; 8 · rows² bytes: some thousands of rows.
///
/// ```
/// use adflux_clustering::gower_distances;
/// use adflux_core::{Block, Categories, Column, Features, Values};
/// use ndarray::array;
/// let years = Block::new(vec![Column::input("years")], Values::Dense(array![[0.0], [5.0], [10.0]]))?;
/// let city = Categories { codes: vec![0, 0, 1], levels: ["Lugo", "Vigo"].map(String::from).into() };
/// let city = Block::new(vec![Column::input("city")], Values::Category(city))?;
/// let distances = gower_distances(&Features::new(3, vec![years, city])?)?;
/// assert_eq!(distances.row(0).to_vec(), [0.0, 0.25, 1.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there are no columns; when a block is neither dense nor categorical; when a number is infinite, naming column and row.
pub fn gower_distances(x: &Features) -> Result<Array2<f64>> {
    Shape::of(x, KIND)?;
    let rows = x.rows();
    // Numbers over their ranges, column after column in a row; NaN is missing.
    let mut numbers: Vec<Vec<f64>> = Vec::new();
    let mut codes: Vec<Vec<u32>> = Vec::new();
    for block in x.blocks() {
        match block.values() {
            Values::Dense(values) => {
                for (column, values) in block.columns().iter().zip(values.columns()) {
                    if let Some(row) = values.iter().position(|v| v.is_infinite()) {
                        return Err(Error::cell(
                            &column.name,
                            row,
                            "an infinite value, which has no distance: correct it",
                        ));
                    }
                    let known = values.iter().filter(|v| !v.is_nan());
                    let (least, most) =
                        known.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (v.min(a), v.max(b)));
                    // Halves, so that the range of the largest numbers is finite too.
                    let half = most / 2.0 - least / 2.0;
                    let scaled = |v: &f64| if half > 0.0 { (v / 2.0 - least / 2.0) / half } else { v * 0.0 };
                    numbers.push(values.iter().map(scaled).collect());
                }
            }
            Values::Category(values) => {
                let levels = values.levels.len() as u32;
                codes.push(values.codes.iter().map(|code| (*code).min(levels)).collect());
            }
            _ => return Err(block.refused_by(KIND)),
        }
    }
    let levels: Vec<u32> = x
        .blocks()
        .iter()
        .filter_map(|block| if let Values::Category(c) = block.values() { Some(c.levels.len() as u32) } else { None })
        .collect();
    let pair = |a: usize, b: usize| {
        let (mut sum, mut count) = (0.0, 0_u32);
        for column in &numbers {
            let apart = (column[a] - column[b]).abs();
            if !apart.is_nan() {
                sum += apart;
                count += 1;
            }
        }
        for (column, &missing) in codes.iter().zip(&levels) {
            if column[a] != missing && column[b] != missing {
                sum += f64::from(u8::from(column[a] != column[b]));
                count += 1;
            }
        }
        if count == 0 { 1.0 } else { sum / f64::from(count) }
    };
    let mut distances = Array2::zeros((rows, rows));
    let by_row = |(a, row): (usize, &mut [f64])| {
        row.iter_mut().enumerate().filter(|(b, _)| *b != a).for_each(|(b, distance)| *distance = pair(a, b));
    };
    distances.as_slice_mut().unwrap_or_default().par_chunks_mut(rows.max(1)).enumerate().for_each(by_row);
    Ok(distances)
}
