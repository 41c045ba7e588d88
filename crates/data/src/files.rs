//! Tables in files: the format is found from the name's ending, `-` is standard input and output.

use crate::{
    Frame, Schema,
    sources::{matching_files, read_files},
    text::{PARQUET, bytes_of, without_mark},
};
use adflux_core::{Error, Result, replace::replace_file};
use std::{
    io::{self, Read as _, Write},
    path::Path,
};

/// How a table is written down in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableFormat {
    /// Fields between commas; reading also finds semicolons and tabs. Endings `.csv`, and `-` for standard output.
    Csv,
    /// Fields between tabs; reading also finds commas and semicolons. Endings `.tsv`, `.tab` and `.txt`.
    Tsv,
    /// One JSON object a line. Endings `.ndjson` and `.jsonl`.
    Ndjson,
    /// Columns with their types, compressed. Endings `.parquet` and `.pq`.
    Parquet,
}

/// What a user can do about a file in another format.
const ENDINGS: &str =
    "save it as CSV (.csv, .tsv, .txt), as one JSON object a line (.ndjson, .jsonl) or as Parquet (.parquet)";

impl TableFormat {
    /// The format by the ending of `path`, whatever its case; [`Csv`](TableFormat::Csv) for `-`. The file need not be there:
    /// a program can refuse an ending before it starts a long work.
    ///
    /// ```
    /// use adflux_data::TableFormat;
    /// assert_eq!(TableFormat::of("ads/Spring.NDJSON")?, TableFormat::Ndjson);
    /// assert!(TableFormat::of("ads.xlsx").is_err());
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the ending is not one of those that are read and written; they are listed.
    pub fn of(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if is_standard(path) {
            return Ok(TableFormat::Csv);
        }
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        let reason = match ending.as_deref() {
            Some("csv") => return Ok(TableFormat::Csv),
            Some("tsv" | "tab" | "txt") => return Ok(TableFormat::Tsv),
            Some("ndjson" | "jsonl") => return Ok(TableFormat::Ndjson),
            Some("parquet" | "pq") => return Ok(TableFormat::Parquet),
            Some("xls" | "xlsx" | "ods") => format!("spreadsheets are not read or written: {ENDINGS}"),
            Some(other) => format!("the ending `.{other}` is not known: {ENDINGS}"),
            None => format!("the name has no ending that tells the format: {ENDINGS}"),
        };
        Err(Error::data(format!("{}: {reason}", path.display())))
    }
}

impl Frame {
    /// Reads a table: CSV (`.csv`, `.tsv`, `.tab`, `.txt`; the separator is found from the header), one JSON object a line
    /// (`.ndjson`, `.jsonl`) or Parquet (`.parquet`, `.pq`). `-` is standard input: Parquet by its first bytes, JSON by a first
    /// character `{`, any other CSV.
    ///
    /// Where there is no file of this name, `path` may be a pattern (`ads/2026-*.csv`) as [`matching_files`] takes it: the
    /// files that match, in the order of their names, are one table, and the types of its columns are found from all of them.
    /// They have one format and the same columns, in any order (in JSON a key may be missing in a whole file, as in a line).
    ///
    /// The types of the columns are found from this file alone: a later file for a fitted pipeline is read with
    /// [`read_with`](Frame::read_with).
    ///
    /// # Errors
    /// An ending that is not read, and as [`read_csv`](Frame::read_csv), [`read_ndjson`](Frame::read_ndjson) and
    /// [`read_parquet`](Frame::read_parquet); of a pattern, when nothing matches it, naming the file whose ending is another
    /// than that of the first, or the file and the column that not both have.
    pub fn read(path: impl AsRef<Path>) -> Result<Frame> {
        Frame::read_with(path, &Schema::default())
    }

