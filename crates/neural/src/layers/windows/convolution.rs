//! [`Conv1D`] and [`Conv2D`].

use super::{Padding, Windows, at_least_one_each, four, image_of, steps_again};
use crate::{
    Activation, Initializer, Regularizer,
    flow::{Flow, Value},
    layers::{Apply, WeightSpec, first, setters, steps_of, width_of},
    pass::Pass,
};
use adflux_core::{Result, parameter::at_least_one};
use serde::{Deserialize, Serialize};

macro_rules! convolution {
    ($(#[$doc:meta])* $name:ident, $size:ty, $one:expr, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            /// The channels that come out, at least 1.
            pub filters: usize,
            /// The size of a window, at least 1.
            pub kernel_size: $size,
            /// How far apart windows stand, at least 1. Default 1.
            pub strides: $size,
            /// What is done at the edges. Default nothing.
            pub padding: Padding,
            /// How far apart the places within a window stand, at least 1. Default 1.
            pub dilation_rate: $size,
            /// What bends the output. Default none.
            pub activation: Activation,
            /// Whether a bias is added. Default true.
            pub use_bias: bool,
            /// Where the kernel starts. Default Glorot uniform.
            pub kernel_initializer: Initializer,
            /// Where the bias starts. Default zeros.
            pub bias_initializer: Initializer,
            /// What large weights of the kernel are charged. Default nothing.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub kernel_regularizer: Option<Regularizer>,
        }

        impl Default for $name {
            fn default() -> Self {
                $name {
                    filters: 1,
                    kernel_size: $one,
                    strides: $one,
                    padding: Padding::Valid,
                    dilation_rate: $one,
                    activation: Activation::Linear,
                    use_bias: true,
                    kernel_initializer: Initializer::GlorotUniform,
                    bias_initializer: Initializer::Zeros,
                    kernel_regularizer: None,
                }
            }
        }

        impl $name {
            /// So many filters over windows of this size.
            pub fn new(filters: usize, kernel_size: $size) -> Self {
                $name { filters, kernel_size, ..Self::default() }
            }
        }

        setters! { $name {
            /// Sets how far apart windows stand.
            strides: $size,
            /// Sets what is done at the edges.
            padding: Padding,
            /// Sets how far apart the places within a window stand.
            dilation_rate: $size,
            /// Sets what bends the output.
            activation: Activation,
            /// Sets whether a bias is added.
            use_bias: bool,
            /// Sets where the kernel starts.
            kernel_initializer: Initializer,
            /// Sets where the bias starts.
            bias_initializer: Initializer,
            /// Sets what large weights of the kernel are charged.
            kernel_regularizer: Regularizer,
        } }

        impl Apply for $name {
            fn kind(&self) -> &'static str {
                $kind
            }

            fn check(&self) -> Result<()> {
                at_least_one("filters", self.filters)?;
                let windows = self.windows();
                at_least_one_each("kernel_size", &windows.size)?;
                at_least_one_each("strides", &windows.strides)?;
                at_least_one_each("dilation_rate", &windows.dilation)?;
                self.kernel_initializer.check()?;
                self.bias_initializer.check()?;
                self.kernel_regularizer.map_or(Ok(()), Regularizer::check)
            }

            fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
                self.shape(inputs)
            }

            fn weights(&self, inputs: &[&[usize]]) -> Vec<WeightSpec> {
                let shape = self.kernel_shape(width_of(inputs));
                let kernel = WeightSpec::new("kernel", shape, self.kernel_initializer);
                let bias = WeightSpec::new("bias", [self.filters], self.bias_initializer);
                let kernel = kernel.regularized(self.kernel_regularizer);
                std::iter::once(kernel).chain(self.use_bias.then_some(bias)).collect()
            }

            fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
                let flow = first(inputs, pass);
                let [kernel, bias @ ..] = weights else { return flow };
                let x = four(flow.value);
                let (windows, channels) = (self.windows(), x.dims()[3]);
                let kernel = kernel.clone().vector().reshape([windows.size[0], windows.size[1], channels, self.filters]);
                let bias = bias.first().cloned().map(Value::vector);
                let out = windows.convolve(x, kernel.permute([3, 2, 0, 1]), bias, 1);
                Flow::new(Self::whole(self.activation.apply(out)))
            }
        }
    };
}

convolution! {
    /// Filters over windows of steps: input `[steps, n]`, output `[windows, filters]`. Padded steps count as any others.
    ///
    /// kernel_size · n · filters weights (a kernel of shape `[kernel_size, n, filters]`), and filters more with a bias.
    ///
    /// Reference: LeCun et al. (1989); Kim (2014) for text.
    ///
    /// ```
    /// use adflux_neural::{Activation, Conv1D, Dense, Embedding, GlobalMaxPooling1D, Sequential};
    /// let model = Sequential::new([20])
    ///     .add(Embedding::new(1000, 8))
    ///     .add(Conv1D::new(16, 3).activation(Activation::Relu))
    ///     .add(GlobalMaxPooling1D)
    ///     .add(Dense::new(1));
    /// assert_eq!(model.summary()?.parameters(), 1000 * 8 + 3 * 8 * 16 + 16 + 16 + 1);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    Conv1D, usize, 1, "conv1d"
}

convolution! {
    /// Filters over windows of pixels: input `[height, width, n]`, output `[rows of windows, columns of windows, filters]`.
    ///
    /// height · width · n · filters weights for windows of height · width (a kernel of shape `[height, width, n, filters]`), and filters
    /// more with a bias.
    ///
    /// Reference: LeCun et al. (1989).
    ///
    /// ```
    /// use adflux_neural::{Activation, Conv2D, Dense, Flatten, MaxPooling2D, Sequential};
    /// let model = Sequential::new([28, 28, 1])
    ///     .add(Conv2D::new(8, [3, 3]).activation(Activation::Relu))
    ///     .add(MaxPooling2D::default())
    ///     .add(Flatten)
    ///     .add(Dense::new(10));
    /// assert_eq!(model.summary()?.parameters(), 3 * 3 * 8 + 8 + 13 * 13 * 8 * 10 + 10);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    Conv2D, [usize; 2], [1, 1], "conv2d"
}

impl Conv1D {
    fn windows(&self) -> Windows {
        Windows::of_steps(self.kernel_size, self.strides, self.dilation_rate, self.padding)
    }

    fn shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        let [steps, _] = steps_of(inputs)?;
        let [_, count] = self.windows().counts([1, steps])?;
        Ok(vec![count, self.filters])
    }

    fn kernel_shape(&self, channels: usize) -> Vec<usize> {
        vec![self.kernel_size, channels, self.filters]
    }

    fn whole(out: burn::tensor::Tensor<4>) -> Value {
        steps_again(out)
    }
}

impl Conv2D {
    fn windows(&self) -> Windows {
        let (size, strides, dilation) = (self.kernel_size, self.strides, self.dilation_rate);
        Windows { size, strides, dilation, padding: self.padding }
    }

    fn shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        let [height, width, _] = image_of(inputs)?;
        let [height, width] = self.windows().counts([height, width])?;
        Ok(vec![height, width, self.filters])
    }

    fn kernel_shape(&self, channels: usize) -> Vec<usize> {
        vec![self.kernel_size[0], self.kernel_size[1], channels, self.filters]
    }

    fn whole(out: burn::tensor::Tensor<4>) -> Value {
        Value::Four(out)
    }
}
