//! [`ConformalInterval`]: an interval of known coverage around a number.

use adflux_core::{
    Context, Error, Fit, Intervals, Needs, Postprocess, Prediction, Result, Rows, Target, Training, Transform,
    parameter::{ensure, open_unit},
};
use adflux_evaluation::conformal::conformal_quantile;
use serde::{Deserialize, Serialize};

/// Puts an interval around a number: plus and minus the `level` quantile of the absolute errors that out-of-fold models made
/// on the training rows. Rows that come from where the training rows came from fall inside with a probability of about
/// `level`, whatever the model. Kind `conformal-interval`.
///
/// Every row counts the same: the coverage is over rows, whatever their weights in training.
///
/// Takes [`Prediction::Values`] with a numeric target, or several by name with a target of the same names.
///
/// Barber, Candès, Ramdas & Tibshirani (2021), *Predictive inference with the jackknife+* (the K-fold form, with the full
/// model at the centre).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConformalInterval {
    /// The share of outcomes the interval is to contain. Default 0.9.
    pub level: f64,
    /// The folds of the out-of-fold predictions, at least 2. Default 5.
    pub folds: usize,
}

impl Default for ConformalInterval {
    fn default() -> Self {
        ConformalInterval { level: 0.9, folds: 5 }
    }
}

adflux_core::recipe!(ConformalInterval, "conformal-interval");

impl ConformalInterval {
    /// An interval of this level.
    pub fn new(level: f64) -> Self {
        ConformalInterval { level, ..Default::default() }
    }

    /// Sets the number of folds.
    pub fn folds(mut self, folds: usize) -> Self {
        self.folds = folds;
        self
    }
}

/// A fitted [`ConformalInterval`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedConformalInterval {
    level: f64,
    /// Half the width of the interval, by the name of the prediction; a single prediction has an empty name.
    half_widths: Vec<(String, f64)>,
}

adflux_core::component!(FittedConformalInterval, "conformal-interval", version = 1);

impl FittedConformalInterval {
    /// Half the width of the interval of the prediction called `name`; a single prediction has the name "".
    pub fn half_width(&self, name: &str) -> Option<f64> {
        self.half_widths.iter().find(|(n, _)| n == name).map(|(_, w)| *w)
    }

    fn around(&self, name: &str, prediction: &Prediction) -> Result<Prediction> {
        let half = self
            .half_width(name)
            .ok_or_else(|| Error::column(name, "no interval was fitted for this prediction: fit the pipeline again"))?;
        let mean = prediction.point()?.clone();
        Ok(Prediction::Intervals(Intervals { lower: &mean - half, upper: &mean + half, mean, level: self.level }))
    }
}

impl<F: Rows> Fit<Training<(F, Prediction)>> for ConformalInterval {
    type Fitted = FittedConformalInterval;
    fn fit_with(&self, data: Training<(F, Prediction)>, _: &Context) -> Result<Self::Fitted> {
        open_unit("level", self.level)?;
        ensure(self.folds >= 2, "folds", self.folds, "at least 2 folds are needed")?;
        data.validate()?;
        let half_width = |errors: Vec<f64>| {
            let half = conformal_quantile(&errors, self.level)?;
            if half.is_finite() {
                return Ok(half);
            }
            let needed = (self.level / (1.0 - self.level)).ceil();
            Err(Error::data(format!("an interval of level {} needs at least {needed} rows to learn from", self.level)))
        };
        let half_widths = match (&data.x.1, &data.target) {
            (Prediction::Multi(all), Some(Target::Multi(target))) => {
                let of = |(name, p): &(String, Prediction)| {
                    let truth = target.column(name)?;
                    Ok((name.clone(), half_width(p.point()?.iter().zip(truth).map(|(p, y)| (y - p).abs()).collect())?))
                };
                all.iter().map(of).collect::<Result<_>>()?
            }
            (single, _) => {
                let truth = data.values("conformal-interval")?;
                let errors = single.point()?.iter().zip(truth).map(|(p, y)| (y - p).abs()).collect();
                vec![(String::new(), half_width(errors)?)]
            }
        };
        Ok(FittedConformalInterval { level: self.level, half_widths })
    }
}

impl<F: Rows> Postprocess<F, Prediction> for ConformalInterval {
    fn needs(&self) -> Needs {
        Needs::OutOfFold(self.folds)
    }
}

impl<F> Transform<(F, Prediction)> for FittedConformalInterval {
    type Output = Prediction;
    fn transform(&self, (_, prediction): (F, Prediction)) -> Result<Prediction> {
        match &prediction {
            Prediction::Multi(all) => {
                let each = all.iter().map(|(name, p)| Ok((name.clone(), self.around(name, p)?)));
                Ok(Prediction::Multi(each.collect::<Result<_>>()?))
            }
            single => self.around("", single),
        }
    }
}
