//! Columns that are missing, too many, in other places, of other types.

use crate::conformance::{
    case::{Attempt, Case, Findings, ask, root},
    grid::Grid,
    sample::{Holds, Sample},
    subject::Subject,
};
use adflux_core::{DynComponent as _, Error};

pub(super) fn columns<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    if C::Input::BY_NAME {
        by_name(case, findings);
    } else if case.capabilities.any_columns {
        any_columns(case, findings);
    } else {
        by_place(case, findings);
    }
}

/// A component of a frame finds its columns by name, and leaves the others alone.
fn by_name<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let (x, inputs) = (case.x(), case.fitted.inputs());
    if let Some(unknown) = inputs.iter().find(|input| x.columns().iter().all(|(name, _)| name != *input)) {
        return findings.fail("`inputs()`", format_args!("`{unknown}` is no column of the training data"));
    }
    findings.same("one column more", &case.answer, case.ask(&x.with_extra()));
    findings.same("the columns in reverse order", &case.answer, case.ask(&x.reversed()));
    if let Some(only) = x.select(&inputs) {
        findings.same("only the columns of `inputs()`", &case.answer, case.ask(&only));
    }
    for column in &inputs {
        let input = format!("without `{column}`");
        let without = x.without(column);
        names_missing(findings, &input, &[column], case.ask(&without));
        findings.may(&format!("a fit {input}"), case.learn_and_ask(case.with_x(without)));
    }
    if let [first, .., last] = &inputs[..]
        && first != last
    {
        let without = x.without(first).without(last);
        let input = format!("without `{first}` and `{last}`");
        names_missing(findings, &input, &[first, last], case.ask(&without));
    }
}

/// The error must be of missing columns, and list all of them.
fn names_missing(findings: &mut Findings<'_>, input: &str, wanted: &[&String], attempt: Attempt<Grid>) {
    let Some(error) = findings.refused(input, attempt) else { return };
    let listed = |missing: &[String]| wanted.iter().all(|name| missing.contains(name));
    if !matches!(root(&error), Error::MissingColumns { missing, .. } if listed(missing)) {
        findings
            .fail(input, format_args!("the error does not list what is missing (`Error::MissingColumns`): {error}"));
    }
}

/// A component of features was fitted on columns in an order: others are refused, or change nothing.
fn by_place<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let x = case.x();
    for (column, _) in x.columns() {
        let without = x.without(&column);
        findings.refused(&format!("without `{column}`"), case.ask(&without));
        findings.may(&format!("a fit without `{column}`"), case.fit(case.with_x(without)));
    }
    let expected = case.answer.clone().sorted();
    for (input, other) in [("one column more", x.with_extra()), ("the columns in reverse order", x.reversed())] {
        if let Some(Ok(answer)) = findings.may(input, case.ask(&other))
            && let Some(difference) = answer.sorted().difference(&expected)
        {
            findings.fail(input, format_args!("accepted, and answered otherwise: {difference}"));
        }
    }
}

/// A component that learns nothing of columns takes any.
fn any_columns<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let x = case.x();
    let columns = x.columns();
    for (column, _) in columns.iter().filter(|_| columns.len() > 1) {
        findings.must(&format!("without `{column}`"), case.ask(&x.without(column)));
    }
    findings.must("one column more", case.ask(&x.with_extra()));
    findings.same("the columns in reverse order", &case.answer.clone().sorted(), {
        case.ask(&x.reversed()).map(|answer| answer.sorted())
    });
}

pub(super) fn types<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let x = case.x();
    for (column, holds) in x.columns() {
        let input = match holds {
            Holds::Numbers => format!("words in `{column}`"),
            Holds::Other => format!("numbers in `{column}`"),
        };
        let other = x.retyped(&column);
        let asked = case.ask(&other);
        if !case.reads(&column) {
            findings.same(&format!("{input}, which it does not read"), &case.answer, asked);
        } else if C::Input::BY_NAME {
            findings.finite_or_refused(&input, asked);
        } else {
            findings.refused(&input, asked);
        }
        let trained = case.fit(case.with_x(other.clone()));
        if let Some(Ok(trained)) = findings.may(&format!("a fit with {input}"), trained) {
            let asked = ask::<C>(&trained, &other);
            findings.finite_or_refused(&format!("a fit with {input}"), asked);
        }
    }
    for (input, other) in x.other_predictions() {
        findings.may(&input, case.ask(&other));
        findings.may(&format!("a fit with {input}"), case.fit(case.with_x(other)));
    }
}
