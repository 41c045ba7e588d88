//! [`SelectKBest`]: the columns that go best with the target.

use super::{
    scores::{Groups, ScoreFunction, Scores, chi2, f_classif, f_regression},
    selection::Selection,
};
use crate::{
    moments::require_numbers,
    step::{Learn, step},
};
use adflux_core::{
    Block, ClassTarget, Column, Context, Error, Features, Result, Target, Training, Transform, parameter,
};
use adflux_evaluation::quantiles::quantiles;
use serde::{Deserialize, Serialize};

/// Keeps the numeric columns with the highest scores against the target, each looked at by itself.
///
/// | `score_func` | target | score | p-value of |
/// |---|---|---|---|
/// | `f_classif` | classes | variance between the classes over that within | F(classes − 1, n − classes) |
/// | `f_regression` | numbers | r² / (1 − r²) · (n − 2), r the correlation | F(1, n − 2) |
/// | `chi2` | classes | Σ (observed − expected)² / expected over the sums of the classes | χ²(classes − 1) |
///
/// Takes dense and sparse blocks, whose columns are compared with each other; the kept columns keep their order, names,
/// lineage and kind of block. A column that says something only together with another is not seen. Fitted inside a pipeline,
/// cross-validation selects in each fold anew; selected before, on all rows, the target of the test rows would leak.
///
/// Row weights do not count, as in scikit-learn's `SelectKBest` and `SelectPercentile` (`share` is its percentile by 100),
/// whose defaults and results these are: more columns asked for than there are keeps all; of equal scores the later columns
/// are kept, with `share` the earlier. Scores that are not defined, of constant columns, are the lowest. Missing and infinite
/// values are refused. p-values are exact to 10⁻¹² up to a thousand rows, and to 10⁻⁸ for millions. O(numbers stored +
/// classes × columns).
///
/// References: Fisher (1925), *Statistical methods for research workers*; Pearson (1900), *On the criterion that a given
/// system of deviations …*
///
/// ```
/// use adflux_core::{Features, Fit, Target, Training, Transform};
/// use adflux_preprocessing::{ScoreFunction, SelectKBest};
/// use ndarray::array;
///
/// let x = array![[1.0, 9.0], [2.0, 1.0], [3.0, 8.0], [4.1, 2.0]];
/// let x = Features::from_dense(x, ["budget", "weekday"])?;
/// let data = Training::new(x.clone()).with_target(Target::Values(array![10.0, 20.0, 30.0, 40.0]));
/// let best = SelectKBest::new(1).score_func(ScoreFunction::FRegression).fit(data)?;
/// assert_eq!(best.kept().next().map(|c| c.name.as_str()), Some("budget"));
/// assert!(best.p_values()[0] < 0.001 && best.p_values()[1] > 0.1);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SelectKBest {
    /// How a column is scored. Default: [`ScoreFunction::FClassif`].
    pub score_func: ScoreFunction,
    /// How many columns are kept, when no `share` is given. Default: 10.
    pub k: usize,
    /// The share of the columns that is kept, above 0 and at most 1. Default: none, `k` counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
}

impl Default for SelectKBest {
    fn default() -> Self {
        SelectKBest { score_func: ScoreFunction::FClassif, k: 10, share: None }
    }
}

impl SelectKBest {
    /// Keeps this many columns.
    pub fn new(k: usize) -> Self {
        SelectKBest { k, ..SelectKBest::default() }
    }

    /// How a column is scored.
    pub fn score_func(mut self, score_func: ScoreFunction) -> Self {
        self.score_func = score_func;
        self
    }

    /// How many columns are kept.
    pub fn k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// The share of the columns that is kept, in place of their number.
    pub fn share(mut self, share: f64) -> Self {
        self.share = Some(share);
        self
    }
}

/// A fitted [`SelectKBest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedSelectKBest {
    selection: Selection,
    #[serde(with = "adflux_core::arrays")]
    scores: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    p_values: Vec<f64>,
}

step!(SelectKBest => FittedSelectKBest, "select-k-best", version = 1);
const KIND: &str = "select-k-best";

impl Learn for SelectKBest {
    type Fitted = FittedSelectKBest;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedSelectKBest> {
        parameter::at_least_one("k", self.k)?;
        if let Some(share) = self.share {
            let reason = "a share of the columns is above 0 and at most 1";
            parameter::ensure(share > 0.0 && share <= 1.0, "share", share, reason)?;
        }
        let x = &data.x;
        x.blocks().iter().try_for_each(|block| require_numbers(KIND, block))?;
        x.require_finite(KIND)?;
        let (mut scores, mut p_values) = (Vec::with_capacity(x.width()), Vec::with_capacity(x.width()));
        let scored = self.scorer(data)?;
        for block in x.blocks() {
            context.check()?;
            let of_block = scored(block)?;
            scores.extend(of_block.scores);
            p_values.extend(of_block.p_values);
        }
        if scores.is_empty() {
            return Err(Error::data(format!("`{KIND}` was given no features: choose at least one column")));
        }
        let keep = match self.share {
            Some(share) => best_share(&scores, share),
            None => best(&scores, self.k),
        };
        Ok(FittedSelectKBest { selection: Selection::new(x, &keep), scores, p_values })
    }
}

