//! How sure a least-squares fit is: standard errors, tests and intervals.

use super::{coefficients::Coefficients, least_squares::Solution};
use adflux_core::{Error, Features, Intervals, Result, parameter::open_unit};
use adflux_evaluation::distributions::{student_t_half_width, student_t_two_sided};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

/// One coefficient and how sure it is.
#[derive(Clone, Debug, PartialEq)]
pub struct CoefficientSummary {
    /// The column, or `intercept`.
    pub name: String,
    /// The estimate.
    pub coefficient: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The estimate over its standard error, t; 0 where the estimate is 0.
    pub statistic: f64,
    /// The probability of a statistic this far from 0 when the coefficient is 0.
    pub p_value: f64,
    /// The lower end of the confidence interval.
    pub lower: f64,
    /// The upper end of the confidence interval.
    pub upper: f64,
}

/// What is kept of the data to say how sure the fit is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Inference {
    /// Of the products of the columns about their means.
    #[serde(with = "adflux_core::arrays")]
    inverse: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    means: Vec<f64>,
    /// The sum of the weights.
    weight: f64,
    /// The variance of the noise of a row of weight 1.
    variance: f64,
    /// Rows of positive weight less coefficients of columns that vary.
    degrees: f64,
    intercept: bool,
}

impl Inference {
    /// # Errors
    /// When there are not more rows than coefficients, or columns are collinear.
    pub(super) fn new(solution: &Solution, squares: f64, rows: usize, intercept: bool, step: &str) -> Result<Self> {
        // Columns left out of the fit have neither a coefficient nor a place in the inverse.
        let (weights, _) = solution.coefficients.first();
        let left_out =
            |j: usize| solution.inverse.as_ref().is_some_and(|inverse| inverse[[j, j]] == 0.0) && weights[j] == 0.0;
        let live = (0..weights.len()).filter(|j| !left_out(*j)).count();
        let coefficients = live + usize::from(intercept);
        if rows <= coefficients {
            return Err(Error::data(format!(
                "standard errors of {coefficients} coefficients need more rows than the {rows} there are: leave `inference` of `{step}` off"
            )));
        }
        let Some(inverse) = &solution.inverse else {
            return Err(Error::data(format!(
                "there are no standard errors of collinear columns, or of more than {} of them: drop columns that repeat others \
                 (a one-hot-encoder with drop = \"first\"), or leave `inference` of `{step}` off",
                super::design::MOST_PRODUCTS
            )));
        };
        let degrees = (rows - coefficients) as f64;
        Ok(Inference {
            inverse: inverse.clone(),
            means: solution.means.clone(),
            weight: solution.weight,
            variance: squares / degrees,
            degrees,
            intercept,
        })
    }

    pub(super) fn fits(&self, columns: usize) -> bool {
        let finite = |v: f64| v.is_finite() && v >= 0.0;
        self.inverse.dim() == (columns, columns)
            && self.means.len() == columns
            && finite(self.weight)
            && finite(self.variance)
            && finite(self.degrees)
    }

    pub(super) fn variance(&self) -> f64 {
        self.variance
    }

    pub(super) fn degrees(&self) -> f64 {
        self.degrees
    }

    pub(super) fn summary(&self, of: &Coefficients, level: f64) -> Result<Vec<CoefficientSummary>> {
        open_unit("level", level)?;
        let (weights, intercept) = of.first();
        let half = student_t_half_width(level, self.degrees);
        let row = |name: &str, coefficient: f64, share: f64| {
            let standard_error = (share * self.variance).sqrt();
            // Not 0 / 0, of a column that does not vary or an outcome without noise.
            let statistic = if coefficient == 0.0 { 0.0 } else { coefficient / standard_error };
            CoefficientSummary {
                name: name.into(),
                coefficient,
                standard_error,
                statistic,
                p_value: student_t_two_sided(statistic, self.degrees),
                lower: coefficient - half * standard_error,
                upper: coefficient + half * standard_error,
            }
        };
        let first =
            self.intercept.then(|| row("intercept", intercept, self.share_of_mean(&vec![0.0; self.means.len()])));
        let rest = of.columns.iter().zip(weights).enumerate();
        let rest = rest.map(|(j, (column, weight))| row(&column.name, *weight, self.inverse[[j, j]]));
        Ok(first.into_iter().chain(rest).collect())
    }

    /// The variance of the expected value at `x`, as a share of the variance of the noise.
    fn share_of_mean(&self, x: &[f64]) -> f64 {
        let away: Array1<f64> = x.iter().zip(&self.means).map(|(x, m)| x - m).collect();
        let share = away.dot(&self.inverse.dot(&away));
        share + if self.intercept { self.weight.recip() } else { 0.0 }
    }

    /// Around `mean`: of the expected value, and of a single outcome of weight 1 when `noise` is 1.
    pub(super) fn intervals(
        &self,
        x: &Features,
        mean: Array1<f64>,
        noise: f64,
        level: f64,
        step: &str,
    ) -> Result<Intervals> {
        open_unit("level", level)?;
        let table = crate::table::Table::unchecked(x, step)?;
        let half = student_t_half_width(level, self.degrees);
        let mut line = vec![0.0; self.means.len()];
        let width = |row: usize| {
            table.read_row(row, &mut line);
            half * (self.variance * (noise + self.share_of_mean(&line))).sqrt()
        };
        let widths: Array1<f64> = (0..x.rows()).map(width).collect();
        Ok(Intervals { lower: &mean - &widths, upper: &mean + &widths, mean, level })
    }
}
