//! The zip that every `.adflux` file is: a manifest, states, and sums that tell damage.

use super::{FORMAT_VERSION, MAX_STATE_BYTES, Part};
use adflux_core::{Error, Result, Saved};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use std::{
    io::{Cursor, Read, Write},
    path::Path,
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

const MAX_MANIFEST_BYTES: u64 = 64 << 20;
const MANIFEST: &str = "manifest.json";
const COMMENT: &str = "adflux sha256 ";
const SUM_LENGTH: usize = 64;

/// What files hold whose manifest does not say it.
pub(crate) const PIPELINE: &str = "pipeline";

/// The manifest of one sort of file.
pub(crate) trait Holds: DeserializeOwned {
    /// What the file holds; of a pipeline the manifest does not say it.
    const WHAT: &'static str;
    /// Added where a file holds something else: what reads that.
    const HINT: &'static str;
    /// The states.
    fn parts(&self) -> &[Part];
}

/// The list of states that stands in a manifest.
pub(crate) fn parts_of(states: &[(&str, Saved)]) -> Vec<Part> {
    let part = |(name, saved): &(&str, Saved)| Part {
        name: (*name).into(),
        kind: saved.kind.clone(),
        version: saved.version,
        bytes: saved.state.len() as u64,
        sha256: sum(&saved.state),
    };
    states.iter().map(part).collect()
}

/// The bytes of a file with this manifest and these states by their names.
pub(crate) fn pack(manifest: &impl Serialize, states: &[(&str, Saved)]) -> Result<Vec<u8>> {
    let json = serde_json::to_vec_pretty(manifest).map_err(Error::backend)?;
    // No time stamp, so that the same pipeline gives the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(4))
        .last_modified_time(zip::DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let entries = std::iter::once((MANIFEST.to_string(), &json[..]));
    let entries = entries.chain(states.iter().map(|(name, s)| (entry_name(name), &s.state[..])));
    for (name, bytes) in entries {
        let large = options.large_file(bytes.len() as u64 >= u64::from(u32::MAX) / 2);
        zip.start_file(name, large).map_err(Error::backend)?;
        zip.write_all(bytes).map_err(Error::backend)?;
    }
    let mut comment = COMMENT.as_bytes().to_vec();
    comment.resize(COMMENT.len() + SUM_LENGTH, b'0');
    zip.set_raw_comment(comment.into_boxed_slice()).map_err(Error::backend)?;
    let mut bytes = zip.finish().map_err(Error::backend)?.into_inner();
    let end = bytes.len() - SUM_LENGTH;
    let whole = sum(&bytes[..end]);
    bytes[end..].copy_from_slice(whole.as_bytes());
    Ok(bytes)
}

/// What a file holds: `pipeline` or `forecaster`.
///
/// # Errors
/// Naming the file: it cannot be read, is damaged, or comes from a newer adflux.
pub fn what_is_in(path: impl AsRef<Path>) -> Result<String> {
    let path = path.as_ref();
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    Ok(Reader::open(&bytes, path)?.format()?.0)
}

/// What a file says of itself; its states are read only where the whole is damaged, to tell which it is.
pub(crate) fn read_manifest<M: Holds, const N: usize>(path: &Path, names: [&str; N]) -> Result<M> {
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    let mut file = Reader::open(&bytes, path)?;
    let manifest: M = file.manifest()?;
    if !file.intact {
        file.states(&manifest, names)?;
    }
    Ok(manifest)
}

/// A file that is being read.
pub(crate) struct Reader<'a> {
    path: &'a Path,
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Whether its bytes are those that were written.
    intact: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn open(bytes: &'a [u8], path: &'a Path) -> Result<Self> {
        let intact = bytes.len() > SUM_LENGTH && {
            let (content, written) = bytes.split_at(bytes.len() - SUM_LENGTH);
            content.ends_with(COMMENT.as_bytes()) && sum(content).as_bytes() == written
        };
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| {
            let reason = format!("it is cut short, or not an .adflux file ({e}): train again, or take a copy");
            damaged(path, "the file", reason)
        })?;
        Ok(Reader { path, zip, intact })
    }

    /// What it holds, and the bytes of its manifest.
    fn format(&mut self) -> Result<(String, Vec<u8>)> {
        let json = self.entry(MANIFEST, MAX_MANIFEST_BYTES)?;
        #[derive(Deserialize)]
        struct Format {
            format: u32,
            #[serde(default)]
            holds: Option<String>,
        }
        // The format alone first: a newer one may hold anything else.
        let Format { format, holds } = serde_json::from_slice(&json).map_err(|e| self.unreadable(&e))?;
        if format > FORMAT_VERSION {
            return Err(Error::NewerFormat { path: self.path.into(), found: format, supported: FORMAT_VERSION });
        }
        Ok((holds.unwrap_or_else(|| PIPELINE.into()), json))
    }

    fn unreadable(&self, error: &serde_json::Error) -> Error {
        damaged(self.path, MANIFEST, format!("{error}: train again, or take a copy"))
    }

    pub(crate) fn manifest<M: Holds>(&mut self) -> Result<M> {
        let (holds, json) = self.format()?;
        if holds != M::WHAT {
            let reason = format!("it holds a {holds}, where a {} is wanted{}", M::WHAT, M::HINT);
            return Err(Error::data(reason).in_file(self.path));
        }
        serde_json::from_slice(&json).map_err(|e| self.unreadable(&e))
    }

    /// The states of the parts that the manifest must have.
    pub(crate) fn states<M: Holds, const N: usize>(&mut self, manifest: &M, names: [&str; N]) -> Result<[Saved; N]> {
        let mut read = |name: &str| {
            let part = manifest.parts().iter().find(|p| p.name == name);
            let part = part.ok_or_else(|| damaged(self.path, MANIFEST, format!("it does not list the {name}")))?;
            let state = self.entry(&entry_name(name), part.bytes.min(MAX_STATE_BYTES))?;
            if sum(&state) != part.sha256 {
                return Err(damaged(
                    self.path,
                    entry_name(name),
                    "its checksum does not match: train again, or take a copy",
                ));
            }
            Ok(Saved { kind: part.kind.clone(), version: part.version, state })
        };
        let mut states = Vec::with_capacity(N);
        for name in names {
            states.push(read(name)?);
        }
        if self.intact
            && let Ok(states) = states.try_into()
        {
            return Ok(states);
        }
        // Every state is whole: the damage is in the manifest, or in the zip's own bookkeeping.
        Err(damaged(self.path, MANIFEST, "the checksum of the file does not match: train again, or take a copy"))
    }

    fn entry(&mut self, name: &str, limit: u64) -> Result<Vec<u8>> {
        let found = self.zip.by_name(name);
        let found = found.map_err(|e| damaged(self.path, name, format!("{e}: train again, or take a copy")))?;
        let mut bytes = Vec::new();
        found
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|e| damaged(self.path, name, format!("{e}: train again, or take a copy")))?;
        if bytes.len() as u64 > limit {
            return Err(damaged(self.path, name, format!("it unpacks to more than the {limit} bytes it may have")));
        }
        Ok(bytes)
    }
}

fn entry_name(part: &str) -> String {
    format!("{part}.msgpack")
}

fn damaged(path: &Path, entry: impl Into<String>, reason: impl Into<String>) -> Error {
    Error::Damaged { path: path.into(), entry: entry.into(), reason: reason.into() }
}

fn sum(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
