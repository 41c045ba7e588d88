//! Frames from rows of structs and back, through serde.

mod deserialize;
mod serialize;

use crate::{
    Frame,
    columns::{Columns, Reader},
};
use adflux_core::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

impl Frame {
    /// A frame of structs: fields are columns, by their serde names. `None` and NaN are missing; an infinite number stays,
    /// and models refuse it. Enums whose variants hold nothing are text, so are dates that serialize as text (those of
    /// chrono, jiff and time do). A row may also be a map, or a `serde_json::Value` that is an object; a name that a row does not
    /// have is missing there.
    ///
    /// ```
    /// use adflux_data::Frame;
    /// #[derive(serde::Serialize)]
    /// #[serde(rename_all = "UPPERCASE")]
    /// enum Platform { Meta, Google }
    /// #[derive(serde::Serialize)]
    /// struct Ad { platform: Platform, budget: f64, audience_size: Option<u32> }
    ///
    /// let ads = [
    ///     Ad { platform: Platform::Meta, budget: 900.0, audience_size: Some(120_000) },
    ///     Ad { platform: Platform::Google, budget: 250.0, audience_size: None },
    /// ];
    /// let frame = Frame::from_rows(&ads)?;
    /// assert_eq!(&frame.texts("platform")?[..], ["META", "GOOGLE"]);
    /// assert_eq!(frame.missing_in("audience_size")?, 1);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Naming row and column of a value that is itself a struct, a map or a list; when a row is no struct, or there are none.
    pub fn from_rows<T: Serialize>(rows: &[T]) -> Result<Frame> {
        if rows.is_empty() {
            return Err(Error::data("there are no rows"));
        }
        let mut columns = Columns::default();
        for (place, row) in rows.iter().enumerate() {
            row.serialize(serialize::Row::new(&mut columns)).map_err(|e| e.in_row(place))?;
        }
        columns.finish()
    }

    /// The rows as structs: columns are fields, by their serde names; columns without a field are ignored. A missing value
    /// is `None`, or NaN where the field is a number with a fraction. Whole numbers are found in columns of either kind of
    /// number, and a text field also takes a number, as a postal code that looks like one.
    ///
    /// ```
    /// use adflux_data::Frame;
    /// #[derive(serde::Deserialize, PartialEq, Debug)]
    /// struct Ad { platform: String, clicks: Option<u32> }
    ///
    /// let frame = Frame::read_csv_bytes(b"clicks,ctr,platform\n12,0.1,META\n,0.2,GOOGLE\n", "example")?;
    /// let ads: Vec<Ad> = frame.to_rows()?;
    /// assert_eq!(ads[0], Ad { platform: "META".into(), clicks: Some(12) });
    /// assert_eq!(ads[1].clicks, None);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Naming the first cell that the field does not take; when there is no column for a field.
    pub fn to_rows<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        let columns = self.as_polars().columns().iter().map(Reader::of).collect::<Result<Vec<_>>>()?;
        let read = |row| T::deserialize(deserialize::row(&columns, row)).map_err(|e| e.in_row(row));
        (0..self.rows()).map(read).collect()
    }
}

/// Why a row cannot be turned into cells, or back.
#[derive(Debug)]
struct Refusal {
    column: Option<String>,
    reason: String,
}

impl Refusal {
    fn new(reason: impl fmt::Display) -> Self {
        Refusal { column: None, reason: reason.to_string() }
    }

    /// The same refusal with the column, unless one is named already.
    fn in_column(mut self, column: &str) -> Self {
        self.column.get_or_insert_with(|| column.to_string());
        self
    }

    fn in_row(self, row: usize) -> Error {
        match self.column {
            Some(column) => Error::cell(column, row, self.reason),
            None => Error::data(format!("row {}: {}", row + 1, self.reason)),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Refusal {}

impl serde::ser::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Refusal::new(message)
    }
}

impl serde::de::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Refusal::new(message)
    }

    fn invalid_type(found: serde::de::Unexpected<'_>, wanted: &dyn serde::de::Expected) -> Self {
        Refusal::new(format_args!("{found}, where {wanted} is wanted"))
    }

    fn missing_field(field: &'static str) -> Self {
        Refusal::new(format_args!("there is no column for the field `{field}`"))
    }
}
