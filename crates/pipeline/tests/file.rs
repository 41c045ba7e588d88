//! Saving and loading.

use crate::{TOML, campaigns, columns, fitted, parts::Memory, registry, training};
use adflux_core::{Intervals, Prediction};
use adflux_pipeline::{AnyFittedPipeline, FORMAT_VERSION, Manifest, Pipeline, PipelineSpec};
use std::path::Path;

/// Every number of an interval prediction, as bits.
fn bits(prediction: &Prediction) -> Vec<u64> {
    let Intervals { mean, lower, upper, .. } = prediction.intervals().unwrap();
    [mean, lower, upper].into_iter().flatten().map(|v| v.to_bits()).collect()
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_loaded_pipeline_predicts_the_same_bits_and_saves_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.adflux");
    let mut saved = fitted();
    saved.training.metrics.insert("mae".into(), 0.1 + 0.2);
    saved.save(&path).unwrap();
    let loaded = AnyFittedPipeline::load(&path, &registry()).unwrap();
    assert_eq!(bits(&loaded.run(&campaigns(30)).unwrap()), bits(&saved.run(&campaigns(30)).unwrap()));
    assert_eq!((&loaded.training, &loaded.schema), (&saved.training, &saved.schema));
    assert_eq!(loaded.to_bytes().unwrap(), std::fs::read(&path).unwrap());
    assert_eq!(names(folder.path()), ["model.adflux"]);
}

#[test]
fn a_typed_pipeline_loads_as_one_by_name() {
    let typed = Pipeline::new(columns(), Memory::default()).fit(training(12)).unwrap();
    let bytes = typed.to_bytes().unwrap();
    let loaded = AnyFittedPipeline::from_bytes(&bytes, "typed", &registry()).unwrap();
    assert_eq!(loaded.run(&campaigns(12)).unwrap(), typed.run(&campaigns(12)).unwrap());
    assert_eq!(loaded.kinds(), ["column-transformer", "memory", "identity"]);
}

#[test]
fn the_same_pipeline_has_the_same_bytes_but_for_the_time_it_took() {
    let [mut a, mut b] = [fitted(), fitted()];
    (a.training.seconds, b.training.seconds) = (0.0, 0.0);
    (a.training.preprocess_seconds, b.training.preprocess_seconds) = (0.0, 0.0);
    assert_eq!(a.to_bytes().unwrap(), b.to_bytes().unwrap());
}

#[test]
fn the_manifest_tells_what_is_inside_without_any_component() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.adflux");
    let saved = fitted();
    saved.save(&path).unwrap();
    let manifest = Manifest::read(&path).unwrap();
    assert_eq!((manifest.format, manifest.adflux.as_str()), (FORMAT_VERSION, env!("CARGO_PKG_VERSION")));
    assert_eq!((manifest.training, manifest.schema), (saved.training, saved.schema));
    let parts: Vec<(&str, &str)> = manifest.parts.iter().map(|p| (p.name.as_str(), p.kind.as_str())).collect();
    assert_eq!(parts, [("preprocessor", "column-transformer"), ("model", "memory"), ("postprocessor", "sequence")]);
    assert!(manifest.parts.iter().all(|p| p.version == 1 && p.bytes > 0 && p.sha256.len() == 64));
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let short = folder.path().join("model.adflux");
    fitted().save(&short).unwrap();
    // No longer name can stand beside this one, where the new file would be written first. (Taking the right to write away
    // does not stop root.)
    let path = folder.path().join(format!("{}.adflux", "m".repeat(248)));
    std::fs::rename(short, &path).unwrap();
    let before = std::fs::read(&path).unwrap();
    let mut other = fitted();
    other.training.metrics.insert("mae".into(), 9.0);
    let error = other.save(&path).unwrap_err().to_string();
    assert!(error.starts_with(&path.display().to_string()), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(AnyFittedPipeline::load(&path, &registry()).is_ok());
}

#[test]
fn a_failed_save_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    // A folder cannot be replaced by a file: the last step, the rename, fails.
    let taken = folder.path().join("taken");
    std::fs::create_dir_all(taken.join("inside")).unwrap();
    assert!(fitted().save(&taken).unwrap_err().to_string().starts_with(&taken.display().to_string()));
    assert_eq!((names(folder.path()), names(&taken)), (vec!["taken".to_string()], vec!["inside".to_string()]));
    let nowhere = folder.path().join("no/such/folder/model.adflux");
    assert!(fitted().save(&nowhere).unwrap_err().to_string().contains("model.adflux"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = AnyFittedPipeline::load("no/such/file.adflux", &registry()).unwrap_err().to_string();
    assert!(error.starts_with("no/such/file.adflux: "), "{error}");
}

#[test]
fn numbers_that_json_does_not_have_are_loaded_too() {
    let spec = |bound: &str| TOML.replace("min = 0.0", &format!("min = {bound}"));
    for (bound, least) in [("-inf", f64::NEG_INFINITY), ("inf", f64::INFINITY), ("-1e300", -1e300)] {
        let spec: PipelineSpec = toml::from_str(&spec(bound)).unwrap();
        let mut saved = spec.build(&registry()).unwrap().fit(training(20)).unwrap();
        saved.training.metrics.extend([("r2".to_string(), f64::NAN), ("mape".to_string(), f64::INFINITY)]);
        let loaded = AnyFittedPipeline::from_bytes(&saved.to_bytes().unwrap(), "infinite", &registry()).unwrap();
        assert_eq!(loaded.training.spec, saved.training.spec);
        assert_eq!(loaded.training.spec.postprocessor.steps[1].params["min"].as_float(), Some(least));
        assert!(loaded.training.metrics.values().all(|value| value.is_nan()));
        assert_eq!(loaded.run(&campaigns(9)).unwrap(), saved.run(&campaigns(9)).unwrap());
    }
}
