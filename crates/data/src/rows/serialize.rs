//! A struct or a map as one row of [`Columns`].

use super::Refusal;
use crate::columns::{Cell, Columns};
use serde::ser::{Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};

type Done = Result<(), Refusal>;
type No = Impossible<(), Refusal>;

/// The row that is being written.
pub(super) struct Row<'a> {
    columns: &'a mut Columns,
    /// The column that the last key of a map named.
    place: usize,
}

impl<'a> Row<'a> {
    pub(super) fn new(columns: &'a mut Columns) -> Self {
        Row { columns, place: 0 }
    }

    fn put<T: ?Sized + Serialize>(&mut self, place: usize, value: &T) -> Done {
        let columns = &mut *self.columns;
        let put = |cell: Cell<'_>| {
            columns.push(place, cell).map_err(|refused| Refusal::new(refused.reason(columns.name(place))))
        };
        value.serialize(One(put)).map_err(|e| e.in_column(self.columns.name(place)))
    }

    fn end(self) -> Done {
        self.columns.end_row().map_err(Refusal::new)
    }
}

/// Methods of a serializer that take something that it does not.
macro_rules! refuse {
    ($reason:expr; $($method:ident($($argument:ty),*) -> $result:ty;)*) => {$(
        fn $method(self, $(_: $argument),*) -> Result<$result, Refusal> {
            Err(Refusal::new($reason))
        }
    )*};
}

const NO_ROW: &str = "a row is to be a struct, or a map";

impl Serializer for Row<'_> {
    type Ok = ();
    type Error = Refusal;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = No;

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Refusal> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Refusal> {
        Ok(self)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(self, _: &str, _: u32, _: &str, _: &T) -> Done {
        Err(Refusal::new(NO_ROW))
    }

    refuse! { NO_ROW;
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }
}

impl SerializeStruct for Row<'_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Done {
        let place = self.columns.place(name);
        self.put(place, value)
    }

    fn end(self) -> Done {
        Row::end(self)
    }
}

impl SerializeMap for Row<'_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, name: &T) -> Done {
        let Row { columns, place } = self;
        name.serialize(One(|cell: Cell<'_>| {
            let Cell::Text(name) = cell else { return Err(Refusal::new("a key is to be text")) };
            *place = columns.place(name);
            Ok(())
        }))
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Done {
        self.put(self.place, value)
    }

    fn end(self) -> Done {
        Row::end(self)
    }
}

/// One value, given to a function as a cell.
struct One<F>(F);

const NESTED: &str = "one value is wanted, not a struct, a map or a list: give each of its values a field of its own";

/// Whole numbers.
macro_rules! integers {
    ($($method:ident($number:ty);)*) => {$(
        fn $method(self, value: $number) -> Done {
            (self.0)(Cell::Integer(value.into()))
        }
    )*};
}

impl<F: FnOnce(Cell<'_>) -> Done> Serializer for One<F> {
    type Ok = ();
    type Error = Refusal;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    integers! {
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
    }

    fn serialize_u64(self, value: u64) -> Done {
        (self.0)(value.into())
    }

    fn serialize_bool(self, value: bool) -> Done {
        (self.0)(Cell::Boolean(value))
    }

    fn serialize_f32(self, value: f32) -> Done {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Done {
        (self.0)(if value.is_nan() { Cell::Missing } else { Cell::Number(value) })
    }

    fn serialize_char(self, value: char) -> Done {
        (self.0)(Cell::Text(value.encode_utf8(&mut [0; 4])))
    }

    fn serialize_str(self, value: &str) -> Done {
        (self.0)(Cell::Text(value))
    }

    fn serialize_none(self) -> Done {
        (self.0)(Cell::Missing)
    }

    fn serialize_unit(self) -> Done {
        (self.0)(Cell::Missing)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Done {
        (self.0)(Cell::Text(name))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        (self.0)(Cell::Text(variant))
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(self, _: &str, _: u32, _: &str, _: &T) -> Done {
        Err(Refusal::new(NESTED))
    }

    refuse! { NESTED;
        serialize_bytes(&[u8]) -> ();
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_map(Option<usize>) -> No;
        serialize_struct(&'static str, usize) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }
}
