//! How values depend on those before.

use super::checked;
use crate::basis::dot;
use adflux_core::{Result, parameter};
use adflux_evaluation::distributions::{chi_squared_above, normal_quantile};

/// Correlations by lag, from lag 0 on, and what of them chance would give.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlogram {
    /// The correlation with the value so many steps before; 1 at lag 0.
    pub correlation: Vec<f64>,
    /// What the correlation at a lag stays within, on either side of 0, with the probability asked for; 0 at lag 0.
    pub bound: Vec<f64>,
}

impl Correlogram {
    /// The lags from 1 on whose correlation is beyond the bound.
    pub fn significant(&self) -> Vec<usize> {
        (1..self.correlation.len()).filter(|lag| self.correlation[*lag].abs() > self.bound[*lag]).collect()
    }
}

/// The autocorrelation up to `lags`, fewer than there are values: Σ (yₜ − ȳ)(yₜ₋ₖ − ȳ) / Σ (yₜ − ȳ)².
///
/// The bounds are Bartlett's (1946): z √((1 + 2 Σᵢ₍ₖ rᵢ²) / n), which hold if only the lags before correlate. `level` is their
/// probability, 0.95 mostly. As statsmodels' `acf(…, alpha)`. O(values × lags).
///
/// # Errors
/// Values that are not finite or all the same, too many lags, a level not between 0 and 1.
pub fn acf(values: &[f64], lags: usize, level: f64) -> Result<Correlogram> {
    let values = &checked_for(values, lags)?[..];
    parameter::open_unit("level", level)?;
    let correlation = autocorrelation(values, lags);
    let (z, count) = (normal_quantile(0.5 + level / 2.0), values.len() as f64);
    let mut squares = 0.0;
    let of = |lag: usize| {
        let bound = z * ((1.0 + 2.0 * squares) / count).sqrt();
        squares += if lag > 0 { correlation[lag] * correlation[lag] } else { 0.0 };
        if lag > 0 { bound } else { 0.0 }
    };
    let bound = (0..=lags).map(of).collect();
    Ok(Correlogram { correlation, bound })
}

/// The partial autocorrelation up to `lags`, fewer than there are values: what is left of that at a lag when the steps between are known,
/// the last coefficient of an autoregression of that order by Yule and Walker's equations (Durbin and Levinson's recursion).
///
/// The bounds are z / √n (Quenouille 1949). As statsmodels' `pacf(…, method = "ywm")`. O(values × lags + lags²).
///
/// # Errors
/// As of [`acf`].
pub fn pacf(values: &[f64], lags: usize, level: f64) -> Result<Correlogram> {
    let values = &checked_for(values, lags)?[..];
    parameter::open_unit("level", level)?;
    let r = autocorrelation(values, lags);
    let (mut partial, mut phi, mut unexplained) = (vec![1.0], Vec::<f64>::new(), 1.0);
    for lag in 1..=lags {
        let known: f64 = phi.iter().enumerate().map(|(i, phi)| phi * r[lag - 1 - i]).sum();
        let last = if unexplained > 0.0 { (r[lag] - known) / unexplained } else { 0.0 };
        let before = phi.clone();
        phi.iter_mut().zip(before.iter().rev()).for_each(|(phi, mirrored)| *phi -= last * mirrored);
        phi.push(last);
        unexplained *= 1.0 - last * last;
        partial.push(last);
    }
    let bound = normal_quantile(0.5 + level / 2.0) / (values.len() as f64).sqrt();
    Ok(Correlogram { correlation: partial, bound: (0..=lags).map(|lag| if lag > 0 { bound } else { 0.0 }).collect() })
}

/// A test of dependence at several lags at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PortmanteauTest {
    /// Q.
    pub statistic: f64,
    /// The probability of a Q as large where no lag correlates.
    pub p_value: f64,
    /// Lags less parameters.
    pub degrees: usize,
}

/// Whether the lags 1 to `lags` correlate (Ljung and Box 1978): Q = n (n + 2) Σ rₖ² / (n − k), χ² distributed where they do not.
///
/// Of the errors of a model with so many `parameters`, degrees of freedom are that many fewer; 0 for a series itself. As statsmodels'
/// `acorr_ljungbox(…, model_df)`. O(values × lags).
///
/// # Errors
/// Values that are not finite or all the same, too many lags, no more lags than parameters.
pub fn ljung_box(values: &[f64], lags: usize, parameters: usize) -> Result<PortmanteauTest> {
    let values = &checked_for(values, lags)?[..];
    parameter::ensure(lags > parameters, "lags", lags, "must be more than the parameters of the model")?;
    let count = values.len() as f64;
    let r = autocorrelation(values, lags);
    let sum: f64 = (1..=lags).map(|lag| r[lag] * r[lag] / (count - lag as f64)).sum();
    let (statistic, degrees) = (count * (count + 2.0) * sum, lags - parameters);
    Ok(PortmanteauTest { statistic, p_value: chi_squared_above(statistic, degrees as f64), degrees })
}

fn checked_for(values: &[f64], lags: usize) -> Result<Vec<f64>> {
    let values = checked(values, 2, false)?;
    parameter::ensure((1..values.len()).contains(&lags), "lags", lags, "must be at least 1 and fewer than the values")?;
    Ok(values)
}

fn autocorrelation(values: &[f64], lags: usize) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let centred: Vec<f64> = values.iter().map(|v| v - mean).collect();
    let variance = dot(&centred, &centred);
    (0..=lags).map(|lag| dot(&centred[lag..], &centred[..centred.len() - lag]) / variance).collect()
}
