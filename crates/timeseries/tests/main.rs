//! Integration tests.

mod additive;
mod anomalies;
mod arima;
mod auto;
mod backtest;
mod calendar;
mod changes;
mod combination;
mod conformance;
mod decomposition;
mod diagnosis;
mod ets;
mod futures;
mod global;
mod golden;
mod intermittent;
mod naive;
mod pacing;
mod theta;
mod wrapped;

use adflux_core::Panel;

/// A series that rises and repeats every four steps, and one that only wanders, each above 0.
fn panel() -> Panel {
    let seasonal = |step: usize| 20.0 + step as f64 + [0.0, 4.0, -3.0, 1.0][step % 4] + (step * 7 % 5) as f64 * 0.3;
    let wandering = |step: usize| 5.0 + (step * step % 17) as f64 * 0.4;
    let values = |of: &dyn Fn(usize) -> f64| (0..40).map(of).collect();
    Panel::from_values([("meta", values(&seasonal)), ("google", values(&wandering))]).unwrap()
}

/// A panel of one series called `a`.
fn alone(values: &[f64]) -> Panel {
    Panel::from_values([("a", values.to_vec())]).unwrap()
}
