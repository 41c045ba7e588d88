//! Integration tests.

mod association;
mod bootstrap;
mod calibration;
mod compare;
mod conformal;
mod conformal_golden;
mod conformal_promises;
mod drift;
mod fairness;
mod measures;
mod metrics;
mod named_measures;
mod paired;
mod scores;
mod search;
mod split_recipes;
mod splits;
