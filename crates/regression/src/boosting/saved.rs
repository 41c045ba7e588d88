//! The saved form of boosted trees.

use super::Boosted;
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

#[derive(Serialize, Deserialize)]
pub(super) struct SavedBoosted {
    columns: Vec<Column>,
    levels: Levels,
    #[serde(with = "adflux_core::arrays")]
    base: Vec<f64>,
    /// Those of each score together.
    trees: Vec<Flat>,
    #[serde(with = "adflux_core::arrays")]
    importances: Array1<f64>,
}

impl From<Boosted> for SavedBoosted {
    fn from(model: Boosted) -> Self {
        SavedBoosted {
            columns: model.columns.to_vec(),
            levels: model.levels,
            base: model.base,
            trees: model.trees.iter().map(|trees| Flat::of(trees)).collect(),
            importances: model.importances,
        }
    }
}

impl TryFrom<SavedBoosted> for Boosted {
    type Error = String;

    fn try_from(saved: SavedBoosted) -> Result<Self, String> {
        let width = saved.columns.len();
        let trees: Option<Vec<_>> = saved.trees.iter().map(|flat| flat.trees(1, width)).collect();
        let fits = width > 0
            && !saved.base.is_empty()
            && saved.base.len() == saved.trees.len()
            && saved.base.iter().all(|score| score.is_finite())
            && are_importances(&saved.importances, width)
            && saved.levels.plausible(width, MOST_BINS);
        match trees {
            Some(trees) if fits && trees.iter().all(|of_score| of_score.len() == trees[0].len()) => Ok(Boosted {
                columns: saved.columns.into(),
                levels: saved.levels,
                base: saved.base,
                trees,
                importances: saved.importances,
            }),
            _ => Err("the nodes are not those of whole trees".into()),
        }
    }
}
