//! What one series was: its values, and these made alike to those of others.

use crate::local::interpolate;
use serde::{Deserialize, Serialize};

/// Deviations below this, where the largest value of a series is 1 to 2, are those of rounding.
const NO_DEVIATION: f64 = 1e-9;

/// Differences y(t) − y(t − d), for each d one after the other, as a sum over values before: the difference is y(t) − Σ weight · y(t − lag).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Differences(Vec<(usize, f64)>);

impl Differences {
    pub(super) fn new(lags: &[usize]) -> Self {
        // The coefficients of the product of all (1 − B^d), B the step back.
        let mut product = vec![1.0];
        for &lag in lags {
            let mut next = product.clone();
            next.resize(product.len() + lag, 0.0);
            product.iter().enumerate().for_each(|(at, v)| next[at + lag] -= v);
            product = next;
        }
        Differences(product.iter().enumerate().skip(1).filter(|(_, v)| **v != 0.0).map(|(lag, v)| (lag, -v)).collect())
    }

    /// How many values before it a difference needs.
    pub(super) fn reach(&self) -> usize {
        self.0.last().map_or(0, |(lag, _)| *lag)
    }

    /// What is to be added to the difference of step `step` to have its value; `None` where too little is before it.
    pub(super) fn base(&self, values: &[f64], step: usize) -> Option<f64> {
        (step >= self.reach()).then(|| self.0.iter().map(|(lag, weight)| weight * values[step - lag]).sum())
    }

    /// Whether all that the difference of step `step` is made of `holds`.
    pub(super) fn all(&self, step: usize, holds: impl Fn(usize) -> bool) -> bool {
        step >= self.reach() && holds(step) && self.0.iter().all(|(lag, _)| holds(step - lag))
    }
}

/// What makes the differences of a series alike to those of others: they are `centre` + `scale` times what the model sees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scale {
    pub(super) centre: f64,
    pub(super) scale: f64,
}

/// A series up to a step: its values, and what the model sees of them.
#[derive(Clone, Debug)]
pub(super) struct History {
    /// In the unit of the series, gaps interpolated.
    pub(super) values: Vec<f64>,
    /// Differences, scaled; NaN where too little is before them.
    pub(super) scaled: Vec<f64>,
    pub(super) of: Scale,
}

impl History {
    /// The history of `values`, of which those that are not `known` are filled in; `None` where there are no two differences.
    pub(super) fn new(values: Vec<f64>, known: impl Fn(usize) -> bool, differences: &Differences) -> Option<Self> {
        let difference = |step: usize| Some(values[step] - differences.base(&values, step)?);
        let own: Vec<f64> =
            (0..values.len()).filter(|step| differences.all(*step, &known)).filter_map(difference).collect();
        if own.len() < 2 {
            return None;
        }
        let count = own.len() as f64;
        let centre = own.iter().sum::<f64>() / count;
        let deviation = (own.iter().map(|v| (v - centre).powi(2)).sum::<f64>() / count).sqrt();
        let of = Scale { centre, scale: if deviation < NO_DEVIATION { 1.0 } else { deviation } };
        Some(History::scaled(values, of, differences))
    }

    /// The history of `values` in a scale that is known.
    pub(super) fn scaled(values: Vec<f64>, of: Scale, differences: &Differences) -> Self {
        let one = |step| {
            differences.base(&values, step).map_or(f64::NAN, |base| (values[step] - base - of.centre) / of.scale)
        };
        let scaled = (0..values.len()).map(one).collect();
        History { values, scaled, of }
    }

    /// The last `steps` steps alone.
    pub(super) fn tail(&self, steps: usize) -> Self {
        let from = self.values.len().saturating_sub(steps);
        History { values: self.values[from..].to_vec(), scaled: self.scaled[from..].to_vec(), of: self.of }
    }

    /// Takes in the next value.
    pub(super) fn push(&mut self, value: f64, differences: &Differences) {
        let step = self.values.len();
        self.values.push(value);
        let base = differences.base(&self.values, step);
        self.scaled.push(base.map_or(f64::NAN, |base| (value - base - self.of.centre) / self.of.scale));
    }

    /// Takes in the next value, of which the model says what it is scaled.
    pub(super) fn push_scaled(&mut self, scaled: f64, differences: &Differences) {
        let step = self.values.len();
        let base = differences.base(&self.values, step).unwrap_or_default();
        self.values.push(base + self.of.centre + self.of.scale * scaled);
        self.scaled.push(scaled);
    }
}

/// A series with its gaps filled, from its first known value to its last, in its unit.
#[derive(Clone, Debug)]
pub(super) struct Filled {
    pub(super) values: Vec<f64>,
    pub(super) known: Vec<bool>,
    /// The step of the series that is the first here.
    pub(super) first: usize,
    /// Values of the series are this times those here: a power of two.
    pub(super) unit: f64,
}

impl Filled {
    /// # Errors
    /// Why the series cannot be used.
    pub(super) fn new(values: &[f64]) -> Result<Self, String> {
        let known = |v: &f64| !v.is_nan();
        let (Some(first), Some(last)) = (values.iter().position(known), values.iter().rposition(known)) else {
            return Err("no values".into());
        };
        let mut values = values[first..=last].to_vec();
        let known = values.iter().map(|v| !v.is_nan()).collect();
        interpolate(&mut values);
        let unit = crate::local::unit_of(&values)?;
        values.iter_mut().for_each(|v| *v /= unit);
        Ok(Filled { values, known, first, unit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_of_differences_come_back_as_values() {
        let values = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 1.0];
        let differences = Differences::new(&[1, 2]);
        assert_eq!(differences.reach(), 3);
        let step = |t: usize| values[t] - values[t - 1] - (values[t - 2] - values[t - 3]);
        for t in 3..7 {
            assert_eq!(values[t] - differences.base(&values, t).unwrap(), step(t));
        }
        assert_eq!(differences.base(&values, 2), None);
        let mut history = History::new(values.to_vec(), |_| true, &differences).unwrap().tail(4);
        let of = history.of;
        history.push_scaled((10.0 - of.centre) / of.scale, &differences);
        // A difference of 10 upon the step before and that of two steps before.
        assert!((history.values[4] - (10.0 + 1.0 + (7.0 - 5.0))).abs() < 1e-12, "{}", history.values[4]);
    }

    #[test]
    fn a_line_has_no_deviation_to_divide_by() {
        let line = (0..50).map(|t| 0.1 * f64::from(t)).collect();
        let history = History::new(line, |_| true, &Differences::new(&[1])).unwrap();
        assert_eq!(history.of.scale, 1.0);
        assert!(history.scaled[1..].iter().all(|v| v.abs() < 1e-12));
        assert!(History::new(vec![1.0, 2.0], |_| true, &Differences::new(&[1])).is_none());
    }
}
