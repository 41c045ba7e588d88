//! Tables larger than memory: read in chunks of rows.
//!
//! A chunk ends with a record, never inside one. Types are those of a schema, and of the first chunk for columns that it does
//! not have: what does not fit them later is an error, so that no column changes its type on the way.

mod csv;
mod ndjson;
mod parquet;
mod window;

use crate::{
    ColumnKind, Field, Frame, Role, Schema, TableFormat,
    files::{format_of_stream, is_standard},
    parquet::ParquetFile,
    sources::{matching_files, one_format, same_columns},
};
use adflux_core::{Error, Result, parameter::at_least_one};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    fs::File,
    io::Cursor,
    path::{Path, PathBuf},
};
use window::Window;

/// Some rows of a table, and where they stand in it.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The rows.
    pub frame: Frame,
    /// The file that they are of.
    pub file: PathBuf,
    /// How many rows of that file come before them.
    pub first_row: usize,
}

impl Chunk {
    /// The error of some work on the frame, with its row counted in the file, which is named.
    pub fn locate(&self, error: Error) -> Error {
        match error {
            Error::Cancelled => Error::Cancelled,
            error => error.after_rows(self.first_row).in_file(&self.file),
        }
    }
}

/// The chunks of a table; made by [`Frame::chunks`].
#[derive(Debug)]
pub struct Chunks {
    files: VecDeque<PathBuf>,
    rows: usize,
    format: TableFormat,
    known: Known,
    open: Option<Open>,
    /// The file that is open.
    file: PathBuf,
    /// How many of its rows were given.
    given: usize,
    /// The first file, whose columns all have.
    first: Option<PathBuf>,
    /// The kinds of the first chunk's columns that the schema does not have.
    found: HashMap<String, ColumnKind>,
}

/// What earlier chunks and the schema say of the columns.
#[derive(Debug)]
struct Known {
    /// Columns that are text are text in all that follows.
    schema: Schema,
    /// Whether columns that the schema does not have are text, where the format has no types.
    others_as_text: bool,
    /// The columns of the first chunk, in order.
    names: Vec<String>,
    /// Columns with commas that can only be decimal ones.
    commas: HashSet<String>,
}

impl Known {
    /// Whether the column called `name` of a text without types is text.
    fn is_text(&self, name: &str) -> bool {
        self.schema.field(name).map_or(self.others_as_text, |field| field.kind == ColumnKind::Text)
    }
}

/// The reader of the file that is open.
#[derive(Debug)]
enum Open {
    Csv(csv::Reader),
    Ndjson(ndjson::Reader),
    Parquet(parquet::Reader),
}

impl Frame {
    /// Reads a table in chunks of at most `rows` rows, in memory that does not grow with the table: for what was learned
    /// with `schema`, as [`read_with`](Frame::read_with) reads it as a whole, patterns and standard input included.
    ///
    /// A chunk of CSV or JSON also ends after 32 MiB, and one of Parquet with its group of rows, which is decoded as a whole.
    /// Columns that the schema does not have take the types of the first chunk, text staying text, and a later chunk that has
    /// another is an error; [`others_as_text`](Chunks::others_as_text) takes them as they stand. So does the set of columns:
    /// a JSON key that comes later is in the chunks that have it, and one that a later chunk lacks is missing there.
    ///
    /// ```
    /// use adflux_data::{Frame, Schema};
    /// let folder = tempfile::tempdir()?;
    /// std::fs::write(folder.path().join("a.csv"), "n\n1\n2\n3\n")?;
    /// std::fs::write(folder.path().join("b.csv"), "n\n4\n")?;
    /// let mut seen = Vec::new();
    /// for chunk in Frame::chunks(folder.path().join("*.csv"), 2, &Schema::default())? {
    ///     let chunk = chunk?;
    ///     seen.push((chunk.first_row, chunk.frame.numbers("n")?));
    /// }
    /// assert_eq!(seen, [(0, vec![1.0, 2.0]), (2, vec![3.0]), (0, vec![4.0])]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When `rows` is 0, nothing matches a pattern or an ending is not read. What is wrong in a file comes as the last item:
    /// as `read_with` says it, with the line of the file; or a column that changes its type, with the first row of the chunk.
    pub fn chunks(path: impl AsRef<Path>, rows: usize, schema: &Schema) -> Result<Chunks> {
        let path = path.as_ref();
        at_least_one("rows", rows)?;
        let (files, format) = match is_standard(path) {
            true => (vec![path.to_path_buf()], TableFormat::Csv),
            false => {
                let files = matching_files(path)?;
                let format = one_format(&files)?;
                (files, format)
            }
        };
        let known = Known { schema: schema.clone(), others_as_text: false, names: Vec::new(), commas: HashSet::new() };
        Ok(Chunks {
            files: files.into(),
            rows,
            format,
            known,
            open: None,
            file: PathBuf::new(),
            given: 0,
            first: None,
            found: HashMap::new(),
        })
    }
}

