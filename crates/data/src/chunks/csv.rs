//! Chunks of a CSV text.

use super::{Known, window::Window};
use crate::{
    Frame,
    csv::{no_rows, split},
    records::{Cut, Header, separator_of},
    text::{text_in, utf8_in, without_mark},
    typing::{Commas, clear_commas, typed},
};
use adflux_core::Result;

/// A chunk ends after so many bytes, however few its rows.
pub(super) const MOST_BYTES: usize = 32 << 20;

#[derive(Debug)]
pub(super) struct Reader {
    window: Window,
    name: String,
    header: Option<Header>,
    /// How many lines come before the window.
    lines: usize,
    any: bool,
}

impl Reader {
    pub(super) fn of(window: Window, name: String) -> Self {
        Reader { window, name, header: None, lines: 0, any: false }
    }

    /// The next rows.
    pub(super) fn next(&mut self, rows: usize, known: &mut Known) -> Result<Option<Frame>> {
        let header = match &self.header {
            Some(header) => header.clone(),
            None => self.header()?,
        };
        loop {
            let end = self.cut(&header, rows)?;
            if end == 0 {
                return if self.any { Ok(None) } else { Err(no_rows(&self.name)) };
            }
            let text = utf8_in(&self.window.bytes()[..end], self.lines, &self.name)?;
            let body = header.body(text, self.lines, &self.name)?;
            self.lines += body.lines;
            if body.rows == 0 {
                // Blank lines.
                drop(body);
                self.window.take(end);
                continue;
            }
            let fields = split(&header, &body, &self.name)?;
            drop(body);
            self.window.take(end);
            self.any = true;
            let column = |column: polars::prelude::Column| {
                let name = column.name().as_str();
                if known.is_text(name) {
                    return column;
                }
                if !fields.commas {
                    return typed(column, Commas::No);
                }
                if !known.commas.contains(name) && clear_commas(&column) {
                    known.commas.insert(name.to_string());
                }
                let commas = if known.commas.contains(name) { Commas::Decimal } else { Commas::WhenClear };
                typed(column, commas)
            };
            return Frame::from_columns(fields.columns.into_iter().map(column).collect()).map(Some);
        }
    }

    fn header(&mut self) -> Result<Header> {
        let mark = self.window.bytes().len() - without_mark(self.window.bytes()).len();
        let end = loop {
            let bytes = &self.window.bytes()[mark..];
            let mut cut = Cut::default();
            if cut.go_on(bytes, separator_of(bytes), 1) {
                break mark + cut.bytes;
            }
            if self.window.is_at_end() {
                break self.window.bytes().len();
            }
            self.window.more(&self.name)?;
        };
        let header = Header::of(text_in(&self.window.bytes()[..end], &self.name)?, &self.name)?;
        self.window.take(mark + header.bytes);
        self.lines = header.lines;
        self.header = Some(header.clone());
        Ok(header)
    }

    /// The end of the next `rows` records, or of as many as a chunk holds.
    fn cut(&mut self, header: &Header, rows: usize) -> Result<usize> {
        let mut cut = Cut::default();
        loop {
            let found = cut.go_on(self.window.bytes(), header.separator, rows);
            if found || cut.bytes >= MOST_BYTES {
                return Ok(cut.bytes);
            }
            if self.window.is_at_end() {
                return Ok(self.window.bytes().len());
            }
            self.window.more(&self.name)?;
        }
    }
}
