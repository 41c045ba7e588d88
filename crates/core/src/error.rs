//! The one error type of adflux: it says where, what, and what to do.

use std::{fmt::Write as _, path::PathBuf};

/// `Result` with adflux's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, where, and what to do about it.
///
/// Every message is one line. Rows are counted from 1 in messages (as a spreadsheet shows the data, the header not counted)
/// and from 0 in fields.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Columns that a step needs are not in the data; all of them are listed at once.
    #[error("{}", missing_columns(missing, available))]
    MissingColumns {
        /// The columns that were looked for and not found.
        missing: Vec<String>,
        /// The columns that are there.
        available: Vec<String>,
    },
    /// A column holds something that a step cannot use.
    #[error("column `{column}`{}: {reason}", row.map(|r| format!(", row {}", r + 1)).unwrap_or_default())]
    Column {
        /// The column's name.
        column: String,
        /// The first row where it happens, counted from 0.
        row: Option<usize>,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A hyper-parameter is out of its range.
    #[error("parameter `{name}` = {value}: {reason}")]
    Parameter {
        /// The parameter's name, as in the recipe.
        name: &'static str,
        /// The value that was given.
        value: String,
        /// The range, or what to do.
        reason: String,
    },
    /// The data as a whole cannot be used: no rows, no target, lengths that differ.
    #[error("{0}")]
    Data(String),
    /// A model was given a block of features it does not take.
    #[error("`{step}` does not take {found} features (column `{column}`): {convert}")]
    Block {
        /// The step that refused.
        step: String,
        /// The kind of block it was given.
        found: &'static str,
        /// The first column of that block.
        column: String,
        /// The step that would convert it.
        convert: &'static str,
    },
    /// A step of a pipeline failed.
    #[error("step {position} ({name}): {source}")]
    Step {
        /// The step's position, counted from 1.
        position: usize,
        /// The step's name or kind.
        name: String,
        /// What happened in it.
        source: Box<Error>,
    },
    /// A part of repeated work failed: a fold of a cross-validation.
    #[error("{part}: {source}")]
    Part {
        /// Which one: "fold 2 of 5".
        part: String,
        /// What happened in it.
        source: Box<Error>,
    },
    /// No component of this kind is registered.
    #[error("unknown {slot} `{kind}`{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    UnknownKind {
        /// What was looked for: a model, a postprocessor, …
        slot: &'static str,
        /// The name that was given.
        kind: String,
        /// The registered name that comes closest.
        nearest: Option<String>,
    },
    /// A component of this kind is registered already.
    #[error("{slot} `{kind}` is registered twice: give one of them another kind")]
    DuplicateKind {
        /// The slot: a model, a postprocessor, …
        slot: &'static str,
        /// The name.
        kind: String,
    },
    /// A specification cannot be turned into a component.
    #[error("specification of `{kind}`: {reason}")]
    Spec {
        /// The component's kind.
        kind: String,
        /// What is wrong.
        reason: String,
    },
    /// The saved state of a component cannot be read.
    #[error("saved state of `{kind}`: {reason}")]
    State {
        /// The component's kind.
        kind: String,
        /// What is wrong.
        reason: String,
    },
    /// A file is damaged, or is not what its name says.
    #[error("{}: {entry} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The part of it.
        entry: String,
        /// How it was noticed and what to do.
        reason: String,
    },
    /// Something about the content of a file.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with its content.
        source: Box<Error>,
    },
    /// A file was written by a newer adflux.
    #[error("{}: format version {found} is newer than {supported}, the newest this adflux reads: update adflux", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format version.
        found: u32,
        /// The newest version that can be read.
        supported: u32,
    },
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The work was cancelled through [`Context`](crate::Context).
    #[error("cancelled")]
    Cancelled,
    /// An error of a library below.
    #[error("{0}")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// An error about a column as a whole.
    pub fn column(column: impl Into<String>, reason: impl Into<String>) -> Self {
        Error::Column { column: column.into(), row: None, reason: reason.into() }
    }

    /// An error about one cell; `row` counts from 0.
    pub fn cell(column: impl Into<String>, row: usize, reason: impl Into<String>) -> Self {
        Error::Column { column: column.into(), row: Some(row), reason: reason.into() }
    }

    /// An error about the data as a whole.
    pub fn data(reason: impl Into<String>) -> Self {
        Error::Data(reason.into())
    }

    /// An error about a hyper-parameter.
    pub fn parameter(name: &'static str, value: impl std::fmt::Debug, reason: impl Into<String>) -> Self {
        Error::Parameter { name, value: format!("{value:?}"), reason: reason.into() }
    }

    /// Says in which step of a pipeline the error happened; `position` counts from 1.
    pub fn in_step(self, position: usize, name: impl Into<String>) -> Self {
        match self {
            Error::Cancelled => Error::Cancelled,
            source => Error::Step { position, name: name.into(), source: Box::new(source) },
        }
    }

    /// Says in which part of repeated work the error happened ("fold 2 of 5"), which was given `rows` of the whole data: rows
    /// that the error names become those of the whole.
    pub fn in_part(self, part: impl Into<String>, rows: &[usize]) -> Self {
        match self {
            Error::Cancelled => Error::Cancelled,
            source => Error::Part { part: part.into(), source: Box::new(source.with_rows_of(rows)) },
        }
    }

    fn with_rows_of(self, rows: &[usize]) -> Self {
        match self {
            Error::Column { column, row: Some(row), reason } => {
                Error::Column { column, row: rows.get(row).copied(), reason }
            }
            Error::Step { position, name, source } => {
                Error::Step { position, name, source: Box::new(source.with_rows_of(rows)) }
            }
            Error::Part { part, source } => Error::Part { part, source: Box::new(source.with_rows_of(rows)) },
            other => other,
        }
    }

    /// Says in which file the error was found.
    pub fn in_file(self, path: impl Into<PathBuf>) -> Self {
        Error::File { path: path.into(), source: Box::new(self) }
    }

    /// The same error when what was looked at is a part that begins after `rows` rows: the row that it names is then that of
    /// the whole.
    pub fn after_rows(self, rows: usize) -> Self {
        match self {
            Error::Column { column, row, reason } => Error::Column { column, row: row.map(|r| r + rows), reason },
            Error::Step { position, name, source } => {
                Error::Step { position, name, source: Box::new(source.after_rows(rows)) }
            }
            Error::File { path, source } => Error::File { path, source: Box::new(source.after_rows(rows)) },
            other => other,
        }
    }

    /// An input or output error at a path.
    pub fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Error::Io { path: path.into(), source }
    }

    /// Wraps an error of a library below.
    pub fn backend(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Error::Backend(Box::new(source))
    }
}

