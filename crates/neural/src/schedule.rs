//! [`Schedule`]: how the learning rate changes from step to step.

use adflux_core::{
    Result,
    parameter::{at_least_one, ensure, non_negative, positive},
};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// The learning rate of each step. A number alone is the same rate for ever.
///
/// ```
/// use adflux_neural::{Adam, Schedule};
/// let rate = Schedule::Cosine { initial: 0.01, steps: 1000, alpha: 0.0, warmup: 100 };
/// assert!(rate.at(0) < rate.at(50) && rate.at(1100) < 1e-9);
/// let optimizer = Adam::new(rate);
/// # let _ = optimizer;
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Schedule {
    /// Times `rate` every `every` steps: `initial · rate^⌊step / every⌋`.
    Step {
        /// The first rate, above 0.
        initial: f64,
        /// What it is multiplied by, above 0.
        rate: f64,
        /// After how many steps.
        every: u64,
    },
    /// `initial · rate^(step / steps)`.
    Exponential {
        /// The first rate, above 0.
        initial: f64,
        /// What it is multiplied by over `steps`, above 0.
        rate: f64,
        /// Over how many steps.
        steps: u64,
    },
    /// From 0 in a line up to `initial` over `warmup` steps, then down half a cosine to `alpha · initial` over `steps`
    /// (Loshchilov & Hutter 2017).
    Cosine {
        /// The highest rate, above 0.
        initial: f64,
        /// The steps down.
        steps: u64,
        /// The share of `initial` at which it ends, 0 to 1.
        alpha: f64,
        /// The steps up, 0 for none.
        warmup: u64,
    },
    /// Up half a cosine from a 25th of `most` over the first 30 % of `steps`, then down to a 10,000th of that start (Smith 2018).
    OneCycle {
        /// The highest rate, above 0.
        most: f64,
        /// All steps of the training.
        steps: u64,
    },
    /// The same for ever: in a file, the number alone.
    #[serde(untagged)]
    Constant(f64),
}

impl From<f64> for Schedule {
    fn from(rate: f64) -> Self {
        Schedule::Constant(rate)
    }
}

impl Schedule {
    /// The rate of step `step`, counted from 0.
    pub fn at(&self, step: u64) -> f64 {
        let part = |steps: u64| step as f64 / steps.max(1) as f64;
        match *self {
            Schedule::Constant(rate) => rate,
            Schedule::Step { initial, rate, every } => initial * rate.powf((step / every.max(1)) as f64),
            Schedule::Exponential { initial, rate, steps } => initial * rate.powf(part(steps)),
            Schedule::Cosine { initial, steps, alpha, warmup } => {
                if step < warmup {
                    return initial * part(warmup);
                }
                let done = ((step - warmup) as f64 / steps.max(1) as f64).min(1.0);
                initial * (alpha + (1.0 - alpha) * half_cosine(done))
            }
            Schedule::OneCycle { most, steps } => {
                let (start, done) = (most / 25.0, part(steps).min(1.0));
                if done < 0.3 {
                    most + (start - most) * half_cosine(done / 0.3)
                } else {
                    let end = start / 1e4;
                    end + (most - end) * half_cosine((done - 0.3) / 0.7)
                }
            }
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        let positive_rate = |rate| positive("learning_rate", rate);
        let steps = |name, steps: u64| at_least_one(name, usize::try_from(steps).unwrap_or(usize::MAX));
        match *self {
            Schedule::Constant(rate) => non_negative("learning_rate", rate),
            Schedule::Step { initial, rate, every } => {
                positive_rate(initial)?;
                positive("rate", rate)?;
                steps("every", every)
            }
            Schedule::Exponential { initial, rate, steps: over } => {
                positive_rate(initial)?;
                positive("rate", rate)?;
                steps("steps", over)
            }
            Schedule::Cosine { initial, steps: over, alpha, .. } => {
                positive_rate(initial)?;
                steps("steps", over)?;
                ensure((0.0..=1.0).contains(&alpha), "alpha", alpha, "must lie between 0 and 1")
            }
            Schedule::OneCycle { most, steps: over } => {
                positive_rate(most)?;
                steps("steps", over)
            }
        }
    }
}

/// From 1 down to 0, flat at both ends.
fn half_cosine(done: f64) -> f64 {
    0.5 * (1.0 + (PI * done).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_the_formulas() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} and {b}");
        let step = Schedule::Step { initial: 0.1, rate: 0.5, every: 10 };
        close(step.at(9), 0.1);
        close(step.at(20), 0.025);
        close(Schedule::Exponential { initial: 0.1, rate: 0.5, steps: 10 }.at(5), 0.1 * 0.5f64.sqrt());
        let cosine = Schedule::Cosine { initial: 0.1, steps: 100, alpha: 0.1, warmup: 10 };
        close(cosine.at(0), 0.0);
        close(cosine.at(10), 0.1);
        close(cosine.at(60), 0.1 * (0.1 + 0.9 * 0.5));
        close(cosine.at(500), 0.01);
        let cycle = Schedule::OneCycle { most: 0.1, steps: 100 };
        close(cycle.at(0), 0.004);
        close(cycle.at(30), 0.1);
        close(cycle.at(100), 0.1 / 25.0 / 1e4);
    }

    #[test]
    fn a_number_in_a_file_is_a_constant() {
        let read = |text: &str| serde_json::from_str::<Schedule>(text).unwrap();
        assert_eq!(read("0.01"), Schedule::Constant(0.01));
        assert_eq!(read(r#"{"one_cycle":{"most":0.1,"steps":9}}"#), Schedule::OneCycle { most: 0.1, steps: 9 });
    }
}
