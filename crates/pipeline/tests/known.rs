//! A model that is known from the start, so that what is measured of it can be computed.

use adflux_core::{
    Classes, Column, Context, Contributions, Error, Features, Fit, Predict, Prediction, Result, Scale, Target,
    Training, Values,
};
use ndarray::{Array1, Array2, Array3};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Predicts the sum of the features times their weights, by the name of the feature: as numbers, as the log odds of the last
/// of several classes against those before it, or as two numbers of opposite sign, whatever the target is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Known {
    pub weights: BTreeMap<String, f64>,
    /// Whether it tells what columns add.
    pub tells: bool,
}

impl Known {
    pub fn new(weights: &[(&str, f64)]) -> Self {
        let weights = weights.iter().map(|(name, weight)| (name.to_string(), *weight)).collect();
        Known { weights, tells: false }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct KnownModel {
    weights: BTreeMap<String, f64>,
    tells: bool,
    labels: Vec<String>,
    names: Vec<String>,
}

adflux_core::recipe!(Known, "known");
adflux_core::component!(KnownModel, "known", version = 1);

impl Fit<Training<Features>> for Known {
    type Fitted = KnownModel;
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<KnownModel> {
        context.report("known", 1, Some(1));
        let (labels, names) = match &data.target {
            Some(Target::Classes(c)) => (c.labels.to_vec(), Vec::new()),
            Some(Target::Multi(m)) => (Vec::new(), m.names.to_vec()),
            _ => Default::default(),
        };
        Ok(KnownModel { weights: self.weights.clone(), tells: self.tells, labels, names })
    }
}

impl Predict<Features> for KnownModel {
    type Output = Prediction;
    fn predict(&self, x: &Features) -> Result<Prediction> {
        let mut sum = Array1::<f64>::zeros(x.rows());
        for block in x.blocks() {
            for (place, column) in block.columns().iter().enumerate() {
                let weight = self.weights.get(&column.name).copied().unwrap_or_default();
                match block.values() {
                    Values::Dense(x) => sum.scaled_add(weight, &x.column(place)),
                    Values::Sparse(x) => (0..x.rows()).for_each(|r| sum[r] += weight * x.get(r, place).unwrap_or(&0.0)),
                    _ => return Err(Error::data("`known` takes numbers")),
                }
            }
        }
        Ok(match (&self.labels[..], &self.names[..]) {
            ([], []) => Prediction::Values(sum),
            ([], names) => {
                let of =
                    |(i, name): (usize, &String)| (name.clone(), Prediction::Values(&sum * (1.0 - 2.0 * i as f64)));
                Prediction::Multi(names.iter().enumerate().map(of).collect())
            }
            (labels, _) => {
                let odds = |r: usize, c: usize| if c + 1 == labels.len() { sum[r].exp() } else { 1.0 };
                let mut p = Array2::from_shape_fn((sum.len(), labels.len()), |(r, c)| odds(r, c));
                p.rows_mut().into_iter().for_each(|mut row| {
                    let total = row.sum();
                    row /= total;
                });
                Prediction::Classes(Classes { labels: labels.to_vec().into(), probabilities: p })
            }
        })
    }

    /// Of dense blocks, a number or two classes, with a background.
    fn contributions(&self, x: &Features, background: Option<&Features>, _: &Context) -> Result<Option<Contributions>> {
        let (true, Some(background)) = (self.tells, background) else { return Ok(None) };
        let columns: Vec<Column> = x.columns().cloned().collect();
        let dense = |x: &Features| -> Result<Array2<f64>> { x.clone().merged()?.into_dense("known") };
        let (x, background) = (dense(x)?, dense(background)?);
        let mut base = 0.0;
        let mut values = Array3::zeros((x.nrows(), columns.len(), 1));
        for (place, column) in columns.iter().enumerate() {
            let weight = self.weights.get(&column.name).copied().unwrap_or_default();
            let mean = background.column(place).mean().unwrap_or_default();
            base += weight * mean;
            (0..x.nrows()).for_each(|row| values[[row, place, 0]] = weight * (x[[row, place]] - mean));
        }
        let scale = if self.labels.is_empty() { Scale::Outcome } else { Scale::LogOdds };
        let outputs = self.labels.last().cloned().into_iter().collect();
        let base = Array1::from(vec![base]);
        Ok(Some(Contributions { method: "linear", scale, outputs, columns: columns.into(), base, values }))
    }
}
