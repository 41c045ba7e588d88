//! Writing a file so that a crash leaves the old one or the new one, nothing between.

use adflux_core::{Error, Result};
use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

/// Writes a file beside `path`, syncs it to the disk, and renames it to `path`. Whatever fails, the old file stays as it
/// was and nothing is left beside it.
///
/// # Errors
/// [`Error::Io`] naming `path`.
pub fn replace_file(path: impl AsRef<Path>, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<()> {
    let path = path.as_ref();
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = Path::new(&beside);
    let replace = || -> io::Result<()> {
        let mut file = BufWriter::new(File::create(beside)?);
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
        Error::io(path, e)
    })
}
