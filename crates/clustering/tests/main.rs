//! Integration tests.

mod auto;
mod conformance;
mod dbscan;
mod hierarchical;
mod kmeans;
