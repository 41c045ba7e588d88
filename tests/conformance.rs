//! No component without conformance: each kind of the registry has a test named after it in the tests of its crate.

use adflux::{
    core::{AnyForecasterRecipe, AnyModelRecipe, AnyPostprocessRecipe, AnyTransformRecipe, Features, Registry},
    data::Frame,
};
use std::{fs, path::Path};

/// What is registered, by the function of the kit that is for its slot.
fn kinds(registry: &Registry) -> Vec<(&'static str, &'static str)> {
    let slots = [
        ("model", registry.kinds::<AnyModelRecipe>()),
        ("forecaster", registry.kinds::<AnyForecasterRecipe>()),
        ("transform", registry.kinds::<AnyTransformRecipe<Features, Features>>()),
        ("preprocessor", registry.kinds::<AnyTransformRecipe<Frame, Features>>()),
        ("postprocessor", registry.kinds::<AnyPostprocessRecipe<Frame>>()),
    ];
    slots.into_iter().flat_map(|(slot, kinds)| kinds.into_iter().map(move |kind| (slot, kind))).collect()
}

/// Whether a file of tests has one that is named after the kind and hands it to the kit.
fn tests(text: &str, slot: &str, kind: &str) -> bool {
    let name = format!("#[test]\nfn {}() {{", kind.replace('-', "_"));
    let call = format!("conformance::{slot}(");
    text.split_once(&name)
        .is_some_and(|(_, rest)| rest.split("#[test]").next().is_some_and(|test| test.contains(&call)))
}

#[test]
fn every_component_has_a_conformance_test() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let files = fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path().join("tests/conformance.rs"));
    let texts: Vec<String> = files.filter_map(|file| fs::read_to_string(file).ok()).collect();
    let kinds = kinds(&crate::registry());
    assert!(kinds.len() >= 15, "the registry gave too little: {kinds:?}");
    for (slot, kind) in kinds {
        assert!(
            texts.iter().any(|text| tests(text, slot, kind)),
            "no `conformance::{slot}` in a test called `{}` in the tests/conformance.rs of a crate",
            kind.replace('-', "_")
        );
    }
}

#[test]
fn a_test_of_another_name_or_slot_does_not_count() {
    let text = "#[test]\nfn k_means() {\n    conformance::model(..);\n}\n\n#[test]\nfn clip() {}\n";
    assert!(tests(text, "model", "k-means"));
    assert!(!tests(text, "transform", "k-means") && !tests(text, "model", "clip") && !tests(text, "model", "means"));
}
