//! What is fuzzed: one function for each door through which bytes of others come in. None may panic, hang, or fill the
//! memory, whatever the bytes; each says whether the bytes were taken for what they should be.
//!
//! The fuzz targets in `fuzz_targets` call these functions, and so do the tests in `tests/fuzz.rs`, which include this
//! file as a module: a short run on stable Rust with every test of the workspace.

pub mod csv;
pub mod deadline;
pub mod file;
pub mod parquet;
pub mod seeds;
pub mod spec;
pub mod tiny;

use adflux::core::{Registry, Result};
use std::sync::LazyLock;

/// Every component by name.
pub static REGISTRY: LazyLock<Registry> = LazyLock::new(|| sure(adflux::registry(), "adflux's own components"));

/// The value of what must not fail.
pub fn sure<T>(result: Result<T>, what: &str) -> T {
    result.unwrap_or_else(|error| panic!("{what}: {error}"))
}

/// The value, or `None` of an error, whose message can be made.
pub fn or_refused<T>(result: Result<T>) -> Option<T> {
    result.map_err(|error| error.to_string()).ok()
}
