//! [`EmpiricalBayesRates`]: rates of many small things, each drawn towards the rate of what it belongs to.

use super::{
    belief::RateBelief,
    family::{CountFamily, Counts},
    hierarchy::Hierarchy,
    messages::Messages,
};
use adflux_core::{Column, Context, Error, Features, Fit, Intervals, Predict, Result, Training, parameter::open_unit};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Empirical Bayes rates in a hierarchy such as platform → campaign → ad: the click rate of an ad after 40 impressions is not 0, but
/// what its campaign suggests, moved a little. Kind `empirical-bayes-rates`.
///
/// **In**: categorical columns, the levels of the hierarchy from the top down, in their order; the target is the number of events of each
/// row, and [`Training::exposure`] its impressions, clicks or days. Rows of the same path are added up, and a row of weight 2 counts twice.
/// Without an exposure the target is a rate, and the weights are what it is a rate of. A name means something only beneath its parent:
/// ad `1` of one campaign is not ad `1` of another.
///
/// **Out**: [`Intervals`] of the rate, for one unit of exposure, at [`level`](Self::level). A campaign that was not there in training has
/// the rate of its platform, with the wider interval of something new; a platform that was not there, the rate of the whole. A missing
/// name is one that was not there.
///
/// # How it learns
///
/// The rates of the nodes of a level scatter about those of their parents, as a beta or gamma distribution whose strength s is one for
/// the level: s impressions of its own say as much of an ad as its campaign does. What a node with k events in n says of its parent's
/// rate is worth `n (s + 1) / (n + s)` trials (of the gamma, `n s / (n + s)`), because its rate is not quite its parent's; what a
/// belief of strength t about the parent says of a child is worth `t s / (t + s + 1)` (`t s / (t + s)`). Means and variances are right so,
/// and every node is judged from its own counts and from all others, without counting anything twice: belief propagation with moments
/// matched. Of the whole, nothing is believed beforehand but Jeffreys' half an event.
///
/// The strength of a level is the one under which the counts of its nodes, each judged from the others, are most probable: the maximum of
/// the leave-one-out marginal likelihood (Geisser & Eddy, 1979), found by Brent's method for one level after the other until all agree.
/// (Of normal numbers this gives the unbiased estimate of the variance.) Where siblings do not differ by more than chance, the
/// strength is 1,000 times the whole exposure, and siblings have one rate; so it is where no node has siblings. The strengths are then
/// taken as known, as ever in empirical Bayes: with only a handful of siblings intervals are too narrow.
///
/// O(nodes) for each of about 20 strengths tried a level and round, of which there are about ten.
///
/// References: Casella (1985), *An introduction to empirical Bayes data analysis*; Geisser & Eddy (1979), *A predictive approach to model
/// selection*; Kleinman (1973), *Proportions with extraneous variance*.
///
/// ```
/// use adflux_core::{Block, Categories, Column, Features, Fit, Predict, Target, Training, Values};
/// use adflux_regression::EmpiricalBayesRates;
/// use ndarray::array;
///
/// let column = |name: &str, codes: [u32; 6], levels: &[&str]| {
///     let levels = levels.iter().map(|level| level.to_string()).collect();
///     Block::new(vec![Column::input(name)], Values::Category(Categories { codes: codes.into(), levels }))
/// };
/// let platform = column("platform", [0, 0, 0, 1, 1, 1], &["META", "TIKTOK"])?;
/// let ad = column("ad", [0, 1, 2, 3, 4, 5], &["a", "b", "c", "d", "e", "f"])?;
/// let x = Features::new(6, vec![platform, ad])?;
/// let clicks = Target::Values(array![25.0, 0.0, 19.0, 9.0, 12.0, 1.0]);
/// let impressions = array![1000.0, 40.0, 1200.0, 900.0, 1100.0, 60.0];
/// let rates = EmpiricalBayesRates::default().fit(Training::new(x.clone()).with_target(clicks).with_exposure(impressions))?;
///
/// let ctr = rates.predict(&x)?;
/// assert!(ctr.mean[1] > 0.01 && ctr.mean[1] < ctr.mean[0], "no click of 40 impressions is not a rate of 0");
/// let (seen, new) = (rates.rate(&["TIKTOK"])?, rates.rate(&["TIKTOK", "a new ad"])?);
/// assert!((seen.mean() - new.mean()).abs() < 1e-12 && new.strength() < seen.strength());
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmpiricalBayesRates {
    /// What is counted. Default: events out of trials.
    pub family: CountFamily,
    /// The probability with which a rate lies in its interval, between 0 and 1. Default 0.8.
    pub level: f64,
}

