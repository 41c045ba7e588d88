//! [`Identity`]: the prediction as it is.

use adflux_core::{Context, Fit, Postprocess, Prediction, Result, Training, Transform};
use serde::{Deserialize, Serialize};

/// Leaves the prediction as it is. Kind `identity`; recipe and fitted form are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {}

adflux_core::recipe!(Identity, "identity");
adflux_core::component!(Identity, "identity", version = 1);

impl<F> Fit<Training<(F, Prediction)>> for Identity {
    type Fitted = Identity;
    fn fit_with(&self, _: Training<(F, Prediction)>, _: &Context) -> Result<Identity> {
        Ok(Identity {})
    }
}

impl<F> Postprocess<F, Prediction> for Identity {}

impl<F> Transform<(F, Prediction)> for Identity {
    type Output = Prediction;
    fn transform(&self, (_, prediction): (F, Prediction)) -> Result<Prediction> {
        Ok(prediction)
    }
}
