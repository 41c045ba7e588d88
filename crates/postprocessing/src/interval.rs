//! [`ConformalInterval`]: an interval of known coverage around a number.

use crate::groups::{Quantiles, conformal_recipe, groups_of};
use adflux_core::{
    Categories, Component, Context, Error, Fit, Intervals, Prediction, Registry, Result, Target, Training, Transform,
    component::{decode, encode},
    parameter,
};
use adflux_data::Frame;
use adflux_evaluation::conformal::{quantile_scores, residual_scores, widened};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// Puts an interval around a number, or mends the intervals that a model predicts. Rows that come from where the training rows
/// came from fall inside with a probability of about `level`, whatever the model. Kind `conformal-interval`.
///
/// | the model predicts | the interval | score of a row |
/// |---|---|---|
/// | numbers | prediction ± q | \|truth − prediction\| |
/// | intervals | lower − q to upper + q; q may be negative (conformalised quantile regression) | the distance by which the truth lies outside; inside, less 0 |
///
/// q is the [conformal quantile](adflux_evaluation::conformal::conformal_quantile) of the scores of out-of-fold models on the
/// training rows. The first kind of interval is equally wide everywhere; the second is wide where the model says so.
///
/// **By group.** With `by`, each value of that column has its own q, so that the promise holds within each: platforms differ in how
/// well they can be predicted. A group of fewer than `min_group_size` training rows, one that is missing or was never seen has
/// the q of all rows. The column is text, truth values or whole numbers; the model need not learn from it.
///
/// Every row counts the same: the coverage is over rows, whatever their weights in training.
///
/// Takes [`Prediction::Values`] or [`Prediction::Intervals`] with a numeric target, or several by name with a target of the same
/// names.
///
/// Barber, Candès, Ramdas & Tibshirani (2021), *Predictive inference with the jackknife+* (the K-fold form, with the full
/// model at the centre; [`cv_plus`](adflux_evaluation::conformal::cv_plus) is the form with a guarantee). Romano, Patterson &
/// Candès (2019), *Conformalized quantile regression*.
///
/// ```
/// use adflux_core::{Fit, Prediction, Target, Training, Transform};
/// use adflux_data::Frame;
/// use adflux_postprocessing::ConformalInterval;
/// // Out of fold 0 was predicted for all; META was off by 1 to 50, TIKTOK by ten times as much.
/// let platforms = |rows: usize| (0..rows).map(|row| ["META", "TIKTOK"][row % 2]);
/// let frame = Frame::builder().texts("platform", platforms(100)).build()?;
/// let truth = (0..100).map(|row| f64::from(1 + row / 2) * if row % 2 == 0 { 1.0 } else { 10.0 }).collect();
/// let data = Training::new((frame, Prediction::Values(vec![0.0; 100].into()))).with_target(Target::Values(truth));
/// let fitted = ConformalInterval::new(0.8).by("platform").fit(data)?;
///
/// let new = Frame::builder().texts("platform", ["META", "TIKTOK", "LINKEDIN"]).build()?;
/// let interval = fitted.transform((new, Prediction::Values(vec![100.0; 3].into())))?;
/// assert_eq!(interval.intervals()?.upper.to_vec(), [141.0, 510.0, fitted.half_width("").unwrap() + 100.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConformalInterval {
    /// The share of outcomes the interval is to contain. Default 0.9.
    pub level: f64,
    /// The folds of the out-of-fold predictions, at least 2. Default 5.
    pub folds: usize,
    /// The column whose values have quantiles of their own. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The fewest training rows of a group that has its own. Default 50, with which the coverage of a group scatters by about
    /// 4 points around 90 %.
    pub min_group_size: usize,
}

impl Default for ConformalInterval {
    fn default() -> Self {
        ConformalInterval { level: 0.9, folds: 5, by: None, min_group_size: 50 }
    }
}

conformal_recipe!(ConformalInterval);
adflux_core::recipe!(ConformalInterval, "conformal-interval");

impl ConformalInterval {
    /// An interval of this level.
    pub fn new(level: f64) -> Self {
        ConformalInterval { level, ..Default::default() }
    }
}

/// A fitted [`ConformalInterval`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedConformalInterval {
    level: f64,
    by: Option<String>,
    /// One for each prediction of several; a single prediction has an empty name.
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Part {
    name: String,
    /// Whether the model predicts intervals, whose ends are moved.
    ends: bool,
    quantiles: Quantiles,
}

/// The state of version 1: one half width for each prediction.
#[derive(Deserialize)]
struct Version1 {
    level: f64,
    half_widths: Vec<(String, f64)>,
}

impl From<Version1> for FittedConformalInterval {
    fn from(old: Version1) -> Self {
        let part = |(name, overall)| Part { name, ends: false, quantiles: Quantiles { overall, groups: Vec::new() } };
        let parts = old.half_widths.into_iter().map(part).collect();
        FittedConformalInterval { level: old.level, by: None, parts }
    }
}

