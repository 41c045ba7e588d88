//! [`Regularizer`]: what large weights are charged.

use adflux_core::{Result, parameter::non_negative};
use serde::{Deserialize, Serialize};

/// What the weights of a layer add to the loss: `l1 Σ|w| + l2 Σw²`, as Keras's `L1L2`.
///
/// ```
/// use adflux_neural::{Dense, Regularizer};
/// let layer = Dense::new(16).kernel_regularizer(Regularizer::l2(1e-4));
/// assert_eq!(layer.kernel_regularizer, Some(Regularizer { l1: 0.0, l2: 1e-4 }));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Regularizer {
    /// The charge for magnitudes, 0 or more.
    pub l1: f64,
    /// The charge for squares, 0 or more.
    pub l2: f64,
}

impl Regularizer {
    /// Magnitudes alone. Keras's default is 0.01.
    pub fn l1(l1: f64) -> Self {
        Regularizer { l1, l2: 0.0 }
    }
    /// Squares alone. Keras's default is 0.01.
    pub fn l2(l2: f64) -> Self {
        Regularizer { l1: 0.0, l2 }
    }

    pub(crate) fn check(self) -> Result<()> {
        non_negative("l1", self.l1)?;
        non_negative("l2", self.l2)
    }

    /// What `weights` are charged.
    pub(crate) fn penalty(self, weights: &[f32]) -> f64 {
        let (one, two) = weights.iter().fold((0.0, 0.0), |(one, two), w| {
            let w = f64::from(*w);
            (one + w.abs(), two + w * w)
        });
        self.l1 * one + self.l2 * two
    }

    /// Adds the derivative of the charge to `gradient`.
    pub(crate) fn add_derivative(self, weights: &[f32], gradient: &mut [f32]) {
        let (l1, l2) = (self.l1 as f32, 2.0 * self.l2 as f32);
        for (g, w) in gradient.iter_mut().zip(weights) {
            let sign = if *w > 0.0 {
                1.0
            } else if *w < 0.0 {
                -1.0
            } else {
                0.0
            };
            *g += l1 * sign + l2 * w;
        }
    }
}
