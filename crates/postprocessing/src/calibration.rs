//! [`Calibration`]: probabilities that can be taken at their word.

use adflux_core::{
    Classes, Component, Context, Error, Fit, Needs, Postprocess, Prediction, Registry, Result, Rows, Training,
    Transform,
    component::{decode, encode},
    parameter::ensure,
};
use adflux_evaluation::{
    calibration::{CalibrationMethod, Calibrator},
    scores::codes_among,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Corrects class probabilities so that of the rows given 30 % about 30 % are of the class. Kind `calibration`.
///
/// It learns from out-of-fold predictions of the training rows, with their weights, how far what the model says is from what
/// happens, and corrects what the model of all rows says: scikit-learn's `CalibratedClassifierCV(ensemble=False)`. Labels and
/// their order stay. What the methods are and when to take which stands at the head of
/// [`calibration`](adflux_evaluation::calibration); in short: `"isotonic"` from some thousand rows on, `"beta"` below,
/// `"temperature"` for many classes, `"platt"` (the default, as scikit-learn's) for scores that are no probabilities.
///
/// Of two classes every method keeps the order of the rows (isotonic regression makes some equal; Platt's sigmoid turns a model
/// around that is worse than a guess), so measures of the order (`roc_auc`) hardly change, and `log_loss` and `brier` fall if there
/// was something to correct. Of more classes only the temperature keeps the order of the classes within a row.
///
/// ```
/// use adflux_core::{ClassTarget, Classes, Fit, Prediction, Target, Training, Transform};
/// use adflux_postprocessing::{Calibration, CalibrationMethod};
/// use ndarray::{Array1, Array2};
/// // Said is 90 % everywhere, and 3 of 4 come.
/// let labels: Vec<&str> = (0..200).map(|row| if row % 4 == 0 { "no" } else { "yes" }).collect();
/// let target = ClassTarget::from_labels(&labels);
/// let probabilities = Array2::from_shape_fn((200, 2), |(_, class)| [0.1, 0.9][class]);
/// let said = Prediction::Classes(Classes { labels: target.labels.clone(), probabilities });
/// let frame = Array1::<f64>::zeros(200);
/// let data = Training::new((frame.clone(), said.clone())).with_target(Target::Classes(target));
/// let fitted = Calibration::new(CalibrationMethod::Isotonic).fit(data)?;
/// assert_eq!(fitted.transform((frame, said))?.classes()?.probabilities[[0, 1]], 0.75);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[doc(alias = "CalibratedClassifierCV")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calibration {
    /// How: `"platt"` (the default), `"isotonic"`, `"beta"` or `"temperature"`.
    pub method: CalibrationMethod,
    /// The folds of the out-of-fold predictions, at least 2. Default 5.
    pub folds: usize,
}

impl Default for Calibration {
    fn default() -> Self {
        Calibration { method: CalibrationMethod::Platt, folds: 5 }
    }
}

adflux_core::recipe!(Calibration, "calibration");

impl Calibration {
    /// A calibration by this method.
    pub fn new(method: CalibrationMethod) -> Self {
        Calibration { method, ..Default::default() }
    }

    /// Sets the method.
    pub fn method(mut self, method: CalibrationMethod) -> Self {
        self.method = method;
        self
    }

    /// Sets the number of folds.
    pub fn folds(mut self, folds: usize) -> Self {
        self.folds = folds;
        self
    }
}

/// A fitted [`Calibration`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedCalibration {
    labels: Arc<[String]>,
    calibrator: Calibrator,
}

impl Component for FittedCalibration {
    const KIND: &'static str = "calibration";
    fn state(&self) -> Result<Vec<u8>> {
        encode(Self::KIND, self)
    }
    fn from_state(_: u32, state: &[u8], _: &Registry) -> Result<Self> {
        let loaded: Self = decode(Self::KIND, state)?;
        let wrong = |reason: String| Error::State { kind: Self::KIND.into(), reason };
        loaded.calibrator.validate().map_err(|e| wrong(e.to_string()))?;
        if loaded.calibrator.classes() != loaded.labels.len() {
            return Err(wrong(format!("{} labels of {} classes", loaded.labels.len(), loaded.calibrator.classes())));
        }
        Ok(loaded)
    }
}

impl FittedCalibration {
    /// What was learned.
    pub fn calibrator(&self) -> &Calibrator {
        &self.calibrator
    }

    /// The labels of the training.
    pub fn labels(&self) -> &Arc<[String]> {
        &self.labels
    }
}

/// The probabilities that are to be calibrated.
fn probabilities(prediction: &Prediction) -> Result<&Classes> {
    match prediction {
        Prediction::Sets(_) => {
            Err(Error::data("sets were made of the probabilities already: put `calibration` before `conformal-set`"))
        }
        other => other.classes(),
    }
}

impl<F: Rows> Fit<Training<(F, Prediction)>> for Calibration {
    type Fitted = FittedCalibration;
    fn fit_with(&self, data: Training<(F, Prediction)>, context: &Context) -> Result<Self::Fitted> {
        ensure(self.folds >= 2, "folds", self.folds, "at least 2 folds are needed")?;
        data.validate()?;
        let classes = probabilities(&data.x.1)?;
        let truth = codes_among(data.classes("calibration")?, &classes.labels)?;
        let counts = |row: usize| data.weights.as_ref().is_none_or(|w| w[row] > 0.0);
        let seen = |label: usize| truth.iter().enumerate().any(|(row, code)| *code as usize == label && counts(row));
        if let Some(missing) = (0..classes.labels.len()).find(|label| !seen(*label)) {
            let name = &classes.labels[missing];
            return Err(Error::column(
                "target",
                format!(
                    "class `{name}` has no row that counts, so its probability cannot be calibrated: add rows of it, or drop the \
                 calibration"
                ),
            ));
        }
        context.check()?;
        let weights = data.weights.as_ref().map(|w| w.view());
        let calibrator = Calibrator::fit(self.method, classes.probabilities.view(), truth.view(), weights)?;
        Ok(FittedCalibration { labels: classes.labels.clone(), calibrator })
    }
}

impl<F: Rows> Postprocess<F, Prediction> for Calibration {
    fn needs(&self) -> Needs {
        Needs::OutOfFold(self.folds)
    }
}

impl<F> Transform<(F, Prediction)> for FittedCalibration {
    type Output = Prediction;
    fn transform(&self, (_, prediction): (F, Prediction)) -> Result<Prediction> {
        let classes = probabilities(&prediction)?;
        if classes.labels != self.labels {
            let (given, fitted) = (classes.labels.join(", "), self.labels.join(", "));
            return Err(Error::data(format!("probabilities of the classes {given}, where {fitted} were calibrated")));
        }
        let probabilities = self.calibrator.predict(classes.probabilities.view())?;
        Ok(Prediction::Classes(Classes { labels: self.labels.clone(), probabilities }))
    }
}
