//! A look at files: what they hold, as far as a spec that reads them must know it.
//!
//! In: files that somebody names, and perhaps the column of labels. Out: a [`Look`]: which file
//! is what, how many samples there are and of which extents, which labels occur, between which
//! bounds the numbers are. Nothing is asked: what is not said is found beside the files
//! (`beside`) or in them (`look` of each format).
//!
//! Little is read: headers, all labels, and of the pixels a sample. Memory does not grow with
//! the files, and what a damaged file says is an error as it is in [`load`](crate::load()).
//!
//! Not here: the spec (crate `kiln`, module `starter`).

pub(crate) mod beside;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::formats::{idx, parquet};

/// What files hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Which file is what.
    pub files: Files,
    /// Samples to train on, or all samples; at least one.
    pub rows: usize,
    /// Samples in files of their own to test on; 0 where there are none.
    pub test_rows: usize,
    /// Extents of one sample: `[28, 28]` for an image, `[4]` for a row of a table.
    pub dims: Vec<usize>,
    /// The labels that occur, ascending, at least two; `None` where there are no labels.
    pub labels: Option<Vec<u32>>,
    /// The numbers of the samples that were looked at.
    pub values: Range,
}

/// Which file is what.
#[derive(Clone, Debug, PartialEq)]
pub enum Files {
    /// Images and labels as MNIST has them.
    Idx {
        /// Images, and their labels where they were found.
        train: (PathBuf, Option<PathBuf>),
        /// Images to test on, and their labels where the others have some.
        test: Option<(PathBuf, Option<PathBuf>)>,
    },
    /// Tables.
    Parquet {
        /// At least one.
        files: Vec<PathBuf>,
        /// Files to test on.
        test_files: Vec<PathBuf>,
        /// The column of labels.
        label: Option<String>,
        /// The columns of numbers, in the order of the file; at least one.
        pixels: Vec<String>,
        /// Columns that cannot be read as numbers or should not be, and why.
        left_out: Vec<(String, String)>,
    },
}

/// Between which bounds numbers are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// Whether all are whole.
    pub whole: bool,
}

impl Range {
    /// Of nothing yet.
    pub(crate) const NOTHING: Range = Range { low: f64::INFINITY, high: f64::NEG_INFINITY, whole: true };

    /// With one number more.
    pub(crate) fn with(self, value: f64) -> Range {
        Range {
            low: self.low.min(value),
            high: self.high.max(value),
            whole: self.whole && value.fract() == 0.0,
        }
    }
}

impl Look {
    /// Rows and columns of a sample that is a grey picture: one of two extents, or a square number
    /// of bytes, at least 8 × 8.
    pub fn picture(&self) -> Option<(usize, usize)> {
        match self.dims[..] {
            [rows, cols] => Some((rows, cols)),
            [count] => {
                let side = count.isqrt();
                let is_bytes = self.values.whole && self.values.low >= 0.0 && self.values.high <= 255.0;
                (side * side == count && side >= 8 && is_bytes).then_some((side, side))
            }
            _ => None,
        }
    }
}

/// Looks at files of one format: images, labels or both (IDX), or tables (Parquet). `label` names
/// the column of labels of a table.
///
/// # Errors
/// A file that is missing, damaged or of another format; a column that does not exist or cannot
/// hold labels; files that do not belong together.
pub fn look(files: &[PathBuf], label: Option<&str>) -> Result<Look, DataError> {
    let first = files.first().ok_or(DataError::NoFiles)?;
    let format = Format::of(first)?;
    for file in &files[1..] {
        if Format::of(file)? != format {
            return Err(DataError::Mixed { first: first.clone(), other: file.clone() });
        }
    }
    match (format, label) {
        (Format::Parquet, _) => parquet::look(files, label),
        (Format::Idx, None) => idx::look(files),
        (Format::Idx, Some(_)) => Err(DataError::NoColumns { path: first.clone() }),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Idx,
    Parquet,
}

impl Format {
    /// By its first bytes.
    fn of(path: &Path) -> Result<Format, DataError> {
        let read = |error| DataError::Read { path: path.into(), error };
        let mut head = Vec::new();
        File::open(path).map_err(read)?.take(64).read_to_end(&mut head).map_err(read)?;
        match head[..] {
            [b'P', b'A', b'R', b'1', ..] => Ok(Format::Parquet),
            // A header is checked by who reads it; what is packed is nothing else that Kiln reads.
            [0x1F, 0x8B, ..] | [0, 0, ..] => Ok(Format::Idx),
            _ => Err(DataError::Format { path: path.into(), found: described(&head) }),
        }
    }
}

/// What a file is that nothing here reads, as far as its first bytes tell.
fn described(head: &[u8]) -> String {
    let known: [(&[u8], &str); 6] = [
        (b"\x93NUMPY", "a NumPy array"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x89PNG", "a PNG picture"),
        (b"\xFF\xD8\xFF", "a JPEG picture"),
        (b"\x89HDF", "an HDF5 file"),
        (b"{", "JSON or the like"),
    ];
    if let Some((_, name)) = known.iter().find(|(magic, _)| head.starts_with(magic)) {
        return (*name).to_owned();
    }
    let is_text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0x80..);
    if head.is_empty() {
        "empty".to_owned()
    } else if head.iter().all(is_text) && head.contains(&b',') {
        "text with commas; other programs can save such a table as Parquet".to_owned()
    } else {
        format!("a file that begins with the bytes {:02x?}", &head[..head.len().min(4)])
    }
}
