//! The area under the ROC curve for more than two classes.

use super::{curves::roc_auc, probability::of_classes};
use crate::checks::Weights;
use adflux_core::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayView2};

/// Which classes are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "ovr")]
#[doc(alias = "ovo")]
pub enum MultiClass {
    /// Each class against all others together.
    OneVsRest,
    /// Each pair of classes, by the probabilities of one and of the other (Hand and Till 2001): what it says does not depend on
    /// how frequent the classes are, when the mean is plain.
    OneVsOne,
}

/// The area under the ROC curve of more than two classes: the mean over the classes or over their pairs, plain or by how many
/// rows they have.
///
/// `truth` is the column of `probabilities` (rows × classes) that came. `by_prevalence` is scikit-learn's `average="weighted"`,
/// the plain mean its `"macro"`. With weights a pair weighs what its rows weigh; scikit-learn refuses weights for pairs.
/// O(classes · rows · log rows), for pairs together the same.
///
/// ```
/// use adflux_evaluation::metrics::{MultiClass, roc_auc_multiclass};
/// use ndarray::array;
/// let probabilities = array![[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7], [0.5, 0.4, 0.1]];
/// let truth = array![0, 1, 2, 1];
/// let area = roc_auc_multiclass(truth.view(), probabilities.view(), MultiClass::OneVsRest, false, None)?;
/// assert_eq!(area, 1.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`log_loss`](super::log_loss), and when no row (of weight above 0) is of some class: the class is named, since
/// the area of a class that never came is not defined.
#[doc(alias = "roc_auc_score")]
pub fn roc_auc_multiclass(
    truth: ArrayView1<u32>,
    probabilities: ArrayView2<f64>,
    multi_class: MultiClass,
    by_prevalence: bool,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    of_classes(truth, probabilities)?;
    let classes = probabilities.ncols();
    let checked = Weights::new(truth.len(), weights)?;
    let mut weight_of = vec![0.0; classes];
    truth.iter().enumerate().for_each(|(row, class)| weight_of[*class as usize] += checked.get(row));
    if let Some(class) = weight_of.iter().position(|weight| *weight == 0.0) {
        return Err(Error::data(format!("no row is of class {class}: leave its column out, or add rows of it")));
    }
    if classes < 2 {
        return Err(Error::data("roc_auc_multiclass needs rows of two classes or more, and there is one"));
    }
    let mut areas = Vec::new();
    match multi_class {
        MultiClass::OneVsRest => {
            for (class, weight) in weight_of.iter().enumerate() {
                let is_class: Vec<bool> = truth.iter().map(|code| *code as usize == class).collect();
                areas.push((roc_auc(&is_class, probabilities.column(class), weights)?, *weight));
            }
        }
        MultiClass::OneVsOne => {
            for (a, b) in (0..classes).flat_map(|a| (a + 1..classes).map(move |b| (a, b))) {
                areas.push((pair(truth, probabilities, a, b, checked)?, weight_of[a] + weight_of[b]));
            }
        }
    }
    let count = |weight: f64| if by_prevalence { weight } else { 1.0 };
    let total: f64 = areas.iter().map(|(_, weight)| count(*weight)).sum();
    Ok(areas.iter().map(|(area, weight)| area * count(*weight)).sum::<f64>() / total)
}

/// How well `a` and `b` are told apart: the mean of doing so by the probability of `a` and by that of `b`.
fn pair(truth: ArrayView1<u32>, probabilities: ArrayView2<f64>, a: usize, b: usize, weights: Weights) -> Result<f64> {
    let rows: Vec<usize> = (0..truth.len()).filter(|&row| [a, b].contains(&(truth[row] as usize))).collect();
    let weights: Array1<f64> = rows.iter().map(|&row| weights.get(row)).collect();
    let by = |class: usize| {
        let truth: Vec<bool> = rows.iter().map(|&row| truth[row] as usize == class).collect();
        let score: Array1<f64> = rows.iter().map(|&row| probabilities[[row, class]]).collect();
        roc_auc(&truth, score.view(), Some(weights.view()))
    };
    Ok((by(a)? + by(b)?) / 2.0)
}
