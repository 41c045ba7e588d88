//! [`DepthwiseConv2D`].

use super::{Padding, Windows, at_least_one_each, four, image_of};
use crate::{
    Activation, Initializer, Regularizer,
    flow::{Flow, Value},
    layers::{Apply, WeightSpec, first, setters, width_of},
    pass::Pass,
};
use adflux_core::{Result, parameter::at_least_one};
use serde::{Deserialize, Serialize};

/// Filters over windows of pixels, each channel on its own: input `[height, width, n]`, output
/// `[rows of windows, columns of windows, n · depth_multiplier]`. With a [`Conv2D`](crate::Conv2D) of windows of one pixel behind it,
/// a separable convolution.
///
/// height · width · n · depth_multiplier weights for windows of height · width, and n · depth_multiplier more with a bias.
///
/// Reference: Chollet (2017).
///
/// ```
/// use adflux_neural::{Conv2D, DepthwiseConv2D, Sequential};
/// let model = Sequential::new([8, 8, 3]).add(DepthwiseConv2D::new([3, 3])).add(Conv2D::new(16, [1, 1])).summary()?;
/// assert_eq!((model.parameters(), &model.outputs[0][..]), (3 * 3 * 3 + 3 + 3 * 16 + 16, &[6, 6, 16][..]));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DepthwiseConv2D {
    /// The height and width of a window, at least 1.
    pub kernel_size: [usize; 2],
    /// How far apart windows stand, at least 1. Default 1.
    pub strides: [usize; 2],
    /// What is done at the edges. Default nothing.
    pub padding: Padding,
    /// The filters of a channel, at least 1. Default 1.
    pub depth_multiplier: usize,
    /// How far apart the places within a window stand, at least 1. Default 1.
    pub dilation_rate: [usize; 2],
    /// What bends the output. Default none.
    pub activation: Activation,
    /// Whether a bias is added. Default true.
    pub use_bias: bool,
    /// Where the kernel starts. Default Glorot uniform.
    pub depthwise_initializer: Initializer,
    /// Where the bias starts. Default zeros.
    pub bias_initializer: Initializer,
    /// What large weights of the kernel are charged. Default nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depthwise_regularizer: Option<Regularizer>,
}

impl Default for DepthwiseConv2D {
    fn default() -> Self {
        DepthwiseConv2D {
            kernel_size: [1, 1],
            strides: [1, 1],
            padding: Padding::Valid,
            depth_multiplier: 1,
            dilation_rate: [1, 1],
            activation: Activation::Linear,
            use_bias: true,
            depthwise_initializer: Initializer::GlorotUniform,
            bias_initializer: Initializer::Zeros,
            depthwise_regularizer: None,
        }
    }
}

impl DepthwiseConv2D {
    /// Over windows of this height and width.
    pub fn new(kernel_size: [usize; 2]) -> Self {
        DepthwiseConv2D { kernel_size, ..Self::default() }
    }

    fn windows(&self) -> Windows {
        let (size, strides, dilation) = (self.kernel_size, self.strides, self.dilation_rate);
        Windows { size, strides, dilation, padding: self.padding }
    }
}

setters! { DepthwiseConv2D {
    /// Sets how far apart windows stand.
    strides: [usize; 2],
    /// Sets what is done at the edges.
    padding: Padding,
    /// Sets the filters of a channel.
    depth_multiplier: usize,
    /// Sets how far apart the places within a window stand.
    dilation_rate: [usize; 2],
    /// Sets what bends the output.
    activation: Activation,
    /// Sets whether a bias is added.
    use_bias: bool,
    /// Sets where the kernel starts.
    depthwise_initializer: Initializer,
    /// Sets where the bias starts.
    bias_initializer: Initializer,
    /// Sets what large weights of the kernel are charged.
    depthwise_regularizer: Regularizer,
} }

impl Apply for DepthwiseConv2D {
    fn kind(&self) -> &'static str {
        "depthwise_conv2d"
    }

    fn check(&self) -> Result<()> {
        at_least_one_each("kernel_size", &self.kernel_size)?;
        at_least_one_each("strides", &self.strides)?;
        at_least_one("depth_multiplier", self.depth_multiplier)?;
        at_least_one_each("dilation_rate", &self.dilation_rate)?;
        self.depthwise_initializer.check()?;
        self.bias_initializer.check()?;
        self.depthwise_regularizer.map_or(Ok(()), Regularizer::check)
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        let [height, width, channels] = image_of(inputs)?;
        let [height, width] = self.windows().counts([height, width])?;
        Ok(vec![height, width, channels.saturating_mul(self.depth_multiplier)])
    }

    fn weights(&self, inputs: &[&[usize]]) -> Vec<WeightSpec> {
        let channels = width_of(inputs);
        let shape = [self.kernel_size[0], self.kernel_size[1], channels, self.depth_multiplier];
        let kernel = WeightSpec::new("kernel", shape, self.depthwise_initializer);
        let bias = WeightSpec::new("bias", [channels.saturating_mul(self.depth_multiplier)], self.bias_initializer);
        let kernel = kernel.regularized(self.depthwise_regularizer);
        std::iter::once(kernel).chain(self.use_bias.then_some(bias)).collect()
    }

    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        let flow = first(inputs, pass);
        let [kernel, bias @ ..] = weights else { return flow };
        let x = four(flow.value);
        let ([height, width], channels) = (self.kernel_size, x.dims()[3]);
        let kernel = four(kernel.clone()).permute([2, 3, 0, 1]);
        let kernel = kernel.reshape([channels * self.depth_multiplier, 1, height, width]);
        let bias = bias.first().cloned().map(Value::vector);
        let out = self.windows().convolve(x, kernel, bias, channels);
        Flow::new(Value::Four(self.activation.apply(out)))
    }
}
