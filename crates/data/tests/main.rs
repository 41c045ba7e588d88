//! Frames: reading and writing tables, columns as vectors, schema and roles.

mod bad_input;
mod chunks;
mod csv;
mod files;
mod frame;
mod parquet;
mod report;
mod rows;
mod sources;
mod training;
