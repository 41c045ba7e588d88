//! Tests of the crate from outside.

mod data;
mod forests;
mod funnel;
mod inputs;
mod quality;
mod trees;
