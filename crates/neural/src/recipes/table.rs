//! [`Reader`]: a table of features as the inputs of a network.

use crate::{Concatenate, Embedding, Flatten, Network, Samples, Symbol, samples::Column as Numbers};
use adflux_core::{Categories, Column, Error, Features, Result, Values};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};

/// Numbers in memory at most, of a table that is read: 8 GiB of f32.
const MOST_CELLS: usize = 1 << 31;

/// What one block of the table was in the fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Part {
    /// Columns of numbers, dense or sparse.
    Numbers(usize),
    /// A column of these levels. Code 0 is any other, and a missing one.
    Levels(Arc<[String]>),
}

/// How the table of a fit is read, and every table after it: numbers by their mean and standard deviation in the fit, categories by the
/// levels of the fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reader {
    columns: Vec<Column>,
    parts: Vec<Part>,
    #[serde(with = "adflux_core::arrays")]
    mean: ndarray::Array1<f64>,
    #[serde(with = "adflux_core::arrays")]
    scale: ndarray::Array1<f64>,
}

impl Reader {
    /// Learns from `x`, which has no missing numbers and whose rows count by `weights`.
    pub(super) fn learn(x: &Features, weights: Option<&[f64]>, step: &str) -> Result<Self> {
        let mut parts = Vec::with_capacity(x.blocks().len());
        let (mut mean, mut scale) = (Vec::new(), Vec::new());
        for block in x.blocks() {
            match block.values() {
                Values::Category(column) => parts.push(Part::Levels(column.levels.clone())),
                Values::Dense(numbers) => {
                    for column in numbers.columns() {
                        let (m, s) = moments(column.iter().copied(), weights);
                        mean.push(m);
                        scale.push(s);
                    }
                    parts.push(Part::Numbers(numbers.ncols()));
                }
                Values::Sparse(numbers) => {
                    // Zeros stay zeros: by the root of the mean square.
                    let of_all = weights.map_or(numbers.rows() as f64, |w| w.iter().sum());
                    let largest = largest_of_columns(numbers);
                    let mut squares = vec![0.0; numbers.cols()];
                    for (value, (row, column)) in numbers.iter() {
                        let share = value / largest[column];
                        squares[column] += weights.map_or(1.0, |w| w[row]) * share * share;
                    }
                    for (sum, unit) in squares.iter().zip(&largest) {
                        mean.push(0.0);
                        scale.push(usable((sum / of_all).sqrt() * unit));
                    }
                    parts.push(Part::Numbers(numbers.cols()));
                }
                _ => return Err(block.refused_by(step)),
            }
        }
        if x.width() == 0 {
            return Err(Error::data(format!("`{step}` was given no features: choose at least one column")));
        }
        let columns = x.columns().cloned().collect();
        Ok(Reader { columns, parts, mean: mean.into(), scale: scale.into() })
    }

    /// What a network is fed by, and all of it side by side. A column of levels is a learned vector.
    pub(super) fn symbols(&self) -> (Vec<Symbol>, Symbol) {
        let (mut inputs, mut sides) = (Vec::new(), Vec::new());
        let numbers = self.mean.len();
        if numbers > 0 {
            let input = Symbol::input("numbers", [numbers]);
            inputs.push(input.clone());
            sides.push(input);
        }
        for (place, part) in self.parts.iter().enumerate() {
            if let Part::Levels(levels) = part {
                let input = Symbol::input(&format!("levels_{place}"), [1]);
                sides.push(input.apply(Embedding::new(levels.len() + 1, embedding_width(levels.len()))).apply(Flatten));
                inputs.push(input);
            }
        }
        let all = match &sides[..] {
            [one] => one.clone(),
            several => Symbol::merge(&several.iter().collect::<Vec<_>>(), Concatenate),
        };
        (inputs, all)
    }

    /// The inputs of the network for `x`.
    pub(super) fn read(&self, x: &Features, step: &str) -> Result<Samples> {
        x.require_columns(step, &self.columns)?;
        x.require_finite(step)?;
        let (rows, width) = (x.rows(), self.mean.len());
        if rows.saturating_mul(width) > MOST_CELLS {
            let reason =
                format!("`{step}` would need {rows} × {width} numbers in memory: put a truncated-svd before it");
            return Err(Error::data(reason));
        }
        let mut numbers = vec![0f32; rows * width];
        let mut arrays = Vec::new();
        let mut first = 0;
        for (block, part) in x.blocks().iter().zip(&self.parts) {
            match (block.values(), part) {
                (Values::Dense(values), Part::Numbers(columns)) if values.ncols() == *columns => {
                    for (row, cells) in values.rows().into_iter().enumerate() {
                        let to = &mut numbers[row * width + first..][..*columns];
                        for (place, (to, value)) in to.iter_mut().zip(cells).enumerate() {
                            *to = self.standard(first + place, *value);
                        }
                    }
                    first += columns;
                }
                (Values::Sparse(values), Part::Numbers(columns)) if values.cols() == *columns => {
                    for (value, (row, column)) in values.iter() {
                        numbers[row * width + first + column] = self.standard(first + column, *value);
                    }
                    first += columns;
                }
                (Values::Category(column), Part::Levels(levels)) => arrays.push(codes(column, levels)),
                _ => return Err(block.refused_by(step)),
            }
        }
        if x.blocks().len() != self.parts.len() {
            return Err(Error::data(format!("`{step}` was fitted on {} blocks of features", self.parts.len())));
        }
        let numbers = (width > 0).then_some(Numbers { name: None, shape: vec![width], rows, values: numbers });
        let levels = arrays.into_iter().map(|values| Numbers { name: None, shape: vec![1], rows, values });
        Ok(Samples(numbers.into_iter().chain(levels).collect()))
    }

