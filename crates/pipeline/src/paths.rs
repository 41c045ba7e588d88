//! The fields of a recipe by their paths: `model.max_depth`, `preprocessor.title.tfidf-vectorizer.min_df`.

use crate::PipelineSpec;
use adflux_core::{Error, Registry, Result, Spec, error::nearest_name};
use std::collections::BTreeSet;
use toml::{Table, Value};

const PARTS: [&str; 3] = ["preprocessor", "model", "postprocessor"];

/// A recipe with every parameter that has a default written down, whose fields can be set by path.
///
/// A path begins with the part of the pipeline, goes on with the children (a branch by its name, any other by its kind; the
/// second of one kind is `kind#2`), and ends with the parameter, which may lie within another.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    spec: PipelineSpec,
}

impl Fields {
    /// Those of `spec`.
    ///
    /// # Errors
    /// When it cannot be built.
    pub(crate) fn new(spec: &PipelineSpec, registry: &Registry) -> Result<Self> {
        Ok(Fields { spec: spec.build(registry)?.spec()? })
    }

    pub(crate) fn spec(&self) -> &PipelineSpec {
        &self.spec
    }

    /// The recipe with the values of `point`. A path without a component is left out: see [`check`](Self::check).
    pub(crate) fn with(&self, point: &Table) -> PipelineSpec {
        let mut spec = self.spec.clone();
        for (path, value) in point {
            if let Some((component, field)) = component_mut(&mut spec, path) {
                set(&mut component.params, field, value.clone());
            }
        }
        spec
    }

    /// The value at `path`; `None` where it has none.
    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        let mut spec = self.spec.clone();
        let (component, field) = component_mut(&mut spec, path)?;
        let mut table = &component.params;
        let mut names = field.split('.').peekable();
        while let Some(name) = names.next() {
            let value = table.get(name)?;
            if names.peek().is_none() {
                return Some(value.clone());
            }
            table = value.as_table()?;
        }
        None
    }

    /// Checks that there is such a field and that it takes each of `values`.
    ///
    /// # Errors
    /// Naming the path, with the nearest that there is, or the value.
    pub(crate) fn check(&self, path: &str, values: &[Value], registry: &Registry) -> Result<()> {
        let known = self.paths(registry);
        if !known.contains(path) {
            let near = nearest_path(path, &known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(Error::data(format!("the recipe has no `{path}`{near}")));
        }
        for value in values {
            let point = Table::from_iter([(path.to_string(), value.clone())]);
            self.with(&point).build(registry).map_err(|e| Error::data(format!("`{path}` = {value}: {e}")))?;
        }
        Ok(())
    }

    /// Every path there is, those of parameters without a default among them.
    fn paths(&self, registry: &Registry) -> BTreeSet<String> {
        let mut tables = Vec::new();
        for part in PARTS {
            if let Some(spec) = part_of(&self.spec, part) {
                tables_of(part, spec, &mut tables);
            }
        }
        let mut paths = BTreeSet::new();
        for (table, names) in tables {
            let mut names: BTreeSet<String> = names.into_iter().collect();
            names.extend(self.taken(&table, registry));
            paths.extend(names.into_iter().map(|name| format!("{table}.{name}")));
        }
        paths
    }

    /// The names that a component takes at `table`, from how it refuses another: a parameter that is off by default stands
    /// nowhere else.
    fn taken(&self, table: &str, registry: &Registry) -> Vec<String> {
        let point = Table::from_iter([(format!("{table}.no_such_parameter"), Value::Boolean(true))]);
        let Err(refused) = self.with(&point).build(registry) else { return Vec::new() };
        let said = refused.to_string();
        let Some((_, listed)) = said.split_once("unknown field `no_such_parameter`, expected ") else {
            return Vec::new();
        };
        listed.split('`').skip(1).step_by(2).map(str::to_string).collect()
    }
}

/// The path most like `wanted`: with the same last name anywhere, or else with a similar spelling.
fn nearest_path<'a>(wanted: &str, known: &'a BTreeSet<String>) -> Option<&'a str> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_string();
    let part = |path: &str| path.split('.').next().unwrap_or_default().to_string();
    let same_name = known.iter().find(|path| last(path) == last(wanted));
    let of_part: Vec<&str> = known.iter().map(String::as_str).filter(|path| part(path) == part(wanted)).collect();
    same_name
        .map(String::as_str)
        .or_else(|| nearest_name(wanted, of_part))
        .or_else(|| nearest_name(wanted, known.iter().map(String::as_str)))
}

fn part_of<'a>(spec: &'a PipelineSpec, part: &str) -> Option<&'a Spec> {
    match part {
        "preprocessor" => Some(&spec.preprocessor),
        "model" => Some(&spec.model),
        "postprocessor" => Some(&spec.postprocessor),
        _ => None,
    }
}

/// What each child is called in a path.
fn labels(steps: &[Spec]) -> Vec<String> {
    let name = |step: &Spec| match step.params.get("name") {
        Some(Value::String(name)) if step.kind == "branch" => name.clone(),
        _ => step.kind.clone(),
    };
    let names: Vec<String> = steps.iter().map(name).collect();
    let label = |(i, name): (usize, &String)| match names[..i].iter().filter(|n| *n == name).count() {
        0 => name.clone(),
        before => format!("{name}#{}", before + 1),
    };
    names.iter().enumerate().map(label).collect()
}

/// The component that `path` leads to, and the rest of the path.
fn component_mut<'s, 'p>(spec: &'s mut PipelineSpec, path: &'p str) -> Option<(&'s mut Spec, &'p str)> {
    let (part, mut rest) = path.split_once('.')?;
    let mut component = match part {
        "preprocessor" => &mut spec.preprocessor,
        "model" => &mut spec.model,
        "postprocessor" => &mut spec.postprocessor,
        _ => return None,
    };
    loop {
        // Names may hold points and begin alike: the longest that fits is meant.
        let fits = |label: &String| rest.strip_prefix(label.as_str()).is_some_and(|rest| rest.starts_with('.'));
        let labels = labels(&component.steps);
        let child = (0..labels.len()).filter(|&i| fits(&labels[i])).max_by_key(|&i| labels[i].len());
        let Some(child) = child else { return Some((component, rest)) };
        rest = &rest[labels[child].len() + 1..];
        component = &mut component.steps[child];
    }
}

fn set(params: &mut Table, field: &str, value: Value) {
    match field.split_once('.') {
        None => {
            params.insert(field.into(), value);
        }
        Some((outer, inner)) => {
            let entry = params.entry(outer).or_insert_with(|| Value::Table(Table::new()));
            if !entry.is_table() {
                *entry = Value::Table(Table::new());
            }
            if let Value::Table(table) = entry {
                set(table, inner, value);
            }
        }
    }
}

/// Every table of parameters in a component and its children, with the names that stand there.
fn tables_of(path: &str, spec: &Spec, all: &mut Vec<(String, Vec<String>)>) {
    fn of_table(path: &str, table: &Table, all: &mut Vec<(String, Vec<String>)>) {
        all.push((path.into(), table.keys().cloned().collect()));
        for (name, value) in table {
            if let Value::Table(inner) = value {
                of_table(&format!("{path}.{name}"), inner, all);
            }
        }
    }
    of_table(path, &spec.params, all);
    for (label, step) in labels(&spec.steps).iter().zip(&spec.steps) {
        tables_of(&format!("{path}.{label}"), step, all);
    }
}