/// The name in `names` that is most like `wanted`, when one is close enough to be a misspelling of it.
pub fn nearest_name<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_lowercase()), name))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

fn missing_columns(missing: &[String], available: &[String]) -> String {
    let mut text = format!("missing column{} ", if missing.len() == 1 { "" } else { "s" });
    for (i, name) in missing.iter().enumerate() {
        let _ = write!(text, "{}`{name}`", if i == 0 { "" } else { ", " });
        if let Some(near) = nearest_name(name, available.iter().map(String::as_str)) {
            let _ = write!(text, " (did you mean `{near}`?)");
        }
    }
    const SHOWN: usize = 12;
    if available.is_empty() {
        text.push_str("; the data has no columns");
    } else {
        let _ = write!(text, "; the data has {}", available[..available.len().min(SHOWN)].join(", "));
        if available.len() > SHOWN {
            let _ = write!(text, " and {} more", available.len() - SHOWN);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_columns_are_listed_at_once_with_the_nearest_name() {
        let error = Error::MissingColumns {
            missing: vec!["budgett".into(), "zzz".into()],
            available: vec!["budget".into(), "platform".into()],
        };
        assert_eq!(
            error.to_string(),
            "missing columns `budgett` (did you mean `budget`?), `zzz`; the data has budget, platform"
        );
    }

    #[test]
    fn a_step_names_its_position_and_keeps_the_cause() {
        let error = Error::cell("age", 2, "text where a number is wanted").in_step(3, "scaler");
        assert_eq!(error.to_string(), "step 3 (scaler): column `age`, row 3: text where a number is wanted");
        assert!(matches!(Error::Cancelled.in_step(1, "x"), Error::Cancelled));
    }

    #[test]
    fn the_row_of_a_part_becomes_that_of_the_whole() {
        let error = Error::cell("age", 2, "text").in_step(1, "scaler").in_file("ads.csv").after_rows(1000);
        assert_eq!(error.to_string(), "ads.csv: step 1 (scaler): column `age`, row 1003: text");
        assert_eq!(Error::column("age", "text").after_rows(5).to_string(), "column `age`: text");
    }

    #[test]
    fn a_part_names_the_rows_of_the_whole() {
        let inner = Error::cell("age", 1, "text").in_step(1, "scaler").in_part("fold 1 of 2", &[0, 2, 3]);
        let outer = inner.in_part("fold 3 of 5", &[10, 11, 12, 13]);
        assert_eq!(outer.to_string(), "fold 3 of 5: fold 1 of 2: step 1 (scaler): column `age`, row 13: text");
        assert!(matches!(Error::Cancelled.in_part("x", &[]), Error::Cancelled));
    }
}
