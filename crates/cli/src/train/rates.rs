//! `--exposure`: totals over an exposure are learned, judged and predicted as rates.

use super::{Arguments, Task, recipe::ModelType};
use adflux::{
    core::{Error, Result, Target, Training},
    data::{Frame, Role},
};

impl Arguments {
    /// What the report calls the target.
    pub(super) fn target_names(&self, task: Task) -> Vec<String> {
        match (&self.exposure, &self.target[..]) {
            (Some(exposure), [target]) if task == Task::Regression => vec![format!("{target} per {exposure}")],
            _ => self.target.clone(),
        }
    }

    /// # Errors
    /// When an exposure is given for nothing; `spec` says whether the model is that of a file, which knows itself.
    pub(super) fn check_exposure(&self, spec: bool) -> Result<()> {
        let uses =
            matches!(self.model_type, ModelType::Poisson | ModelType::Gamma | ModelType::Tweedie | ModelType::Auto);
        if self.exposure.is_none() || spec || uses {
            return Ok(());
        }
        let reason =
            "--exposure is for --model-type poisson, gamma, tweedie or auto, and for a --spec whose model uses it";
        Err(Error::data(reason))
    }

    /// What a single target is counted over stands beside it, and is no column to learn from: it is not known before. Of several
    /// targets it is both, as the budget of a campaign.
    pub(super) fn with_exposure(&self, frame: Frame) -> Result<Frame> {
        match &self.exposure {
            Some(column) if self.target.len() == 1 => frame.with_role(column, Role::Exposure),
            _ => Ok(frame),
        }
    }

    /// What is learned from. Of several models some use no exposure: all are given the rates.
    ///
    /// # Errors
    /// When there is an exposure, and the target is nothing that has a rate.
    pub(super) fn learned(&self, train: &Training<Frame>) -> Result<Training<Frame>> {
        match &train.target {
            _ if !self.is_auto() => Ok(train.clone()),
            Some(Target::Values(_)) => train.clone().into_rates(),
            _ if train.exposure.is_none() => Ok(train.clone()),
            _ => Err(Error::data("--exposure needs a target of numbers: give --task regression")),
        }
    }
}