    fn standard(&self, column: usize, value: f64) -> f32 {
        // In two steps: the difference of two large numbers may be beyond f64.
        (value / self.scale[column] - self.mean[column] / self.scale[column]) as f32
    }

    /// Whether the parts of a loaded reader fit together, and to its network.
    pub(super) fn fits(&self, network: &Network) -> bool {
        let of_part = |part: &Part| if let Part::Numbers(n) = part { *n } else { 0 };
        let numbers = self.parts.iter().try_fold(0usize, |sum, part| sum.checked_add(of_part(part)));
        let codes: Vec<usize> = self
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Levels(levels) => Some(levels.len() + 1),
                Part::Numbers(_) => None,
            })
            .collect();
        let usable = |v: &f64| v.is_finite() && *v > 0.0;
        let shapes = network.model.inputs.iter().map(|input| input.shape.iter().product::<usize>());
        let wanted = (!self.mean.is_empty()).then_some((self.mean.len(), None));
        let wanted = wanted.into_iter().chain(codes.iter().map(|n| (1, Some(*n))));
        let levels = codes.len();
        wanted.eq(shapes.zip(network.plan.codes.iter().copied()))
            && numbers == Some(self.mean.len())
            && self.mean.len() == self.scale.len()
            && self.mean.len() + levels == self.columns.len()
            && self.mean.iter().all(|v| v.is_finite())
            && self.scale.iter().all(usable)
    }
}

/// The length of the vector of a column of so many levels: 1.6 n^0.56, at most 50, as fastai has it.
fn embedding_width(levels: usize) -> usize {
    ((1.6 * (levels as f64).powf(0.56)).round() as usize).clamp(1, 50)
}

/// A standard deviation that can be divided by: 1 where a column does not vary.
fn usable(deviation: f64) -> f64 {
    if deviation > 0.0 && deviation.is_finite() && deviation.recip().is_finite() { deviation } else { 1.0 }
}

/// Mean and standard deviation, in units of the largest number so that no square overflows.
pub(super) fn moments(values: impl Iterator<Item = f64> + Clone, weights: Option<&[f64]>) -> (f64, f64) {
    let weight = |row: usize| weights.map_or(1.0, |w| w[row]);
    let counted = || values.clone().enumerate().filter(|(row, _)| weight(*row) > 0.0);
    let unit = counted().fold(0.0, |most: f64, (_, v)| most.max(v.abs()));
    let total: f64 = counted().map(|(row, _)| weight(row)).sum();
    if unit == 0.0 || total == 0.0 {
        return (0.0, 1.0);
    }
    let share = |row: usize| weight(row) / total;
    let mean: f64 = counted().map(|(row, v)| share(row) * (v / unit)).sum();
    let variance: f64 = counted().map(|(row, v)| share(row) * (v / unit - mean).powi(2)).sum();
    // Below rounding, a column does not vary.
    let deviation = if variance.sqrt() < 1e-13 * mean.abs() { 0.0 } else { variance.sqrt() };
    (mean * unit, usable(deviation * unit))
}

fn largest_of_columns(numbers: &sprs::CsMat<f64>) -> Vec<f64> {
    let mut largest = vec![0f64; numbers.cols()];
    numbers.iter().for_each(|(value, (_, column))| largest[column] = largest[column].max(value.abs()));
    largest.into_iter().map(|most| if most > 0.0 { most } else { 1.0 }).collect()
}

/// The numbers of the rows' levels: their place among `levels` and one, or 0.
fn codes(column: &Categories, levels: &[String]) -> Vec<f32> {
    let known: HashMap<&str, f32> =
        levels.iter().enumerate().map(|(place, level)| (level.as_str(), (place + 1) as f32)).collect();
    let of_code: Vec<f32> =
        column.levels.iter().map(|level| known.get(level.as_str()).copied().unwrap_or(0.0)).collect();
    column.codes.iter().map(|code| of_code.get(*code as usize).copied().unwrap_or(0.0)).collect()
}
