//! Numbers that are not there, not finite, all the same, huge or tiny.

use crate::conformance::{
    case::{Attempt, Case, Findings, Treatment, ask, root},
    grid::Grid,
    sample::{Holds, Sample},
    subject::Subject,
};
use adflux_core::{Error, Rows as _, Target};

fn numeric<C: Subject<Input: Sample>>(case: &Case<C>) -> Vec<String> {
    let columns = case.x().columns().into_iter();
    columns.filter(|(_, holds)| *holds == Holds::Numbers).map(|(name, _)| name).collect()
}

pub(super) fn missing<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let (x, row) = (case.x(), case.x().len() / 2);
    for (column, holds) in x.columns() {
        let gap = x.with_gap(&column, row);
        let input = format!("`{column}` missing in row {}", row + 1);
        let (asked, trained) = (case.ask(&gap), case.learn_and_ask(case.with_x(gap)));
        if !case.reads(&column) {
            findings.same(&format!("{input}, which it does not read"), &case.answer, asked);
        } else if holds == Holds::Other && case.capabilities.missing != Treatment::Kept {
            findings.finite_or_refused(&input, asked);
            findings.finite_or_refused(&format!("a fit with {input}"), trained);
        } else {
            treated(case, findings, case.capabilities.missing, Spoiled { input, column, row, asked, trained });
        }
    }
    // A prediction that is not there is refused or stays so: it is not made up.
    if let Some(unpredicted) = x.unpredicted(row)
        && let Some(Ok(answer)) = findings.may("NaN as the prediction of a row", case.ask(&unpredicted))
        && answer.not_finite(|r| r != row).is_none()
    {
        let input = format!("NaN as the prediction of row {}", row + 1);
        findings.fail(&input, "answered with finite numbers, where an error or NaN is due");
    }
    if let Some(unpredicted) = x.unpredicted(row) {
        findings.finite_or_refused(
            "a fit with NaN as the prediction of a row",
            case.learn_and_ask(case.with_x(unpredicted)),
        );
    }
}

pub(super) fn infinite<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let (x, row) = (case.x(), case.x().len() / 2);
    for column in numeric(case) {
        for value in [f64::INFINITY, f64::NEG_INFINITY] {
            let spoiled = x.map(&column, &|r, v| if r == row { value } else { v });
            let input = format!("{value} in `{column}`, row {}", row + 1);
            let (asked, trained) = (case.ask(&spoiled), case.learn_and_ask(case.with_x(spoiled)));
            if case.reads(&column) {
                let column = column.clone();
                treated(case, findings, case.capabilities.infinite, Spoiled { input, column, row, asked, trained });
            } else {
                findings.same(&format!("{input}, which it does not read"), &case.answer, asked);
            }
        }
    }
}

/// An input with one cell that is missing or infinite, and what came of it.
struct Spoiled {
    input: String,
    column: String,
    row: usize,
    /// The answer about the input of the component fitted on valid data.
    asked: Attempt<Grid>,
    /// The answer about valid data of the component fitted on the input.
    trained: Attempt<Grid>,
}

/// Checks that the cell is treated as declared.
fn treated<C: Subject<Input: Sample>>(
    case: &Case<C>,
    findings: &mut Findings<'_>,
    treatment: Treatment,
    spoiled: Spoiled,
) {
    let Spoiled { input, column, row, asked, trained } = spoiled;
    let fit = format!("a fit with {input}");
    if treatment == Treatment::Refused {
        names_cell(findings, &input, &column, row, asked);
        return names_cell(findings, &fit, &column, row, trained);
    }
    match findings.must(&input, asked) {
        Some(answer) if treatment == Treatment::Kept => kept(case, findings, &input, row, &answer),
        Some(answer) => findings.finite(&input, &answer),
        None => {}
    }
    if let Some(answer) = findings.must(&fit, trained) {
        findings.finite(&fit, &answer);
    }
}

