//! How predictions go with one column: partial dependence and individual conditional expectations.

use super::output::{chosen, numbers};
use crate::FittedPipeline;
use adflux_core::{
    Categories, Context, Error, Predict, Prediction, Result, Rows as _, Transform,
    parameter::{between_one_and, ensure},
};
use adflux_data::{ColumnKind, Frame};
use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

/// Predictions with one column set to each value of a grid, the others staying as they are: for each row, a line (individual
/// conditional expectation, Goldstein et al. 2015), and their mean, the partial dependence (Friedman 2001).
///
/// The grid of a number is scikit-learn's: its distinct values where they are fewer than `grid_resolution`, or else so many, evenly
/// spaced between two quantiles. That of a category or a truth value are its values, the most frequent first, `grid_resolution` of them at
/// most.
///
/// A mean over rows puts values together that may not go together (a budget of 10 on a campaign of a million impressions): where
/// columns hang together, read it between values that occur. Cost: rows · grid predictions.
///
/// ```no_run
/// # use adflux_core::{Context, Registry};
/// # use adflux_data::Frame;
/// # use adflux_pipeline::{AnyFittedPipeline, PartialDependence};
/// # let (fitted, frame) = (AnyFittedPipeline::load("m.adflux", &Registry::new())?, Frame::read_csv("f.csv")?);
/// let of_budget = PartialDependence::default().run(&fitted, &frame, "budget", None, &Context::default())?;
/// println!("{:?}: {:?}", of_budget.grid, of_budget.average);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PartialDependence {
    /// Values of the grid at most, 2 to 10,000. Default 100.
    pub grid_resolution: usize,
    /// The shares of the rows below the least and the greatest value of an evenly spaced grid. Default 0.05 and 0.95.
    pub percentiles: (f64, f64),
}

impl Default for PartialDependence {
    fn default() -> Self {
        PartialDependence { grid_resolution: 100, percentiles: (0.05, 0.95) }
    }
}

/// The values that a column is set to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grid {
    /// Of a number, ascending.
    Numbers(Vec<f64>),
    /// Of a category or a truth value, the most frequent first.
    Levels(Vec<String>),
}

/// What is predicted along a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependence {
    /// The column.
    pub column: String,
    /// The class or the one of several predictions; `None` of a single number.
    pub output: Option<String>,
    /// The values it is set to.
    pub grid: Grid,
    /// Rarer levels that the grid has no place for; 0 of numbers.
    pub levels_left_out: usize,
    /// The mean prediction at each.
    pub average: Array1<f64>,
    /// Rows × grid: the predictions of each row.
    pub individual: Array2<f64>,
}

impl PartialDependence {
    /// Sets `column` of every row of `frame` to each value of its grid. `output` is as in [`Attribution`](crate::Attribution).
    ///
    /// # Errors
    /// When a parameter is out of range; when the pipeline does not read the column, or it holds dates or nothing but missing values;
    /// when the prediction is no number or fails; or when the work is cancelled.
    pub fn run<P, M, O, X>(
        &self,
        fitted: &FittedPipeline<P, M, O>,
        frame: &Frame,
        column: &str,
        output: Option<&str>,
        context: &Context,
    ) -> Result<Dependence>
    where
        P: Transform<Frame, Output = X> + Sync,
        M: Predict<X> + Sync,
        M::Output: Into<Prediction>,
        O: Transform<(Frame, Prediction), Output = Prediction> + Sync,
    {
        between_one_and(10_000, "grid_resolution", self.grid_resolution)?;
        ensure(self.grid_resolution > 1, "grid_resolution", self.grid_resolution, "must be at least 2")?;
        let (low, high) = self.percentiles;
        let ordered = (0.0..=1.0).contains(&low) && low < high && high <= 1.0;
        ensure(ordered, "percentiles", self.percentiles, "must be two shares, the first below the second")?;
        context.check()?;
        let frame = frame.conform(&fitted.schema)?;
        frame.require(&[column])?;
        let (grid, holders, levels_left_out) = self.grid(&frame, column)?;
        let output = chosen(&fitted.run(&frame)?, output)?;
        let mut individual = Array2::zeros((frame.rows(), grid.len()));
        for (i, mut to) in individual.columns_mut().into_iter().enumerate() {
            context.check()?;
            let rows = frame.rows();
            let set = match &grid {
                Grid::Numbers(values) => Frame::builder().numbers(column, vec![values[i]; rows]).build()?,
                Grid::Levels(_) => frame.select(&[column])?.take(&vec![holders[i]; rows]),
            };
            let set = frame.with_columns_of(&set)?;
            let predicted = context.run(|| numbers(&fitted.run(&set)?, output.as_deref()))?;
            to.assign(&Array1::from(predicted));
            context.report("values of the column", i as u64 + 1, Some(grid.len() as u64));
        }
        let average = individual.mean_axis(Axis(0)).ok_or_else(|| Error::data("there is no row to predict"))?;
        Ok(Dependence { column: column.into(), output, grid, levels_left_out, average, individual })
    }

