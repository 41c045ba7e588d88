//! [`KBinsDiscretizer`]: numbers to the number of the bin that they fall into.

use super::clusters;
use crate::{
    dense::{Dense, all, output_of, refuse_missing, refuse_overflow},
    sample::rows_of_sample,
    step::{Learn, ROWS, another_kind, any_row_mut, map_blocks, refuse_infinite, same_blocks, same_columns, step},
};
use adflux_core::{
    Block, Column, Context, Error, Features, Result, Training, Transform, Values,
    parameter::{at_least_one, ensure},
};
use adflux_evaluation::quantiles::quantiles;
use ndarray::{Array2, ArrayView1, ArrayViewMut1, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sprs::CsMat;
use std::sync::Arc;

/// Where the edges between bins lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinStrategy {
    /// Every bin is equally wide.
    Uniform,
    /// Every bin holds equally many training values, as far as ties allow.
    #[default]
    Quantile,
    /// Half-way between the centres of neighbouring clusters of a k-means of the column.
    Kmeans,
}

/// What a bin becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BinEncoding {
    /// A sparse 0/1 column for each bin.
    Onehot,
    /// A dense 0/1 column for each bin.
    #[default]
    OnehotDense,
    /// One column with the number of the bin, from 0.
    Ordinal,
}

/// Cuts the range of every numeric column into bins: a straight-line model then follows curves, and a report has groups
/// to name.
///
/// Takes dense blocks without missing values. The edges are those of the training values; the lowest and the highest
/// bin also take what lies beyond. A value on an edge belongs to the bin above. Bins narrower than 1e-8 (ties) are
/// joined with the next; a constant column has one bin. A one-hot column is called `<column>=<bin>`, an ordinal one as
/// the column. Row weights do not count. Infinite and missing numbers are refused.
///
/// The defaults and edges are scikit-learn's `KBinsDiscretizer` (its default `quantile_method`, `linear`), with two
/// differences: the output is dense by default, as that of [`OneHotEncoder`](crate::OneHotEncoder), because most models
/// take nothing else; and of more than `subsample` rows other rows are drawn. O(rows · log rows) a column to fit with
/// [`BinStrategy::Kmeans`], O(rows) otherwise; O(rows · log bins) a column to transform.
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::{BinEncoding, KBinsDiscretizer};
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[10.0], [20.0], [30.0], [4000.0]], ["budget"])?;
/// let bins = KBinsDiscretizer::new(2).encode(BinEncoding::Ordinal).fit(Training::new(x.clone()))?;
/// assert_eq!(bins.edges().next(), Some(&[10.0, 25.0, 4000.0][..]));
/// assert_eq!(bins.transform(x)?.dense("example")?, array![[0.0], [0.0], [1.0], [1.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KBinsDiscretizer {
    /// Bins of a column, at least 2. Default: 5.
    pub n_bins: usize,
    /// What a bin becomes. Default: [`BinEncoding::OnehotDense`].
    pub encode: BinEncoding,
    /// Where the edges lie. Default: [`BinStrategy::Quantile`].
    pub strategy: BinStrategy,
    /// Rows that the edges are learned from, drawn without replacement when there are more. Default: 200,000.
    pub subsample: usize,
    /// Of the rows drawn. Default: 0.
    pub seed: u64,
}

impl Default for KBinsDiscretizer {
    fn default() -> Self {
        KBinsDiscretizer {
            n_bins: 5,
            encode: BinEncoding::OnehotDense,
            strategy: BinStrategy::Quantile,
            subsample: 200_000,
            seed: 0,
        }
    }
}

impl KBinsDiscretizer {
    /// A discretizer of this many bins a column.
    pub fn new(n_bins: usize) -> Self {
        KBinsDiscretizer { n_bins, ..KBinsDiscretizer::default() }
    }

    /// Bins of a column.
    pub fn n_bins(mut self, n_bins: usize) -> Self {
        self.n_bins = n_bins;
        self
    }

    /// What a bin becomes.
    pub fn encode(mut self, encode: BinEncoding) -> Self {
        self.encode = encode;
        self
    }

    /// Where the edges lie.
    pub fn strategy(mut self, strategy: BinStrategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Rows that the edges are learned from.
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

/// A fitted [`KBinsDiscretizer`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedKBinsDiscretizer {
    encode: BinEncoding,
    blocks: Vec<Dense<Edges>>,
    /// The columns that come out of each block.
    outputs: Vec<Arc<[Column]>>,
}

/// Of one column: at least two, each larger than the one before but in a constant column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Edges {
    #[serde(with = "adflux_core::arrays")]
    values: Vec<f64>,
}

step!(KBinsDiscretizer => FittedKBinsDiscretizer, "k-bins-discretizer", version = 1);
const KIND: &str = "k-bins-discretizer";

/// More would cut finer than any table is long, and make more one-hot columns than memory holds.
const MOST_BINS: usize = 10_000;
/// Bins that are not wider are joined with the next: scikit-learn's width.
const NARROW: f64 = 1e-8;

