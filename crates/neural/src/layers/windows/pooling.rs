//! Pooling over windows: [`MaxPooling1D`], [`MaxPooling2D`], [`AveragePooling1D`], [`AveragePooling2D`].

use super::{Padding, Windows, at_least_one_each, four, image_of, steps_again};
use crate::{
    flow::{Flow, Value},
    layers::{Apply, first, setters, steps_of},
    pass::Pass,
};
use adflux_core::Result;
use burn::tensor::{
    Tensor,
    module::{avg_pool2d, max_pool2d},
    ops::{AvgPoolOptions, MaxPoolOptions},
};
use serde::{Deserialize, Serialize};

/// The largest number of each window.
fn largest(windows: Windows, x: Tensor<4>) -> Tensor<4> {
    let [_, height, width, _] = x.dims();
    let options = MaxPoolOptions {
        kernel_size: windows.size,
        stride: windows.strides,
        padding: [windows.edges(0, height), windows.edges(1, width)],
        dilation: windows.dilation,
        ceil_mode: false,
    };
    max_pool2d(x.permute([0, 3, 1, 2]), options).permute([0, 2, 3, 1])
}

/// The mean of each window; what the edges were padded with does not count.
fn mean(windows: Windows, x: Tensor<4>) -> Tensor<4> {
    let [_, height, width, _] = x.dims();
    let options = AvgPoolOptions {
        kernel_size: windows.size,
        stride: windows.strides,
        padding: [windows.edges(0, height), windows.edges(1, width)],
        count_include_pad: false,
        ceil_mode: false,
    };
    avg_pool2d(x.permute([0, 3, 1, 2]), options).permute([0, 2, 3, 1])
}

macro_rules! pooling {
    ($(#[$doc:meta])* $name:ident, $size:ty, $two:expr, $kind:literal, $of:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            /// The size of a window, at least 1. Default 2.
            pub pool_size: $size,
            /// How far apart windows stand, at least 1. Default the size of a window.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub strides: Option<$size>,
            /// What is done at the edges. Default nothing.
            pub padding: Padding,
        }

        impl Default for $name {
            fn default() -> Self {
                $name { pool_size: $two, strides: None, padding: Padding::Valid }
            }
        }

        impl $name {
            /// Windows of this size, side by side.
            pub fn new(pool_size: $size) -> Self {
                $name { pool_size, ..Self::default() }
            }
        }

        setters! { $name {
            /// Sets how far apart windows stand.
            strides: $size,
            /// Sets what is done at the edges.
            padding: Padding,
        } }

        impl Apply for $name {
            fn kind(&self) -> &'static str {
                $kind
            }

            fn check(&self) -> Result<()> {
                at_least_one_each("pool_size", &self.windows().size)?;
                at_least_one_each("strides", &self.windows().strides)
            }

            fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
                self.shape(inputs)
            }

            fn forward(&self, inputs: Vec<Flow>, _: &[Value], pass: &mut Pass<'_>) -> Flow {
                let out = $of(self.windows(), four(first(inputs, pass).value));
                Flow::new(Self::whole(out))
            }
        }
    };
}

macro_rules! of_steps {
    ($($name:ident),*) => {$(
        impl $name {
            fn windows(&self) -> Windows {
                Windows::of_steps(self.pool_size, self.strides.unwrap_or(self.pool_size), 1, self.padding)
            }
            fn shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
                let [steps, width] = steps_of(inputs)?;
                Ok(vec![self.windows().counts([1, steps])?[1], width])
            }
            fn whole(out: Tensor<4>) -> Value {
                steps_again(out)
            }
        }
    )*};
}

macro_rules! of_images {
    ($($name:ident),*) => {$(
        impl $name {
            fn windows(&self) -> Windows {
                let (size, strides) = (self.pool_size, self.strides.unwrap_or(self.pool_size));
                Windows { size, strides, dilation: [1, 1], padding: self.padding }
            }
            fn shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
                let [height, width, channels] = image_of(inputs)?;
                let [height, width] = self.windows().counts([height, width])?;
                Ok(vec![height, width, channels])
            }
            fn whole(out: Tensor<4>) -> Value {
                Value::Four(out)
            }
        }
    )*};
}

of_steps!(MaxPooling1D, AveragePooling1D);
of_images!(MaxPooling2D, AveragePooling2D);

pooling! {
    /// The largest number of each window of steps, channel by channel: input `[steps, n]`, output `[windows, n]`.
    ///
    /// ```
    /// use adflux_neural::{MaxPooling1D, Sequential};
    /// assert_eq!(Sequential::new([9, 4]).add(MaxPooling1D::new(3)).summary()?.outputs[0], [3, 4]);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    MaxPooling1D, usize, 2, "max_pooling1d", largest
}
pooling! {
    /// The largest number of each window of pixels, channel by channel: input `[height, width, n]`, output
    /// `[rows of windows, columns of windows, n]`.
    ///
    /// ```
    /// use adflux_neural::{MaxPooling2D, Padding, Sequential};
    /// let model = Sequential::new([9, 8, 3]).add(MaxPooling2D::default().padding(Padding::Same));
    /// assert_eq!(model.summary()?.outputs[0], [5, 4, 3]);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    MaxPooling2D, [usize; 2], [2, 2], "max_pooling2d", largest
}
pooling! {
    /// The mean of each window of steps, channel by channel: input `[steps, n]`, output `[windows, n]`. What the edges were padded with
    /// does not count.
    ///
    /// ```
    /// use adflux_neural::{AveragePooling1D, Sequential};
    /// assert_eq!(Sequential::new([9, 4]).add(AveragePooling1D::new(3).strides(1)).summary()?.outputs[0], [7, 4]);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    AveragePooling1D, usize, 2, "average_pooling1d", mean
}
pooling! {
    /// The mean of each window of pixels, channel by channel: input `[height, width, n]`, output
    /// `[rows of windows, columns of windows, n]`. What the edges were padded with does not count.
    ///
    /// ```
    /// use adflux_neural::{AveragePooling2D, Sequential};
    /// assert_eq!(Sequential::new([9, 8, 3]).add(AveragePooling2D::new([3, 4])).summary()?.outputs[0], [3, 2, 3]);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    AveragePooling2D, [usize; 2], [2, 2], "average_pooling2d", mean
}
