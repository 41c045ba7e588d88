//! `--exposure` of a model type: totals over an exposure are learned, judged and predicted as rates.

use super::{Arguments, Task};
use adflux::{
    core::{Error, Result, Target, Training},
    data::{Frame, Role},
    regression::rates,
};
use ndarray::Array1;

impl Arguments {
    /// What the report calls the target.
    pub(super) fn target_names(&self, task: Task) -> Vec<String> {
        match (&self.exposure, &self.target[..]) {
            (Some(exposure), [target]) if self.makes_rates() && task == Task::Regression => {
                vec![format!("{target} per {exposure}")]
            }
            _ => self.target.clone(),
        }
    }

    /// # Errors
    /// When an exposure is given for nothing.
    pub(super) fn check_exposure(&self) -> Result<()> {
        if self.exposure.is_none() || self.makes_rates() || self.spec.is_some() || self.search.is_some() {
            return Ok(());
        }
        let reason =
            "--exposure is for --model-type poisson, gamma, tweedie or auto, and for a --spec whose model uses it";
        Err(Error::data(reason))
    }

    /// Whether the target is learned as a rate.
    pub(super) fn makes_rates(&self) -> bool {
        self.exposure.is_some() && self.spec.is_none() && self.model_type.power(&self.param).is_some()
    }

    /// The exposure is what a rate is of: it is not known before, and no column to learn from.
    pub(super) fn without_exposure(&self, frame: Frame) -> Result<Frame> {
        match &self.exposure {
            Some(column) if self.makes_rates() => frame.with_role(column, Role::Ignore),
            _ => Ok(frame),
        }
    }

    /// Totals as rates, where there is an exposure to make them of.
    pub(super) fn as_rates<X>(&self, frame: &Frame, mut data: Training<X>) -> Result<Training<X>> {
        let (Some(column), Some(power)) = (&self.exposure, self.model_type.power(&self.param)) else { return Ok(data) };
        let exposure: Array1<f64> = frame.numbers(column)?.into();
        let Some(Target::Values(totals)) = &data.target else {
            return Err(Error::data("--exposure needs a target of numbers: give --task regression"));
        };
        let (target, weights) = rates(totals, data.weights.as_ref(), &exposure, power)?;
        (data.target, data.weights) = (Some(Target::Values(target)), Some(weights));
        Ok(data)
    }
}
