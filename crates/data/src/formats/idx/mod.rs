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

mod look;

use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use super::classes::Selection;
use super::{Classes, Pixels, Samples};
use crate::error::DataError;
use crate::fingerprint::hash_pixels;
use crate::paths::{DATA_DIR, Paths};

pub(crate) use look::look;

/// How a packed file begins.
const GZIP: [u8; 2] = [0x1F, 0x8B];
/// What a file of images is.
const IMAGES: &str = "a file of images (IDX, u8, 2 to 4 extents)";
/// What a file of labels is.
const LABELS: &str = "a file of labels (IDX, u8, 1 extent)";

/// Files of images and labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Idx {
    /// Images to train on, or all images.
    pub images: String,
    /// Their labels, where there are some.
    pub labels: Option<String>,
    /// Images to test on and their labels, for [`Split::Given`](crate::Split::Given); labels where
    /// the others have some.
    pub test: Option<(String, Option<String>)>,
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
    for (images, labels_file) in pairs.into_iter().flatten() {
        let images = array(images, paths, 2..=4, IMAGES)?;
        let dims = images.extents[1..].to_vec();
        let (path, wanted) = first.get_or_insert_with(|| (images.path.clone(), dims.clone()));
        if *wanted != dims {
            let (first, wanted) = (path.clone(), wanted.clone());
            return Err(DataError::Extents { path: images.path, found: dims, first, wanted });
        }
        let kept = kept(idx, &images, labels_file.as_deref(), paths)?;
        let cols: usize = dims.iter().product();
        if kept.rows.len() == images.extents[0] && pixels.is_empty() {
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
        n_classes: if idx.labels.is_some() { idx.classes.count(&labels) } else { 0 },
        labels: Arc::from(labels),
        classes: idx.names.clone(),
        train_rows: train_rows.filter(|_| idx.test.is_some()),
    })
}

/// The rows that are taken and their classes; all rows where there are no labels.
fn kept(idx: &Idx, images: &Array, labels: Option<&str>, paths: &Paths) -> Result<Selection, DataError> {
    let rows = images.extents[0];
    let Some(labels) = labels else { return Ok(Selection::without_labels(rows)) };
    let labels = array(labels, paths, 1..=1, LABELS)?;
    check_counts((&images.path, rows), (&labels.path, labels.extents[0]))?;
    let numbers: Vec<i64> = labels.values.iter().map(|label| i64::from(*label)).collect();
    idx.classes.select(&labels.path, &numbers)
}

/// A file and the number of what is in it.
type Count<'a> = (&'a Path, usize);

fn check_counts((images, n_images): Count<'_>, (labels, n_labels): Count<'_>) -> Result<(), DataError> {
    if n_images == n_labels {
        return Ok(());
    }
    Err(DataError::Counts { images: images.into(), n_images, labels: labels.into(), n_labels })
}

/// Finds and reads one file.
fn array(
    name: &str,
    paths: &Paths,
    n_extents: RangeInclusive<usize>,
    wanted: &'static str,
) -> Result<Array, DataError> {
    // Whether the file is packed, its content tells; so the name may be that of the other.
    let other = name.strip_suffix(".gz").map_or_else(|| format!("{name}.gz"), str::to_owned);
    let path = paths.find(name).or_else(|| paths.find(&other)).ok_or_else(|| missing(name, paths))?;
    let mut input = unpacked(&path)?;
    let extents = header(&path, &mut input, n_extents, wanted)?;
    let values = values(&path, &mut input, &extents)?;
    Ok(Array { path, extents, values })
}

/// The content of a file, whether it is packed or not.
fn unpacked(path: &Path) -> Result<Box<dyn Read>, DataError> {
    let open = || File::open(path).map_err(|error| DataError::Read { path: path.into(), error });
    let mut magic = Vec::new();
    let read = open()?.take(2).read_to_end(&mut magic);
    read.map_err(|error| DataError::Read { path: path.into(), error })?;
    let file = BufReader::new(open()?);
    let is_packed = magic == GZIP;
    Ok(if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
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

/// The extents that a header announces; together they are a number of bytes, above 0.
fn header(
    path: &Path,
    input: &mut dyn Read,
    n_extents: RangeInclusive<usize>,
    wanted: &'static str,
) -> Result<Vec<usize>, DataError> {
    let mut head = Vec::new();
    take(path, input, 4, &mut head)?;
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
    take(path, input, 4 * n as u64, &mut head)?;
    if head.len() < 4 * n {
        return Err(DataError::Short { path: path.into(), wanted: 4 * n as u64, found: head.len() as u64 });
    }
    let extent = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| (number << 8) | usize::from(*byte));
    let extents: Vec<usize> = head.chunks_exact(4).map(extent).collect();
    let damaged = |reason: &str| DataError::Damaged { path: path.into(), reason: reason.into() };
    match extents.iter().try_fold(1u64, |product, extent| product.checked_mul(*extent as u64)) {
        None => Err(damaged("its header announces more bytes than any file can have")),
        Some(0) => Err(damaged("its header announces no data")),
        Some(_) => Ok(extents),
    }
}

/// The values after a header, all of them and nothing more.
fn values(path: &Path, input: &mut dyn Read, extents: &[usize]) -> Result<Vec<u8>, DataError> {
    let bytes: u64 = extents.iter().map(|extent| *extent as u64).product();
    let mut values = Vec::new();
    take(path, input, bytes, &mut values)?;
    if (values.len() as u64) < bytes {
        return Err(DataError::Short { path: path.into(), wanted: bytes, found: values.len() as u64 });
    }
    if take(path, input, 1, &mut Vec::new())? > 0 {
        return Err(DataError::Long { path: path.into(), wanted: bytes });
    }
    Ok(values)
}

/// Reads so many bytes, or up to the end.
fn take(path: &Path, input: &mut dyn Read, bytes: u64, into: &mut Vec<u8>) -> Result<usize, DataError> {
    input.take(bytes).read_to_end(into).map_err(|error| unreadable(path, error))
}

/// A gzip stream that is damaged or ends early is an error of the content, not of the system.
fn unreadable(path: &Path, error: std::io::Error) -> DataError {
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    if matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof) {
        return DataError::Damaged { path: path.into(), reason: format!("it cannot be unpacked ({error})") };
    }
    DataError::Read { path: path.into(), error }
}
