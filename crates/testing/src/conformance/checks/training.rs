//! What stands beside the inputs in training: target, weights and exposure.

use crate::conformance::{
    case::{Case, Findings, save},
    sample::Sample,
    subject::Subject,
};
use adflux_core::{Rows as _, Target, Training};
use ndarray::Array1;

pub(super) fn training<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let rows = case.x().len();
    let short: Vec<usize> = (1..rows).collect();
    let with = |change: &dyn Fn(&mut Training<C::Input>)| {
        let mut data = case.training.clone();
        change(&mut data);
        data
    };
    let ones = Array1::ones(rows);
    let (mut negative, mut nan) = (ones.clone(), ones.clone());
    (negative[rows - 1], nan[rows - 1]) = (-1.0, f64::NAN);
    let mut wrong = vec![
        ("weights of a row too few", with(&|d| d.weights = Some(Array1::ones(rows - 1)))),
        ("a negative weight", with(&|d| d.weights = Some(negative.clone()))),
        ("a weight of NaN", with(&|d| d.weights = Some(nan.clone()))),
        ("weights that are all zero", with(&|d| d.weights = Some(Array1::zeros(rows)))),
    ];
    if let Some(target) = &case.training.target {
        wrong.push(("a target of a row too few", with(&|d| d.target = Some(target.take(&short)))));
        wrong.extend(
            spoiled(target).map(|t| ("a target of NaN in the last row", with(&|d| d.target = Some(t.clone())))),
        );
        findings.finite_or_refused("no target", case.learn_and_ask(with(&|d| d.target = None)));
        let same = target.take(&vec![0; rows]);
        findings.finite_or_refused(
            "a target that is constant",
            case.learn_and_ask(with(&|d| d.target = Some(same.clone()))),
        );
    }
    for (input, data) in wrong {
        let Some(Ok(fitted)) = findings.may(input, case.fit(data)) else { continue };
        // What a component does not look at cannot be wrong for it.
        if findings.must(input, save::<C>(&fitted)).is_some_and(|saved| saved != case.saved) {
            findings.fail(input, "accepted, where an error is due: call `data.validate()`");
        }
    }
    if case.training.weights.is_none() {
        let weighted = case.learn_and_ask(with(&|d| d.weights = Some(ones.clone())));
        findings.same("weights of 1", &case.answer, weighted);
    }
    if case.training.target.is_some() {
        exposure(case, findings);
    }
}

/// A model uses the exposure or refuses it: one that passes over it takes totals over very different exposures for alike.
fn exposure<C: Subject<Input: Sample>>(case: &Case<C>, findings: &mut Findings<'_>) {
    let rows = case.x().len();
    let with = |exposure: Array1<f64>| case.training.clone().with_exposure(exposure);
    match C::uses_exposure(&case.fitted) {
        None => {}
        Some(false) => {
            findings.refused("an exposure, for a model that says it uses none", case.fit(with(Array1::ones(rows))));
        }
        Some(true) => {
            findings.refused("an exposure of a row too few", case.fit(with(Array1::ones(rows - 1))));
            findings.refused("exposures that are all zero", case.fit(with(Array1::zeros(rows))));
            if case.training.exposure.is_none() {
                findings.same("an exposure of 1", &case.answer, case.learn_and_ask(with(Array1::ones(rows))));
            }
        }
    }
}

/// The target with NaN in the last row.
fn spoiled(target: &Target) -> Option<Target> {
    match target {
        Target::Values(y) => {
            let mut y = y.clone();
            *y.last_mut()? = f64::NAN;
            Some(Target::Values(y))
        }
        Target::Multi(multi) => {
            let mut multi = multi.clone();
            *multi.values.last_mut()? = f64::NAN;
            Some(Target::Multi(multi))
        }
        _ => None,
    }
}
