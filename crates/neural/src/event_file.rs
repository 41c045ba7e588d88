//! [`EventFile`]: TensorBoard's format. Records of a length, its checksum, an event as protocol buffers, and its checksum.
//!
//! References: TensorFlow's `event.proto`, `summary.proto`, `tensor.proto` and `record_writer`.

use adflux_core::{Error, Result};
use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// An event file that grows.
#[derive(Debug)]
pub(crate) struct EventFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl EventFile {
    /// A new file in `folder`.
    pub(crate) fn create(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        // TensorBoard looks for the word tfevents, and reads files in the order of their names.
        let mut copy = 0;
        let (path, file) = loop {
            let name =
                format!("events.out.tfevents.{:010}.{:09}.{copy}.adflux", nanos / 1_000_000_000, nanos % 1_000_000_000);
            let path = folder.join(name);
            match File::create_new(&path) {
                Ok(file) => break (path, file),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => copy += 1,
                Err(e) => return Err(Error::io(path, e)),
            }
        };
        let mut events = EventFile { path, file: BufWriter::new(file) };
        let mut version = Message::default();
        version.text(3, "brain.Event:2");
        events.event(0, version)?;
        Ok(events)
    }

    pub(crate) fn scalar(&mut self, tag: &str, step: i64, value: f64) -> Result<()> {
        let mut tensor = Message::default();
        tensor.varint(1, DT_FLOAT);
        tensor.message(2, &Message::default());
        tensor.packed_floats(5, &[value as f32]);
        self.summary(tag, "scalars", step, &tensor)
    }

    /// Thirty bins of equal width, as Keras writes them.
    pub(crate) fn histogram(&mut self, tag: &str, step: i64, values: &[f32]) -> Result<()> {
        const BINS: usize = 30;
        let (low, high) = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        if values.is_empty() || !low.is_finite() || !high.is_finite() {
            return Ok(());
        }
        let width = f64::from(high - low) / BINS as f64;
        let mut counts = [0f64; BINS];
        for value in values {
            let bin = if width > 0.0 { (f64::from(value - low) / width) as usize } else { BINS - 1 };
            counts[bin.min(BINS - 1)] += 1.0;
        }
        let edge = |place: usize| f64::from(low) + place as f64 * width;
        let mut content = Vec::with_capacity(BINS * 3 * 8);
        for (place, count) in counts.iter().enumerate() {
            [edge(place), edge(place + 1), *count].iter().for_each(|v| content.extend(v.to_le_bytes()));
        }
        let mut shape = Message::default();
        for size in [BINS as u64, 3] {
            let mut axis = Message::default();
            axis.varint(1, size);
            shape.message(2, &axis);
        }
        let mut tensor = Message::default();
        tensor.varint(1, DT_DOUBLE);
        tensor.message(2, &shape);
        tensor.bytes(4, &content);
        self.summary(tag, "histograms", step, &tensor)
    }

    pub(crate) fn flush(&mut self) -> Result<()> {
        self.file.flush().map_err(|e| Error::io(&self.path, e))
    }

    fn summary(&mut self, tag: &str, plugin: &str, step: i64, tensor: &Message) -> Result<()> {
        let mut data = Message::default();
        data.text(1, plugin);
        let mut metadata = Message::default();
        metadata.message(1, &data);
        let mut value = Message::default();
        value.text(1, tag);
        value.message(9, &metadata);
        value.message(8, tensor);
        let mut summary = Message::default();
        summary.message(1, &value);
        let mut event = Message::default();
        event.message(5, &summary);
        self.event(step, event)
    }

    fn event(&mut self, step: i64, rest: Message) -> Result<()> {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        let mut event = Message::default();
        event.double(1, seconds);
        event.varint(2, step as u64);
        event.0.extend(rest.0);
        let length = (event.0.len() as u64).to_le_bytes();
        let mut record = Vec::with_capacity(event.0.len() + 16);
        record.extend(length);
        record.extend(masked(&length).to_le_bytes());
        record.extend(&event.0);
        record.extend(masked(&event.0).to_le_bytes());
        self.file.write_all(&record).map_err(|e| Error::io(&self.path, e))
    }
}

const DT_FLOAT: u64 = 1;
const DT_DOUBLE: u64 = 2;

/// The checksum of a record: CRC-32C, turned and shifted, so that a checksum of data with checksums in it stays one.
fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// A message of protocol buffers.
#[derive(Debug, Default)]
struct Message(Vec<u8>);

impl Message {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
    fn varint(&mut self, field: u64, value: u64) {
        self.number(field << 3);
        self.number(value);
    }
    fn double(&mut self, field: u64, value: f64) {
        self.number(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
    }
    fn bytes(&mut self, field: u64, value: &[u8]) {
        self.number(field << 3 | 2);
        self.number(value.len() as u64);
        self.0.extend(value);
    }
    fn text(&mut self, field: u64, value: &str) {
        self.bytes(field, value.as_bytes());
    }
    fn message(&mut self, field: u64, value: &Message) {
        self.bytes(field, &value.0);
    }
    fn packed_floats(&mut self, field: u64, values: &[f32]) {
        let content: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.bytes(field, &content);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_their_length_and_both_checksums() {
        // CRC-32C's check value, e3069283, turned and shifted.
        assert_eq!(masked(b"123456789"), 0xc78ab0e5);
        let folder = tempfile::tempdir().unwrap();
        let mut events = EventFile::create(folder.path()).unwrap();
        events.scalar("epoch_loss", 3, 0.25).unwrap();
        events.histogram("dense/kernel", 3, &[0.0, 1.0, 1.0]).unwrap();
        events.flush().unwrap();
        let bytes = std::fs::read(&events.path).unwrap();
        let (mut rest, mut records) = (&bytes[..], 0);
        while !rest.is_empty() {
            let number = |at: usize| u32::from_le_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]);
            let length = number(0) as usize;
            assert_eq!(number(8), masked(&rest[..8]));
            assert_eq!(number(12 + length), masked(&rest[12..12 + length]));
            (rest, records) = (&rest[16 + length..], records + 1);
        }
        assert_eq!(records, 3, "the version, a scalar, a histogram");
    }
}
