//! The four-fifths rule.

use super::{GroupRates, GroupedRates};
use crate::{
    Estimate,
    shares::{Share, difference, ratio, reach},
};
use adflux_core::{
    Error, Result,
    parameter::{ensure, open_unit, positive},
};
use serde::{Deserialize, Serialize};

/// What the check asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct FourFifthsOptions {
    /// The least ratio that passes. Default 0.8.
    pub threshold: f64,
    /// Groups of fewer rows are not judged, and cannot be the reference. Default 30.
    pub min_rows: usize,
    /// The level of the intervals. Default 0.95.
    pub level: f64,
    /// The group that all are compared with, of `min_rows` rows or more. Default: of those the one with the highest rate.
    pub reference: Option<String>,
}

impl Default for FourFifthsOptions {
    fn default() -> Self {
        FourFifthsOptions { threshold: 0.8, min_rows: 30, level: 0.95, reference: None }
    }
}

/// What is said of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All others are compared with this group.
    Reference,
    /// The ratio reaches the threshold, and so does its whole interval.
    Passes,
    /// The ratio reaches the threshold, but its interval goes below: more rows may say otherwise.
    MayFail,
    /// The ratio is below the threshold, but its interval reaches it: it may be the chance of few rows.
    MayPass,
    /// The ratio and its whole interval are below the threshold.
    Fails,
    /// Too few rows to say.
    TooSmall,
}

/// A group beside the reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FourFifthsGroup {
    /// The name of the group.
    pub group: String,
    /// How many rows it has.
    pub rows: usize,
    /// Its selection rate.
    pub rate: Estimate,
    /// Its selection rate over that of the reference.
    pub ratio: Estimate,
    /// Its selection rate less that of the reference.
    pub difference: Estimate,
    /// What follows.
    pub verdict: Verdict,
}

/// The check of all groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FourFifths {
    /// The group that all are compared with.
    pub reference: String,
    /// The least ratio that passes.
    pub threshold: f64,
    /// In the order of the rates' groups.
    pub groups: Vec<FourFifthsGroup>,
}

impl FourFifths {
    /// Whether the rule holds: no group that is large enough has a ratio below the threshold.
    pub fn holds(&self) -> bool {
        !self.groups.iter().any(|of| matches!(of.verdict, Verdict::MayPass | Verdict::Fails))
    }
}

impl GroupedRates {
    /// The four-fifths rule of the US Uniform Guidelines on Employee Selection Procedures (1978; 29 CFR 1607.4 D): a group whose
    /// selection rate is below four fifths of the highest is taken as a sign of adverse impact. A rule of thumb, not a
    /// proof, and not the law elsewhere; with few rows chance breaks it (Roth, Bobko and Switzer 2006), so that each ratio has an
    /// interval.
    ///
    /// The interval of a ratio is normal in its logarithm (Katz and others 1978): a closed form that needs no draws, cannot go below 0,
    /// and holds for the small rates and unequal groups that are usual here; a bootstrap of a rate near 0 draws no event at
    /// all too often. That of a difference is Newcombe's (1998). Both treat the reference as chosen beforehand: that it is
    /// the highest makes small ratios a little more likely than the level says, the more so the more groups there are.
    ///
    /// `None` when no group has `min_rows` rows, or nobody was selected in the reference.
    ///
    /// # Errors
    /// When an option is out of its range, or no group is called as the reference, or that one has fewer than `min_rows` rows.
    #[doc(alias = "disparate_impact")]
    pub fn four_fifths(&self, options: &FourFifthsOptions) -> Result<Option<FourFifths>> {
        positive("threshold", options.threshold)?;
        open_unit("level", options.level)?;
        let all: Vec<_> = self.groups.iter().filter_map(|of| of.selection_rate.map(|rate| (of, rate))).collect();
        let reference = match &options.reference {
            Some(name) => {
                let found = all.iter().position(|(of, _)| of.group == *name);
                let names: Vec<&str> = all.iter().map(|(of, _)| of.group.as_str()).collect();
                let unknown = || {
                    let reason = format!("is no group; the groups are {}", names.join(", "));
                    Error::parameter("reference", name, reason)
                };
                let place = found.ok_or_else(unknown)?;
                let rows = all[place].0.rows;
                let reason =
                    format!("has {rows} rows, fewer than min_rows = {}: name a larger group", options.min_rows);
                ensure(rows >= options.min_rows, "reference", name, &reason)?;
                Some(place)
            }
            None => {
                let large = (0..all.len()).filter(|place| all[*place].0.rows >= options.min_rows);
                large.reduce(|best, other| if all[other].1.value > all[best].1.value { other } else { best })
            }
        };
        let Some(reference) = reference.filter(|place| all[*place].1.value > 0.0) else { return Ok(None) };
        let (of_reference, highest) = all[reference];
        let z = reach(options.level);
        let highest = Share { share: highest.value, rows: of_reference.effective_rows };
        let compare = |(place, (of, rate)): (usize, &(&GroupRates, Estimate))| {
            let own = Share { share: rate.value, rows: of.effective_rows };
            let ratio = ratio(own, highest, z);
            let verdict = match (ratio.value >= options.threshold, ratio.lower, ratio.upper) {
                // By its place: two groups may have one name.
                _ if place == reference => Verdict::Reference,
                _ if of.rows < options.min_rows => Verdict::TooSmall,
                (true, lower, _) if lower >= options.threshold => Verdict::Passes,
                (true, ..) => Verdict::MayFail,
                (false, _, upper) if upper >= options.threshold => Verdict::MayPass,
                (false, ..) => Verdict::Fails,
            };
            let difference = difference(own, highest, z);
            FourFifthsGroup { group: of.group.clone(), rows: of.rows, rate: *rate, ratio, difference, verdict }
        };
        Ok(Some(FourFifths {
            reference: of_reference.group.clone(),
            threshold: options.threshold,
            groups: all.iter().enumerate().map(compare).collect(),
        }))
    }
}
