//! Chunks of a Parquet file: of one group of rows after another.

use crate::{Frame, parquet::ParquetFile};
use adflux_core::Result;
use std::{fmt, fs::File, io::Cursor};

pub(super) struct Reader {
    from: From,
    /// The group that comes next.
    group: usize,
    /// What is left of the last.
    left: Option<Frame>,
}

enum From {
    File(Box<ParquetFile<File>>),
    Bytes(Box<ParquetFile<Cursor<Vec<u8>>>>),
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("group", &self.group).finish_non_exhaustive()
    }
}

impl Reader {
    pub(super) fn of(file: ParquetFile<File>) -> Self {
        Reader { from: From::File(Box::new(file)), group: 0, left: None }
    }

    pub(super) fn of_bytes(file: ParquetFile<Cursor<Vec<u8>>>) -> Self {
        Reader { from: From::Bytes(Box::new(file)), group: 0, left: None }
    }

    /// The next rows.
    pub(super) fn next(&mut self, rows: usize) -> Result<Option<Frame>> {
        loop {
            if let Some(left) = self.left.take() {
                let (first, rest) = left.split_at(rows);
                self.left = rest;
                return Ok(Some(first));
            }
            let groups = match &self.from {
                From::File(file) => file.groups(),
                From::Bytes(file) => file.groups(),
            };
            if self.group == groups {
                return Ok(None);
            }
            self.left = match &mut self.from {
                From::File(file) => file.group(self.group)?,
                From::Bytes(file) => file.group(self.group)?,
            };
            self.group += 1;
        }
    }
}