    /// The grid and, of levels, a row that has each and how many are left out.
    fn grid(&self, frame: &Frame, column: &str) -> Result<(Grid, Vec<usize>, usize)> {
        let nothing = || Error::column(column, "has no value in these rows: there is nothing to go along");
        match frame.kind_of(column)? {
            ColumnKind::Number => {
                let mut values: Vec<f64> = frame.numbers(column)?.into_iter().filter(|v| v.is_finite()).collect();
                values.sort_unstable_by(f64::total_cmp);
                let (low, high) = self.percentiles;
                let ends = values.len().checked_sub(1).map(|_| (mquantile(&values, low), mquantile(&values, high)));
                let (low, high) = ends.ok_or_else(nothing)?;
                values.dedup();
                if values.len() >= self.grid_resolution {
                    let last = (self.grid_resolution - 1) as f64;
                    let step = (high - low) / last;
                    values = (0..self.grid_resolution).map(|i| low + step * i as f64).collect();
                }
                Ok((Grid::Numbers(values), Vec::new(), 0))
            }
            ColumnKind::Time => {
                Err(Error::column(column, "holds dates, which are no grid: make a number of them first"))
            }
            _ => {
                let Categories { codes, levels } = frame.categories(column)?;
                let mut rows = vec![0_usize; levels.len()];
                for code in &codes {
                    if let Some(rows) = rows.get_mut(*code as usize) {
                        *rows += 1;
                    }
                }
                let mut order: Vec<usize> = (0..levels.len()).collect();
                order.sort_by_key(|level| std::cmp::Reverse(rows[*level]));
                let left_out = order.len().saturating_sub(self.grid_resolution);
                order.truncate(self.grid_resolution);
                let holder = |level: &usize| codes.iter().position(|code| *code as usize == *level);
                let holders: Vec<usize> = order.iter().filter_map(holder).collect();
                let levels: Vec<String> = order.into_iter().map(|level| levels[level].clone()).collect();
                if levels.is_empty() { Err(nothing()) } else { Ok((Grid::Levels(levels), holders, left_out)) }
            }
        }
    }
}

impl Grid {
    /// The number of values.
    pub fn len(&self) -> usize {
        match self {
            Grid::Numbers(values) => values.len(),
            Grid::Levels(levels) => levels.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// SciPy's mquantiles, by which scikit-learn finds the ends of the grid: Hyndman and Fan's family with α = β = 0.4.
fn mquantile(sorted: &[f64], share: f64) -> f64 {
    let n = sorted.len();
    if n < 2 {
        return sorted[0];
    }
    let at = n as f64 * share + 0.4 + 0.2 * share;
    let below = at.clamp(1.0, (n - 1) as f64).floor();
    let part = (at - below).clamp(0.0, 1.0);
    (1.0 - part) * sorted[below as usize - 1] + part * sorted[below as usize]
}
