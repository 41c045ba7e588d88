//! `adflux compare-segments`: what became of segments between two dates, and who moved.

mod people;
mod report;

use crate::{
    format::{Format, print_json, print_text},
    places::apart,
    segment::Lang,
};
use adflux::{
    core::{Context, Error, Result},
    data::{Frame, TableFormat},
    evaluation::segments::{SegmentOptions, compare_segments},
};
use people::People;
use report::Report;
use std::path::PathBuf;

/// Compare two segmentations of the same people at two dates: which segment became which, and who moved.
///
/// Takes two tables as `adflux segment -o` writes them, with a column that names the person. Numbers of segments say nothing: segments
/// are matched by the people in them. A person has stayed who is in the segment that the own became.
///
/// Example: adflux compare-segments january.csv june.csv --id candidate_id -o moved.csv
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The table of the first date: .csv, .tsv, .ndjson or .parquet; `-` is standard input.
    before: PathBuf,
    /// The table of the second date.
    after: PathBuf,
    /// Columns that name the person, the same in both tables.
    #[arg(long, value_name = "COLS", value_delimiter = ',', required = true)]
    id: Vec<String>,
    /// The column of segments in both tables; an empty field is in no segment.
    #[arg(long, value_name = "COL", default_value = "segment")]
    segment: String,
    /// The least Jaccard similarity of two segments that count as one (the people in both, of those in either), above 0 and up to 1.
    #[arg(long, value_name = "J", default_value_t = SegmentOptions::default().min_jaccard)]
    min_jaccard: f64,
    /// Write every person here: the id, `before`, `after`, and `change` (stayed, moved, left, joined, or only in one table: gone,
    /// came).
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The language of the report.
    #[arg(long, value_enum, value_name = "LANGUAGE", default_value_t = Lang::En)]
    lang: Lang,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    arguments.output.as_ref().map(TableFormat::of).transpose()?;
    // One table may be given twice: nothing has changed then.
    apart([Some(&arguments.before), arguments.output.as_ref()])?;
    apart([Some(&arguments.after), arguments.output.as_ref()])?;
    let read = |path: &PathBuf| {
        let people = Frame::read(path).and_then(|frame| People::read(&frame, &arguments.id, &arguments.segment));
        people.map_err(|e| e.in_file(path))
    };
    let (before, after) = (read(&arguments.before)?, read(&arguments.after)?);
    context.check()?;
    let joined = before.joined(&after);
    if joined.both.is_empty() {
        return Err(Error::data(format!(
            "{} and {} have no person in common: is `{}` the same in both?",
            arguments.before.display(),
            arguments.after.display(),
            arguments.id.join(", ")
        )));
    }
    let codes = joined.codes(&before, &after);
    let options = SegmentOptions { min_jaccard: arguments.min_jaccard };
    let changes = compare_segments(&codes.before, &codes.after, &options)?;
    let report = Report::new(&before, &after, &joined, &codes, &changes);
    if let Some(path) = &arguments.output {
        joined.table(&before, &after, &arguments.id, &changes.changes)?.write(path)?;
    }
    let to_standard_output = arguments.output.as_ref().is_some_and(|path| path.as_os_str() == "-");
    let words = || report.words(&arguments.before, &arguments.after, arguments.lang.into());
    match (arguments.format, to_standard_output) {
        (Format::Json, false) => print_json(&report),
        (Format::Table, false) => print_text(&words()),
        (Format::Json, true) => {
            eprintln!("{}", serde_json::to_string_pretty(&report).map_err(Error::backend)?);
            Ok(())
        }
        (Format::Table, true) => {
            eprintln!("{}", words());
            Ok(())
        }
    }
}
