//! Pooling over all steps or pixels.

use super::image_of;
use crate::{
    flow::{Flow, Value},
    layers::{Apply, first, steps_of, three},
    pass::Pass,
};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// The mean of all steps, channel by channel: input `[steps, n]`, output `[n]`. Padded steps (see [`Embedding`](crate::Embedding)) do not
/// count; where all are padded the mean is 0 (Keras: no number).
///
/// ```
/// use adflux_neural::{Dense, Embedding, GlobalAveragePooling1D, Sequential};
/// let bag = Sequential::new([20]).add(Embedding::new(1000, 8).mask_zero(true)).add(GlobalAveragePooling1D).add(Dense::new(1));
/// assert_eq!(bag.summary()?.parameters(), 1000 * 8 + 8 + 1);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalAveragePooling1D;

/// The largest number of all steps, channel by channel: input `[steps, n]`, output `[n]`. Padded steps (see
/// [`Embedding`](crate::Embedding)) do not count, as they do in Keras; where all are padded it is 0.
///
/// ```
/// use adflux_neural::{GlobalMaxPooling1D, Sequential};
/// assert_eq!(Sequential::new([9, 4]).add(GlobalMaxPooling1D).summary()?.outputs[0], [4]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalMaxPooling1D;

/// The mean of all pixels, channel by channel: input `[height, width, n]`, output `[n]`.
///
/// ```
/// use adflux_neural::{GlobalAveragePooling2D, Sequential};
/// assert_eq!(Sequential::new([9, 8, 3]).add(GlobalAveragePooling2D).summary()?.outputs[0], [3]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalAveragePooling2D;

/// The largest number of all pixels, channel by channel: input `[height, width, n]`, output `[n]`.
///
/// ```
/// use adflux_neural::{GlobalMaxPooling2D, Sequential};
/// assert_eq!(Sequential::new([9, 8, 3]).add(GlobalMaxPooling2D).summary()?.outputs[0], [3]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalMaxPooling2D;

/// Below every number a network computes with.
const LOWEST: f32 = f32::MIN;

/// Rows, places, channels.
fn places(value: Value) -> Tensor<3> {
    match value {
        Value::Four(t) => {
            let [rows, height, width, channels] = t.dims();
            t.reshape([rows, height * width, channels])
        }
        other => three(other),
    }
}

/// Without the axis of places, which has one.
fn flat(pooled: Tensor<3>) -> Flow {
    let [rows, _, channels] = pooled.dims();
    Flow::new(Value::Two(pooled.reshape([rows, channels])))
}

fn mean(flow: Flow) -> Flow {
    let x = places(flow.value);
    let [rows, steps, _] = x.dims();
    flat(match flow.mask {
        Some(mask) => {
            let real: Tensor<3> = mask.float().reshape([rows, steps, 1]);
            let count = real.clone().sum_dim(1).clamp_min(1.0);
            (x * real).sum_dim(1) / count
        }
        None => x.mean_dim(1),
    })
}

fn largest(flow: Flow) -> Flow {
    let x = places(flow.value);
    let [rows, steps, channels] = x.dims();
    flat(match flow.mask {
        Some(mask) => {
            let padded = mask.bool_not().reshape([rows, steps, 1]).expand([rows, steps, channels]);
            let most = x.mask_fill(padded, LOWEST).max_dim(1);
            let none = most.clone().equal_elem(LOWEST);
            most.mask_fill(none, 0.0)
        }
        None => x.max_dim(1),
    })
}

macro_rules! global {
    ($($name:ident, $kind:literal, $shape:ident, $of:ident;)*) => {$(
        impl Apply for $name {
            fn kind(&self) -> &'static str {
                $kind
            }
            fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
                Ok($shape(inputs)?.last().copied().into_iter().collect())
            }
            fn forward(&self, inputs: Vec<Flow>, _: &[Value], pass: &mut Pass<'_>) -> Flow {
                $of(first(inputs, pass))
            }
        }
    )*};
}
global! {
    GlobalAveragePooling1D, "global_average_pooling1d", steps_of, mean;
    GlobalMaxPooling1D, "global_max_pooling1d", steps_of, largest;
    GlobalAveragePooling2D, "global_average_pooling2d", image_of, mean;
    GlobalMaxPooling2D, "global_max_pooling2d", image_of, largest;
}
