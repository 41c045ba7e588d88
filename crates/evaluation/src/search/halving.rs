//! Successive halving.

use super::{
    Search, Space, Trial,
    fresh::{Tried, fresh},
    study::Goal,
};
use adflux_core::{Error, Result, parameter::ensure, random::stream};
use serde::{Deserialize, Serialize};
use toml::Table;

/// Successive halving: all points are judged on little, the best 1/`factor` of them on `factor` times as much, and so on until
/// few are judged on all.
///
/// With n points and factor η there are rungs r = 0, 1, …, R, where rung r has ⌊n / η^r⌋ points and spends η^(r − R) of the
/// resource on each; R = ⌊log_η n⌋, or less where the first rung would spend less than `min_budget`. All rungs cost about the
/// same, so the search costs about (R + 1) · n · η^−R full fits instead of n. Only points of the last rung can be the best.
///
/// Jamieson and Talwalkar 2016, *Non-stochastic Best Arm Identification and Hyperparameter Optimization*; scikit-learn's
/// `HalvingRandomSearchCV`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Halving {
    /// How many times as much the next rung spends, on one of so many points. 2 or more. Default 3.
    pub factor: usize,
    /// The least share of the resource that a point is judged on, above 0, at most 1. Default 0.05.
    pub min_budget: f64,
    /// What the budget is a share of, for objectives that know several: for pipelines `rows` to learn from, or the path of a
    /// parameter that is a whole number, as `model.n_estimators`. Default `rows`.
    pub resource: String,
}

impl Default for Halving {
    fn default() -> Self {
        Halving { factor: 3, min_budget: 0.05, resource: "rows".into() }
    }
}

impl Halving {
    pub(super) fn check(&self) -> Result<()> {
        ensure(self.factor >= 2, "factor", self.factor, "must be at least 2")?;
        if self.min_budget > 0.0 && self.min_budget <= 1.0 {
            return Ok(());
        }
        Err(Error::parameter("min_budget", self.min_budget, "a share of the resource: above 0, at most 1"))
    }

    /// How many points each rung has and what share of the resource each of them is given.
    pub(super) fn rungs(&self, points: usize) -> Vec<(usize, f64)> {
        let mut sizes = vec![points];
        let mut share = 1.0 / self.factor as f64;
        while sizes[sizes.len() - 1] >= self.factor && share >= self.min_budget * (1.0 - 1e-12) {
            sizes.push(sizes[sizes.len() - 1] / self.factor);
            share /= self.factor as f64;
        }
        let last = sizes.len() - 1;
        let budget = |rung: usize| (self.factor as f64).powi(rung as i32 - last as i32);
        sizes.into_iter().enumerate().map(|(rung, size)| (size, budget(rung))).collect()
    }
}

/// The next point and its budget.
pub(super) fn propose(
    search: &Search,
    space: &Space,
    goal: Goal,
    done: &[Trial],
    tried: &Tried,
) -> Option<(Table, f64)> {
    let mut rungs = search.halving.rungs(search.trials).into_iter();
    let (points, budget) = rungs.next()?;
    if done.len() < points && done.iter().all(|trial| trial.budget == budget) {
        let mut random = stream(search.seed, &[done.len() as u64]);
        if let Some(point) = fresh(space, tried, &mut random, |random| space.draw(random)) {
            return Some((point, budget));
        }
    }
    // What stands on the rung below, the best first; failures never rise.
    let mut below: Vec<&Trial> = done.iter().take_while(|trial| trial.budget == budget).collect();
    let mut placed = below.len();
    for (points, budget) in rungs {
        below.retain(|trial| trial.value.is_some());
        below.sort_by(|a, b| goal.order(a, b));
        below.truncate(points);
        let here = &done[placed..];
        let stood = here.iter().take_while(|trial| trial.budget == budget).count();
        if stood < below.len() {
            return Some((below[stood].point.clone(), budget));
        }
        below = here[..stood].iter().collect();
        placed += stood;
    }
    None
}
