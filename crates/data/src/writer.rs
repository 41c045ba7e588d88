//! A table that is written piece by piece.

use crate::{Frame, TableFormat, files::is_standard, files::write_to_standard_output, parquet::ParquetParts};
use adflux_core::{Error, Result, replace::Replacement};
use std::path::{Path, PathBuf};

/// Writes a table frame by frame, so that it never has to be in memory as a whole: in the format of the ending, beside its
/// place, and put there by [`finish`](TableWriter::finish). Dropped before, a crash or an error leaves the old file.
///
/// ```
/// use adflux_data::{Frame, TableWriter};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("scores.csv");
/// let mut writer = TableWriter::create(&path)?;
/// for start in [0, 2] {
///     writer.write(&Frame::builder().integers("row", vec![start, start + 1]).build()?)?;
/// }
/// assert!(!path.exists());
/// writer.finish()?;
/// assert_eq!(std::fs::read_to_string(&path)?, "row\n0\n1\n2\n3\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TableWriter {
    path: PathBuf,
    to: To,
    /// The columns of the first frame.
    names: Vec<String>,
    rows: usize,
    closed: bool,
}

enum To {
    /// Standard output: CSV, or JSON lines.
    Standard {
        json: bool,
    },
    Separated {
        place: Replacement,
        separator: u8,
    },
    Lines(Replacement),
    /// The file is made with the columns of the first frame.
    Parquet(Option<Box<ParquetParts>>),
}

impl std::fmt::Debug for To {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            To::Standard { .. } => "standard output",
            To::Separated { .. } => "CSV",
            To::Lines(_) => "NDJSON",
            To::Parquet(_) => "Parquet",
        })
    }
}

impl TableWriter {
    /// A table at `path`, in the format of its ending; `-` is standard output, in CSV.
    ///
    /// # Errors
    /// An ending that is not written, or when no file can be made beside `path`.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let to = match TableFormat::of(path)? {
            _ if is_standard(path) => To::Standard { json: false },
            TableFormat::Csv => To::Separated { place: Replacement::of(path)?, separator: b',' },
            TableFormat::Tsv => To::Separated { place: Replacement::of(path)?, separator: b'\t' },
            TableFormat::Ndjson => To::Lines(Replacement::of(path)?),
            TableFormat::Parquet => To::Parquet(None),
        };
        Ok(TableWriter { path: path.to_path_buf(), to, names: Vec::new(), rows: 0, closed: false })
    }

    /// One JSON object a line on standard output.
    pub fn json_on_standard_output() -> Self {
        let to = To::Standard { json: true };
        TableWriter { path: "-".into(), to, names: Vec::new(), rows: 0, closed: false }
    }

    /// Appends the rows of `frame`, whose columns must be those of the first frame, in their order. In Parquet they must
    /// also have, or fit, its types.
    ///
    /// # Errors
    /// When columns differ, when the file cannot be written, and for JSON naming the first infinite number.
    pub fn write(&mut self, frame: &Frame) -> Result<()> {
        if self.rows == 0 {
            self.names = frame.names().map(str::to_string).collect();
        } else if !self.names.iter().map(String::as_str).eq(frame.names()) {
            let (names, found) = (self.names.join(", "), frame.names().collect::<Vec<_>>().join(", "));
            return Err(Error::data(format!("columns {found} below columns {names}: they must be the same")));
        }
        let first = self.rows == 0;
        self.append(frame, first).map_err(|e| e.after_rows(self.rows))?;
        self.rows += frame.rows();
        Ok(())
    }

    fn append(&mut self, frame: &Frame, first: bool) -> Result<()> {
        let failed = |e: Error| Error::io(&self.path, std::io::Error::other(e));
        match &mut self.to {
            To::Standard { .. } if self.closed => {}
            To::Standard { json } => {
                self.closed = write_to_standard_output(|mut out| match (*json, first) {
                    (true, _) => frame.write_ndjson_to(&mut out),
                    (false, true) => frame.write_csv_to(out),
                    (false, false) => frame.write_records(out, b','),
                })?;
            }
            To::Separated { place, separator } => {
                if first {
                    frame.write_header(&mut place.file, *separator).map_err(failed)?;
                }
                frame.write_records(&mut place.file, *separator).map_err(failed)?;
            }
            To::Lines(place) => {
                frame.finite()?;
                frame.write_lines(&mut place.file).map_err(|e| Error::io(&self.path, e))?;
            }
            To::Parquet(parts) => {
                let parts = match parts {
                    Some(parts) => parts,
                    None => parts.insert(Box::new(ParquetParts::create(&self.path, frame)?)),
                };
                parts.write(frame)?;
            }
        }
        Ok(())
    }

    /// How many rows were written.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether the reader of standard output went away (`| head`): what is written from now on is dropped.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Ends the table, syncs it to the disk and puts it in its place.
    ///
    /// # Errors
    /// When it cannot be written, or there was nothing to write: a table without columns is none.
    pub fn finish(self) -> Result<()> {
        if self.rows == 0 && self.names.is_empty() {
            return Err(Error::data(format!("{}: there are no rows to write", self.path.display())));
        }
        match self.to {
            To::Standard { .. } | To::Parquet(None) => Ok(()),
            To::Separated { place, .. } | To::Lines(place) => place.commit(),
            To::Parquet(Some(parts)) => parts.commit(),
        }
    }
}