impl Learn for KBinsDiscretizer {
    type Fitted = FittedKBinsDiscretizer;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedKBinsDiscretizer> {
        let range = (2..=MOST_BINS).contains(&self.n_bins);
        ensure(range, "n_bins", self.n_bins, &format!("must lie between 2 and {MOST_BINS}"))?;
        at_least_one("subsample", self.subsample)?;
        let sample = rows_of_sample(data.x.rows(), self.subsample, self.seed);
        refuse_missing(KIND, &data.x)?;
        let blocks = Dense::learn(KIND, &data.x, context, sample.as_deref(), |column, values| {
            let values = self.edges(values);
            refuse_overflow(KIND, column, &values)?;
            Ok(Edges { values })
        })?;
        let output = |block: &Dense<Edges>| match self.encode {
            BinEncoding::Ordinal => block.columns.clone(),
            _ => (block.columns.iter().zip(&block.learned)).flat_map(|(column, edges)| edges.columns(column)).collect(),
        };
        let outputs = blocks.iter().map(output).collect();
        Ok(FittedKBinsDiscretizer { encode: self.encode, blocks, outputs })
    }
}

impl KBinsDiscretizer {
    fn edges(&self, mut values: Vec<f64>) -> Vec<f64> {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if low == high {
            return vec![low, high];
        }
        let n = self.n_bins;
        let edges = match self.strategy {
            BinStrategy::Uniform => {
                let width = (high - low) / n as f64;
                return (0..n).map(|i| low + i as f64 * width).chain([high]).collect();
            }
            BinStrategy::Quantile => {
                let shares: Vec<f64> = (0..=n).map(|i| i as f64 / n as f64).collect();
                quantiles(&mut values, &shares)
            }
            BinStrategy::Kmeans => {
                values.par_sort_unstable_by(f64::total_cmp);
                let centres = clusters::centres(&values, n);
                let middles = centres.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]));
                std::iter::once(low).chain(middles).chain([high]).collect()
            }
        };
        let mut wide: Vec<f64> = Vec::with_capacity(edges.len());
        let widths = std::iter::once(f64::INFINITY).chain(edges.windows(2).map(|pair| pair[1] - pair[0]));
        wide.extend(edges.iter().zip(widths).filter(|(_, width)| *width > NARROW).map(|(edge, _)| *edge));
        // A column narrower than a bin may be has one all the same.
        if wide.len() < 2 { vec![low, high] } else { wide }
    }
}

impl Edges {
    fn count(&self) -> usize {
        self.values.len().saturating_sub(1).max(1)
    }

    fn bin(&self, x: f64) -> usize {
        // Between the first and the last edge.
        let inner = self.values.get(1..self.values.len().saturating_sub(1)).unwrap_or_default();
        inner.partition_point(|edge| *edge <= x)
    }

    fn middle(&self, bin: usize) -> f64 {
        match (self.values.get(bin), self.values.get(bin + 1)) {
            (Some(low), Some(high)) => f64::midpoint(*low, *high),
            _ => f64::NAN,
        }
    }

    fn columns(&self, column: &Column) -> impl Iterator<Item = Column> {
        (0..self.count()).map(|bin| column.derive(format!("{}={bin}", column.name)))
    }
}

/// The one-hot columns of a block: each column's begin where those of the one before end.
struct OneHot<'a> {
    bins: Vec<(usize, &'a Edges)>,
    width: usize,
}

impl<'a> OneHot<'a> {
    fn of(block: &'a Dense<Edges>) -> Self {
        let mut width = 0;
        let mut bins = Vec::with_capacity(block.learned.len());
        for edges in &block.learned {
            bins.push((width, edges));
            width += edges.count();
        }
        OneHot { bins, width }
    }

    fn dense(&self, x: &Array2<f64>) -> Values {
        let mut output = Array2::zeros((x.nrows(), self.width));
        let fill = |(mut to, from): (ArrayViewMut1<'_, f64>, ArrayView1<'_, f64>)| {
            from.iter().zip(&self.bins).for_each(|(x, (start, edges))| to[start + edges.bin(*x)] = 1.0);
        };
        if x.nrows() <= ROWS {
            output.rows_mut().into_iter().zip(x.rows()).for_each(fill);
        } else {
            output.axis_iter_mut(Axis(0)).into_par_iter().zip(x.axis_iter(Axis(0))).for_each(fill);
        }
        Values::Dense(output)
    }

