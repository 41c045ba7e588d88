//! Sets of classes.

use crate::calibration::{check_classes, check_probabilities};
use adflux_core::{Error, Result};
use ndarray::{Array2, ArrayView1, ArrayView2};

/// The scores of the least ambiguous sets (LAC): 1 − the probability of the class that came. `truth` is the column of
/// `probabilities` (rows × classes).
///
/// Sets by these scores are the smallest on the average that keep the promise, if the probabilities are right; hard rows are
/// covered less often than easy ones.
///
/// Sadinle, Lei & Wasserman (2019), *Least ambiguous set-valued classifiers with bounded error levels*.
///
/// # Errors
/// When there are no rows, lengths differ, a class has no column, or a number is not a probability.
pub fn lac_scores(probabilities: ArrayView2<f64>, truth: ArrayView1<u32>) -> Result<Vec<f64>> {
    check_classes(probabilities, truth)?;
    Ok(truth.iter().enumerate().map(|(row, &class)| 1.0 - probabilities[[row, class as usize]]).collect())
}

/// The classes in the set of each row: those with 1 − probability ≤ `threshold`, which is the
/// [quantile](super::conformal_quantile) of [`lac_scores`]. Rows × classes. A set may be empty: no class is as probable as the
/// class that came nearly always was.
///
/// ```
/// use adflux_evaluation::conformal::{conformal_quantile, lac_scores, lac_sets};
/// use ndarray::{Array1, Array2, array};
/// let said = Array2::from_shape_fn((9, 2), |(_, class)| [0.7, 0.3][class]);
/// let scores = lac_scores(said.view(), array![0, 0, 0, 0, 0, 0, 0, 1, 1].view())?;
/// // Two of nine were the less probable class: to cover 70 % the more probable one does, for 90 % it takes both.
/// let sets = |level: f64| lac_sets(said.view(), conformal_quantile(&scores, level)?);
/// assert_eq!(sets(0.7)?.row(0), array![true, false]);
/// assert_eq!(sets(0.9)?.row(0), array![true, true]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When a number is not a probability.
pub fn lac_sets(probabilities: ArrayView2<f64>, threshold: f64) -> Result<Array2<bool>> {
    check_probabilities(probabilities)?;
    Ok(probabilities.mapv(|p| 1.0 - p <= threshold))
}

/// The scores of adaptive prediction sets (APS): the probabilities of all classes that are more probable than the one that came,
/// plus a share of its own.
///
/// That share is 1 − u, with `u` a number between 0 and 1 for each row that does not look at the truth, usually drawn (the paper's
/// form, and what makes the promise tight); without `u` it is 1. Sets grow with how hard a row is, so that hard rows are covered
/// nearly as often as easy ones; on the average they are larger than those of LAC. Of equally probable classes the first in order
/// comes first. O(rows · classes · log classes).
///
/// Romano, Sesia & Candès (2020), *Classification with valid and adaptive coverage*.
///
/// # Errors
/// As [`lac_scores`], and when `u` is of another length or not between 0 and 1.
pub fn aps_scores(
    probabilities: ArrayView2<f64>,
    truth: ArrayView1<u32>,
    u: Option<ArrayView1<f64>>,
) -> Result<Vec<f64>> {
    check_classes(probabilities, truth)?;
    check_shares(probabilities.nrows(), u)?;
    let scores = aps(probabilities, u);
    Ok(truth.iter().enumerate().map(|(row, &class)| scores[[row, class as usize]]).collect())
}

/// The classes in the set of each row: those whose score, were they to come, would not exceed `threshold`, the
/// [quantile](super::conformal_quantile) of [`aps_scores`]. Rows × classes. With `u` of all ones the class at which the sum passes the
/// threshold is always in, and no set is empty; the sets are then larger than promised.
///
/// # Errors
/// When a number is not a probability, and when `u` is of another length or not between 0 and 1.
pub fn aps_sets(probabilities: ArrayView2<f64>, threshold: f64, u: Option<ArrayView1<f64>>) -> Result<Array2<bool>> {
    check_probabilities(probabilities)?;
    check_shares(probabilities.nrows(), u)?;
    Ok(aps(probabilities, u).mapv(|score| score <= threshold))
}

/// The score of every class of every row.
fn aps(probabilities: ArrayView2<f64>, u: Option<ArrayView1<f64>>) -> Array2<f64> {
    let mut scores = Array2::zeros(probabilities.raw_dim());
    let mut order: Vec<usize> = Vec::new();
    for (row, of_row) in probabilities.rows().into_iter().enumerate() {
        order.clear();
        order.extend(0..of_row.len());
        order.sort_by(|&a, &b| of_row[b].total_cmp(&of_row[a]));
        let (mut sum, share) = (0.0, u.map_or(0.0, |u| u[row]));
        for &class in &order {
            sum += of_row[class];
            scores[[row, class]] = sum - share * of_row[class];
        }
    }
    scores
}

fn check_shares(rows: usize, u: Option<ArrayView1<f64>>) -> Result<()> {
    let Some(u) = u else { return Ok(()) };
    if u.len() != rows {
        return Err(Error::data(format!("u of {} rows beside {rows} rows", u.len())));
    }
    match u.iter().position(|u| !(0.0..=1.0).contains(u)) {
        Some(row) => Err(Error::cell("u", row, format!("{} does not lie between 0 and 1", u[row]))),
        None => Ok(()),
    }
}
