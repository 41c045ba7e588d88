//! Split-conformal mathematics: how wide an interval must be to contain the promised share of outcomes, whatever the model.
//!
//! Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*, 2005; Lei et al., *Distribution-Free Predictive
//! Inference for Regression*, JASA 2018. The rows that are scored must not have been learned from (out-of-fold predictions
//! are such), and new rows must be exchangeable with them.

use adflux_core::{Error, Result, parameter::open_unit};

/// The score that a new row does not exceed with a probability of at least `level`: the ⌈(n + 1) · `level`⌉-th smallest of the
/// n `scores`, usually absolute errors.
///
/// The + 1 is the new row itself, and what makes the promise hold for a finite n. Infinite when n < `level` / (1 − `level`)
/// (fewer than 19 scores at 0.95): so few rows cannot promise so much. O(n).
///
/// ```
/// use adflux_evaluation::conformal::conformal_quantile;
/// let errors: Vec<f64> = (1..=19).map(f64::from).collect();
/// assert_eq!(conformal_quantile(&errors, 0.9)?, 18.0);
/// assert_eq!(conformal_quantile(&errors[..18], 0.95)?, f64::INFINITY);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When `level` is not between 0 and 1, or a score is NaN.
pub fn conformal_quantile(scores: &[f64], level: f64) -> Result<f64> {
    open_unit("level", level)?;
    if let Some(row) = scores.iter().position(|s| s.is_nan()) {
        return Err(Error::cell("score", row, "missing: a score is needed for every row"));
    }
    // Against products such as 100 · 0.55 = 55.00000000000001, whose ceiling is not the one that is meant.
    let rank = ((scores.len() + 1) as f64 * level - 1e-9).ceil().max(1.0) as usize;
    if rank > scores.len() {
        return Ok(f64::INFINITY);
    }
    let mut scores = scores.to_vec();
    Ok(*scores.select_nth_unstable_by(rank - 1, f64::total_cmp).1)
}
