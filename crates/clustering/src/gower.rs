//! Gower's distance between rows of numbers and categories.

use crate::{
    distances::{MAX_MEMORY, PairDistances},
    mixed::Shape,
};
use adflux_core::{Context, Error, Features, Result, Values};
use ndarray::ArrayView1;

const KIND: &str = "gower";

/// The Gower distances of all pairs of rows, 0 to 1: the mean over the columns of |a − b| / range for numbers, and of
/// 0 for equal and 1 for different categories (Gower, *A general coefficient of similarity and some of its properties*, 1971).
///
/// Takes dense and categorical blocks. Ranges are those of `x`; a column that does not vary counts as equal. A column where one of two
/// rows has no value (NaN, a missing category) is left out of their mean, as Gower does, and two rows without a column in common are 1
/// apart. (The medoid of a described segment counts a missing value as one more level instead: a mean over as many columns for every
/// pair is what lets it be found without all pairs.) The Python package gower works in 32 bits and takes no missing values; where there
/// are none, both agree.
///
/// O(rows² · columns) time, on all threads; 4 · rows² bytes, of which up to 2 GiB are taken: 23,170 rows.
/// [`gower_distances_with`] has other limits.
///
/// From the distances to segments, with categories as they are:
///
/// ```
/// use adflux_clustering::{Linkage, LinkageMethod, gower_distances};
/// use adflux_core::{Block, Categories, Column, Features, Values};
/// use ndarray::array;
/// let years = Block::new(vec![Column::input("years")], Values::Dense(array![[0.0], [5.0], [10.0], [9.0]]))?;
/// let city = Categories { codes: vec![0, 0, 1, 1], levels: ["Lugo", "Vigo"].map(String::from).into() };
/// let city = Block::new(vec![Column::input("city")], Values::Category(city))?;
/// let distances = gower_distances(&Features::new(4, vec![years, city])?)?;
/// assert_eq!(distances.get(0, 1), Some(0.25)); // Half the range and the same city.
/// let tree = Linkage::of_distances(distances, LinkageMethod::Average)?;
/// assert_eq!(tree.cut(2)?, [0, 0, 1, 1]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there are no columns; when a block is neither dense nor categorical; when a number is infinite, naming column and row; when the
/// distances would take too much memory, telling how much.
pub fn gower_distances(x: &Features) -> Result<PairDistances> {
    gower_distances_with(x, MAX_MEMORY, &Context::default())
}

/// [`gower_distances`] of at most `max_memory` bytes, with cancellation and threads.
///
/// # Errors
/// As [`gower_distances`], and when the work is cancelled.
pub fn gower_distances_with(x: &Features, max_memory: u64, context: &Context) -> Result<PairDistances> {
    Shape::of(x, KIND)?;
    // Numbers over their ranges, column after column; NaN is missing.
    let mut numbers: Vec<Vec<f64>> = Vec::new();
    // Codes, and that of missing values.
    let mut categories: Vec<(Vec<u32>, u32)> = Vec::new();
    for block in x.blocks() {
        match block.values() {
            Values::Dense(values) => {
                for (column, values) in block.columns().iter().zip(values.columns()) {
                    numbers.push(over_range(&column.name, values)?);
                }
            }
            Values::Category(values) => {
                let missing = values.levels.len() as u32;
                categories.push((values.codes.iter().map(|code| (*code).min(missing)).collect(), missing));
            }
            _ => return Err(block.refused_by(KIND)),
        }
    }
    let pair = |a: usize, b: usize| {
        let (mut sum, mut count) = (0.0, 0_u32);
        for column in &numbers {
            let apart = (column[a] - column[b]).abs();
            if !apart.is_nan() {
                sum += apart;
                count += 1;
            }
        }
        for (column, missing) in &categories {
            if column[a] != *missing && column[b] != *missing {
                sum += f64::from(u8::from(column[a] != column[b]));
                count += 1;
            }
        }
        if count == 0 { 1.0 } else { sum / f64::from(count) }
    };
    let pair = &pair;
    let of_row = |a: usize| move |b: usize| pair(a, b);
    let what = ("Gower's distance", "use k-prototypes, which does without");
    context.run(|| PairDistances::compute(x.rows(), max_memory, what, context, of_row))
}

/// A column from 0 to 1 over its range.
fn over_range(name: &str, values: ArrayView1<f64>) -> Result<Vec<f64>> {
    if let Some(row) = values.iter().position(|v| v.is_infinite()) {
        return Err(Error::cell(name, row, "an infinite value, which has no distance: correct it"));
    }
    let known = values.iter().filter(|v| !v.is_nan());
    let (least, most) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (v.min(a), v.max(b)));
    // Halves, so that the range of the largest numbers is finite too.
    let half = most / 2.0 - least / 2.0;
    Ok(values.iter().map(|v| if half > 0.0 { (v / 2.0 - least / 2.0) / half } else { v * 0.0 }).collect())
}
