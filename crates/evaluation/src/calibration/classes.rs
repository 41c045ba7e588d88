//! [`Calibrator`]: one of the methods, for any number of classes.

use super::{Beta, Isotonic, Platt, Temperature, check_classes, check_probabilities};
use crate::checks::Weights;
use adflux_core::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// How probabilities are corrected; the table at the [top of the module](super) says when to take which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationMethod {
    /// [`Platt`]: scikit-learn's `sigmoid`, and its default.
    #[default]
    #[serde(alias = "sigmoid")]
    Platt,
    /// [`Isotonic`].
    Isotonic,
    /// [`Beta`].
    Beta,
    /// [`Temperature`].
    Temperature,
}

/// A curve of one class against the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Curve {
    Platt(Platt),
    Isotonic(Isotonic),
    Beta(Beta),
}

impl Curve {
    fn fit(method: Single, p: ArrayView1<f64>, truth: &[bool], weights: Option<ArrayView1<f64>>) -> Result<Self> {
        Ok(match method {
            Single::Platt => Curve::Platt(Platt::fit(p, truth, weights)?),
            Single::Beta => Curve::Beta(Beta::fit(p, truth, weights)?),
            Single::Isotonic => {
                let truth: Array1<f64> = truth.iter().map(|y| f64::from(u8::from(*y))).collect();
                Curve::Isotonic(Isotonic::fit(p, truth.view(), weights)?)
            }
        })
    }

    fn predict(&self, p: ArrayView1<f64>) -> Array1<f64> {
        match self {
            Curve::Platt(curve) => curve.predict_all(p),
            Curve::Isotonic(curve) => curve.predict_all(p),
            Curve::Beta(curve) => curve.predict_all(p),
        }
    }
}

/// The methods that are of one class.
#[derive(Clone, Copy)]
enum Single {
    Platt,
    Isotonic,
    Beta,
}

/// A fitted calibrator of the probabilities of two or more classes.
///
/// Of two classes the second is calibrated, and the first is what is left. Of more, each is calibrated against the rest and
/// the row is divided by its sum (a row of zeros becomes equal shares), as scikit-learn's `CalibratedClassifierCV` does; then
/// the most probable class may become another. [`Temperature`] takes all classes at once.
///
/// ```
/// use adflux_evaluation::calibration::{CalibrationMethod, Calibrator};
/// use ndarray::{Array1, Array2};
/// let truth: Array1<u32> = (0..60).map(|row| row % 3).collect();
/// let said = Array2::from_shape_fn((60, 3), |(row, class)| if row % 3 == class || row % 7 == 0 { 0.6 } else { 0.2 });
/// let said = &said / &said.sum_axis(ndarray::Axis(1)).insert_axis(ndarray::Axis(1));
/// let calibrated = Calibrator::fit(CalibrationMethod::Beta, said.view(), truth.view(), None)?.predict(said.view())?;
/// assert!(calibrated.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-12));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibrator {
    classes: usize,
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form {
    /// One curve of two classes, or one for each of more.
    Curves(Vec<Curve>),
    Temperature(Temperature),
}

