//! What is put behind the model: calibration, intervals, sets.

use super::Task;
use adflux::{
    core::{Error, Recipe as _, Result, Spec},
    evaluation::Scores,
    postprocessing::{Calibration, CalibrationMethod, ConformalInterval, ConformalSet, Identity},
};
use clap::ValueEnum;
use serde::Serialize;

/// What is asked for on the command line.
#[derive(Debug, clap::Args)]
pub struct Behind {
    /// Put an interval around each number, or a set of classes beside each class, that holds this share of outcomes, for
    /// example 0.8.
    #[arg(long, value_name = "P")]
    pub interval: Option<f64>,
    /// Keep that share for each value of this column by itself; it need not be learned from.
    #[arg(long, value_name = "COL", requires = "interval")]
    pub interval_by: Option<String>,
    /// Correct the probabilities of classes, so that of rows at 30 % about 30 % are.
    #[arg(long, value_enum, value_name = "METHOD")]
    pub calibrate: Option<Method>,
}

/// How probabilities are corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A logistic curve in the probability: two numbers.
    Platt,
    /// Any curve that does not fall: for some thousand rows and more.
    Isotonic,
    /// A logistic curve in its logarithms: three numbers.
    Beta,
    /// One number for all classes.
    Temperature,
}

impl From<Method> for CalibrationMethod {
    fn from(method: Method) -> Self {
        match method {
            Method::Platt => CalibrationMethod::Platt,
            Method::Isotonic => CalibrationMethod::Isotonic,
            Method::Beta => CalibrationMethod::Beta,
            Method::Temperature => CalibrationMethod::Temperature,
        }
    }
}

impl Behind {
    /// The postprocessor: the one that the specification has, or those that are asked for.
    ///
    /// # Errors
    /// When both are there, or numbers are to be calibrated.
    pub fn postprocessor(&self, given: Option<Spec>, task: Task) -> Result<Spec> {
        let option = match (self.interval, self.calibrate) {
            (Some(_), _) => "--interval",
            (None, Some(_)) => "--calibrate",
            (None, None) => return given.map_or_else(|| Identity::default().spec(), Ok),
        };
        if given.is_some() {
            let reason = "beside a specification that has a postprocessor: put it there";
            return Err(Error::data(format!("{option} {reason}")));
        }
        let mut steps = Vec::new();
        if let Some(method) = self.calibrate {
            if task == Task::Regression {
                return Err(Error::data("--calibrate is for classes: numbers have no probabilities"));
            }
            steps.push(Calibration::new(method.into()).spec()?);
        }
        if let Some(level) = self.interval {
            let by = self.interval_by.clone();
            steps.push(match task {
                Task::Regression => ConformalInterval { by, ..ConformalInterval::new(level) }.spec()?,
                Task::Classification => ConformalSet { by, ..ConformalSet::new(level) }.spec()?,
            });
        }
        Ok(match steps.len() {
            1 => steps.remove(0),
            _ => Spec { kind: "sequence".into(), params: Default::default(), steps },
        })
    }
}

/// What calibration changed on the rows held back.
#[derive(Debug, Serialize)]
pub struct Calibrated {
    pub method: Method,
    pub before: Scores,
    pub after: Scores,
}

impl Calibrated {
    /// The measures that calibration is for, of all measures before and after.
    pub fn new(method: Method, before: &Scores, after: &Scores) -> Self {
        let of = |scores: &Scores| scores.iter().filter(|(name, _)| matches!(*name, "log_loss" | "brier")).collect();
        Calibrated { method, before: of(before), after: of(after) }
    }
}
