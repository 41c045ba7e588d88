//! Writing a file so that a crash leaves the old one or the new one, nothing between.

use adflux_core::{Error, Result};
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
    let named = path.as_ref();
    let target = std::fs::canonicalize(named);
    let path = target.as_deref().unwrap_or(named);
    if path.metadata().is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        let through = || {
            let mut file = BufWriter::new(File::options().write(true).open(path)?);
            write(&mut file)?;
            file.flush()
        };
        return through().map_err(|e| Error::io(named, e));
    }
    let (file, beside) = part_of(path).map_err(|e| Error::io(named, e))?;
    let beside = beside.as_path();
    let replace = || -> io::Result<()> {
        #[cfg(unix)]
        if let Ok(old) = path.metadata() {
            file.set_permissions(old.permissions())?;
        }
        let mut file = BufWriter::new(file);
        write(&mut file)?;
        file.flush()?;
        file.get_ref().sync_all()?;
        std::fs::rename(beside, path)?;
        // The rename itself is durable once the folder is synced; systems that cannot open a folder do without.
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    };
    replace().map_err(|e| {
        let _ = std::fs::remove_file(beside);
        Error::io(named, e)
    })
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
