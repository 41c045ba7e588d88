//! Tests of adflux-postprocessing through its public interface.

mod calibration;
mod campaign;
mod campaign_edges;
mod clip;
mod conformance;
mod funnel;
mod interval;
mod rules;
mod segments;
mod sequence;
mod set;

use adflux_core::{AnyTransform, DynComponent, Prediction, Registry, random::Rng};
use adflux_data::Frame;
use ndarray::Array1;
use rand::RngExt as _;

/// A fitted postprocessor as a pipeline holds it.
type Boxed = AnyTransform<(Frame, Prediction), Prediction>;

/// The component after a file: saved, and loaded by its kind.
fn reloaded(fitted: &impl DynComponent) -> Boxed {
    registry().load(&fitted.save().unwrap()).unwrap()
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    adflux_postprocessing::register(&mut registry).unwrap();
    registry
}

fn values(values: &[f64]) -> Prediction {
    Prediction::Values(Array1::from(values.to_vec()))
}

/// A frame of `rows` rows with one column of no meaning.
fn frame(rows: usize) -> Frame {
    Frame::builder().numbers("row", (0..rows).map(|r| r as f64).collect()).build().unwrap()
}

/// A standard normal number (the sum of twelve uniform ones: close enough for noise).
fn normal(rng: &mut Rng) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

/// How far an observed share of `rows` may lie from its expectation: `z` standard errors of a binomial share.
fn binomial_error(share: f64, rows: usize, z: f64) -> f64 {
    z * (share * (1.0 - share) / rows as f64).sqrt()
}
