//! The cache: bytes that are costly to make, kept on disk under the name of what made them.
//!
//! ```text
//! <BLAKE3 of the key>.bin:  BLAKE3 of the key (32 bytes) | BLAKE3 of the bytes (32 bytes) | the bytes
//! ```
//!
//! A file is believed only if its length and hash are right; otherwise its bytes are made
//! again and it is replaced. A cache that cannot be written is no error: the next run is
//! slower, that is all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

/// Bytes and their hash, which verifying them has given anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The bytes.
    pub bytes: Arc<[u8]>,
    /// Their BLAKE3.
    pub hash: blake3::Hash,
}

/// The bytes made by `make` under `key`, from the cache in `folder` where they are there.
///
/// `make` fills a slice of `length` zeros and must depend on `key` alone.
pub fn fetch_or_make(folder: Option<&Path>, key: &str, length: usize, make: impl FnOnce(&mut [u8])) -> Kept {
    let key = blake3::hash(key.as_bytes());
    let path = folder.map(|folder| folder.join(format!("{}.bin", key.to_hex())));
    if let Some(kept) = path.as_deref().and_then(|path| fetch(path, &key, length)) {
        return kept;
    }
    let mut bytes = zeros(length);
    if let Some(bytes) = Arc::get_mut(&mut bytes) {
        make(bytes);
    }
    let made = Kept { hash: blake3::hash(&bytes), bytes };
    if let Some(path) = path {
        // Without a cache the bytes are as right as with one.
        let _ = keep(&path, &key, &made);
    }
    made
}

/// The bytes in the file, or `None` where there is no such file or it is damaged.
fn fetch(path: &Path, key: &blake3::Hash, length: usize) -> Option<Kept> {
    let mut file = File::open(path).ok()?;
    if file.metadata().ok()?.len() != length as u64 + 64 {
        return None;
    }
    let mut hashes = [[0; 32]; 2];
    file.read_exact(hashes.as_flattened_mut()).ok()?;
    let mut bytes = zeros(length);
    file.read_exact(Arc::get_mut(&mut bytes)?).ok()?;
    let hash = blake3::hash(&bytes);
    (*key == hashes[0] && hash == hashes[1]).then_some(Kept { bytes, hash })
}

/// Writes a temporary file, then renames it: a reader sees all of it or none.
fn keep(path: &Path, key: &blake3::Hash, made: &Kept) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(key.as_bytes())?;
    file.write_all(made.hash.as_bytes())?;
    file.write_all(&made.bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// One allocation: a vector of zeros would be copied into its `Arc`.
fn zeros(length: usize) -> Arc<[u8]> {
    std::iter::repeat_n(0, length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(bytes: &mut [u8]) {
        bytes.iter_mut().enumerate().for_each(|(at, byte)| *byte = at as u8);
    }

    fn only_file(folder: &Path) -> std::path::PathBuf {
        let mut files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let file = files.next().expect("a file");
        assert!(files.next().is_none(), "one file, and no temporary one");
        file
    }

    #[test]
    fn the_second_time_nothing_is_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = fetch_or_make(Some(folder.path()), "key", 300, fill);
        let second = fetch_or_make(Some(folder.path()), "key", 300, |_| panic!("made twice"));
        assert_eq!(first, second);
        assert_eq!(first.bytes[299], 43);
    }

    #[test]
    fn damage_is_noticed_and_mended() {
        let folder = tempfile::tempdir().expect("a folder");
        let whole = fetch_or_make(Some(folder.path()), "key", 300, fill);
        let file = only_file(folder.path());
        let good = fs::read(&file).expect("the file");
        let mut flipped = good.clone();
        flipped[200] ^= 1;
        for damaged in [&good[..150], &flipped[..], &[], &[good.as_slice(), b"more"].concat()] {
            fs::write(&file, damaged).expect("written");
            let mut made = false;
            let again = fetch_or_make(Some(folder.path()), "key", 300, |bytes| {
                made = true;
                fill(bytes);
            });
            assert!(made);
            assert_eq!(again, whole);
            assert_eq!(fs::read(only_file(folder.path())).expect("the file"), good);
        }
    }

    #[test]
    fn a_file_under_another_name_is_not_believed() {
        let folder = tempfile::tempdir().expect("a folder");
        fetch_or_make(Some(folder.path()), "key", 300, fill);
        let file = only_file(folder.path());
        let other = folder.path().join(format!("{}.bin", blake3::hash(b"other").to_hex()));
        fs::rename(file, other).expect("renamed");
        let zeros = fetch_or_make(Some(folder.path()), "other", 300, |_| ());
        assert_eq!(zeros.bytes[299], 0);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_no_error() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let bytes = fetch_or_make(Some(&file.path().join("below a file")), "key", 4, fill);
        assert_eq!(&bytes.bytes[..], [0, 1, 2, 3]);
        assert_eq!(&fetch_or_make(None, "key", 4, fill).bytes[..], [0, 1, 2, 3]);
    }
}
