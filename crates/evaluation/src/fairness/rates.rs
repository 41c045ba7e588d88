//! [`rates`]: how often each group was selected, rightly and wrongly.

use super::Groups;
use crate::{
    Estimate,
    checks::{Weights, same_length},
    shares::{Share, reach, wilson},
};
use adflux_core::{Result, parameter::open_unit};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// The rates of one group, each with Wilson's interval; `None` where a rate is of nobody, or the truth is not known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupRates {
    /// The name of the group; "all" for all rows.
    pub group: String,
    /// How many rows (of weight above 0) there are.
    pub rows: usize,
    /// The share that was selected.
    pub selection_rate: Option<Estimate>,
    /// Of those who are `true`, the share that was selected.
    pub true_positive_rate: Option<Estimate>,
    /// Of those who are `false`, the share that was selected.
    pub false_positive_rate: Option<Estimate>,
    /// Of those who were selected, the share that is `true`.
    pub precision: Option<Estimate>,
    /// The share that is `true`.
    pub base_rate: Option<Estimate>,
    /// How many rows the selection rate is worth: with weights (Σw)² / Σw² (Kish 1965), without their number.
    pub effective_rows: f64,
}

/// The rates of all groups, and of all rows together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupedRates {
    /// Of all rows.
    pub overall: GroupRates,
    /// Of each group that has rows (of weight above 0), in the order of the names.
    pub groups: Vec<GroupRates>,
}

impl GroupedRates {
    /// The rates without groups of fewer than `rows` rows, and the names of those. What is said of a few people is chance, and
    /// may tell who they are.
    pub fn without_small(&self, rows: usize) -> (GroupedRates, Vec<&str>) {
        let (kept, small): (Vec<&GroupRates>, Vec<&GroupRates>) = self.groups.iter().partition(|of| of.rows >= rows);
        let kept = GroupedRates { overall: self.overall.clone(), groups: kept.into_iter().cloned().collect() };
        (kept, small.into_iter().map(|of| of.group.as_str()).collect())
    }
}

/// How often each group was `selected`; with the `truth`, how often rightly.
///
/// `selected` is any decision: a prediction of the class that is looked for, a score above a threshold, or what really happened
/// to people (then without truth). Intervals are of `level`, by Wilson's method, with weights for the effective number of rows
/// (Σw)² / Σw². O(rows + groups).
///
/// # Errors
/// When there are no rows, lengths differ, the weights cannot be, or `level` is not between 0 and 1.
pub fn rates(
    truth: Option<&[bool]>,
    selected: &[bool],
    groups: &Groups,
    weights: Option<ArrayView1<f64>>,
    level: f64,
) -> Result<GroupedRates> {
    open_unit("level", level)?;
    same_length(selected.len(), "groups", groups.len())?;
    if let Some(truth) = truth {
        same_length(selected.len(), "truth", truth.len())?;
    }
    let weights = Weights::new(selected.len(), weights)?;
    let z = reach(level);
    let mut counts = vec![Counts::default(); groups.names().len()];
    let mut all = Counts::default();
    for (row, (&selected, group)) in selected.iter().zip(groups.codes()).enumerate() {
        let (weight, truth) = (weights.get(row), truth.map(|truth| truth[row]));
        counts[*group as usize].add(weight, selected, truth);
        all.add(weight, selected, truth);
    }
    let of_groups = groups.names().iter().zip(&counts).filter(|(_, counts)| counts.rows > 0);
    Ok(GroupedRates {
        overall: all.rates("all", truth.is_some(), z),
        groups: of_groups.map(|(name, counts)| counts.rates(name, truth.is_some(), z)).collect(),
    })
}

/// The weight of some rows, and of those of them that count.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    part: f64,
    whole: f64,
    squares: f64,
}

impl Part {
    fn add(&mut self, weight: f64, counts: bool) {
        self.part += if counts { weight } else { 0.0 };
        self.whole += weight;
        self.squares += weight * weight;
    }

    fn effective_rows(&self) -> f64 {
        if self.squares > 0.0 { self.whole * self.whole / self.squares } else { 0.0 }
    }

    fn rate(&self, z: f64) -> Option<Estimate> {
        let rows = self.effective_rows();
        (rows > 0.0).then(|| wilson(Share { share: self.part / self.whole, rows }, z))
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    rows: usize,
    selected: Part,
    selected_of_true: Part,
    selected_of_false: Part,
    true_of_selected: Part,
    true_of_all: Part,
}

impl Counts {
    fn add(&mut self, weight: f64, selected: bool, truth: Option<bool>) {
        if weight == 0.0 {
            return;
        }
        self.rows += 1;
        self.selected.add(weight, selected);
        let Some(truth) = truth else { return };
        if truth {
            self.selected_of_true.add(weight, selected)
        } else {
            self.selected_of_false.add(weight, selected)
        }
        if selected {
            self.true_of_selected.add(weight, truth);
        }
        self.true_of_all.add(weight, truth);
    }

    fn rates(&self, group: &str, truth: bool, z: f64) -> GroupRates {
        let known = |part: &Part| if truth { part.rate(z) } else { None };
        GroupRates {
            group: group.into(),
            rows: self.rows,
            selection_rate: self.selected.rate(z),
            true_positive_rate: known(&self.selected_of_true),
            false_positive_rate: known(&self.selected_of_false),
            precision: known(&self.true_of_selected),
            base_rate: known(&self.true_of_all),
            effective_rows: self.selected.effective_rows(),
        }
    }
}
