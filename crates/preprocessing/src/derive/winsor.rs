//! [`Winsorizer`]: values far from the others brought back to a bound.

use crate::{
    dense::{Dense, all},
    step::{Learn, step},
};
use adflux_core::{
    Context, Features, Result, Training, Transform,
    parameter::{ensure, positive},
};
use adflux_evaluation::quantiles::quantiles;
use serde::{Deserialize, Serialize};

/// Where the bounds of a column lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CappingMethod {
    /// `fold` standard deviations (divisor n − 1) from the mean. `fold` is 3 by default.
    #[default]
    Gaussian,
    /// `fold` distances of the quartiles from the quartiles: Tukey's fences. `fold` is 1.5 by default.
    Iqr,
    /// The quantiles at `fold` and 1 − `fold`. `fold` is 0.05 by default, and at most 0.2.
    Quantiles,
}

/// On which side values are brought back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tail {
    /// Large values only.
    #[default]
    Right,
    /// Small values only.
    Left,
    /// Both.
    Both,
}

/// Brings values beyond a bound to the bound, which is learned from the training values of each column.
///
/// For columns with a few values far from the others, which would decide a mean or a least-squares fit. Takes dense blocks.
/// Missing values are passed over and stay missing; a column that is missing everywhere has no bounds. Row weights do
/// not count. Infinite numbers are refused. What was brought to a bound cannot be told from it: there is no inverse.
/// O(rows × columns); the transformation is in place.
///
/// Names and defaults are those of feature_engine's `Winsorizer`; missing values, which are an error there, stay missing.
///
/// References: Tukey (1977), *Exploratory data analysis* (the fences); Dixon (1960), *Simplified estimation from
/// censored normal samples* (winsorised samples).
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::{CappingMethod, Winsorizer};
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[1.0], [2.0], [3.0], [4.0], [500.0]], ["spend"])?;
/// let capped = Winsorizer::new(CappingMethod::Iqr).fit(Training::new(x.clone()))?;
/// assert_eq!(capped.transform(x)?.dense("example")?, array![[1.0], [2.0], [3.0], [4.0], [7.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Winsorizer {
    /// Where the bounds lie. Default: [`CappingMethod::Gaussian`].
    pub capping_method: CappingMethod,
    /// On which side values are brought back. Default: [`Tail::Right`].
    pub tail: Tail,
    /// How far out the bounds lie; see [`CappingMethod`], which says its default too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fold: Option<f64>,
}

impl Winsorizer {
    /// A winsorizer with bounds of this kind.
    pub fn new(capping_method: CappingMethod) -> Self {
        Winsorizer { capping_method, ..Winsorizer::default() }
    }

    /// Where the bounds lie.
    pub fn capping_method(mut self, capping_method: CappingMethod) -> Self {
        self.capping_method = capping_method;
        self
    }

    /// On which side values are brought back.
    pub fn tail(mut self, tail: Tail) -> Self {
        self.tail = tail;
        self
    }

    /// How far out the bounds lie.
    pub fn fold(mut self, fold: f64) -> Self {
        self.fold = Some(fold);
        self
    }
}

/// A fitted [`Winsorizer`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedWinsorizer {
    blocks: Vec<Dense<Bounds>>,
}

/// Of one column; infinite where there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Bounds {
    low: f64,
    high: f64,
}

step!(Winsorizer => FittedWinsorizer, "winsorizer", version = 1);
const KIND: &str = "winsorizer";

impl Learn for Winsorizer {
    type Fitted = FittedWinsorizer;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedWinsorizer> {
        let fold = self.checked_fold()?;
        let blocks = Dense::learn(KIND, &data.x, context, None, |_, mut values| {
            let (low, high) = self.bounds(&mut values, fold);
            // A column without values, or whose squares overflow, has no bounds.
            let low = if self.tail == Tail::Right || low.is_nan() { f64::NEG_INFINITY } else { low };
            let high = if self.tail == Tail::Left || high.is_nan() { f64::INFINITY } else { high };
            Ok(Bounds { low, high })
        })?;
        Ok(FittedWinsorizer { blocks })
    }
}

impl Winsorizer {
    fn checked_fold(&self) -> Result<f64> {
        let fold = self.fold.unwrap_or(match self.capping_method {
            CappingMethod::Gaussian => 3.0,
            CappingMethod::Iqr => 1.5,
            CappingMethod::Quantiles => 0.05,
        });
        positive("fold", fold)?;
        let small = self.capping_method != CappingMethod::Quantiles || fold <= 0.2;
        ensure(small, "fold", fold, "must be at most 0.2 with `quantiles`: it is the share of values beyond a bound")?;
        Ok(fold)
    }

    fn bounds(&self, values: &mut [f64], fold: f64) -> (f64, f64) {
        match self.capping_method {
            CappingMethod::Gaussian => {
                let count = values.len() as f64;
                let mean = values.iter().map(|v| v / count).sum::<f64>();
                let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
                let deviation = if values.len() > 1 { (squares / (count - 1.0)).sqrt() } else { 0.0 };
                (mean - fold * deviation, mean + fold * deviation)
            }
            CappingMethod::Iqr => {
                let quartiles = quantiles(values, &[0.25, 0.75]);
                let beyond = fold * (quartiles[1] - quartiles[0]);
                (quartiles[0] - beyond, quartiles[1] + beyond)
            }
            CappingMethod::Quantiles => {
                let ends = quantiles(values, &[fold, 1.0 - fold]);
                (ends[0], ends[1])
            }
        }
    }
}

impl FittedWinsorizer {
    /// The lower and the upper bound of each column, in the order of the columns; infinite where there is none.
    pub fn bounds(&self) -> impl Iterator<Item = (f64, f64)> {
        all(&self.blocks).map(|column| (column.low, column.high))
    }
}

impl Transform<Features> for FittedWinsorizer {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        Dense::map(KIND, &self.blocks, x, |bounds, x| x.max(bounds.low).min(bounds.high))
    }
}
