//! [`MinMaxScaler`]: numbers between two bounds.

use crate::{
    dense::{Dense, all, refuse_overflow},
    scale::CONSTANT,
    step::{Learn, step},
};
use adflux_core::{Context, Features, Result, Training, Transform, parameter::ensure};
use serde::{Deserialize, Serialize};

/// Brings every numeric column into a range: `z = x · scale + min`, with `scale = (high − low) / (max − min)` of the
/// training values and `min = low − smallest · scale`.
///
/// Takes dense blocks. Missing values are passed over and stay missing; a column that is missing everywhere stays as it
/// is. A constant column becomes `low`. Row weights do not count. Infinite numbers are refused. Values beyond those of
/// training lie outside the range unless `clip` is set. The defaults and results are scikit-learn's `MinMaxScaler`.
/// O(rows × columns); the transformation is in place.
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::MinMaxScaler;
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[100.0], [300.0], [200.0]], ["budget"])?;
/// let scaler = MinMaxScaler::default().clip(true).fit(Training::new(x))?;
/// let later = Features::from_dense(array![[150.0], [900.0]], ["budget"])?;
/// assert_eq!(scaler.transform(later)?.dense("example")?, array![[0.25], [1.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MinMaxScaler {
    /// What the smallest and the largest training value become. Default: `(0.0, 1.0)`.
    pub feature_range: (f64, f64),
    /// Whether later values outside the training range are brought to its ends. Default: `false`.
    pub clip: bool,
}

impl Default for MinMaxScaler {
    fn default() -> Self {
        MinMaxScaler { feature_range: (0.0, 1.0), clip: false }
    }
}

impl MinMaxScaler {
    /// What the smallest and the largest training value become.
    pub fn feature_range(mut self, feature_range: (f64, f64)) -> Self {
        self.feature_range = feature_range;
        self
    }

    /// Whether later values outside the training range are brought to its ends.
    pub fn clip(mut self, clip: bool) -> Self {
        self.clip = clip;
        self
    }
}

/// A fitted [`MinMaxScaler`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedMinMaxScaler {
    blocks: Vec<Dense<Range>>,
    /// The range that values are brought back to, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clip: Option<(f64, f64)>,
}

/// Of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Range {
    min: f64,
    scale: f64,
}

step!(MinMaxScaler => FittedMinMaxScaler, "min-max-scaler", version = 1);
const KIND: &str = "min-max-scaler";

impl Learn for MinMaxScaler {
    type Fitted = FittedMinMaxScaler;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedMinMaxScaler> {
        let (low, high) = self.feature_range;
        let ordered = low < high && low.is_finite() && high.is_finite();
        ensure(ordered, "feature_range", self.feature_range, "must be two finite numbers, the first the smaller")?;
        let blocks = Dense::learn(KIND, &data.x, context, None, |column, values| {
            if values.is_empty() {
                return Ok(Range { min: 0.0, scale: 1.0 });
            }
            let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
            let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let width = largest - smallest;
            let scale = (high - low) / if width < CONSTANT { 1.0 } else { width };
            let min = low - smallest * scale;
            refuse_overflow(KIND, column, &[width, scale, min])?;
            Ok(Range { min, scale })
        })?;
        Ok(FittedMinMaxScaler { blocks, clip: self.clip.then_some(self.feature_range) })
    }
}

impl FittedMinMaxScaler {
    /// What is added to each column once it is multiplied, in the order of the columns.
    pub fn min(&self) -> impl Iterator<Item = f64> {
        all(&self.blocks).map(|range| range.min)
    }

    /// What each column is multiplied by, in the order of the columns.
    pub fn scale(&self) -> impl Iterator<Item = f64> {
        all(&self.blocks).map(|range| range.scale)
    }

    /// The original values of scaled ones: `x = (z − min) / scale`. What was clipped stays so.
    ///
    /// # Errors
    /// When `z` does not have the columns of the fit, or holds infinite numbers.
    pub fn inverse_transform(&self, z: Features) -> Result<Features> {
        Dense::map(KIND, &self.blocks, z, |range, z| (z - range.min) / range.scale)
    }
}

impl Transform<Features> for FittedMinMaxScaler {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        match self.clip {
            None => Dense::map(KIND, &self.blocks, x, |range, x| x * range.scale + range.min),
            Some((low, high)) => Dense::map(KIND, &self.blocks, x, |range, x| {
                // Not `clamp`, which panics on bounds in the wrong order: a saved state may hold any.
                (x * range.scale + range.min).max(low).min(high)
            }),
        }
    }
}
