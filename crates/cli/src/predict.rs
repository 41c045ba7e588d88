//! `adflux predict`: a saved pipeline on new rows.

use crate::{columns::expanded, format::Format, places::apart, predictions};
use adflux::{
    core::{Context, Error, Result},
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
    apart([Some(&arguments.model), Some(&arguments.file), Some(&arguments.output)])?;
    let fitted = AnyFittedPipeline::load(&arguments.model, &adflux::registry()?)?;
    let frame = Frame::read_with(&arguments.file, &fitted.schema)?;
    context.check()?;
    let prediction = fitted.run(&frame).map_err(|e| e.in_file(&arguments.file))?;
    let ids = match &arguments.id {
        Some(ids) => expanded(ids, &frame).map_err(|e| e.in_file(&arguments.file))?,
        None => fitted.training.ids.iter().filter(|id| frame.has(id)).cloned().collect(),
    };
    let predicted = predictions::columns(&prediction)?;
    if let Some(taken) = ids.iter().find(|id| predicted.has(id)) {
        let reason = "is also the name of a column of the predictions: rename it, or leave it out of --id";
        return Err(Error::column(taken, reason).in_file(&arguments.file));
    }
    let result = frame.select(&ids)?.with_columns_of(&predicted)?;
    match (arguments.format, arguments.output.as_os_str() == "-") {
        (Format::Json, true) => write_standard_output(|mut out| result.write_ndjson_to(&mut out)),
        _ => result.write(&arguments.output),
    }
}
