//! Whole files: written so that a reader never sees half of one, read within bounds.
//!
//! Not here: what the bytes mean.

use crate::error::{Problem, RecordError};
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

/// Writes `bytes` to `path` so that it holds the old content or all of the new one, even
/// after a crash: a temporary file in the same folder, synced, renamed, the folder synced.
///
/// Errors: [`Problem::Write`]; nothing is left behind then.
pub fn atomic_write(path: impl AsRef<Path>, bytes: &[u8]) -> Result<(), RecordError> {
    put(path.as_ref(), bytes, true)
}

/// As [`atomic_write`] for a file that nobody misses after a crash: nothing is synced.
///
/// Errors: [`Problem::Write`]; nothing is left behind then.
pub fn replace(path: impl AsRef<Path>, bytes: &[u8]) -> Result<(), RecordError> {
    put(path.as_ref(), bytes, false)
}

fn put(path: &Path, bytes: &[u8], synced: bool) -> Result<(), RecordError> {
    let failed = |error| RecordError::new(path, Problem::Write(error));
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tmp-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The crate's default is for the owner alone; a record is an ordinary file (the umask applies).
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    if synced {
        file.as_file().sync_all().map_err(failed)?;
    }
    file.persist(path).map_err(|error| failed(error.error))?;
    if synced { sync_folder(folder).map_err(failed) } else { Ok(()) }
}

/// Makes a rename in `folder` last through a crash.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Other systems give no handle on a folder; the rename is as durable as they make it.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

/// All bytes of the file at `path`, at most `limit`.
///
/// Errors: [`Problem::Missing`], [`Problem::Read`], [`Problem::TooLong`].
pub fn read(path: impl AsRef<Path>, limit: u64) -> Result<Vec<u8>, RecordError> {
    let path = path.as_ref();
    let failed = |error: std::io::Error| {
        let missing = error.kind() == ErrorKind::NotFound;
        RecordError::new(path, if missing { Problem::Missing } else { Problem::Read(error) })
    };
    let file = File::open(path).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    if bytes > limit {
        return Err(RecordError::new(path, Problem::TooLong { bytes, limit }));
    }
    let mut content = Vec::new();
    // A pipe or a growing file has no honest length: the limit holds for what is read too.
    file.take(limit + 1).read_to_end(&mut content).map_err(failed)?;
    if content.len() as u64 > limit {
        return Err(RecordError::new(path, Problem::TooLong { bytes: content.len() as u64, limit }));
    }
    Ok(content)
}

/// As [`read`], for a text.
///
/// Errors: as [`read`], and [`Problem::Damaged`] where it is not UTF-8.
pub fn read_text(path: impl AsRef<Path>, limit: u64) -> Result<String, RecordError> {
    let path = path.as_ref();
    String::from_utf8(read(path, limit)?)
        .map_err(|error| RecordError::new(path, Problem::Damaged(format!("not UTF-8 text ({error})"))))
}

/// Makes `folder` and those above it.
///
/// Errors: [`Problem::Write`].
pub fn make_folder(folder: &Path) -> Result<(), RecordError> {
    fs::create_dir_all(folder).map_err(|error| RecordError::new(folder, Problem::Write(error)))
}
