//! Layers that look at windows of steps or pixels, and at all of them at once: convolutions and pooling, channels last.

mod convolution;
mod depthwise;
mod global;
mod pooling;

pub use convolution::{Conv1D, Conv2D};
pub use depthwise::DepthwiseConv2D;
pub use global::{GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D};
pub use pooling::{AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D};

use super::only;
use crate::flow::Value;
use adflux_core::{Result, parameter::ensure};
use burn::tensor::{Tensor, module::conv2d, ops::ConvOptions};
use serde::{Deserialize, Serialize};

/// What is done where a window would reach beyond the edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Padding {
    /// Windows stay inside: (length − span) / stride + 1 of them, rounded down.
    #[default]
    Valid,
    /// The edges are padded so that ⌈length / stride⌉ windows fit; where an uneven number is needed, one more at the end, as
    /// TensorFlow does.
    Same,
}

/// Windows along height and width: their size, how far apart they and the places within them stand.
#[derive(Clone, Copy)]
struct Windows {
    size: [usize; 2],
    strides: [usize; 2],
    dilation: [usize; 2],
    padding: Padding,
}

impl Windows {
    /// Windows of steps: images of height 1.
    fn of_steps(size: usize, stride: usize, dilation: usize, padding: Padding) -> Self {
        Windows { size: [1, size], strides: [1, stride], dilation: [1, dilation], padding }
    }

    fn span(&self, axis: usize) -> usize {
        (self.size[axis].saturating_sub(1)).saturating_mul(self.dilation[axis]).saturating_add(1)
    }

    /// How many windows fit along an axis of `length`.
    fn count(&self, axis: usize, length: usize) -> Option<usize> {
        match self.padding {
            Padding::Valid => Some(length.checked_sub(self.span(axis))? / self.strides[axis] + 1),
            Padding::Same => Some(length.div_ceil(self.strides[axis])),
        }
    }

    /// How many windows fit, or why none does.
    fn counts(&self, lengths: [usize; 2]) -> Result<[usize; 2], String> {
        match (self.count(0, lengths[0]), self.count(1, lengths[1])) {
            (Some(height), Some(width)) => Ok([height, width]),
            (None, _) => Err(format!(
                "has windows of {} where there are {}: use smaller ones, or padding `same`",
                self.span(0),
                lengths[0]
            )),
            (_, None) => Err(format!(
                "has windows of {} where there are {}: use smaller ones, or padding `same`",
                self.span(1),
                lengths[1]
            )),
        }
    }

    /// What is added before and behind an axis of `length`.
    fn edges(&self, axis: usize, length: usize) -> (usize, usize) {
        let count = self.count(axis, length).unwrap_or(1);
        let reached = count.saturating_sub(1).saturating_mul(self.strides[axis]).saturating_add(self.span(axis));
        let missing = match self.padding {
            Padding::Valid => 0,
            Padding::Same => reached.saturating_sub(length),
        };
        (missing / 2, missing - missing / 2)
    }

    /// The convolution of rows, height, width, channels with a kernel of output, input channels of a group, height, width.
    fn convolve(&self, x: Tensor<4>, kernel: Tensor<4>, bias: Option<Tensor<1>>, groups: usize) -> Tensor<4> {
        let [_, height, width, _] = x.dims();
        let options = ConvOptions {
            stride: self.strides,
            padding: [self.edges(0, height), self.edges(1, width)],
            dilation: self.dilation,
            groups,
        };
        conv2d(x.permute([0, 3, 1, 2]), kernel, bias, options).permute([0, 2, 3, 1])
    }
}

/// Sizes, strides and dilations at most: what is padded for a wider window would not fit in memory.
const WIDEST: usize = 4096;

/// Checks that all numbers are at least 1, and none so large that it must be a slip.
fn at_least_one_each(name: &'static str, of: &[usize]) -> Result<()> {
    ensure(of.iter().all(|n| (1..=WIDEST).contains(n)), name, of, "must be from 1 to 4096")
}

/// The height, width and channels of the one input of a layer of images.
fn image_of(inputs: &[&[usize]]) -> Result<[usize; 3], String> {
    match *only(inputs)? {
        [height, width, channels] => Ok([height, width, channels]),
        ref other => {
            Err(format!("takes samples of shape [height, width, channels], not {other:?}: put a Reshape before it"))
        }
    }
}

/// Rows, height, width, channels; steps count as an image of height 1.
fn four(value: Value) -> Tensor<4> {
    match value {
        Value::Four(t) => t,
        other => {
            let steps = super::three(other);
            let [rows, steps_in, width] = steps.dims();
            steps.reshape([rows, 1, steps_in, width])
        }
    }
}

/// An image of height 1 as steps again.
fn steps_again(image: Tensor<4>) -> Value {
    let [rows, height, width, channels] = image.dims();
    Value::Three(image.reshape([rows, height * width, channels]))
}
