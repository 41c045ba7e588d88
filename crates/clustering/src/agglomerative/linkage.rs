//! The tree of an agglomerative clustering.

use adflux_core::{Error, Result};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Two clusters that become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merge {
    /// The first cluster: below the number of rows a row, else the cluster of merge `first − rows`.
    pub first: usize,
    /// The second, of a greater number.
    pub second: usize,
    /// How far apart the two were, by the linkage.
    pub height: f64,
    /// The rows in the new cluster.
    pub size: usize,
}

/// The tree of an agglomerative clustering: n − 1 merges of n rows, in the order in which they were made.
///
/// It is SciPy's linkage matrix: row `i` of [`to_array`](Linkage::to_array) makes cluster `n + i` of the clusters `first` and
/// `second`, at `height`, of `size` rows. Heights rise, except that those of centroid and median linkage may fall.
///
/// ```
/// use adflux_clustering::{Linkage, LinkageMethod};
/// use ndarray::array;
/// let x = array![[0.0], [1.0], [5.0], [7.0]];
/// let tree = Linkage::of(x.view(), LinkageMethod::Single)?;
/// assert_eq!(tree.to_array(), array![[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 2.0, 2.0], [4.0, 5.0, 4.0, 4.0]]);
/// assert_eq!(tree.cut(2)?, [0, 0, 1, 1]);
/// assert_eq!(tree.cut_at(1.5), [0, 0, 1, 2]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "SavedLinkage", try_from = "SavedLinkage")]
pub struct Linkage {
    merges: Vec<Merge>,
}

/// The matrix, as it is saved.
#[derive(Serialize, Deserialize)]
struct SavedLinkage {
    #[serde(with = "adflux_core::arrays")]
    matrix: Array2<f64>,
}

impl From<Linkage> for SavedLinkage {
    fn from(linkage: Linkage) -> Self {
        SavedLinkage { matrix: linkage.to_array() }
    }
}

impl TryFrom<SavedLinkage> for Linkage {
    type Error = String;

    fn try_from(saved: SavedLinkage) -> std::result::Result<Self, String> {
        let matrix = saved.matrix;
        if matrix.ncols() != 4 {
            return Err("a linkage matrix has four columns".into());
        }
        let rows = matrix.nrows() + 1;
        let mut sizes = vec![1; rows];
        let mut taken = vec![false; 2 * rows - 1];
        let mut merges = Vec::with_capacity(rows - 1);
        for merge in matrix.rows() {
            let (first, second, height) = (merge[0] as usize, merge[1] as usize, merge[2]);
            if first >= second
                || second >= sizes.len()
                || taken[first]
                || taken[second]
                || height.is_nan()
                || height < 0.0
            {
                return Err("the merges of a linkage do not fit together".into());
            }
            (taken[first], taken[second]) = (true, true);
            let size = sizes[first] + sizes[second];
            sizes.push(size);
            merges.push(Merge { first, second, height, size });
        }
        Ok(Linkage { merges })
    }
}

impl Linkage {
    /// The tree of merges of clusters named by any of their rows, in any order: ordered by height, equals as they came.
    pub(crate) fn from_pairs(mut pairs: Vec<(u32, u32, f64)>) -> Self {
        pairs.sort_by(|a, b| a.2.total_cmp(&b.2));
        let rows = pairs.len() + 1;
        let mut forest = Forest::new(rows);
        let mut sizes = vec![1; rows];
        let mut merges = Vec::with_capacity(pairs.len());
        for (a, b, height) in pairs {
            let (a, b) = (forest.root(a as usize), forest.root(b as usize));
            forest.join(a, b);
            let size = sizes[a] + sizes[b];
            sizes.push(size);
            merges.push(Merge { first: a.min(b), second: a.max(b), height, size });
        }
        Linkage { merges }
    }

    /// The tree of merges that are numbered already.
    pub(super) fn from_merges(merges: Vec<Merge>) -> Self {
        Linkage { merges }
    }

    /// The number of rows that were clustered.
    pub fn rows(&self) -> usize {
        self.merges.len() + 1
    }

    /// The merges, in the order in which they were made.
    pub fn merges(&self) -> &[Merge] {
        &self.merges
    }