/// Only the row of the cell may be without an answer; the others are as before.
fn kept<C: Subject<Input: Sample>>(
    case: &Case<C>,
    findings: &mut Findings<'_>,
    input: &str,
    row: usize,
    answer: &Grid,
) {
    if let Some(cell) = answer.not_finite(|r| r == row) {
        findings.fail(input, format_args!("{cell}, another row"));
    }
    let others: Vec<usize> = (0..case.answer.rows).filter(|r| *r != row).collect();
    if case.capabilities.row_wise
        && answer.rows == case.answer.rows
        && let Some(difference) = answer.take(&others).difference(&case.answer.take(&others))
    {
        findings.fail(input, format_args!("it touches another row: {difference}"));
    }
}

/// The error must name the cell.
fn names_cell(findings: &mut Findings<'_>, input: &str, column: &str, row: usize, attempt: Attempt<Grid>) {
    let Some(error) = findings.refused(input, attempt) else { return };
    if !matches!(root(&error), Error::Column { column: c, row: Some(r), .. } if c == column && *r == row) {
        findings.fail(input, format_args!("the error does not name column and row (`Error::cell`): {error}"));
    }
}

pub(super) fn edges<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let x = case.x();
    let none = x.take(&[]);
    findings.same("no rows", &case.answer.take(&[]), case.ask(&none));
    for rows in [0, 1, 2] {
        let few = case.training.take(&(0..rows).collect::<Vec<_>>());
        findings.finite_or_refused(
            &format!("a fit on {rows} row{}", if rows == 1 { "" } else { "s" }),
            case.learn_and_ask(few),
        );
    }
    let columns = x.columns();
    for (column, holds) in &columns {
        let constant = x.constant(column);
        findings.finite_or_refused(&format!("`{column}` constant"), case.ask(&constant));
        let input = format!("a fit with `{column}` constant");
        findings.finite_or_refused(&input, case.learn_and_ask(case.with_x(constant)));
        let empty = match holds {
            Holds::Numbers => x.map(column, &|_, _| f64::NAN),
            Holds::Other => (0..x.len()).fold(x.clone(), |x, row| x.with_gap(column, row)),
        };
        let input = format!("a fit with `{column}` missing in every row");
        findings.finite_or_refused(&input, case.learn_and_ask(case.with_x(empty)));
    }
    let constant = columns.iter().fold(x.clone(), |x, (column, _)| x.constant(column));
    findings.finite_or_refused("a fit with every column constant", case.learn_and_ask(case.with_x(constant)));
}

const SCALES: [f64; 4] = [1e-300, 1e-150, 1e150, 1e300];

pub(super) fn scales<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let x = case.x();
    for scale in SCALES {
        let scaled = numeric(case).iter().fold(x.clone(), |x, column| {
            // In two steps, because the factor itself may be infinite.
            let most = std::cell::Cell::new(0.0_f64);
            x.map(column, &|_, v| {
                most.set(most.get().max(v.abs()));
                v
            });
            let most = if most.get() > 0.0 { most.get() } else { 1.0 };
            x.map(column, &|_, v| v / most * scale)
        });
        let input = format!("numbers up to {scale:e}");
        findings.finite_or_refused(&input, case.ask(&scaled));
        let data = case.with_x(scaled.clone());
        if let Some(Ok(fitted)) = findings.may(&format!("a fit on {input}"), case.fit(data)) {
            let asked = ask::<C>(&fitted, &scaled);
            findings.finite_or_refused(&format!("a fit on {input}"), asked);
        }
        if let Some(Target::Values(y)) = &case.training.target {
            let most = y.iter().fold(f64::MIN_POSITIVE, |most, v| most.max(v.abs()));
            let target = Target::Values(y.mapv(|v| v / most * scale));
            let input = format!("a target of {input}");
            findings.finite_or_refused(&input, case.learn_and_ask(case.training.clone().with_target(target)));
        }
    }
}
