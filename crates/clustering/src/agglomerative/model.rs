//! Agglomerative clustering: the fitted model.

use super::{Agglomerative, KIND, Linkage, LinkageMethod, Tree};
use crate::centers;
use adflux_core::{Column, Error, Features, Predict, Prediction, Result, Segments};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Of a row that is in no segment, because its weight is 0.
const NONE: u32 = u32::MAX;

/// One cut of the tree. Segments are numbered by weight: 0 is the heaviest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Level {
    #[serde(with = "adflux_core::arrays")]
    centers: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    counts: Vec<u64>,
    #[serde(with = "adflux_core::arrays")]
    weights: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    parents: Vec<u32>,
    inertia: f64,
}

impl Level {
    /// The number of segments.
    pub fn n_clusters(&self) -> usize {
        self.centers.nrows()
    }

    /// The weighted means: segments × columns, the heaviest segment first.
    pub fn centers(&self) -> &Array2<f64> {
        &self.centers
    }

    /// The number of training rows in each segment; rows of weight 0 are in none.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The weight of the training rows in each segment; their number, without weights.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The segment of the next coarser level that each segment lies in; empty at the coarsest level.
    pub fn parents(&self) -> &[u32] {
        &self.parents
    }

    /// The weighted sum of the squared distances of the training rows to their means.
    pub fn inertia(&self) -> f64 {
        self.inertia
    }

    /// The level of `parts` of the rows that count, and each row's segment.
    pub(crate) fn new(
        x: ArrayView2<f64>,
        weights: Option<ArrayView1<f64>>,
        counted: &[usize],
        parts: &[u32],
    ) -> (Self, Vec<u32>) {
        let k = parts.iter().max().map_or(0, |last| *last as usize + 1);
        let weight = |row: usize| weights.map_or(1.0, |w| w[row]);
        let mut sums = Array2::<f64>::zeros((k, x.ncols()));
        let (mut counts, mut totals) = (vec![0; k], vec![0.0; k]);
        for (&row, &part) in counted.iter().zip(parts) {
            counts[part as usize] += 1;
            totals[part as usize] += weight(row);
            sums.row_mut(part as usize).scaled_add(weight(row), &x.row(row));
        }
        for (mut sum, total) in sums.rows_mut().into_iter().zip(&totals) {
            sum /= *total;
        }
        let mut order: Vec<usize> = (0..k).collect();
        order.sort_by(|&a, &b| totals[b].total_cmp(&totals[a]).then(counts[b].cmp(&counts[a])));
        let mut rank = vec![0; k];
        order.iter().zip(0..).for_each(|(&part, place)| rank[part] = place);
        let segments: Vec<u32> = parts.iter().map(|&part| rank[part as usize]).collect();
        let centers = sums.select(Axis(0), &order);
        let squared = |(&row, &segment): (&usize, &u32)| {
            let squares = x.row(row).into_iter().zip(centers.row(segment as usize)).map(|(a, b)| (a - b).powi(2));
            weight(row) * squares.sum::<f64>()
        };
        let inertia = counted.iter().zip(&segments).map(squared).sum();
        let level = Level {
            counts: order.iter().map(|&part| counts[part]).collect(),
            weights: order.iter().map(|&part| totals[part]).collect(),
            parents: Vec::new(),
            centers,
            inertia,
        };
        (level, segments)
    }
}

/// Segments at one level or several, and the tree above them.
///
/// **New rows.** A row is put into the segment of the nearest centre at the finest level, and at coarser levels into those that this
/// segment lies in. So the levels are nested for new rows as for those of the training; the same row has the same segment
/// whatever it is asked with; and the row of a centre is in its segment. It is *not* promised that a row of the training
/// comes back into its own segment ([`labels`](Self::labels)): the tree merged clusters, not rows. Where segments are compact (Ward,
/// complete, average) most do; long chains of single linkage have no centre that speaks for them.
///
/// Saved are columns, centres, labels of 4 bytes a training row and the tree above the finest level, and the whole tree when
/// [`keep_linkage`](Agglomerative::keep_linkage) asks for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "SavedAgglomerative")]
pub struct AgglomerativeModel {
    columns: Vec<Column>,
    method: LinkageMethod,
    levels: Vec<Level>,
    #[serde(with = "adflux_core::arrays")]
    labels: Vec<u32>,
    top: Linkage,
    linkage: Option<Linkage>,
}

/// What a file says: the same, not yet checked.
#[derive(Deserialize)]
struct SavedAgglomerative {
    columns: Vec<Column>,
    method: LinkageMethod,
    levels: Vec<Level>,
    #[serde(with = "adflux_core::arrays")]
    labels: Vec<u32>,
    top: Linkage,
    linkage: Option<Linkage>,
}

impl TryFrom<SavedAgglomerative> for AgglomerativeModel {
    type Error = String;

    fn try_from(saved: SavedAgglomerative) -> std::result::Result<Self, String> {
        let SavedAgglomerative { columns, method, levels, labels, top, linkage } = saved;
        let Some(finest) = levels.last() else { return Err("there is no level".into()) };
        let mut coarser = None;
        for level in &levels {
            let k = level.n_clusters();
            let of_coarser = coarser.map_or(0, |_| k);
            if k == 0 || level.counts.len() != k || level.weights.len() != k || level.parents.len() != of_coarser {
                return Err("the numbers of centres, counts, weights and parents do not fit together".into());
            }
            if level.parents.iter().any(|parent| Some(*parent as usize) >= coarser) {
                return Err("a segment lies in one that there is not".into());
            }
            if level.centers.ncols() != columns.len() || level.centers.iter().any(|v| !v.is_finite()) {
                return Err("a centre is not a finite number a column".into());
            }
            coarser = Some(k);
        }
        if labels.iter().any(|label| *label != NONE && *label as usize >= finest.n_clusters()) {
            return Err("a row is in a segment that there is not".into());
        }
        if top.rows() != finest.n_clusters() {
            return Err("the tree does not have the segments as leaves".into());
        }
        Ok(AgglomerativeModel { columns, method, levels, labels, top, linkage })
    }
}

