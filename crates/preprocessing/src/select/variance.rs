//! [`VarianceThreshold`]: columns that hardly vary are left out.

use super::selection::Selection;
use crate::{
    moments::{Moments, extent, require_numbers, too_large},
    step::{Learn, step},
};
use adflux_core::{Column, Context, Error, Features, Result, Training, Transform, parameter};
use serde::{Deserialize, Serialize};

/// Keeps the numeric columns whose variance is above a threshold; by default all that are not constant.
///
/// The variance is that of the population (divisor n) of the values that are there; missing values pass through. A
/// threshold in the square of the units of the columns says something only when they have the same unit, as shares have or the
/// 0/1 columns of a one-hot-encoder: one of which p of the rows are 1 has the variance p·(1 − p). With a threshold of 0 a column
/// goes when its largest and smallest value are the same, whatever rounding makes of its variance.
///
/// Takes dense and sparse blocks; the kept columns keep names, lineage and kind of block. Row weights do not count, as in
/// scikit-learn's `VarianceThreshold`, whose default and results these are. When no column is left it is an error. Infinite
/// values are refused. O(numbers stored).
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::VarianceThreshold;
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[1.0, 7.0], [2.0, 7.0], [3.0, 7.0]], ["budget", "currency"])?;
/// let kept = VarianceThreshold::default().fit(Training::new(x.clone()))?.transform(x)?;
/// assert_eq!(kept.dense("example")?, array![[1.0], [2.0], [3.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VarianceThreshold {
    /// Columns of a variance up to this go. 0 or more. Default: 0.
    pub threshold: f64,
}

impl VarianceThreshold {
    /// Keeps columns of a variance above `threshold`.
    pub fn new(threshold: f64) -> Self {
        VarianceThreshold { threshold }
    }

    /// Columns of a variance up to this go.
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }
}

/// A fitted [`VarianceThreshold`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedVarianceThreshold {
    selection: Selection,
    #[serde(with = "adflux_core::arrays")]
    variances: Vec<f64>,
}

step!(VarianceThreshold => FittedVarianceThreshold, "variance-threshold", version = 1);
const KIND: &str = "variance-threshold";

impl Learn for VarianceThreshold {
    type Fitted = FittedVarianceThreshold;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedVarianceThreshold> {
        parameter::non_negative("threshold", self.threshold)?;
        let mut variances = Vec::with_capacity(data.x.width());
        for block in data.x.blocks() {
            context.check()?;
            require_numbers(KIND, block)?;
            crate::moments::refuse_infinite(KIND, block)?;
            let columns = block.columns();
            let of_block: Vec<f64> = Moments::of(block.values(), data.x.rows(), columns.len()).variance().collect();
            if let Some(column) = of_block.iter().position(|v| v.is_infinite()) {
                return Err(too_large(KIND, &columns[column].name));
            }
            // With a threshold of 0 the rounding of a variance must not keep a constant column.
            let extents = (self.threshold == 0.0).then(|| extent(block.values(), columns.len()));
            variances.extend(of_block.iter().enumerate().map(|(c, v)| extents.as_ref().map_or(*v, |e| v.min(e[c]))));
        }
        let keep: Vec<bool> = variances.iter().map(|v| *v > self.threshold).collect();
        if !keep.contains(&true) {
            let most = variances.iter().fold(0.0, |most: f64, v| most.max(*v));
            return Err(Error::data(format!(
                "`{KIND}` leaves no column: none of {} has a variance above {:?} (the largest is {most:?}): lower the threshold",
                variances.len(),
                self.threshold
            )));
        }
        Ok(FittedVarianceThreshold { selection: Selection::new(&data.x, &keep), variances })
    }
}

impl FittedVarianceThreshold {
    /// The variance of each column of the fit; with a threshold of 0 the smaller of it and the distance of the largest from the
    /// smallest value. For a column without values it is 0 with a threshold of 0, and NaN with another; it goes.
    pub fn variances(&self) -> &[f64] {
        &self.variances
    }

    /// The columns that are kept, in order.
    pub fn kept(&self) -> impl Iterator<Item = &Column> {
        self.selection.kept()
    }
}

impl Transform<Features> for FittedVarianceThreshold {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        x.blocks().iter().try_for_each(|block| crate::moments::refuse_infinite(KIND, block))?;
        self.selection.apply(KIND, x)
    }
}
