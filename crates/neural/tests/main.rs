//! The integration tests of adflux-neural, in one binary.

mod callbacks;
mod conformance;
mod data;
mod fitting;
mod keras;
mod layers;
mod models;
mod recipes;
mod saving;
