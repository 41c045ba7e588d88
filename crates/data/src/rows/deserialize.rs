//! One row of a frame as a struct.

use super::Refusal;
use crate::columns::{Cell, Reader, text_of};
use serde::de::{
    Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor,
    value::{MapDeserializer, StrDeserializer},
};

/// What a struct is read from: the columns' names with their cells in `row`.
pub(super) fn row<'a>(columns: &'a [Reader], row: usize) -> impl Deserializer<'a, Error = Refusal> {
    MapDeserializer::new(columns.iter().map(move |c| (c.name(), One { column: c.name(), cell: c.cell(row) })))
}

/// One cell.
struct One<'a> {
    column: &'a str,
    cell: Cell<'a>,
}

impl<'de, 'a: 'de> IntoDeserializer<'de, Refusal> for One<'a> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl One<'_> {
    /// The cell, which must not be missing.
    fn present(&self) -> Result<&Cell<'_>, Refusal> {
        match &self.cell {
            Cell::Missing => {
                Err(Refusal::new("the value is missing: make the field an `Option`").in_column(self.column))
            }
            cell => Ok(cell),
        }
    }
}

/// Whole numbers: also from a column with fractions, where this cell has none.
macro_rules! integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            /// Whole numbers up to here are told apart by `f64`.
            const EXACT: f64 = 9_007_199_254_740_992.0;
            match *self.present()? {
                Cell::Number(x) if x.fract() == 0.0 && x.abs() <= EXACT => {
                    visitor.visit_i64(x as i64).map_err(|e: Refusal| e.in_column(self.column))
                }
                // Ids that are text as long as one of them has zeros in front, or too many digits.
                Cell::Text(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
                    match text.parse::<u64>() {
                        Ok(whole) => visitor.visit_u64(whole).map_err(|e: Refusal| e.in_column(self.column)),
                        Err(_) => self.deserialize_any(visitor),
                    }
                }
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de, 'a: 'de> Deserializer<'de> for One<'a> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let read = match self.cell {
            Cell::Missing => visitor.visit_unit(),
            Cell::Boolean(value) => visitor.visit_bool(value),
            Cell::Integer(value) => visitor.visit_i64(value),
            Cell::Beyond(value) => visitor.visit_u64(value),
            Cell::Number(value) => visitor.visit_f64(value),
            Cell::Text(value) => visitor.visit_borrowed_str(value),
        };
        read.map_err(|e: Refusal| e.in_column(self.column))
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.cell {
            Cell::Missing => visitor.visit_f64(f64::NAN),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let text = match *self.present()? {
            Cell::Boolean(value) => value.to_string(),
            Cell::Integer(value) => value.to_string(),
            Cell::Beyond(value) => value.to_string(),
            Cell::Number(value) => text_of(value),
            _ => return self.deserialize_any(visitor),
        };
        visitor.visit_string(text).map_err(|e: Refusal| e.in_column(self.column))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.cell {
            Cell::Missing => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &str, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let read = match *self.present()? {
            Cell::Text(variant) => {
                let variant: StrDeserializer<'_, Refusal> = variant.into_deserializer();
                visitor.visit_enum(variant)
            }
            _ => Err(Refusal::invalid_type(Unexpected::Other("no text"), &visitor)),
        };
        read.map_err(|e: Refusal| e.in_column(self.column))
    }

    serde::forward_to_deserialize_any! {
        bool i128 u128 char bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
