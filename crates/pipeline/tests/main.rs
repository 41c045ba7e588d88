//! Tests of adflux-pipeline through its public interface.

mod auto;
mod chunks;
mod cross_validation;
mod damage;
mod dependence;
mod drift;
mod explain;
mod file;
mod fit;
mod forecasting;
mod hostile;
mod importance;
mod judging;
mod known;
mod parts;
mod proxies;
mod rows;
mod schema;
mod screening;
mod search;
mod shapley;
mod spec;
mod tampering;

use adflux_core::{Registry, Target, Training};
use adflux_data::Frame;
use adflux_pipeline::{AnyFittedPipeline, AnyPipeline, PipelineSpec};
use adflux_preprocessing::{Branch, ColumnTransformer, OneHotEncoder, StandardScaler};

/// Everything that a pipeline of these tests is made of.
fn registry() -> Registry {
    let mut registry = Registry::new();
    adflux_preprocessing::register(&mut registry).unwrap();
    adflux_postprocessing::register(&mut registry).unwrap();
    registry.model::<parts::Memory>().unwrap().postprocessor::<Frame, parts::Witness>().unwrap();
    registry
}

/// Campaigns with a key of their own in `key`, and columns that no pipeline here reads.
fn campaigns(rows: usize) -> Frame {
    Frame::builder()
        .texts("note", (0..rows).map(|r| format!("note {r}")))
        .numbers("key", (0..rows).map(|r| r as f64).collect())
        .texts("platform", (0..rows).map(|r| ["META", "GOOGLE", "TIKTOK"][r % 3]))
        .optional_numbers("audience", (0..rows).map(|r| (r % 5 != 0).then_some(r as f64 * 100.0)).collect())
        .numbers("bonus", (0..rows).map(|r| r as f64 / 2.0).collect())
        .build()
        .unwrap()
}

/// The campaigns with an outcome of 1000 + key, which no guess of [`parts::Memory`] can be.
fn training(rows: usize) -> Training<Frame> {
    let outcome = (0..rows).map(|r| 1000.0 + r as f64).collect();
    Training::new(campaigns(rows)).with_target(Target::Values(outcome))
}

/// The key as it is, and the platform one-hot.
fn columns() -> ColumnTransformer {
    ColumnTransformer::new().branch(Branch::new("key", ["key"])).branch(
        Branch::new("platform", ["platform"])
            .step(OneHotEncoder::default())
            .step(StandardScaler::default().with_mean(false)),
    )
}

/// A small pipeline of every kind of part, by name.
const TOML: &str = "
[preprocessor]
kind = 'column-transformer'
[[preprocessor.steps]]
kind = 'branch'
params = { name = 'key', columns = ['key'] }
[[preprocessor.steps]]
kind = 'branch'
params = { name = 'platform', columns = ['platform'] }
steps = [{ kind = 'one-hot-encoder' }]

[model]
kind = 'memory'

[postprocessor]
kind = 'sequence'
steps = [{ kind = 'conformal-interval', params = { level = 0.8, folds = 3 } }, { kind = 'clip', params = { min = 0.0 } }]
";

fn from_toml() -> AnyPipeline {
    toml::from_str::<PipelineSpec>(TOML).unwrap().build(&registry()).unwrap()
}

fn fitted() -> AnyFittedPipeline {
    from_toml().fit(training(20)).unwrap()
}
