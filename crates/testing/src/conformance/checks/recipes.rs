//! Recipes as text, and parameters out of range.

use crate::conformance::{
    case::{Case, Findings, ask, guarded, root, save},
    subject::Subject,
};
use adflux_core::{Context, Error, Spec};
use toml::{Table, Value};

/// A parameter that no component has.
const UNKNOWN: &str = "no_such_parameter";

pub(super) fn recipe<C: Subject>(case: &Case<C>, findings: &mut Findings<'_>) {
    let Some(spec) = findings.must("describing", guarded(|| case.recipe.describe())) else { return };
    if spec.kind != case.recipe.kind() {
        findings.fail("describing", format_args!("a `{}` describes itself as `{}`", case.recipe.kind(), spec.kind));
    }
    let read = guarded(|| {
        let text = toml::to_string(&spec).map_err(Error::backend)?;
        toml::from_str::<Spec>(&text).map_err(Error::backend)
    });
    let Some(read) = findings.must("written to TOML and read", read) else { return };
    let Some(built) = findings.must("built from TOML", guarded(|| case.registry.build::<C>(&read))) else { return };
    if let Some(again) = findings.must("built from TOML", guarded(|| built.describe()))
        && format!("{again:?}") != format!("{spec:?}")
    {
        findings.fail("built from TOML", format_args!("{again:?}, where {spec:?} is expected"));
    }
    let fitted = guarded(|| built.learn(case.training.clone(), &Context::default()));
    if let Some(fitted) = findings.must("built from TOML and fitted", fitted)
        && findings.must("built from TOML and fitted", save::<C>(&fitted)).is_some_and(|saved| saved != case.saved)
    {
        findings.fail("built from TOML and fitted", "the state is not that of the recipe itself");
    }

    let mut unknown = spec.clone();
    unknown.params.insert(UNKNOWN.into(), Value::Integer(1));
    let error = findings.refused("an unknown parameter", guarded(|| case.registry.build::<C>(&unknown)));
    if let Some(error) = error.filter(|error| !error.to_string().contains(UNKNOWN)) {
        findings.fail("an unknown parameter", format_args!("the error does not name it: {error}"));
    }
    let mut child = spec.clone();
    child.steps.push(Spec { kind: "no-such-kind".into(), params: Table::new(), steps: Vec::new() });
    findings.refused("a child of unknown kind", guarded(|| case.registry.build::<C>(&child)));
    for name in spec.params.keys() {
        let mut wrong = spec.clone();
        wrong.params.insert(name.clone(), Value::Table(Table::from_iter([(UNKNOWN.to_string(), Value::Integer(1))])));
        findings.refused(&format!("`{name}` of a wrong type"), guarded(|| case.registry.build::<C>(&wrong)));
    }
}

pub(super) fn parameters<C: Subject>(case: &Case<C>, findings: &mut Findings<'_>) {
    for (name, recipe) in &case.refused {
        let input = format!("`{name}` out of range");
        let fit = guarded(|| recipe.learn(case.training.clone(), &Context::default()));
        let Some(error) = findings.refused(&input, fit) else { continue };
        if !matches!(root(&error), Error::Parameter { name: named, .. } if named == name) {
            findings.fail(&input, format_args!("the error does not name it (`Error::parameter`): {error}"));
        }
    }
    let Some(spec) = findings.must("describing", guarded(|| case.recipe.describe())) else { return };
    for (input, params) in extremes(&spec.params) {
        let spec = Spec { params, ..spec.clone() };
        let answer = guarded(|| case.registry.build::<C>(&spec)?.learn(case.training.clone(), &Context::default()));
        findings.finite_or_refused(&input, answer.and_then(|fitted| ask::<C>(&fitted, case.x())));
    }
}

/// The parameters with each number, nested ones too, as 0 and −1, and if it is a fraction as NaN and infinity.
fn extremes(params: &Table) -> Vec<(String, Table)> {
    let mut all = Vec::new();
    for (name, value) in params {
        let values: Vec<(String, Value)> = match value {
            Value::Integer(_) => [0, -1].map(|v| (format!("`{name}` = {v}"), Value::Integer(v))).into(),
            Value::Float(_) => {
                let of = |v: f64| (format!("`{name}` = {v}"), Value::Float(v));
                [0.0, -1.0, f64::NAN, f64::INFINITY].map(of).into()
            }
            Value::Table(inner) => {
                let of = |(input, table)| (format!("{input} in `{name}`"), Value::Table(table));
                extremes(inner).into_iter().map(of).collect()
            }
            _ => Vec::new(),
        };
        all.extend(values.into_iter().map(|(input, value)| {
            let mut params = params.clone();
            params.insert(name.clone(), value);
            (input, params)
        }));
    }
    all
}
