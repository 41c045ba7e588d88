//! Whether one of two recipes is better by more than the chance of which rows were drawn into which fold.
//!
//! [`compare`](mod@crate::compare) asks this of two predictions of the same rows; here two *recipes* are asked, whose scores on
//! the same folds stand side by side. The scores of folds are not independent, because their training sets overlap, and the
//! ordinary paired t-test finds differences that are not there in far more than 5 % of cases. Two tests that do not:
//!
//! | test | folds | reference |
//! |---|---|---|
//! | [`corrected_t_test`] | any, the more repeats the better; 10 × 10 is usual | Nadeau and Bengio 2003; Bouckaert and Frank 2004 |
//! | [`five_by_two_f_test`] | 2 folds, 5 repeats | Alpaydın 1999 |
//!
//! ```
//! use adflux_evaluation::paired::corrected_t_test;
//! let (old, new) = ([0.80, 0.82, 0.79, 0.81, 0.80], [0.83, 0.84, 0.83, 0.83, 0.84]);
//! // Five folds: each is judged by a quarter as many rows as it learned from.
//! let test = corrected_t_test(&old, &new, 1.0 / 4.0, 0.95)?;
//! assert!(test.lower > 0.0 && test.p_value < 0.05, "the new one is better");
//! # Ok::<(), adflux_core::Error>(())
//! ```

use crate::distributions::{fisher_f_above, student_t_half_width, student_t_two_sided};
use adflux_core::{
    Error, Result,
    parameter::{open_unit, positive},
};
use serde::{Deserialize, Serialize};

/// The difference of two recipes on the same folds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedTest {
    /// The mean of the first over the folds.
    pub a: f64,
    /// The mean of the second.
    pub b: f64,
    /// `b` − `a`.
    pub difference: f64,
    /// The lower end of the interval of the difference.
    pub lower: f64,
    /// The upper end. Where 0 lies outside, the difference is more than chance at this level.
    pub upper: f64,
    /// The share of such intervals that contain the true difference.
    pub level: f64,
    /// The test statistic t.
    pub statistic: f64,
    /// Its degrees of freedom: folds − 1.
    pub degrees: f64,
    /// How probable a difference at least so large is if there is none, in either direction.
    pub p_value: f64,
}

/// The corrected resampled t-test: t = d̄ / √((1/J + q) s²), with the mean d̄ and the variance s² (over J − 1) of the
/// differences on J folds, and q = rows to judge by / rows to learn from of a fold (1/(k − 1) for k folds), against Student's t
/// with J − 1 degrees of freedom. The interval is d̄ ± t* √((1/J + q) s²).
///
/// `a` and `b` are scores of the same folds in the same order. Folds in which either is NaN (not defined) are left out. When all
/// differences are equal the interval is a point, and p is 1 for a difference of 0 and 0 for any other.
///
/// Nadeau and Bengio 2003, *Inference for the Generalization Error*, Machine Learning 52. For k-fold cross-validation repeated
/// with different draws: Bouckaert and Frank 2004, *Evaluating the Replicability of Significance Tests for Comparing Learning
/// Algorithms*. q is their estimate of how much folds have in common, not a bound: the test holds its level well in their
/// experiments, which is not proven.
///
/// # Errors
/// When there are fewer than two folds with both scores, different numbers of them, `test_over_train` is not above 0, or `level`
/// is not between 0 and 1.
#[doc(alias = "nadeau_bengio")]
pub fn corrected_t_test(a: &[f64], b: &[f64], test_over_train: f64, level: f64) -> Result<PairedTest> {
    positive("test_over_train", test_over_train)?;
    open_unit("level", level)?;
    if a.len() != b.len() {
        return Err(Error::data(format!(
            "{} scores beside {}: both recipes are judged on the same folds",
            a.len(),
            b.len()
        )));
    }
    let pairs: Vec<(f64, f64)> = a.iter().zip(b).map(|(a, b)| (*a, *b)).filter(|(a, b)| !(b - a).is_nan()).collect();
    let folds = pairs.len() as f64;
    if pairs.len() < 2 {
        return Err(Error::data(format!(
            "{} folds with both scores: at least 2 are needed, 10 or more are better",
            pairs.len()
        )));
    }
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / folds;
    let difference = mean(&|(a, b)| b - a);
    let variance = mean(&|(a, b)| (b - a - difference).powi(2)) * folds / (folds - 1.0);
    let error = ((1.0 / folds + test_over_train) * variance).sqrt();
    let degrees = folds - 1.0;
    // 0 / 0 where both are the same on every fold.
    let statistic = if difference == 0.0 { 0.0 } else { difference / error };
    let half_width = if error == 0.0 { 0.0 } else { student_t_half_width(level, degrees) * error };
    Ok(PairedTest {
        a: mean(&|(a, _)| *a),
        b: mean(&|(_, b)| *b),
        difference,
        lower: difference - half_width,
        upper: difference + half_width,
        level,
        statistic,
        degrees,
        p_value: student_t_two_sided(statistic, degrees),
    })
}

/// What [`five_by_two_f_test`] finds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FTest {
    /// F, with 10 and 5 degrees of freedom.
    pub statistic: f64,
    /// How probable so large an F is if neither recipe is better.
    pub p_value: f64,
}

/// The combined 5 × 2 cv F-test: F = Σ dᵢⱼ² / (2 Σ sᵢ²) over five repeats of two folds, with the differences dᵢⱼ and in each
/// repeat sᵢ² = (dᵢ₁ − d̄ᵢ)² + (dᵢ₂ − d̄ᵢ)².
///
/// `a` and `b` are the scores of the ten folds, those of one repeat side by side. Both recipes learn from half of the rows, so it
/// speaks of smaller data than the corrected t-test does; it is the one to trust when fits are cheap and rows many.
///
/// Alpaydın 1999, *Combined 5 × 2 cv F Test for Comparing Supervised Classification Learning Algorithms*, Neural Computation 11.
///
/// # Errors
/// When there are not ten finite scores of each.
pub fn five_by_two_f_test(a: &[f64], b: &[f64]) -> Result<FTest> {
    if a.len() != 10 || b.len() != 10 || a.iter().chain(b).any(|score| !score.is_finite()) {
        return Err(Error::data("the 5 × 2 cv test needs ten finite scores of each: two folds, five times over"));
    }
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
    let squares: f64 = differences.iter().map(|d| d * d).sum();
    let variances: f64 = differences.chunks(2).map(|d| (d[0] - d[1]).powi(2) / 2.0).sum();
    let statistic = if squares == 0.0 { 0.0 } else { squares / (2.0 * variances) };
    Ok(FTest { statistic, p_value: fisher_f_above(statistic, 10.0, 5.0) })
}
