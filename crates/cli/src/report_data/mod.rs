//! `adflux report-data`: what is in a table, and what has moved since another.

mod words;

use crate::{
    columns::expanded,
    format::{Format, print_json, print_text},
};
use adflux::{
    core::{Context, Result},
    data::{ColumnKind, ColumnReport, DataReport, Frame, Role},
    evaluation::drift::KolmogorovSmirnov,
    pipeline::{Excluded, Reason, Screen, Shift, find_drift, screening::Identifier},
};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Say what is in a table: what its columns hold, what is missing, what is suspect; and which columns have moved since
/// another table.
///
/// Example: adflux report-data campaigns.csv --against last_year.csv --target clicks
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The table: .csv, .tsv, .ndjson or .parquet, or a pattern; `-` is standard input.
    file: PathBuf,
    /// An earlier table, the reference: which columns have moved since.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// The column that is to be predicted: columns that give it away are named.
    #[arg(long, value_name = "COL")]
    target: Option<String>,
    /// Gender, race, age and the like: columns that give them away are named.
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    sensitive: Vec<String>,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Serialize)]
struct Report<'a> {
    file: &'a Path,
    rows: usize,
    duplicates: usize,
    columns: &'a [ColumnReport],
    suspects: Vec<Suspect>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<Drift<'a>>,
}

/// A column that should not be learned from as it is.
#[derive(Serialize)]
struct Suspect {
    column: String,
    reason: String,
}

#[derive(Serialize)]
struct Drift<'a> {
    against: &'a Path,
    rows: usize,
    columns: Vec<Moved>,
    only_in_reference: Vec<String>,
    only_in_file: Vec<String>,
}

#[derive(Serialize)]
struct Moved {
    column: String,
    kind: ColumnKind,
    kind_in_file: ColumnKind,
    shift: Shift,
    psi: f64,
    psi_by_chance: f64,
    ks: Option<Gap>,
    missing: Shares,
    new_levels: Vec<String>,
    vanished_levels: Vec<String>,
}

#[derive(Serialize)]
struct Gap {
    statistic: f64,
    p_value: f64,
}

#[derive(Serialize)]
struct Shares {
    reference: f64,
    file: f64,
}

/// Runs the command.
pub fn run(arguments: &Arguments, context: &Context) -> Result<()> {
    let frame = Frame::read(&arguments.file)?;
    context.check()?;
    let DataReport { rows, duplicates, columns } = frame.report().map_err(|e| e.in_file(&arguments.file))?;
    context.check()?;
    let (suspects, personal) = suspects(&frame, arguments).map_err(|e| e.in_file(&arguments.file))?;
    context.check()?;
    let mut drift = arguments.against.as_ref().map(|against| drift(&frame, against)).transpose()?;
    let columns = columns.into_iter().map(|column| without_people(column, &personal)).collect::<Vec<_>>();
    let moved = drift.iter_mut().flat_map(|drift| &mut drift.columns);
    moved.filter(|moved| personal.contains(&moved.column)).for_each(|moved| {
        moved.new_levels.clear();
        moved.vanished_levels.clear();
    });
    let report = Report { file: &arguments.file, rows, duplicates, columns: &columns, suspects, drift };
    match arguments.format {
        Format::Json => print_json(&report),
        Format::Table => print_text(&words::of(&report)),
    }
}

/// What [`Screen`] would leave out, or asks about; and the columns of e-mail addresses and telephone numbers.
fn suspects(frame: &Frame, arguments: &Arguments) -> Result<(Vec<Suspect>, Vec<String>)> {
    let of_people = |e: &&Excluded| matches!(e.reason, Reason::Identifier(Identifier::Email | Identifier::Phone));
    let mut seen = frame.clone();
    for column in expanded(&arguments.sensitive, frame)? {
        seen = seen.with_role(&column, Role::Sensitive)?;
    }
    if let Some(target) = &arguments.target {
        seen = seen.with_role(target, Role::Target)?;
    }
    let screening = Screen::new().run(&seen)?;
    let found = screening.excluded.iter().filter(|e| seen.role(&e.column) != Role::Sensitive);
    let found = found.map(|e| Suspect { reason: e.reason.to_string(), column: e.column.clone() });
    let nearly = screening.suspects.iter();
    let nearly = nearly
        .map(|e| Suspect { reason: format!("{}, nearly: is it known before?", e.reason), column: e.column.clone() });
    let hidden = screening.excluded.iter().filter(of_people).map(|e| e.column.clone()).collect();
    Ok((found.chain(nearly).collect(), hidden))
}

/// A column without its values where they are addresses or numbers of people: a report is passed on.
fn without_people(mut column: ColumnReport, personal: &[String]) -> ColumnReport {
    if personal.contains(&column.name) {
        column.levels.clear();
    }
    column
}

fn drift<'a>(frame: &Frame, against: &'a Path) -> Result<Drift<'a>> {
    let reference = Frame::read(against)?;
    let found = find_drift(&reference, frame).map_err(|e| e.in_file(against))?;
    let gap = |ks: KolmogorovSmirnov| Gap { statistic: ks.statistic, p_value: ks.p_value };
    let columns = found.columns.into_iter().map(|column| Moved {
        shift: column.shift(),
        column: column.column,
        kind: column.kinds[0],
        kind_in_file: column.kinds[1],
        psi: column.psi.value,
        psi_by_chance: column.psi.by_chance,
        ks: column.ks.map(gap),
        missing: Shares { reference: column.missing[0], file: column.missing[1] },
        new_levels: column.new_levels,
        vanished_levels: column.vanished_levels,
    });
    Ok(Drift {
        against,
        rows: reference.rows(),
        columns: columns.collect(),
        only_in_reference: found.only_reference,
        only_in_file: found.only_compared,
    })
}
