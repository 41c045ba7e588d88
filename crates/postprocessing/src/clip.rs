//! [`Clip`]: numbers within bounds.

use adflux_core::{
    Context, Error, Fit, Intervals, Postprocess, Prediction, Result, Training, Transform, parameter::ensure,
};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// Keeps numbers, interval ends and each of several predictions within `min` and `max`. Kind `clip`; recipe and fitted form
/// are the same. Classes and segments are refused: there is nothing to clip.
///
/// ```
/// use adflux_core::{Fit, Prediction, Training, Transform};
/// use adflux_postprocessing::Clip;
/// let clip = Clip::default().min(0.0).max(1.0);
/// let ctr = Prediction::Values(vec![-0.01, 0.02, 1.3].into());
/// let fitted = clip.fit(Training::new(((), ctr.clone())))?;
/// assert_eq!(fitted.transform(((), ctr))?.point()?.to_vec(), [0.0, 0.02, 1.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clip {
    /// The least value. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest value. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

adflux_core::recipe!(Clip, "clip");
adflux_core::component!(Clip, "clip", version = 1);

impl Clip {
    /// Sets the least value.
    pub fn min(mut self, min: f64) -> Self {
        self.min = Some(min);
        self
    }

    /// Sets the greatest value.
    pub fn max(mut self, max: f64) -> Self {
        self.max = Some(max);
        self
    }

    fn apply(&self, prediction: Prediction) -> Result<Prediction> {
        let (min, max) = (self.min.unwrap_or(f64::NEG_INFINITY), self.max.unwrap_or(f64::INFINITY));
        // Not with `f64::max`, which would give the bound for a prediction that is not there.
        let bounded = |v: f64| match v {
            v if v < min => min,
            v if v > max => max,
            v => v,
        };
        let clip = |values: Array1<f64>| values.mapv_into(bounded);
        Ok(match prediction {
            Prediction::Values(values) => Prediction::Values(clip(values)),
            Prediction::Intervals(Intervals { mean, lower, upper, level }) => {
                Prediction::Intervals(Intervals { mean: clip(mean), lower: clip(lower), upper: clip(upper), level })
            }
            Prediction::Multi(all) => {
                let each = all.into_iter().map(|(name, p)| Ok((name, self.apply(p)?)));
                Prediction::Multi(each.collect::<Result<_>>()?)
            }
            _ => return Err(Error::data("`clip` bounds numbers: classes and segments have none")),
        })
    }
}

impl<F> Fit<Training<(F, Prediction)>> for Clip {
    type Fitted = Clip;
    fn fit_with(&self, _: Training<(F, Prediction)>, _: &Context) -> Result<Clip> {
        for (name, bound) in [("min", self.min), ("max", self.max)] {
            ensure(bound.is_none_or(|b| !b.is_nan()), name, bound, "must be a number")?;
        }
        if let (Some(min), Some(max)) = (self.min, self.max) {
            ensure(min <= max, "min", min, "must not be greater than `max`")?;
        }
        Ok(self.clone())
    }
}

impl<F> Postprocess<F, Prediction> for Clip {}

impl<F> Transform<(F, Prediction)> for Clip {
    type Output = Prediction;
    fn transform(&self, (_, prediction): (F, Prediction)) -> Result<Prediction> {
        self.apply(prediction)
    }
}
