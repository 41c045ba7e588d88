//! docs/specification.md beside the components: every kind, every parameter, every default; and the files in examples/specs.

use adflux::{
    core::{
        AnyForecasterRecipe, AnyModelRecipe, AnyPostprocessRecipe, AnyTransformRecipe, Describe as _, Features,
        Registry, Result, Spec,
    },
    data::Frame,
    pipeline::PipelineSpec,
};
use std::collections::BTreeMap;

type Step = AnyTransformRecipe<Features, Features>;
type Preprocessor = AnyTransformRecipe<Frame, Features>;
type Postprocessor = AnyPostprocessRecipe<Frame>;

/// The description of a component of any slot, built from `spec`.
fn built(spec: &Spec, registry: &Registry) -> Result<Spec> {
    let kind = spec.kind.as_str();
    if registry.kinds::<Step>().contains(&kind) {
        registry.build::<Step>(spec)?.describe()
    } else if registry.kinds::<Preprocessor>().contains(&kind) {
        registry.build::<Preprocessor>(spec)?.describe()
    } else if registry.kinds::<AnyModelRecipe>().contains(&kind) {
        registry.build::<AnyModelRecipe>(spec)?.describe()
    } else if registry.kinds::<AnyForecasterRecipe>().contains(&kind) {
        registry.build::<AnyForecasterRecipe>(spec)?.describe()
    } else {
        registry.build::<Postprocessor>(spec)?.describe()
    }
}

/// The parameters that the chapter gives each kind, with their defaults as they stand there.
fn documented() -> BTreeMap<String, BTreeMap<String, String>> {
    let chapter = include_str!("../docs/specification.md");
    let mut kinds: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut here: Vec<String> = Vec::new();
    for line in chapter.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            here = heading.split(" and ").map(str::to_string).collect();
            for kind in &here {
                kinds.entry(kind.clone()).or_default();
            }
        } else if line.starts_with("## ") {
            here.clear();
        } else if let Some(row) = line.strip_prefix("| `") {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            for kind in &here {
                let name = cells[0].trim_end_matches('`').to_string();
                kinds.entry(kind.clone()).or_default().insert(name, cells[1].to_string());
            }
        }
    }
    kinds
}

/// The names that a component takes, from how it refuses another.
fn taken(kind: &str, registry: &Registry) -> Vec<String> {
    let mut spec = Spec { kind: kind.into(), params: Default::default(), steps: Vec::new() };
    spec.params.insert("no_such_parameter".into(), true.into());
    let said = built(&spec, registry).unwrap_err().to_string();
    assert!(said.contains("unknown field `no_such_parameter`"), "{kind}: {said}");
    let listed = said.split("expected").nth(1).unwrap_or_default();
    listed.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

#[test]
fn the_chapter_tells_every_kind_every_parameter_and_every_default() {
    let registry = crate::registry();
    let documented = documented();
    let mut kinds = registry.kinds::<Step>();
    kinds.extend(registry.kinds::<Preprocessor>());
    kinds.extend(registry.kinds::<AnyModelRecipe>());
    kinds.extend(registry.kinds::<AnyForecasterRecipe>());
    kinds.extend(registry.kinds::<Postprocessor>());
    for kind in kinds {
        let parameters = documented.get(kind).unwrap_or_else(|| panic!("`{kind}` is not in docs/specification.md"));
        // `sequence` has no parameters, only steps.
        let mut names = if kind == "sequence" { Vec::new() } else { taken(kind, &registry) };
        names.sort();
        assert_eq!(parameters.keys().cloned().collect::<Vec<_>>(), names, "parameters of `{kind}`");

        let spec = Spec { kind: kind.into(), params: Default::default(), steps: Vec::new() };
        let defaults = built(&spec, &registry).unwrap().params;
        for (name, told) in parameters {
            match defaults.get(name) {
                None => assert_eq!(told, "–", "the default of `{name}` of `{kind}`"),
                // The parameters of a component inside another are told where that one is.
                Some(toml::Value::Table(_)) => assert_eq!(told, "", "`{name}` of `{kind}`"),
                Some(value) => {
                    let value = value.to_string().replace('\'', "\"");
                    // Of two kinds in one table the second's default stands last.
                    let told: Vec<&str> = told.split('`').skip(1).step_by(2).collect();
                    let told = if kind.ends_with("classifier") { told.last() } else { told.first() };
                    assert_eq!(told.copied(), Some(value.as_str()), "the default of `{name}` of `{kind}`");
                }
            }
        }
    }
}

#[test]
fn the_files_in_examples_are_specifications() {
    let registry = adflux::registry().unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/specs");
    let mut read = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let mut table: toml::Table = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        // What `adflux train` allows beside a pipeline: a seed, a search, and no preprocessor.
        for key in ["seed", "measure", "split", "search", "space"] {
            table.remove(key);
        }
        table.entry("preprocessor").or_insert_with(|| toml::toml! { kind = "column-transformer" }.into());
        let spec: PipelineSpec = table.try_into().unwrap();
        spec.build(&registry).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        read += 1;
    }
    assert!(read >= 3);
}
