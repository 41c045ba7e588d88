//! The `.adflux` file: one zip with a manifest and one state a part.
//!
//! | entry | what it holds |
//! |---|---|
//! | `manifest.json` | format and adflux version, the recipe, the input columns, how it was trained, and of each state its kind, version, size and SHA-256 |
//! | `preprocessor.msgpack`, `model.msgpack`, `postprocessor.msgpack` | the states: msgpack with field names, arrays as raw little-endian bytes |
//!
//! The file of a forecaster has `"holds": "forecaster"` in its manifest and one state, `forecaster.msgpack`
//! ([`FittedForecasting`](crate::FittedForecasting)).
//!
//! Numbers that JSON does not have stand in the manifest's recipe as `{"$number": "inf"}`.
//!
//! The last 64 bytes (inside the zip's comment) are the SHA-256 of all bytes before them, so that any damage is found; the
//! sums in the manifest then tell which part it hit. A file is written beside its place, synced, and renamed: a crash leaves
//! the old file or the new. Loading runs no code from the file, and unpacks no more than the manifest says and
//! [`MAX_STATE_BYTES`] allows.

mod container;

pub use container::what_is_in;
pub(crate) use container::{Holds, Reader, hex, pack, parts_of, read_manifest};

use crate::{AnyFittedPipeline, FittedPipeline, TrainingRecord};
use adflux_core::{DynComponent, Error, Registry, Result, Saved, replace::replace_file};
use adflux_data::Schema;
use serde::{Deserialize, Serialize};
use std::{io::Write as _, path::Path};

/// The format that this adflux writes, and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;

/// The most that one state may take when unpacked: 2 GiB.
pub const MAX_STATE_BYTES: u64 = 2 << 30;

const PARTS: [&str; 3] = ["preprocessor", "model", "postprocessor"];

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
        let states: Vec<(&str, Saved)> = PARTS.into_iter().zip(saved).collect();
        let manifest = Manifest {
            format: FORMAT_VERSION,
            adflux: env!("CARGO_PKG_VERSION").into(),
            schema: self.schema.clone(),
            training: self.training.clone(),
            parts: parts_of(&states),
        };
        pack(&manifest, &states)
    }
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
        let manifest: Manifest = file.manifest()?;
        let [preprocessor, model, postprocessor] = file.states(&manifest, PARTS)?;
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
        read_manifest(path.as_ref(), PARTS)
    }
}

impl Holds for Manifest {
    const WHAT: &'static str = container::PIPELINE;
    const HINT: &'static str = ": `adflux forecast --from` reads forecasters";
    fn parts(&self) -> &[Part] {
        &self.parts
    }
}
