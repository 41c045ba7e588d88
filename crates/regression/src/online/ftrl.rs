//! [`FtrlClassifier`]: the recipe.

use super::{
    coordinates::Rates,
    model::{FittedFtrlClassifier, KIND},
};
use adflux_core::{
    Context, Features, Fit, Result, Training,
    parameter::{between_one_and, non_negative, positive},
};
use serde::{Deserialize, Serialize};

/// Passes over the rows at most.
const MOST_EPOCHS: usize = 1_000_000;

/// Logistic regression of two classes that learns row by row, by FTRL-proximal: the method of large click models. Kind
/// `ftrl-classifier`.
///
/// Takes dense and sparse blocks without missing values, and row weights. Each column has a learning rate of its own, which falls with
/// the gradients it has seen, so rare columns still learn when frequent ones have settled; and L1 leaves columns at exactly 0 until
/// their gradients add up to more. Memory is two numbers a column, whatever the rows: put a `hashing-encoder` before it for
/// categories of any number of levels. With gradient g of the log loss in a coordinate, z and n beginning at 0:
///
/// ```text
/// w = 0 where |z| ≤ l1, otherwise −(z − sign(z)·l1) / ((beta + √n) / alpha + l2)
/// z += g − (√(n + g²) − √n) / alpha · w          n += g²
/// ```
///
/// Rows are learned from one after the other in their order, by one thread. A row of weight 2 has twice the gradient. O(stored numbers)
/// a row. [`start`](FtrlClassifier::start) and [`FittedFtrlClassifier::update`] take a stream chunk by chunk and come to the bits of the
/// coefficients that [`fit`](Fit::fit) finds on all chunks together; [`FittedFtrlClassifier::progressive`] says how good predictions were,
/// each made before its row was learned from.
///
/// Defaults are those of River's `FTRLProximal`. The intercept is a coordinate like the others, without penalty; River gives it a
/// plain gradient step.
///
/// Reference: McMahan et al. (2013), *Ad click prediction: a view from the trenches*, algorithm 1.
///
/// ```
/// use adflux_core::{ClassTarget, Context, Features, Predict, Target, Training};
/// use adflux_regression::FtrlClassifier;
/// use ndarray::array;
///
/// let labels: std::sync::Arc<[String]> = ["no", "yes"].map(String::from).into();
/// let chunk = |x, codes| {
///     let clicked = Target::Classes(ClassTarget { codes, labels: labels.clone() });
///     Features::from_dense(x, ["mobile"]).map(|x| Training::new(x).with_target(clicked))
/// };
/// let context = Context::default();
/// let mut model = FtrlClassifier::new(0.5).start(chunk(array![[1.0], [0.0]], array![1, 0])?, &context)?;
/// let of_chunk = model.update(chunk(array![[0.0], [1.0], [1.0]], array![0, 1, 1])?, &context)?;
/// assert!(of_chunk.log_loss() < model.progressive().log_loss(), "it has become better");
/// let clicks = model.predict(&Features::from_dense(array![[1.0], [0.0]], ["mobile"])?)?;
/// assert!(clicks.probabilities[[0, 1]] > clicks.probabilities[[1, 1]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FtrlClassifier {
    /// The learning rate, above 0: larger learns faster and forgets faster. Default 0.05.
    pub alpha: f64,
    /// What slows the first steps of a column, above 0. Default 1.
    pub beta: f64,
    /// The gradient that a column must gather before it counts, 0 or more. Default 0.
    pub l1: f64,
    /// The penalty on squared coefficients, 0 or more. Default 1.
    pub l2: f64,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// How often [`fit`](Fit::fit) goes over the rows, 1 to 1,000,000. Default 1.
    pub epochs: usize,
}

impl Default for FtrlClassifier {
    fn default() -> Self {
        FtrlClassifier { alpha: 0.05, beta: 1.0, l1: 0.0, l2: 1.0, fit_intercept: true, epochs: 1 }
    }
}

adflux_core::recipe!(FtrlClassifier, "ftrl-classifier");

impl FtrlClassifier {
    /// A model of learning rate `alpha`.
    pub fn new(alpha: f64) -> Self {
        FtrlClassifier { alpha, ..Self::default() }
    }
    /// Sets the learning rate.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }
    /// Sets what slows the first steps.
    pub fn beta(mut self, beta: f64) -> Self {
        self.beta = beta;
        self
    }
    /// Sets the gradient that a column must gather before it counts.
    pub fn l1(mut self, l1: f64) -> Self {
        self.l1 = l1;
        self
    }
    /// Sets the penalty on squared coefficients.
    pub fn l2(mut self, l2: f64) -> Self {
        self.l2 = l2;
        self
    }
    /// Sets whether there is an intercept.
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
        self
    }
    /// Sets how often a fit goes over the rows.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    fn check(&self) -> Result<()> {
        positive("alpha", self.alpha)?;
        positive("beta", self.beta)?;
        non_negative("l1", self.l1)?;
        non_negative("l2", self.l2)?;
        between_one_and(MOST_EPOCHS, "epochs", self.epochs)
    }

    fn rates(&self) -> Rates {
        Rates { alpha: self.alpha, beta: self.beta, l1: self.l1, l2: self.l2 }
    }

    /// Begins with the first chunk of a stream; [`FittedFtrlClassifier::update`] takes the next. `epochs` is not used.
    ///
    /// # Errors
    /// As [`fit`](Fit::fit). The labels of the target must be both, also where the chunk has rows of one only.
    pub fn start(&self, chunk: Training<Features>, context: &Context) -> Result<FittedFtrlClassifier> {
        self.check()?;
        let mut model = FittedFtrlClassifier::unseen(self.rates(), self.fit_intercept, &chunk)?;
        model.update(chunk, context)?;
        Ok(model)
    }
}

impl Fit<Training<Features>> for FtrlClassifier {
    type Fitted = FittedFtrlClassifier;

    /// # Errors
    /// When a parameter is out of range, the target is not of two classes, a block is neither dense nor sparse, a number is missing,
    /// infinite or larger than 1e70, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<FittedFtrlClassifier> {
        self.check()?;
        let mut model = FittedFtrlClassifier::unseen(self.rates(), self.fit_intercept, &data)?;
        for epoch in 0..self.epochs {
            context.report(KIND, epoch as u64, Some(self.epochs as u64));
            // Later passes know the rows: only the first says how good predictions are.
            let validated = (epoch > 0).then(|| model.progressive().clone());
            model.learn(&data, context)?;
            if let Some(validated) = validated {
                model.validate_as(validated);
            }
        }
        Ok(model)
    }
}
