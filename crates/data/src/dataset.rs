//! What the rest of Kiln reads: fields of samples in memory.
//!
//! A field is one column of the spec's `data` block: `image` with 784 numbers a row,
//! `label` with one class a row. Bytes stay bytes, so that a kernel can gather and
//! decode them on the way into its first matmul.

use std::sync::Arc;

/// Samples in memory, and how they are divided.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The name of the spec's `data` block.
    pub name: String,
    /// The fields, in the order of the spec; each has `rows` rows.
    pub fields: Vec<Field>,
    /// Number of samples.
    pub rows: usize,
    /// Names of the classes, by index; empty where there are no classes.
    pub classes: Vec<String>,
    /// BLAKE3 of the fields and the split, 64 hexadecimal digits: the same content has
    /// the same fingerprint, wherever it came from.
    pub fingerprint: String,
    /// Rows to train on, in ascending order.
    pub train: Vec<u32>,
    /// Rows to test on, in ascending order; none of them is in `train`.
    pub test: Vec<u32>,
}

impl Dataset {
    /// The field called `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One column of samples, row-major.
#[derive(Clone, Debug)]
pub struct Field {
    /// What the spec calls it.
    pub name: String,
    /// Numbers a row; the product of `dims`.
    pub cols: usize,
    /// The numbers, `rows · cols` of them.
    pub values: Values,
    /// Extents of one sample: `[28, 28]` for an image, `[1]` for a class.
    pub dims: Vec<usize>,
}

impl Field {
    /// One number, decoded; a class is its index.
    ///
    /// # Panics
    /// Where `row` or `col` is out of range.
    pub fn value(&self, row: usize, col: usize) -> f32 {
        assert!(col < self.cols, "column {col} of a field of {} columns", self.cols);
        let at = row * self.cols + col;
        match &self.values {
            Values::U8 { data, scale, offset } => f32::from(data[at]) * scale + offset,
            Values::F32(data) => data[at],
            Values::Class { data, .. } => f32::from(data[at]),
        }
    }
}

/// The numbers of a field.
#[derive(Clone, Debug)]
pub enum Values {
    /// Bytes; the value is `byte · scale + offset`.
    U8 {
        /// `rows · cols` bytes.
        data: Arc<[u8]>,
        /// Factor, finite.
        scale: f32,
        /// Summand, finite.
        offset: f32,
    },
    /// Numbers as they are, all finite.
    F32(Arc<[f32]>),
    /// The index of a class, one a row.
    Class {
        /// `rows` indices, each below `classes`.
        data: Arc<[u8]>,
        /// Number of classes, 1 to 256.
        classes: usize,
    },
}

impl Values {
    /// How many numbers there are: `rows · cols`.
    pub fn len(&self) -> usize {
        match self {
            Values::U8 { data, .. } | Values::Class { data, .. } => data.len(),
            Values::F32(data) => data.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
