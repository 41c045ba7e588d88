//! Writing a file so that a crash leaves the old one or the new one, nothing between.

use crate::{Error, Result};
use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Writes a file beside `path`, syncs it to the disk, and renames it to `path`. Whatever fails, the old file stays as it
/// was and nothing is left beside it. The new file has the permissions of the old (on Unix). A link stays a link, and the file that it leads to is replaced. What is no file (a
/// pipe, `/dev/null`) is written to as it is.
///
/// # Errors
/// [`Error::Io`] naming `path`.
pub fn replace_file(path: impl AsRef<Path>, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<()> {
    let path = path.as_ref();
    let mut replacement = Replacement::of(path)?;
    write(&mut replacement.file).map_err(|e| Error::io(path, e))?;
    replacement.commit()
}

/// A new file that takes the place of an old one once it is whole; dropped before, it leaves nothing behind.
#[derive(Debug)]
pub struct Replacement {
    /// What is written to.
    pub file: BufWriter<File>,
    /// As it was named.
    named: PathBuf,
    /// Where the new file is until it is whole, and the file that it replaces; nowhere when what was named is no file.
    places: Option<(PathBuf, PathBuf)>,
}

impl Replacement {
    /// Begins a new file beside `named`.
    ///
    /// # Errors
    /// [`Error::Io`] naming `named`.
    pub fn of(named: &Path) -> Result<Self> {
        let wrong = |e| Error::io(named, e);
        let target = std::fs::canonicalize(named).unwrap_or_else(|_| named.to_path_buf());
        if target.metadata().is_ok_and(|m| !m.is_file() && !m.is_dir()) {
            let file = BufWriter::new(File::options().write(true).open(&target).map_err(wrong)?);
            return Ok(Replacement { file, named: named.to_path_buf(), places: None });
        }
        let (file, beside) = part_of(&target).map_err(wrong)?;
        let replacement =
            Replacement { file: BufWriter::new(file), named: named.to_path_buf(), places: Some((beside, target)) };
        #[cfg(unix)]
        if let Some((_, target)) = &replacement.places
            && let Ok(old) = target.metadata()
        {
            replacement.file.get_ref().set_permissions(old.permissions()).map_err(wrong)?;
        }
        Ok(replacement)
    }

    /// Syncs the new file and gives it its name.
    ///
    /// # Errors
    /// [`Error::Io`] naming the path that was given.
    pub fn commit(mut self) -> Result<()> {
        self.put_in_place().map_err(|e| Error::io(&self.named, e))
    }

    fn put_in_place(&mut self) -> io::Result<()> {
        self.file.flush()?;
        let Some((beside, target)) = &self.places else { return Ok(()) };
        self.file.get_ref().sync_all()?;
        std::fs::rename(beside, target)?;
        // The rename itself is durable once the folder is synced; systems that cannot open a folder do without.
        let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        self.places = None;
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some((beside, _)) = &self.places {
            let _ = std::fs::remove_file(beside);
        }
    }
}

/// A new file beside `path`, which no other call has, in this process or another.
fn part_of(path: &Path) -> io::Result<(File, PathBuf)> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    loop {
        let mut beside = path.as_os_str().to_owned();
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        beside.push(format!(".{}.{call}.part", std::process::id()));
        match File::create_new(&beside) {
            // Left by a process of this number that crashed.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            created => return Ok((created?, beside.into())),
        }
    }
}
