//! [`QuantileTransformer`]: every column to the same distribution, by ranks.

use crate::{
    dense::{Dense, all, no_values, refuse_overflow},
    sample::rows_of_sample,
    step::{Learn, step},
};
use adflux_core::{
    Context, Features, Result, Training, Transform,
    parameter::{at_least_one, ensure},
};
use adflux_evaluation::{
    distributions::{normal_cdf, normal_quantile},
    quantiles::quantiles,
};
use serde::{Deserialize, Serialize};

/// What the columns look like once transformed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputDistribution {
    /// Evenly between 0 and 1.
    #[default]
    Uniform,
    /// Standard normal, between −5.2 and 5.2.
    Normal,
}

/// Replaces every number by the share of training values below it, and that, if wanted, by the normal quantile of the share.
///
/// The order of values is kept, their distances are not: nothing is left of skewness and outliers. The share is interpolated
/// between `n_quantiles` quantiles of the training column; where several of them coincide (ties), it is the middle of their
/// shares; beyond the training values it is 0 or 1. Takes dense blocks. Missing values are passed over and
/// stay missing; a column that is missing everywhere is refused by name. Row weights do not count. Infinite numbers are
/// refused.
///
/// The defaults and results are scikit-learn's `QuantileTransformer`, but for the rows that `subsample` draws: with a table
/// of at most `subsample` rows the results are equal. O(rows) to fit, O(rows · log `n_quantiles`) a column to transform, in
/// place.
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::QuantileTransformer;
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[1.0], [10.0], [100.0], [1000.0], [10_000.0]], ["budget"])?;
/// let ranks = QuantileTransformer::default().n_quantiles(5).fit(Training::new(x.clone()))?;
/// assert_eq!(ranks.transform(x)?.dense("example")?, array![[0.0], [0.25], [0.5], [0.75], [1.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuantileTransformer {
    /// Quantiles that are learned; at most as many as there are rows. Default: 1000.
    pub n_quantiles: usize,
    /// What the columns look like once transformed. Default: [`OutputDistribution::Uniform`].
    pub output_distribution: OutputDistribution,
    /// Rows that the quantiles are learned from, drawn without replacement when there are more. Default: 10,000.
    pub subsample: usize,
    /// Of the rows drawn. Default: 0.
    pub seed: u64,
}

impl Default for QuantileTransformer {
    fn default() -> Self {
        QuantileTransformer {
            n_quantiles: 1000,
            output_distribution: OutputDistribution::Uniform,
            subsample: 10_000,
            seed: 0,
        }
    }
}

impl QuantileTransformer {
    /// Quantiles that are learned.
    pub fn n_quantiles(mut self, n_quantiles: usize) -> Self {
        self.n_quantiles = n_quantiles;
        self
    }

    /// What the columns look like once transformed.
    pub fn output_distribution(mut self, output_distribution: OutputDistribution) -> Self {
        self.output_distribution = output_distribution;
        self
    }

    /// Rows that the quantiles are learned from.
    pub fn subsample(mut self, subsample: usize) -> Self {
        self.subsample = subsample;
        self
    }

    /// Of the rows drawn.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}

/// A fitted [`QuantileTransformer`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedQuantileTransformer {
    output_distribution: OutputDistribution,
    blocks: Vec<Dense<Quantiles>>,
}

/// Of one column: at least one, none smaller than the one before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Quantiles {
    #[serde(with = "adflux_core::arrays")]
    values: Vec<f64>,
    /// The share between two neighbours.
    step: f64,
}

step!(QuantileTransformer => FittedQuantileTransformer, "quantile-transformer", version = 1);
const KIND: &str = "quantile-transformer";

impl Learn for QuantileTransformer {
    type Fitted = FittedQuantileTransformer;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedQuantileTransformer> {
        at_least_one("n_quantiles", self.n_quantiles)?;
        let enough = self.n_quantiles <= self.subsample;
        ensure(enough, "n_quantiles", self.n_quantiles, "must not be larger than `subsample`")?;
        let count = self.n_quantiles.min(data.x.rows());
        let step = 1.0 / (count.max(2) - 1) as f64;
        let shares: Vec<f64> = (0..count).map(|place| share(place, count, step)).collect();
        let sample = rows_of_sample(data.x.rows(), self.subsample, self.seed);
        let blocks = Dense::learn(KIND, &data.x, context, sample.as_deref(), |column, mut values| {
            if values.is_empty() {
                return Err(no_values(column, "quantiles"));
            }
            let mut values = quantiles(&mut values, &shares);
            refuse_overflow(KIND, column, &values)?;
            // Interpolation between equal values may differ by a rounding.
            (1..values.len()).for_each(|i| values[i] = values[i].max(values[i - 1]));
            Ok(Quantiles { values, step })
        })?;
        Ok(FittedQuantileTransformer { output_distribution: self.output_distribution, blocks })
    }
}

