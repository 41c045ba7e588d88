//! Integration tests.

mod auto;
mod kmeans;
