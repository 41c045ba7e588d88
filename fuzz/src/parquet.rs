//! A Parquet file that someone uploads: read, looked at, written.

use super::{csv, or_refused, sure};
use adflux::data::Frame;

/// Reads `bytes` as Parquet. Says whether there was a table.
///
/// # Panics
/// When a table that was read cannot be used, or is another after it was written and read again.
pub fn run(bytes: &[u8]) -> bool {
    let Some(frame) = or_refused(Frame::read_parquet_bytes(bytes, "fuzz.parquet")) else { return false };
    csv::look_at(&frame);
    let mut written = Vec::new();
    sure(frame.write_parquet_to(&mut written), "a frame can be written");
    csv::same(&frame, Frame::read_parquet_bytes(&written, "written.parquet"), b"the file of the frame");
    true
}
