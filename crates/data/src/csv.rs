//! CSV in and out: UTF-8; comma, semicolon or tab, found from the header line.

use crate::{
    Frame,
    records::{Body, Header},
    text::{bytes_of, other_kind, text_in},
    typing::{Commas, typed},
};
use adflux_core::{Error, Result, replace::replace_file};
use polars::prelude::{
    Column, CsvParseOptions, CsvReadOptions, CsvWriter, DataType, Field, Schema, SerReader as _, SerWriter as _,
};
use std::{
    borrow::Cow,
    io::{Cursor, Write},
    path::Path,
    sync::Arc,
};

impl Frame {
    /// Reads a CSV file with a header line. Comma, semicolon or tab is found from the header; lines end as on any system.
    ///
    /// A column is whole numbers, numbers, truth values (`true`, `false`) or text: the first that holds all its fields. One
    /// field of digits with zeros in front (`01`, `00001`) or too many digits for a number (`12345678901234567890`) keeps its
    /// column text, so that ids and postal codes come back as they went in.
    /// Empty fields are missing, and so is `NaN` among numbers; infinite numbers stay, and models refuse them. In a file
    /// with semicolons numbers may have a decimal comma; a column in which each comma could also stand between thousands
    /// (`1,234`) stays text. A column without any value is text. Dates stay text. A column without a name is called by its
    /// number (`column 1`), and blanks around names are no part of them. Blank lines are skipped, except in a table of one
    /// column, where they are missing values.
    ///
    /// # Errors
    /// Naming the file and, where there is one, the line: it cannot be read, is empty, is not UTF-8 or no text, has no rows,
    /// has two columns of one name, a row has more or fewer fields than the header, or a quote stands where none can.
    pub fn read_csv(path: impl AsRef<Path>) -> Result<Frame> {
        let path = path.as_ref();
        Frame::read_csv_bytes(&bytes_of(path)?, &path.display().to_string())
    }

    /// Reads CSV text; `name` stands for the file in messages.
    ///
    /// # Errors
    /// As [`read_csv`](Frame::read_csv).
    pub fn read_csv_bytes(bytes: &[u8], name: &str) -> Result<Frame> {
        Frame::read_csv_bytes_with(bytes, name, &crate::Schema::default())
    }

    /// Reads CSV text for what was learned with `schema`: its text columns stay text, field by field as they stand, as
    /// [`read_with`](Frame::read_with) says.
    ///
    /// # Errors
    /// As [`read_csv`](Frame::read_csv).
    pub fn read_csv_bytes_with(bytes: &[u8], name: &str, schema: &crate::Schema) -> Result<Frame> {
        Frame::from_columns(typed_all(fields_in(bytes, name)?, schema))
    }

    /// Writes the frame as CSV with commas, through [`replace_file`]: a crash leaves the old file or the new.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_csv(&self, path: impl AsRef<Path>) -> Result<()> {
        replace_file(path, |file| self.write_csv_to(file).map_err(std::io::Error::other))
    }

    /// Writes the frame as CSV with commas.
    ///
    /// # Errors
    /// When `to` cannot be written.
    pub fn write_csv_to(&self, to: &mut (impl Write + ?Sized)) -> Result<()> {
        self.write_separated(to, b',')
    }

    pub(crate) fn write_separated(&self, to: &mut (impl Write + ?Sized), separator: u8) -> Result<()> {
        self.write_header(to, separator)?;
        self.write_records(to, separator)
    }

    pub(crate) fn write_header(&self, to: &mut (impl Write + ?Sized), separator: u8) -> Result<()> {
        let names: Vec<Cow<'_, str>> = self.names().map(header_field).collect();
        writeln!(to, "{}", names.join(&char::from(separator).to_string())).map_err(Error::backend)
    }

    pub(crate) fn write_records(&self, to: &mut (impl Write + ?Sized), separator: u8) -> Result<()> {
        let mut writer = CsvWriter::new(to).include_header(false).with_separator(separator);
        writer.finish(&mut self.as_polars().clone()).map_err(Error::backend)
    }
}

/// A table as it was split: every column is text.
pub(crate) struct Fields {
    pub(crate) columns: Vec<Column>,
    /// Whether its numbers may have a decimal comma.
    pub(crate) commas: bool,
}

/// The fields of a CSV text; `name` stands for the file in messages.
pub(crate) fn fields_in(bytes: &[u8], name: &str) -> Result<Fields> {
    let text = text_in(bytes, name)?;
    // Lines of old Macs end with a carriage return alone.
    let text = match text.contains('\r') && !text.contains('\n') {
        true => Cow::Owned(text.replace('\r', "\n")),
        false => Cow::Borrowed(text),
    };
    let header = Header::of(&text, name)?;
    let body = header.body(&text[header.bytes..], header.lines, name)?;
    match body.rows {
        0 => Err(no_rows(name)),
        _ => split(&header, &body, name),
    }
}

pub(crate) fn no_rows(name: &str) -> Error {
    Error::data(format!("{name}: a header line and no rows"))
}

/// Splits records that were looked through, in parallel.
pub(crate) fn split(header: &Header, body: &Body<'_>, name: &str) -> Result<Fields> {
    let field = |name: &String| Field::new(name.into(), DataType::String);
    let options = CsvReadOptions::default()
        .with_has_header(false)
        .with_schema(Some(Arc::new(header.names.iter().map(field).collect::<Schema>())))
        .with_rechunk(true)
        .with_parse_options(CsvParseOptions::default().with_separator(header.separator));
    let wrong = |reason: &str| {
        let reason = reason.lines().next().unwrap_or_default().trim();
        Error::data(format!("{name}: not readable as CSV: {reason}"))
    };
    let text = without_marks(&body.text, header.separator);
    let table = options.into_reader_with_file_handle(Cursor::new(text.as_bytes())).finish();
    let table = table.map_err(|e| wrong(&e.to_string()))?;
    if table.height() != body.rows {
        return Err(wrong(&format!("{} rows became {}", body.rows, table.height())));
    }
    Ok(Fields { columns: table.into_columns(), commas: header.separator == b';' })
}

/// The columns in their types, but those that are text in `schema`.
pub(crate) fn typed_all(fields: Fields, schema: &crate::Schema) -> Vec<Column> {
    let commas = if fields.commas { Commas::WhenClear } else { Commas::No };
    let typed = |column: Column| match schema.is_text(column.name()) {
        true => column,
        false => typed(column, commas),
    };
    fields.columns.into_iter().map(typed).collect()
}

/// The records, the first field in quotes where polars would take its beginning for a mark: a byte order mark, which it would
/// leave out, or the first bytes of zlib, which it would unpack.
fn without_marks(body: &str, separator: u8) -> Cow<'_, str> {
    if !["\u{feff}", "x^", "x\u{1}"].iter().any(|mark| body.starts_with(mark)) {
        return Cow::Borrowed(body);
    }
    let end = body.find(|c| c == char::from(separator) || c == '\n').unwrap_or(body.len());
    let field = body[..end].strip_suffix('\r').unwrap_or(&body[..end]);
    Cow::Owned(format!("\"{field}\"{}", &body[field.len()..]))
}

/// A name as it stands in a header: in quotes where a part of it could be taken for another separator, or for the beginning of
/// a file of another kind.
fn header_field(name: &str) -> Cow<'_, str> {
    match name.contains([',', ';', '\t', '"', '\n', '\r']) || other_kind(name.as_bytes()).is_some() {
        true => Cow::Owned(format!("\"{}\"", name.replace('"', "\"\""))),
        false => Cow::Borrowed(name),
    }
}
