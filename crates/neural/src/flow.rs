//! What runs through a network: a batch of samples as a tensor of two to four axes, the first of them the rows.

use burn::tensor::{Bool, Device, Tensor, TensorData};

/// A tensor whose number of axes is known when it runs. Layers check shapes when a network is built, so the conversions to a
/// number of axes here never lose anything: they fold axes together where a layer does not care.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    One(Tensor<1>),
    Two(Tensor<2>),
    Three(Tensor<3>),
    Four(Tensor<4>),
}

/// Applies an expression to the tensor inside, whatever its number of axes.
macro_rules! map {
    ($value:expr, $tensor:ident => $result:expr) => {
        match $value {
            $crate::flow::Value::One($tensor) => $crate::flow::Value::One($result),
            $crate::flow::Value::Two($tensor) => $crate::flow::Value::Two($result),
            $crate::flow::Value::Three($tensor) => $crate::flow::Value::Three($result),
            $crate::flow::Value::Four($tensor) => $crate::flow::Value::Four($result),
        }
    };
}
pub(crate) use map;

/// The same for what is not a tensor of the same number of axes.
macro_rules! with {
    ($value:expr, $tensor:ident => $result:expr) => {
        match $value {
            $crate::flow::Value::One($tensor) => $result,
            $crate::flow::Value::Two($tensor) => $result,
            $crate::flow::Value::Three($tensor) => $result,
            $crate::flow::Value::Four($tensor) => $result,
        }
    };
}
pub(crate) use with;

impl Value {
    /// `values` in row-major order, as `shape`, which has one to four axes.
    pub(crate) fn new(values: Vec<f32>, shape: &[usize], device: &Device) -> Self {
        match *shape {
            [] => Value::One(Tensor::from_data(TensorData::new(values, [1]), device)),
            [a] => Value::One(Tensor::from_data(TensorData::new(values, [a]), device)),
            [a, b] => Value::Two(Tensor::from_data(TensorData::new(values, [a, b]), device)),
            [a, b, c] => Value::Three(Tensor::from_data(TensorData::new(values, [a, b, c]), device)),
            [a, b, c, ..] => {
                let rest = shape[3..].iter().product();
                Value::Four(Tensor::from_data(TensorData::new(values, [a, b, c, rest]), device))
            }
        }
    }

    pub(crate) fn shape(&self) -> Vec<usize> {
        with!(self, t => t.dims().to_vec())
    }

    /// Rows of the batch.
    pub(crate) fn rows(&self) -> usize {
        with!(self, t => t.dims()[0])
    }

    pub(crate) fn require_grad(self) -> Self {
        map!(self, t => t.require_grad())
    }

    /// The numbers in row-major order.
    pub(crate) fn into_vec(self) -> Vec<f32> {
        with!(self, t => t.try_into_vec_as::<f32>().unwrap_or_default())
    }

    /// As a matrix of the last axis: all axes before it are rows.
    pub(crate) fn rows_of_last(self) -> Tensor<2> {
        match self {
            Value::Two(t) => t,
            other => {
                let shape = other.shape();
                let last = shape.last().copied().unwrap_or(1);
                let rows = shape.iter().product::<usize>().checked_div(last).unwrap_or(0);
                with!(other, t => t.reshape([rows, last]))
            }
        }
    }

    /// A matrix of one row a sample: all axes behind the first are columns.
    pub(crate) fn matrix(self) -> Tensor<2> {
        match self {
            Value::Two(t) => t,
            other => {
                let shape = other.shape();
                let rows = shape.first().copied().unwrap_or(1);
                let columns = shape[1..].iter().product::<usize>();
                with!(other, t => t.reshape([rows, columns]))
            }
        }
    }

    /// A vector of everything.
    pub(crate) fn vector(self) -> Tensor<1> {
        match self {
            Value::One(t) => t,
            other => {
                let all = other.shape().iter().product::<usize>();
                with!(other, t => t.reshape([all]))
            }
        }
    }

    /// The same numbers as another shape of as many numbers, one to four axes.
    pub(crate) fn reshaped(self, shape: &[usize]) -> Self {
        with!(self, t => match *shape {
            [a] => Value::One(t.reshape([a])),
            [a, b] => Value::Two(t.reshape([a, b])),
            [a, b, c] => Value::Three(t.reshape([a, b, c])),
            [a, b, c, d] => Value::Four(t.reshape([a, b, c, d])),
            _ => Value::One(t.reshape([shape.iter().product::<usize>()])),
        })
    }
}

/// A batch between two layers: its numbers and, for sequences with padding, which steps are real.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) value: Value,
    /// One number a row and step: true where the step is real.
    pub(crate) mask: Option<Tensor<2, Bool>>,
}

impl Flow {
    pub(crate) fn new(value: Value) -> Self {
        Flow { value, mask: None }
    }

    /// Another value of the same steps.
    pub(crate) fn with(&self, value: Value) -> Self {
        Flow { value, mask: self.mask.clone() }
    }
}
