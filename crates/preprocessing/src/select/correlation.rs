//! [`CorrelationThreshold`]: of columns that say the same, one is kept.

use super::{
    scores::{Groups, correlation_ratios, correlations},
    selection::Selection,
};
use crate::{
    moments::{Moments, require_numbers, too_large},
    reduce::scatter,
    step::{Learn, step},
};
use adflux_core::{Block, Column, Context, Error, Features, Result, Target, Training, Transform, Values, parameter};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// Of every two numeric columns whose correlation (Pearson) is above a threshold, or below its negative, one goes.
///
/// Without a target the later column goes. With one, the column less related to it: by the correlation with a numeric target
/// (of several the strongest), by the correlation ratio with classes; of equally related ones the later. The columns are gone
/// through from the first, or the most related, and each is kept unless it is correlated with one that is kept:
/// of a chain a ~ b ~ c in which only neighbours are correlated, a and c are kept. [`dropped`](FittedCorrelationThreshold::dropped)
/// says of each column that went which column it goes with.
///
/// Takes dense and sparse blocks; the kept columns keep their order, names, lineage and kind of block. Constant columns are
/// correlated with none, and stay. Row weights do not count. Missing and infinite values are refused, and more than 4096
/// columns: all pairs are compared. O(n·d²) for dense columns, O(Σ (numbers of a row)²) for sparse ones.
///
/// scikit-learn has no such step; with feature-engine's `DropCorrelatedFeatures` it shares the order without a target.
///
/// ```
/// use adflux_core::{Features, Fit, Training};
/// use adflux_preprocessing::CorrelationThreshold;
/// use ndarray::array;
///
/// let x = array![[1.0, 100.0, 7.0], [2.0, 200.0, 1.0], [3.0, 301.0, 4.0], [4.0, 399.0, 3.0]];
/// let x = Features::from_dense(x, ["clicks", "impressions", "weekday"])?;
/// let fitted = CorrelationThreshold::default().fit(Training::new(x))?;
/// let dropped = &fitted.dropped()[0];
/// assert_eq!(dropped.to_string(), "`impressions` goes with `clicks` (correlation 1.000), which is kept");
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorrelationThreshold {
    /// The largest correlation, of either sign, that two kept columns have. Between 0 and 1. Default: 0.95.
    pub threshold: f64,
}

impl Default for CorrelationThreshold {
    fn default() -> Self {
        CorrelationThreshold { threshold: 0.95 }
    }
}

impl CorrelationThreshold {
    /// Keeps columns whose correlations are at most `threshold`.
    pub fn new(threshold: f64) -> Self {
        CorrelationThreshold { threshold }
    }

    /// The largest correlation, of either sign, that two kept columns have.
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }
}

