//! `adflux predict`: a saved pipeline on new rows.

use crate::{format::Format, predictions};
use adflux::{
    core::{Context, Result},
    data::{Frame, TableFormat, write_standard_output},
    pipeline::AnyFittedPipeline,
};
use std::path::PathBuf;

/// Predict every row of a table with a saved pipeline.
///
/// Columns are found by name; others are ignored. The result has the columns that name a row, then `prediction`: with
/// `lower` and `upper` for an interval, with `label` and `p_<label>` for classes, or `segment` and `strength`. Rows stay in
/// their order.
///
/// Example: adflux predict churn.adflux customers.csv -o predictions.csv
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The saved pipeline.
    model: PathBuf,
    /// The table: .csv, .tsv or .ndjson; `-` is standard input.
    file: PathBuf,
    /// The table to write, by its ending; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Columns of the input to put beside the predictions. Default: those that named a row in training.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    id: Option<Vec<String>>,
    /// On standard output: `table` is CSV, `json` one object a line.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    // A name that cannot be written should not be found out after the work.
    TableFormat::of(&arguments.output)?;
    let fitted = AnyFittedPipeline::load(&arguments.model, &adflux::registry()?)?;
    let frame = Frame::read(&arguments.file)?;
    context.check()?;
    let prediction = fitted.run(&frame).map_err(|e| e.in_file(&arguments.file))?;
    let result = match &arguments.id {
        Some(ids) => frame.select(ids)?,
        None => {
            let ids: Vec<&String> = fitted.training.ids.iter().filter(|id| frame.has(id)).collect();
            frame.select(&ids)?
        }
    };
    let result = result.with_columns_of(&predictions::columns(&prediction)?)?;
    match (arguments.format, arguments.output.as_os_str() == "-") {
        (Format::Json, true) => write_standard_output(|mut out| result.write_ndjson_to(&mut out)),
        _ => result.write(&arguments.output),
    }
}
