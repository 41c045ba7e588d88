//! The decomposition of every series of a panel.

use super::{Components, Mstl};
use crate::local::known_values;
use adflux_core::{Context, Error, Frequency, Panel, Result, Series, Skipped};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

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
        self.series.iter().find(|series| series.id == id).ok_or_else(|| {
            match self.skipped.iter().find(|skipped| skipped.id == id) {
                Some(skipped) => Error::data(format!("series `{id}` was skipped: {}", skipped.reason)),
                None => Error::data(format!("no series is called `{id}`")),
            }
        })
    }

    pub(super) fn of(recipe: &Mstl, panel: &Panel, context: &Context) -> Result<Self> {
        let (done, total) = (AtomicU64::new(0), panel.len() as u64);
        let one = |series: &Series| {
            let decomposed = decompose(recipe, panel.frequency(), series, context);
            context.report("decompose", done.fetch_add(1, Ordering::Relaxed) + 1, Some(total));
            match decomposed {
                Err(Error::Cancelled) => Err(Error::Cancelled),
                Ok(series) => Ok(Ok(series)),
                Err(error) => Ok(Err(Skipped { id: series.id().into(), reason: error.to_string() })),
            }
        };
        let all: Vec<Result<SeriesComponents, Skipped>> =
            context.run(|| panel.series().par_iter().map(one).collect::<Result<_>>())?;
        let (mut series, mut skipped) = (Vec::new(), Vec::new());
        for one in all {
            match one {
                Ok(one) => series.push(one),
                Err(one) => skipped.push(one),
            }
        }
        Ok(PanelDecomposition { frequency: panel.frequency(), series, skipped })
    }
}

fn decompose(recipe: &Mstl, frequency: Frequency, series: &Series, context: &Context) -> Result<SeriesComponents> {
    let (first, values) = known_values(series.values()).ok_or_else(|| Error::data("no values"))?;
    let components = recipe.decompose_with(&values, context)?;
    let times = (first..first + values.len()).map(|step| frequency.after(series.start(), step as i64)).collect();
    Ok(SeriesComponents { id: series.id().into(), times, values, components })
}
