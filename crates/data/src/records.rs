//! The structure of a CSV text: its header, and whether every record is whole.
//!
//! polars splits and types the fields, in parallel; what it says about a broken file names no line. So the structure is
//! checked before, in one pass.

use adflux_core::{Error, Result};
use std::{borrow::Cow, collections::HashSet, ops::Range};

/// What the first line of a CSV text says.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) separator: u8,
    /// The names of the columns, distinct and not empty.
    pub(crate) names: Vec<String>,
    /// How many bytes it takes, with its end of line.
    pub(crate) bytes: usize,
    /// How many lines it takes.
    pub(crate) lines: usize,
}

/// Records that all have one field a column, and whose quotes all open and close a field.
pub(crate) struct Body<'a> {
    /// The records, without blank lines.
    pub(crate) text: Cow<'a, str>,
    /// How many they are.
    pub(crate) rows: usize,
    /// How many lines they take, blank ones among them.
    pub(crate) lines: usize,
}

impl Header {
    /// The header of a CSV text; `name` stands for the file in messages.
    ///
    /// # Errors
    /// Naming the file, and the line where there is one.
    pub(crate) fn of(text: &str, name: &str) -> Result<Self> {
        if text.lines().next().unwrap_or_default().trim().is_empty() {
            let reason = "the file is empty, or its first line is: a header line is needed";
            return Err(Error::data(format!("{name}: {reason}")));
        }
        let mut scan = Scan { bytes: text.as_bytes(), separator: separator_of(text.as_bytes()), place: 0, line: 0 };
        let header = scan.record().map_err(|(line, reason)| at_line(name, line + 1, reason))?;
        let names = names(&text[header.bytes], scan.separator, name)?;
        Ok(Header { separator: scan.separator, names, bytes: scan.place, lines: scan.line })
    }

    /// Looks through whole records, before which so many `lines` stand in the file.
    ///
    /// # Errors
    /// Naming file and line of the first thing that is wrong.
    pub(crate) fn body<'a>(&self, text: &'a str, lines: usize, name: &str) -> Result<Body<'a>> {
        let mut scan = Scan { bytes: text.as_bytes(), separator: self.separator, place: 0, line: 0 };
        let (mut rows, mut blank) = (0, Vec::new());
        while scan.place < text.len() {
            let record = scan.record().map_err(|(line, reason)| at_line(name, lines + line + 1, reason))?;
            // In a table of one column a blank line is a missing value.
            if record.fields == 1 && self.names.len() > 1 && text[record.bytes.clone()].trim().is_empty() {
                blank.push(record.bytes.start..scan.place);
                continue;
            }
            if record.fields != self.names.len() {
                let reason = wrong_width(record.fields, self.names.len(), self.separator);
                return Err(at_line(name, lines + record.line + 1, &reason));
            }
            rows += 1;
        }
        Ok(Body { text: without(text, &blank), rows, lines: scan.line })
    }
}

fn at_line(name: &str, line: usize, reason: &str) -> Error {
    Error::data(format!("{name}: line {line}: {reason}"))
}

/// How far a beginning of some records has been cut into whole ones.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cut {
    /// The end of the last whole record.
    pub(crate) bytes: usize,
    /// How many whole records there are up to there.
    pub(crate) records: usize,
}

impl Cut {
    /// Goes on in `bytes`, of which all was known before up to this cut, until there are `most` records. Whether it found
    /// them; if not, the last record may go on behind `bytes`.
    pub(crate) fn go_on(&mut self, bytes: &[u8], separator: u8, most: usize) -> bool {
        let mut scan = Scan { bytes, separator, place: self.bytes, line: 0 };
        while self.records < most {
            if scan.record().is_err() {
                // What is wrong is said once the record is looked at, with its line. It ends where its line does.
                let rest = &bytes[scan.place..];
                let Some(end) = rest.iter().position(|b| *b == b'\n') else { return false };
                *self = Cut { bytes: scan.place + end + 1, records: self.records + 1 };
                return true;
            }
            if bytes[..scan.place].last() != Some(&b'\n') || scan.place == self.bytes {
                return false;
            }
            *self = Cut { bytes: scan.place, records: self.records + 1 };
        }
        true
    }
}

fn wrong_width(fields: usize, columns: usize, separator: u8) -> String {
    let s = if fields == 1 { "" } else { "s" };
    let what_to_do = match (fields > columns, separator) {
        (true, b'\t') => "a field that holds a tab has to be in quotes".to_string(),
        (true, separator) => format!("a field that holds a `{}` has to be in quotes", char::from(separator)),
        (false, _) => "is one missing, or a line broken inside a field that is not in quotes?".to_string(),
    };
    format!("{fields} field{s}, where the header has {columns}: {what_to_do}")
}

