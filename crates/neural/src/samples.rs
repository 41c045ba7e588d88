//! [`Samples`]: the rows a network learns from, as contiguous arrays.

use crate::Input;
use adflux_core::{Error, Result};
use ndarray::{Array, ArrayView, Axis, Dimension};

/// One array of rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: Option<String>,
    /// The shape of one row.
    pub(crate) shape: Vec<usize>,
    pub(crate) rows: usize,
    pub(crate) values: Vec<f32>,
}

impl Column {
    /// Numbers in a row.
    pub(crate) fn width(&self) -> usize {
        self.shape.iter().product()
    }

    pub(crate) fn row(&self, row: usize) -> &[f32] {
        let width = self.width();
        &self.values[row * width..(row + 1) * width]
    }

    /// The given rows, one after the other.
    pub(crate) fn gather(&self, rows: &[usize]) -> Vec<f32> {
        let mut gathered = Vec::with_capacity(rows.len() * self.width());
        rows.iter().for_each(|row| gathered.extend_from_slice(self.row(*row)));
        gathered
    }

    fn error(&self, what: &str, row: usize, reason: String) -> Error {
        Error::cell(self.name.clone().unwrap_or_else(|| what.into()), row, reason)
    }
}

/// One array or several of the same rows: what goes into a network, or what should come out. The first axis is the rows; the others are
/// the shape of a sample (a vector counts as one column).
///
/// Made of anything that looks like an array of numbers: `&Array2<f64>`, `&Array1<u32>`, `[&numbers, &codes]` for several inputs of
/// one type, [`Samples::and`] for several of different types. Kept as f32, in which networks compute.
///
/// ```
/// use adflux_neural::Samples;
/// use ndarray::array;
/// let one = Samples::from(&array![[1.0, 2.0], [3.0, 4.0]]);
/// let both = one.and(&array![7u32, 8]);
/// assert_eq!((both.rows(), both.len()), (2, 2));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Samples(pub(crate) Vec<Column>);

impl Samples {
    /// With another array of the same rows.
    pub fn and(mut self, other: impl Into<Samples>) -> Self {
        self.0.extend(other.into().0);
        self
    }

    /// Names the last array: it goes to the input of that name, wherever it stands.
    pub fn named(mut self, name: &str) -> Self {
        if let Some(last) = self.0.last_mut() {
            last.name = Some(name.into());
        }
        self
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.0.first().map_or(0, |column| column.rows)
    }

    /// Arrays.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no array.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These arrays as the inputs of a network, in its order, checked.
    pub(crate) fn for_inputs(&self, inputs: &[Input], codes: &[Option<usize>]) -> Result<Vec<Column>> {
        if self.0.len() != inputs.len() {
            let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
            let wanted = format!("{} ({})", inputs.len(), names.join(", "));
            return Err(Error::data(format!("the network takes {wanted} inputs and is given {}", self.0.len())));
        }
        let named = self.0.iter().any(|column| column.name.is_some());
        let mut ordered = Vec::with_capacity(inputs.len());
        for (place, (input, codes)) in inputs.iter().zip(codes).enumerate() {
            let of_name = |column: &&Column| column.name.as_deref() == Some(&input.name);
            let found = if named { self.0.iter().find(of_name) } else { self.0.get(place) };
            let column = found.ok_or_else(|| Error::MissingColumns {
                missing: vec![input.name.clone()],
                available: self.0.iter().filter_map(|column| column.name.clone()).collect(),
            })?;
            if column.width() != input.shape.iter().product::<usize>() || column.shape.len() > input.shape.len() {
                let reason = format!("samples of shape {:?}, where the network takes {:?}", column.shape, input.shape);
                return Err(Error::column(&input.name, reason));
            }
            let mut column = column.clone();
            (column.shape, column.name) = (input.shape.clone(), Some(input.name.clone()));
            check_numbers(&column, *codes)?;
            ordered.push(column);
        }
        if let Some(other) = ordered.iter().find(|column| column.rows != ordered[0].rows) {
            return Err(Error::data(format!("inputs of {} and of {} rows", ordered[0].rows, other.rows)));
        }
        Ok(ordered)
    }

