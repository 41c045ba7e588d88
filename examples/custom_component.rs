//! A component of your own: written, checked by the conformance kit, named in TOML, saved and loaded like adflux's.
//!
//! `cargo run --release --example custom_component`

use adflux::{
    core::{AnyTransformRecipe, Block, Column, FitTransform, Registry, Values, parameter},
    pipeline::PipelineSpec,
    prelude::*,
};
use adflux_testing::conformance;
use serde::{Deserialize, Serialize};

/// The recipe: limits each column to what lies between two quantiles of its training values, so that a few extreme budgets do not
/// make segments of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct QuantileClipper {
    /// The share of values that is cut off at either end, 0 to 0.5. 0.05 by default.
    limits: f64,
}

impl Default for QuantileClipper {
    fn default() -> Self {
        QuantileClipper { limits: 0.05 }
    }
}

/// What a fit gives: the lower and the upper limit of each column.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct FittedQuantileClipper {
    columns: Vec<Column>,
    limits: Vec<(f64, f64)>,
}

const KIND: &str = "quantile-clipper";
adflux::core::recipe!(QuantileClipper, "quantile-clipper");
adflux::core::component!(FittedQuantileClipper, "quantile-clipper", version = 1);

impl Fit<Training<Features>> for QuantileClipper {
    type Fitted = FittedQuantileClipper;
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<FittedQuantileClipper> {
        parameter::ensure((0.0..0.5).contains(&self.limits), "limits", self.limits, "must lie from 0 to below 0.5")?;
        data.validate()?;
        data.x.require_finite(KIND)?;
        let of_column = |column: ndarray::ArrayView1<f64>| {
            context.check()?;
            let mut values = column.to_vec();
            values.sort_by(f64::total_cmp);
            let cut = (self.limits * values.len() as f64) as usize;
            Ok((values[cut], values[values.len() - 1 - cut]))
        };
        let limits = data.x.dense(KIND)?.columns().into_iter().map(of_column).collect::<Result<_>>()?;
        Ok(FittedQuantileClipper { columns: data.x.columns().cloned().collect(), limits })
    }
}

impl FitTransform<Features> for QuantileClipper {}

impl Transform<Features> for FittedQuantileClipper {
    type Output = Features;
    fn transform(&self, x: Features) -> Result<Features> {
        x.require_columns(KIND, &self.columns)?;
        x.require_finite(KIND)?;
        let mut values = x.dense(KIND)?.clone();
        for (mut column, (low, high)) in values.columns_mut().into_iter().zip(&self.limits) {
            // Not `clamp`, which panics when a damaged file has the limits the wrong way round.
            column.mapv_inplace(|v| v.max(*low).min(*high));
        }
        Features::new(x.rows(), vec![Block::new(self.columns.clone(), Values::Dense(values))?])
    }
}

fn register(registry: &mut Registry) -> Result<()> {
    registry.transform::<Features, Features, QuantileClipper>().map(drop)
}

const PIPELINE: &str = "
[preprocessor]
kind = 'column-transformer'
[[preprocessor.steps]]
kind = 'branch'
params = { name = 'numbers', columns = ['years_experience', 'years_college'] }
steps = [{ kind = 'quantile-clipper', params = { limits = 0.02 } }, { kind = 'standard-scaler' }]
[model]
kind = 'k-means'
params = { n_clusters = 3, seed = 42 }
";

fn main() -> Result<()> {
    // Everything a component must get right, from one valid training set.
    let x = ndarray::Array2::from_shape_fn((40, 2), |(row, column)| ((row * 7 + column) % 11) as f64);
    let training = Training::new(Features::from_dense(x, ["budget", "duration"])?);
    conformance::transform(QuantileClipper::default(), training)
        .registry(register)
        .refuses("limits", QuantileClipper { limits: 0.5 })
        .refuses("limits", QuantileClipper { limits: -0.1 })
        .check();
    println!("`{KIND}` conforms");

    // By name, beside adflux's own.
    let mut registry = adflux::registry()?;
    register(&mut registry)?;
    println!("steps: {}", registry.kinds::<AnyTransformRecipe<Features, Features>>().join(", "));
    let resumes = Frame::read_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/data/resume.csv"))?;
    let spec: PipelineSpec = toml::from_str(PIPELINE).map_err(Error::backend)?;
    let fitted = spec.build(&registry)?.fit(Training::new(resumes.clone()))?;

    // Saved and loaded, every segment is the same.
    let path = std::env::temp_dir().join(format!("custom_component_{}.adflux", std::process::id()));
    fitted.save(&path)?;
    let loaded = AnyFittedPipeline::load(&path, &registry)?;
    std::fs::remove_file(&path).map_err(|e| Error::io(&path, e))?;
    let (before, after) = (fitted.run(&resumes)?, loaded.run(&resumes)?);
    println!("{} résumés segmented; the same after saving and loading: {}", resumes.rows(), before == after);

    // A mistake in the file is named.
    let wrong: PipelineSpec = toml::from_str(&PIPELINE.replace("limits", "limit")).map_err(Error::backend)?;
    if let Err(error) = wrong.build(&registry) {
        println!("with `limit` in the file: {error}");
    }
    Ok(())
}
