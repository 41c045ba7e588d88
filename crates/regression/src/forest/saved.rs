//! The saved form of a forest.

use super::{Forest, out_of_bag::OutOfBag};
use crate::{
    levels::Levels,
    tree::{
        binning::MOST_BINS,
        saved::{Flat, are_importances},
    },
};
use adflux_core::Column;
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize, Deserialize)]
pub(super) struct SavedForest {
    columns: Vec<Column>,
    #[serde(default, skip_serializing_if = "Levels::is_empty")]
    levels: Levels,
    outputs: usize,
    trees: Flat,
    #[serde(with = "adflux_core::arrays")]
    importances: Array1<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    out_of_bag: Option<OutOfBag>,
}

impl From<Forest> for SavedForest {
    fn from(forest: Forest) -> Self {
        SavedForest {
            columns: forest.columns.to_vec(),
            levels: forest.levels,
            outputs: forest.outputs,
            trees: Flat::of(&forest.trees),
            importances: forest.importances,
            out_of_bag: forest.out_of_bag,
        }
    }
}

impl TryFrom<SavedForest> for Forest {
    type Error = String;

    fn try_from(saved: SavedForest) -> Result<Self, String> {
        let width = saved.columns.len();
        let fits = width > 0
            && saved.outputs > 0
            && are_importances(&saved.importances, width)
            && saved.trees.len() > 0
            && saved.levels.plausible(width, MOST_BINS)
            && saved.out_of_bag.as_ref().is_none_or(|known| known.predictions().ncols() == saved.outputs);
        match saved.trees.trees(saved.outputs, width) {
            Some(trees) if fits => Ok(Forest {
                columns: saved.columns.into(),
                levels: saved.levels,
                outputs: saved.outputs,
                trees,
                importances: saved.importances,
                out_of_bag: saved.out_of_bag,
            }),
            _ => Err("the nodes are not those of whole trees".into()),
        }
    }
}

/// The saved form of a fitted regressor.
#[derive(Deserialize)]
pub(crate) struct SavedRegressor {
    forest: Forest,
    targets: Option<Vec<String>>,
}

impl SavedRegressor {
    /// The forest, and the names of its outputs where it has several targets.
    ///
    /// # Errors
    /// When there is not a name for each output.
    pub(crate) fn checked(self) -> Result<(Forest, Option<Vec<String>>), String> {
        let named = self.targets.as_ref().map_or(1, Vec::len);
        match named == self.forest.outputs {
            true => Ok((self.forest, self.targets)),
            false => Err(format!("{named} targets of leaves that say {} numbers", self.forest.outputs)),
        }
    }
}

/// The saved form of a fitted classifier.
#[derive(Deserialize)]
pub(crate) struct SavedClassifier {
    forest: Forest,
    labels: Arc<[String]>,
}

impl SavedClassifier {
    /// The forest and its labels.
    ///
    /// # Errors
    /// When there is not a label for each output.
    pub(crate) fn checked(self) -> Result<(Forest, Arc<[String]>), String> {
        match self.labels.len() == self.forest.outputs {
            true => Ok((self.forest, self.labels)),
            false => Err(format!("{} labels of leaves that say {} shares", self.labels.len(), self.forest.outputs)),
        }
    }
}
