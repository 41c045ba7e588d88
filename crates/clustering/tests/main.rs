//! Integration tests.

mod auto;
mod conformance;
mod hierarchical;
mod kmeans;
