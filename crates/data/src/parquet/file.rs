//! A Parquet file: what its footer says, and its groups of rows.

use super::{
    guard::guarded,
    pages::{self, Wrong},
};
use crate::{
    Frame,
    text::{PARQUET, other_kind},
};
use adflux_core::{Error, Result};
use polars::{
    io::parquet::read::{FileMetadata, infer_schema},
    prelude::{
        ArrowDataType, ArrowField, ArrowTimeUnit, ChunkAgg as _, Column, DataType, IntoColumn as _, ParquetReader,
        SerReader as _, Series, TimeUnit,
    },
};
use rayon::prelude::*;
use std::{
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

/// The footer ends with its length in 4 bytes and 4 that say Parquet.
const FOOTER: u64 = 8;
/// As many bytes as an empty file has.
const SMALLEST: u64 = 12;
/// Larger files must have at least a byte for so many rows: a few bytes that claim more would fill the memory.
const ROWS_A_BYTE: u64 = 10_000;
const MANY_ROWS: u64 = 10_000_000;

/// A Parquet file whose footer was read.
pub(crate) struct ParquetFile<R> {
    source: Source<R>,
    footer: Arc<FileMetadata>,
    /// The columns, in the types that they are decoded to.
    fields: Vec<ArrowField>,
}

impl ParquetFile<File> {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Err(Error::data(format!("{}: a folder, where a file is wanted", path.display())));
        }
        let file = File::open(path).map_err(|e| Error::io(path, e))?;
        ParquetFile::of(file, &path.display().to_string())
    }
}

impl<R: Read + Seek> ParquetFile<R> {
    /// Reads the footer; `name` stands for the file in messages.
    pub(crate) fn of(mut from: R, name: &str) -> Result<Self> {
        let failed = |e: io::Error| Error::io(name, e);
        let bytes = from.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut first = Vec::new();
        from.rewind().and_then(|()| from.by_ref().take(8).read_to_end(&mut first)).map_err(failed)?;
        if !first.starts_with(PARQUET) {
            let what = match other_kind(&first).filter(|_| !first.is_empty()) {
                Some(what) => what,
                None if first.is_empty() => "the file is empty",
                None if first.starts_with(b"PARE") => "an encrypted Parquet file: write it without encryption",
                None => "not a Parquet file: give it the ending of what it is (.csv, .tsv, .txt, .ndjson, .jsonl)",
            };
            return Err(Error::data(format!("{name}: {what}")));
        }
        let mut source = Source { from, bytes, name: name.into() };
        let footer = source.footer()?;
        let parsed = guarded(|| {
            let mut reader = ParquetReader::new(Cursor::new(footer));
            let footer = reader.get_metadata()?.clone();
            infer_schema(&footer).map(|schema| (footer, schema))
        });
        let parsed = parsed.and_then(|done| done.map_err(|e| e.to_string()));
        let (footer, schema) = parsed.map_err(|e| source.damaged("the footer", &e))?;
        source.check(&footer)?;
        let fields: Result<Vec<_>> = schema.iter_values().map(decoded_as).collect();
        let fields = fields.map_err(|e| e.in_file(name))?;
        match fields.is_empty() {
            true => Err(Error::data(format!("{name}: the file has no columns"))),
            false => Ok(ParquetFile { source, footer, fields }),
        }
    }

    /// How many groups of rows there are.
    pub(crate) fn groups(&self) -> usize {
        self.footer.row_groups.len()
    }