    /// SciPy's linkage matrix: (rows − 1) × 4 of first, second, height, size.
    #[doc(alias = "linkage")]
    pub fn to_array(&self) -> Array2<f64> {
        Array2::from_shape_fn((self.merges.len(), 4), |(i, column)| {
            let merge = &self.merges[i];
            [merge.first as f64, merge.second as f64, merge.height, merge.size as f64][column]
        })
    }

    /// The segment of each row when the tree is cut into `n_clusters`, by taking back the last merges. Segments are numbered by
    /// size: 0 is the largest, of equals the one whose first row comes first.
    ///
    /// Cuts of one tree are nested: each segment of the finer one lies in one of the coarser. O(rows).
    ///
    /// # Errors
    /// When `n_clusters` is 0 or more than there are rows.
    pub fn cut(&self, n_clusters: usize) -> Result<Vec<u32>> {
        if n_clusters == 0 || n_clusters > self.rows() {
            let reason = format!("must lie between 1 and {}, the number of rows", self.rows());
            return Err(Error::parameter("n_clusters", n_clusters, reason));
        }
        Ok(by_size(self.parts(&self.first_merges(n_clusters))))
    }

    /// The segment of each row when only merges up to `height` are made (SciPy's `fcluster` with the criterion `distance`): two
    /// rows are together when no merge on the way between them is higher. Numbered as by [`cut`](Self::cut). O(rows).
    pub fn cut_at(&self, height: f64) -> Vec<u32> {
        by_size(self.parts(&self.merges_up_to(height)))
    }

    /// Which merges are made for so many clusters: all but the last.
    pub(super) fn first_merges(&self, n_clusters: usize) -> Vec<bool> {
        (0..self.merges.len()).map(|merge| merge + n_clusters < self.rows()).collect()
    }

    /// Which merges are made up to a height, those below them with them.
    pub(super) fn merges_up_to(&self, height: f64) -> Vec<bool> {
        let rows = self.rows();
        let mut made: Vec<bool> = Vec::with_capacity(self.merges.len());
        for merge in &self.merges {
            let below = |cluster: usize| cluster < rows || made[cluster - rows];
            let both = below(merge.first) && below(merge.second);
            made.push(both && merge.height <= height);
        }
        made
    }

    /// The part of each row when only the merges that are `made` are: numbered by their first rows.
    pub(super) fn parts(&self, made: &[bool]) -> Vec<u32> {
        let rows = self.rows();
        let mut forest = Forest::new(rows);
        for (merge, made) in self.merges.iter().zip(made) {
            // A merge that is not made is a cluster of which nobody is a part.
            if *made { forest.join(merge.first, merge.second) } else { forest.skip() }
        }
        let mut number = vec![u32::MAX; 2 * rows - 1];
        let mut next = 0;
        let mut part = |row: usize| {
            let root = forest.root(row);
            if number[root] == u32::MAX {
                number[root] = next;
                next += 1;
            }
            number[root]
        };
        (0..rows).map(&mut part).collect()
    }

    /// The tree above the parts that the merges `made` leave: its leaves are those parts, `part_of` each row.
    pub(super) fn above(&self, made: &[bool], part_of: &[u32]) -> Linkage {
        let rows = self.rows();
        let parts = part_of.iter().max().map_or(0, |last| *last as usize + 1);
        let mut number: Vec<usize> = part_of.iter().map(|part| *part as usize).collect();
        let mut sizes = vec![1; parts];
        let mut merges = Vec::with_capacity(parts.saturating_sub(1));
        for (merge, made) in self.merges.iter().zip(made) {
            let (a, b) = (number[merge.first], number[merge.second]);
            if *made {
                number.push(a);
                continue;
            }
            let size = sizes[a] + sizes[b];
            number.push(sizes.len());
            sizes.push(size);
            merges.push(Merge { first: a.min(b), second: a.max(b), height: merge.height, size });
        }
        debug_assert_eq!(number.len(), 2 * rows - 1);
        Linkage { merges }
    }
}

/// Parts numbered by size, the largest first, equals as they were.
fn by_size(parts: Vec<u32>) -> Vec<u32> {
    let count = parts.iter().max().map_or(0, |last| *last as usize + 1);
    let mut sizes = vec![0_usize; count];
    parts.iter().for_each(|part| sizes[*part as usize] += 1);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|&part| Reverse(sizes[part]));
    let mut rank = vec![0; count];
    order.into_iter().zip(0..).for_each(|(part, place)| rank[part] = place);
    parts.into_iter().map(|part| rank[part as usize]).collect()
}