/// The place among `count` numbers from 0 to 1 that are `step` apart.
fn share(place: usize, count: usize, step: f64) -> f64 {
    if place + 1 == count && count > 1 { 1.0 } else { place as f64 * step }
}

/// For normal outputs, shares so close to 0 and 1 are taken for them, as scikit-learn does.
const BOUND: f64 = 1e-7;

impl Quantiles {
    /// The share of training values below `x`.
    fn share_of(&self, x: f64) -> f64 {
        let (q, n) = (&self.values, self.values.len());
        let above = q.partition_point(|v| *v <= x);
        if above == 0 {
            return 0.0;
        }
        let below = above - 1;
        if q[below] == x {
            let first = if below > 0 && q[below - 1] == x { q.partition_point(|v| *v < x) } else { below };
            return 0.5 * (share(first, n, self.step) + share(below, n, self.step));
        }
        if above == n {
            return share(below, n, self.step);
        }
        let (low, high) = (share(below, n, self.step), share(above, n, self.step));
        let slope = (high - low) / (q[above] - q[below]);
        // From both ends, and the middle of the two.
        0.5 * ((slope * (x - q[below]) + low) + (high - slope * (q[above] - x)))
    }

    fn ends(&self) -> (f64, f64) {
        (self.values.first().copied().unwrap_or(0.0), self.values.last().copied().unwrap_or(0.0))
    }

    fn uniform(&self, x: f64) -> f64 {
        let (first, last) = self.ends();
        match x {
            x if x == first => 0.0,
            x if x == last => 1.0,
            x => self.share_of(x),
        }
    }

    fn normal(&self, x: f64) -> f64 {
        let (first, last) = self.ends();
        let share = match x {
            x if x - BOUND < first => 0.0,
            x if x + BOUND > last => 1.0,
            x => self.share_of(x),
        };
        let end = BOUND - f64::EPSILON;
        normal_quantile(share.max(end).min(1.0 - end))
    }

    /// The value below which a share of the training values lies.
    fn value_at(&self, share: f64) -> f64 {
        let (q, steps) = (&self.values, self.values.len().saturating_sub(1));
        let place = share.clamp(0.0, 1.0) * steps as f64;
        let below = place.floor() as usize;
        match (q.get(below), q.get(below + 1)) {
            (Some(low), Some(high)) => low + (high - low) * (place - below as f64),
            (Some(only), None) => *only,
            (None, _) => f64::NAN,
        }
    }
}

impl FittedQuantileTransformer {
    /// The quantiles of each column, in the order of the columns, from the smallest value to the largest.
    pub fn quantiles(&self) -> impl Iterator<Item = &[f64]> {
        all(&self.blocks).map(|q| &q.values[..])
    }

    /// The values whose shares these are. Values beyond those of training come back as the ends of the training range, and
    /// among equal quantiles nothing tells the values between them apart.
    ///
    /// # Errors
    /// When `z` does not have the columns of the fit, or holds infinite numbers.
    pub fn inverse_transform(&self, z: Features) -> Result<Features> {
        match self.output_distribution {
            OutputDistribution::Uniform => Dense::map(KIND, &self.blocks, z, |q, z| q.value_at(z)),
            OutputDistribution::Normal => Dense::map(KIND, &self.blocks, z, |q, z| {
                let share = normal_cdf(z);
                let (first, last) = q.ends();
                match share {
                    p if p - BOUND < 0.0 => first,
                    p if p + BOUND > 1.0 => last,
                    p => q.value_at(p),
                }
            }),
        }
    }
}

impl Transform<Features> for FittedQuantileTransformer {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        match self.output_distribution {
            OutputDistribution::Uniform => Dense::map(KIND, &self.blocks, x, |q, x| q.uniform(x)),
            OutputDistribution::Normal => Dense::map(KIND, &self.blocks, x, |q, x| q.normal(x)),
        }
    }
}
