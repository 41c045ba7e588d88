//! Linear SHAP: a coefficient times the difference of its column from the mean of the background.
//!
//! `φ_j = b_j (x_j − mean_j)` on the scale of the link: the Shapley values of a sum, when columns that are not known are those of a
//! background row (Štrumbelj & Kononenko 2014; shap's LinearExplainer with independent features). Only the means of the background
//! count.

use crate::{linear::coefficients::Coefficients, table::Table};
use adflux_core::{Context, Contributions, Error, Features, Result, Scale};
use ndarray::{Array1, Array3};

/// Columns that are equal but for rounding have their mean between their least and greatest value.
fn means(table: &Table<'_>) -> Vec<f64> {
    let mut row = vec![0.0; table.width()];
    let mut means = vec![0.0; table.width()];
    for i in 0..table.rows() {
        table.read_row(i, &mut row);
        // Welford's steps: sums of large numbers would lose digits.
        means.iter_mut().zip(&row).for_each(|(mean, x)| *mean += (x - *mean) / (i + 1) as f64);
    }
    means
}

/// What each column adds to the scores of each row; `None` without a background, as coefficients remember no rows.
///
/// # Errors
/// As [`Coefficients::scores`], for `x` and for `background`; and when that has no row.
pub(crate) fn contributions(
    of: &Coefficients,
    x: &Features,
    background: Option<&Features>,
    (scale, outputs): (Scale, Vec<String>),
    step: &str,
    context: &Context,
) -> Result<Option<Contributions>> {
    let Some(background) = background else { return Ok(None) };
    context.check()?;
    if background.rows() == 0 {
        return Err(Error::data("the background has no row to compare with"));
    }
    for x in [x, background] {
        of.scores(x, step)?;
    }
    let table = Table::unchecked(x, step)?;
    let means = means(&Table::unchecked(background, step)?);
    let base: Array1<f64> = of
        .weights
        .rows()
        .into_iter()
        .zip(&of.intercepts)
        .map(|(line, intercept)| intercept + line.iter().zip(&means).map(|(b, mean)| b * mean).sum::<f64>())
        .collect();
    let mut values = Array3::zeros((table.rows(), means.len(), of.weights.nrows()));
    let mut row = vec![0.0; means.len()];
    for (i, mut to) in values.outer_iter_mut().enumerate() {
        table.read_row(i, &mut row);
        for (((mut to, line), x), mean) in to.outer_iter_mut().zip(of.weights.columns()).zip(&row).zip(&means) {
            to.iter_mut().zip(line).for_each(|(to, b)| *to = b * (x - mean));
        }
    }
    Ok(Some(Contributions { method: "linear", scale, outputs, columns: of.columns.clone(), base, values }))
}

/// The method of [`Predict`](adflux_core::Predict) for a fitted model that holds `coefficients`: its kind, and the scale and names of
/// what `self` predicts.
macro_rules! linear_contributions {
    ($kind:expr, |$model:ident| $of:expr) => {
        /// Linear SHAP, on the scale on which the columns add up: each coefficient times the difference from the mean of `background`;
        /// `None` without one.
        ///
        /// # Errors
        /// As `predict`, for `x` and for `background`; and when that has no row.
        fn contributions(
            &self,
            x: &adflux_core::Features,
            background: Option<&adflux_core::Features>,
            context: &adflux_core::Context,
        ) -> adflux_core::Result<Option<adflux_core::Contributions>> {
            let $model = self;
            $crate::explain::linear::contributions(&self.coefficients, x, background, $of, $kind, context)
        }
    };
}
pub(crate) use linear_contributions;