/// The text without the parts in `cut`.
fn without<'a>(text: &'a str, cut: &[Range<usize>]) -> Cow<'a, str> {
    if cut.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut start, mut kept) = (0, String::with_capacity(text.len()));
    for part in cut {
        kept.push_str(&text[start..part.start]);
        start = part.end;
    }
    kept.push_str(&text[start..]);
    Cow::Owned(kept)
}

/// The separator that is in the first line most often; a comma when there is none.
pub(crate) fn separator_of(text: &[u8]) -> u8 {
    let header = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let outside_quotes = || header.split(|b| *b == b'"').step_by(2).flatten();
    let count = |s: &u8| outside_quotes().filter(|b| *b == s).count();
    *[b'\t', b';', b','].iter().max_by_key(|s| count(s)).unwrap_or(&b',')
}

/// The names in a header: blanks and byte order marks around them are no part of them, and a column without a name is called by its number.
fn names(header: &str, separator: u8, file: &str) -> Result<Vec<String>> {
    let (mut quoted, mut names, mut seen) = (false, Vec::new(), HashSet::new());
    let fields = header.split(|c| {
        quoted ^= c == '"';
        c == char::from(separator) && !quoted
    });
    for (place, field) in fields.enumerate() {
        let inside = field.strip_prefix('"').and_then(|f| f.strip_suffix('"'));
        let text = inside.map_or(Cow::Borrowed(field), |inside| inside.replace("\"\"", "\"").into());
        let name = match text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}') {
            "" => format!("column {}", place + 1),
            name => name.to_string(),
        };
        if !seen.insert(name.clone()) {
            return Err(Error::column(name, format!("stands twice in the header of {file}: rename one")));
        }
        names.push(name);
    }
    Ok(names)
}

/// Goes through a text record by record.
struct Scan<'a> {
    bytes: &'a [u8],
    separator: u8,
    /// Where the next record begins.
    place: usize,
    /// How many lines end before that place.
    line: usize,
}

struct Record {
    /// How many lines end before it.
    line: usize,
    fields: usize,
    /// Where it is, its end of line left out.
    bytes: Range<usize>,
}

/// How many lines end before it, and what is wrong.
type Wrong = (usize, &'static str);

const QUOTE_INSIDE: &str =
    "a quote inside a field: put the whole field in quotes and write the quote twice, as in \"5\"\" screen\"";

impl Scan<'_> {
    fn record(&mut self) -> Result<Record, Wrong> {
        let (line, start) = (self.line, self.place);
        let mut fields = 1;
        loop {
            if self.bytes.get(self.place) == Some(&b'"') {
                self.quoted()?;
            }
            let rest = &self.bytes[self.place..];
            let stop = |b: &u8| *b == self.separator || *b == b'\n' || *b == b'"';
            self.place += rest.iter().position(stop).unwrap_or(rest.len());
            match self.bytes.get(self.place) {
                Some(b'"') => return Err((self.line, QUOTE_INSIDE)),
                Some(b'\n') | None => {
                    let end = self.place;
                    if end < self.bytes.len() {
                        self.place += 1;
                        self.line += 1;
                    }
                    let end = if self.bytes[start..end].ends_with(b"\r") { end - 1 } else { end };
                    return Ok(Record { line, fields, bytes: start..end });
                }
                Some(_) => {
                    self.place += 1;
                    fields += 1;
                }
            }
        }
    }

    /// Goes behind the quote that closes the field, whose opening quote is here.
    fn quoted(&mut self) -> Result<(), Wrong> {
        let opened = self.line;
        self.place += 1;
        loop {
            match (self.bytes.get(self.place), self.bytes.get(self.place + 1)) {
                (None, _) => return Err((opened, "the quote that opens here is never closed")),
                (Some(b'"'), Some(b'"')) => self.place += 1,
                (Some(b'"'), next) => {
                    self.place += 1;
                    let ends = match next {
                        None | Some(b'\n') => true,
                        Some(b'\r') => matches!(self.bytes.get(self.place + 1), None | Some(b'\n')),
                        Some(next) => *next == self.separator,
                    };
                    return if ends { Ok(()) } else { Err((self.line, QUOTE_INSIDE)) };
                }
                (Some(b'\n'), _) => self.line += 1,
                _ => {}
            }
            self.place += 1;
        }
    }
}
