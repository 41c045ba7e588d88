//! The measures that are timed, here and in `benches/evaluation.rs`.

use adflux_core::Result;
use adflux_evaluation::{
    calibration::Bins,
    fairness::{Groups, rates},
    metrics::*,
};
use ndarray::{Array1, Array2, Axis};

/// What is measured.
pub struct Rows {
    pub codes: Array1<u32>,
    pub probabilities: Array2<f64>,
    truth: Vec<bool>,
    guess: Array1<u32>,
    score: Array1<f64>,
    amount: Array1<f64>,
    predicted: Array1<f64>,
    weights: Array1<f64>,
}

/// A measure by name.
pub type Case<'a> = (&'static str, Box<dyn Fn() -> Result<f64> + 'a>);

impl Rows {
    /// Of what came, and of scores between 0 and 1, predictions, amounts and weights.
    pub fn new(truth: Vec<bool>, [score, predicted, amount, weights]: [Array1<f64>; 4]) -> Self {
        let codes = truth.iter().map(|truth| u32::from(*truth)).collect();
        let guess = score.mapv(|p| u32::from(p > 0.5));
        let probabilities = ndarray::stack![Axis(1), score.mapv(|p| 1.0 - p), score];
        Rows { truth, codes, guess, score, probabilities, amount, predicted, weights }
    }

    /// The measures.
    pub fn cases(&self) -> Vec<Case<'_>> {
        let Rows { truth, codes, guess, score, probabilities, amount, predicted, weights } = self;
        let (s, y, p, w) = (score.view(), amount.view(), predicted.view(), Some(weights.view()));
        let groups = || Groups::new(["a", "b"].map(String::from).to_vec(), guess.to_vec());
        vec![
            ("mae", Box::new(move || mae(y, p, None))),
            ("r2, weighted", Box::new(move || r2(y, p, w))),
            ("median_absolute_error", Box::new(move || median_absolute_error(y, p, None))),
            ("poisson_deviance", Box::new(move || poisson_deviance(y, p, None))),
            ("roc_auc", Box::new(move || roc_auc(truth, s, None))),
            ("roc_auc, weighted", Box::new(move || roc_auc(truth, s, w))),
            ("pr_auc", Box::new(move || pr_auc(truth, s, None))),
            ("log_loss", Box::new(move || log_loss(codes.view(), probabilities.view(), None))),
            ("brier", Box::new(move || brier(truth, s, None))),
            ("ece, equal width", Box::new(move || ece(truth, s, Bins::EqualWidth(10), None))),
            ("accuracy", Box::new(move || accuracy(codes.view(), guess.view(), None))),
            (
                "f1, macro",
                Box::new(move || {
                    ConfusionMatrix::new(codes.view(), guess.view(), 2, None)?.f_beta(1.0, Average::Macro)
                }),
            ),
            (
                "adjusted_rand",
                Box::new(move || {
                    adjusted_rand(codes.as_slice().unwrap_or_default(), guess.as_slice().unwrap_or_default())
                }),
            ),
            (
                "selection rate by group",
                Box::new(move || {
                    let found = rates(Some(truth), truth, &groups()?, None, 0.95)?;
                    Ok(found.overall.selection_rate.map_or(0.0, |rate| rate.value))
                }),
            ),
        ]
    }
}
