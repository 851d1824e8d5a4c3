//! `.npy` files: one array each, as NumPy reads them.
//!
//! Written: format 1.0, C order, little-endian `f4`, `i8` or `u1`. Read: formats 1.0 to
//! 3.0 of these kinds. The format is NumPy's own (`numpy.lib.format`): six bytes of magic,
//! two of version, the header's length, a Python dictionary literal padded with spaces to
//! a multiple of 64, a line end, then the elements.

use crate::error::{Problem, RecordError};
use crate::file;
use std::path::Path;

/// The longest array file that is read, in bytes.
const LIMIT: u64 = 16 << 30;

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// An array of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Its extents: `[rows]` or `[rows, columns]`.
    pub dims: Vec<usize>,
    /// Its elements, row-major.
    pub elements: Elements,
}

/// The elements of an [`Array`].
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit signed integers.
    I64(Vec<i64>),
    /// Bytes. Where they stand for numbers between 0 and 1 they are 255ths.
    U8(Vec<u8>),
}

impl Elements {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Elements::F32(x) => x.len(),
            Elements::I64(x) => x.len(),
            Elements::U8(x) => x.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Array {
    /// A `[rows, columns]` array of floats.
    pub fn f32(dims: [usize; 2], elements: Vec<f32>) -> Array {
        Array { dims: dims.to_vec(), elements: Elements::F32(elements) }
    }

    /// A `[rows, columns]` array of bytes.
    pub fn u8(dims: [usize; 2], elements: Vec<u8>) -> Array {
        Array { dims: dims.to_vec(), elements: Elements::U8(elements) }
    }

    /// A `[rows]` array of integers: class labels, sample ids.
    pub fn i64(elements: Vec<i64>) -> Array {
        Array { dims: vec![elements.len()], elements: Elements::I64(elements) }
    }

    /// Rows: the first extent; 1 for a scalar.
    pub fn rows(&self) -> usize {
        self.dims.first().copied().unwrap_or(1)
    }

    /// Elements in a row.
    pub fn columns(&self) -> usize {
        self.dims.iter().skip(1).product()
    }

    /// One row as numbers; bytes are 255ths. `None` beyond the last row.
    pub fn row(&self, row: usize) -> Option<Vec<f32>> {
        let columns = self.columns();
        let start = row.checked_mul(columns)?;
        let range = start..start.checked_add(columns)?;
        if row >= self.rows() {
            return None;
        }
        match &self.elements {
            Elements::F32(x) => x.get(range).map(<[f32]>::to_vec),
            Elements::I64(x) => x.get(range).map(|x| x.iter().map(|&x| x as f32).collect()),
            Elements::U8(x) => x.get(range).map(|x| x.iter().map(|&x| f32::from(x) / 255.0).collect()),
        }
    }

    /// The elements as class labels; `None` where one is negative or not whole.
    pub fn labels(&self) -> Option<Vec<usize>> {
        match &self.elements {
            Elements::F32(x) => x.iter().map(|&x| whole(x)).collect(),
            Elements::I64(x) => x.iter().map(|&x| usize::try_from(x).ok()).collect(),
            Elements::U8(x) => Some(x.iter().map(|&x| usize::from(x)).collect()),
        }
    }

    /// For each row the column of the largest element; the first of equal ones. A row of
    /// NaN, or an array of no columns, gives 0.
    pub fn argmax(&self) -> Vec<usize> {
        (0..self.rows())
            .map(|row| {
                let row = self.row(row).unwrap_or_default();
                let mut best = 0;
                for (column, &x) in row.iter().enumerate() {
                    if x > row[best] || (row[best].is_nan() && !x.is_nan()) {
                        best = column;
                    }
                }
                best
            })
            .collect()
    }

    /// The bytes of the file.
    ///
    /// Errors, as the text of a [`Problem::Unwritable`]: elements that do not fill the
    /// extents.
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let want = self.dims.iter().try_fold(1_usize, |n, &d| n.checked_mul(d));
        if want != Some(self.elements.len()) {
            return Err(format!("{} elements for the extents {:?}", self.elements.len(), self.dims));
        }
        let descr = match &self.elements {
            Elements::F32(_) => "<f4",
            Elements::I64(_) => "<i8",
            Elements::U8(_) => "|u1",
        };
        let dims: Vec<String> = self.dims.iter().map(|d| format!("{d},")).collect();
        let shape = match self.dims.len() {
            1 => dims.join(" "),
            _ => dims.join(" ").trim_end_matches(',').to_owned(),
        };
        let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}");
        // 10 bytes stand before the header, one line end after it.
        let padded = (10 + header.len() + 1).next_multiple_of(64) - 11;
        header.push_str(&" ".repeat(padded - header.len()));
        header.push('\n');
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0]);
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        match &self.elements {
            Elements::F32(x) => bytes.extend(x.iter().flat_map(|x| x.to_le_bytes())),
            Elements::I64(x) => bytes.extend(x.iter().flat_map(|x| x.to_le_bytes())),
            Elements::U8(x) => bytes.extend(x),
        }
        Ok(bytes)
    }

    /// The array in a file's bytes.
    ///
    /// Errors: what is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Array, String> {
        let (header, data) = split(bytes)?;
        let descr = quoted(value(header, "descr")?)?;
        let dims = extents(value(header, "shape")?)?;
        let count = dims.iter().try_fold(1_usize, |n, &d| n.checked_mul(d)).ok_or("its shape overflows")?;
        if !value(header, "fortran_order")?.starts_with("False") && dims.len() > 1 {
            return Err("columns first (Fortran order) is not supported".to_owned());
        }
        let width = match descr {
            "<f4" => 4,
            "<i8" => 8,
            "|u1" => 1,
            _ => return Err(format!("its elements are {descr:?}; only <f4, <i8 and |u1 are read")),
        };
        // Compared before anything of that size is taken from memory.
        if count.checked_mul(width) != Some(data.len()) {
            return Err(format!("{} bytes of elements for the extents {dims:?} of {descr}", data.len()));
        }
        let elements = match width {
            4 => Elements::F32(
                data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
            ),
            8 => Elements::I64(data.as_chunks::<8>().0.iter().map(|b| i64::from_le_bytes(*b)).collect()),
            _ => Elements::U8(data.to_vec()),
        };
        Ok(Array { dims, elements })
    }

    /// Writes the file at `path`, whole or not at all.
    ///
    /// Errors: [`Problem::Write`], [`Problem::Unwritable`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), RecordError> {
        let path = path.as_ref();
        let bytes = self.to_bytes().map_err(|why| RecordError::new(path, Problem::Unwritable(why)))?;
        file::atomic_write(path, &bytes)
    }

    /// Reads the file at `path`.
    ///
    /// Errors: the file is missing or damaged.
    pub fn load(path: impl AsRef<Path>) -> Result<Array, RecordError> {
        let path = path.as_ref();
        let bytes = file::read(path, LIMIT)?;
        Array::from_bytes(&bytes).map_err(|why| RecordError::new(path, Problem::Damaged(why)))
    }
}

