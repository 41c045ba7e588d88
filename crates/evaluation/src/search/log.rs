//! The log of a search: one JSON object a line, the first says which search it is.

use super::{Goal, Method, Search, Space, Trial};
use adflux_core::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

/// What must be the same for a search to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Header {
    adflux_search: u32,
    search: Search,
    space: Space,
    goal: Goal,
    subject: String,
}

/// The version of the form that is written here.
const FORM: u32 = 1;

impl Header {
    fn new(search: &Search, space: &Space, goal: Goal, subject: &str) -> Self {
        let mut search = search.clone();
        search.max_seconds = None;
        // Halving plans its rungs by the number of points; the others only stop earlier or later.
        if search.method != Method::Halving {
            search.trials = 0;
        }
        Header { adflux_search: FORM, search, space: space.clone(), goal, subject: subject.into() }
    }

    /// What differs from the header of a file.
    fn difference(&self, found: &Header) -> Option<&'static str> {
        let differs = [
            (self.adflux_search != found.adflux_search, "its form is that of another version of adflux"),
            (self.space != found.space, "it is of another search space"),
            (self.goal != found.goal, "it looks for the other end of the measure"),
            (self.search != found.search, "its method, seed or settings differ"),
            (self.subject != found.subject, "its data, recipe, measure or folds differ"),
        ];
        differs.into_iter().find(|(differs, _)| *differs).map(|(_, what)| what)
    }
}

/// An open log; what is appended is on the disk when `append` returns.
pub(super) struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens or begins the log at `path`, and gives the trials that are there.
    pub(super) fn open(
        path: &Path,
        search: &Search,
        space: &Space,
        goal: Goal,
        subject: &str,
    ) -> Result<(Self, Vec<Trial>)> {
        let io = |e| Error::io(path, e);
        let header = Header::new(search, space, goal, subject);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        // Behind the last end of line stands what a crash left half written.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let (trials, kept) = read(&bytes[..whole], &header).map_err(|reason| Error::data(reason).in_file(path))?;
        if whole == 0 && !bytes.is_empty() && !begins_as_log(&bytes) {
            return Err(Error::data("this is no log of a search: give another file").in_file(path));
        }
        file.set_len(kept as u64).map_err(io)?;
        file.seek(SeekFrom::End(0)).map_err(io)?;
        let mut log = Log { path: path.to_path_buf(), file };
        if kept == 0 {
            log.line(&header)?;
        }
        Ok((log, trials))
    }

    pub(super) fn append(&mut self, trial: &Trial) -> Result<()> {
        self.line(trial)
    }

    fn line(&mut self, value: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(value).map_err(Error::backend)?;
        line.push(b'\n');
        self.file.write_all(&line).and_then(|()| self.file.sync_data()).map_err(|e| Error::io(&self.path, e))
    }
}

/// Whether a line without an end is the beginning of a header, and not of some other file.
fn begins_as_log(bytes: &[u8]) -> bool {
    const BEGINNING: &[u8] = b"{\"adflux_search\":";
    let common = bytes.len().min(BEGINNING.len());
    bytes[..common] == BEGINNING[..common]
}

/// The trials of whole lines, and how many bytes of them are to be kept. A last line that is no trial is dropped: the system may
/// have written its end before its middle.
fn read(bytes: &[u8], header: &Header) -> Result<(Vec<Trial>, usize), String> {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let Some(first) = lines.next() else { return Ok((Vec::new(), 0)) };
    let found: Header =
        serde_json::from_slice(first).map_err(|_| "this is no log of a search: give another file".to_string())?;
    if let Some(what) = header.difference(&found) {
        return Err(format!(
            "this log is of another search ({what}): give another file, or the search it was begun with"
        ));
    }
    let (mut trials, mut kept) = (Vec::new(), first.len());
    let mut lines = lines.peekable();
    while let Some(line) = lines.next() {
        match serde_json::from_slice::<Trial>(line) {
            Ok(trial) => trials.push(trial),
            Err(_) if lines.peek().is_none() => break,
            Err(e) => return Err(format!("line {} is damaged ({e}): cut the file before it", trials.len() + 2)),
        }
        kept += line.len();
    }
    Ok((trials, kept))
}
