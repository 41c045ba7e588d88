//! L-BFGS with a metric: the smooth penalties.

use super::{metric::Metric, objective::LogLoss};
use crate::linear::{
    design::overflow,
    passes::{axpy, dot},
};
use adflux_core::{Context, Result};
use std::collections::VecDeque;

/// Steps remembered.
const MEMORY: usize = 10;
/// The metric is measured anew after so many steps: far from the start it is another.
const ANEW: [usize; 2] = [3, 9];

/// Where it ended, after how many steps, and whether it came to rest.
pub(super) struct Answer {
    pub(super) lines: Vec<f64>,
    pub(super) iterations: usize,
    pub(super) converged: bool,
}

/// Minimises the loss plus `penalty·b² / 2` of each coefficient from `lines` on (Liu & Nocedal, 1989), with the rough Hessian of a
/// part of the rows where the method has a multiple of the unit matrix. It stops when the gradient, measured in that metric, is
/// below `tol`.
pub(super) fn minimise(
    loss: &LogLoss<'_>,
    mut lines: Vec<f64>,
    penalty: &[f64],
    intercept: bool,
    tol: f64,
    max_iter: usize,
    context: &Context,
) -> Result<Answer> {
    let stride = loss.stride();
    let value_of = |lines: &[f64]| {
        let (mut value, mut gradient) = loss.gradient(lines);
        for (line, gradient) in lines.chunks_exact(stride).zip(gradient.chunks_exact_mut(stride)) {
            for ((b, g), p) in line.iter().zip(&mut *gradient).zip(penalty) {
                if *p > 0.0 {
                    value += 0.5 * p * b * b;
                    *g += p * b;
                }
            }
            if !intercept {
                gradient[stride - 1] = 0.0;
            }
        }
        (value, gradient)
    };
    let mut metric = Metric::new(loss, &lines, penalty, intercept);
    let mut memory: VecDeque<(Vec<f64>, Vec<f64>, f64)> = VecDeque::with_capacity(MEMORY);
    let (mut value, mut gradient) = value_of(&lines);
    for iteration in 0..max_iter {
        context.check()?;
        context.report("L-BFGS steps", iteration as u64, Some(max_iter as u64));
        if !value.is_finite() || gradient.iter().any(|g| !g.is_finite()) {
            return Err(overflow());
        }
        if ANEW.contains(&iteration) {
            metric = Metric::new(loss, &lines, penalty, intercept);
            memory.clear();
        }
        let length = metric.squared(&gradient).max(0.0).sqrt();
        if length <= tol {
            return Ok(Answer { lines, iterations: iteration, converged: true });
        }
        let step = direction(&memory, &metric, &gradient);
        let slope = dot(&step, &gradient);
        let mut factor = 1.0;
        let found = loop {
            let mut tried = lines.clone();
            axpy(factor, &step, &mut tried);
            let (tried_value, tried_gradient) = value_of(&tried);
            // The last steps gain less than the sum of the losses can show: there the slope decides.
            let flat = (tried_value - value).abs() <= 1e-13 * value.abs().max(1e-300)
                && dot(&tried_gradient, &step).abs() <= 0.9 * slope.abs();
            if tried_value <= value + 1e-4 * factor * slope || flat {
                break Some((tried, tried_value, tried_gradient));
            }
            factor *= 0.5;
            if factor < 1e-12 {
                break None;
            }
        };
        let Some((next, next_value, next_gradient)) = found else {
            return Ok(Answer { lines, iterations: iteration, converged: length <= tol.max(1e-7) });
        };
        let moved: Vec<f64> = next.iter().zip(&lines).map(|(a, b)| a - b).collect();
        let turned: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(a, b)| a - b).collect();
        let curve = dot(&moved, &turned);
        if curve > 0.0 {
            if memory.len() == MEMORY {
                memory.pop_front();
            }
            memory.push_back((moved, turned, curve));
        }
        (lines, value, gradient) = (next, next_value, next_gradient);
    }
    let converged = metric.squared(&gradient).max(0.0).sqrt() <= tol;
    Ok(Answer { lines, iterations: max_iter, converged })
}

/// The step that the remembered ones suggest (the two-loop recursion).
fn direction(memory: &VecDeque<(Vec<f64>, Vec<f64>, f64)>, metric: &Metric, gradient: &[f64]) -> Vec<f64> {
    let mut step: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut taken = Vec::with_capacity(memory.len());
    for (moved, turned, curve) in memory.iter().rev() {
        let share = dot(moved, &step) / curve;
        axpy(-share, turned, &mut step);
        taken.push(share);
    }
    step = metric.divide(&step);
    for ((moved, turned, curve), share) in memory.iter().zip(taken.into_iter().rev()) {
        let back = dot(turned, &step) / curve;
        axpy(share - back, moved, &mut step);
    }
    step
}
