//! Integration tests.

mod auto;
mod conformance;
mod kmeans;
