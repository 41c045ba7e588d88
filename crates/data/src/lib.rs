//! Typed frames with column roles, read from and written to files.
//!
//! A [`Frame`] is a polars data frame seen the way adflux uses it: columns are numbers, truth values, text or times
//! ([`ColumnKind`]), and each has a [`Role`]. This crate is the only way by which polars enters adflux.
//!
//! ```
//! use adflux_data::{Frame, Role};
//! let frame = Frame::read_csv_bytes(b"id;platform;ctr\n1;META;0.012\n2;GOOGLE;\n", "example")?;
//! assert_eq!(frame.names().collect::<Vec<_>>(), ["id", "platform", "ctr"]);
//! assert!(frame.numbers("ctr")?[1].is_nan());
//! let frame = frame.with_role("id", Role::Id)?;
//! assert_eq!(frame.names_with(Role::Feature), ["platform", "ctr"]);
//! # Ok::<(), adflux_core::Error>(())
//! ```

mod builder;
mod chunks;
mod columns;
mod csv;
mod files;
mod frame;
mod ndjson;
mod parquet;
mod records;
mod report;
mod rows;
mod schema;
mod sources;
mod text;
mod training;
mod typing;
mod writer;

pub use adflux_core::calendar;
pub use builder::FrameBuilder;
pub use chunks::{Chunk, Chunks};
pub use files::{TableFormat, write_standard_output};
pub use frame::Frame;
pub use report::{ColumnReport, DataReport, LevelCount, NumberSummary};
pub use schema::{ColumnKind, Field, Role, Schema};
pub use sources::matching_files;
pub use training::Task;
pub use writer::TableWriter;