/// A class label that was stored as a float.
fn whole(x: f32) -> Option<usize> {
    // 2²⁴: beyond it floats skip integers.
    ((0.0..=16_777_216.0).contains(&x) && x.fract() == 0.0).then_some(x as usize)
}

/// Header text and element bytes.
fn split(bytes: &[u8]) -> Result<(&str, &[u8]), String> {
    let short = || "shorter than its header".to_owned();
    let rest = bytes.strip_prefix(MAGIC).ok_or("does not begin as a .npy file does")?;
    let (version, rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
    let (length, rest) = match version[0] {
        1 => {
            let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        2 | 3 => {
            let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
            (u32::from_le_bytes(*length) as usize, rest)
        }
        other => return Err(format!("version {other} of the .npy format is unknown")),
    };
    let (header, data) = rest.split_at_checked(length).ok_or_else(short)?;
    let header = std::str::from_utf8(header).map_err(|_| "its header is not text".to_owned())?;
    Ok((header, data))
}

/// What follows `'key':` in the header's dictionary.
fn value<'a>(header: &'a str, key: &str) -> Result<&'a str, String> {
    let marks = [format!("'{key}':"), format!("\"{key}\":")];
    let found = marks.iter().find_map(|mark| header.find(mark.as_str()).map(|at| &header[at + mark.len()..]));
    found.map(str::trim_start).ok_or_else(|| format!("its header has no {key:?}"))
}

/// The text between the first pair of quotes.
fn quoted(text: &str) -> Result<&str, String> {
    let mut parts = text.split(['\'', '"']);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(""), Some(inside), Some(_)) => Ok(inside),
        _ => Err("its header's kind of elements is not a text".to_owned()),
    }
}

/// The numbers of a tuple, `(3, 4)`.
fn extents(text: &str) -> Result<Vec<usize>, String> {
    let wrong = || "its header's shape is not a tuple of numbers".to_owned();
    let inside = text.strip_prefix('(').and_then(|t| t.split_once(')')).ok_or_else(wrong)?.0;
    let cells = inside.split(',').map(str::trim).filter(|cell| !cell.is_empty());
    let dims: Vec<usize> = cells.map(|cell| cell.parse().map_err(|_| wrong())).collect::<Result<_, _>>()?;
    // NumPy's own limit.
    if dims.len() > 64 { Err(wrong()) } else { Ok(dims) }
}
