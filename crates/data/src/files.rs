//! Tables in files: the format is found from the name's ending, `-` is standard input and output.

use crate::{Frame, Schema, replace::replace_file, text::bytes_of};
use adflux_core::{Error, Result};
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
}

/// What a user can do about a file in another format.
const ENDINGS: &str = "save it as CSV (.csv, .tsv, .txt) or as one JSON object a line (.ndjson, .jsonl)";

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
            Some("parquet" | "pq") => format!("Parquet is not read or written yet: {ENDINGS}"),
            Some("xls" | "xlsx" | "ods") => format!("spreadsheets are not read or written: {ENDINGS}"),
            Some(other) => format!("the ending `.{other}` is not known: {ENDINGS}"),
            None => format!("the name has no ending that tells the format: {ENDINGS}"),
        };
        Err(Error::data(format!("{}: {reason}", path.display())))
    }
}

impl Frame {
    /// Reads a table: CSV (`.csv`, `.tsv`, `.tab`, `.txt`; the separator is found from the header) or one JSON object a line
    /// (`.ndjson`, `.jsonl`). `-` is standard input, where a first character `{` means JSON and any other CSV.
    ///
    /// The types of the columns are found from this file alone: a later file for a fitted pipeline is read with
    /// [`read_with`](Frame::read_with).
    ///
    /// # Errors
    /// An ending that is not read, and as [`read_csv`](Frame::read_csv) and [`read_ndjson`](Frame::read_ndjson).
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
            let format = TableFormat::of(path)?;
            let (bytes, name) = (bytes_of(path)?, path.display().to_string());
            return match format {
                TableFormat::Csv | TableFormat::Tsv => Frame::read_csv_bytes_with(&bytes, &name, schema),
                TableFormat::Ndjson => Frame::read_ndjson_bytes_with(&bytes, &name, schema),
            };
        }
        const NAME: &str = "standard input";
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(|e| Error::io(NAME, e))?;
        of_stream(&bytes, NAME, schema)
    }

    /// Writes the frame in the format of the ending, as [`TableFormat`] tells it, through
    /// [`replace_file`](crate::replace_file): a crash leaves the old file or the new. `-` is standard output, in CSV; a
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
        }
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
    write_until_closed(io::BufWriter::new(io::stdout().lock()), write)
}

fn write_until_closed(to: impl Write, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let mut out = Closable { inner: to, closed: false };
    let written = write(&mut out).and_then(|()| out.flush().map_err(|e| Error::io("standard output", e)));
    if out.closed { Ok(()) } else { written }
}

/// A table without a name that tells its format.
fn of_stream(bytes: &[u8], name: &str, schema: &Schema) -> Result<Frame> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match text.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{') => Frame::read_ndjson_bytes_with(bytes, name, schema),
        _ => Frame::read_csv_bytes_with(bytes, name, schema),
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

fn is_standard(path: &Path) -> bool {
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
