//! Deviances of the Tweedie family, and D²: the share of a loss that is saved against the best constant.

use super::{
    intervals::pinball_loss,
    regression::{check, explained, two_rows},
};
use crate::{
    checks::{Weights, first_not},
    quantiles,
};
use adflux_core::{
    Error, Result,
    parameter::{ensure, open_unit},
};
use ndarray::ArrayView1;

/// The mean Poisson deviance: for counts such as clicks. [`tweedie_deviance`] of power 1.
///
/// ```
/// use adflux_evaluation::metrics::poisson_deviance;
/// use ndarray::array;
/// assert_eq!(poisson_deviance(array![0.0, 3.0].view(), array![1.0, 3.0].view(), None)?, 1.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`mae`](super::mae), and when a truth is negative or a prediction is not above 0.
#[doc(alias = "mean_poisson_deviance")]
pub fn poisson_deviance(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    tweedie_deviance(truth, predicted, 1.0, weights)
}

/// The mean Gamma deviance: for amounts above 0 such as costs, where an error counts by its share of the amount.
/// [`tweedie_deviance`] of power 2.
///
/// # Errors
/// As [`mae`](super::mae), and when a truth or a prediction is not above 0.
#[doc(alias = "mean_gamma_deviance")]
pub fn gamma_deviance(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    tweedie_deviance(truth, predicted, 2.0, weights)
}

/// The mean deviance of the Tweedie family (Jørgensen 1987), whose variance is the mean to the `power`. 0 is perfect.
///
/// | power | distribution | deviance of a row | truth | prediction |
/// |---|---|---|---|---|
/// | 0 | normal | (y − μ)² | any | any |
/// | 1 | Poisson | 2 · (y · ln(y / μ) − y + μ) | ≥ 0 | > 0 |
/// | 1 to 2 | compound Poisson–Gamma: spend with many zeros | the general form below | ≥ 0 | > 0 |
/// | 2 | Gamma | 2 · (ln(μ / y) + y / μ − 1) | > 0 | > 0 |
/// | above 2 | positive stable; 3 is inverse Gaussian | the general form | > 0 | > 0 |
/// | below 0 | extreme stable | the general form, max(y, 0) in the first term | any | > 0 |
///
/// The general form is 2 · (y^(2−p) / ((1−p)(2−p)) − y · μ^(1−p) / (1−p) + μ^(2−p) / (2−p)).
///
/// # Errors
/// As [`mae`](super::mae); when the power lies between 0 and 1, where there is no such distribution; when a truth or a
/// prediction is out of the range of its family (the row is named).
#[doc(alias = "mean_tweedie_deviance")]
pub fn tweedie_deviance(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    power: f64,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    let weights = check(truth, predicted, weights)?;
    in_range(truth, predicted, power)?;
    Ok(weights.mean_of(truth.len(), |row| deviance(power, truth[row], predicted[row])))
}

/// The share of the Tweedie deviance that is saved against predicting the mean: [`r2`](super::r2) for counts and amounts, to
/// which it is equal for power 0 (Hastie, Tibshirani and Wainwright 2015, *Statistical Learning with Sparsity*, equation 3.11).
///
/// ```
/// use adflux_evaluation::metrics::d2_tweedie;
/// use ndarray::array;
/// let clicks = array![0.0, 1.0, 5.0];
/// assert_eq!(d2_tweedie(clicks.view(), array![2.0, 2.0, 2.0].view(), 1.0, None)?, 0.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`tweedie_deviance`], for fewer than two rows (of weight above 0), and for a truth whose mean is not above 0, except with
/// power 0.
#[doc(alias = "d2_tweedie_score")]
pub fn d2_tweedie(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    power: f64,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    let residual = tweedie_deviance(truth, predicted, power, weights)?;
    let weights = Weights::new(truth.len(), weights)?;
    two_rows("d2_tweedie", truth.len(), weights)?;
    let mean = weights.mean_of(truth.len(), |row| truth[row]);
    if mean <= 0.0 && power != 0.0 {
        let reason = format!("its mean is {mean}, and the deviance of power {power} compares with a mean above 0");
        return Err(Error::column("truth", reason));
    }
    if weights.constant(truth.len(), |row| truth[row]) {
        return Ok(explained(residual, 0.0));
    }
    Ok(explained(residual, weights.mean_of(truth.len(), |row| deviance(power, truth[row], mean))))
}

