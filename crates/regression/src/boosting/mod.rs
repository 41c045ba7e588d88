//! Gradient boosting: trees added one after the other, each towards what is still wrong.
//!
//! [`rounds`] is the loop over trees; [`objective`] says what a loss asks of it, with [`numeric`] and [`classes`] the losses
//! there are. A tree grows leaf by leaf in [`grow`]; [`expand`] parts the [`rows`] of a leaf, on the sums of derivatives by code
//! in [`histogram`], among whose splits [`split`] finds the best with the help of [`sieve`]. Bins and the trees that predict are those of [`tree`](crate::tree).

mod classes;
mod classifier;
mod columns;
mod expand;
mod grow;
mod histogram;
mod loss;
mod numeric;
mod objective;
mod regressor;
mod rounds;
mod rows;
mod saved;
mod settings;
mod sieve;
mod skeleton;
mod split;

pub use classifier::{FittedGradientBoostingClassifier, GradientBoostingClassifier};
pub use loss::Loss;
pub use regressor::{FittedGradientBoostingRegressor, GradientBoostingRegressor};

use crate::{
    explain::ensemble::Ensemble,
    levels::Levels,
    table::Table,
    tree::{nodes::Tree, predict::sums_of_leaves},
};
use adflux_core::{Column, Context, Contributions, Error, Features, Result, Rows as _, Scale, Training};
use adflux_evaluation::splits::{RowKeys, train_test_split};
use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};
use settings::Settings;
use std::sync::Arc;

/// Trees whose leaves are added up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "saved::SavedBoosted", into = "saved::SavedBoosted")]
struct Boosted {
    columns: Arc<[Column]>,
    levels: Levels,
    /// The scores without any tree.
    base: Vec<f64>,
    /// Of each score.
    trees: Vec<Vec<Tree>>,
    importances: Array1<f64>,
}

impl Boosted {
    /// The scores of every row: rows × scores.
    ///
    /// # Errors
    /// When the columns are not those of the fit, and those of [`Table::with_codes`].
    fn scores(&self, x: &Features, step: &str) -> Result<Array2<f64>> {
        x.require_columns(step, &self.columns)?;
        let coded = self.levels.code(x, step)?;
        let table = Table::with_codes(x, &coded, step)?;
        if let (&[base], [trees]) = (&self.base[..], &self.trees[..]) {
            let sums = Array1::from(sums_of_leaves(trees, &table, 1));
            return Ok((sums + base).insert_axis(Axis(1)));
        }
        let mut scores = Array2::zeros((table.rows(), self.base.len()));
        for ((trees, base), mut to) in self.trees.iter().zip(&self.base).zip(scores.columns_mut()) {
            to.assign(&Array1::from(sums_of_leaves(trees, &table, 1)));
            to += *base;
        }
        Ok(scores)
    }

    /// What each column adds to the scores.
    ///
    /// # Errors
    /// As [`scores`](Self::scores), for `x` and for `background`; and when that has no row, or the work is cancelled.
    fn contributions(
        &self,
        x: &Features,
        background: Option<&Features>,
        (scale, names): (Scale, Vec<String>),
        step: &'static str,
        context: &Context,
    ) -> Result<Contributions> {
        x.require_columns(step, &self.columns)?;
        let coded = self.levels.code(x, step)?;
        let rows = Table::with_codes(x, &coded, step)?;
        let ensemble = Ensemble {
            columns: &self.columns,
            trees: self.trees.iter().map(Vec::as_slice).enumerate().collect(),
            factor: 1.0,
            base: self.base.clone(),
            scale,
            names,
            step,
        };
        let Some(background) = background else { return ensemble.contributions(&rows, None, context) };
        background.require_columns(step, &self.columns)?;
        let coded = self.levels.code(background, step)?;
        ensemble.contributions(&rows, Some(&Table::with_codes(background, &coded, step)?), context)
    }

    fn rounds(&self) -> usize {
        self.trees.first().map_or(0, Vec::len)
    }
}

/// The rows to learn from and, when a fit is to stop early, those held back for it. Groups and times stay together as in
/// [`train_test_split`].
///
/// # Errors
/// When there are too few rows or groups for both.
fn hold_back(
    data: Training<Features>,
    settings: &Settings,
    context: &Context,
) -> Result<(Training<Features>, Option<Training<Features>>)> {
    context.check()?;
    if settings.n_iter_no_change.is_none() {
        return Ok((data, None));
    }
    let share = settings.validation_fraction;
    let fold = train_test_split(data.len(), share, &RowKeys::of(&data).options(Some(settings.seed)))?;
    let held_back = data.take(&fold.test);
    let learned = data.take(&fold.train);
    if [&learned, &held_back].iter().any(|part| part.weights.as_ref().is_some_and(|w| w.iter().all(|w| *w == 0.0))) {
        let reason = "all rows on one side have a weight of 0: take rows of weight 0 out, or another seed";
        return Err(Error::parameter("validation_fraction", share, reason));
    }
    Ok((learned, Some(held_back)))
}
