//! Chunks of a text of one JSON object a line.

use super::{Known, csv::MOST_BYTES, window::Window};
use crate::{
    Frame,
    columns::Columns,
    ndjson::{no_rows, read_lines},
    text::{other_kind, text_in, utf8_in, without_mark},
};
use adflux_core::{Error, Result};

#[derive(Debug)]
pub(super) struct Reader {
    window: Window,
    name: String,
    /// How many lines come before the window.
    lines: usize,
    begun: bool,
    any: bool,
}

impl Reader {
    pub(super) fn of(window: Window, name: String) -> Self {
        Reader { window, name, lines: 0, begun: false, any: false }
    }

    /// The next rows, in which the columns that were known before are too.
    pub(super) fn next(&mut self, rows: usize, known: &Known) -> Result<Option<Frame>> {
        if !self.begun {
            let bytes = self.window.bytes();
            let mark = bytes.len() - without_mark(bytes).len();
            if other_kind(&bytes[mark..]).is_some() {
                text_in(bytes, &self.name)?;
            }
            self.window.take(mark);
            self.begun = true;
        }
        loop {
            let (end, lines) = self.cut(rows)?;
            if end == 0 {
                return if self.any { Ok(None) } else { Err(no_rows(&self.name)) };
            }
            let mut columns = Columns::with(&known.schema);
            known.names.iter().for_each(|name| _ = columns.place(name));
            let text = utf8_in(&self.window.bytes()[..end], self.lines, &self.name)?;
            read_lines(&mut columns, text, self.lines, &self.name)?;
            self.lines += lines;
            self.window.take(end);
            if columns.rows() > 0 {
                self.any = true;
                return columns.finish().map(Some).map_err(|e| Error::data(format!("{}: {e}", self.name)));
            }
        }
    }

    /// The end of the next `rows` lines that are not blank, or of as many as a chunk holds, and how many lines they are.
    fn cut(&mut self, rows: usize) -> Result<(usize, usize)> {
        let (mut end, mut lines, mut found) = (0, 0, 0);
        loop {
            let bytes = self.window.bytes();
            while let Some(length) = bytes[end..].iter().position(|b| *b == b'\n') {
                found += usize::from(!bytes[end..end + length].trim_ascii().is_empty());
                (end, lines) = (end + length + 1, lines + 1);
                if found == rows || end >= MOST_BYTES {
                    return Ok((end, lines));
                }
            }
            if self.window.is_at_end() {
                return Ok((self.window.bytes().len(), lines + 1));
            }
            self.window.more(&self.name)?;
        }
    }
}
