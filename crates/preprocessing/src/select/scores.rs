//! How much a column goes with the target, one column at a time.

use crate::moments::{Moments, extent, sums};
use adflux_core::{Block, ClassTarget, Error, Result, Values};
use adflux_evaluation::distributions::fisher_f_above;
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use statrs::function::gamma::checked_gamma_ur;

/// The score of a column against the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreFunction {
    /// Analysis of variance, for classes: the variance between the means of the classes over that within them.
    #[default]
    FClassif,
    /// Linear regression on the one column, for numbers: `r² / (1 − r²) · (n − 2)` of the correlation r.
    FRegression,
    /// Chi-squared, for classes and columns of counts or frequencies, 0 or more: how far the sum of the column in each class is
    /// from that of equal shares.
    Chi2,
}

/// A score and its p-value for each column: the chance of a score as large if the column had nothing to do with the target.
pub(super) struct Scores {
    pub(super) scores: Vec<f64>,
    pub(super) p_values: Vec<f64>,
}

impl Scores {
    fn of(scores: Vec<f64>, p_value: impl Fn(f64) -> f64) -> Self {
        let p_values = scores.iter().map(|s| p_value(*s)).collect();
        Scores { scores, p_values }
    }
}

/// Rows a class, and the class of each row, of the classes that a row has.
pub(super) struct Groups {
    of_row: Vec<usize>,
    rows: Vec<f64>,
}

impl Groups {
    /// # Errors
    /// Naming `step`, with fewer than two classes among the rows.
    pub(super) fn new(step: &str, target: &ClassTarget) -> Result<Self> {
        let mut place = vec![usize::MAX; target.labels.len()];
        let mut rows: Vec<f64> = Vec::new();
        let mut of_row = Vec::with_capacity(target.codes.len());
        for &code in &target.codes {
            let Some(place) = place.get_mut(code as usize) else {
                return Err(Error::data(format!("class {code} of {} labels", target.labels.len())));
            };
            if *place == usize::MAX {
                *place = rows.len();
                rows.push(0.0);
            }
            rows[*place] += 1.0;
            of_row.push(*place);
        }
        if rows.len() < 2 {
            let only = target.codes.first().and_then(|c| target.labels.get(*c as usize)).map_or("", String::as_str);
            return Err(Error::data(format!(
                "`{step}` compares classes, and every row is of the class `{only}`: give rows of another, or use f_regression"
            )));
        }
        Ok(Groups { of_row, rows })
    }

    fn len(&self) -> usize {
        self.rows.len()
    }
}

/// The F statistic of an analysis of variance, and its p-value; NaN for a column without any variance.
pub(super) fn f_classif(block: &Block, groups: &Groups) -> Scores {
    let (values, columns, classes) = (block.values(), block.columns().len(), groups.len());
    let rows = groups.of_row.len() as f64;
    let size = classes * columns;
    let total = sums(values, size, |sums, row, c, v| sums[groups.of_row[row] * columns + c] += v);
    let mean: Vec<f64> = total.iter().enumerate().map(|(i, t)| t / groups.rows[i / columns]).collect();
    let mut within = sums(values, size, |sums, row, c, v| {
        let i = groups.of_row[row] * columns + c;
        sums[i] += (v - mean[i]).powi(2);
    });
    if matches!(values, Values::Sparse(_)) {
        let stored = sums(values, size, |sums, row, c, _| sums[groups.of_row[row] * columns + c] += 1.0);
        for (i, within) in within.iter_mut().enumerate() {
            *within += (groups.rows[i / columns] - stored[i]) * mean[i] * mean[i];
        }
    }
    let (between_freedom, within_freedom) = ((classes - 1) as f64, rows - classes as f64);
    // Of a constant column rounding alone would be compared with rounding.
    let extent = extent(values, columns);
    let score = |c: usize| {
        if extent[c] == 0.0 {
            return f64::NAN;
        }
        let of = |per_class: &[f64], class: usize| per_class[class * columns + c];
        let all = (0..classes).map(|class| of(&total, class)).sum::<f64>() / rows;
        let between: f64 = (0..classes).map(|class| groups.rows[class] * (of(&mean, class) - all).powi(2)).sum();
        let within: f64 = (0..classes).map(|class| of(&within, class)).sum();
        (between / between_freedom) / (within / within_freedom)
    };
    Scores::of((0..columns).map(score).collect(), |f| fisher_f_above(f, between_freedom, within_freedom))
}

/// The F statistic of a regression on each column, and its p-value; 0 for a constant column, as in scikit-learn.
pub(super) fn f_regression(block: &Block, target: &Array1<f64>) -> Scores {
    let freedom = target.len() as f64 - 2.0;
    let score = |r: f64| {
        let f = r * r / (1.0 - r * r) * freedom;
        // A column that is the target itself.
        if f.is_finite() { f } else { f64::MAX }
    };
    let scores = correlations(block, target).into_iter().map(score).collect();
    Scores::of(scores, |f| fisher_f_above(f, 1.0, freedom))
}

