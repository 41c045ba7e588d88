//! What comes out: names, lineage, and that what went in is as it was.

use crate::conformance::{
    case::{Case, Findings, guarded},
    grid::Answer as _,
    sample::Sample,
    subject::Subject,
};
use adflux_core::DynComponent as _;
use std::collections::HashSet;

pub(super) fn names<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let names = case.answer.names();
    let mut seen = HashSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(**name)) {
        findings.fail("the answer", format_args!("two columns are called `{twice}`"));
    }
    if let Some((name, cells)) = case.answer.columns.iter().find(|(_, cells)| cells.len() != case.answer.rows) {
        findings.fail("the answer", format_args!("{} cells in `{name}` of {} rows", cells.len(), case.answer.rows));
    }
    let rows = adflux_core::Rows::len(case.x());
    if case.answer.rows != rows {
        findings.fail("the answer", format_args!("{} rows for {rows}", case.answer.rows));
    }
    // What a step hands on while a pipeline is trained is what the next one will be asked about later.
    let trained = guarded(|| case.recipe.training_output(case.training.clone()));
    let Some(Some(trained)) = findings.must("the output in training", trained) else { return };
    let trained = trained.grid();
    let difference = trained.difference(&case.answer);
    match (difference, case.capabilities.cross_fits) {
        (Some(difference), false) => findings.fail("the output in training", difference),
        (None, true) => {
            findings.fail("`cross_fits`", "declared, but the output in training is that of the fitted step")
        }
        (Some(_), true) if trained.names() != names => {
            findings.fail("the output in training", format_args!("the columns {:?}, later {names:?}", trained.names()));
        }
        _ => {}
    }
}

pub(super) fn lineage<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let x = case.x().with_own_lineage();
    let allowed = match C::Input::BY_NAME {
        true => case.fitted.inputs(),
        false => x.sources(),
    };
    let Some(fitted) = findings.must("the training data", case.fit(case.with_x(x.clone()))) else { return };
    let Some(answer) = findings.must("the training data", guarded(|| C::answer(&fitted, &x))) else { return };
    for column in answer.columns() {
        if column.sources.is_empty() {
            findings.fail(&format!("`{}`", column.name), "it names no source");
        }
        if let Some(unknown) = column.sources.iter().find(|source| !allowed.contains(source)) {
            let among = allowed.join("`, `");
            findings.fail(
                &format!("`{}`", column.name),
                format_args!("its source `{unknown}` is none of the input columns `{among}`"),
            );
        }
    }
}

pub(super) fn input<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let x = case.x().clone();
    let before = x.grid();
    findings.must("a fit", case.fit(case.with_x(x.clone())));
    findings.must("an answer", case.ask(&x));
    if let Some(difference) = x.grid().difference(&before) {
        findings.fail("the input afterwards", difference);
    }
}
