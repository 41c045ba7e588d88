//! [`Norm`]: the length that the weights of a text are brought to.

use serde::{Deserialize, Serialize};

/// What the weights of each text are divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Norm {
    /// The sum of their absolute values.
    L1,
    /// Their Euclidean length.
    #[default]
    L2,
    /// Nothing.
    None,
}

impl Norm {
    /// Brings `row` to length 1; a row of zeros stays.
    pub(super) fn apply(self, row: &mut [f64]) {
        let length = match self {
            Norm::None => return,
            Norm::L1 => row.iter().map(|w| w.abs()).sum(),
            Norm::L2 => row.iter().map(|w| w * w).sum::<f64>().sqrt(),
        };
        if length > 0.0 {
            row.iter_mut().for_each(|w| *w /= length);
        }
    }
}
