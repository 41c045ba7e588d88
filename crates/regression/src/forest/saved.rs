//! The saved form of a forest: the nodes of all trees in a few long arrays. Indices of children are not kept, they follow
//! from the order of the nodes; thresholds are real values, so that no bins are needed to predict.

use super::Forest;
use crate::tree::nodes::{Flat, Tree};
use adflux_core::Column;
use ndarray::Array1;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct SavedForest {
    columns: Vec<Column>,
    outputs: usize,
    /// Nodes of each tree.
    sizes: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    node_columns: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    thresholds: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    values: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    importances: Array1<f64>,
}

impl From<Forest> for SavedForest {
    fn from(forest: Forest) -> Self {
        let sizes = forest.trees.iter().map(|tree| tree.len() as u32).collect();
        let mut flat = Flat::default();
        forest.trees.iter().for_each(|tree| tree.flatten(&mut flat));
        SavedForest {
            columns: forest.columns.to_vec(),
            outputs: forest.outputs,
            sizes,
            node_columns: flat.columns,
            thresholds: flat.thresholds,
            values: flat.values,
            importances: forest.importances,
        }
    }
}

impl TryFrom<SavedForest> for Forest {
    type Error = String;

    fn try_from(saved: SavedForest) -> Result<Self, String> {
        let width = saved.columns.len();
        let (mut columns, mut thresholds, mut values) =
            (&saved.node_columns[..], &saved.thresholds[..], &saved.values[..]);
        let mut next = |&size: &u32| {
            let (own_columns, rest) = columns.split_at_checked(size as usize)?;
            columns = rest;
            let (own_thresholds, rest) = thresholds.split_at_checked(size as usize)?;
            thresholds = rest;
            Tree::restore(own_columns, own_thresholds, &mut values, saved.outputs, width)
        };
        let trees: Option<Vec<Tree>> = saved.sizes.iter().map(&mut next).collect();
        let left = columns.len() + thresholds.len() + values.len();
        // A tree of several outputs has at least one leaf, so that many values; one output is kept in the node itself.
        let plausible = saved.outputs == 1 || saved.outputs <= saved.values.len();
        let fits = left == 0
            && width > 0
            && saved.outputs > 0
            && plausible
            && saved.importances.len() == width
            && !saved.sizes.is_empty();
        match trees {
            Some(trees) if fits => Ok(Forest {
                columns: saved.columns.into(),
                outputs: saved.outputs,
                trees,
                importances: saved.importances,
            }),
            _ => Err("the nodes are not those of whole trees".into()),
        }
    }
}
