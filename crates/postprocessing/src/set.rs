//! [`ConformalSet`]: a set of classes of known coverage.

use crate::groups::{Quantiles, conformal_recipe, groups_of};
use adflux_core::{
    ClassSets, Classes, Component, Context, Error, Fit, Prediction, Registry, Result, Training, Transform,
    component::{decode, encode},
    parameter,
    random::stream,
};
use adflux_data::Frame;
use adflux_evaluation::{
    conformal::{aps_scores, aps_sets, lac_scores, lac_sets},
    scores::codes_among,
};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which classes come into a set first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetMethod {
    /// Those above one probability, the same for all rows: the smallest sets on the average (Sadinle, Lei & Wasserman 2019).
    #[default]
    Lac,
    /// The most probable ones up to one sum, the same for all rows: sets that are larger where a row is hard, so that easy and
    /// hard rows are covered alike (Romano, Sesia & Candès 2020).
    Aps,
}

/// Puts beside class probabilities the set of classes that contains the one that comes with a probability of about `level`,
/// whatever the model. Kind `conformal-set`.
///
/// A row that is easy has a set of one class, a row that is hard one of several. A set may be empty: then no class is as probable
/// as those that came usually were, and the row is unlike the training rows. Probabilities stay as they are.
///
/// The threshold of a set is the [conformal quantile](adflux_evaluation::conformal::conformal_quantile) of the scores of
/// out-of-fold models on the training rows; [`lac_scores`] and [`aps_scores`] say what the scores are. The random number of a
/// row that APS wants is drawn from its probabilities, so that the same row always has the same set.
///
/// **By group.** As in [`ConformalInterval`](crate::ConformalInterval), with `by` each value of that column has its own threshold, if
/// it had at least `min_group_size` training rows; the others have that of all rows.
///
/// Every row counts the same, whatever its weight in training.
///
/// ```
/// use adflux_core::{ClassTarget, Classes, Fit, Prediction, Target, Training, Transform};
/// use adflux_data::Frame;
/// use adflux_postprocessing::ConformalSet;
/// use ndarray::{Array2, array};
/// let frame = |rows: usize| Frame::builder().numbers("row", vec![0.0; rows]).build();
/// // Half of the rows are at 95 % and always right, half at 60 % and right in three of four.
/// let came = |row: usize| if row % 8 == 1 { "no" } else { "yes" };
/// let target = ClassTarget::from_labels(&(0..80).map(came).collect::<Vec<_>>());
/// let yes = |row: usize| if row % 2 == 0 { 0.95 } else { 0.6 };
/// let probabilities = Array2::from_shape_fn((80, 2), |(row, class)| if class == 1 { yes(row) } else { 1.0 - yes(row) });
/// let said = Prediction::Classes(Classes { labels: target.labels.clone(), probabilities });
/// let data = Training::new((frame(80)?, said)).with_target(Target::Classes(target.clone()));
/// let fitted = ConformalSet::new(0.9).fit(data)?;
///
/// let new = Classes { labels: target.labels, probabilities: array![[0.05, 0.95], [0.4, 0.6]] };
/// let sets = fitted.transform((frame(2)?, new.into()))?;
/// assert_eq!(sets.sets()?.labels(0).collect::<Vec<_>>(), ["yes"]);
/// assert_eq!(sets.sets()?.labels(1).collect::<Vec<_>>(), ["no", "yes"]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConformalSet {
    /// The share of outcomes that the sets are to contain. Default 0.9.
    pub level: f64,
    /// Which classes come first: `"lac"` (the default) or `"aps"`.
    pub method: SetMethod,
    /// The folds of the out-of-fold predictions, at least 2. Default 5.
    pub folds: usize,
    /// The column whose values have thresholds of their own. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The fewest training rows of a group that has its own. Default 50.
    pub min_group_size: usize,
}

impl Default for ConformalSet {
    fn default() -> Self {
        ConformalSet { level: 0.9, method: SetMethod::Lac, folds: 5, by: None, min_group_size: 50 }
    }
}

conformal_recipe!(ConformalSet);
adflux_core::recipe!(ConformalSet, "conformal-set");

impl ConformalSet {
    /// Sets of this level.
    pub fn new(level: f64) -> Self {
        ConformalSet { level, ..Default::default() }
    }

    /// Sets which classes come first.
    pub fn method(mut self, method: SetMethod) -> Self {
        self.method = method;
        self
    }
}

/// A fitted [`ConformalSet`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedConformalSet {
    level: f64,
    method: SetMethod,
    by: Option<String>,
    labels: Arc<[String]>,
    thresholds: Quantiles,
}

