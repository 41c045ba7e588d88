//! The condensed tree: which clusters there are at every density, and where rows fall out of them.
//!
//! R. J. G. B. Campello, D. Moulavi and J. Sander, *Density-based clustering based on hierarchical density estimates*, 2013.

use crate::agglomerative::Linkage;
use std::collections::VecDeque;

/// A cluster from where it splits off to where it ends. λ is 1 / distance: a density.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cluster {
    /// The cluster that it split off from; the root's is itself.
    pub(super) parent: u32,
    /// λ where it begins; 0 for the root.
    pub(super) birth: f64,
    /// λ of the last row in it, or of its split.
    pub(super) death: f64,
    pub(super) size: usize,
}

/// The tree of clusters of at least so many rows. Clusters stand before those that split off from them; the first is the root.
pub(super) struct Condensed {
    pub(super) clusters: Vec<Cluster>,
    /// The last cluster that each row is in.
    pub(super) cluster_of: Vec<u32>,
    /// λ at which each row falls out of it.
    pub(super) lambda_of: Vec<f64>,
}

impl Condensed {
    /// Walks down the tree of merges. A split into two of at least `min_cluster_size` rows makes two clusters; of fewer, rows that
    /// fall out.
    pub(super) fn of(linkage: &Linkage, min_cluster_size: usize) -> Self {
        let (rows, merges) = (linkage.rows(), linkage.merges());
        let size = |node: usize| if node < rows { 1 } else { merges[node - rows].size };
        let root = Cluster { parent: 0, birth: 0.0, death: 0.0, size: rows };
        let mut tree =
            Condensed { clusters: vec![root], cluster_of: vec![0; rows], lambda_of: vec![f64::INFINITY; rows] };
        let mut waiting = VecDeque::from([(2 * rows - 2, 0_u32)]);
        while let Some((node, cluster)) = waiting.pop_front() {
            // The only row there is falls out nowhere.
            let Some(merge) = node.checked_sub(rows).map(|merge| merges[merge]) else { continue };
            let lambda = 1.0 / merge.height;
            let death = &mut tree.clusters[cluster as usize].death;
            *death = death.max(lambda);
            let children = [merge.first, merge.second];
            let large = children.map(|child| size(child) >= min_cluster_size);
            for (child, is_large) in children.into_iter().zip(large) {
                match (is_large, large) {
                    (true, [true, true]) => {
                        waiting.push_back((child, tree.clusters.len() as u32));
                        tree.clusters.push(Cluster {
                            parent: cluster,
                            birth: lambda,
                            death: lambda,
                            size: size(child),
                        });
                    }
                    (true, _) => waiting.push_back((child, cluster)),
                    (false, _) => tree.fall(linkage, child, cluster, lambda),
                }
            }
        }
        tree
    }

    /// All rows below a node fall out of a cluster.
    fn fall(&mut self, linkage: &Linkage, node: usize, cluster: u32, lambda: f64) {
        let mut below = vec![node];
        while let Some(node) = below.pop() {
            match node.checked_sub(linkage.rows()).map(|merge| linkage.merges()[merge]) {
                Some(merge) => below.extend([merge.first, merge.second]),
                None => (self.cluster_of[node], self.lambda_of[node]) = (cluster, lambda),
            }
        }
    }

    /// The excess of mass of each cluster: Σ (λ at which a row leaves it − λ where it begins).
    pub(super) fn stabilities(&self) -> Vec<f64> {
        // Where a cluster begins and ends at distance 0 nothing lies between.
        let excess = |lambda: f64, birth: f64| if lambda > birth { lambda - birth } else { 0.0 };
        let mut stabilities = vec![0.0; self.clusters.len()];
        for cluster in &self.clusters[1..] {
            let parent = cluster.parent as usize;
            stabilities[parent] += excess(cluster.birth, self.clusters[parent].birth) * cluster.size as f64;
        }
        for (cluster, lambda) in self.cluster_of.iter().zip(&self.lambda_of) {
            stabilities[*cluster as usize] += excess(*lambda, self.clusters[*cluster as usize].birth);
        }
        stabilities
    }

    /// How far each row lies out of what is densest below its cluster: GLOSH, (λmax − λ) / λmax, from 0 to 1.
    ///
    /// R. J. G. B. Campello, D. Moulavi, A. Zimek and J. Sander, *Hierarchical density estimates for data clustering, visualization,
    /// and outlier detection*, 2015.
    pub(super) fn outlier_scores(&self) -> Vec<f64> {
        let mut densest: Vec<f64> = self.clusters.iter().map(|cluster| cluster.death).collect();
        for (number, cluster) in self.clusters.iter().enumerate().skip(1).rev() {
            let parent = cluster.parent as usize;
            densest[parent] = densest[parent].max(densest[number]);
        }
        let score = |(cluster, lambda): (&u32, &f64)| match densest[*cluster as usize] {
            _ if lambda.is_infinite() => 0.0,
            f64::INFINITY => 1.0,
            most if most > 0.0 => (most - lambda) / most,
            _ => 0.0,
        };
        self.cluster_of.iter().zip(&self.lambda_of).map(score).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows 0 1 2 at 1, 3 4 5 at 2, both at 4, and row 6 far off.
    fn tree() -> Condensed {
        let pairs = vec![(0, 1, 1.0), (1, 2, 1.0), (3, 4, 2.0), (4, 5, 2.0), (2, 3, 4.0), (5, 6, 8.0)];
        Condensed::of(&Linkage::from_pairs(pairs), 3)
    }

    #[test]
    fn splits_of_enough_rows_are_clusters_and_others_fall_out() {
        let tree = tree();
        let root = Cluster { parent: 0, birth: 0.0, death: 0.25, size: 7 };
        let of = |death| Cluster { parent: 0, birth: 0.25, death, size: 3 };
        assert_eq!(tree.clusters, [root, of(1.0), of(0.5)]);
        assert_eq!(tree.cluster_of, [1, 1, 1, 2, 2, 2, 0]);
        assert_eq!(tree.lambda_of, [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.125]);
        assert_eq!(tree.stabilities(), [6.0 * 0.25 + 0.125, 2.25, 0.75]);
        assert_eq!(tree.outlier_scores(), [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.875]);
    }
}
