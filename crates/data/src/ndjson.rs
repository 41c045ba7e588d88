//! JSON in and out: one object a row.

use crate::{
    Frame, Schema,
    columns::{Cell, Columns, Reader},
    text::{bytes_of, text_in},
};
use adflux_core::{Error, Result, replace::replace_file};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::{
    fmt,
    io::{self, Write},
    path::Path,
};

impl Frame {
    /// Reads a file of one JSON object a line; blank lines are skipped. Keys are columns, in the order in which they first
    /// come; a key that a line does not have, and `null`, are missing. Numbers, truth values and texts are as they stand;
    /// a column in which they are mixed is text throughout, as in a CSV file. So is one with whole numbers that would become
    /// others: beyond 64 bits with a sign, or beyond 2^53 beside a fraction.
    ///
    /// # Errors
    /// Naming file and line: it cannot be read, is not UTF-8 or not JSON, a line holds no object, a value is an object or an
    /// array, or a key comes twice.
    pub fn read_ndjson(path: impl AsRef<Path>) -> Result<Frame> {
        let path = path.as_ref();
        Frame::read_ndjson_bytes(&bytes_of(path)?, &path.display().to_string())
    }

    /// Reads text of one JSON object a line; `name` stands for the file in messages.
    ///
    /// ```
    /// use adflux_data::Frame;
    /// let lines = b"{\"platform\": \"META\", \"budget\": 900}\n{\"platform\": \"GOOGLE\", \"ctr\": 0.012}\n";
    /// let frame = Frame::read_ndjson_bytes(lines, "example")?;
    /// assert_eq!(frame.names().collect::<Vec<_>>(), ["platform", "budget", "ctr"]);
    /// assert!(frame.numbers("budget")?[1].is_nan());
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`read_ndjson`](Frame::read_ndjson).
    pub fn read_ndjson_bytes(bytes: &[u8], name: &str) -> Result<Frame> {
        Frame::read_ndjson_bytes_with(bytes, name, &Schema::default())
    }

    /// Reads text of one JSON object a line for what was learned with `schema`: its text columns are text whatever the
    /// values, as [`read_with`](Frame::read_with) says.
    ///
    /// # Errors
    /// As [`read_ndjson`](Frame::read_ndjson).
    pub fn read_ndjson_bytes_with(bytes: &[u8], name: &str, schema: &Schema) -> Result<Frame> {
        let mut columns = Columns::with(schema);
        read_lines(&mut columns, text_in(bytes, name)?, 0, name)?;
        if columns.rows() == 0 {
            return Err(no_rows(name));
        }
        columns.finish().map_err(|e| Error::data(format!("{name}: {e}")))
    }

    /// The rows of a JSON text: one object, or an array of objects, as a web service receives them. Keys and values are
    /// those of [`read_ndjson`](Frame::read_ndjson).
    ///
    /// ```
    /// use adflux_data::Frame;
    /// let one = Frame::from_json(r#"{"platform": "META", "budget": 900, "audience_size": null}"#)?;
    /// assert_eq!((one.rows(), one.missing_in("audience_size")?), (1, 1));
    /// assert_eq!(Frame::from_json(r#"[{"budget": 900}, {"budget": 1200}]"#)?.numbers("budget")?, [900.0, 1200.0]);
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Naming the row, or where the text is not JSON.
    pub fn from_json(text: &str) -> Result<Frame> {
        Frame::from_json_with(text, &Schema::default())
    }

    /// The rows of a JSON text for what was learned with `schema`: its text columns are text whatever the values, as
    /// [`read_with`](Frame::read_with) says. So a row means the same alone and among others.
    ///
    /// # Errors
    /// As [`from_json`](Frame::from_json).
    pub fn from_json_with(text: &str, schema: &Schema) -> Result<Frame> {
        let mut columns = Columns::with(schema);
        let read = match text.trim_start().starts_with('[') {
            true => read_one(text, Rows(&mut columns)),
            false => read_one(text, Row(&mut columns)),
        };
        read.map_err(|reason| Error::data(format!("row {}: {reason}", columns.rows() + 1)))?;
        match columns.rows() {
            0 => Err(Error::data("the JSON array has no rows")),
            _ => columns.finish(),
        }
    }

    /// Writes the frame as one JSON object a line, through [`replace_file`]: a crash leaves the old file or the new. A
    /// missing value is `null`.
    ///
    /// # Errors
    /// When the file cannot be written; naming the first infinite number, which JSON does not have.
    pub fn write_ndjson(&self, path: impl AsRef<Path>) -> Result<()> {
        self.finite()?;
        replace_file(path, |file| self.write_lines(file))
    }

    /// Writes the frame as one JSON object a line; a missing value is `null`.
    ///
    /// # Errors
    /// As [`write_ndjson`](Frame::write_ndjson).
    pub fn write_ndjson_to(&self, to: &mut impl Write) -> Result<()> {
        self.finite()?;
        self.write_lines(to).map_err(Error::backend)
    }

    pub(crate) fn finite(&self) -> Result<()> {
        for column in self.as_polars().columns().iter().filter(|c| c.dtype().is_float()) {
            let name = column.name().as_str();
            if let Some(row) = self.numbers(name)?.iter().position(|v| v.is_infinite()) {
                return Err(Error::cell(name, row, "is infinite, which JSON does not have: write CSV, or clip it"));
            }
        }
        Ok(())
    }

    pub(crate) fn write_lines(&self, to: &mut impl Write) -> io::Result<()> {
        let columns = self.as_polars().columns().iter().map(|column| {
            let column = Reader::of(column).map_err(io::Error::other)?;
            Ok((serde_json::to_string(column.name())?, column))
        });
        let columns = columns.collect::<io::Result<Vec<_>>>()?;
        for row in 0..self.rows() {
            for (place, (key, column)) in columns.iter().enumerate() {
                write!(to, "{}{key}:", if place == 0 { "{" } else { "," })?;
                match column.cell(row) {
                    Cell::Missing => to.write_all(b"null")?,
                    Cell::Boolean(value) => write!(to, "{value}")?,
                    Cell::Integer(value) => write!(to, "{value}")?,
                    Cell::Beyond(value) => write!(to, "{value}")?,
                    Cell::Number(value) => serde_json::to_writer(&mut *to, &value)?,
                    Cell::Text(text) => serde_json::to_writer(&mut *to, text)?,
                }
            }
            to.write_all(b"}\n")?;
        }
        Ok(())
    }
}

