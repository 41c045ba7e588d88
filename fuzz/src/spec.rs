//! The recipe of a pipeline that someone sends: read, built, described, fitted within a time, saved and loaded.

use super::{REGISTRY, deadline, or_refused, sure, tiny};
use adflux::pipeline::{AnyFittedPipeline, PipelineSpec};
use std::time::Duration;

/// What a fit may take before it is cancelled.
const LIMIT: Duration = Duration::from_millis(200);

/// Reads `bytes` as the TOML of a pipeline and does with it what a service would. Says whether a pipeline was fitted.
///
/// # Panics
/// When a pipeline that was built cannot be described, is another when it is built from its description, or predicts
/// something else once it was fitted, saved and loaded.
pub fn run(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let Ok(spec) = toml::from_str::<PipelineSpec>(text) else { return false };
    let Some(pipeline) = or_refused(spec.build(&REGISTRY)) else { return false };

    let described = sure(pipeline.spec(), "what was built is described");
    let written = written(&described);
    let read: PipelineSpec = toml::from_str(&written).unwrap_or_else(|e| panic!("{e} in {written}"));
    let built = sure(read.build(&REGISTRY), "what was described is built");
    assert_eq!(self::written(&sure(built.spec(), "what was built again is described")), written);

    let data = tiny::training(&described.model.kind);
    let frame = data.x.clone();
    let fitted = deadline::within(LIMIT, |context| pipeline.fit_with(data, context));
    let Some(fitted) = or_refused(fitted) else { return false };
    let saved = sure(fitted.to_bytes(), "what was fitted is saved");
    let loaded = sure(AnyFittedPipeline::from_bytes(&saved, "fuzz.adflux", &REGISTRY), "what was saved is loaded");
    // Their text, where NaN is NaN.
    let predicted = |pipeline: &AnyFittedPipeline| format!("{:?}", pipeline.run(&frame).map_err(|e| e.to_string()));
    assert_eq!(predicted(&loaded), predicted(&fitted));
    true
}

fn written(spec: &PipelineSpec) -> String {
    toml::to_string(spec).unwrap_or_else(|e| panic!("{e}: {spec:?}"))
}
