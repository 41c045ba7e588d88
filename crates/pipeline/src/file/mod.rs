//! The `.adflux` file: one zip with a manifest and one state a part.
//!
//! | entry | what it holds |
//! |---|---|
//! | `manifest.json` | format and adflux version, the recipe, the input columns, how it was trained, and of each state its kind, version, size and SHA-256 |
//! | `preprocessor.msgpack`, `model.msgpack`, `postprocessor.msgpack` | the states: msgpack with field names, arrays as raw little-endian bytes |
//!
//! Numbers that JSON does not have stand in the manifest's recipe as `{"$number": "inf"}`.
//!
//! The last 64 bytes (inside the zip's comment) are the SHA-256 of all bytes before them, so that any damage is found; the
//! sums in the manifest then tell which part it hit. A file is written beside its place, synced, and renamed: a crash leaves
//! the old file or the new. Loading runs no code from the file, and unpacks no more than the manifest says and
//! [`MAX_STATE_BYTES`] allows.

use crate::{AnyFittedPipeline, FittedPipeline, TrainingRecord};
use adflux_core::{DynComponent, Error, Registry, Result, Saved};
use adflux_data::{Schema, replace_file};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    io::{Cursor, Read, Write},
    path::Path,
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// The format that this adflux writes, and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;

/// The most that one state may take when unpacked: 2 GiB.
pub const MAX_STATE_BYTES: u64 = 2 << 30;

const MAX_MANIFEST_BYTES: u64 = 64 << 20;
const MANIFEST: &str = "manifest.json";
const PARTS: [&str; 3] = ["preprocessor", "model", "postprocessor"];
const COMMENT: &str = "adflux sha256 ";
const SUM_LENGTH: usize = 64;

/// What stands in `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of the file.
    pub format: u32,
    /// The adflux that wrote it.
    pub adflux: String,
    /// The columns that the pipeline reads.
    pub schema: Schema,
    /// How it was trained.
    pub training: TrainingRecord,
    /// The states.
    pub parts: Vec<Part>,
}

/// One state in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// `preprocessor`, `model` or `postprocessor`.
    pub name: String,
    /// The component's kind.
    pub kind: String,
    /// The version of its state.
    pub version: u32,
    /// The size of its state.
    pub bytes: u64,
    /// The SHA-256 of its state.
    pub sha256: String,
}

impl<P: DynComponent, M: DynComponent, O: DynComponent> FittedPipeline<P, M, O> {
    /// Saves the pipeline as one `.adflux` file.
    ///
    /// # Errors
    /// When a state or the file cannot be written; the old file then stays.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let bytes = self.to_bytes()?;
        replace_file(path, |file| file.write_all(&bytes))
    }

    /// The bytes of the `.adflux` file.
    ///
    /// # Errors
    /// When a state cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let saved = [self.preprocessor.save()?, self.model.save()?, self.postprocessor.save()?];
        let parts = PARTS.iter().zip(&saved).map(|(name, s)| Part {
            name: (*name).into(),
            kind: s.kind.clone(),
            version: s.version,
            bytes: s.state.len() as u64,
            sha256: sum(&s.state),
        });
        let manifest = Manifest {
            format: FORMAT_VERSION,
            adflux: env!("CARGO_PKG_VERSION").into(),
            schema: self.schema.clone(),
            training: self.training.clone(),
            parts: parts.collect(),
        };
        pack(&manifest, &saved)
    }
}

fn pack(manifest: &Manifest, saved: &[Saved; 3]) -> Result<Vec<u8>> {
    let json = serde_json::to_vec_pretty(manifest).map_err(Error::backend)?;
    // No time stamp, so that the same pipeline gives the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(4))
        .last_modified_time(zip::DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let entries = std::iter::once((MANIFEST.to_string(), &json[..]));
    let entries = entries.chain(PARTS.iter().zip(saved).map(|(name, s)| (entry_name(name), &s.state[..])));
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

impl AnyFittedPipeline {
    /// Loads a pipeline whose kinds are in `registry`.
    ///
    /// # Errors
    /// Naming the file: it cannot be read, is damaged (and where), comes from a newer adflux, or holds an unknown kind.
    pub fn load(path: impl AsRef<Path>, registry: &Registry) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
        Self::from_bytes(&bytes, path, registry)
    }

    /// Loads a pipeline from the bytes of its file; `name` stands for the file in messages.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn from_bytes(bytes: &[u8], name: impl AsRef<Path>, registry: &Registry) -> Result<Self> {
        let mut file = Reader::open(bytes, name.as_ref())?;
        let manifest = file.manifest()?;
        let [preprocessor, model, postprocessor] = file.states(&manifest)?;
        let name = name.as_ref();
        let at = |part: usize| move |e: Error| e.in_step(part + 1, PARTS[part]).in_file(name);
        Ok(FittedPipeline {
            preprocessor: registry.load(&preprocessor).map_err(at(0))?,
            model: registry.load(&model).map_err(at(1))?,
            postprocessor: registry.load(&postprocessor).map_err(at(2))?,
            schema: manifest.schema,
            training: manifest.training,
        })
    }
}

impl Manifest {
    /// Reads what a file says of itself, without loading its states.
    ///
    /// # Errors
    /// Naming the file: it cannot be read, is damaged, or comes from a newer adflux.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
        let mut file = Reader::open(&bytes, path)?;
        let manifest = file.manifest()?;
        if !file.intact {
            // Tells which part it is.
            file.states(&manifest)?;
        }
        Ok(manifest)
    }
}

struct Reader<'a> {
    path: &'a Path,
    zip: ZipArchive<Cursor<&'a [u8]>>,
    intact: bool,
}

impl<'a> Reader<'a> {
    fn open(bytes: &'a [u8], path: &'a Path) -> Result<Self> {
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

    fn manifest(&mut self) -> Result<Manifest> {
        let json = self.entry(MANIFEST, MAX_MANIFEST_BYTES)?;
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let unreadable =
            |e: serde_json::Error| damaged(self.path, MANIFEST, format!("{e}: train again, or take a copy"));
        // The format alone first: a newer one may hold anything else.
        let Format { format } = serde_json::from_slice(&json).map_err(unreadable)?;
        if format > FORMAT_VERSION {
            return Err(Error::NewerFormat { path: self.path.into(), found: format, supported: FORMAT_VERSION });
        }
        serde_json::from_slice(&json).map_err(unreadable)
    }

    fn states(&mut self, manifest: &Manifest) -> Result<[Saved; 3]> {
        let mut read = |name: &str| {
            let part = manifest.parts.iter().find(|p| p.name == name);
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
        let states = [read(PARTS[0])?, read(PARTS[1])?, read(PARTS[2])?];
        if self.intact {
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
