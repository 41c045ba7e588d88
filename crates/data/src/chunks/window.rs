//! A part of a stream that moves on.

use crate::text::PARQUET;
use adflux_core::{Error, Result};
use std::{
    fmt,
    io::{ErrorKind, Read},
};

/// How much is read at once, at least.
const BLOCK: usize = 1 << 20;
/// A record that takes more is refused: else a quote that is never closed would fill the memory.
const LONGEST: usize = 256 << 20;

/// What was read of a stream and not used up.
pub(super) struct Window {
    from: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    /// Where what is not used up begins.
    start: usize,
    /// Whether all was read.
    at_end: bool,
    /// Whether carriage returns end the lines, as on old Macs; not known before the first block.
    returns: Option<bool>,
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window").field("bytes", &(self.bytes.len() - self.start)).finish_non_exhaustive()
    }
}

impl Window {
    pub(super) fn of(from: impl Read + Send + 'static) -> Self {
        Window { from: Box::new(from), bytes: Vec::new(), start: 0, at_end: false, returns: None }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// Takes the first bytes out.
    pub(super) fn take(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// Reads on: as much again as there is, and a block at least.
    pub(super) fn more(&mut self, name: &str) -> Result<()> {
        if self.bytes().len() > LONGEST {
            let reason = format!("a record of more than {} MiB: is a quote never closed?", LONGEST >> 20);
            return Err(Error::data(format!("{name}: {reason}")));
        }
        self.bytes.drain(..self.start);
        self.start = 0;
        let (before, wanted) = (self.bytes.len(), self.bytes.len().max(BLOCK));
        self.bytes.resize(before + wanted, 0);
        let mut read = before;
        while read < self.bytes.len() && !self.at_end {
            match self.from.read(&mut self.bytes[read..]) {
                Ok(0) => self.at_end = true,
                Ok(some) => read += some,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => {
                    self.bytes.truncate(read);
                    return Err(Error::io(name, e));
                }
            }
        }
        self.bytes.truncate(read);
        let fresh = &mut self.bytes[before..];
        // In Parquet a carriage return is a byte like any other.
        let old_mac = |bytes: &[u8]| !bytes.starts_with(PARQUET) && bytes.contains(&b'\r') && !bytes.contains(&b'\n');
        let returns = *self.returns.get_or_insert_with(|| old_mac(fresh));
        if returns {
            fresh.iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b'\n');
        }
        Ok(())
    }

    /// All that is left of the stream, carriage returns as they are.
    pub(super) fn all(mut self, name: &str) -> Result<Vec<u8>> {
        self.bytes.drain(..self.start);
        self.from.read_to_end(&mut self.bytes).map_err(|e| Error::io(name, e))?;
        Ok(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriage_returns_end_lines_on_old_macs_and_are_bytes_in_parquet() {
        let first = |bytes: &'static [u8]| {
            let mut window = Window::of(bytes);
            window.more("standard input").unwrap();
            window.bytes().to_vec()
        };
        assert_eq!(first(b"n\r1\r"), b"n\n1\n");
        assert_eq!(first(b"n\r\n1\r"), b"n\r\n1\r");
        assert_eq!(first(b"PAR1\r\0"), b"PAR1\r\0");
    }
}
