//! The ROC and the precision–recall curve, and the areas under them.

use super::ranked::{Ranked, Step};
use adflux_core::{Error, Result};
use ndarray::ArrayView1;

/// The area under the ROC curve: how often a `true` row is scored above a `false` one, ties counting half. 0.5 is chance.
///
/// Scores need not be probabilities; only their order counts. O(n · log n), on all threads.
///
/// ```
/// use adflux_evaluation::metrics::roc_auc;
/// use ndarray::array;
/// assert_eq!(roc_auc(&[false, true, true], array![0.1, 0.1, 0.8].view(), None)?, 0.75);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When lengths differ, a score is not finite, the weights cannot be, or all rows (of weight above 0) are of one class.
#[doc(alias = "roc_auc_score")]
pub fn roc_auc(truth: &[bool], score: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let ranked = both_classes("roc_auc", Ranked::new(truth, score, weights)?)?;
    let (mut positive, mut area) = (0.0, 0.0);
    for step in ranked.steps() {
        area += step.negative * (positive + 0.5 * step.positive);
        positive += step.positive;
    }
    Ok(area / (ranked.positive * ranked.negative))
}

/// The area under the precision–recall curve as scikit-learn's average precision: the mean of the precisions at each
/// score, weighted by the recall it adds. The share of `true` rows is chance. The measure of choice when they are few.
///
/// # Errors
/// As [`roc_auc`]; rows that are all `true` are allowed.
#[doc(alias = "average_precision_score")]
pub fn pr_auc(truth: &[bool], score: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let ranked = some_positive("pr_auc", Ranked::new(truth, score, weights)?)?;
    let (mut positive, mut negative, mut area) = (0.0, 0.0, 0.0);
    for step in ranked.steps() {
        positive += step.positive;
        negative += step.negative;
        if step.positive > 0.0 {
            area += step.positive * positive / (positive + negative);
        }
    }
    Ok(area / ranked.positive)
}

/// A ROC curve: for every threshold what is caught, and how many false alarms that costs.
#[derive(Clone, Debug, PartialEq)]
pub struct RocCurve {
    /// The share of the `false` rows that score at least the threshold: rising from 0 to 1.
    pub false_positive_rate: Vec<f64>,
    /// The share of the `true` rows that do: rising from 0 to 1.
    pub true_positive_rate: Vec<f64>,
    /// The thresholds, falling; the first is infinite, where nothing is predicted `true`.
    pub thresholds: Vec<f64>,
}

/// The ROC curve (Fawcett 2006), a point for each distinct score.
///
/// `drop_intermediate` leaves out points on a straight line between their neighbours: the curve is the same, and much shorter
/// (scikit-learn's default is to do so). Where weights are no whole numbers, rounding may keep such points. O(n · log n).
///
/// ```
/// use adflux_evaluation::metrics::roc_curve;
/// use ndarray::array;
/// let curve = roc_curve(&[false, false, true, true], array![0.1, 0.4, 0.35, 0.8].view(), true, None)?;
/// assert_eq!(curve.false_positive_rate, [0.0, 0.0, 0.5, 0.5, 1.0]);
/// assert_eq!(curve.true_positive_rate, [0.0, 0.5, 0.5, 1.0, 1.0]);
/// assert_eq!(curve.thresholds, [f64::INFINITY, 0.8, 0.4, 0.35, 0.1]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`roc_auc`].
pub fn roc_curve(
    truth: &[bool],
    score: ArrayView1<f64>,
    drop_intermediate: bool,
    weights: Option<ArrayView1<f64>>,
) -> Result<RocCurve> {
    let ranked = both_classes("roc_curve", Ranked::new(truth, score, weights)?)?;
    let mut points: Vec<Step> = cumulative(&ranked).collect();
    if drop_intermediate && points.len() > 2 {
        let straight = |around: &[Step]| {
            let bend = |of: fn(&Step) -> f64| of(&around[2]) - of(&around[1]) - (of(&around[1]) - of(&around[0]));
            bend(|p| p.positive) == 0.0 && bend(|p| p.negative) == 0.0
        };
        let last = points[points.len() - 1];
        let corners: Vec<Step> = points.windows(3).filter(|around| !straight(around)).map(|around| around[1]).collect();
        points.truncate(1);
        points.extend(corners);
        points.push(last);
    }
    let with_first =
        |first: f64, of: &dyn Fn(&Step) -> f64| std::iter::once(first).chain(points.iter().map(of)).collect();
    Ok(RocCurve {
        false_positive_rate: with_first(0.0, &|p| p.negative / ranked.negative),
        true_positive_rate: with_first(0.0, &|p| p.positive / ranked.positive),
        thresholds: with_first(f64::INFINITY, &|p| p.score),
    })
}

/// A precision–recall curve.
#[derive(Clone, Debug, PartialEq)]
pub struct PrecisionRecallCurve {
    /// Of the rows that score at least the threshold, the share that is `true`. One longer than `thresholds`: the last, 1, is of
    /// none.
    pub precision: Vec<f64>,
    /// Of the `true` rows, the share that scores at least the threshold: falling; the last is 0.
    pub recall: Vec<f64>,
    /// The thresholds, rising: every distinct score.
    pub thresholds: Vec<f64>,
}

/// The precision–recall curve, a point for each distinct score, from the lowest on. O(n · log n).
///
/// ```
/// use adflux_evaluation::metrics::precision_recall_curve;
/// use ndarray::array;
/// let curve = precision_recall_curve(&[false, true, true], array![0.1, 0.4, 0.8].view(), None)?;
/// assert_eq!(curve.precision, [2.0 / 3.0, 1.0, 1.0, 1.0]);
/// assert_eq!(curve.recall, [1.0, 1.0, 0.5, 0.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`pr_auc`].
pub fn precision_recall_curve(
    truth: &[bool],
    score: ArrayView1<f64>,
    weights: Option<ArrayView1<f64>>,
) -> Result<PrecisionRecallCurve> {
    let ranked = some_positive("precision_recall_curve", Ranked::new(truth, score, weights)?)?;
    let mut points: Vec<Step> = cumulative(&ranked).collect();
    points.reverse();
    Ok(PrecisionRecallCurve {
        precision: points.iter().map(|p| p.positive / (p.positive + p.negative)).chain([1.0]).collect(),
        recall: points.iter().map(|p| p.positive / ranked.positive).chain([0.0]).collect(),
        thresholds: points.iter().map(|p| p.score).collect(),
    })
}

/// For each score the weights of the rows that score at least as much.
pub(super) fn cumulative(ranked: &Ranked) -> impl Iterator<Item = Step> {
    ranked.steps().scan((0.0, 0.0), |(positive, negative), step| {
        *positive += step.positive;
        *negative += step.negative;
        Some(Step { score: step.score, positive: *positive, negative: *negative })
    })
}

pub(super) fn both_classes(measure: &str, ranked: Ranked) -> Result<Ranked> {
    if ranked.positive == 0.0 || ranked.negative == 0.0 {
        return Err(Error::data(format!("{measure} needs rows of both classes, and all are of one")));
    }
    Ok(ranked)
}

pub(super) fn some_positive(measure: &str, ranked: Ranked) -> Result<Ranked> {
    if ranked.positive == 0.0 {
        return Err(Error::data(format!("{measure} needs rows of the class that is looked for, and there are none")));
    }
    Ok(ranked)
}
