//! Integration tests.

mod association;
mod compare;
mod conformal;
mod metrics;
mod scores;
mod splits;
