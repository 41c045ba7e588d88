//! An `.adflux` file of someone else: loaded, and what loads predicts.

use super::{REGISTRY, or_refused, sure, tiny};
use adflux::{
    core::{DynComponent as _, Result, Saved},
    pipeline::{AnyFittedPipeline, FORMAT_VERSION, Manifest, file::Part},
};
use std::array;

/// Between the manifest and the states of a file whose sums are taken as right.
const BETWEEN: &[u8] = b"\n%%%%\n";

/// Loads `bytes` as a file, and as the manifest and the states of one.
///
/// Random bytes do not get past the sums of a file. So the second way is what follows on them: the manifest is read, and
/// each state loaded as the kind and the version that the manifest says. Says whether something was loaded.
///
/// # Panics
/// When what was loaded cannot be saved and loaded again, or then predicts something else.
pub fn run(bytes: &[u8]) -> bool {
    let whole = or_refused(AnyFittedPipeline::from_bytes(bytes, "fuzz.adflux", &REGISTRY));
    whole.as_ref().and_then(predict);
    let behind = or_refused(behind_the_sums(bytes)).flatten();
    if let Some(fitted) = &behind {
        let saved = sure(fitted.to_bytes(), "what was loaded is saved");
        let loaded = sure(AnyFittedPipeline::from_bytes(&saved, "again.adflux", &REGISTRY), "what was saved is loaded");
        assert_eq!(predict(&loaded), predict(fitted));
    }
    whole.is_some() || behind.is_some()
}

/// What a file holds, as [`run`] takes it apart.
///
/// # Errors
/// When a state cannot be written.
pub fn taken_apart(fitted: &AnyFittedPipeline) -> Result<Vec<u8>> {
    let saved = [fitted.preprocessor.save()?, fitted.model.save()?, fitted.postprocessor.save()?];
    let parts = ["preprocessor", "model", "postprocessor"].iter().zip(&saved).map(|(name, saved)| Part {
        name: (*name).into(),
        kind: saved.kind.clone(),
        version: saved.version,
        bytes: saved.state.len() as u64,
        sha256: String::new(),
    });
    let manifest = Manifest {
        format: FORMAT_VERSION,
        adflux: "0".into(),
        schema: fitted.schema.clone(),
        training: fitted.training.clone(),
        parts: parts.collect(),
    };
    let manifest = serde_json::to_vec(&manifest).map_err(adflux::core::Error::backend)?;
    let [preprocessor, model, postprocessor] = saved.map(|saved| saved.state);
    Ok([manifest, preprocessor, model, postprocessor].join(BETWEEN))
}

fn behind_the_sums(bytes: &[u8]) -> Result<Option<AnyFittedPipeline>> {
    let mut rest = Some(bytes);
    let [manifest, states @ ..]: [Option<&[u8]>; 4] = array::from_fn(|_| {
        let own = rest?;
        let end = own.windows(BETWEEN.len()).position(|window| window == BETWEEN);
        rest = end.map(|end| &own[end + BETWEEN.len()..]);
        Some(&own[..end.unwrap_or(own.len())])
    });
    let Some(Ok(manifest)) = manifest.map(serde_json::from_slice::<Manifest>) else { return Ok(None) };
    let saved = |part: usize| {
        let Part { kind, version, .. } = manifest.parts.get(part)?.clone();
        Some(Saved { kind, version, state: states[part]?.to_vec() })
    };
    let (Some(preprocessor), Some(model), Some(postprocessor)) = (saved(0), saved(1), saved(2)) else {
        return Ok(None);
    };
    Ok(Some(AnyFittedPipeline {
        preprocessor: REGISTRY.load(&preprocessor)?,
        model: REGISTRY.load(&model)?,
        postprocessor: REGISTRY.load(&postprocessor)?,
        schema: manifest.schema,
        training: manifest.training,
    }))
}

/// Predictions for tables of no, one and several rows, or why there are none, as text: there, NaN is NaN.
fn predict(fitted: &AnyFittedPipeline) -> Option<[String; 3]> {
    let mut said = array::from_fn(|_| String::new());
    for (said, rows) in said.iter_mut().zip([0, 1, 9]) {
        let frame = tiny::like(&fitted.schema, rows)?;
        *said = format!("{:?}", fitted.run(&frame).map_err(|e| e.to_string()));
    }
    Some(said)
}