impl Component for FittedConformalInterval {
    const KIND: &'static str = "conformal-interval";
    const VERSION: u32 = 2;
    fn state(&self) -> Result<Vec<u8>> {
        encode(Self::KIND, self)
    }
    fn from_state(version: u32, state: &[u8], _: &Registry) -> Result<Self> {
        let loaded: Self = match version {
            1 => decode::<Version1>(Self::KIND, state)?.into(),
            _ => decode(Self::KIND, state)?,
        };
        let state = |reason: &str| Error::State { kind: Self::KIND.into(), reason: reason.into() };
        parameter::open_unit("level", loaded.level).map_err(|_| state("the level does not lie between 0 and 1"))?;
        // The ends of intervals that are too wide are moved inwards; a half width is not below 0.
        let least = |part: &Part| if part.ends { f64::NEG_INFINITY } else { 0.0 };
        if !loaded.parts.iter().all(|part| part.quantiles.are_sound(least(part))) {
            return Err(state("a width is none"));
        }
        Ok(loaded)
    }
    fn inputs(&self) -> Vec<String> {
        self.by.iter().cloned().collect()
    }
}

impl FittedConformalInterval {
    /// q of the prediction called `name`, over all rows; a single prediction has the name "".
    pub fn half_width(&self, name: &str) -> Option<f64> {
        self.part(name).map(|part| part.quantiles.overall)
    }

    /// q of the prediction called `name` in a group of the column `by`: its own, or that of all rows for a group that has none.
    pub fn half_width_in(&self, name: &str, group: &str) -> Option<f64> {
        self.part(name).map(|part| part.quantiles.of(Some(group)))
    }

    /// The share of outcomes that intervals are to contain.
    pub fn level(&self) -> f64 {
        self.level
    }

    fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    fn around(&self, name: &str, prediction: &Prediction, groups: Option<&Categories>) -> Result<Prediction> {
        let part = self
            .part(name)
            .ok_or_else(|| Error::column(name, "no interval was fitted for this prediction: fit the pipeline again"))?;
        let mean = prediction.point()?.clone();
        let quantiles = part.quantiles.each(mean.len(), groups)?;
        let (lower, upper) = match prediction {
            Prediction::Intervals(given) if part.ends => {
                let of = |row: usize| widened(given.lower[row], given.upper[row], quantiles[row]);
                let (lower, upper): (Vec<f64>, Vec<f64>) = (0..mean.len()).map(of).unzip();
                (lower.into(), upper.into())
            }
            _ => (&mean - &quantiles, &mean + &quantiles),
        };
        Ok(Prediction::Intervals(Intervals { mean, lower, upper, level: self.level }))
    }
}

impl Fit<Training<(Frame, Prediction)>> for ConformalInterval {
    type Fitted = FittedConformalInterval;
    fn fit_with(&self, data: Training<(Frame, Prediction)>, _: &Context) -> Result<Self::Fitted> {
        self.check()?;
        data.validate()?;
        let (frame, prediction) = &data.x;
        let groups = groups_of(frame, self.by.as_deref())?;
        let part = |name: &str, prediction: &Prediction, truth: ArrayView1<f64>| {
            let (ends, scores) = match prediction {
                Prediction::Intervals(i) => (true, quantile_scores(truth, i.lower.view(), i.upper.view())?),
                other => (false, residual_scores(truth, other.point()?.view(), None)?),
            };
            let quantiles = Quantiles::fit(&scores, groups.as_ref(), self.level, self.min_group_size, "an interval")?;
            Ok(Part { name: name.into(), ends, quantiles })
        };
        let parts = match (prediction, &data.target) {
            (Prediction::Multi(all), Some(Target::Multi(target))) => {
                all.iter().map(|(name, p)| part(name, p, target.column(name)?)).collect::<Result<_>>()?
            }
            (single, _) => vec![part("", single, data.values("conformal-interval")?.view())?],
        };
        Ok(FittedConformalInterval { level: self.level, by: self.by.clone(), parts })
    }
}

impl Transform<(Frame, Prediction)> for FittedConformalInterval {
    type Output = Prediction;
    fn transform(&self, (frame, prediction): (Frame, Prediction)) -> Result<Prediction> {
        let groups = groups_of(&frame, self.by.as_deref())?;
        match &prediction {
            Prediction::Multi(all) => {
                let each = all.iter().map(|(name, p)| Ok((name.clone(), self.around(name, p, groups.as_ref())?)));
                Ok(Prediction::Multi(each.collect::<Result<_>>()?))
            }
            single => self.around("", single, groups.as_ref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_with_a_width_or_a_level_that_cannot_be_is_refused() {
        let load = |level: f64, ends: bool, overall: f64, of_group: f64| {
            let quantiles = Quantiles { overall, groups: vec![("a".into(), of_group)] };
            let fitted =
                FittedConformalInterval { level, by: None, parts: vec![Part { name: String::new(), ends, quantiles }] };
            FittedConformalInterval::from_state(2, &fitted.state().unwrap(), &Registry::new())
        };
        assert!(load(0.9, false, 0.0, 1.0).is_ok() && load(0.9, true, -1.0, -2.0).is_ok());
        for (ends, overall, of_group) in [
            (false, -1.0, 1.0),
            (false, 1.0, -1.0),
            (true, f64::NEG_INFINITY, 1.0),
            (true, f64::NAN, 1.0),
            (false, 1.0, f64::NAN),
        ] {
            assert!(load(0.9, ends, overall, of_group).is_err(), "{ends} {overall} {of_group}");
        }
        for level in [0.0, 1.0, -3.0, f64::NAN] {
            assert!(load(level, false, 1.0, 1.0).is_err(), "{level}");
        }
    }
}