impl Default for EmpiricalBayesRates {
    fn default() -> Self {
        EmpiricalBayesRates { family: CountFamily::BetaBinomial, level: 0.8 }
    }
}

impl EmpiricalBayesRates {
    /// Rates of `family`.
    pub fn new(family: CountFamily) -> Self {
        EmpiricalBayesRates { family, ..Self::default() }
    }
    /// Sets what is counted.
    pub fn family(mut self, family: CountFamily) -> Self {
        self.family = family;
        self
    }
    /// Sets the level of the intervals.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }
}

const KIND: &str = "empirical-bayes-rates";
adflux_core::recipe!(EmpiricalBayesRates, "empirical-bayes-rates");

/// Fitted [`EmpiricalBayesRates`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct FittedEmpiricalBayesRates {
    family: CountFamily,
    level: f64,
    columns: Arc<[Column]>,
    hierarchy: Hierarchy,
    strengths: Vec<f64>,
    whole: Counts,
    /// What is believed of each node, by level.
    beliefs: Vec<Vec<Counts>>,
}
adflux_core::component!(FittedEmpiricalBayesRates, "empirical-bayes-rates", version = 1);

#[derive(Serialize, Deserialize)]
struct Saved {
    family: CountFamily,
    level: f64,
    columns: Vec<Column>,
    hierarchy: Hierarchy,
    #[serde(with = "adflux_core::arrays")]
    strengths: Vec<f64>,
    /// The whole, and behind it the nodes of each level: events and exposure in turn.
    #[serde(with = "adflux_core::arrays")]
    beliefs: Vec<f64>,
}

impl From<FittedEmpiricalBayesRates> for Saved {
    fn from(f: FittedEmpiricalBayesRates) -> Self {
        let all = std::iter::once(&f.whole).chain(f.beliefs.iter().flatten());
        Saved {
            family: f.family,
            level: f.level,
            columns: f.columns.to_vec(),
            strengths: f.strengths,
            beliefs: all.flat_map(|c| [c.events, c.exposure]).collect(),
            hierarchy: f.hierarchy,
        }
    }
}

impl TryFrom<Saved> for FittedEmpiricalBayesRates {
    type Error = String;

    fn try_from(saved: Saved) -> Result<Self, String> {
        let sizes: Vec<usize> = saved.hierarchy.levels().iter().map(|level| level.len()).collect();
        let pairs = saved.beliefs.chunks_exact(2).map(|c| Counts { events: c[0], exposure: c[1] });
        let mut all: Vec<Counts> = pairs.collect();
        let fits = sizes.len() == saved.columns.len()
            && sizes.len() == saved.strengths.len()
            && saved.beliefs.len() == 2 * (1 + sizes.iter().sum::<usize>());
        let strong = saved.strengths.iter().all(|s| s.is_finite() && *s > 0.0);
        let believable = all.iter().all(|c| RateBelief::new(saved.family, c.events / c.exposure, c.exposure).is_ok());
        if !fits || !strong || !believable || open_unit("level", saved.level).is_err() {
            return Err("the rates do not fit the hierarchy".into());
        }
        let mut nodes = all.split_off(1).into_iter();
        Ok(FittedEmpiricalBayesRates {
            family: saved.family,
            level: saved.level,
            columns: saved.columns.into(),
            hierarchy: saved.hierarchy,
            strengths: saved.strengths,
            whole: all[0],
            beliefs: sizes.iter().map(|size| nodes.by_ref().take(*size).collect()).collect(),
        })
    }
}

impl Fit<Training<Features>> for EmpiricalBayesRates {
    type Fitted = FittedEmpiricalBayesRates;

    /// # Errors
    /// When a parameter is out of range, a block is not categorical, a name is missing, the target is not numeric, a row has negative
    /// events, more events than trials, or events without exposure (it is named), all exposure is zero, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        open_unit("level", self.level)?;
        data.validate()?;
        context.check()?;
        let (hierarchy, places) = Hierarchy::learn(&data.x, KIND)?;
        let counts = self.counts(&data, &places, hierarchy.levels().last().map_or(0, |last| last.len()))?;
        let (strengths, (whole, beliefs)) = context.run(|| {
            let mut messages = Messages::new(self.family, &hierarchy, counts);
            messages.settle(KIND, context)?;
            Ok::<_, Error>((messages.strengths().to_vec(), messages.beliefs()))
        })?;
        let columns = data.x.columns().cloned().collect();
        let (family, level) = (self.family, self.level);
        Ok(FittedEmpiricalBayesRates { family, level, columns, hierarchy, strengths, whole, beliefs })
    }
}

