//! `adflux compare-segments`: what became of segments between two dates, and who moved.

mod people;
mod report;

use crate::{
    failure::Failure,
    format::{Format, print_report},
    places::apart,
    segment::Lang,
};
use adflux::{
    core::{Context, Error},
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
/// Where the second table was segmented anew, its segments are others, and people move who have not changed. To see who changed, put the
/// second table into the segments of the first: save the model with `adflux segment --model`, and compare with what `adflux predict`
/// gives for the second table.
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
    #[arg(long, visible_alias = "describe", value_enum, value_name = "LANGUAGE", default_value_t = Lang::En)]
    lang: Lang,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<(), Failure> {
    arguments.output.as_ref().map(TableFormat::of).transpose().map_err(Failure::Usage)?;
    // One table may be given twice: nothing has changed then.
    apart([Some(&arguments.before), arguments.output.as_ref()]).map_err(Failure::Usage)?;
    apart([Some(&arguments.after), arguments.output.as_ref()]).map_err(Failure::Usage)?;
    if !(arguments.min_jaccard > 0.0 && arguments.min_jaccard <= 1.0) {
        let given = arguments.min_jaccard;
        return Err(Failure::usage(format!("--min-jaccard {given}: must be above 0 and at most 1")));
    }
    let (before, after) = (arguments.read(&arguments.before)?, arguments.read(&arguments.after)?);
    context.check()?;
    let joined = before.joined(&after);
    if joined.both.is_empty() {
        return Err(Failure::Job(Error::data(format!(
            "{} and {} have no person in common: is `{}` the same in both?",
            arguments.before.display(),
            arguments.after.display(),
            arguments.id.join(", ")
        ))));
    }
    let codes = joined.codes(&before, &after);
    let options = SegmentOptions { min_jaccard: arguments.min_jaccard };
    let changes = compare_segments(&codes.before, &codes.after, &options)?;
    let report = Report::new(&before, &after, &joined, &codes, &changes);
    if let Some(path) = &arguments.output {
        joined.table(&before, &after, &arguments.id, &changes.changes)?.write(path)?;
    }
    let beside_rows = arguments.output.as_ref().is_some_and(|path| path.as_os_str() == "-");
    let words = || report.words(&arguments.before, &arguments.after, arguments.lang.into());
    Ok(print_report(arguments.format, &report, words, beside_rows)?)
}

impl Arguments {
    /// The people of a table.
    fn read(&self, path: &PathBuf) -> Result<People, Failure> {
        let frame = Frame::read(path)?;
        let named: Vec<&String> = self.id.iter().chain([&self.segment]).collect();
        if let Err(missing) = frame.require(&named) {
            let mut said = missing.to_string();
            // What `predict` gives for levels has no column `segment`.
            let others: Vec<&str> = frame.names().filter(|name| name.starts_with("segment_")).collect();
            let others: Vec<&str> = others.into_iter().filter(|name| !name.ends_with("_strength")).collect();
            if !frame.has(&self.segment) && !others.is_empty() {
                said.push_str(&format!("; name the level with --segment: {}", others.join(", ")));
            }
            return Err(Failure::Usage(Error::data(said).in_file(path)));
        }
        Ok(People::read(&frame, &self.id, &self.segment).map_err(|e| e.in_file(path))?)
    }
}
