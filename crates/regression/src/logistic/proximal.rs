//! Penalties that make coefficients 0: Newton steps on the loss, each solved with its penalties by coordinate descent.

use super::{lbfgs::Answer, objective::LogLoss};
use crate::linear::{
    coordinate::{Penalties, descend},
    design::overflow,
    moments::Moments,
    passes::dot,
};
use adflux_core::{Context, Result};
use ndarray::Array2;

/// Rounds of a descent at most.
const ROUNDS: usize = 10_000;

/// Minimises the loss plus penalties (Lee, Sun & Saunders, 2014, *Proximal Newton-type methods*): line after line, each step halved until it
/// lowers the sum. It stops when a round over all lines promises less than `tol²`.
pub(super) fn minimise(
    loss: &LogLoss<'_>,
    mut lines: Vec<f64>,
    penalties: &Penalties,
    intercept: bool,
    tol: f64,
    max_iter: usize,
    context: &Context,
) -> Result<Answer> {
    let (width, stride) = (loss.design.width(), loss.stride());
    let mut scores = loss.scores(&lines);
    let mut value = loss.of_scores(&scores);
    for iteration in 0..max_iter {
        context.report("proximal Newton steps", iteration as u64, Some(max_iter as u64));
        let mut promised = 0.0;
        for line in 0..loss.lines {
            context.check()?;
            let (errors, curves) = loss.errors(&scores, line);
            let weights: Vec<f64> = curves
                .iter()
                .zip(&errors)
                .zip(loss.shares)
                .map(|((curve, error), share)| share * curve.max(1e-10 * error.abs()).max(f64::MIN_POSITIVE))
                .collect();
            let pulls: Vec<f64> = errors
                .iter()
                .zip(loss.shares)
                .zip(&weights)
                .map(|((error, share), weight)| if *weight > 0.0 { error * share / weight } else { 0.0 })
                .collect();
            let moments = Moments::of(loss.design, &[&pulls], Some(&weights), 0..loss.design.rows());
            let mut h = moments.with_ones(width);
            let gradient = moments.with_column(width);
            if gradient.iter().chain(&h).any(|v| !v.is_finite()) || !value.is_finite() {
                return Err(overflow());
            }
            if !intercept {
                h[stride * stride - 1] = 0.0;
            }
            let here = &lines[line * stride..(line + 1) * stride];
            let (mut b, mut running) = (here.to_vec(), gradient.clone());
            descend(&h, &mut running, &mut b, penalties, 0.01 * tol * tol, ROUNDS);
            let step: Vec<f64> = b.iter().zip(here).map(|(b, was)| b - was).collect();
            let charged = penalties.of(here);
            let gain = -(dot(&gradient, &step) + penalties.of(&b) - charged);
            if gain <= 0.0 {
                continue;
            }
            promised += gain;
            let mut whole = vec![0.0; lines.len()];
            whole[line * stride..(line + 1) * stride].copy_from_slice(&step);
            let ahead = loss.scores(&whole);
            let mut factor = 1.0;
            while factor > 1e-10 {
                let tried: Vec<f64> = here.iter().zip(&step).map(|(b, s)| b + factor * s).collect();
                let tried_scores: Array2<f64> = &scores + &(&ahead * factor);
                let tried_value = loss.of_scores(&tried_scores);
                let less = value + charged - tried_value - penalties.of(&tried);
                if less >= 1e-4 * factor * gain || (gain < 1e-11 && less >= -1e-12 * value.abs()) {
                    lines[line * stride..(line + 1) * stride].copy_from_slice(&tried);
                    (scores, value) = (tried_scores, tried_value);
                    break;
                }
                factor *= 0.5;
            }
        }
        if promised <= tol * tol {
            return Ok(Answer { lines, iterations: iteration + 1, converged: true });
        }
    }
    Ok(Answer { lines, iterations: max_iter, converged: false })
}