/// The correlation (Pearson) of each column with the target, between −1 and 1; 0 when one of them is constant.
pub(super) fn correlations(block: &Block, target: &Array1<f64>) -> Vec<f64> {
    let (values, rows, columns) = (block.values(), target.len(), block.columns().len());
    let mean = target.sum() / rows as f64;
    let y = target.mapv(|y| y - mean);
    let length = y.dot(&y).sqrt();
    let moments = Moments::of(values, rows, columns);
    // Zeros that are not stored are away from the mean of the column by that mean.
    let products = sums(values, 2 * columns, |sums, row, c, v| {
        sums[c] += (v - moments.mean[c]) * y[row];
        sums[columns + c] += y[row];
    });
    let centred = |c: usize| match values {
        Values::Sparse(_) => products[c] + moments.mean[c] * products[columns + c],
        _ => products[c],
    };
    // Of a constant column rounding alone would be compared with rounding.
    let extent = extent(values, columns);
    let constant = target.iter().all(|y| *y == target[0]);
    (0..columns)
        .map(|c| {
            let r = centred(c) / (moments.squares[c].sqrt() * length);
            if constant || extent[c] == 0.0 || r.is_nan() { 0.0 } else { r.clamp(-1.0, 1.0) }
        })
        .collect()
}

/// The chi-squared statistic of each column, and its p-value; NaN for a column of zeros.
///
/// # Errors
/// Naming `step`, the column and the row of the first number below 0.
pub(super) fn chi2(step: &str, block: &Block, groups: &Groups) -> Result<Scores> {
    let (values, columns, classes) = (block.values(), block.columns().len(), groups.len());
    if let Some((row, c, v)) = negative(values) {
        let reason = format!("{v}, and `{step}` with chi2 takes counts and frequencies, 0 or more: use f_classif");
        return Err(Error::cell(&block.columns()[c].name, row, reason));
    }
    let observed = sums(values, classes * columns, |sums, row, c, v| sums[groups.of_row[row] * columns + c] += v);
    let rows = groups.of_row.len() as f64;
    let score = |c: usize| {
        let total: f64 = (0..classes).map(|class| observed[class * columns + c]).sum();
        let expected = |class: usize| total * groups.rows[class] / rows;
        (0..classes).map(|class| (observed[class * columns + c] - expected(class)).powi(2) / expected(class)).sum()
    };
    let freedom = (classes - 1) as f64;
    Ok(Scores::of((0..columns).map(score).collect(), |x| chi2_tail(freedom, x)))
}

fn negative(values: &Values) -> Option<(usize, usize, f64)> {
    match values {
        Values::Dense(x) => x.indexed_iter().find(|(_, v)| **v < 0.0).map(|((row, c), v)| (row, c, *v)),
        Values::Sparse(x) => x.iter().find(|(v, _)| **v < 0.0).map(|(v, (row, c))| (row, c, *v)),
        _ => None,
    }
}

/// The share of the variance of each column that lies between the classes, 0 to 1 (the correlation ratio, squared); 0 for a
/// constant column.
pub(super) fn correlation_ratios(block: &Block, groups: &Groups) -> Vec<f64> {
    let (between_freedom, within_freedom) =
        ((groups.len() - 1) as f64, groups.of_row.len() as f64 - groups.len() as f64);
    let ratio = |f: f64| {
        let odds = f * between_freedom / within_freedom;
        if odds.is_nan() {
            0.0
        } else if odds.is_infinite() {
            1.0
        } else {
            odds / (1.0 + odds)
        }
    };
    f_classif(block, groups).scores.into_iter().map(ratio).collect()
}

/// The chance that a chi-squared variable of these degrees of freedom is above `x`: `Q(d/2, x/2)`.
fn chi2_tail(freedom: f64, x: f64) -> f64 {
    match x {
        _ if x.is_nan() => f64::NAN,
        _ if x <= 0.0 => 1.0,
        _ if x.is_infinite() => 0.0,
        _ => checked_gamma_ur(freedom / 2.0, x / 2.0).unwrap_or(f64::NAN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_testing::assert_close;

    #[test]
    fn tails_are_those_of_the_tables() {
        // scipy.special.chdtrc, scipy 1.17.1.
        assert_close(chi2_tail(10.0, 3.0), 0.981_424_063_777_859_3, 1e-13);
        assert_eq!((chi2_tail(1.0, 0.0), chi2_tail(1.0, f64::INFINITY)), (1.0, 0.0));
        assert!(chi2_tail(1.0, f64::NAN).is_nan());
    }
}