impl Chunks {
    /// In CSV, reads the columns that the schema does not have as text, field by field as they stand: for columns that are
    /// only copied. JSON and Parquet have types of their own.
    pub fn others_as_text(mut self) -> Self {
        self.known.others_as_text = true;
        self
    }

    /// The columns of the first chunk, in order; none before it was read.
    pub fn names(&self) -> &[String] {
        &self.known.names
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>> {
        loop {
            let Some(open) = &mut self.open else {
                let Some(file) = self.files.pop_front() else { return Ok(None) };
                self.open_file(&file)?;
                (self.file, self.given) = (file, 0);
                continue;
            };
            let frame = match open {
                Open::Csv(reader) => reader.next(self.rows, &mut self.known)?,
                Open::Ndjson(reader) => reader.next(self.rows, &self.known)?,
                Open::Parquet(reader) => reader.next(self.rows)?,
            };
            let Some(frame) = frame else {
                self.open = None;
                continue;
            };
            let frame = self.in_order(frame)?;
            let chunk = Chunk { frame, file: self.file.clone(), first_row: self.given };
            self.given += chunk.frame.rows();
            return Ok(Some(chunk));
        }
    }

    fn open_file(&mut self, path: &Path) -> Result<()> {
        let (mut window, name) = match is_standard(path) {
            true => (Window::of(std::io::stdin()), "standard input".to_string()),
            false if self.format == TableFormat::Parquet => {
                self.open = Some(Open::Parquet(parquet::Reader::of(ParquetFile::open(path)?)));
                return Ok(());
            }
            false if path.is_dir() => {
                return Err(Error::data(format!("{}: a folder, where a file is wanted", path.display())));
            }
            false => (Window::of(File::open(path).map_err(|e| Error::io(path, e))?), path.display().to_string()),
        };
        window.more(&name)?;
        if is_standard(path) {
            self.format = format_of_stream(window.bytes());
        }
        self.open = Some(match self.format {
            // What has no end cannot be read from there: it has to be in memory.
            TableFormat::Parquet => {
                let file = ParquetFile::of(Cursor::new(window.all(&name)?), &name)?;
                Open::Parquet(parquet::Reader::of_bytes(file))
            }
            TableFormat::Ndjson => Open::Ndjson(ndjson::Reader::of(window, name)),
            _ => Open::Csv(csv::Reader::of(window, name)),
        });
        Ok(())
    }

    /// The frame with the columns in the order of the first; the first says what the columns are.
    fn in_order(&mut self, frame: Frame) -> Result<Frame> {
        let Some(first) = &self.first else {
            self.first = Some(self.file.clone());
            self.known.names = frame.names().map(str::to_string).collect();
            for Field { name, kind, .. } in frame.schema().fields {
                if self.known.schema.field(&name).is_none() {
                    self.known.schema.fields.push(Field { name: name.clone(), kind, role: Role::Feature });
                    self.found.insert(name, kind);
                }
            }
            return Ok(frame);
        };
        self.same_kinds(&frame)?;
        if self.format == TableFormat::Ndjson || self.known.names.iter().map(String::as_str).eq(frame.names()) {
            return Ok(frame);
        }
        same_columns(&self.file, frame.names(), first, &self.known.names)?;
        frame.select(&self.known.names)
    }
}

impl Chunks {
    /// Refuses a column that is of another kind than in the first chunk. One of nothing but missing values is of any.
    fn same_kinds(&self, frame: &Frame) -> Result<()> {
        for Field { name, kind, .. } in frame.schema().fields {
            let Some(before) = self.found.get(&name).filter(|before| **before != kind) else { continue };
            if frame.missing_in(&name)? < frame.rows() {
                let reason = format!(
                    "is {kind} from row {} on, and was {before} in the first rows: say in the schema what it is",
                    self.given + 1
                );
                return Err(Error::column(name, reason).in_file(&self.file));
            }
        }
        Ok(())
    }
}

impl Iterator for Chunks {
    type Item = Result<Chunk>;

    fn next(&mut self) -> Option<Result<Chunk>> {
        let next = self.next_chunk().transpose();
        if matches!(next, None | Some(Err(_))) {
            self.open = None;
            self.files.clear();
        }
        next
    }
}
