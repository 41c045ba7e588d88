//! Totals over an exposure as rates.

use adflux_core::{Error, Result};
use ndarray::Array1;

/// Totals of so much exposure as rates for one unit, and how much each rate then counts: `y / exposure` of weight
/// `weight · exposure^(2 − power)`.
///
/// Where the mean of a total is exposure · μ and its variance grows with the mean to `power` (1 for counts, 2 for gamma amounts), the
/// likelihood of the totals is that of these rates: learning from either gives the same model. Where nothing was shown and nothing
/// came of it, the weight is 0.
///
/// # Errors
/// When lengths differ, an exposure is negative or not finite, a row has a total without exposure, or no row has exposure and weight.
///
/// ```
/// use adflux_regression::rates;
/// use ndarray::array;
/// let (ctr, weights) = rates(&array![3.0, 0.0], None, &array![100.0, 50.0], 1.0)?;
/// assert_eq!((ctr, weights), (array![0.03, 0.0], array![100.0, 50.0]));
/// # Ok::<(), adflux_core::Error>(())
/// ```
pub fn rates(
    totals: &Array1<f64>,
    weights: Option<&Array1<f64>>,
    exposure: &Array1<f64>,
    power: f64,
) -> Result<(Array1<f64>, Array1<f64>)> {
    let rows = totals.len();
    if exposure.len() != rows || weights.is_some_and(|w| w.len() != rows) {
        return Err(Error::data(format!("exposure and weights of other lengths than the {rows} totals")));
    }
    let mut rates = totals.clone();
    let mut counts = weights.cloned().unwrap_or_else(|| Array1::ones(rows));
    for (row, ((rate, weight), exposure)) in rates.iter_mut().zip(&mut counts).zip(exposure).enumerate() {
        if !(exposure.is_finite() && *exposure >= 0.0) {
            return Err(Error::cell("exposure", row, format!("{exposure}: must be a finite number, 0 or more")));
        }
        if *exposure > 0.0 {
            *rate /= exposure;
            *weight *= exposure.powf(2.0 - power);
        } else if *rate == 0.0 || *weight == 0.0 {
            // Any rate fits; this one lies in the range of every family.
            (*rate, *weight) = (if power >= 2.0 { 1.0 } else { 0.0 }, 0.0);
        } else {
            return Err(Error::cell("target", row, format!("{rate} from an exposure of 0")));
        }
    }
    if counts.iter().all(|w| *w == 0.0) {
        return Err(Error::column("exposure", "no row has both weight and exposure: nothing is left to learn from"));
    }
    Ok((rates, counts))
}
