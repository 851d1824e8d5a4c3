//! The kernels on slices: each function checks that its slices cover exactly what the kernel may touch,
//! then calls it. For tests, examples and measurements; generated code calls the [`Table`] directly.
//!
//! # Panics
//! Every function panics when a slice is too short, a count is out of range, or a stride is no multiple
//! of 4.

use crate::{PANEL_COLUMNS, ROW_BYTES, Table};

/// A matrix in panels, by its first row: the slice begins at row 0, column 0 of panel 0.
#[derive(Clone, Copy, Debug)]
pub struct Panels<'a> {
    /// The elements.
    pub data: &'a [f32],
    /// Bytes from a panel to the next.
    pub panel_stride_bytes: usize,
}

/// A matrix in panels that is written.
#[derive(Debug)]
pub struct PanelsMut<'a> {
    /// The elements.
    pub data: &'a mut [f32],
    /// Bytes from a panel to the next.
    pub panel_stride_bytes: usize,
}

/// The sizes of a matmul: `C[rows, 16·nv]` over `k` products.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Rows of C, at least 1.
    pub rows: usize,
    /// Half panels of C, 1 or 2.
    pub nv: usize,
    /// Products in each sum.
    pub k: usize,
}

impl Sizes {
    fn check(self) {
        assert!(self.rows >= 1 && matches!(self.nv, 1 | 2), "{self:?}");
    }
}

/// Elements from the start of a matrix in panels to the end of its last element: 0 when it has none.
fn extent(rows: usize, cols: usize, panel_stride_bytes: usize) -> usize {
    if rows == 0 || cols == 0 {
        return 0;
    }
    assert!(panel_stride_bytes.is_multiple_of(size_of::<f32>()), "stride {panel_stride_bytes}");
    let panels = cols.div_ceil(PANEL_COLUMNS);
    assert!(panels == 1 || panel_stride_bytes >= rows * ROW_BYTES, "panels overlap");
    let last_panel = (panels - 1) * (panel_stride_bytes / size_of::<f32>());
    // The last panel's last row ends last, however narrow: a stride is at least all rows of a panel.
    last_panel + (rows - 1) * PANEL_COLUMNS + (cols - 1) % PANEL_COLUMNS + 1
}

/// [`MatMulNn`](crate::table::MatMulNn).
pub fn matmul_nn(table: &Table, sizes: Sizes, a: Panels<'_>, b: &[f32], c: &mut [f32], accumulate: bool) {
    sizes.check();
    let Sizes { rows, nv, k } = sizes;
    assert!(a.data.len() >= extent(rows, k, a.panel_stride_bytes), "A is too short");
    assert!(b.len() >= extent(k, 16 * nv, 0), "B is too short");
    assert!(c.len() >= extent(rows, 16 * nv, 0), "C is too short");
    let (a_data, stride) = (a.data.as_ptr(), a.panel_stride_bytes);
    // SAFETY:
    // - The slices cover what the contract names, as just checked; C is borrowed alone.
    // - A table is only made for a processor that has its instruction set.
    unsafe {
        (table.matmul_nn_block)(
            rows,
            nv,
            k,
            a_data,
            stride,
            b.as_ptr(),
            c.as_mut_ptr(),
            usize::from(accumulate),
        );
    }
}

/// [`MatMulNnRow`](crate::table::MatMulNnRow): `b` and `c` are `panels` panels of 32 columns.
pub fn matmul_nn_row(
    table: &Table,
    (panels, k): (usize, usize),
    a: Panels<'_>,
    b: Panels<'_>,
    c: PanelsMut<'_>,
    accumulate: bool,
) {
    let cols = panels * PANEL_COLUMNS;
    assert!(a.data.len() >= extent(1, k, a.panel_stride_bytes), "A is too short");
    assert!(b.data.len() >= extent(k, cols, b.panel_stride_bytes), "B is too short");
    assert!(c.data.len() >= extent(1, cols, c.panel_stride_bytes), "C is too short");
    // SAFETY:
    // - The slices cover what the contract names, as just checked; C is borrowed alone.
    // - A table is only made for a processor that has its instruction set.
    unsafe {
        (table.matmul_nn_row)(
            panels,
            k,
            a.data.as_ptr(),
            a.panel_stride_bytes,
            b.data.as_ptr(),
            b.panel_stride_bytes,
            c.data.as_mut_ptr(),
            c.panel_stride_bytes,
            usize::from(accumulate),
        );
    }
}

