//! The checks, a module for each thing they look at.

mod answers;
mod cancelling;
mod columns;
mod forecasts;
mod numbers;
mod recipes;
mod repeats;
mod saving;
mod training;

use super::{
    case::{Case, Findings},
    sample::Sample,
    subject::Subject,
};
use adflux_core::AnyForecasterRecipe;

/// A check with its name.
pub(crate) type Check<C> = (&'static str, fn(&Case<C>, &mut Findings<'_>));

/// The checks of components that are given rows, in the order of the table in the documentation of the kit.
pub(crate) fn of_rows<C: Subject<Input: Sample>>() -> Vec<Check<C>> {
    vec![
        ("threads", repeats::threads),
        ("saving", saving::saving),
        ("damage", saving::damage),
        ("rows", repeats::rows),
        ("names", answers::names),
        ("lineage", answers::lineage),
        ("columns", columns::columns),
        ("types", columns::types),
        ("missing values", numbers::missing),
        ("infinite values", numbers::infinite),
        ("edges", numbers::edges),
        ("scales", numbers::scales),
        ("training", training::training),
        ("recipe", recipes::recipe),
        ("parameters", recipes::parameters),
        ("cancellation", cancelling::cancellation),
        ("input", answers::input),
    ]
}

/// The checks of forecasters.
pub(crate) fn of_forecasts() -> Vec<Check<AnyForecasterRecipe>> {
    vec![
        ("threads", repeats::training_on_threads),
        ("saving", saving::saving),
        ("damage", saving::damage),
        ("times", forecasts::times),
        ("horizon", forecasts::horizon),
        ("levels", forecasts::levels),
        ("paths", forecasts::paths),
        ("updates", forecasts::updates),
        ("series", forecasts::series),
        ("missing values", forecasts::missing),
        ("edges", forecasts::edges),
        ("scales", forecasts::scales),
        ("recipe", recipes::recipe),
        ("parameters", recipes::parameters),
        ("cancellation", cancelling::cancellation),
    ]
}
