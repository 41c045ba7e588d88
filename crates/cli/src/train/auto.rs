//! `--model-type auto`: which models are tried, for how long, and how that is reported.

use super::{Arguments, ModelType, report::Spread};
use crate::{
    measures,
    numbers::percent,
    tables::{indented, paragraph, table},
};
use adflux::{
    core::{Context, Error, Registry, Result, Training},
    data::Frame,
    pipeline::{AnyPipeline, AutoFound, AutoSearch, Outcome},
    regression::candidates,
};
use serde::Serialize;
use std::str::FromStr;

/// A time, as it is given on the command line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeBudget(f64);

impl TimeBudget {
    pub fn seconds(self) -> f64 {
        self.0
    }
}

impl FromStr for TimeBudget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = match text.find(|c: char| c.is_ascii_alphabetic()) {
            Some(place) => text.split_at(place),
            None => (text, "s"),
        };
        let of_unit = match unit {
            "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            _ => return Err("give it as 60s, 5m or 1h".into()),
        };
        match number.trim().parse::<f64>().map(|number| number * of_unit) {
            Ok(seconds) if seconds.is_finite() && seconds > 0.0 => Ok(TimeBudget(seconds)),
            _ => Err("give it as 60s, 5m or 1h".into()),
        }
    }
}

impl Arguments {
    /// Whether the model is to be found.
    pub(super) fn is_auto(&self) -> bool {
        self.model_type == ModelType::Auto && self.spec.is_none()
    }

    /// # Errors
    /// When something is given for one model, and several are tried; when a time is given for nothing.
    pub(super) fn check_auto(&self) -> Result<()> {
        if self.is_auto() && !self.param.is_empty() {
            return Err(Error::data("--param is for one model: name it with --model-type, or leave --param out"));
        }
        if self.is_auto() && self.search.is_some() {
            return Err(Error::data("--search is for one model: name it with --model-type, or leave --search out"));
        }
        if self.time_budget.is_some() && !self.is_auto() && self.search.is_none() {
            return Err(Error::data("--time-budget is for --model-type auto and for --search"));
        }
        Ok(())
    }

    /// Tries the models that suit the target.
    pub(super) fn find_model(
        &self,
        pipeline: &AnyPipeline,
        train: &Training<Frame>,
        registry: &Registry,
        context: &Context,
    ) -> Result<AutoFound> {
        let target = train.target.as_ref().ok_or_else(|| Error::data("there is no target"))?;
        let mut search = AutoSearch::new(candidates(target, pipeline.seed));
        search.split = self.cv_split()?.unwrap_or(search.split);
        search.max_seconds = self.time_budget.map(TimeBudget::seconds);
        search.explore(pipeline, train, registry, context)
    }
}

/// What was tried and taken, with the fields of docs/cli.md.
#[derive(Debug, Serialize)]
pub struct AutoReport {
    measure: String,
    reason: String,
    out_of_time: bool,
    tried: Vec<Candidate>,
    /// The mean of several, judged with weights that were found on the other folds.
    #[serde(skip_serializing_if = "Option::is_none")]
    average: Option<Value>,
}

#[derive(Debug, Serialize)]
struct Candidate {
    name: String,
    value: Option<f64>,
    deviation: Option<f64>,
    seconds: f64,
    /// What it counts in what was taken; 0 for what was left out.
    share: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Value {
    value: f64,
    deviation: f64,
    /// Whether it was taken.
    taken: bool,
}

impl AutoReport {
    pub fn of(found: &AutoFound) -> Self {
        let share = |place| found.chosen.iter().find(|(other, _)| *other == place).map_or(0.0, |(_, share)| *share);
        let tried = found.tried.iter().enumerate().map(|(place, tried)| {
            let judged = match &tried.outcome {
                Outcome::Judged { values } => Some(Spread::of(values)),
                _ => None,
            };
            let error = match &tried.outcome {
                Outcome::Failed(reason) => Some(reason.clone()),
                _ => None,
            };
            let (value, deviation) = judged.map(|spread| (spread.mean, spread.deviation)).unzip();
            let (name, seconds) = (tried.name.clone(), tried.seconds);
            Candidate { name, value, deviation, seconds, share: share(place), error }
        });
        let average = found.average.as_ref().map(|average| {
            let Spread { mean: value, deviation } = Spread::of(&average.values);
            Value { value, deviation, taken: found.chosen.len() > 1 }
        });
        AutoReport {
            measure: found.measure.clone(),
            reason: found.reason.clone(),
            out_of_time: found.tried.iter().any(|tried| tried.outcome == Outcome::OutOfTime),
            tried: tried.collect(),
            average,
        }
    }

    /// For people: the models side by side.
    pub fn words(&self) -> String {
        let measure = measures::name(&self.measure);
        let show = |value: Option<f64>| value.map_or("–".into(), |value| measures::value(&self.measure, value));
        let mut rows = table(&["Tried", &measure, "±", "seconds", "share"], 1);
        for tried in &self.tried {
            let share = if tried.share > 0.0 { percent(tried.share, 0) } else { String::new() };
            let seconds = format!("{:.1}", tried.seconds);
            rows.add_row([tried.name.clone(), show(tried.value), show(tried.deviation), seconds, share]);
        }
        if let Some(mean) = &self.average {
            let taken = if mean.taken { "taken" } else { "" };
            let name = "the mean of several".to_string();
            rows.add_row([name, show(Some(mean.value)), show(Some(mean.deviation)), String::new(), taken.into()]);
        }
        let mut said = format!(
            "{}; {measure} is the mean over the folds, ± its deviation{}",
            self.reason,
            if self.average.is_some() { "; of the mean of several, with weights found on the other folds" } else { "" }
        );
        if self.out_of_time {
            said.push_str("; the time was over before all were tried (–)");
        }
        for tried in &self.tried {
            if let Some(error) = &tried.error {
                said.push_str(&format!("; {} failed: {error}", tried.name));
            }
        }
        format!("{}\n{}", indented(&rows).trim_end(), paragraph(&said, 3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_or_is_in_seconds() {
        let seconds = |text: &str| text.parse::<TimeBudget>().map(TimeBudget::seconds);
        assert_eq!(seconds("60s"), Ok(60.0));
        assert_eq!(seconds("1.5m"), Ok(90.0));
        assert_eq!(seconds("2h"), Ok(7200.0));
        assert_eq!(seconds("45"), Ok(45.0));
        for wrong in ["", "s", "0s", "-3s", "5d", "1e400s", "nan", "inf", "1m30s"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
