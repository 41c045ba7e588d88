//! Frames: reading and writing CSV, columns as vectors, schema and roles.

mod csv;
mod frame;
mod training;
