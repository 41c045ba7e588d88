//! The same again: other threads, other rows beside.

use crate::conformance::{
    case::{Attempt, Case, Findings, guarded, save},
    grid::{Answer as _, Grid},
    sample::Sample,
    subject::Subject,
};
use adflux_core::{Context, Rows as _, Saved, Training};

pub(super) fn threads<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    training_on_threads(case, findings);
    on_threads(case, findings, "many rows", &case.training.take(&case.many_rows()), None);
}

/// The part of [`threads`] that holds for every component.
pub(super) fn training_on_threads<C: Subject>(case: &Case<C>, findings: &mut Findings<'_>) {
    let first = (case.saved.clone(), case.answer.clone());
    on_threads(case, findings, "the training data", &case.training, Some(first));
}

fn on_threads<C: Subject>(
    case: &Case<C>,
    findings: &mut Findings<'_>,
    what: &str,
    data: &Training<C::Input>,
    mut first: Option<(Saved, Grid)>,
) {
    // The second fit on one thread is the repeat.
    for threads in [1, 1, 2, 3] {
        let input = format!("{what}, {threads} thread{}", if threads == 1 { "" } else { "s" });
        let Some(this) = findings.must(&input, fit_and_ask(case, data, threads)) else { continue };
        let (state, answer) = first.get_or_insert_with(|| this.clone());
        if this.0 != *state {
            findings.fail(&input, "the fit does not give the state it gave before");
        }
        if let Some(difference) = this.1.difference(answer) {
            findings.fail(&input, difference);
        }
    }
}

fn fit_and_ask<C: Subject>(case: &Case<C>, data: &Training<C::Input>, threads: usize) -> Attempt<(Saved, Grid)> {
    let context = guarded(|| Context::default().with_threads(threads))?;
    let fitted = guarded(|| case.recipe.learn(data.clone(), &context))?;
    // A component asks rayon for its threads: inside the pool it gets those.
    let answer = guarded(|| context.run(|| C::answer(&fitted, &data.x).map(|answer| answer.grid())))?;
    Ok((save::<C>(&fitted)?, answer))
}

/// Rows that are asked about one by one.
const ALONE: usize = 50;

pub(super) fn rows<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let rows = case.x().len();
    let alone = (0..rows.min(ALONE)).map(|row| (format!("row {} alone", row + 1), vec![row]));
    let tables = alone.chain([
        ("the rows in reverse".to_string(), (0..rows).rev().collect()),
        ("every row twice".to_string(), (0..rows).flat_map(|row| [row, row]).collect()),
        ("many rows".to_string(), case.many_rows()),
    ]);
    let mut depends = false;
    for (input, rows) in tables {
        let Some(answer) = findings.must(&input, case.ask(&case.x().take(&rows))) else { continue };
        if let Some(difference) = answer.difference(&case.answer.take(&rows)) {
            depends = true;
            if case.capabilities.row_wise {
                findings.fail(&input, format_args!("not as among the other rows: {difference}"));
            }
        }
    }
    if !case.capabilities.row_wise && !depends {
        findings.fail("`looks_across_rows`", "declared, but every row is answered alone as among others");
    }
}
