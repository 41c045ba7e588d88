//! The `.adflux` file of a forecaster.

use super::{FittedForecasting, ForecastRecord, PanelColumns};
use crate::file::{FORMAT_VERSION, Holds, Part, Reader, pack, parts_of, read_manifest};
use adflux_core::{DynComponent as _, Error, PanelReport, Registry, Result, Saved, replace::replace_file};
use serde::{Deserialize, Serialize};
use std::{io::Write as _, path::Path};

const PARTS: [&str; 1] = ["forecaster"];

/// What stands in the `manifest.json` of a forecaster's file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForecastManifest {
    /// The format of the file.
    pub format: u32,
    /// `forecaster`.
    pub holds: String,
    /// The adflux that wrote it.
    pub adflux: String,
    /// The columns that it reads.
    pub columns: PanelColumns,
    /// How it was made.
    pub record: ForecastRecord,
    /// The state.
    pub parts: Vec<Part>,
}

impl Holds for ForecastManifest {
    const WHAT: &'static str = "forecaster";
    const HINT: &'static str = ": `adflux predict` reads pipelines";
    fn parts(&self) -> &[Part] {
        &self.parts
    }
}

impl ForecastManifest {
    /// Reads what a file says of itself, without loading the forecaster.
    ///
    /// # Errors
    /// Naming the file: it cannot be read, is damaged, comes from a newer adflux, or holds a pipeline.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        read_manifest(path.as_ref(), PARTS)
    }
}

impl FittedForecasting {
    /// Saves the forecaster as one `.adflux` file.
    ///
    /// # Errors
    /// When the state or the file cannot be written; the old file then stays.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = self.to_bytes()?;
        replace_file(path.as_ref(), |file| file.write_all(&bytes))
    }

    /// The bytes of the `.adflux` file.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let states: [(&str, Saved); 1] = [(PARTS[0], self.forecaster.save()?)];
        let manifest = ForecastManifest {
            format: FORMAT_VERSION,
            holds: ForecastManifest::WHAT.into(),
            adflux: env!("CARGO_PKG_VERSION").into(),
            columns: self.columns.clone(),
            record: self.record.clone(),
            parts: parts_of(&states),
        };
        pack(&manifest, &states)
    }

    /// Loads a forecaster whose kind is in `registry`.
    ///
    /// # Errors
    /// Naming the file: it cannot be read, is damaged (and where), comes from a newer adflux, or holds a pipeline or an unknown kind.
    pub fn load(path: impl AsRef<Path>, registry: &Registry) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
        Self::from_bytes(&bytes, path, registry)
    }

    /// Loads a forecaster from the bytes of its file; `name` stands for the file in messages.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn from_bytes(bytes: &[u8], name: impl AsRef<Path>, registry: &Registry) -> Result<Self> {
        let name = name.as_ref();
        let mut file = Reader::open(bytes, name)?;
        let manifest: ForecastManifest = file.manifest()?;
        let [forecaster] = file.states(&manifest, PARTS)?;
        Ok(FittedForecasting {
            columns: manifest.columns,
            forecaster: registry.load(&forecaster).map_err(|e| e.in_step(1, PARTS[0]).in_file(name))?,
            record: manifest.record,
            report: PanelReport::default(),
        })
    }
}
