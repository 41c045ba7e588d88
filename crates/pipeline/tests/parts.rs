//! A model and a postprocessor that give away what they were shown.

use adflux_core::{
    Component, Context, Error, Features, Fit, Needs, Postprocess, Predict, Prediction, Registry, Result, Training,
    Transform, Values,
    component::{decode, encode},
};
use adflux_data::Frame;
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// Learns each row by heart, by its first number: predicts the outcome of a row it saw, and for any other the number of
/// rows it saw below, as −1, −2, ….
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    /// Added to the outcome of every row that was seen.
    pub plus: f64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct MemoryModel {
    #[serde(with = "adflux_core::arrays")]
    keys: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    outcomes: Vec<f64>,
}

adflux_core::recipe!(Memory, "memory");
adflux_core::component!(MemoryModel, "memory", version = 1);

fn keys(x: &Features) -> Result<Vec<f64>> {
    match x.blocks().first().map(|b| b.values()) {
        Some(Values::Dense(x)) if x.ncols() > 0 => Ok(x.column(0).to_vec()),
        _ => Err(Error::data("`memory` needs a number")),
    }
}

impl Fit<Training<Features>> for Memory {
    type Fitted = MemoryModel;
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<MemoryModel> {
        let outcome = data.values("memory")?;
        let mut pairs: Vec<(f64, f64)> =
            keys(&data.x)?.into_iter().zip(outcome.iter().map(|y| y + self.plus)).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        pairs.dedup_by_key(|p| p.0);
        let (keys, outcomes) = pairs.into_iter().unzip();
        context.report("memory", 1, Some(1));
        Ok(MemoryModel { keys, outcomes })
    }
}

impl Predict<Features> for MemoryModel {
    type Output = Array1<f64>;
    fn predict(&self, x: &Features) -> Result<Array1<f64>> {
        let of = |key: &f64| {
            let below = self.keys.partition_point(|k| k < key);
            match self.keys.get(below) {
                Some(k) if k == key => self.outcomes.get(below).copied().unwrap_or(f64::NAN),
                _ => -1.0 - below as f64,
            }
        };
        Ok(keys(x)?.iter().map(of).collect())
    }
}

/// Leaves the prediction as it is, and remembers those it was fitted on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Witness {
    /// The folds of the out-of-fold predictions; 0 asks for those in sample.
    pub folds: usize,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Seen {
    pub predictions: Vec<f64>,
}

adflux_core::recipe!(Witness, "witness");

impl Component for Seen {
    const KIND: &'static str = "witness";
    fn state(&self) -> Result<Vec<u8>> {
        encode(Self::KIND, self)
    }
    fn from_state(_: u32, state: &[u8], _: &Registry) -> Result<Self> {
        decode(Self::KIND, state)
    }
    fn inputs(&self) -> Vec<String> {
        vec!["bonus".into()]
    }
}

impl Fit<Training<(Frame, Prediction)>> for Witness {
    type Fitted = Seen;
    fn fit_with(&self, data: Training<(Frame, Prediction)>, _: &Context) -> Result<Seen> {
        Ok(Seen { predictions: data.x.1.point()?.to_vec() })
    }
}

impl Postprocess<Frame, Prediction> for Witness {
    fn needs(&self) -> Needs {
        if self.folds == 0 { Needs::InSample } else { Needs::OutOfFold(self.folds) }
    }
}

impl Transform<(Frame, Prediction)> for Seen {
    type Output = Prediction;
    fn transform(&self, (frame, prediction): (Frame, Prediction)) -> Result<Prediction> {
        frame.require(&["bonus"])?;
        Ok(prediction)
    }
}
