//! What the steps before the first mean for the first steps.

use super::polynomial::step_down;

/// The covariance of what the steps before the first add to each of the first steps: of ηₜ = Σ_{i ≥ t} (φᵢ wₜ₋ᵢ + θᵢ eₜ₋ᵢ) for t = 1 … r, with r
/// the larger order and errors of variance 1. It is all of the past that matters. `None` unless φ is stationary. O(r²).
///
/// The autocovariances of the autoregression follow from its partial ones (Durbin and Levinson), those of w from these; η is a state
/// of Harvey's form less its first error, whose covariance P = T P Tᵀ + R Rᵀ is a recursion from its first row on.
pub(super) fn of_past(phi: &[f64], theta: &[f64]) -> Option<Vec<f64>> {
    let (p, q) = (phi.len(), theta.len());
    let r = p.max(q);
    let size = p.max(q + 1);
    let of_x = autoregressive(phi, size + q)?;
    // cov(wₜ, xₜ₋ₗ) for l = −q …
    let cross = |l: isize| -> f64 {
        let with = |j: usize| of_x[(l + j as isize).unsigned_abs()];
        with(0) + theta.iter().enumerate().map(|(j, theta)| theta * with(j + 1)).sum::<f64>()
    };
    let crossed: Vec<f64> = (-(q as isize)..=size as isize).map(cross).collect();
    let gamma = |k: usize| -> f64 {
        crossed[k + q] + theta.iter().enumerate().map(|(i, theta)| theta * crossed[k + q - (i + 1)]).sum::<f64>()
    };
    let gammas: Vec<f64> = (0..=size).map(gamma).collect();
    let mut psi = vec![1.0];
    for k in 1..=q {
        let known: f64 = phi.iter().take(k).enumerate().map(|(i, phi)| phi * psi[k - 1 - i]).sum();
        psi.push(theta[k - 1] + known);
    }

    let first = |j: usize| -> f64 {
        let of_phi: f64 = (j..=p).map(|k| phi[k - 1] * gammas[k + 1 - j]).sum();
        let of_theta: f64 = (j.max(2)..=q + 1).map(|k| theta[k - 2] * psi[k - j]).sum();
        of_phi + of_theta
    };
    // From 1 on, as in the formulas; the state has nothing beyond its size.
    let row: Vec<f64> = (1..=size + 1)
        .map(|j| match j {
            1 => gammas[0],
            j if j <= size => first(j),
            _ => 0.0,
        })
        .collect();
    let phi_at = |i: usize| phi.get(i - 1).copied().unwrap_or(0.0);
    let error_at = |i: usize| if i == 1 { 1.0 } else { theta.get(i - 2).copied().unwrap_or(0.0) };
    let mut omega = vec![0.0; r * r];
    // P of the row below, by column.
    let mut below = vec![0.0; size + 2];
    for i in (1..=size).rev() {
        let mut here = vec![0.0; size + 2];
        let (phi_i, error_i, next_i) = (phi_at(i), error_at(i), row[i]);
        for j in (1..=size).rev() {
            let phi_j = phi_at(j);
            let before = below[j + 1] + phi_i * row[j] + phi_j * next_i + phi_i * phi_j * row[0];
            here[j] = before + error_i * error_at(j);
            if i <= r && j <= r {
                omega[(i - 1) * r + j - 1] = before;
            }
        }
        below = here;
    }
    Some(omega)
}

/// The autocovariances of lags 0 to `lags` of an autoregression whose errors have variance 1.
fn autoregressive(phi: &[f64], lags: usize) -> Option<Vec<f64>> {
    let orders = step_down(phi)?;
    let shrunk = |order: &Vec<f64>| order.last().map_or(1.0, |last| 1.0 - last * last);
    let mut gamma = vec![1.0 / orders.iter().map(shrunk).product::<f64>()];
    let mut unexplained = gamma[0];
    for k in 1..=lags {
        let before = &orders[(k - 1).min(phi.len())];
        let known: f64 = before.iter().enumerate().map(|(i, phi)| phi * gamma[k - 1 - i]).sum();
        let last = if k <= phi.len() { orders[k][k - 1] } else { 0.0 };
        gamma.push(known + last * unexplained);
        unexplained *= 1.0 - last * last;
    }
    Some(gamma)
}
