//! The choice among numbers of segments.

use crate::kneedle::elbow;
use serde::{Deserialize, Serialize};

/// How well one number of segments describes the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// The number of segments.
    pub n_clusters: usize,
    /// The weighted sum of the squared distances of rows to their centres. Falls with every segment more.
    pub inertia: f64,
    /// The mean silhouette, −1 to 1; larger is better.
    pub silhouette: f64,
    /// The Caliński–Harabasz index; larger is better.
    pub calinski_harabasz: f64,
    /// The Davies–Bouldin index; smaller is better.
    pub davies_bouldin: f64,
}

/// The numbers of segments that were compared, and the one that is recommended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SavedChoice")]
pub struct Choice {
    /// One entry for each number, ascending.
    pub table: Vec<Quality>,
    /// The recommended number of segments.
    pub n_clusters: usize,
    /// Why, in words.
    pub reason: String,
    /// Where the inertia stops falling fast; `None` when its curve has no bend.
    pub elbow: Option<usize>,
}

/// What a file says: the same, not yet checked.
#[derive(Deserialize)]
struct SavedChoice {
    table: Vec<Quality>,
    n_clusters: usize,
    reason: String,
    elbow: Option<usize>,
}

impl TryFrom<SavedChoice> for Choice {
    type Error = String;

    fn try_from(saved: SavedChoice) -> Result<Self, String> {
        let SavedChoice { table, n_clusters, reason, elbow } = saved;
        if !table.is_sorted_by(|a, b| a.n_clusters < b.n_clusters) {
            return Err("the numbers of segments that were compared do not ascend".into());
        }
        if table.iter().all(|quality| quality.n_clusters != n_clusters) {
            return Err("the chosen number of segments is none of those that were compared".into());
        }
        Ok(Choice { table, n_clusters, reason, elbow })
    }
}

/// A silhouette that is lower by this much or less is as good: nobody who reads the segments would see the difference, and
/// fewer segments are easier to act on.
const TOLERANCE: f64 = 0.05;

/// Below this mean silhouette no substantial structure is found (Kaufman and Rousseeuw 1990, table 4).
pub const WEAK_SILHOUETTE: f64 = 0.25;

impl Choice {
    /// Chooses from a table that is not empty. `single` is the inertia of one segment, where the curve of the elbow begins
    /// when the table begins at two; `more` says whether the rows have more segments in them than were tried.
    pub(crate) fn of(table: Vec<Quality>, single: f64, more: bool) -> Option<Self> {
        let mut best = table.first()?;
        for quality in &table {
            if quality.silhouette > best.silhouette {
                best = quality;
            }
        }
        let mut curve: Vec<(usize, f64)> = table.iter().map(|q| (q.n_clusters, q.inertia)).collect();
        if curve[0].0 == 2 {
            curve.insert(0, (1, single));
        }
        let elbow = elbow(&curve);
        let as_good = |q: &&Quality| q.silhouette >= best.silhouette - TOLERANCE;
        let at_elbow = elbow.and_then(|k| table.iter().find(|q| q.n_clusters == k)).filter(as_good);
        let fewest = table.iter().find(as_good).unwrap_or(best);
        let chosen = at_elbow.unwrap_or(fewest);
        let (k, silhouette) = (chosen.n_clusters, chosen.silhouette);
        let bends = if at_elbow.is_some() {
            "the inertia falls little after them (elbow)"
        } else {
            "the inertia shows no elbow among those that do"
        };
        let mut reason = if k == best.n_clusters {
            format!("{k} segments stand apart best (silhouette {silhouette:.2}), and {bends}")
        } else {
            format!(
                "{k} segments stand apart about as well (silhouette {silhouette:.2}) as the {} that do so best ({:.2}), and \
                 {bends}",
                best.n_clusters, best.silhouette
            )
        };
        if more && table.last().is_some_and(|last| last.n_clusters == best.n_clusters) {
            reason.push_str(&format!("; more than {} were not tried", best.n_clusters));
        }
        if chosen.silhouette < WEAK_SILHOUETTE {
            reason.push_str("; they overlap: the data has no clear segments");
        }
        let n_clusters = chosen.n_clusters;
        Some(Choice { table, n_clusters, reason, elbow })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(of: &[(usize, f64, f64)]) -> Vec<Quality> {
        of.iter()
            .map(|&(n_clusters, inertia, silhouette)| Quality {
                n_clusters,
                inertia,
                silhouette,
                calinski_harabasz: 0.0,
                davies_bouldin: 0.0,
            })
            .collect()
    }

    #[test]
    fn the_elbow_wins_when_it_stands_apart_about_as_well() {
        let close =
            Choice::of(table(&[(2, 50.0, 0.51), (3, 10.0, 0.50), (4, 9.0, 0.3), (5, 8.0, 0.3)]), 100.0, true).unwrap();
        assert_eq!((close.n_clusters, close.elbow), (3, Some(3)));
        let clear =
            Choice::of(table(&[(2, 50.0, 0.6), (3, 10.0, 0.50), (4, 9.0, 0.3), (5, 8.0, 0.3)]), 100.0, true).unwrap();
        assert_eq!((clear.n_clusters, clear.elbow), (2, Some(3)));
        assert!(clear.reason.starts_with("2 segments stand apart best"), "{}", clear.reason);
    }

    #[test]
    fn without_an_elbow_that_is_as_good_the_fewest_that_are() {
        let rising =
            Choice::of(table(&[(2, 90.0, 0.30), (3, 40.0, 0.28), (4, 37.0, 0.47), (5, 34.0, 0.50)]), 100.0, true);
        let rising = rising.unwrap();
        assert_eq!((rising.n_clusters, rising.elbow), (4, Some(3)));
        assert!(rising.reason.contains("as the 5 that do so best (0.50)"), "{}", rising.reason);
        assert!(rising.reason.ends_with("more than 5 were not tried"), "{}", rising.reason);
        let rising = Choice::of(rising.table, 100.0, false).unwrap();
        assert!(!rising.reason.contains("tried"), "no more are possible: {}", rising.reason);
    }

    #[test]
    fn a_damaged_choice_is_refused() {
        let table = table(&[(2, 80.0, 0.5), (3, 60.0, 0.4)]);
        let good = Choice { table, n_clusters: 2, reason: "why".into(), elbow: None };
        let read = |choice: &Choice| {
            adflux_core::component::decode::<Choice>(
                "choice",
                &adflux_core::component::encode("choice", choice).unwrap(),
            )
        };
        assert_eq!(read(&good).unwrap(), good);
        let says = |choice: Choice| read(&choice).unwrap_err().to_string();
        assert!(says(Choice { table: Vec::new(), ..good.clone() }).contains("none of those"));
        assert!(says(Choice { n_clusters: 7, ..good.clone() }).contains("none of those"));
        let turned = good.table.iter().rev().cloned().collect();
        assert!(says(Choice { table: turned, ..good }).contains("do not ascend"));
    }

    #[test]
    fn weak_structure_is_said() {
        let weak = Choice::of(table(&[(2, 80.0, 0.1), (3, 60.0, 0.12)]), 100.0, true).unwrap();
        assert!(weak.reason.ends_with("no clear segments"), "{}", weak.reason);
        assert!(Choice::of(Vec::new(), 1.0, true).is_none());
    }
}
