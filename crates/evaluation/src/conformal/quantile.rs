//! The quantile that conformal prediction rests on.

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
    let rank = rank(scores.len(), level);
    if rank > scores.len() {
        return Ok(f64::INFINITY);
    }
    let mut scores = scores.to_vec();
    Ok(*scores.select_nth_unstable_by(rank - 1, f64::total_cmp).1)
}

/// The fewest rows whose [`conformal_quantile`] is finite: ⌈`level` / (1 − `level`)⌉.
///
/// ```
/// use adflux_evaluation::conformal::rows_needed;
/// assert_eq!([0.5, 0.8, 0.9, 0.95, 0.99].map(|level| rows_needed(level).unwrap()), [1, 4, 9, 19, 99]);
/// ```
///
/// # Errors
/// When `level` is not between 0 and 1.
pub fn rows_needed(level: f64) -> Result<usize> {
    open_unit("level", level)?;
    let about = (level / (1.0 - level)) as usize;
    // By the rule of the rank itself, whose rounding is not that of the division.
    let near = about.saturating_sub(1).max(1)..=about.saturating_add(2);
    Ok(near.clone().find(|&rows| rank(rows, level) <= rows).unwrap_or(*near.end()))
}

/// ⌈(rows + 1) · level⌉, at least 1.
pub(super) fn rank(rows: usize, level: f64) -> usize {
    // Against products such as 100 · 0.55 = 55.00000000000001, whose ceiling is not the one that is meant.
    ((rows as f64 + 1.0) * level - 1e-9).ceil().max(1.0) as usize
}
