//! Shapes: `[rows, cols]`, where rows may be the batch.

use std::fmt;

/// How many rows a value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    /// As many rows as the batch at hand, `B`.
    Batch,
    /// Always this many rows.
    Fixed(u32),
}

/// The shape of a value: rows by columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    /// Number of rows.
    pub rows: Extent,
    /// Number of columns; at least 1.
    pub cols: u32,
}

impl Shape {
    /// `[1, 1]`
    pub const SCALAR: Shape = Shape { rows: Extent::Fixed(1), cols: 1 };

    /// `[B, cols]`
    pub const fn batch(cols: u32) -> Shape {
        Shape { rows: Extent::Batch, cols }
    }

    /// `[1, cols]`
    pub const fn vector(cols: u32) -> Shape {
        Shape { rows: Extent::Fixed(1), cols }
    }

    /// `[rows, cols]`
    pub const fn matrix(rows: u32, cols: u32) -> Shape {
        Shape { rows: Extent::Fixed(rows), cols }
    }

    /// True for `[1, 1]`.
    pub fn is_scalar(self) -> bool {
        self == Shape::SCALAR
    }

    /// True where the value has as many rows as the batch.
    pub fn is_batch(self) -> bool {
        self.rows == Extent::Batch
    }

    /// The number of rows where the batch has `batch` rows.
    pub fn rows_at(self, batch: usize) -> usize {
        match self.rows {
            Extent::Batch => batch,
            Extent::Fixed(n) => n as usize,
        }
    }

    /// The shape of an elementwise operation on `self` and `other`: along each axis
    /// the two agree, or one of them is 1 and is stretched.
    pub fn stretch(self, other: Shape) -> Option<Shape> {
        let one = Extent::Fixed(1);
        let rows = if self.rows == other.rows || other.rows == one {
            self.rows
        } else if self.rows == one {
            other.rows
        } else {
            return None;
        };
        let cols = match (self.cols, other.cols) {
            (a, b) if a == b => a,
            (1, b) => b,
            (a, 1) => a,
            _ => return None,
        };
        Some(Shape { rows, cols })
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Extent::Batch => f.write_str("B"),
            Extent::Fixed(n) => write!(f, "{n}"),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{},{}]", self.rows, self.cols)
    }
}