/// [`MatMulTn`](crate::table::MatMulTn): `a` begins at the first of `sizes.rows` columns.
pub fn matmul_tn(table: &Table, sizes: Sizes, a: &[f32], b: &[f32], c: &mut [f32], accumulate: bool) {
    sizes.check();
    let Sizes { rows, nv, k } = sizes;
    assert!(rows <= PANEL_COLUMNS, "{sizes:?}");
    assert!(a.len() >= extent(k, rows, 0), "A is too short");
    assert!(b.len() >= extent(k, 16 * nv, 0), "B is too short");
    assert!(c.len() >= extent(rows, 16 * nv, 0), "C is too short");
    // SAFETY:
    // - The slices cover what the contract names, as just checked; C is borrowed alone.
    // - A table is only made for a processor that has its instruction set.
    unsafe {
        (table.matmul_tn_block)(rows, nv, k, a.as_ptr(), b.as_ptr(), c.as_mut_ptr(), usize::from(accumulate));
    }
}

/// [`Transpose`](crate::table::Transpose).
pub fn transpose(table: &Table, src: &[f32; 1024], dst: &mut [f32; 1024]) {
    // SAFETY:
    // - The arrays are the blocks, and `dst` is borrowed alone.
    // - A table is only made for a processor that has its instruction set.
    unsafe { (table.transpose)(src.as_ptr(), dst.as_mut_ptr()) };
}

/// [`TransposePart`](crate::table::TransposePart).
pub fn transpose_part(table: &Table, rows: usize, cols: usize, src: &[f32], dst: &mut [f32]) {
    assert!(rows <= PANEL_COLUMNS && cols <= PANEL_COLUMNS, "more than a block");
    if rows == 0 || cols == 0 {
        return;
    }
    assert!(src.len() >= extent(rows, cols, 0), "src is too short");
    assert!(dst.len() >= extent(cols, rows, 0), "dst is too short");
    // SAFETY:
    // - Both parts are in bounds, as just checked; `dst` is borrowed alone.
    // - A table is only made for a processor that has its instruction set.
    unsafe { (table.transpose_part)(rows, cols, src.as_ptr(), dst.as_mut_ptr()) };
}

/// Checks the arguments that both gathers share.
fn check_gather(rows: &[u32], src_len: usize, cols: usize, dst: &PanelsMut<'_>) {
    let padded = cols.next_multiple_of(PANEL_COLUMNS);
    assert!(dst.data.len() >= extent(rows.len(), padded, dst.panel_stride_bytes), "dst is too short");
    if let Some(samples) = src_len.checked_div(cols) {
        assert!(rows.iter().all(|&row| (row as usize) < samples), "a row is past the end of src");
    }
}

/// [`GatherU8`](crate::table::GatherU8); `decode` is `(scale, offset)`.
pub fn gather_u8(
    table: &Table,
    rows: &[u32],
    src: &[u8],
    cols: usize,
    decode: (f32, f32),
    dst: PanelsMut<'_>,
) {
    check_gather(rows, src.len(), cols, &dst);
    let (scale, offset) = decode;
    let (to, stride) = (dst.data.as_mut_ptr(), dst.panel_stride_bytes);
    // SAFETY:
    // - Rows, samples and panels are in bounds, as just checked; `dst` is borrowed alone.
    // - A table is only made for a processor that has its instruction set.
    unsafe {
        (table.gather_u8)(rows.as_ptr(), rows.len(), src.as_ptr(), cols, scale, offset, to, stride);
    }
}

/// [`GatherF32`](crate::table::GatherF32).
pub fn gather_f32(table: &Table, rows: &[u32], src: &[f32], cols: usize, dst: PanelsMut<'_>) {
    check_gather(rows, src.len(), cols, &dst);
    let (to, stride) = (dst.data.as_mut_ptr(), dst.panel_stride_bytes);
    // SAFETY:
    // - Rows, samples and panels are in bounds, as just checked; `dst` is borrowed alone.
    // - A table is only made for a processor that has its instruction set.
    unsafe { (table.gather_f32)(rows.as_ptr(), rows.len(), src.as_ptr(), cols, to, stride) };
}

/// [`CopyColumns`](crate::table::CopyColumns): `rows` × `cols` elements from column `src_col` to column
/// `dst_col`; `size` is `(rows, cols)`.
pub fn copy_columns(
    table: &Table,
    size: (usize, usize),
    src: Panels<'_>,
    src_col: usize,
    dst: PanelsMut<'_>,
    dst_col: usize,
) {
    let (rows, cols) = size;
    if rows == 0 || cols == 0 {
        return;
    }
    assert!(src.data.len() >= extent(rows, src_col + cols, src.panel_stride_bytes), "src is too short");
    assert!(dst.data.len() >= extent(rows, dst_col + cols, dst.panel_stride_bytes), "dst is too short");
    let (from, to) = (src.data.as_ptr(), dst.data.as_mut_ptr());
    let (from_stride, to_stride) = (src.panel_stride_bytes, dst.panel_stride_bytes);
    // SAFETY:
    // - Both ranges are in bounds, as just checked; `dst` is borrowed alone.
    // - A table is only made for a processor that has its instruction set.
    unsafe { (table.copy_columns)(rows, from, from_stride, src_col, to, to_stride, dst_col, cols) };
}
