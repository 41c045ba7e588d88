//! CSV in and out: UTF-8; comma, semicolon or tab, found from the header line.

use crate::{Frame, replace_file};
use adflux_core::{Error, Result};
use polars::prelude::{CsvParseOptions, CsvReadOptions, CsvWriter, SerReader as _, SerWriter as _};
use std::{
    io::{Cursor, Write},
    path::Path,
};

impl Frame {
    /// Reads a CSV file. Types are found from all rows; empty fields are missing.
    ///
    /// # Errors
    /// Naming the file: it cannot be read, is empty, is not UTF-8, has no rows, has two columns of one name, or a row has
    /// more fields than the header.
    pub fn read_csv(path: impl AsRef<Path>) -> Result<Frame> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
        Frame::read_csv_bytes(&bytes, &path.display().to_string())
    }

    /// Reads CSV text; `name` stands for the file in messages.
    ///
    /// # Errors
    /// As [`read_csv`](Frame::read_csv).
    pub fn read_csv_bytes(bytes: &[u8], name: &str) -> Result<Frame> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let line = bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
            Error::data(format!("{name}: line {line} is not UTF-8: save the file as UTF-8"))
        })?;
        let header = text.lines().next().unwrap_or_default();
        if header.trim().is_empty() {
            return Err(Error::data(format!(
                "{name}: the file is empty, or its first line is: a header line is needed"
            )));
        }
        let separator = separator_of(header);
        check_header(header, separator, name)?;
        let options = CsvReadOptions::default()
            .with_infer_schema_length(None)
            .with_rechunk(true)
            .with_parse_options(CsvParseOptions::default().with_separator(separator));
        let table = options.into_reader_with_file_handle(Cursor::new(text.as_bytes())).finish().map_err(|e| {
            let reason = e.to_string();
            let reason = reason.lines().next().unwrap_or_default().trim();
            Error::data(format!("{name}: not readable as CSV: {reason}"))
        })?;
        if table.height() == 0 {
            return Err(Error::data(format!("{name}: a header line and no rows")));
        }
        Frame::from_polars(table)
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
    pub fn write_csv_to(&self, to: &mut impl Write) -> Result<()> {
        CsvWriter::new(to).finish(&mut self.as_polars().clone()).map_err(Error::backend)
    }
}

/// The separator that is in the header most often; a comma when there is none.
fn separator_of(header: &str) -> u8 {
    let outside = outside_quotes(header);
    let count = |s: u8| outside.bytes().filter(|b| *b == s).count();
    *[b'\t', b';', b','].iter().max_by_key(|s| count(**s)).unwrap_or(&b',')
}

fn outside_quotes(line: &str) -> String {
    line.split('"').step_by(2).collect()
}

/// polars renames the second of two equal names; a user would rather know.
fn check_header(header: &str, separator: u8, name: &str) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    let mut quoted = false;
    let fields = header.trim_end_matches('\r').split(|c| {
        quoted ^= c == '"';
        c == char::from(separator) && !quoted
    });
    for field in fields {
        if !seen.insert(field.trim_matches('"')) {
            let reason = format!("stands twice in the header of {name}: rename one");
            return Err(Error::column(field.trim_matches('"'), reason));
        }
    }
    Ok(())
}