impl Component for FittedConformalSet {
    const KIND: &'static str = "conformal-set";
    fn state(&self) -> Result<Vec<u8>> {
        encode(Self::KIND, self)
    }
    fn from_state(_: u32, state: &[u8], _: &Registry) -> Result<Self> {
        let loaded: Self = decode(Self::KIND, state)?;
        let state = |reason: &str| Error::State { kind: Self::KIND.into(), reason: reason.into() };
        parameter::open_unit("level", loaded.level).map_err(|_| state("the level does not lie between 0 and 1"))?;
        // Scores are shares of 1, up to rounding.
        if !loaded.thresholds.are_sound(-1e-9) {
            return Err(state("a threshold is none"));
        }
        Ok(loaded)
    }
    fn inputs(&self) -> Vec<String> {
        self.by.iter().cloned().collect()
    }
}

impl FittedConformalSet {
    /// The threshold of the scores over all rows.
    pub fn threshold(&self) -> f64 {
        self.thresholds.overall
    }

    /// The threshold in a group of the column `by`: its own, or that of all rows for a group that has none.
    pub fn threshold_in(&self, group: &str) -> f64 {
        self.thresholds.of(Some(group))
    }
}

/// A number between 0 and 1 for each row that only its probabilities decide.
fn draws(probabilities: ArrayView2<f64>) -> Array1<f64> {
    let bits = |row: ndarray::ArrayView1<f64>| row.iter().map(|p| p.to_bits()).collect::<Vec<_>>();
    probabilities.rows().into_iter().map(|row| stream(0, &bits(row)).random::<f64>()).collect()
}

impl Fit<Training<(Frame, Prediction)>> for ConformalSet {
    type Fitted = FittedConformalSet;
    fn fit_with(&self, data: Training<(Frame, Prediction)>, _: &Context) -> Result<Self::Fitted> {
        self.check()?;
        data.validate()?;
        let (frame, prediction) = &data.x;
        let classes = prediction.classes()?;
        let truth = codes_among(data.classes("conformal-set")?, &classes.labels)?;
        let p = classes.probabilities.view();
        let scores = match self.method {
            SetMethod::Lac => lac_scores(p, truth.view())?,
            SetMethod::Aps => aps_scores(p, truth.view(), Some(draws(p).view()))?,
        };
        let groups = groups_of(frame, self.by.as_deref())?;
        Ok(FittedConformalSet {
            level: self.level,
            method: self.method,
            by: self.by.clone(),
            labels: classes.labels.clone(),
            thresholds: Quantiles::fit(&scores, groups.as_ref(), self.level, self.min_group_size, "a set")?,
        })
    }
}

impl Transform<(Frame, Prediction)> for FittedConformalSet {
    type Output = Prediction;
    fn transform(&self, (frame, prediction): (Frame, Prediction)) -> Result<Prediction> {
        let Classes { labels, probabilities } = prediction.classes()?;
        if labels != &self.labels {
            let (given, fitted) = (labels.join(", "), self.labels.join(", "));
            return Err(Error::data(format!(
                "probabilities of the classes {given}, where sets of {fitted} were fitted"
            )));
        }
        let groups = groups_of(&frame, self.by.as_deref())?;
        let thresholds = self.thresholds.each(probabilities.nrows(), groups.as_ref())?;
        let mut members = Array2::from_elem(probabilities.raw_dim(), false);
        // Rows of one threshold at a time: those of a group.
        let mut order: Vec<usize> = (0..thresholds.len()).collect();
        order.sort_by(|a, b| thresholds[*a].total_cmp(&thresholds[*b]));
        for rows in order.chunk_by(|a, b| thresholds[*a] == thresholds[*b]) {
            let threshold = thresholds[rows[0]];
            let p = probabilities.select(Axis(0), rows);
            let sets = match self.method {
                SetMethod::Lac => lac_sets(p.view(), threshold)?,
                SetMethod::Aps => aps_sets(p.view(), threshold, Some(draws(p.view()).view()))?,
            };
            for (&row, set) in rows.iter().zip(sets.rows()) {
                members.row_mut(row).assign(&set);
            }
        }
        let classes = Classes { labels: labels.clone(), probabilities: probabilities.clone() };
        Ok(Prediction::Sets(ClassSets { classes, members, level: self.level }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_with_a_threshold_or_a_level_that_cannot_be_is_refused() {
        let load = |level: f64, overall: f64| {
            let fitted = FittedConformalSet {
                level,
                method: SetMethod::Lac,
                by: None,
                labels: ["a".to_string()].into(),
                thresholds: Quantiles { overall, groups: Vec::new() },
            };
            FittedConformalSet::from_state(1, &fitted.state().unwrap(), &Registry::new())
        };
        assert!(load(0.9, 0.0).is_ok() && load(0.9, 1.0).is_ok());
        for (level, overall) in [(0.9, -0.5), (0.9, f64::NAN), (0.0, 0.5), (1.5, 0.5), (f64::NAN, 0.5)] {
            assert!(load(level, overall).is_err(), "{level} {overall}");
        }
    }
}
