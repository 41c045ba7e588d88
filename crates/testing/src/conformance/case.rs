//! One component under examination, and what is found.

use super::{
    grid::{Answer as _, Grid},
    sample::Sample,
    subject::Subject,
};
use adflux_core::{Context, DynComponent as _, Error, Registry, Result, Saved, Training};
use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// What is declared of a component.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capabilities {
    pub(crate) missing: Treatment,
    pub(crate) infinite: Treatment,
    pub(crate) row_wise: bool,
    pub(crate) cross_fits: bool,
    pub(crate) any_columns: bool,
    /// Rows of the large table.
    pub(crate) many: usize,
    /// Whether the forecast of a scaled series is the scaled forecast.
    pub(crate) equivariant: bool,
    /// Whether the forecast of a series depends on the others.
    pub(crate) across_series: bool,
}

/// What becomes of a number that is missing or infinite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// It is refused, naming column and row.
    Refused,
    /// The answer is finite all the same.
    Taken,
    /// It stays what it is in its row.
    Kept,
}

/// Why there is no result.
#[derive(Debug)]
pub(crate) enum Trouble {
    Refused(Error),
    Panicked(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Refused(e) => write!(f, "refused: {e}"),
            Trouble::Panicked(message) => write!(f, "panicked: {message}"),
        }
    }
}

pub(crate) type Attempt<T> = Result<T, Trouble>;

/// `work`, a panic of which is caught.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Attempt<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(Trouble::Refused),
        Err(panic) => Err(Trouble::Panicked(message_of(&*panic))),
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "(no message)".into())
}

/// The error itself, without the steps it came through.
pub(crate) fn root(error: &Error) -> &Error {
    match error {
        Error::Step { source, .. } => root(source),
        other => other,
    }
}

/// A component, fitted once on its valid training data.
pub(crate) struct Case<C: Subject> {
    pub(crate) recipe: C,
    pub(crate) training: Training<C::Input>,
    pub(crate) registry: Registry,
    pub(crate) capabilities: Capabilities,
    pub(crate) refused: Vec<(&'static str, C)>,
    pub(crate) fitted: C::Boxed,
    pub(crate) saved: Saved,
    /// What it answers about the training inputs.
    pub(crate) answer: Grid,
}

impl<C: Subject> Case<C> {
    pub(crate) fn x(&self) -> &C::Input {
        &self.training.x
    }

    /// The training data with other inputs.
    pub(crate) fn with_x(&self, x: C::Input) -> Training<C::Input> {
        self.training.clone().replace(x)
    }

    pub(crate) fn fit(&self, data: Training<C::Input>) -> Attempt<C::Boxed> {
        guarded(|| self.recipe.learn(data, &Context::default()))
    }

    /// The answer of the component fitted on the valid data.
    pub(crate) fn ask(&self, x: &C::Input) -> Attempt<Grid> {
        ask::<C>(&self.fitted, x)
    }

    /// The answer about the valid inputs of the component fitted on `data`.
    pub(crate) fn learn_and_ask(&self, data: Training<C::Input>) -> Attempt<Grid> {
        self.fit(data).and_then(|fitted| ask::<C>(&fitted, self.x()))
    }
}

impl<C: Subject<Input: Sample>> Case<C> {
    /// The columns that the component may look at: for frames those it names, otherwise all.
    pub(crate) fn reads(&self, column: &str) -> bool {
        !C::Input::BY_NAME || self.fitted.inputs().iter().any(|name| name == column)
    }

    /// Indices of `many` rows: the table again and again.
    pub(crate) fn many_rows(&self) -> Vec<usize> {
        let rows = adflux_core::Rows::len(self.x());
        (0..self.capabilities.many.max(rows)).map(|row| row % rows).collect()
    }
}

pub(crate) fn ask<C: Subject>(fitted: &C::Boxed, x: &C::Input) -> Attempt<Grid> {
    guarded(|| C::answer(fitted, x)).map(|answer| answer.grid())
}

/// The saved form of a fitted component.
pub(crate) fn save<C: Subject>(fitted: &C::Boxed) -> Attempt<Saved> {
    guarded(|| fitted.save())
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The check that found it, by the name it has in the [table](super).
    pub check: &'static str,
    /// What was done, and what came of it.
    pub message: String,
}

/// Collects what one check finds.
pub(crate) struct Findings<'a> {
    pub(crate) check: &'static str,
    pub(crate) failures: &'a mut Vec<Failure>,
}

impl Findings<'_> {
    pub(crate) fn fail(&mut self, input: &str, what: impl fmt::Display) {
        self.failures.push(Failure { check: self.check, message: format!("{input}: {what}") });
    }

    /// What must succeed.
    pub(crate) fn must<T>(&mut self, input: &str, attempt: Attempt<T>) -> Option<T> {
        attempt.map_err(|trouble| self.fail(input, trouble)).ok()
    }

    /// What may be refused, but not panic.
    pub(crate) fn may<T>(&mut self, input: &str, attempt: Attempt<T>) -> Option<Result<T>> {
        match attempt {
            Ok(value) => Some(Ok(value)),
            Err(Trouble::Refused(e)) => Some(Err(e)),
            Err(panic) => {
                self.fail(input, panic);
                None
            }
        }
    }

    /// What must be refused; the error.
    pub(crate) fn refused<T>(&mut self, input: &str, attempt: Attempt<T>) -> Option<Error> {
        match self.may(input, attempt)? {
            Ok(_) => {
                self.fail(input, "accepted, where an error is due");
                None
            }
            Err(e) => Some(e),
        }
    }

    /// An error, or an answer of finite numbers.
    pub(crate) fn finite_or_refused(&mut self, input: &str, attempt: Attempt<Grid>) {
        if let Some(Ok(grid)) = self.may(input, attempt) {
            self.finite(input, &grid);
        }
    }

    pub(crate) fn finite(&mut self, input: &str, grid: &Grid) {
        if let Some(cell) = grid.not_finite(|_| false) {
            self.fail(input, format_args!("{cell}, where a finite number or an error is due"));
        }
    }

    /// What must succeed and be the same as `expected`, bit by bit.
    pub(crate) fn same(&mut self, input: &str, expected: &Grid, attempt: Attempt<Grid>) {
        if let Some(difference) = self.must(input, attempt).and_then(|grid| grid.difference(expected)) {
            self.fail(input, difference);
        }
    }
}