    fn sparse(&self, x: &Array2<f64>) -> Result<Values> {
        let places = |row: ArrayView1<'_, f64>| -> Vec<usize> {
            row.iter().zip(&self.bins).map(|(x, (start, edges))| start + edges.bin(*x)).collect()
        };
        let places: Vec<usize> = x.axis_iter(Axis(0)).into_par_iter().flat_map_iter(places).collect();
        let (ends, ones) = ((0..=x.nrows()).map(|row| row * self.bins.len()).collect(), vec![1.0; places.len()]);
        let sparse = CsMat::try_new((x.nrows(), self.width), ends, places, ones);
        sparse.map(Values::Sparse).map_err(|(_, _, _, e)| Error::data(e.to_string()))
    }

    /// The bin of each column whose one-hot column is the largest; the first of several.
    fn largest(&self, z: &Array2<f64>) -> Array2<f64> {
        Array2::from_shape_fn((z.nrows(), self.bins.len()), |(row, column)| {
            let (start, edges) = self.bins[column];
            let of_bin = |bin: usize| z[[row, start + bin]];
            (1..edges.count()).fold(0, |best, bin| if of_bin(bin) > of_bin(best) { bin } else { best }) as f64
        })
    }
}

impl FittedKBinsDiscretizer {
    /// The edges of the bins of each column, in the order of the columns: one more than there are bins.
    pub fn edges(&self) -> impl Iterator<Item = &[f64]> {
        all(&self.blocks).map(|edges| &edges.values[..])
    }

    /// The middles of the bins: of [`BinEncoding::Ordinal`] the bins of these numbers, otherwise those whose column is
    /// the largest.
    ///
    /// # Errors
    /// When `z` does not have the columns that come out of the fitted step, or a number is that of no bin.
    pub fn inverse_transform(&self, z: Features) -> Result<Features> {
        same_blocks(KIND, self.blocks.len(), &z)?;
        map_blocks(z, |i, columns, values| {
            let fitted = &self.blocks[i];
            let one_hot = OneHot::of(fitted);
            let width = if self.encode == BinEncoding::Ordinal { fitted.columns.len() } else { one_hot.width };
            same_columns(KIND, output_of(KIND, &self.outputs, i, width)?, &columns)?;
            if fitted.learned.len() != fitted.columns.len() {
                let reason = format!("bins of {} columns beside {}", fitted.learned.len(), fitted.columns.len());
                return Err(Error::State { kind: KIND.into(), reason });
            }
            let z = match values {
                Values::Dense(z) => z,
                Values::Sparse(z) => z.to_dense(),
                _ => return Err(another_kind(KIND, "numbers", &columns)),
            };
            let bins = if self.encode == BinEncoding::Ordinal { z } else { one_hot.largest(&z) };
            let mut x = Array2::zeros(bins.dim());
            for ((row, column), to) in x.indexed_iter_mut() {
                let (bin, edges) = (bins[[row, column]], &fitted.learned[column]);
                if !(bin >= 0.0 && bin < edges.count() as f64) {
                    let reason = format!("{bin} is none of its {} bins, which are counted from 0", edges.count());
                    return Err(Error::cell(&fitted.columns[column].name, row, reason));
                }
                *to = edges.middle(bin as usize);
            }
            Block::new(fitted.columns.clone(), Values::Dense(x))
        })
    }
}

impl Transform<Features> for FittedKBinsDiscretizer {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        refuse_missing(KIND, &x)?;
        Dense::apply(KIND, &self.blocks, x, |i, fitted, mut x| {
            refuse_infinite(KIND, &x, &fitted.columns)?;
            let one_hot = OneHot::of(fitted);
            let width = if self.encode == BinEncoding::Ordinal { x.ncols() } else { one_hot.width };
            let output = output_of(KIND, &self.outputs, i, width)?;
            let values = match self.encode {
                BinEncoding::Onehot => one_hot.sparse(&x)?,
                BinEncoding::OnehotDense => one_hot.dense(&x),
                BinEncoding::Ordinal => {
                    any_row_mut(&mut x, |row| {
                        row.iter_mut().zip(&fitted.learned).for_each(|(x, edges)| *x = edges.bin(*x) as f64);
                        false
                    });
                    Values::Dense(x)
                }
            };
            Block::new(output.clone(), values)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::Fit as _;
    use ndarray::array;

    #[test]
    fn a_state_that_is_too_short_is_refused_and_does_not_panic() {
        let x = || Features::from_dense(array![[0.0, 5.0], [1.0, 6.0], [2.0, 7.0], [9.0, 1.0]], ["a", "b"]).unwrap();
        for encode in [BinEncoding::Ordinal, BinEncoding::Onehot, BinEncoding::OnehotDense] {
            let fit = || {
                KBinsDiscretizer { n_bins: 2, encode, ..KBinsDiscretizer::default() }.fit(Training::new(x())).unwrap()
            };
            let z = fit().transform(x()).unwrap();
            let refused = |damage: fn(&mut FittedKBinsDiscretizer)| {
                let mut fitted = fit();
                damage(&mut fitted);
                assert!(fitted.transform(x()).is_err(), "{encode:?}");
                assert!(fitted.inverse_transform(z.clone()).is_err(), "{encode:?}");
            };
            refused(|fitted| fitted.outputs.clear());
            refused(|fitted| fitted.outputs[0] = fitted.outputs[0][1..].into());
            refused(|fitted| fitted.blocks[0].learned.truncate(1));
        }
    }
}
