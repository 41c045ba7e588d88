//! [`StandardScaler`]: mean 0 and variance 1.

use crate::step::{
    Learn, another_kind, any_row_mut, column_sums, map_blocks, refuse_infinite, same_blocks, same_columns, step,
};
use adflux_core::{Block, Column, Context, Error, Features, Result, Training, Transform, Values};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Takes the mean off every numeric column and divides it by its standard deviation: `z = (x − mean) / scale`.
///
/// Takes dense blocks. The variance is that of the population (divisor n), counts each row by its weight, and passes over
/// missing values, which stay missing; a column that is missing everywhere stays so. A constant column is divided by
/// 1, by scikit-learn's rule: its variance is within the rounding error of its mean. Infinite numbers are refused, and numbers
/// whose squares overflow.
/// The defaults and results are scikit-learn's `StandardScaler`. O(rows × columns), two passes to fit; the
/// transformation is in place.
///
/// Reference: Chan, Golub, LeVeque (1983), *Algorithms for computing the sample variance* (the corrected two-pass
/// algorithm).
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::StandardScaler;
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[1.0, 5.0], [3.0, 5.0]], ["budget", "duration"])?;
/// let scaler = StandardScaler::default().fit(Training::new(x.clone()))?;
/// let scaled = scaler.transform(x)?;
/// assert_eq!(scaled.dense("example")?, array![[-1.0, 0.0], [1.0, 0.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StandardScaler {
    /// Whether the mean is taken off. Default: `true`.
    pub with_mean: bool,
    /// Whether the column is divided by its standard deviation. Default: `true`.
    pub with_std: bool,
}

impl Default for StandardScaler {
    fn default() -> Self {
        StandardScaler { with_mean: true, with_std: true }
    }
}

impl StandardScaler {
    /// Whether the mean is taken off.
    pub fn with_mean(mut self, with_mean: bool) -> Self {
        self.with_mean = with_mean;
        self
    }

    /// Whether the column is divided by its standard deviation.
    pub fn with_std(mut self, with_std: bool) -> Self {
        self.with_std = with_std;
        self
    }
}

/// A fitted [`StandardScaler`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedStandardScaler {
    blocks: Vec<ScaledBlock>,
}

/// The columns of one dense block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ScaledBlock {
    columns: Arc<[Column]>,
    /// What is taken off; 0 without `with_mean`.
    #[serde(with = "adflux_core::arrays")]
    mean: Vec<f64>,
    /// What is divided by; 1 without `with_std` and for constant columns.
    #[serde(with = "adflux_core::arrays")]
    scale: Vec<f64>,
}

step!(StandardScaler => FittedStandardScaler, "standard-scaler", version = 1);
const KIND: &str = "standard-scaler";

impl Learn for StandardScaler {
    type Fitted = FittedStandardScaler;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedStandardScaler> {
        let learn = |block: &Block| {
            context.check()?;
            let Values::Dense(x) = block.values() else { return Err(block.refused_by(KIND)) };
            refuse_infinite(KIND, x, block.columns())?;
            self.learn_block(x, block.columns().clone(), data.weights.as_ref())
        };
        Ok(FittedStandardScaler { blocks: data.x.blocks().iter().map(learn).collect::<Result<_>>()? })
    }
}

