//! Pipelines by name.

use crate::{TOML, campaigns, columns, fitted, from_toml, parts::Memory, registry, training};
use adflux_core::{Registry, Spec, registry::MOST_LEVELS};
use adflux_pipeline::{Pipeline, PipelineSpec};

#[test]
fn a_toml_file_builds_a_pipeline_that_fits() {
    let prediction = fitted().run(&campaigns(20)).unwrap();
    let intervals = prediction.intervals().unwrap();
    assert_eq!((intervals.level, intervals.mean[3]), (0.8, 1003.0));
    assert!(intervals.lower.iter().all(|l| *l >= 0.0) && intervals.upper[0] > 1000.0);
}

#[test]
fn the_recipe_is_recorded_as_it_is_and_makes_the_same_pipeline_again() {
    let recipe = from_toml();
    let fitted = fitted();
    assert_eq!(fitted.training.spec, recipe.spec().unwrap());
    let text = toml::to_string(&fitted.training.spec).unwrap();
    let again: PipelineSpec = toml::from_str(&text).unwrap();
    assert_eq!(again, fitted.training.spec);
    let mut refitted = again.build(&registry()).unwrap().fit(training(20)).unwrap();
    refitted.training.seconds = fitted.training.seconds;
    refitted.training.preprocess_seconds = fitted.training.preprocess_seconds;
    assert_eq!(refitted.to_bytes().unwrap(), fitted.to_bytes().unwrap());
}

#[test]
fn a_typed_pipeline_and_one_by_name_have_the_same_description() {
    let typed = Pipeline::new(columns(), Memory { plus: 2.0 });
    let spec = typed.spec().unwrap();
    assert_eq!(spec.postprocessor.kind, "identity");
    assert_eq!(spec.build(&registry()).unwrap().spec().unwrap(), spec);
    assert_eq!(typed.fit(training(9)).unwrap().training.spec, spec);
}

#[test]
fn the_postprocessor_may_be_left_out_and_nothing_else() {
    let (without, _) = TOML.split_once("[postprocessor]").unwrap();
    let spec: PipelineSpec = toml::from_str(without).unwrap();
    assert_eq!(spec.postprocessor.kind, "identity");
    assert!(
        toml::from_str::<PipelineSpec>("[model]\nkind = 'memory'").unwrap_err().to_string().contains("preprocessor")
    );
    let more = format!("{TOML}\n[modell]\nkind = 'memory'");
    assert!(toml::from_str::<PipelineSpec>(&more).unwrap_err().to_string().contains("modell"));
}

#[test]
fn unknown_kinds_and_parameters_name_the_part_and_what_was_meant() {
    let says = |from: &str, to: &str, registry: &Registry| {
        assert!(TOML.contains(from));
        let spec: PipelineSpec = toml::from_str(&TOML.replace(from, to)).unwrap();
        spec.build(registry).unwrap_err().to_string()
    };
    let registry = registry();
    assert_eq!(says("'memory'", "'memry'", &registry), "step 2 (model): unknown model `memry`; did you mean `memory`?");
    assert_eq!(says("'memory'", "'xyz'", &registry), "step 2 (model): unknown model `xyz`");
    assert_eq!(
        says("'column-transformer'", "'column-transform'", &registry),
        "step 1 (preprocessor): unknown preprocessor `column-transform`; did you mean `column-transformer`?"
    );
    let error = says("'one-hot-encoder'", "'onehot-encoder'", &registry);
    assert!(error.contains("unknown step `onehot-encoder`; did you mean `one-hot-encoder`?"), "{error}");
    let error = says("{ min = 0.0 }", "{ minimum = 0.0 }", &registry);
    assert!(
        error.starts_with("step 3 (postprocessor): step 2 (clip): specification of `clip`: unknown field `minimum`")
    );
    // A model is no postprocessor, even under its own name.
    let error = says("'sequence'", "'memory'", &registry);
    assert!(error.starts_with("step 3 (postprocessor): unknown postprocessor `memory`"), "{error}");
}

#[test]
fn components_stand_only_so_deep_within_components() {
    let nested = |levels: usize| {
        let mut spec = toml::from_str::<PipelineSpec>(TOML).unwrap();
        for _ in 0..levels {
            let outer = Spec { kind: "sequence".into(), params: Default::default(), steps: vec![spec.postprocessor] };
            spec.postprocessor = outer;
        }
        spec.build(&registry()).map(|_| ())
    };
    // The sequence that is there, and what is in it.
    assert!(nested(MOST_LEVELS - 2).is_ok());
    let error = nested(MOST_LEVELS - 1).unwrap_err().to_string();
    assert!(error.contains("it stands within 16 others: put fewer components into one another"), "{error}");
}
