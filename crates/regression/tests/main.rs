//! Tests of the crate from outside.

mod conformance;
mod data;
mod forests;
mod funnel;
mod inputs;
mod quality;
mod trees;
