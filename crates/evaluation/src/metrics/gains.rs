//! Lift and cumulative gain: what is reached by taking the rows with the highest scores first.

use super::{curves::some_positive, ranked::Ranked};
use adflux_core::{
    Result,
    parameter::{between_one_and, ensure},
};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// More parts than this say nothing more of any file.
const MOST_PARTS: usize = 1_000_000;

/// One part of a gain table: with ten parts a decile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GainRow {
    /// The share of all rows that lie in this part or in one before.
    pub share: f64,
    /// The lowest score in this part.
    pub threshold: f64,
    /// The share of the rows of this part that are `true`.
    pub rate: f64,
    /// That share over the share of all rows that are: 1 is chance.
    pub lift: f64,
    /// The share of all `true` rows that lie in this part or in one before.
    pub gain: f64,
    /// `gain` over `share`: the lift of all parts so far together.
    pub cumulative_lift: f64,
}

/// The gain table: rows by falling score in `parts` parts of the same weight (10: deciles), and what each part brings. "Those
/// 10 % of the candidates bring 31 % of the applications, 3.1 times as many as 10 % taken at random."
///
/// Rows of one score that lie on a border are shared out between the parts, so that the order of the rows does not matter.
/// O(n · log n).
///
/// ```
/// use adflux_evaluation::metrics::gain_table;
/// use ndarray::array;
/// let table = gain_table(&[true, false, true, false], array![0.9, 0.1, 0.8, 0.3].view(), 2, None)?;
/// assert_eq!((table[0].rate, table[0].lift, table[0].gain, table[0].threshold), (1.0, 2.0, 1.0, 0.8));
/// assert_eq!((table[1].rate, table[1].gain, table[1].cumulative_lift), (0.0, 1.0, 1.0));
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`pr_auc`](super::pr_auc), and when `parts` is not between 1 and 1,000,000.
#[doc(alias = "cumulative_gain")]
pub fn gain_table(
    truth: &[bool],
    score: ArrayView1<f64>,
    parts: usize,
    weights: Option<ArrayView1<f64>>,
) -> Result<Vec<GainRow>> {
    between_one_and(MOST_PARTS, "parts", parts)?;
    let ranked = some_positive("gain_table", Ranked::new(truth, score, weights)?)?;
    let shares: Vec<f64> = (1..=parts).map(|part| part as f64 / parts as f64).collect();
    let overall = ranked.positive / ranked.total();
    let mut before = 0.0;
    let of_part = |(share, (gain, threshold)): (&f64, (f64, f64))| {
        let lift = (gain - before) * parts as f64;
        before = gain;
        GainRow { share: *share, threshold, rate: lift * overall, lift, gain, cumulative_lift: gain / share }
    };
    Ok(shares.iter().zip(gains(&ranked, &shares)).map(of_part).collect())
}

/// The share of all `true` rows that is reached by taking the `share` of the rows with the highest scores: a recall. For the
/// precision among them multiply the [lift](lift_at) by the share of `true` rows.
///
/// # Errors
/// As [`pr_auc`](super::pr_auc), and when `share` is not above 0 and at most 1.
pub fn gain_at(truth: &[bool], score: ArrayView1<f64>, share: f64, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    ensure(share > 0.0 && share <= 1.0, "share", share, "must be above 0 and at most 1")?;
    let ranked = some_positive("gain_at", Ranked::new(truth, score, weights)?)?;
    Ok(gains(&ranked, &[share]).next().map_or(1.0, |(gain, _)| gain))
}

/// How many times as many `true` rows there are among the `share` of the rows with the highest scores as among as many rows
/// taken at random.
///
/// ```
/// use adflux_evaluation::metrics::lift_at;
/// use ndarray::array;
/// let score = array![0.9, 0.1, 0.8, 0.3];
/// assert_eq!(lift_at(&[true, false, false, false], score.view(), 0.25, None)?, 4.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`gain_at`].
pub fn lift_at(truth: &[bool], score: ArrayView1<f64>, share: f64, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    Ok(gain_at(truth, score, share, weights)? / share)
}

/// For each of some rising shares of the rows what share of the `true` ones they hold, and the score at which it is reached.
fn gains<'a>(ranked: &'a Ranked, shares: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    let mut steps = ranked.steps();
    let mut step = steps.next();
    let (mut weight, mut positive) = (0.0, 0.0);
    shares.iter().map(move |share| {
        let wanted = share * ranked.total();
        while let Some(at) = step {
            let of_step = at.positive + at.negative;
            if weight + of_step >= wanted {
                let gain = (positive + at.positive * ((wanted - weight) / of_step)) / ranked.positive;
                return (gain, at.score);
            }
            weight += of_step;
            positive += at.positive;
            step = steps.next();
            if step.is_none() {
                // The last share is all rows, up to rounding.
                return (1.0, at.score);
            }
        }
        (1.0, f64::NEG_INFINITY)
    })
}