    /// Reads a table as [`read`](Frame::read) does, for what was learned with `schema`: the columns that are text there stay
    /// text, each field exactly as it stands in the file. In JSON a number or a truth value in such a column is written out.
    /// The types of all other columns, and of columns that `schema` does not have, are found from the file;
    /// [`conform`](Frame::conform) then parses them.
    ///
    /// ```
    /// use adflux_data::Frame;
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("later.csv");
    /// std::fs::write(&path, "zip,n\n1.50,7\n2,8\n")?;
    /// let learned = Frame::builder().texts("zip", ["AB", "1.50"]).numbers("n", vec![1.0, 2.0]).build()?;
    /// let later = Frame::read_with(&path, &learned.schema())?;
    /// assert_eq!(later.texts("zip")?[..], ["1.50", "2"]);
    /// assert_eq!(later.numbers("n")?, [7.0, 8.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`read`](Frame::read).
    pub fn read_with(path: impl AsRef<Path>, schema: &Schema) -> Result<Frame> {
        let path = path.as_ref();
        if !is_standard(path) {
            let files = matching_files(path)?;
            return match &files[..] {
                [file] => read_file(file, schema),
                _ => read_files(&files, schema),
            };
        }
        const NAME: &str = "standard input";
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(|e| Error::io(NAME, e))?;
        of_stream(&bytes, NAME, schema)
    }

    /// Writes the frame in the format of the ending, as [`TableFormat`] tells it, through
    /// [`replace_file`](adflux_core::replace::replace_file): a crash leaves the old file or the new. `-` is standard output, in CSV; a
    /// reader that stops early (`| head`) is no failure.
    ///
    /// # Errors
    /// An ending that is not written, or when the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        if is_standard(path) {
            return write_standard_output(|out| self.write_csv_to(out));
        }
        match TableFormat::of(path)? {
            TableFormat::Csv => self.write_csv(path),
            TableFormat::Tsv => replace_file(path, |file| self.write_separated(file, b'\t').map_err(io::Error::other)),
            TableFormat::Ndjson => self.write_ndjson(path),
            TableFormat::Parquet => self.write_parquet(path),
        }
    }
}

fn read_file(path: &Path, schema: &Schema) -> Result<Frame> {
    let (format, name) = (TableFormat::of(path)?, path.display().to_string());
    match format {
        TableFormat::Csv | TableFormat::Tsv => Frame::read_csv_bytes_with(&bytes_of(path)?, &name, schema),
        TableFormat::Ndjson => Frame::read_ndjson_bytes_with(&bytes_of(path)?, &name, schema),
        TableFormat::Parquet => Frame::read_parquet(path),
    }
}

/// Writes to standard output, in one piece that nothing else is printed into. A reader that stops early (`| head`) is no
/// failure: what is left is not written.
///
/// ```
/// adflux_data::write_standard_output(|out| writeln!(out, "42").map_err(adflux_core::Error::backend))?;
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// What `write` returns, and an output that cannot be written for another reason than a closed pipe.
pub fn write_standard_output(write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    write_to_standard_output(write).map(drop)
}

/// Does the same, and says whether the reader went away.
pub(crate) fn write_to_standard_output(write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<bool> {
    write_until_closed(io::BufWriter::new(io::stdout().lock()), write)
}

fn write_until_closed(to: impl Write, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<bool> {
    let mut out = Closable { inner: to, closed: false };
    let written = write(&mut out).and_then(|()| out.flush().map_err(|e| Error::io("standard output", e)));
    if out.closed { Ok(true) } else { written.map(|()| false) }
}

/// A table without a name that tells its format.
fn of_stream(bytes: &[u8], name: &str, schema: &Schema) -> Result<Frame> {
    match format_of_stream(bytes) {
        TableFormat::Parquet => Frame::read_parquet_bytes(bytes, name),
        TableFormat::Ndjson => Frame::read_ndjson_bytes_with(bytes, name, schema),
        _ => Frame::read_csv_bytes_with(bytes, name, schema),
    }
}

/// The format of a table that begins with `bytes`.
pub(crate) fn format_of_stream(bytes: &[u8]) -> TableFormat {
    match without_mark(bytes).iter().find(|b| !b.is_ascii_whitespace()) {
        _ if bytes.starts_with(PARQUET) => TableFormat::Parquet,
        Some(b'{') => TableFormat::Ndjson,
        _ => TableFormat::Csv,
    }
}

/// Remembers that the reader went away: the error itself may come back wrapped beyond recognition.
struct Closable<W> {
    inner: W,
    closed: bool,
}

impl<W> Closable<W> {
    fn seen<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        self.closed |= matches!(&done, Err(e) if e.kind() == io::ErrorKind::BrokenPipe);
        done
    }
}

impl<W: Write> Write for Closable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.inner.write(bytes);
        self.seen(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.inner.flush();
        self.seen(done)
    }
}

pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_begins_with_a_brace_is_json() {
        let of_stream = |bytes: &[u8], name: &str| of_stream(bytes, name, &Schema::default());
        for text in ["\u{feff}\n {\"a\": 1}\n", "{\"a\":1}", "a\n1\n", "\u{feff}a\r\n1\r\n"] {
            assert_eq!(of_stream(text.as_bytes(), "-").unwrap().numbers("a").unwrap(), [1.0], "{text:?}");
        }
        let refusal = |text: &str| of_stream(text.as_bytes(), "standard input").unwrap_err().to_string();
        assert!(refusal("").starts_with("standard input: the file is empty"));
        assert!(refusal("{\"a\"").starts_with("standard input: line 1: the JSON ends in the middle"));
    }

    #[test]
    fn text_of_a_schema_stays_as_it_stands() {
        let train = of_stream(b"zip,n\n01,1\n02,2\nAB,3\nTRUE,4\n1.50,5\n", "-", &Schema::default()).unwrap();
        let schema = train.schema();
        let zips = |rows: &[&str]| {
            let csv = rows.iter().map(|zip| format!("{zip},1\n")).collect::<String>();
            let json = rows.iter().map(|zip| format!("{{\"zip\":\"{zip}\",\"n\":1}}\n")).collect::<String>();
            let both = [format!("zip,n\n{csv}"), json].map(|text| {
                let later = of_stream(text.as_bytes(), "-", &schema).unwrap().conform(&schema).unwrap();
                assert_eq!(later.numbers("n").unwrap(), vec![1.0; rows.len()]);
                later.texts("zip").unwrap().to_vec()
            });
            assert_eq!(both, [rows, rows]);
        };
        for rows in [&["01", "02"][..], &["01"], &["TRUE"], &["1.50"], &["01", "AB"], &["TRUE", "1.50", "x"], &[" 7 "]]
        {
            zips(rows);
        }
        let mixed = of_stream(b"{\"zip\":1}\n{\"zip\":0.5}\n{\"zip\":true}\n{\"n\":\"2\"}", "-", &schema).unwrap();
        assert_eq!(mixed.texts("zip").unwrap()[..], ["1", "0.5", "true", ""]);
    }

    /// Takes so many bytes, then fails.
    struct Reader(usize, io::ErrorKind);

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(self.1.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_stops_early_is_no_failure_and_a_full_disk_is_one() {
        let frame = Frame::builder().numbers("x", vec![1.5; 100_000]).build().unwrap();
        let write = |reader| write_until_closed(reader, |out| frame.write_csv_to(out));
        assert!(write(Reader(usize::MAX, io::ErrorKind::BrokenPipe)).is_ok());
        assert!(write(Reader(1_000, io::ErrorKind::BrokenPipe)).is_ok());
        assert!(write(Reader(1_000, io::ErrorKind::StorageFull)).is_err());
        // The last bytes count as well.
        let buffered = |kind| {
            write_until_closed(io::BufWriter::new(Reader(0, kind)), |out| write!(out, "42").map_err(Error::backend))
        };
        assert!(buffered(io::ErrorKind::BrokenPipe).is_ok());
        assert_eq!(buffered(io::ErrorKind::StorageFull).unwrap_err().to_string(), "standard output: no storage space");
    }
}
