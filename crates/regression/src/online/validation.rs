//! [`ProgressiveValidation`]: how good predictions were, each made before its row was learned from.

use serde::{Deserialize, Serialize};

/// Scores (logarithms of odds) are counted in so many bins of this width about 0; those beyond count in the outermost.
const BINS: usize = 4096;
const WIDTH: f64 = 1.0 / 128.0;

/// Measures of predictions that were each made before the model had learned from the row: an honest test on every row, without
/// holding any back (Blum, Kalai & Langford, 1999). Of the second class, with the weights of the rows.
///
/// In memory that does not grow: scores are counted in 4,096 bins of 1/128 of log odds between −16 and 16. Two rows in one bin count
/// half in the AUC, as rows of the same score do.
///
/// ```
/// use adflux_core::{ClassTarget, Context, Features, Target, Training};
/// use adflux_regression::FtrlClassifier;
/// use ndarray::array;
/// let x = Features::from_dense(array![[1.0], [0.0], [1.0], [0.0]], ["mobile"])?;
/// let clicked = Target::Classes(ClassTarget::from_labels(&["yes", "no", "yes", "no"]));
/// let recipe = FtrlClassifier::new(1.0).fit_intercept(false);
/// let model = recipe.start(Training::new(x).with_target(clicked), &Context::default())?;
/// let so_far = model.progressive();
/// // The first row was predicted with even odds, the third better.
/// assert!(so_far.log_loss().is_some_and(|loss| loss < 2f64.ln()) && so_far.rows() == 4);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct ProgressiveValidation {
    rows: u64,
    loss: f64,
    /// Weights by class and bin.
    bins: [Vec<f64>; 2],
}

#[derive(Serialize, Deserialize)]
struct Saved {
    rows: u64,
    loss: f64,
    #[serde(with = "adflux_core::arrays")]
    first: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    second: Vec<f64>,
}

impl From<ProgressiveValidation> for Saved {
    fn from(p: ProgressiveValidation) -> Self {
        let [first, second] = p.bins;
        Saved { rows: p.rows, loss: p.loss, first, second }
    }
}

impl TryFrom<Saved> for ProgressiveValidation {
    type Error = String;

    fn try_from(saved: Saved) -> Result<Self, String> {
        let bins = [saved.first, saved.second];
        let counted = bins.iter().all(|b| b.len() == BINS && b.iter().all(|w| w.is_finite() && *w >= 0.0));
        if !counted || !saved.loss.is_finite() {
            return Err("the progressive validation is damaged".into());
        }
        Ok(ProgressiveValidation { rows: saved.rows, loss: saved.loss, bins })
    }
}

impl Default for ProgressiveValidation {
    fn default() -> Self {
        ProgressiveValidation { rows: 0, loss: 0.0, bins: [vec![0.0; BINS], vec![0.0; BINS]] }
    }
}

impl ProgressiveValidation {
    /// Takes note of a row that had this score.
    pub(super) fn note(&mut self, score: f64, positive: bool, weight: f64) {
        self.rows += 1;
        let margin = if positive { score } else { -score };
        self.loss += weight * ((-margin.abs()).exp().ln_1p() + (-margin).max(0.0));
        // Saturates at both ends.
        let bin = ((score / WIDTH + BINS as f64 / 2.0) as usize).min(BINS - 1);
        self.bins[usize::from(positive)][bin] += weight;
    }

    /// Adds the rows of another.
    pub(super) fn add(&mut self, other: &ProgressiveValidation) {
        self.rows += other.rows;
        self.loss += other.loss;
        for (bins, others) in self.bins.iter_mut().zip(&other.bins) {
            bins.iter_mut().zip(others).for_each(|(bin, other)| *bin += other);
        }
    }

    /// The weights of the rows of both classes.
    fn weights(&self) -> [f64; 2] {
        self.bins.each_ref().map(|bins| bins.iter().sum())
    }

    /// Rows of weight above 0 that were predicted and then learned from.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The share of the second class; `None` before the first row.
    pub fn positive_share(&self) -> Option<f64> {
        let [first, second] = self.weights();
        (first + second > 0.0).then(|| second / (first + second))
    }

    /// The mean log loss (natural logarithm); `None` before the first row.
    pub fn log_loss(&self) -> Option<f64> {
        let [first, second] = self.weights();
        (first + second > 0.0).then(|| self.loss / (first + second))
    }

    /// The area under the ROC curve; `None` before there is a row of each class.
    pub fn roc_auc(&self) -> Option<f64> {
        let [first, second] = self.weights();
        let (mut below, mut area) = (0.0, 0.0);
        for (first, second) in self.bins[0].iter().zip(&self.bins[1]) {
            area += second * (below + 0.5 * first);
            below += first;
        }
        (first > 0.0 && second > 0.0).then(|| area / (first * second))
    }
}
