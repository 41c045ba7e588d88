//! [`RobustScaler`]: scaling by quantiles, which a few large values do not move.

use crate::{
    dense::{Dense, all, refuse_overflow},
    scale::CONSTANT,
    step::{Learn, step},
};
use adflux_core::{Context, Features, Result, Training, Transform, parameter::ensure};
use adflux_evaluation::{distributions::normal_quantile, quantiles::quantiles};
use serde::{Deserialize, Serialize};

/// Takes the median off every numeric column and divides it by the distance of two quantiles: `z = (x − center) / scale`.
///
/// For columns with a few values far from the others (budgets, spend), which would decide mean and variance. Takes dense
/// blocks. Missing values are passed over and stay missing; a column that is missing everywhere stays as it is. Quantiles
/// are interpolated linearly; where they coincide, the column is divided by 1. Row weights do not count. Infinite
/// numbers are refused. The defaults and results are scikit-learn's `RobustScaler`. O(rows × columns): quantiles are
/// selected, not sorted for; the transformation is in place.
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::RobustScaler;
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[1.0], [2.0], [3.0], [4.0], [5000.0]], ["spend"])?;
/// let scaler = RobustScaler::default().fit(Training::new(x.clone()))?;
/// assert_eq!(scaler.transform(x)?.dense("example")?, array![[-1.0], [-0.5], [0.0], [0.5], [2498.5]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RobustScaler {
    /// Whether the median is taken off. Default: `true`.
    pub with_centering: bool,
    /// Whether the column is divided by the distance of the quantiles. Default: `true`.
    pub with_scaling: bool,
    /// The two quantiles, in percent. Default: `(25.0, 75.0)`.
    pub quantile_range: (f64, f64),
    /// Whether the distance is divided by that of a standard normal column, so that normal columns come to variance 1.
    /// Default: `false`.
    pub unit_variance: bool,
}

impl Default for RobustScaler {
    fn default() -> Self {
        RobustScaler { with_centering: true, with_scaling: true, quantile_range: (25.0, 75.0), unit_variance: false }
    }
}

impl RobustScaler {
    /// Whether the median is taken off.
    pub fn with_centering(mut self, with_centering: bool) -> Self {
        self.with_centering = with_centering;
        self
    }

    /// Whether the column is divided by the distance of the quantiles.
    pub fn with_scaling(mut self, with_scaling: bool) -> Self {
        self.with_scaling = with_scaling;
        self
    }

    /// The two quantiles, in percent.
    pub fn quantile_range(mut self, quantile_range: (f64, f64)) -> Self {
        self.quantile_range = quantile_range;
        self
    }

    /// Whether normal columns come to variance 1.
    pub fn unit_variance(mut self, unit_variance: bool) -> Self {
        self.unit_variance = unit_variance;
        self
    }
}

/// A fitted [`RobustScaler`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedRobustScaler {
    blocks: Vec<Dense<Center>>,
}

/// Of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Center {
    /// 0 without `with_centering`.
    center: f64,
    /// 1 without `with_scaling`.
    scale: f64,
}

step!(RobustScaler => FittedRobustScaler, "robust-scaler", version = 1);
const KIND: &str = "robust-scaler";

impl Learn for RobustScaler {
    type Fitted = FittedRobustScaler;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedRobustScaler> {
        let unit = self.unit()?;
        let (low, high) = self.quantile_range;
        let blocks = Dense::learn(KIND, &data.x, context, None, |column, mut values| {
            if values.is_empty() {
                return Ok(Center { center: 0.0, scale: 1.0 });
            }
            let found = quantiles(&mut values, &[0.5, low / 100.0, high / 100.0]);
            let center = if self.with_centering { found[0] } else { 0.0 };
            let width = found[2] - found[1];
            let scale = match self.with_scaling {
                true if width < CONSTANT => 1.0 / unit,
                true => width / unit,
                false => 1.0,
            };
            refuse_overflow(KIND, column, &[center, width])?;
            Ok(Center { center, scale })
        })?;
        Ok(FittedRobustScaler { blocks })
    }
}

impl RobustScaler {
    /// What the distance of the quantiles is divided by; checks them.
    fn unit(&self) -> Result<f64> {
        let (low, high) = self.quantile_range;
        let ordered = 0.0 <= low && low <= high && high <= 100.0;
        ensure(ordered, "quantile_range", self.quantile_range, "must be two percentages, the first not the larger")?;
        if !(self.unit_variance && self.with_scaling) {
            return Ok(1.0);
        }
        let inside = 0.0 < low && low < high && high < 100.0;
        let reason = "with `unit_variance` the two percentages must differ and lie between 0 and 100, both excluded";
        ensure(inside, "quantile_range", self.quantile_range, reason)?;
        Ok(normal_quantile(high / 100.0) - normal_quantile(low / 100.0))
    }
}

impl FittedRobustScaler {
    /// What is taken off each column, in the order of the columns; 0 without `with_centering`.
    pub fn center(&self) -> impl Iterator<Item = f64> {
        all(&self.blocks).map(|column| column.center)
    }

    /// What each column is divided by, in the order of the columns; 1 without `with_scaling`.
    pub fn scale(&self) -> impl Iterator<Item = f64> {
        all(&self.blocks).map(|column| column.scale)
    }

    /// The original values of scaled ones: `x = z · scale + center`.
    ///
    /// # Errors
    /// When `z` does not have the columns of the fit, or holds infinite numbers.
    pub fn inverse_transform(&self, z: Features) -> Result<Features> {
        Dense::map(KIND, &self.blocks, z, |c, z| z * c.scale + c.center)
    }
}

impl Transform<Features> for FittedRobustScaler {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        Dense::map(KIND, &self.blocks, x, |c, x| (x - c.center) / c.scale)
    }
}
