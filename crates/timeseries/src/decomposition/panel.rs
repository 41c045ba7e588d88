//! The decomposition of every series of a panel.

use super::{Components, Mstl};
use crate::local::{each_series, known_values};
use adflux_core::{Context, Error, Frequency, Panel, Result, Series, Skipped, forecast::not_there};

/// The components of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesComponents {
    /// The series.
    pub id: String,
    /// The time of each step, from the first known value to the last.
    pub times: Vec<i64>,
    /// The values, those that were missing filled.
    pub values: Vec<f64>,
    /// What they are the sum of.
    pub components: Components,
}

/// The components of the series of a panel, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct PanelDecomposition {
    /// How far apart the steps are.
    pub frequency: Frequency,
    /// The series that could be decomposed.
    pub series: Vec<SeriesComponents>,
    /// The series that could not, and why.
    pub skipped: Vec<Skipped>,
}

impl PanelDecomposition {
    /// The components of the series called `id`.
    ///
    /// # Errors
    /// When there are none, with the reason where it was skipped.
    pub fn get(&self, id: &str) -> Result<&SeriesComponents> {
        self.series.iter().find(|series| series.id == id).ok_or_else(|| not_there(id, &self.skipped))
    }

    pub(super) fn of(recipe: &Mstl, panel: &Panel, context: &Context) -> Result<Self> {
        let frequency = panel.frequency();
        let (series, skipped) =
            each_series("decompose", panel, context, |series| decompose(recipe, frequency, series, context))?;
        Ok(PanelDecomposition { frequency, series, skipped })
    }
}

fn decompose(recipe: &Mstl, frequency: Frequency, series: &Series, context: &Context) -> Result<SeriesComponents> {
    let (first, values) = known_values(series.values()).ok_or_else(|| Error::data("no values"))?;
    let components = recipe.decompose_with(&values, context)?;
    let times = (first..first + values.len()).map(|step| frequency.after(series.start(), step as i64)).collect();
    Ok(SeriesComponents { id: series.id().into(), times, values, components })
}
