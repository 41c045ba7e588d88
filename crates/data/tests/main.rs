//! Frames: reading and writing tables, columns as vectors, schema and roles.

mod bad_input;
mod csv;
mod files;
mod frame;
mod rows;
mod training;
