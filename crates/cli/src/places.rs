//! Where results are written: not over the input, not over each other, and not where they cannot be read again.

use adflux::{
    core::{Error, Result},
    data::matching_files,
};
use std::path::{Path, PathBuf};

/// A pipeline is saved under a name that ends in `.adflux`, in a folder that is there.
///
/// # Errors
/// Naming the path: found out before the work, not after it.
pub fn is_for_a_pipeline(path: &Path) -> Result<()> {
    if !path.extension().is_some_and(|e| e.eq_ignore_ascii_case("adflux")) {
        return Err(Error::data(format!("{}: a pipeline is saved with the ending .adflux", path.display())));
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match std::fs::metadata(folder) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(Error::data(format!("{}: {} is no folder", path.display(), folder.display()))),
        Err(e) => Err(Error::io(path, e)),
    }
}

/// No two of the files are one; a pattern stands for all files that match it.
///
/// # Errors
/// Naming the file that would be written over.
pub fn apart<const N: usize>(files: [Option<&PathBuf>; N]) -> Result<()> {
    let named = files.into_iter().flatten().filter(|p| p.as_os_str() != "-");
    // What is wrong with a pattern is said when it is read.
    let named: Vec<PathBuf> = named.flat_map(|path| matching_files(path).unwrap_or_default()).collect();
    let place = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    for (i, path) in named.iter().enumerate() {
        // What is no file (/dev/null, a pipe) can be named twice.
        let once = !path.exists() || path.is_file();
        if once && named[..i].iter().any(|other| place(other) == place(path)) {
            return Err(Error::data(format!("{}: named twice: it would be written over", path.display())));
        }
    }
    Ok(())
}