    /// A group of rows: its bytes are read, then its columns decoded in parallel. Empty groups are `None`.
    pub(crate) fn group(&mut self, group: usize) -> Result<Option<Frame>> {
        let footer = self.footer.clone();
        let Some(group) = footer.row_groups.get(group).filter(|group| group.num_rows() > 0) else { return Ok(None) };
        let rows = group.num_rows();
        let mut parts = Vec::with_capacity(self.fields.len());
        for field in 0..self.fields.len() {
            let name = self.fields[field].name.clone();
            let columns: Vec<_> = group.columns_under_root_iter(&name).into_iter().flatten().collect();
            let [column] = columns[..] else {
                return Err(self
                    .source
                    .damaged(&format!("column `{name}`"), "it is not there once in each group of rows"));
            };
            if column.num_values() != rows as i64 {
                let reason = format!("{} values in {rows} rows", column.num_values());
                return Err(self.source.damaged(&format!("column `{name}`"), &reason));
            }
            let range = column.byte_range();
            let bytes = self.source.part(range.start, range.end - range.start)?;
            parts.push((column, bytes));
        }
        let decoded: Vec<Result<Column, Wrong>> = (parts.into_par_iter().zip(&self.fields))
            .map(|((column, bytes), field)| {
                let series = guarded(|| pages::decode(column, bytes, field)).map_err(Wrong::Damaged)??;
                if beyond_the_calendar(&series) {
                    return Err(Wrong::Damaged("a time in no year that can be written".into()));
                }
                match series.len() == rows {
                    true => Ok(ours(series)),
                    false => Err(Wrong::Damaged(format!("{} values in {rows} rows", series.len()))),
                }
            })
            .collect();
        let mut columns = Vec::with_capacity(decoded.len());
        for (column, field) in decoded.into_iter().zip(&self.fields) {
            columns.push(column.map_err(|wrong| match wrong {
                Wrong::Damaged(reason) => self.source.damaged(&format!("column `{}`", field.name), &reason),
                Wrong::Encoding => {
                    let reason =
                        "is encoded as differences (DELTA), which is not read: write it plain or with a dictionary";
                    Error::column(field.name.as_str(), reason).in_file(&self.source.name)
                }
            })?);
        }
        Frame::from_columns(columns).map(Some).map_err(|e| e.in_file(&self.source.name))
    }

    /// All rows as one frame.
    pub(crate) fn read_all(mut self) -> Result<Frame> {
        let mut all: Option<Frame> = None;
        for group in 0..self.groups() {
            if let Some(frame) = self.group(group)? {
                all = Some(match all {
                    Some(above) => above.stack(&frame).map_err(|e| e.in_file(&self.source.name))?,
                    None => frame,
                });
            }
        }
        all.ok_or_else(|| Error::data(format!("{}: the file has no rows", self.source.name)))
    }
}

/// Where the bytes are, and what they are called.
struct Source<R> {
    from: R,
    bytes: u64,
    name: String,
}

impl<R: Read + Seek> Source<R> {
    /// The footer behind four bytes, as a small file of its own.
    fn footer(&mut self) -> Result<Vec<u8>> {
        let cut = |file: &Self| file.damaged("the end", "it is cut short");
        if self.bytes < SMALLEST {
            return Err(cut(self));
        }
        let end = self.part(self.bytes - FOOTER, FOOTER)?;
        if !end.ends_with(PARQUET) {
            return Err(cut(self));
        }
        let length = u64::from(u32::from_le_bytes([end[0], end[1], end[2], end[3]]));
        if length > self.bytes - SMALLEST {
            return Err(cut(self));
        }
        let mut footer = PARQUET.to_vec();
        footer.extend(self.part(self.bytes - FOOTER - length, length + FOOTER)?);
        Ok(footer)
    }

    /// What the footer says of rows and places holds together.
    fn check(&self, footer: &FileMetadata) -> Result<()> {
        let claims = |what: String| self.damaged("the footer", &what);
        let mut rows = 0u64;
        for group in &footer.row_groups {
            rows = rows.saturating_add(group.num_rows() as u64);
            for column in group.parquet_columns() {
                let range = guarded(|| column.byte_range()).map_err(claims)?;
                if range.end > self.bytes || range.start > range.end {
                    return Err(claims(format!("it places a column at the bytes {range:?} of {}", self.bytes)));
                }
            }
        }
        if rows > u64::from(u32::MAX - 1) || rows > MANY_ROWS && rows / ROWS_A_BYTE > self.bytes {
            return Err(claims(format!("it claims {rows} rows in {} bytes", self.bytes)));
        }
        match rows {
            0 => Err(Error::data(format!("{}: the file has no rows", self.name))),
            _ => Ok(()),
        }
    }

