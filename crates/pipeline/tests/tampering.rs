//! Taking an `.adflux` file apart and putting it together again, its sums right or wrong.

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::io::{Cursor, Read as _, Write as _};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

pub const ENTRIES: [&str; 3] = ["preprocessor.msgpack", "model.msgpack", "postprocessor.msgpack"];

/// What is in a file.
#[derive(Clone)]
pub struct Apart {
    pub manifest: Value,
    /// In the order of [`ENTRIES`].
    pub states: [Vec<u8>; 3],
}

pub fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

impl Apart {
    pub fn of(bytes: &[u8]) -> Self {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut entry = |name: &str| {
            let mut bytes = Vec::new();
            zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        };
        let manifest = serde_json::from_slice(&entry("manifest.json")).unwrap();
        Apart { manifest, states: ENTRIES.map(&mut entry) }
    }

    /// Another state, with its sum and size in the manifest: what someone who means harm would write.
    pub fn with_state(mut self, part: usize, state: Vec<u8>) -> Self {
        self.manifest["parts"][part]["bytes"] = state.len().into();
        self.manifest["parts"][part]["sha256"] = sum(&state).into();
        self.states[part] = state;
        self
    }

    pub fn together(&self) -> Vec<u8> {
        let manifest = serde_json::to_vec(&self.manifest).unwrap();
        self.together_with(|zip, options| {
            zip.start_file("manifest.json", options).unwrap();
            zip.write_all(&manifest).unwrap();
            for (name, state) in ENTRIES.iter().zip(&self.states) {
                zip.start_file(*name, options).unwrap();
                zip.write_all(state).unwrap();
            }
        })
    }

    /// A zip of whatever `write` puts in, with the right sum of the whole at its end.
    pub fn together_with(&self, write: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>, SimpleFileOptions)) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        write(&mut zip, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated));
        let mut comment = b"adflux sha256 ".to_vec();
        comment.extend([b'0'; 64]);
        zip.set_raw_comment(comment.into_boxed_slice()).unwrap();
        let mut bytes = zip.finish().unwrap().into_inner();
        let end = bytes.len() - 64;
        let whole = sum(&bytes[..end]);
        bytes[end..].copy_from_slice(whole.as_bytes());
        bytes
    }
}