/// Why a column went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dropped {
    /// The column that went.
    pub column: String,
    /// The kept column that it goes with; of several the one that it is most correlated with.
    pub kept: String,
    /// Their correlation, −1 to 1.
    pub correlation: f64,
}

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` goes with `{}` (correlation {:.3}), which is kept", self.column, self.kept, self.correlation)
    }
}

/// A fitted [`CorrelationThreshold`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedCorrelationThreshold {
    selection: Selection,
    dropped: Vec<Dropped>,
}

step!(CorrelationThreshold => FittedCorrelationThreshold, "correlation-threshold", version = 1);
const KIND: &str = "correlation-threshold";

/// Columns of which all pairs are compared: a matrix of 128 MiB.
const MOST_COLUMNS: usize = 4096;

impl Learn for CorrelationThreshold {
    type Fitted = FittedCorrelationThreshold;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedCorrelationThreshold> {
        let reason = "must lie between 0 and 1";
        parameter::ensure((0.0..=1.0).contains(&self.threshold), "threshold", self.threshold, reason)?;
        let x = &data.x;
        x.blocks().iter().try_for_each(|block| require_numbers(KIND, block))?;
        x.require_finite(KIND)?;
        let columns: Vec<&Column> = x.columns().collect();
        if columns.len() > MOST_COLUMNS {
            return Err(Error::data(format!(
                "`{KIND}` compares all pairs of at most {MOST_COLUMNS} columns, and was given {}: put a select-k-best or a \
                 truncated-svd before it",
                columns.len()
            )));
        }
        let mut order: Vec<usize> = (0..columns.len()).collect();
        if let Some(related) = relations(data)? {
            order.sort_by(|a, b| related[*b].total_cmp(&related[*a]));
        }
        context.check()?;
        let correlation = correlation_matrix(x)?;
        context.check()?;
        let mut keep = vec![false; columns.len()];
        let (mut kept, mut gone): (Vec<usize>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
        for column in order {
            let r = |other: &usize| correlation[[column, *other]].abs();
            // Of equals the first, so that the answer does not hang on the order of a maximum.
            let nearest = kept.iter().copied().reduce(|best, other| if r(&other) > r(&best) { other } else { best });
            match nearest {
                Some(nearest) if r(&nearest) > self.threshold => gone.push((column, nearest)),
                _ => {
                    keep[column] = true;
                    kept.push(column);
                }
            }
        }
        gone.sort_unstable();
        let dropped = gone.into_iter().map(|(column, other)| Dropped {
            column: columns[column].name.clone(),
            kept: columns[other].name.clone(),
            correlation: correlation[[column, other]],
        });
        Ok(FittedCorrelationThreshold { dropped: dropped.collect(), selection: Selection::new(x, &keep) })
    }
}

/// How related each column is to the target, 0 to 1; `None` without a target.
fn relations(data: &Training<Features>) -> Result<Option<Vec<f64>>> {
    let blocks = data.x.blocks();
    let strength = |r: Vec<f64>| r.into_iter().map(|r| r * r);
    Ok(match &data.target {
        Some(Target::Values(y)) => Some(blocks.iter().flat_map(|b| strength(correlations(b, y))).collect()),
        Some(Target::Classes(classes)) => {
            // One class alone says nothing of the columns.
            let Ok(groups) = Groups::new(KIND, classes) else { return Ok(None) };
            Some(blocks.iter().flat_map(|b| correlation_ratios(b, &groups)).collect())
        }
        Some(Target::Multi(multi)) => {
            let mut strongest = vec![0.0_f64; data.x.width()];
            for y in multi.values.columns() {
                let of_one = blocks.iter().flat_map(|b| strength(correlations(b, &y.to_owned())));
                strongest.iter_mut().zip(of_one).for_each(|(s, r)| *s = s.max(r));
            }
            Some(strongest)
        }
        _ => None,
    })
}

/// Correlations of each two columns, over all blocks; 0 where one is constant.
fn correlation_matrix(x: &Features) -> Result<Array2<f64>> {
    let (rows, width) = (x.rows() as f64, x.width());
    let dense = dense_columns(x)?;
    let mut products = Array2::zeros((width, width));
    let (mean, among_dense) = scatter(&dense.values.view());
    for (i, to) in dense.places.iter().enumerate() {
        for (j, other) in dense.places.iter().enumerate() {
            products[[*to, *other]] = among_dense[[i, j]];
        }
    }
    let sparse = SparseColumns::of(x);
    for row in 0..x.rows() {
        let entries = sparse.row(row);
        for (i, a) in &entries {
            entries.iter().for_each(|(j, b)| products[[*i, *j]] += a * b);
            for (j, other) in dense.places.iter().enumerate() {
                // The centred column sums to 0: the mean of the sparse one need not be taken off.
                products[[*i, *other]] += a * (dense.values[[row, j]] - mean[j]);
            }
        }
    }
    for (i, mean) in &sparse.means {
        for (j, other) in &sparse.means {
            products[[*i, *j]] -= rows * mean * other;
        }
        dense.places.iter().for_each(|j| products[[*j, *i]] = products[[*i, *j]]);
    }
    let squares = squares_of_columns(x);
    // A sparse column is not centred before it is multiplied: of a mean far above its deviations nothing but rounding is left.
    const LEAST_PART: f64 = 1e-8;
    let lost = |(place, mean): &&(usize, f64)| {
        let whole = rows * mean * mean;
        squares[*place] > 0.0 && whole.is_finite() && squares[*place] < LEAST_PART * whole
    };
    if let Some((place, mean)) = sparse.means.iter().find(lost) {
        let reason = format!(
            "`{KIND}` cannot tell the numbers of a sparse column apart that lie so near their mean, {mean}: subtract it, or give the \
             column as a number that is not sparse"
        );
        return Err(Error::column(x.columns().nth(*place).map_or("", |c| c.name.as_str()), reason));
    }
    // A constant column has rounding errors for a variance at most, and no correlation.
    let lengths: Vec<f64> = squares.iter().map(|squares| squares.sqrt()).collect();
    if let Some(column) = lengths.iter().position(|l| !l.is_finite()) {
        return Err(too_large(KIND, x.columns().nth(column).map_or("", |c| c.name.as_str())));
    }
    Ok(Array2::from_shape_fn((width, width), |(i, j)| {
        let r = products[[i, j]] / (lengths[i] * lengths[j]);
        if r.is_finite() { r.clamp(-1.0, 1.0) } else { 0.0 }
    }))
}

/// The dense columns side by side, and their places among all.
struct DenseColumns {
    values: Array2<f64>,
    places: Vec<usize>,
}

fn dense_columns(x: &Features) -> Result<DenseColumns> {
    let (mut views, mut places, mut first) = (Vec::new(), Vec::new(), 0);
    for block in x.blocks() {
        let width = block.columns().len();
        if let Values::Dense(x) = block.values() {
            views.push(x.view());
            places.extend(first..first + width);
        }
        first += width;
    }
    let values = match &views[..] {
        [] => Array2::zeros((x.rows(), 0)),
        views => ndarray::concatenate(ndarray::Axis(1), views).map_err(Error::backend)?,
    };
    Ok(DenseColumns { values, places })
}

/// The sparse blocks, each with the place of its first column, and the means of their columns by place.
struct SparseColumns<'a> {
    blocks: Vec<(usize, &'a sprs::CsMat<f64>)>,
    means: Vec<(usize, f64)>,
}

impl<'a> SparseColumns<'a> {
    fn of(x: &'a Features) -> Self {
        let (mut blocks, mut means, mut first) = (Vec::new(), Vec::new(), 0);
        for block in x.blocks() {
            if let Values::Sparse(sparse) = block.values() {
                blocks.push((first, sparse));
                means.extend(moments(x, block).mean.into_iter().enumerate().map(|(c, mean)| (first + c, mean)));
            }
            first += block.columns().len();
        }
        SparseColumns { blocks, means }
    }

    /// The numbers stored in a row, by place.
    fn row(&self, row: usize) -> Vec<(usize, f64)> {
        let of_block = |(first, x): &(usize, &sprs::CsMat<f64>)| {
            let first = *first;
            let entries = x.outer_view(row).map(|r| r.iter().map(|(c, v)| (first + c, *v)).collect::<Vec<_>>());
            entries.unwrap_or_default()
        };
        self.blocks.iter().flat_map(of_block).collect()
    }
}

fn moments(x: &Features, block: &Block) -> Moments {
    Moments::of(block.values(), x.rows(), block.columns().len())
}

/// The squares of all columns about their means; 0 exactly when the values of a column are all the same.
fn squares_of_columns(x: &Features) -> Vec<f64> {
    let of_block = |block: &Block| {
        let extents = crate::moments::extent(block.values(), block.columns().len());
        let squares = moments(x, block).squares;
        extents.into_iter().zip(squares).map(|(e, s)| if e > 0.0 { s } else { 0.0 }).collect::<Vec<_>>()
    };
    x.blocks().iter().flat_map(of_block).collect()
}

impl FittedCorrelationThreshold {
    /// The columns that went, in order, each with the reason.
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }

    /// The columns that are kept, in order.
    pub fn kept(&self) -> impl Iterator<Item = &Column> {
        self.selection.kept()
    }
}

impl Transform<Features> for FittedCorrelationThreshold {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        x.require_finite(KIND)?;
        self.selection.apply(KIND, x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::Fit as _;
    use sprs::CsMat;

    #[test]
    fn a_sparse_column_whose_numbers_rounding_swallows_is_named_and_not_called_too_large() {
        let sparse = |x: Array2<f64>| {
            let columns = ["a", "b"].map(Column::input);
            let block = Block::new(columns, Values::Sparse(CsMat::csr_from_dense(x.view(), 0.0))).unwrap();
            Training::new(Features::new(x.nrows(), vec![block]).unwrap())
        };
        let rows = |mean: f64| {
            Array2::from_shape_fn((40, 2), |(row, c)| mean + f64::from(u8::from((row * 7 + c * 3) % 5 < 2)) * 2.0 - 1.0)
        };
        let error = CorrelationThreshold::default().fit(sparse(rows(1e9))).unwrap_err().to_string();
        assert!(error.contains("column `a`") && error.contains("so near their mean"), "{error}");
        // Of a mean that leaves digits enough the correlation is that of the dense columns.
        let wide = correlation_matrix(&sparse(rows(100.0)).x).unwrap();
        let dense = correlation_matrix(&Features::from_dense(rows(100.0), ["a", "b"]).unwrap()).unwrap();
        assert!((wide[[0, 1]] - dense[[0, 1]]).abs() < 1e-9, "{wide} {dense}");
    }
}