impl Calibrator {
    /// Learns from probabilities (rows × classes) beside the class that came. The rows must not have been learned from by the
    /// model.
    ///
    /// # Errors
    /// When there are no rows or fewer than two classes, lengths differ, a number is not a probability, the weights cannot be, or
    /// a class has no row that counts.
    pub fn fit(
        method: CalibrationMethod,
        probabilities: ArrayView2<f64>,
        truth: ArrayView1<u32>,
        weights: Option<ArrayView1<f64>>,
    ) -> Result<Self> {
        check_classes(probabilities, truth)?;
        let checked = Weights::new(truth.len(), weights)?;
        let classes = probabilities.ncols();
        if classes < 2 {
            return Err(Error::data("calibration needs at least two classes"));
        }
        let mut seen = vec![false; classes];
        truth.iter().enumerate().filter(|(row, _)| checked.get(*row) > 0.0).for_each(|(_, &y)| seen[y as usize] = true);
        if let Some(missing) = seen.iter().position(|seen| !seen) {
            let reason =
                format!("class {missing} (counted from 0) has no row that counts: calibration needs each class");
            return Err(Error::data(reason));
        }
        let single = match method {
            CalibrationMethod::Platt => Single::Platt,
            CalibrationMethod::Isotonic => Single::Isotonic,
            CalibrationMethod::Beta => Single::Beta,
            CalibrationMethod::Temperature => {
                let form = Form::Temperature(Temperature::fit(probabilities, truth, weights)?);
                return Ok(Calibrator { classes, form });
            }
        };
        let curve = |class: usize| {
            let is: Vec<bool> = truth.iter().map(|y| *y as usize == class).collect();
            Curve::fit(single, probabilities.column(class), &is, weights)
        };
        let of = if classes == 2 { 1..2 } else { 0..classes };
        Ok(Calibrator { classes, form: Form::Curves(of.map(curve).collect::<Result<_>>()?) })
    }

    /// The calibrated probabilities, rows × classes.
    ///
    /// # Errors
    /// When there are more or fewer classes than were fitted, or a number is not a probability.
    pub fn predict(&self, probabilities: ArrayView2<f64>) -> Result<Array2<f64>> {
        if probabilities.ncols() != self.classes {
            let reason =
                format!("probabilities of {} classes, where {} were fitted", probabilities.ncols(), self.classes);
            return Err(Error::data(reason));
        }
        check_probabilities(probabilities)?;
        let mut out = Array2::zeros(probabilities.raw_dim());
        match &self.form {
            Form::Temperature(temperature) => {
                for (mut to, from) in out.rows_mut().into_iter().zip(probabilities.rows()) {
                    to.assign(&temperature.predict(from));
                }
            }
            Form::Curves(curves) if curves.len() == 1 => {
                let second = curves[0].predict(probabilities.column(1));
                out.column_mut(0).assign(&second.mapv(|p| 1.0 - p));
                out.column_mut(1).assign(&second);
            }
            Form::Curves(curves) => {
                for (class, curve) in curves.iter().enumerate() {
                    out.column_mut(class).assign(&curve.predict(probabilities.column(class)));
                }
                for mut row in out.rows_mut() {
                    let sum = row.sum();
                    if sum > 0.0 {
                        row.mapv_inplace(|p| p / sum);
                    } else {
                        row.fill(1.0 / self.classes as f64);
                    }
                }
            }
        }
        Ok(out)
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The temperature, of [`CalibrationMethod::Temperature`].
    pub fn temperature(&self) -> Option<f64> {
        match &self.form {
            Form::Temperature(fitted) => Some(fitted.temperature),
            Form::Curves(_) => None,
        }
    }

    /// Checks what came from a file.
    ///
    /// # Errors
    /// When the parts do not fit together.
    pub fn validate(&self) -> Result<()> {
        let number = |holds: bool| if holds { Ok(()) } else { Err(Error::data("a number of the calibration is none")) };
        match &self.form {
            Form::Temperature(t) => number(t.temperature.is_finite() && t.temperature > 0.0)?,
            Form::Curves(curves) => {
                for curve in curves {
                    match curve {
                        Curve::Platt(p) => number(p.slope.is_finite() && p.intercept.is_finite())?,
                        Curve::Beta(b) => number([b.a, b.b, b.c].iter().all(|v| v.is_finite()))?,
                        Curve::Isotonic(line) => line.validate()?,
                    }
                }
                let wanted = if self.classes == 2 { 1 } else { self.classes };
                if curves.len() != wanted {
                    return Err(Error::data(format!("{} curves for {} classes", curves.len(), self.classes)));
                }
            }
        }
        if self.classes < 2 { Err(Error::data("fewer than two classes")) } else { Ok(()) }
    }
}
