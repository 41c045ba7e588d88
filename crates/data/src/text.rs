//! The text of a file, or what the file is instead.

use adflux_core::{Error, Result};
use std::path::Path;

/// The bytes of the file at `path`.
pub(crate) fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    if path.is_dir() {
        return Err(Error::data(format!("{}: a folder, where a file is wanted", path.display())));
    }
    std::fs::read(path).map_err(|e| Error::io(path, e))
}

/// The text in `bytes`, without a byte order mark; `name` stands for the file in messages.
pub(crate) fn text_in<'a>(bytes: &'a [u8], name: &str) -> Result<&'a str> {
    let bytes = without_mark(bytes);
    if let Some(what) = other_kind(bytes) {
        return Err(Error::data(format!("{name}: {what}")));
    }
    utf8_in(bytes, 0, name)
}

/// The bytes without a byte order mark.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The text in a part of a file before which so many `lines` stand.
pub(crate) fn utf8_in<'a>(bytes: &'a [u8], lines: usize, name: &str) -> Result<&'a str> {
    let line_at = |place: usize| lines + bytes[..place].iter().filter(|b| **b == b'\n').count() + 1;
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = line_at(e.valid_up_to());
        let reason = "is not UTF-8 (Latin-1, perhaps): save the file as UTF-8, in Excel as “CSV UTF-8”";
        Error::data(format!("{name}: line {line} {reason}"))
    })?;
    match bytes.iter().position(|b| *b == 0) {
        Some(place) => {
            let reason = "holds a zero byte: it is no text, or text in UTF-16: save the table as CSV in UTF-8";
            Err(Error::data(format!("{name}: line {} {reason}", line_at(place))))
        }
        None => Ok(text),
    }
}

/// What a file is that begins like this, when it is no text.
pub(crate) fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    OTHERS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, what)| *what)
}

/// How files begin that are often given a wrong name, and what to do about them.
const OTHERS: [(&[u8], &str); 9] = [
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
    (b"PK\x03\x04", "a zip file or a spreadsheet, not text: save the table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an Excel file, not text: save the table as CSV"),
    (b"\x1f\x8b", "compressed with gzip: unpack it first"),
    (PARQUET, "a Parquet file, not text: give it the ending .parquet"),
    (b"\x89PNG", "an image, not a table"),
    (b"\xff\xd8\xff", "an image, not a table"),
    (b"%PDF", "a PDF, not a table: save the table as CSV"),
];

/// How a Parquet file begins.
pub(crate) const PARQUET: &[u8] = b"PAR1";

const UTF_16: &str = "the text is in UTF-16: save the file as UTF-8, in Excel as “CSV UTF-8”";