/// The share of the absolute error that is saved against predicting the median. [`d2_pinball`] of the quantile 0.5.
///
/// # Errors
/// As [`d2_pinball`].
#[doc(alias = "d2_absolute_error_score")]
pub fn d2_absolute_error(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    d2_pinball(truth, predicted, 0.5, weights)
}

/// The share of the pinball loss that is saved against predicting the quantile of the truth (Koenker and Machado 1999).
///
/// That quantile is linear between two truths without weights, and one of the truths with weights, as in scikit-learn, so that
/// weights of 1 may give another number than none.
///
/// # Errors
/// As [`pinball`](super::pinball), and for fewer than two rows (of weight above 0).
#[doc(alias = "d2_pinball_score")]
pub fn d2_pinball(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    quantile: f64,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    open_unit("quantile", quantile)?;
    let weights = check(truth, predicted, weights)?;
    two_rows("d2_pinball", truth.len(), weights)?;
    let constant = quantiles::of_rows(truth.to_vec(), weights, quantile);
    let residual = weights.mean_of(truth.len(), |row| pinball_loss(quantile, truth[row], predicted[row]));
    Ok(explained(residual, weights.mean_of(truth.len(), |row| pinball_loss(quantile, truth[row], constant))))
}

fn deviance(power: f64, y: f64, mean: f64) -> f64 {
    // What stands for y · ln(y) at 0.
    let log_ratio = if y == 0.0 { 0.0 } else { y * (y / mean).ln() };
    if power == 0.0 {
        (y - mean).powi(2)
    } else if power == 1.0 {
        2.0 * (log_ratio - y + mean)
    } else if power == 2.0 {
        2.0 * ((mean / y).ln() + y / mean - 1.0)
    } else if y == mean {
        // Rounding would leave something of the three terms.
        0.0
    } else {
        let (one, two) = (1.0 - power, 2.0 - power);
        let first = if power < 0.0 { y.max(0.0) } else { y };
        2.0 * (first.powf(two) / (one * two) - y * mean.powf(one) / one + mean.powf(two) / two)
    }
}

fn in_range(truth: ArrayView1<f64>, predicted: ArrayView1<f64>, power: f64) -> Result<()> {
    let reason = "must be 0 or less, or 1 or more: there is no such distribution between";
    ensure(power.is_finite() && (power <= 0.0 || power >= 1.0), "power", power, reason)?;
    if power == 0.0 {
        return Ok(());
    }
    let family = match power {
        p if p < 0.0 => "an extreme stable",
        1.0 => "a Poisson",
        2.0 => "a Gamma",
        p if p < 2.0 => "a compound Poisson",
        _ => "a positive stable",
    };
    let refuse =
        |name: &str, values: ArrayView1<f64>, allowed: fn(f64) -> bool, what: &str| match first_not(values, allowed) {
            Some(row) => Err(Error::cell(
                name,
                row,
                format!(
                    "{} where {family} deviance (power {power}) needs {what}: drop the row, or choose another power",
                    values[row]
                ),
            )),
            None => Ok(()),
        };
    if power >= 2.0 {
        refuse("truth", truth, |y| y > 0.0, "a number above 0")?;
    } else if power >= 1.0 {
        refuse("truth", truth, |y| y >= 0.0, "0 or more")?;
    }
    refuse("prediction", predicted, |p| p > 0.0, "a number above 0")
}