impl StandardScaler {
    fn learn_block(
        &self,
        x: &Array2<f64>,
        columns: Arc<[Column]>,
        weights: Option<&Array1<f64>>,
    ) -> Result<ScaledBlock> {
        let present = |value: f64, term: f64| if value.is_nan() { 0.0 } else { term };
        let count = column_sums(x, weights, |_, v, w| present(v, w));
        let per_count = |sums: Vec<f64>| -> Vec<f64> {
            sums.iter().zip(&count).map(|(s, n)| if *n > 0.0 { s / n } else { 0.0 }).collect()
        };
        let mean = per_count(column_sums(x, weights, |_, v, w| present(v, w * v)));
        let scale = if self.with_std {
            let squares = per_count(column_sums(x, weights, |c, v, w| present(v, w * (v - mean[c]).powi(2))));
            // What rounding left in the mean, taken out of the variance: the correction of the two-pass algorithm.
            let left = per_count(column_sums(x, weights, |c, v, w| present(v, w * (v - mean[c]))));
            (0..mean.len())
                .map(|c| {
                    let variance = squares[c] - left[c] * left[c];
                    let rounding = count[c] * f64::EPSILON * variance + (count[c] * mean[c] * f64::EPSILON).powi(2);
                    if variance <= rounding { 1.0 } else { variance.sqrt() }
                })
                .collect()
        } else {
            vec![1.0; mean.len()]
        };
        if let Some(column) = (0..mean.len()).find(|c| !(mean[*c].is_finite() && scale[*c].is_finite())) {
            let reason = format!("numbers too large for `{KIND}`, whose squares overflow: divide the column first");
            return Err(Error::column(&columns[column].name, reason));
        }
        let mean = if self.with_mean { mean } else { vec![0.0; scale.len()] };
        Ok(ScaledBlock { columns, mean, scale })
    }
}

impl FittedStandardScaler {
    /// What is taken off each column, in the order of the columns; 0 without `with_mean`.
    pub fn mean(&self) -> impl Iterator<Item = f64> {
        self.blocks.iter().flat_map(|b| b.mean.iter().copied())
    }

    /// What each column is divided by: its standard deviation, or 1 for a constant column and without `with_std`.
    pub fn scale(&self) -> impl Iterator<Item = f64> {
        self.blocks.iter().flat_map(|b| b.scale.iter().copied())
    }

    /// The original values of scaled ones: `x = z · scale + mean`.
    ///
    /// # Errors
    /// When `z` does not have the columns of the fit.
    pub fn inverse_transform(&self, z: Features) -> Result<Features> {
        self.apply(z, |value, mean, scale| value * scale + mean)
    }

    fn apply(&self, x: Features, f: impl Fn(f64, f64, f64) -> f64 + Sync) -> Result<Features> {
        same_blocks(KIND, self.blocks.len(), &x)?;
        map_blocks(x, |i, columns, values| {
            let fitted = &self.blocks[i];
            let Values::Dense(mut x) = values else { return Err(another_kind(KIND, "numbers", &columns)) };
            same_columns(KIND, &fitted.columns, &columns)?;
            let (mean, scale) = (fitted.mean.len(), fitted.scale.len());
            if mean != columns.len() || scale != columns.len() {
                let reason = format!("{mean} means and {scale} scales of {} columns", columns.len());
                return Err(Error::State { kind: KIND.into(), reason });
            }
            let infinite = any_row_mut(&mut x, |row| {
                let mut infinite = false;
                for ((value, mean), scale) in row.iter_mut().zip(&fitted.mean).zip(&fitted.scale) {
                    *value = f(*value, *mean, *scale);
                    infinite |= value.is_infinite();
                }
                infinite
            });
            if infinite {
                refuse_infinite(KIND, &x, &columns)?;
            }
            Block::new(columns, Values::Dense(x))
        })
    }
}

impl Transform<Features> for FittedStandardScaler {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        self.apply(x, |value, mean, scale| (value - mean) / scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::Fit as _;
    use ndarray::array;

    #[test]
    fn a_state_that_is_too_short_does_not_leave_columns_unscaled() {
        let x = || Features::from_dense(array![[0.0, 3.0], [1.0, 6.0]], ["a", "b"]).unwrap();
        let refused = |damage: fn(&mut ScaledBlock)| {
            let mut fitted = StandardScaler::default().fit(Training::new(x())).unwrap();
            damage(&mut fitted.blocks[0]);
            assert!(matches!(fitted.transform(x()), Err(Error::State { .. })));
        };
        refused(|block| block.mean.truncate(1));
        refused(|block| block.scale.truncate(1));
    }
}
