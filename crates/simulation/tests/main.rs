//! What the simulations promise, checked on large draws.

mod constraints;
mod determinism;
mod documentation;
mod recovery;
mod tables;
