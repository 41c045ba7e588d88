//! Which files a path stands for: one, or all that a pattern matches.

use crate::{
    Frame, Schema, TableFormat,
    columns::Columns,
    csv::{Fields, fields_in, typed_all},
    ndjson::{no_rows, read_lines},
    text::{bytes_of, text_in},
};
use adflux_core::{Error, Result};
use polars::prelude::{Column, DataType, TimeUnit};
use std::path::{Path, PathBuf};

/// The files that `path` stands for, in the order of their names: the file itself where there is one of this name (or `-`,
/// standard input), else the files that match it as a pattern: `*` stands for any letters of a name, `**` for any folders,
/// `?` for one letter, `[0-9]` for one of some letters.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// for name in ["2026-02.csv", "2026-01.csv", "notes.txt"] {
///     std::fs::write(folder.path().join(name), "")?;
/// }
/// let files = adflux_data::matching_files(folder.path().join("2026-*.csv"))?;
/// assert_eq!(files, ["2026-01.csv", "2026-02.csv"].map(|name| folder.path().join(name)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When nothing matches the pattern, it is none, or a folder on the way cannot be read. A path without `*`, `?` and `[` is
/// given back whether there is such a file or not: reading it says what is wrong.
pub fn matching_files(path: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    let path = path.as_ref();
    let pattern = path.to_str().filter(|text| text.contains(['*', '?', '[']));
    let Some(pattern) = pattern.filter(|_| !path.exists()) else { return Ok(vec![path.to_path_buf()]) };
    let wrong = |reason: String| Error::data(format!("{pattern}: {reason}"));
    let found = glob::glob(pattern).map_err(|e| wrong(format!("no pattern of file names: {}", e.msg)))?;
    let mut files = Vec::new();
    for file in found {
        let file = file.map_err(|e| Error::io(e.path().to_path_buf(), std::io::Error::other(e.error().to_string())))?;
        if !file.is_dir() {
            files.push(file);
        }
    }
    files.sort();
    match files.is_empty() {
        true => Err(wrong("no file matches this pattern".into())),
        false => Ok(files),
    }
}

/// Several files as one table.
pub(crate) fn read_files(files: &[PathBuf], schema: &Schema) -> Result<Frame> {
    match one_format(files)? {
        TableFormat::Csv | TableFormat::Tsv => csv_files(files, schema),
        TableFormat::Ndjson => ndjson_files(files, schema),
        TableFormat::Parquet => parquet_files(files),
    }
}

/// The format that all files have.
pub(crate) fn one_format(files: &[PathBuf]) -> Result<TableFormat> {
    let kind = |path: &PathBuf| {
        // What differs between the two is only how they are written.
        TableFormat::of(path).map(|format| if format == TableFormat::Tsv { TableFormat::Csv } else { format })
    };
    let Some(first) = files.first() else { return Err(Error::data("there are no files")) };
    let format = kind(first)?;
    for file in files {
        if kind(file)? != format {
            let reason = format!("another format than that of {}: give a pattern for files of one", first.display());
            return Err(Error::data(format!("{}: {reason}", file.display())));
        }
    }
    Ok(format)
}

/// Checks that a file has the columns of the first, in any order.
pub(crate) fn same_columns<'a>(
    file: &Path,
    names: impl Iterator<Item = &'a str>,
    first: &Path,
    wanted: &[String],
) -> Result<()> {
    let mut lacking: Vec<&str> = wanted.iter().map(String::as_str).collect();
    for name in names {
        match lacking.iter().position(|wanted| *wanted == name) {
            Some(place) => drop(lacking.remove(place)),
            None => return Err(Error::column(name, format!("{} does not have it", first.display())).in_file(file)),
        }
    }
    match lacking.first() {
        Some(name) => {
            Err(Error::column(*name, format!("is missing here, where {} has it", first.display())).in_file(file))
        }
        None => Ok(()),
    }
}

/// The fields of all files are put below each other as text, and typed then.
fn csv_files(files: &[PathBuf], schema: &Schema) -> Result<Frame> {
    let mut all: Option<(Fields, Vec<String>)> = None;
    for file in files {
        let fields = fields_in(&bytes_of(file)?, &file.display().to_string())?;
        let Some((above, names)) = &mut all else {
            let names = fields.columns.iter().map(|column| column.name().to_string()).collect();
            all = Some((fields, names));
            continue;
        };
        same_columns(file, fields.columns.iter().map(|c| c.name().as_str()), &files[0], names)?;
        above.commas &= fields.commas;
        for column in &mut above.columns {
            if let Some(below) = fields.columns.iter().find(|below| below.name() == column.name()) {
                column.append(below).map_err(|e| Error::backend(e).in_file(file))?;
            }
        }
    }
    match all {
        Some((fields, _)) => Frame::from_columns(typed_all(fields, schema)),
        None => Err(Error::data("there are no files")),
    }
}

fn ndjson_files(files: &[PathBuf], schema: &Schema) -> Result<Frame> {
    let mut columns = Columns::with(schema);
    for file in files {
        let (before, name) = (columns.rows(), file.display().to_string());
        read_lines(&mut columns, text_in(&bytes_of(file)?, &name)?, 0, &name)?;
        if columns.rows() == before {
            return Err(no_rows(&name));
        }
    }
    columns.finish()
}

fn parquet_files(files: &[PathBuf]) -> Result<Frame> {
    let mut all: Option<(Frame, Vec<String>)> = None;
    for file in files {
        let frame = Frame::read_parquet(file)?;
        all = Some(match all {
            None => {
                let names = frame.names().map(str::to_string).collect();
                (frame, names)
            }
            Some((above, names)) => {
                same_columns(file, frame.names(), &files[0], &names)?;
                let (above, below) = alike(above, &frame).map_err(|e| e.in_file(file))?;
                (above.stack(&below).map_err(|e| e.in_file(file))?, names)
            }
        });
    }
    all.map(|(frame, _)| frame).ok_or_else(|| Error::data("there are no files"))
}

/// Both frames with columns of the same types: whole numbers beside fractions become fractions, and a column without any
/// value is of the type of the other.
fn alike(above: Frame, below: &Frame) -> Result<(Frame, Frame)> {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for upper in above.as_polars().columns() {
        let Some(place) = below.as_polars().get_column_index(upper.name()) else { continue };
        let lower = &below.as_polars().columns()[place];
        let (up, low) = (upper.dtype(), lower.dtype());
        let kind = match (up, low) {
            _ if up == low => up.clone(),
            _ if lower.null_count() == lower.len() => up.clone(),
            _ if upper.null_count() == upper.len() => low.clone(),
            _ if up.is_primitive_numeric() && low.is_primitive_numeric() => match up.is_integer() && low.is_integer() {
                true => DataType::Int64,
                false => DataType::Float64,
            },
            (DataType::Datetime(..), DataType::Datetime(..)) => DataType::Datetime(TimeUnit::Microseconds, None),
            _ => {
                return Err(Error::column(
                    upper.name().as_str(),
                    format!("holds {low}, where the files before have {up}"),
                ));
            }
        };
        let cast = |column: &Column| {
            column.strict_cast(&kind).map_err(|e| Error::column(column.name().as_str(), e.to_string()))
        };
        left.push(cast(upper)?);
        right.push(cast(lower)?);
    }
    Ok((Frame::from_columns(left)?, Frame::from_columns(right)?))
}
