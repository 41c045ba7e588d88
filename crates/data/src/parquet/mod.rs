//! Parquet in and out.
//!
//! polars decodes the pages and encodes them. What it trusts in a file is checked here before, where it can be ([`pages`]),
//! and what it panics on is caught ([`guard`]).

mod file;
mod guard;
mod pages;

pub(crate) use file::ParquetFile;

use crate::Frame;
use adflux_core::{Error, Result, replace::Replacement};
use polars::{
    io::parquet::write::{BatchedWriter, ParquetWriter},
    prelude::{DataFrame, Schema},
};
use std::{
    fs::File,
    io::{Cursor, Write},
    path::Path,
    sync::Arc,
};

impl Frame {
    /// Reads a Parquet file: numbers, truth values, text (also as dictionaries), dates and times, which are UTC. A column of
    /// nothing but missing values is text. Compressed with Snappy, gzip, Brotli, LZ4 or Zstandard, or not at all.
    ///
    /// # Errors
    /// Naming the file: it cannot be read, is no Parquet file, is damaged or has no rows; naming the column that holds
    /// something else (lists, structs, bytes, decimals, durations, times of day), or is encoded as differences (DELTA).
    pub fn read_parquet(path: impl AsRef<Path>) -> Result<Frame> {
        let path = path.as_ref();
        ParquetFile::open(path)?.read_all()
    }

    /// Reads the bytes of a Parquet file; `name` stands for the file in messages.
    ///
    /// # Errors
    /// As [`read_parquet`](Frame::read_parquet).
    pub fn read_parquet_bytes(bytes: &[u8], name: &str) -> Result<Frame> {
        ParquetFile::of(Cursor::new(bytes), name)?.read_all()
    }

    /// Writes the frame as Parquet, compressed with Zstandard, through [`replace_file`](adflux_core::replace::replace_file): a crash leaves
    /// the old file or the new. Types stay as they are.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_parquet(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let mut parts = ParquetParts::create(path, self)?;
        parts.write(self)?;
        parts.commit()
    }

    /// Writes the frame as Parquet, compressed with Zstandard.
    ///
    /// # Errors
    /// When `to` cannot be written.
    pub fn write_parquet_to(&self, to: &mut (impl Write + Send)) -> Result<()> {
        let written =
            guard::guarded(|| ParquetWriter::new(to).set_parallel(false).finish(&mut self.as_polars().clone()));
        written.map_err(Error::data)?.map_err(Error::backend).map(drop)
    }
}

/// A Parquet file that is written frame by frame, each a group of rows.
pub(crate) struct ParquetParts {
    writer: BatchedWriter<File>,
    place: Replacement,
    schema: Arc<Schema>,
}

impl ParquetParts {
    /// A file with the columns of `first`.
    pub(crate) fn create(path: &Path, first: &Frame) -> Result<Self> {
        let place = Replacement::of(path)?;
        let file = place.file.get_ref().try_clone().map_err(|e| Error::io(path, e))?;
        let writer = ParquetWriter::new(file).batched(first.as_polars().schema()).map_err(Error::backend)?;
        Ok(ParquetParts { writer, place, schema: first.as_polars().schema().clone() })
    }

    pub(crate) fn write(&mut self, frame: &Frame) -> Result<()> {
        let table = as_before(&self.schema, frame)?;
        let written = guard::guarded(|| self.writer.write_batch(&table));
        written.map_err(Error::data)?.map_err(Error::backend)
    }

    pub(crate) fn commit(self) -> Result<()> {
        self.writer.finish().map_err(Error::backend)?;
        self.place.commit()
    }
}

/// The columns of `frame` in the types of `schema`, in one piece each.
fn as_before(schema: &Schema, frame: &Frame) -> Result<DataFrame> {
    let mut columns = Vec::with_capacity(schema.len());
    for (name, kind) in schema.iter() {
        let table = frame.as_polars();
        let Some(place) = table.get_column_index(name) else {
            frame.require(&[name.as_str()])?;
            continue;
        };
        let column = &table.columns()[place];
        let cast = match column.dtype() == kind {
            true => Ok(column.clone()),
            false => column.strict_cast(kind),
        };
        let reason =
            format!("holds {}, where the rows before have {kind}: Parquet has one type a column", column.dtype());
        columns.push(cast.map_err(|_| Error::column(name.as_str(), reason))?);
    }
    let mut table = DataFrame::new(frame.rows(), columns).map_err(Error::backend)?;
    table.rechunk_mut();
    Ok(table)
}
