//! adflux's side of `tabular.py`: fits a pipeline on given splits of a table and prints what it predicts.
//!
//! ```text
//! cargo run --release --example tabular_splits -- TABLE.csv PLAN.json
//! ```
//!
//! The plan holds the pipeline as it would stand in a TOML file, the name of the target, that of the column of weights if
//! there is one, and the rows of each split. Classes are predicted as the probability of the last one.

use adflux::{core::Error, data::ColumnKind, pipeline::PipelineSpec, prelude::*};
use clap::Parser;
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, time::Instant};

/// Fits a pipeline on given splits of a table and prints what it predicts.
#[derive(Parser)]
struct Arguments {
    /// The table, a CSV file.
    table: PathBuf,
    /// The plan, a JSON file.
    plan: PathBuf,
}

#[derive(Deserialize)]
struct Plan {
    pipeline: PipelineSpec,
    target: String,
    weight: Option<String>,
    splits: Vec<Split>,
}

#[derive(Deserialize)]
struct Split {
    train: Vec<usize>,
    test: Vec<usize>,
}

#[derive(Serialize)]
struct Outcome {
    fit_s: f64,
    predicted: Vec<f64>,
}

fn main() -> Result<()> {
    let Arguments { table, plan } = Arguments::parse();
    let plan = std::fs::read(&plan).map_err(|e| Error::io(&plan, e))?;
    let plan: Plan = serde_json::from_slice(&plan).map_err(Error::backend)?;
    let mut frame = Frame::read_csv(table)?.with_role(&plan.target, Role::Target)?;
    if let Some(weight) = &plan.weight {
        frame = frame.with_role(weight, Role::Weight)?;
    }
    let outcomes = plan.splits.iter().map(|split| outcome(&plan, split, &frame)).collect::<Result<Vec<_>>>()?;
    println!("{}", serde_json::to_string(&outcomes).map_err(Error::backend)?);
    Ok(())
}

fn outcome(plan: &Plan, split: &Split, frame: &Frame) -> Result<Outcome> {
    let pipeline = plan.pipeline.build(&adflux::registry()?)?;
    let data = frame.take(&split.train).training()?;
    let start = Instant::now();
    let fitted = pipeline.fit(data)?;
    let fit_s = start.elapsed().as_secs_f64();
    let prediction: Prediction = fitted.run(&frame.take(&split.test))?;
    let predicted = match frame.kind_of(&plan.target)? {
        ColumnKind::Text => {
            let probabilities = &prediction.classes()?.probabilities;
            probabilities.column(probabilities.ncols() - 1).to_vec()
        }
        _ => prediction.point()?.to_vec(),
    };
    Ok(Outcome { fit_s, predicted })
}