    /// These arrays as truth for outputs, in their order.
    pub(crate) fn for_outputs(&self, rows: usize, judges: &[crate::compile::Judge]) -> Result<Vec<Column>> {
        if self.0.len() != judges.len() {
            return Err(Error::data(format!("{} targets for {} outputs", self.0.len(), judges.len())));
        }
        for (column, judge) in self.0.iter().zip(judges) {
            if column.rows != rows {
                return Err(Error::data(format!("target of {} rows beside {rows} rows of inputs", column.rows)));
            }
            if column.width() != judge.truth_width {
                let wanted = judge.truth_width;
                let hint = if wanted == 1 && matches!(judge.loss, crate::Loss::SparseCategoricalCrossentropy(_)) {
                    ": one-hot targets are judged by categorical_crossentropy"
                } else {
                    ""
                };
                let (loss, width) = (judge.loss.name(), column.width());
                return Err(Error::data(format!(
                    "target of {width} columns, where {loss} of this output takes {wanted}{hint}"
                )));
            }
            let wrong = |value: &f32| judge.loss.refuses(*value, judge.width);
            if let Some((place, reason)) = column.values.iter().enumerate().find_map(|(i, v)| Some((i, wrong(v)?))) {
                return Err(column.error("target", place / column.width(), reason));
            }
        }
        Ok(self.0.clone())
    }
}

/// Numbers that are finite, and codes that have a vector.
fn check_numbers(column: &Column, codes: Option<usize>) -> Result<()> {
    let wrong = |value: f32| -> Option<String> {
        match codes {
            _ if value.is_nan() => Some("a missing value: put an imputer before the network, or drop the row".into()),
            _ if value.is_infinite() => Some("an infinite value, or one beyond the 3.4e38 that f32 holds".into()),
            Some(codes) if value.fract() != 0.0 || value < 0.0 || f64::from(value) >= codes as f64 => {
                Some(format!("{value} is none of the codes 0 to {} of the embedding", codes - 1))
            }
            _ => None,
        }
    };
    match column.values.iter().enumerate().find_map(|(place, value)| Some((place, wrong(*value)?))) {
        Some((place, reason)) => Err(column.error("input", place / column.width().max(1), reason)),
        None => Ok(()),
    }
}

/// A number that a network can take.
pub trait Number: Copy {
    /// As f32.
    fn narrow(self) -> f32;
}

macro_rules! numbers {
    ($($type:ty => $narrow:expr),* $(,)?) => {$(
        impl Number for $type {
            fn narrow(self) -> f32 {
                let narrow: fn($type) -> f32 = $narrow;
                narrow(self)
            }
        }
    )*};
}
numbers! {
    f32 => |v| v, f64 => |v| v as f32, u8 => f32::from, u32 => |v| v as f32, u64 => |v| v as f32, usize => |v| v as f32,
    i32 => |v| v as f32, i64 => |v| v as f32, bool => |v| f32::from(u8::from(v)),
}

impl<A: Number, D: Dimension> From<ArrayView<'_, A, D>> for Samples {
    fn from(array: ArrayView<'_, A, D>) -> Self {
        let shape = match array.shape() {
            [] | [_] => vec![1],
            [_, rest @ ..] => rest.to_vec(),
        };
        let rows = if array.ndim() == 0 { 1 } else { array.len_of(Axis(0)) };
        Samples(vec![Column { name: None, shape, rows, values: array.iter().map(|v| v.narrow()).collect() }])
    }
}

impl<A: Number, D: Dimension> From<&Array<A, D>> for Samples {
    fn from(array: &Array<A, D>) -> Self {
        array.view().into()
    }
}

impl<A: Number> From<&[A]> for Samples {
    fn from(values: &[A]) -> Self {
        ndarray::ArrayView1::from(values).into()
    }
}

impl<A: Number> From<&Vec<A>> for Samples {
    fn from(values: &Vec<A>) -> Self {
        values.as_slice().into()
    }
}

impl From<&Samples> for Samples {
    fn from(samples: &Samples) -> Self {
        samples.clone()
    }
}

impl<A: Number, D: Dimension, const N: usize> From<[&Array<A, D>; N]> for Samples {
    fn from(arrays: [&Array<A, D>; N]) -> Self {
        Samples(arrays.into_iter().flat_map(|array| Samples::from(array).0).collect())
    }
}