impl AgglomerativeModel {
    /// The model of a tree and the merges made at each level, from the coarsest.
    pub(super) fn new(
        x: ArrayView2<f64>,
        weights: Option<ArrayView1<f64>>,
        tree: Tree,
        cuts: &[Vec<bool>],
        recipe: &Agglomerative,
    ) -> Self {
        let Tree { linkage, counted } = tree;
        let mut levels: Vec<Level> = Vec::with_capacity(cuts.len());
        let mut segments = Vec::new();
        for made in cuts {
            let (mut level, finer) = Level::new(x, weights, &counted, &linkage.parts(made));
            if !levels.is_empty() {
                level.parents = vec![0; level.n_clusters()];
                finer.iter().zip(&segments).for_each(|(segment, parent)| level.parents[*segment as usize] = *parent);
            }
            levels.push(level);
            segments = finer;
        }
        let top = cuts.last().map(|made| linkage.above(made, &segments));
        let mut labels = vec![NONE; x.nrows()];
        counted.iter().zip(&segments).for_each(|(&row, &segment)| labels[row] = segment);
        AgglomerativeModel {
            columns: Vec::new(),
            method: recipe.linkage,
            levels,
            labels,
            top: top.unwrap_or_else(|| linkage.clone()),
            linkage: recipe.keep_linkage.then_some(linkage),
        }
    }

    /// The same, knowing the columns it was fitted on.
    pub(crate) fn with_columns_of(mut self, x: &Features) -> Self {
        self.columns = x.columns().cloned().collect();
        self
    }

    /// The linkage it was fitted with.
    pub fn method(&self) -> LinkageMethod {
        self.method
    }

    /// The levels, from the coarsest to the finest: at least one.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// The tree above the finest level: its leaves are the segments of that level, by number.
    pub fn top(&self) -> &Linkage {
        &self.top
    }

    /// The whole tree, over the training rows of weight above 0; kept only when the recipe asks for it.
    pub fn linkage(&self) -> Option<&Linkage> {
        self.linkage.as_ref()
    }

    /// The segment of each training row at a level, counted from the coarsest: its place in the tree. `None` for rows of weight 0.
    ///
    /// # Errors
    /// When there is no such level.
    #[doc(alias = "labels_")]
    pub fn labels(&self, level: usize) -> Result<Vec<Option<u32>>> {
        let at = self.ancestors(level)?;
        Ok(self.labels.iter().map(|label| at.get(*label as usize).copied()).collect())
    }

    /// The segment of each row of `x` (rows × columns) at a level, counted from the coarsest: that of the nearest centre of the
    /// finest level, or what that lies in. O(rows × segments of the finest level × columns) on all threads.
    ///
    /// # Errors
    /// When there is no such level, when the number of columns is not that of the training data, or a number is not finite (the
    /// column and row are named).
    pub fn assign(&self, level: usize, x: &ArrayView2<f64>) -> Result<Vec<u32>> {
        let at = self.ancestors(level)?;
        Ok(self.nearest(x)?.into_iter().map(|segment| at[segment as usize]).collect())
    }

    /// Of each segment of the finest level, the segment of `level` that it lies in.
    fn ancestors(&self, level: usize) -> Result<Vec<u32>> {
        if level >= self.levels.len() {
            let reason = format!("there are {} levels, counted from 0", self.levels.len());
            return Err(Error::parameter("level", level, reason));
        }
        let mut at: Vec<u32> = (0..self.top.rows() as u32).collect();
        for finer in self.levels[level + 1..].iter().rev() {
            at.iter_mut().for_each(|segment| *segment = finer.parents[*segment as usize]);
        }
        Ok(at)
    }

    fn nearest(&self, x: &ArrayView2<f64>) -> Result<Vec<u32>> {
        let finest = self.levels.last().ok_or_else(|| Error::data(format!("`{KIND}` has no level")))?;
        crate::inputs::check_rows(KIND, &self.columns, finest.centers.ncols(), x)?;
        Ok(centers::nearest(&finest.centers, x))
    }
}

impl Predict<Features> for AgglomerativeModel {
    type Output = Prediction;

    /// The segment of each row, with its strength: the simplified silhouette, (b − a) / max(a, b) with a the distance to the own
    /// centre and b to the nearest other of the level, 0 when another is nearer. Of several levels several predictions, from the
    /// coarsest, named `segment_` and the number of segments.
    ///
    /// # Errors
    /// When the features are not one dense block of finite numbers with the columns of the training data, in their order.
    fn predict(&self, x: &Features) -> Result<Prediction> {
        x.require_columns(KIND, &self.columns)?;
        x.require_finite(KIND)?;
        let x = x.dense(KIND)?.view();
        let nearest = self.nearest(&x)?;
        let of_level = |level: usize| -> Result<Segments> {
            let at = self.ancestors(level)?;
            let segments = nearest.iter().map(|segment| at[*segment as usize]).collect();
            Ok(centers::with_strength(&centers::distances(&self.levels[level].centers, &x), segments))
        };
        if let [_] = self.levels[..] {
            return Ok(of_level(0)?.into());
        }
        let named =
            |level: usize| Ok((format!("segment_{}", self.levels[level].n_clusters()), of_level(level)?.into()));
        Ok(Prediction::Multi((0..self.levels.len()).map(named).collect::<Result<_>>()?))
    }
}

adflux_core::component!(AgglomerativeModel, "agglomerative", version = 1);
