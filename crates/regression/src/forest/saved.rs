//! The saved form of a forest.

use super::{Forest, out_of_bag::OutOfBag};
use crate::tree::saved::Flat;
use adflux_core::Column;
use ndarray::Array1;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct SavedForest {
    columns: Vec<Column>,
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
            && saved.importances.len() == width
            && saved.trees.len() > 0
            && saved.out_of_bag.as_ref().is_none_or(|known| known.predictions().ncols() == saved.outputs);
        match saved.trees.trees(saved.outputs, width) {
            Some(trees) if fits => Ok(Forest {
                columns: saved.columns.into(),
                outputs: saved.outputs,
                trees,
                importances: saved.importances,
                out_of_bag: saved.out_of_bag,
            }),
            _ => Err("the nodes are not those of whole trees".into()),
        }
    }
}