impl EmpiricalBayesRates {
    /// The counts of the nodes of the last level.
    fn counts(&self, data: &Training<Features>, places: &[usize], nodes: usize) -> Result<Vec<Counts>> {
        let events = data.totals(KIND)?;
        let mut counts = vec![Counts::default(); nodes];
        for (row, place) in places.iter().enumerate() {
            let weight = data.weights.as_ref().map_or(1.0, |w| w[row]);
            let exposure = data.exposure.as_ref().map_or(1.0, |e| e[row]);
            self.family.check(events[row], exposure).map_err(|e| Error::cell("target", row, e.to_string()))?;
            let row = Counts { events: weight * events[row], exposure: weight * exposure };
            counts[*place] = counts[*place].plus(row);
        }
        let total = counts.iter().fold(Counts::default(), |sum, c| sum.plus(*c));
        if total.exposure <= 0.0 {
            return Err(Error::column(
                "exposure",
                "no row has both weight and exposure: nothing is left to learn from",
            ));
        }
        // A mean between 0 and 1 must not round to either.
        let most = if self.family == CountFamily::BetaBinomial { 1e15 } else { 1e300 };
        if !(total.exposure <= most && total.events <= most) {
            return Err(Error::data(format!(
                "events and exposure add up to more than {most:e}: count in a larger unit"
            )));
        }
        Ok(counts)
    }
}

impl FittedEmpiricalBayesRates {
    /// What is believed of the rate at `path`, names from the top down; the path may end before the last level, and the empty one is
    /// the whole. Where a name was not there in training, it is what the last known one says of something new beneath it.
    ///
    /// # Errors
    /// When the path has more levels than the hierarchy.
    pub fn rate(&self, path: &[&str]) -> Result<RateBelief> {
        let (given, levels) = (path.len(), self.columns.len());
        if given > levels {
            return Err(Error::data(format!("a path of {given} levels in a hierarchy of {levels}")));
        }
        let (known, place) = self.hierarchy.find(path.iter().map(|name| Some(*name)));
        Ok(self.belief(known, place, given))
    }

    /// What a node `known` levels down says of something new at `depth`, or of itself.
    fn belief(&self, known: usize, place: usize, depth: usize) -> RateBelief {
        let start = if known == 0 { self.whole } else { self.beliefs[known - 1][place] };
        let new = &self.strengths[known..depth];
        RateBelief::of(self.family, new.iter().fold(start, |belief, s| self.family.passed_down(belief, *s)))
    }

    /// For each level the exposure of its own that says as much of a node as its parent's rate does: large where siblings are alike.
    pub fn strengths(&self) -> &[f64] {
        &self.strengths
    }

    /// The columns of the hierarchy, from the top down.
    pub fn columns(&self) -> &Arc<[Column]> {
        &self.columns
    }
}

impl Predict<Features> for FittedEmpiricalBayesRates {
    type Output = Intervals;

    /// # Errors
    /// When `x` has other columns than the fit, or one that is not categorical.
    fn predict(&self, x: &Features) -> Result<Intervals> {
        x.require_columns(KIND, &self.columns)?;
        let columns = Hierarchy::columns(x, KIND)?;
        let tails = (0.5 * (1.0 - self.level), 0.5 * (1.0 + self.level));
        let of_row = |row: usize| {
            let (known, place) = self.hierarchy.find(columns.iter().map(|column| column.get(row)));
            let belief = self.belief(known, place, self.columns.len());
            [belief.mean(), belief.quantile(tails.0), belief.quantile(tails.1)]
        };
        let rows: Vec<[f64; 3]> = (0..x.rows()).into_par_iter().with_min_len(64).map(of_row).collect();
        let of = |i: usize| rows.iter().map(|row| row[i]).collect();
        Ok(Intervals { mean: of(0), lower: of(1), upper: of(2), level: self.level })
    }

    fn uses_exposure(&self) -> bool {
        true
    }
}
