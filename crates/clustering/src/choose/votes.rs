//! The recommendation: what the measures say, and which of it is taken.

use super::{Candidate, Gap, fewest_by_gap};
use crate::{choice::WEAK_SILHOUETTE, kneedle::elbow};
use serde::{Deserialize, Serialize};

/// Segments that come back less than this are not to be trusted (Hennig 2007).
pub const UNSTABLE: f64 = 0.6;

/// The number of segments that each measure asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    /// Where the inertia stops falling fast ([`elbow`]); `None` when its curve has no bend.
    pub elbow: Option<usize>,
    /// The greatest mean silhouette.
    pub silhouette: Option<usize>,
    /// The fewest whose gap is not exceeded by the next ([`fewest_by_gap`]): 1 when the rows are no segments by this measure,
    /// `None` when it lies beyond the greatest number that was tried.
    pub gap: Option<usize>,
    /// The greatest Caliński–Harabasz index.
    pub calinski_harabasz: Option<usize>,
    /// The least Davies–Bouldin index.
    pub davies_bouldin: Option<usize>,
}

impl Votes {
    /// What the candidates, from one segment up, come to.
    pub(super) fn of(candidates: &[Candidate]) -> Self {
        let gaps: Vec<Gap> = candidates.iter().map(|c| c.gap).collect();
        let curve: Vec<(usize, f64)> = candidates.iter().map(|c| (c.n_clusters, c.inertia)).collect();
        // The fewest of equals.
        let greatest = |value: fn(&Candidate) -> Option<f64>| {
            let mut best: Option<(usize, f64)> = None;
            for (n_clusters, value) in candidates.iter().filter_map(|c| Some((c.n_clusters, value(c)?))) {
                if best.is_none_or(|best| value > best.1) {
                    best = Some((n_clusters, value));
                }
            }
            best.map(|best| best.0)
        };
        Votes {
            elbow: elbow(&curve),
            silhouette: greatest(|c| c.silhouette),
            gap: fewest_by_gap(&gaps),
            calinski_harabasz: greatest(|c| c.calinski_harabasz),
            davies_bouldin: greatest(|c| c.davies_bouldin.map(|v| -v)),
        }
    }

    /// Each measure's name, as people write it, and its number.
    pub fn all(&self) -> [(&'static str, Option<usize>); 5] {
        [
            ("elbow", self.elbow),
            ("silhouette", self.silhouette),
            ("gap statistic", self.gap),
            ("Caliński–Harabasz", self.calinski_harabasz),
            ("Davies–Bouldin", self.davies_bouldin),
        ]
    }

    /// How many measures ask for so many segments.
    pub fn count(&self, n_clusters: usize) -> usize {
        self.all().iter().filter(|(_, vote)| *vote == Some(n_clusters)).count()
    }

    /// The recommended candidate: the most votes among those that are stable, or among all when none is; of equals the greater
    /// silhouette, then the fewer segments.
    pub(super) fn elect<'a>(&self, candidates: &'a [Candidate]) -> Option<&'a Candidate> {
        let stable = |c: &&Candidate| c.stability.is_some_and(|s| s.mean >= UNSTABLE);
        let any = candidates.iter().any(|c| stable(&c));
        let mut best: Option<&Candidate> = None;
        for candidate in candidates.iter().filter(|c| c.n_clusters > 1 && (!any || stable(c))) {
            let rank = |c: &Candidate| (self.count(c.n_clusters), c.silhouette.unwrap_or(f64::NEG_INFINITY));
            if best.is_none_or(|best| rank(candidate) > rank(best)) {
                best = Some(candidate);
            }
        }
        best
    }

    /// Why the elected one, in words; `most`: it is the greatest number that was asked for.
    pub(super) fn reason(&self, chosen: &Candidate, most: bool) -> String {
        let k = chosen.n_clusters;
        let (with, others): (Vec<_>, Vec<_>) = self.all().into_iter().partition(|(_, vote)| *vote == Some(k));
        let names: Vec<&str> = with.iter().map(|(name, _)| *name).collect();
        let mut text = match with.len() {
            0 => format!("{k} segments, although no measure asks for them: those that are asked for are not stable"),
            count => {
                let majority = if count < MAJORITY { ": no majority" } else { "" };
                format!(
                    "{k} segments are what {} {} for ({count} of 5 measures{majority})",
                    listed(&names),
                    asks(count)
                )
            }
        };
        if most {
            text.push_str("; more were not tried");
        }
        if let Some(stability) = chosen.stability {
            let not = if stability.mean < UNSTABLE { "do not " } else { "" };
            text.push_str(&format!(
                "; they {not}come back when the rows are drawn again (stability {:.2})",
                stability.mean
            ));
        }
        let elsewhere: Vec<String> = others
            .iter()
            .filter_map(|(name, vote)| vote.filter(|v| *v != 1).map(|v| format!("{v} ({name})")))
            .collect();
        if !elsewhere.is_empty() {
            text.push_str(&format!("; other answers: {}", elsewhere.join(", ")));
        }
        if self.gap == Some(1) {
            text.push_str("; the gap statistic asks for 1: no segments");
        }
        if chosen.silhouette.is_some_and(|s| s < WEAK_SILHOUETTE) {
            text.push_str("; the segments overlap");
        }
        text
    }
}

/// So many of the five measures are more than half of them.
pub const MAJORITY: usize = 3;

fn asks(count: usize) -> &'static str {
    if count == 1 { "asks" } else { "ask" }
}

/// "a, b and c".
fn listed(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_string(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