    fn part(&mut self, start: u64, length: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = self
            .from
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.from.by_ref().take(length).read_to_end(&mut bytes));
        read.map_err(|e| Error::io(&self.name, e))?;
        match bytes.len() as u64 == length {
            true => Ok(bytes),
            false => Err(self.damaged("the end", "it is cut short")),
        }
    }

    fn damaged(&self, part: &str, reason: &str) -> Error {
        let reason = reason.lines().next().unwrap_or_default().trim();
        let reason = if reason.is_empty() { "it cannot be decoded" } else { reason };
        Error::Damaged {
            path: (&self.name).into(),
            entry: part.into(),
            reason: format!("{reason}: write the file again, or take a copy"),
        }
    }
}

/// The type that a column is decoded to, whose bytes in the file are the same.
fn decoded_as(field: &ArrowField) -> Result<ArrowField> {
    use ArrowDataType as Type;
    let kept = |kind: &Type| {
        Ok(match kind {
            Type::Boolean | Type::Int32 | Type::Int64 | Type::UInt32 | Type::UInt64 | Type::Null => kind.clone(),
            Type::Float32 | Type::Float64 | Type::Date32 => kind.clone(),
            // In 32 bits in the file.
            Type::Int8 | Type::Int16 | Type::UInt8 | Type::UInt16 => Type::Int32,
            Type::Float16 => Type::Float32,
            Type::Utf8 | Type::LargeUtf8 | Type::Utf8View => Type::Utf8View,
            // The moment is the same whatever the zone that it was shown in.
            Type::Timestamp(
                unit @ (ArrowTimeUnit::Millisecond | ArrowTimeUnit::Microsecond | ArrowTimeUnit::Nanosecond),
                _,
            ) => Type::Timestamp(*unit, None),
            other => return Err(refusal(other)),
        })
    };
    let kind = match &field.dtype {
        // In the file the values stand as themselves.
        ArrowDataType::Dictionary(_, values, _) => kept(values),
        kind => kept(kind),
    };
    let kind = kind.map_err(|reason| Error::column(field.name.as_str(), reason))?;
    Ok(ArrowField::new(field.name.clone(), kind, true))
}

/// What a column holds that is not read, and what to do.
fn refusal(kind: &ArrowDataType) -> String {
    use ArrowDataType as Type;
    let (what, instead) = match kind {
        Type::Decimal(..) | Type::Decimal32(..) | Type::Decimal64(..) | Type::Decimal256(..) => {
            ("decimals", "numbers (double)")
        }
        Type::Time32(_) | Type::Time64(_) => ("times of day", "text or numbers"),
        Type::Duration(_) | Type::Interval(_) => ("durations", "numbers"),
        Type::Binary | Type::LargeBinary | Type::BinaryView | Type::FixedSizeBinary(_) => ("bytes", "text"),
        Type::List(_) | Type::LargeList(_) | Type::FixedSizeList(..) => ("lists", "one value a row"),
        Type::Struct(_) | Type::Map(..) => ("values of several fields", "a column for each"),
        _ => ("something that is not read", "numbers, text, truth values or dates"),
    };
    format!("holds {what}, which are not read from Parquet: save it as {instead}")
}

/// Whether a time is so far away that polars panics when it is written out.
fn beyond_the_calendar(series: &Series) -> bool {
    /// About 246,000 years; the calendar of polars ends after 262,000.
    const MOST_DAYS: i64 = 90_000_000;
    let a_day = match series.dtype() {
        DataType::Date => 1,
        DataType::Datetime(TimeUnit::Milliseconds, _) => 86_400_000,
        DataType::Datetime(TimeUnit::Microseconds, _) => 86_400_000_000,
        DataType::Datetime(TimeUnit::Nanoseconds, _) => 86_400_000_000_000,
        _ => return false,
    };
    let Ok(numbers) = series.to_physical_repr().cast(&DataType::Int64) else { return true };
    let Ok(numbers) = numbers.i64() else { return true };
    [numbers.min(), numbers.max()]
        .into_iter()
        .flatten()
        .any(|value| value / a_day < -MOST_DAYS || value / a_day > MOST_DAYS)
}

/// A column of nothing but missing values is text, as in the other formats.
fn ours(series: Series) -> Column {
    match series.dtype() {
        DataType::Null => Column::full_null(series.name().clone(), series.len(), &DataType::String),
        _ => series.into_column(),
    }
}
