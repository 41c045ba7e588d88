//! Totals over an exposure: who may learn from them, and what they are as rates.

use crate::{Error, MultiTarget, Result, Target, Training};
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
/// use adflux_core::rates;
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

impl<X> Training<X> {
    /// Refuses an exposure, for a step that does not know what to do with one: it would take totals over very different exposures
    /// for alike. [`values`](Self::values), [`classes`](Self::classes) and [`multi`](Self::multi) ask this themselves.
    ///
    /// # Errors
    /// When there is an exposure. `step` is named.
    pub fn without_exposure(&self, step: &str) -> Result<()> {
        match self.exposure {
            None => Ok(()),
            Some(_) => Err(Error::data(format!(
                "`{step}` uses no exposure: learn the rate in place of the total, with the weights that `rates` makes of both, \
                 or take a model that uses one (generalised linear models, `empirical-bayes-rates`)"
            ))),
        }
    }

    /// A numeric target for a step that uses the exposure: where there is one, the target is a total over it.
    ///
    /// # Errors
    /// When there is none, or it is of another kind. `step` is named.
    pub fn totals(&self, step: &str) -> Result<&Array1<f64>> {
        match &self.target {
            Some(Target::Values(y)) => Ok(y),
            Some(Target::Classes(_)) => {
                Err(Error::data(format!("`{step}` needs a numeric target, and this one is classes: use a classifier")))
            }
            Some(Target::Multi(_)) => Err(Error::data(format!("`{step}` takes one target, not several"))),
            None => Err(Error::data(format!("`{step}` needs a numeric target"))),
        }
    }

    /// Several numeric targets for a step that uses the exposure.
    ///
    /// # Errors
    /// When there are none. `step` is named.
    pub fn multi_totals(&self, step: &str) -> Result<&MultiTarget> {
        match &self.target {
            Some(Target::Multi(m)) => Ok(m),
            _ => Err(Error::data(format!("`{step}` needs several numeric targets by name"))),
        }
    }

    /// The same training with the exposure taken in: what predictions for one unit of exposure are held against, and what all that
    /// stands around such a model learns from.
    ///
    /// A total becomes the [rate](rates) `target / exposure`, and each row counts `weight · exposure` (a click rate of 10,000
    /// impressions a hundred times that of 100), whatever the model: models of different families are judged alike. Several targets
    /// stay totals, as their predictions are; classes stay classes.
    ///
    /// # Errors
    /// As [`rates`].
    ///
    /// ```
    /// use adflux_core::{Target, Training};
    /// use ndarray::array;
    /// let clicks = Training::new(()).with_target(Target::Values(array![3.0, 1.0])).with_exposure(array![100.0, 50.0]);
    /// let ctr = clicks.into_rates()?;
    /// assert_eq!(ctr.target, Some(Target::Values(array![0.03, 0.02])));
    /// assert_eq!((ctr.weights, ctr.exposure), (Some(array![100.0, 50.0]), None));
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    pub fn into_rates(mut self) -> Result<Self> {
        if let (Some(exposure), Some(Target::Values(totals))) = (self.exposure.take(), &self.target) {
            let (target, weights) = rates(totals, self.weights.as_ref(), &exposure, 1.0)?;
            (self.target, self.weights) = (Some(Target::Values(target)), Some(weights));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClassTarget;
    use ndarray::array;

    #[test]
    fn only_who_asks_for_totals_gets_them_beside_an_exposure() {
        let values = Training::new(()).with_target(Target::Values(array![3.0, 1.0]));
        let names: Vec<String> = vec!["clicks".into()];
        let multi = MultiTarget { names: names.into(), values: array![[3.0], [1.0]] };
        let multi = Training::new(()).with_target(Target::Multi(multi));
        let classes = Training::new(()).with_target(Target::Classes(ClassTarget::from_labels(&["no", "yes"])));
        assert!(values.values("m").is_ok() && multi.multi("m").is_ok() && classes.classes("m").is_ok());
        let exposed = |data: Training<()>| data.with_exposure(array![1.0, 2.0]);
        let (values, multi, classes) = (exposed(values), exposed(multi), exposed(classes));
        let refusals = [
            values.values("m").unwrap_err(),
            multi.multi("m").unwrap_err(),
            classes.classes("m").unwrap_err(),
            values.without_exposure("m").unwrap_err(),
        ];
        assert!(refusals.iter().all(|e| e.to_string().starts_with("`m` uses no exposure: ")), "{refusals:?}");
        assert!(values.totals("m").is_ok() && multi.multi_totals("m").is_ok());
    }

    #[test]
    fn only_a_single_total_becomes_a_rate() {
        let data = Training::new(()).with_exposure(array![2.0, 0.0]);
        let total = |y| data.clone().with_target(Target::Values(y)).with_weights(array![3.0, 1.0]).into_rates();
        let rates = total(array![4.0, 0.0]).unwrap();
        assert_eq!((rates.target, rates.weights), (Some(Target::Values(array![2.0, 0.0])), Some(array![6.0, 0.0])));
        assert!(total(array![4.0, 1.0]).unwrap_err().to_string().contains("row 2: 1 from an exposure of 0"));

        let names: Vec<String> = vec!["clicks".into()];
        let multi = Target::Multi(MultiTarget { names: names.into(), values: array![[3.0], [1.0]] });
        let kept = data.with_target(multi.clone()).into_rates().unwrap();
        assert_eq!((kept.target, kept.weights, kept.exposure), (Some(multi), None, None));
    }
}
