//! Arrays inside a saved state: raw little-endian bytes with their shape, so that every bit (NaN too) comes back and
//! loading is a copy.
//!
//! ```
//! # use serde::{Serialize, Deserialize};
//! #[derive(Serialize, Deserialize)]
//! struct Fitted {
//!     #[serde(with = "adflux_core::arrays")]
//!     centers: ndarray::Array2<f64>,
//!     #[serde(with = "adflux_core::arrays")]
//!     counts: Vec<u32>,
//! }
//! ```

use ndarray::{Array1, Array2};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A number with a fixed little-endian form.
pub trait Element: Copy {
    /// Bytes one element takes.
    const SIZE: usize;
    /// Appends the bytes of `self`.
    fn write(self, to: &mut Vec<u8>);
    /// Reads an element from exactly [`SIZE`](Self::SIZE) bytes.
    fn read(from: &[u8]) -> Self;
}

macro_rules! elements {
    ($($t:ty),*) => {$(
        impl Element for $t {
            const SIZE: usize = size_of::<$t>();
            fn write(self, to: &mut Vec<u8>) { to.extend_from_slice(&self.to_le_bytes()); }
            fn read(from: &[u8]) -> Self {
                let mut bytes = [0; size_of::<$t>()];
                bytes.copy_from_slice(from);
                <$t>::from_le_bytes(bytes)
            }
        }
    )*};
}
elements!(u8, u16, u32, i32, u64, i64, f32, f64);

/// An array that can be stored as a shape and a run of elements.
pub trait Stored: Sized {
    /// The element type.
    type Item: Element;
    /// Shape and elements in row-major order.
    fn parts(&self) -> (Vec<u64>, Vec<Self::Item>);
    /// The array of this shape, or why there is none.
    fn from_parts(shape: &[u64], items: Vec<Self::Item>) -> Result<Self, String>;
}

impl<T: Element> Stored for Vec<T> {
    type Item = T;
    fn parts(&self) -> (Vec<u64>, Vec<T>) {
        (vec![self.len() as u64], self.clone())
    }
    fn from_parts(shape: &[u64], items: Vec<T>) -> Result<Self, String> {
        let [_] = dimensions(shape)?;
        Ok(items)
    }
}

impl<T: Element> Stored for Array1<T> {
    type Item = T;
    fn parts(&self) -> (Vec<u64>, Vec<T>) {
        (vec![self.len() as u64], self.to_vec())
    }
    fn from_parts(shape: &[u64], items: Vec<T>) -> Result<Self, String> {
        let [_] = dimensions(shape)?;
        Ok(items.into())
    }
}

impl<T: Element> Stored for Array2<T> {
    type Item = T;
    fn parts(&self) -> (Vec<u64>, Vec<T>) {
        (vec![self.nrows() as u64, self.ncols() as u64], self.iter().copied().collect())
    }
    fn from_parts(shape: &[u64], items: Vec<T>) -> Result<Self, String> {
        let [rows, columns] = dimensions(shape)?;
        Array2::from_shape_vec((rows, columns), items).map_err(|e| e.to_string())
    }
}

#[derive(Serialize, Deserialize)]
struct Raw {
    shape: Vec<u64>,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

/// For `#[serde(with = "adflux_core::arrays")]`.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<A: Stored, S: Serializer>(array: &A, serializer: S) -> Result<S::Ok, S::Error> {
    let (shape, items) = array.parts();
    let mut bytes = Vec::with_capacity(items.len() * A::Item::SIZE);
    for item in items {
        item.write(&mut bytes);
    }
    Raw { shape, bytes }.serialize(serializer)
}

/// For `#[serde(with = "adflux_core::arrays")]`.
///
/// # Errors
/// When the number of bytes does not fit the shape, and those of the deserializer.
pub fn deserialize<'de, A: Stored, D: Deserializer<'de>>(deserializer: D) -> Result<A, D::Error> {
    let raw = Raw::deserialize(deserializer)?;
    let wanted = raw.shape.iter().try_fold(A::Item::SIZE as u64, |product, n| product.checked_mul(*n));
    if wanted != Some(raw.bytes.len() as u64) {
        return Err(D::Error::custom(format!(
            "{} bytes do not fill an array of shape {:?}",
            raw.bytes.len(),
            raw.shape
        )));
    }
    let items = raw.bytes.chunks_exact(A::Item::SIZE).map(A::Item::read).collect();
    A::from_parts(&raw.shape, items).map_err(D::Error::custom)
}

fn dimensions<const N: usize>(shape: &[u64]) -> Result<[usize; N], String> {
    let mut out = [0; N];
    if shape.len() != N {
        return Err(format!("an array of {} dimensions where {N} are wanted", shape.len()));
    }
    for (to, from) in out.iter_mut().zip(shape) {
        *to = usize::try_from(*from).map_err(|e| e.to_string())?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[derive(Serialize, Deserialize)]
    struct Both {
        #[serde(with = "super")]
        a: Array2<f64>,
        #[serde(with = "super")]
        v: Vec<u16>,
    }

    #[test]
    fn every_bit_comes_back() {
        let a = array![[1.5, f64::NAN, f64::INFINITY], [-0.0, f64::MIN_POSITIVE, 3.0]];
        let state = rmp_serde::to_vec_named(&Both { a: a.clone(), v: vec![7, 65_535] }).unwrap();
        let back: Both = rmp_serde::from_slice(&state).unwrap();
        assert!(a.iter().zip(&back.a).all(|(x, y)| x.to_bits() == y.to_bits()));
        assert_eq!(back.v, [7, 65_535]);
    }

    #[test]
    fn a_shape_that_does_not_fit_its_bytes_is_refused() {
        let raw = rmp_serde::to_vec_named(&Raw { shape: vec![u64::MAX, 8], bytes: vec![0; 16] }).unwrap();
        let mut reader = rmp_serde::Deserializer::from_read_ref(&raw);
        let refused: Result<Array2<f64>, _> = deserialize(&mut reader);
        assert!(refused.unwrap_err().to_string().contains("do not fill"));
    }
}
