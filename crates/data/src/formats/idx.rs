//! IDX: the format of MNIST and its relatives.
//!
//! ```text
//! 0 0 type n   type 8 is u8; n extents follow, each 4 bytes, big-endian; then the values
//! ```
//!
//! Images are u8 with the samples as the first extent (`idx3`: samples, rows, columns),
//! labels are u8 of one extent (`idx1`). A file may be gzipped, which its first bytes tell,
//! whatever its name. The header only limits what is read: memory grows with what the file
//! gives.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use super::{Classes, Pixels, Samples};
use crate::error::DataError;
use crate::fingerprint::hash_pixels;
use crate::paths::{DATA_DIR, Paths};

/// Files of images and labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Idx {
    /// Images to train on, or all images.
    pub images: String,
    /// Their labels.
    pub labels: String,
    /// Images and labels to test on, for [`Split::Given`](crate::Split::Given).
    pub test: Option<(String, String)>,
    /// Which labels are classes.
    pub classes: Classes,
    /// Names of the classes; empty, or one each.
    pub names: Vec<String>,
}

/// One file's content.
struct Array {
    path: PathBuf,
    extents: Vec<usize>,
    values: Vec<u8>,
}

pub(crate) fn read(idx: &Idx, paths: &Paths) -> Result<Samples, DataError> {
    idx.classes.check(&idx.names)?;
    let mut pixels: Vec<u8> = Vec::new();
    let mut labels: Vec<u8> = Vec::new();
    let mut first: Option<(PathBuf, Vec<usize>)> = None;
    let mut train_rows = None;
    let pairs =
        [Some((&idx.images, &idx.labels)), idx.test.as_ref().map(|(images, labels)| (images, labels))];
    for (images, wanted) in pairs.into_iter().flatten() {
        let images = array(images, paths, 2..=4, "a file of images (IDX, u8, 2 to 4 extents)")?;
        let file = array(wanted, paths, 1..=1, "a file of labels (IDX, u8, 1 extent)")?;
        check_counts(&images, &file)?;
        let dims = images.extents[1..].to_vec();
        let (path, wanted) = first.get_or_insert_with(|| (images.path.clone(), dims.clone()));
        if *wanted != dims {
            let (first, wanted) = (path.clone(), wanted.clone());
            return Err(DataError::Extents { path: images.path, found: dims, first, wanted });
        }
        let numbers: Vec<i64> = file.values.iter().map(|label| i64::from(*label)).collect();
        let kept = idx.classes.select(&file.path, &numbers)?;
        let cols: usize = dims.iter().product();
        if kept.rows.len() == numbers.len() && pixels.is_empty() {
            pixels = images.values;
        } else {
            kept.rows.iter().for_each(|row| pixels.extend(&images.values[*row as usize * cols..][..cols]));
        }
        labels.extend(kept.labels);
        // After the first pair of files come the rows to test on.
        train_rows.get_or_insert(labels.len());
    }
    let pixels = Pixels::U8(Arc::from(pixels));
    Ok(Samples {
        pixels_hash: hash_pixels(&pixels),
        pixels,
        dims: first.map_or_else(Vec::new, |(_, dims)| dims),
        n_classes: idx.classes.count(&labels),
        labels: Arc::from(labels),
        classes: idx.names.clone(),
        train_rows: train_rows.filter(|_| idx.test.is_some()),
    })
}

fn check_counts(images: &Array, labels: &Array) -> Result<(), DataError> {
    let (n_images, n_labels) = (images.extents[0], labels.extents[0]);
    if n_images == n_labels {
        return Ok(());
    }
    Err(DataError::Counts { images: images.path.clone(), n_images, labels: labels.path.clone(), n_labels })
}

/// Finds and reads one file.
fn array(
    name: &str,
    paths: &Paths,
    n_extents: std::ops::RangeInclusive<usize>,
    wanted: &'static str,
) -> Result<Array, DataError> {
    // Whether the file is packed, its content tells; so the name may be that of the other.
    let other = name.strip_suffix(".gz").map_or_else(|| format!("{name}.gz"), str::to_owned);
    let path = paths.find(name).or_else(|| paths.find(&other)).ok_or_else(|| missing(name, paths))?;
    let open = || File::open(&path).map_err(|error| DataError::Read { path: path.clone(), error });
    let mut magic = Vec::new();
    let read = open()?.take(2).read_to_end(&mut magic);
    read.map_err(|error| DataError::Read { path: path.clone(), error })?;
    let file = BufReader::new(open()?);
    if magic == [0x1F, 0x8B] {
        parse(&path, MultiGzDecoder::new(file), n_extents, wanted)
    } else {
        parse(&path, file, n_extents, wanted)
    }
}

fn missing(name: &str, paths: &Paths) -> DataError {
    let how = if name.contains("-idx3-") || name.contains("-idx1-") {
        "the four files of MNIST are at https://storage.googleapis.com/cvdf-datasets/mnist/; "
    } else {
        ""
    };
    let hint = format!("{how}name the folder that has it with `--data-dir` or the variable {DATA_DIR}");
    DataError::Missing { file: name.into(), folders: paths.data.clone(), hint }
}

fn parse(
    path: &Path,
    mut input: impl Read,
    n_extents: std::ops::RangeInclusive<usize>,
    wanted: &'static str,
) -> Result<Array, DataError> {
    let mut head = Vec::new();
    let take = |input: &mut dyn Read, bytes: u64, into: &mut Vec<u8>| {
        input.take(bytes).read_to_end(into).map_err(|error| unreadable(path, error))
    };
    take(&mut input, 4, &mut head)?;
    let magic = |found: String| DataError::Magic { path: path.into(), wanted, found };
    let n = match head[..] {
        [0, 0, 8, n] if n_extents.contains(&usize::from(n)) => usize::from(n),
        [0, 0, 8, n] => return Err(magic(format!("the header of a u8 array of {n} extents"))),
        [0, 0, kind @ (9 | 11..=14), _] => {
            return Err(magic(format!("the header of an array of type {kind:#04x}")));
        }
        _ => return Err(magic(format!("the bytes {head:02x?}"))),
    };
    let mut head = Vec::new();
    take(&mut input, 4 * n as u64, &mut head)?;
    if head.len() < 4 * n {
        return Err(DataError::Short { path: path.into(), wanted: 4 * n as u64, found: head.len() as u64 });
    }
    let extent = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| (number << 8) | usize::from(*byte));
    let extents: Vec<usize> = head.chunks_exact(4).map(extent).collect();
    let damaged = |reason: &str| DataError::Damaged { path: path.into(), reason: reason.into() };
    let bytes = extents.iter().try_fold(1u64, |product, extent| product.checked_mul(*extent as u64));
    let bytes = bytes.ok_or_else(|| damaged("its header announces more bytes than any file can have"))?;
    if bytes == 0 {
        return Err(damaged("its header announces no data"));
    }
    let mut values = Vec::new();
    take(&mut input, bytes, &mut values)?;
    if (values.len() as u64) < bytes {
        return Err(DataError::Short { path: path.into(), wanted: bytes, found: values.len() as u64 });
    }
    if take(&mut input, 1, &mut Vec::new())? > 0 {
        return Err(DataError::Long { path: path.into(), wanted: bytes });
    }
    Ok(Array { path: path.into(), extents, values })
}

/// A gzip stream that is damaged or ends early is an error of the content, not of the system.
fn unreadable(path: &Path, error: std::io::Error) -> DataError {
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    if matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof) {
        return DataError::Damaged { path: path.into(), reason: format!("it cannot be unpacked ({error})") };
    }
    DataError::Read { path: path.into(), error }
}