/// Appends the rows of a text of one JSON object a line, before which so many `lines` stand in the file.
pub(crate) fn read_lines(columns: &mut Columns, text: &str, lines: usize, name: &str) -> Result<()> {
    let wrong = |line: usize, reason| Error::data(format!("{name}: line {}: {reason}", lines + line + 1));
    for (line, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        if text.trim_start().starts_with('[') {
            return Err(wrong(line, "an array: write its objects without the brackets, one a line".into()));
        }
        read_one(text, Row(columns)).map_err(|reason| wrong(line, reason))?;
    }
    Ok(())
}

pub(crate) fn no_rows(name: &str) -> Error {
    Error::data(format!("{name}: the file has no rows: one JSON object a line is needed"))
}

/// Reads all of `text`; what is wrong with it comes back in a few words.
fn read_one<'a>(text: &'a str, seed: impl DeserializeSeed<'a, Value = ()>) -> std::result::Result<(), String> {
    let mut json = serde_json::Deserializer::from_str(text);
    seed.deserialize(&mut json).and_then(|()| json.end()).map_err(|e| {
        let full = e.to_string();
        let reason = full.strip_suffix(&format!(" at line {} column {}", e.line(), e.column())).unwrap_or(&full);
        match (e.classify(), reason.strip_prefix("invalid type: ").and_then(|r| r.split_once(", expected "))) {
            (serde_json::error::Category::Data, Some((found, wanted))) => format!("{found}, where {wanted} is wanted"),
            (serde_json::error::Category::Data, None) => reason.to_string(),
            (serde_json::error::Category::Eof, _) => "the JSON ends in the middle".to_string(),
            _ if e.line() > 1 => format!("not JSON at line {}, character {}: {reason}", e.line(), e.column()),
            _ => format!("not JSON at character {}: {reason}", e.column()),
        }
    })
}

/// An array of objects.
struct Rows<'a>(&'a mut Columns);

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while rows.next_element_seed(Row(self.0))?.is_some() {}
        Ok(())
    }
}

/// One object.
struct Row<'a>(&'a mut Columns);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut cells: A) -> Result<(), A::Error> {
        while let Some(place) = cells.next_key_seed(Key(self.0))? {
            cells.next_value_seed(Value { columns: self.0, place })?;
        }
        self.0.end_row().map_err(serde::de::Error::custom)
    }
}

/// The name of a column; gives its place.
struct Key<'a>(&'a mut Columns);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = usize;
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<usize, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<usize, E> {
        Ok(self.0.place(name))
    }
}

/// One value of the column at `place`.
struct Value<'a> {
    columns: &'a mut Columns,
    place: usize,
}

impl Value<'_> {
    fn put<E: serde::de::Error>(self, cell: Cell<'_>) -> Result<(), E> {
        let Value { columns, place } = self;
        columns.push(place, cell).map_err(|refused| E::custom(refused.reason(columns.name(place))))
    }

    fn nested<E: serde::de::Error>(self, what: &str) -> E {
        let name = self.columns.name(self.place);
        E::custom(format!("`{name}` is {what}, where one value is wanted: give each of its values a key of its own"))
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a truth value, a text or null")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.put(Cell::Missing)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.put(Cell::Boolean(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.put(Cell::Integer(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.put(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.put(Cell::Number(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.put(Cell::Text(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.nested("an object"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.nested("an array"))
    }
}
