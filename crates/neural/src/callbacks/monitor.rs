//! [`Monitor`]: a column of the history that a callback watches.

use super::TrainingRun;
use crate::Metric;
use adflux_core::Result;

/// Which way is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As the measure of that name has it; losses and unknown names: lower.
    #[default]
    Auto,
    /// Lower is better.
    Min,
    /// Higher is better.
    Max,
}

/// A column of the history that a callback watches, and what counts as better there.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    name: String,
    mode: Mode,
    min_delta: f64,
}

impl Monitor {
    pub(crate) fn new(name: &str, min_delta: f64) -> Self {
        Monitor { name: name.into(), mode: Mode::Auto, min_delta }
    }

    pub(crate) fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    pub(crate) fn set_min_delta(&mut self, min_delta: f64) {
        self.min_delta = min_delta.abs();
    }

    /// The column's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn min_delta(&self) -> f64 {
        self.min_delta
    }

    /// Whether higher is better: by the measure that the name ends with.
    pub fn higher_is_better(&self) -> bool {
        match self.mode {
            Mode::Min => false,
            Mode::Max => true,
            Mode::Auto => {
                let parts: Vec<&str> = self.name.split('_').collect();
                // `val_ctr_top_k_categorical_accuracy`: the longest end that is a measure's name.
                let metric = (0..parts.len()).find_map(|from| parts[from..].join("_").parse::<Metric>().ok());
                metric.is_some_and(Metric::higher_is_better)
            }
        }
    }

    /// Whether `value` is better than `known` by more than the least difference. Not a number never is.
    pub fn better(&self, value: f64, known: f64) -> bool {
        if self.higher_is_better() { value - self.min_delta > known } else { value + self.min_delta < known }
    }

    /// What is worse than every value.
    pub(crate) fn worst(&self) -> f64 {
        if self.higher_is_better() { f64::NEG_INFINITY } else { f64::INFINITY }
    }

    /// The value of the epoch that has ended.
    pub(crate) fn value(&self, run: &TrainingRun<'_>) -> Result<f64> {
        run.log(&self.name)
    }

    /// The values of the epochs before a break, for callbacks that go on with a training.
    pub(crate) fn past(&self, run: &TrainingRun<'_>) -> Vec<f64> {
        run.history().get(&self.name).map(<[f64]>::to_vec).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_way_is_better_follows_from_the_measure() {
        for (name, higher) in [
            ("val_loss", false),
            ("val_auc", true),
            ("val_clicks_pr_auc", true),
            ("rmse", false),
            ("val_top_k_categorical_accuracy", true),
            ("r2", true),
            ("learning_rate", false),
        ] {
            assert_eq!(Monitor::new(name, 0.0).higher_is_better(), higher, "{name}");
        }
        let monitor = Monitor::new("val_loss", 0.1);
        assert!(monitor.better(0.8, 1.0) && !monitor.better(0.95, 1.0) && !monitor.better(f64::NAN, 1.0));
    }
}