/// Which cluster a row is in by now: union–find over rows and merges, with the paths halved.
struct Forest {
    parent: Vec<usize>,
}

impl Forest {
    fn new(rows: usize) -> Self {
        Forest { parent: (0..rows).collect() }
    }

    fn root(&mut self, mut of: usize) -> usize {
        while self.parent[of] != of {
            self.parent[of] = self.parent[self.parent[of]];
            of = self.parent[of];
        }
        of
    }

    /// Makes the next cluster, of two.
    fn join(&mut self, a: usize, b: usize) {
        let new = self.parent.len();
        self.parent.push(new);
        (self.parent[a], self.parent[b]) = (new, new);
    }

    /// Leaves the number of the next cluster out.
    fn skip(&mut self) {
        self.parent.push(self.parent.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows 0 1 | 2 3 | 4, the last of which lies far off.
    fn tree() -> Linkage {
        Linkage::from_pairs(vec![(2, 3, 2.0), (0, 1, 1.0), (1, 4, 9.0), (0, 2, 3.0)])
    }

    #[test]
    fn pairs_are_ordered_and_numbered_as_scipy_does() {
        let rows: Vec<_> = tree().merges().iter().map(|m| (m.first, m.second, m.height, m.size)).collect();
        assert_eq!(rows, [(0, 1, 1.0, 2), (2, 3, 2.0, 2), (5, 6, 3.0, 4), (4, 7, 9.0, 5)]);
    }

    #[test]
    fn cuts_are_by_count_and_by_height() {
        let tree = tree();
        assert_eq!(tree.cut(1).unwrap(), [0; 5]);
        assert_eq!(tree.cut(2).unwrap(), [0, 0, 0, 0, 1]);
        assert_eq!(tree.cut(3).unwrap(), [0, 0, 1, 1, 2]);
        assert_eq!(tree.cut(5).unwrap(), [0, 1, 2, 3, 4]);
        assert_eq!(tree.cut_at(2.0), tree.cut(3).unwrap());
        assert_eq!(tree.cut_at(0.5), tree.cut(5).unwrap());
        assert_eq!(tree.cut_at(f64::INFINITY), [0; 5]);
        assert!(tree.cut(0).is_err() && tree.cut(6).unwrap_err().to_string().contains("between 1 and 5"));
    }

    #[test]
    fn a_merge_below_a_higher_one_waits_for_it() {
        // Centroid linkage: the second merge is lower than the first, which it needs.
        let merges = [(0, 1, 2.0, 2), (2, 3, 1.5, 3)];
        let merges = merges.map(|(first, second, height, size)| Merge { first, second, height, size });
        let tree = Linkage::from_merges(merges.to_vec());
        assert_eq!(tree.cut_at(1.7), [0, 1, 2]);
        assert_eq!(tree.cut_at(2.0), [0, 0, 0]);
    }

    #[test]
    fn the_top_of_the_tree_has_the_parts_as_leaves() {
        let tree = tree();
        let made = tree.first_merges(3);
        let top = tree.above(&made, &tree.parts(&made));
        let rows: Vec<_> = top.merges().iter().map(|m| (m.first, m.second, m.height, m.size)).collect();
        assert_eq!(rows, [(0, 1, 3.0, 2), (2, 3, 9.0, 3)]);
    }

    #[test]
    fn a_saved_tree_comes_back_and_a_broken_one_does_not() {
        let bytes = |matrix| adflux_core::component::encode("tree", &SavedLinkage { matrix }).unwrap();
        let read = |bytes: &[u8]| adflux_core::component::decode::<Linkage>("tree", bytes);
        assert_eq!(read(&bytes(tree().to_array())).unwrap(), tree());
        for (row, column, wrong) in [(0, 0, 1.0), (0, 1, 7.0), (1, 0, 0.0), (2, 2, f64::NAN)] {
            let mut matrix = tree().to_array();
            matrix[[row, column]] = wrong;
            assert!(read(&bytes(matrix)).is_err(), "{row} {column}");
        }
        assert!(read(&bytes(Array2::zeros((2, 3)))).is_err());
    }
}
