//! [`Log1pTransformer`]: counts and amounts on a logarithmic scale.

use crate::{
    dense::{Dense, refuse_where},
    step::{Learn, step},
};
use adflux_core::{Context, Features, Result, Training, Transform};
use serde::{Deserialize, Serialize};

/// Replaces every number by `ln(1 + x)`, which keeps 0 and brings counts and amounts of different size close together.
///
/// Takes dense blocks of numbers above −1; others are refused by column and row, where NumPy gives −∞ or NaN. Missing
/// values stay missing. It learns nothing but the columns. What scikit-learn's users write as
/// `FunctionTransformer(np.log1p, inverse_func=np.expm1)`. O(rows × columns), in place.
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::Log1pTransformer;
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[0.0], [9.0]], ["clicks"])?;
/// let logs = Log1pTransformer::default().fit(Training::new(x.clone()))?;
/// assert_eq!(logs.transform(x)?.dense("example")?, array![[0.0], [10_f64.ln()]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log1pTransformer {}

/// A fitted [`Log1pTransformer`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedLog1pTransformer {
    blocks: Vec<Dense<()>>,
}

step!(Log1pTransformer => FittedLog1pTransformer, "log1p-transformer", version = 1);
const KIND: &str = "log1p-transformer";

impl Learn for Log1pTransformer {
    type Fitted = FittedLog1pTransformer;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedLog1pTransformer> {
        require_domain(&data.x)?;
        Ok(FittedLog1pTransformer { blocks: Dense::learn(KIND, &data.x, context, None, |_, _| Ok(()))? })
    }
}

fn require_domain(x: &Features) -> Result<()> {
    let below = |v: f64| v <= -1.0;
    refuse_where(x, below, |v| format!("{v}, and `{KIND}` takes finite numbers above −1 only"))
}

impl FittedLog1pTransformer {
    /// The original values: `x = exp(z) − 1`.
    ///
    /// # Errors
    /// When `z` does not have the columns of the fit, or its exponential overflows.
    pub fn inverse_transform(&self, z: Features) -> Result<Features> {
        Dense::map(KIND, &self.blocks, z, |(), z| z.exp_m1())
    }
}

impl Transform<Features> for FittedLog1pTransformer {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        require_domain(&x)?;
        Dense::map(KIND, &self.blocks, x, |(), x| x.ln_1p())
    }
}
