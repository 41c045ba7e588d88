//! Integration tests.

mod association;
mod conformal;
mod metrics;
mod splits;
