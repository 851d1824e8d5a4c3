//! Buffers: matrices in panels of 32 columns.
//!
//! `[R, n]` is `⌈n/32⌉` panels; a panel holds 32 columns, row after row, so element
//! `(r, c)` is at `offset + (c/32)·panel_stride + r·128 + (c%32)·4` bytes. A row of a
//! panel is 128 bytes: two 512-bit vectors, with the next row right behind. Columns
//! past `n` in the last panel are padding with unspecified contents; whatever sums
//! over columns masks them.

/// Columns of one panel.
pub const PANEL_COLS: u32 = 32;

/// Bytes of one row of a panel.
pub const ROW_BYTES: u64 = 128;

kiln_graph::typed_ids! {
    /// A buffer of [`crate::Schedule::buffers`]. Prints as `b3`.
    BufferId, "b";
}

/// A matrix in the arena.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// What it holds, in the words of the spec.
    pub name: String,
    /// Rows that there is room for.
    pub rows: u32,
    /// Columns.
    pub cols: u32,
    /// Holds its content from one step to the next (states, constants).
    pub lasting: bool,
    /// Holds the rows of one chunk of the batch at a time.
    pub chunked: bool,
    /// First byte in the arena; a multiple of 128. Set by `memory::place`.
    pub offset: u64,
}

impl Buffer {
    /// A buffer without a place yet.
    pub fn new(name: impl Into<String>, rows: u32, cols: u32, lasting: bool) -> Buffer {
        Buffer { name: name.into(), rows, cols, lasting, chunked: false, offset: 0 }
    }

    /// Number of panels.
    pub fn panels(&self) -> u32 {
        self.cols.div_ceil(PANEL_COLS)
    }

    /// Bytes from one panel to the next.
    pub fn panel_stride(&self) -> u64 {
        u64::from(self.rows) * ROW_BYTES
    }

    /// Bytes in all.
    pub fn bytes(&self) -> u64 {
        u64::from(self.panels()) * self.panel_stride()
    }

    /// Byte of element `(row, col)`, from the beginning of the arena.
    pub fn address(&self, row: u64, col: u64) -> u64 {
        let cols = u64::from(PANEL_COLS);
        self.offset + (col / cols) * self.panel_stride() + row * ROW_BYTES + (col % cols) * 4
    }
}
