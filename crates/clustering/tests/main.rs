//! Integration tests.

mod auto;
mod choosing;
mod conformance;
mod dbscan;
mod hdbscan;
mod hierarchical;
mod kmeans;
mod limits;
mod mini_batch;
mod mixed;
mod mixture;
mod mixture_auto;
