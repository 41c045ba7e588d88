//! The checks, a module for each thing they look at.

mod answers;
mod cancelling;
mod columns;
mod numbers;
mod recipes;
mod repeats;
mod saving;
mod training;

use super::{
    case::{Case, Findings},
    subject::Subject,
};

type Check<C> = fn(&Case<C>, &mut Findings<'_>);

/// Every check with its name, in the order of the table in the documentation of the kit.
pub(crate) fn all<C: Subject>() -> [(&'static str, Check<C>); 17] {
    [
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