type Scorer<'a> = Box<dyn Fn(&Block) -> Result<Scores> + 'a>;

impl SelectKBest {
    fn scorer<'a>(&self, data: &'a Training<Features>) -> Result<Scorer<'a>> {
        match self.score_func {
            ScoreFunction::FClassif => {
                let groups = Groups::new(KIND, of_classes(data)?)?;
                Ok(Box::new(move |block| Ok(f_classif(block, &groups))))
            }
            ScoreFunction::Chi2 => {
                let groups = Groups::new(KIND, of_classes(data)?)?;
                Ok(Box::new(move |block| chi2(KIND, block, &groups)))
            }
            ScoreFunction::FRegression => {
                let target = data.values(KIND)?;
                Ok(Box::new(move |block| Ok(f_regression(block, target))))
            }
        }
    }
}

/// The target of a score that compares classes.
fn of_classes(data: &Training<Features>) -> Result<&ClassTarget> {
    match &data.target {
        Some(Target::Values(_)) => Err(Error::data(format!(
            "`{KIND}`: this score_func compares classes, and the target is numbers: set score_func = \"f_regression\""
        ))),
        _ => data.classes(KIND),
    }
}

/// Scores that can be ordered: those that are not defined are the lowest.
fn ordered(scores: &[f64]) -> Vec<f64> {
    scores.iter().map(|s| if s.is_nan() { f64::MIN } else { *s }).collect()
}

/// The `k` highest scores, of equal ones the last: `np.argsort(scores, kind="stable")[-k:]`.
fn best(scores: &[f64], k: usize) -> Vec<bool> {
    let scores = ordered(scores);
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let mut keep = vec![false; scores.len()];
    order.iter().rev().take(k).for_each(|i| keep[*i] = true);
    keep
}

/// The scores above the percentile of `1 − share`, interpolated between the scores, then the first of those equal to it as far
/// as the share goes; one at least.
fn best_share(scores: &[f64], share: f64) -> Vec<bool> {
    let scores = ordered(scores);
    if share >= 1.0 {
        return vec![true; scores.len()];
    }
    let threshold = quantiles(&mut scores.clone(), &[1.0 - share]).first().copied().unwrap_or(f64::NAN);
    let mut keep: Vec<bool> = scores.iter().map(|s| *s > threshold).collect();
    let kept = keep.iter().filter(|k| **k).count();
    let more = ((share * scores.len() as f64) as usize).max(1).saturating_sub(kept);
    (0..scores.len()).filter(|i| scores[*i] == threshold).take(more).for_each(|i| keep[i] = true);
    keep
}

impl FittedSelectKBest {
    /// The score of each column of the fit.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// The p-value of each column of the fit, not corrected for looking at many columns.
    pub fn p_values(&self) -> &[f64] {
        &self.p_values
    }

    /// The columns of the fit, in the order of scores and p-values.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.selection.columns()
    }

    /// The columns that are kept, in order.
    pub fn kept(&self) -> impl Iterator<Item = &Column> {
        self.selection.kept()
    }
}

impl Transform<Features> for FittedSelectKBest {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        x.require_finite(KIND)?;
        self.selection.apply(KIND, x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(keep: &[bool]) -> Vec<usize> {
        (0..keep.len()).filter(|i| keep[*i]).collect()
    }

    #[test]
    fn of_equal_scores_the_last_are_kept_by_number_and_the_first_by_share() {
        let scores = [1.0, 3.0, 3.0, 3.0, f64::NAN];
        assert_eq!(kept(&best(&scores, 2)), [2, 3]);
        assert_eq!(kept(&best(&scores, 9)), [0, 1, 2, 3, 4]);
        assert_eq!(kept(&best_share(&scores, 0.4)), [1, 2]);
        assert_eq!(kept(&best_share(&scores, 1.0)), [0, 1, 2, 3, 4]);
        assert_eq!(kept(&best_share(&[2.0], 0.1)), [0]);
        // Columns that tell the classes apart without a fault.
        let perfect = [1.0, f64::INFINITY, 2.0, 3.0, 4.0, 5.0, 6.0, f64::INFINITY, 7.0, 8.0];
        assert_eq!(kept(&best_share(&perfect, 0.1)), [1]);
        assert_eq!(kept(&best_share(&perfect, 0.2)), [1, 7]);
        assert_eq!(kept(&best_share(&[f64::INFINITY; 3], 0.5)), [0]);
        assert_eq!(kept(&best_share(&[f64::NAN, f64::MAX], 0.5)), [1]);
        assert_eq!(kept(&best_share(&[f64::NAN, f64::MAX], 0.6)), [1]);
    }
}
