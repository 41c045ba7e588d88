//! `adflux predict`: a saved pipeline on new rows.

use crate::{columns::expanded, format::Format, places::apart, predictions};
use adflux::{
    core::{Context, Error, Result},
    data::{Frame, TableFormat, TableWriter},
    pipeline::AnyFittedPipeline,
};
use std::path::PathBuf;

/// Predict every row of a table with a saved pipeline.
///
/// Columns are found by name; others are ignored. The result has the columns that name a row, then `prediction`: with
/// `lower` and `upper` for an interval, with `label` and `p_<label>` for classes, `set` for sets of them, or `segment` and
/// `strength`. Rows stay in their order.
///
/// Example: adflux predict churn.adflux customers.csv -o predictions.csv
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The saved pipeline.
    model: PathBuf,
    /// The table: .csv, .tsv, .ndjson or .parquet, or a pattern for several; `-` is standard input.
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

/// How many rows are in memory at once.
const ROWS: usize = 50_000;

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    // A name that cannot be written should not be found out after the work.
    TableFormat::of(&arguments.output)?;
    apart([Some(&arguments.model), Some(&arguments.file), Some(&arguments.output)])?;
    let fitted = AnyFittedPipeline::load(&arguments.model, &adflux::registry()?)?;
    let mut ids: Option<Vec<String>> = None;
    let mut writer: Option<TableWriter> = None;
    for done in fitted.run_chunks(Frame::chunks(&arguments.file, ROWS, &fitted.schema)?.others_as_text()) {
        let (chunk, prediction) = done?;
        context.check()?;
        let beside = || -> Result<Frame> {
            let ids = match (&ids, &arguments.id) {
                (Some(ids), _) => ids.clone(),
                (None, Some(named)) => expanded(named, &chunk.frame)?,
                (None, None) => fitted.training.ids.iter().filter(|id| chunk.frame.has(id)).cloned().collect(),
            };
            chunk.frame.select(&ids)
        };
        let beside = beside().map_err(|e| chunk.locate(e))?;
        let predicted = predictions::columns(&prediction)?;
        if let Some(taken) = beside.names().find(|id| predicted.has(id)) {
            let reason = "is also the name of a column of the predictions: rename it, or leave it out of --id";
            return Err(chunk.locate(Error::column(taken, reason)));
        }
        ids.get_or_insert_with(|| beside.names().map(str::to_string).collect());
        let writer = match &mut writer {
            Some(writer) => writer,
            None => writer.insert(table(arguments)?),
        };
        writer.write(&beside.with_columns_of(&predicted)?)?;
        if writer.is_closed() {
            break;
        }
    }
    writer.map_or(Ok(()), TableWriter::finish)
}

fn table(arguments: &Arguments) -> Result<TableWriter> {
    match (arguments.format, arguments.output.as_os_str() == "-") {
        (Format::Json, true) => Ok(TableWriter::json_on_standard_output()),
        _ => TableWriter::create(&arguments.output),
    }
}
