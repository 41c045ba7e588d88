//! Which clusters of the condensed tree are the segments.

use super::{ClusterSelectionMethod, condensed::Condensed};

/// What is chosen from the tree.
pub(super) struct Choice<'a> {
    pub(super) tree: &'a Condensed,
    pub(super) method: ClusterSelectionMethod,
    pub(super) epsilon: f64,
    pub(super) allow_single_cluster: bool,
}

impl Choice<'_> {
    /// Whether each cluster is a segment: its rows, but for those of another that lies in it.
    pub(super) fn selected(&self) -> Vec<bool> {
        let children = self.children();
        let selected = match self.method {
            ClusterSelectionMethod::Eom => self.most_stable(&children),
            ClusterSelectionMethod::Leaf => {
                // Without a split there is no leaf: the root is none, even where it may be a segment, as in both packages.
                (0..children.len()).map(|c| children[c].is_empty() && c > 0).collect()
            }
        };
        if self.epsilon > 0.0 && !selected[0] { self.widened(selected) } else { selected }
    }

    fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.tree.clusters.len()];
        for (number, cluster) in self.tree.clusters.iter().enumerate().skip(1) {
            children[cluster.parent as usize].push(number);
        }
        children
    }

    /// The clusters of the largest total stability (excess of mass).
    fn most_stable(&self, children: &[Vec<usize>]) -> Vec<bool> {
        let mut stabilities = self.tree.stabilities();
        let mut selected = vec![true; children.len()];
        selected[0] = self.allow_single_cluster;
        for cluster in (0..children.len()).rev().filter(|c| *c > 0 || self.allow_single_cluster) {
            let below: f64 = children[cluster].iter().map(|child| stabilities[*child]).sum();
            if below > stabilities[cluster] {
                selected[cluster] = false;
                stabilities[cluster] = below;
            } else {
                descendants(cluster, children).for_each(|below| selected[below] = false);
            }
        }
        selected
    }

    /// Clusters that begin at less than `epsilon` give way to the nearest above them that begins farther than that, or to the one
    /// below the root. A selected cluster that begins exactly at `epsilon` stays, inside one that others gave way to: `hdbscan` and
    /// scikit-learn compare once with < and once with >.
    fn widened(&self, selected: Vec<bool>) -> Vec<bool> {
        let clusters = &self.tree.clusters;
        let distance = |cluster: usize| 1.0 / clusters[cluster].birth;
        let mut widened = vec![false; selected.len()];
        for cluster in (0..selected.len()).filter(|cluster| selected[*cluster]) {
            let mut at = cluster;
            if distance(cluster) < self.epsilon {
                loop {
                    let parent = clusters[at].parent as usize;
                    if parent == 0 && !self.allow_single_cluster {
                        break;
                    }
                    at = parent;
                    if parent == 0 || distance(parent) > self.epsilon {
                        break;
                    }
                }
            }
            widened[at] = true;
        }
        // The root is a segment only alone.
        widened[0] &= widened.iter().filter(|widened| **widened).count() == 1;
        widened
    }

    /// Of each cluster, the segment that it is or lies in.
    pub(super) fn segment_of(&self, selected: &[bool]) -> Vec<Option<usize>> {
        let mut segments = vec![None; selected.len()];
        for (number, cluster) in self.tree.clusters.iter().enumerate() {
            segments[number] = match selected[number] {
                true => Some(number),
                false if number > 0 => segments[cluster.parent as usize],
                false => None,
            };
        }
        segments
    }

    /// The density that a row must have to be in the root, where that is the only segment: else everything would be.
    pub(super) fn least_lambda_in_root(&self) -> f64 {
        if self.epsilon > 0.0 { 1.0 / self.epsilon } else { self.tree.clusters[0].death }
    }
}

fn descendants<'a>(cluster: usize, children: &'a [Vec<usize>]) -> impl Iterator<Item = usize> + 'a {
    let mut waiting = children[cluster].clone();
    std::iter::from_fn(move || {
        let next = waiting.pop()?;
        waiting.extend(&children[next]);
        Some(next)
    })
}
