//! The ABI: the signatures of the kernels, and one table of addresses per instruction set.
//!
//! All kernels are `extern "C"`, take raw pointers and `usize`, return nothing and cannot unwind.
//! Pointers need the alignment of f32 (64 bytes for speed). Strides are in bytes, columns and rows are
//! counts. See the [crate page](crate) for panels and for the arithmetic.

use crate::Isa;
use crate::isa;

/// `C[rows, 16·nv] = A[rows, k] · B[k, 16·nv]`, or `+=`.
///
/// | argument | meaning |
/// |---|---|
/// | `rows` | rows of A and C; ≥ 1 |
/// | `nv` | 1: columns 0–15 of the panel are computed, 2: all 32 |
/// | `k` | columns of A, rows of B; with 0 the product is 0 |
/// | `a` | row 0, column 0 of A's panel 0 |
/// | `a_panel_stride_bytes` | from a panel of A to the next; unused when `k ≤ 32` |
/// | `b` | one panel of B, `k` rows |
/// | `c` | one panel of C, `rows` rows; columns from `16·nv` on are left alone |
/// | `accumulate` | 0: C is overwritten and never read; otherwise the sums continue from C |
///
/// # Safety
/// Exactly these are read: columns below `k` of `rows` rows of A; columns below `16·nv` of `k` rows of
/// B; when accumulating, columns below `16·nv` of `rows` rows of C, which are the ones written. They must
/// be valid, and C must overlap neither A nor B. The processor must have the table's instruction set.
pub type MatMulNn = unsafe extern "C" fn(
    rows: usize,
    nv: usize,
    k: usize,
    a: *const f32,
    a_panel_stride_bytes: usize,
    b: *const f32,
    c: *mut f32,
    accumulate: usize,
);

/// `C[1, 32·panels] = A[1, k] · B[k, 32·panels]`, or `+=`: one row, whose sums would each wait for their own
/// last step if it went through one panel at a time.
///
/// | argument | meaning |
/// |---|---|
/// | `panels` | panels of B and C |
/// | `k` | columns of A, rows of B; with 0 the product is 0 |
/// | `a` | the row in A's panel 0 |
/// | `a_panel_stride_bytes` | from a panel of A to the next; unused when `k ≤ 32` |
/// | `b`, `b_panel_stride_bytes` | panels of B, `k` rows each |
/// | `c`, `c_panel_stride_bytes` | the row in C's panels; all 32 columns of each are written |
/// | `accumulate` | 0: C is overwritten and never read; otherwise the sums continue from C |
///
/// # Safety
/// Exactly these are read: columns below `k` of the row of A; all columns of `k` rows of the panels of B;
/// when accumulating, the row in the panels of C, which is what is written. They must be valid, and C must
/// overlap neither A nor B. The processor must have the table's instruction set.
pub type MatMulNnRow = unsafe extern "C" fn(
    panels: usize,
    k: usize,
    a: *const f32,
    a_panel_stride_bytes: usize,
    b: *const f32,
    b_panel_stride_bytes: usize,
    c: *mut f32,
    c_panel_stride_bytes: usize,
    accumulate: usize,
);

/// `C[cols, 16·nv] = A[k, cols]ᵀ · B[k, 16·nv]`, or `+=`: the weight gradient, with `k` the batch.
///
/// | argument | meaning |
/// |---|---|
/// | `cols` | columns of A, rows of C; from 1 to what is left of A's panel |
/// | `nv` | 1: columns 0–15 of the panel are computed, 2: all 32 |
/// | `k` | rows of A and B; with 0 the product is 0 |
/// | `a` | row 0 of one panel of A, at its first column |
/// | `b` | one panel of B, `k` rows |
/// | `c` | one panel of C, `cols` rows; columns from `16·nv` on are left alone |
/// | `accumulate` | 0: C is overwritten and never read; otherwise the sums continue from C |
///
/// # Safety
/// Exactly these are read: `cols` columns of `k` rows of A's panel; columns below `16·nv` of `k` rows of
/// B; when accumulating, columns below `16·nv` of `cols` rows of C, which are the ones written. They must
/// be valid, and C must overlap neither A nor B. The processor must have the table's instruction set.
pub type MatMulTn = unsafe extern "C" fn(
    cols: usize,
    nv: usize,
    k: usize,
    a: *const f32,
    b: *const f32,
    c: *mut f32,
    accumulate: usize,
);

/// `dst[j][i] = src[i][j]` for one block of 32 × 32, both with rows of 128 bytes.
///
/// # Safety
/// 4096 bytes are readable at `src` and writable at `dst`, and they do not overlap. The processor must
/// have the table's instruction set.
pub type Transpose = unsafe extern "C" fn(src: *const f32, dst: *mut f32);

/// `dst[j][i] = src[i][j]` for `i < rows` and `j < cols`, both with rows of 128 bytes: part of a block.
///
/// # Safety
/// `cols` ≤ 32 elements of each of `rows` ≤ 32 rows are readable at `src`, and `rows` elements of each of
/// `cols` rows writable at `dst`; nothing else is touched, and they do not overlap. The processor must have
/// the table's instruction set.
pub type TransposePart = unsafe extern "C" fn(rows: usize, cols: usize, src: *const f32, dst: *mut f32);

/// `dst(r, c) = src[rows[r] · cols + c] · scale + offset`, the product rounded before the sum; padding of
/// the last panel becomes 0. Class labels are `cols = 1, scale = 1, offset = 0`.
///
/// | argument | meaning |
/// |---|---|
/// | `rows`, `n_rows` | the samples to pick, in the order of the output's rows |
/// | `src`, `cols` | samples of `cols` bytes, one after the other |
/// | `scale`, `offset` | how a byte becomes a value |
/// | `dst` | row 0 of panel 0 of a matrix `[n_rows, cols]` |
/// | `dst_panel_stride_bytes` | from a panel to the next; unused when `cols ≤ 32` |
///
/// # Safety
/// `n_rows` indices and the samples they name are readable; all 32 columns of `n_rows` rows of each of
/// `ceil(cols / 32)` panels are writable, and do not overlap the others. The processor must have the
/// table's instruction set.
pub type GatherU8 = unsafe extern "C" fn(
    rows: *const u32,
    n_rows: usize,
    src: *const u8,
    cols: usize,
    scale: f32,
    offset: f32,
    dst: *mut f32,
    dst_panel_stride_bytes: usize,
);

/// `dst(r, c) = src[rows[r] · cols + c]`; padding of the last panel becomes 0. Arguments as in
/// [`GatherU8`].
///
/// # Safety
/// As [`GatherU8`].
pub type GatherF32 = unsafe extern "C" fn(
    rows: *const u32,
    n_rows: usize,
    src: *const f32,
    cols: usize,
    dst: *mut f32,
    dst_panel_stride_bytes: usize,
);

/// `dst(r, dst_col + c) = src(r, src_col + c)` for `c < cols`, between two matrices in panels.
///
/// | argument | meaning |
/// |---|---|
/// | `rows` | rows to copy |
/// | `src`, `dst` | the first of those rows, at column 0 of panel 0 |
/// | `src_panel_stride_bytes`, `dst_panel_stride_bytes` | from a panel to the next |
/// | `src_col`, `dst_col` | the first column of the range, in either matrix; any value |
/// | `cols` | columns to copy |
///
/// # Safety
/// The ranges are readable and writable and do not overlap. The processor must have the table's
/// instruction set.
pub type CopyColumns = unsafe extern "C" fn(
    rows: usize,
    src: *const f32,
    src_panel_stride_bytes: usize,
    src_col: usize,
    dst: *mut f32,
    dst_panel_stride_bytes: usize,
    dst_col: usize,
    cols: usize,
);

/// The kernels of one instruction set. Obtained from [`table`] only, so that a table in hand proves that
/// the processor can run it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Table {
    /// What the kernels are compiled for.
    pub isa: Isa,
    /// Rows of the largest register tile: blocks of a multiple of it run fastest.
    pub tile_rows: usize,
    /// One panel of `A · B`, any number of rows.
    pub matmul_nn_block: MatMulNn,
    /// The same for at most 14 rows.
    pub matmul_nn: MatMulNn,
    /// One row of `A · B`, any number of panels.
    pub matmul_nn_row: MatMulNnRow,
    /// One panel of `Aᵀ · B`, up to 32 columns of A.
    pub matmul_tn_block: MatMulTn,
    /// The same for at most 14 columns of A.
    pub matmul_tn: MatMulTn,
    /// One 32 × 32 block transposed.
    pub transpose: Transpose,
    /// Part of a block transposed.
    pub transpose_part: TransposePart,
    /// Samples of bytes into panels.
    pub gather_u8: GatherU8,
    /// Samples of f32 into panels.
    pub gather_f32: GatherF32,
    /// A range of columns from one matrix to another.
    pub copy_columns: CopyColumns,
}

impl Table {
    /// The names generated code links to, with their addresses.
    pub fn symbols(&self) -> impl Iterator<Item = (&'static str, *const u8)> {
        [
            ("kiln_matmul_nn_block", self.matmul_nn_block as *const u8),
            ("kiln_matmul_nn", self.matmul_nn as *const u8),
            ("kiln_matmul_nn_row", self.matmul_nn_row as *const u8),
            ("kiln_matmul_tn_block", self.matmul_tn_block as *const u8),
            ("kiln_matmul_tn", self.matmul_tn as *const u8),
            ("kiln_transpose", self.transpose as *const u8),
            ("kiln_transpose_part", self.transpose_part as *const u8),
            ("kiln_gather_u8", self.gather_u8 as *const u8),
            ("kiln_gather_f32", self.gather_f32 as *const u8),
            ("kiln_copy_columns", self.copy_columns as *const u8),
        ]
        .into_iter()
    }
}

/// The table of an instruction set.
///
/// # Panics
/// When this processor does not have it; see [`Isa::is_available`].
pub fn table(isa: Isa) -> &'static Table {
    assert!(isa.is_available(), "this processor has no {isa}");
    match isa {
        Isa::Portable => &PORTABLE,
        #[cfg(target_arch = "aarch64")]
        Isa::Neon => &NEON,
        #[cfg(not(target_arch = "aarch64"))]
        Isa::Neon => unreachable!("asserted above"),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => &AVX2,
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => &AVX512,
        #[cfg(not(target_arch = "x86_64"))]
        Isa::Avx2 | Isa::Avx512 => unreachable!("asserted above"),
    }
}

/// The kernels of a module of [`isa`] as a table. The plain matmuls are the block ones: a block of one
/// tile takes the same path without a division.
macro_rules! kernels {
    ($isa:expr, $module:ident) => {
        Table {
            isa: $isa,
            tile_rows: isa::$module::TILE_ROWS,
            matmul_nn_block: isa::$module::matmul_nn_block,
            matmul_nn: isa::$module::matmul_nn_block,
            matmul_nn_row: isa::$module::matmul_nn_row,
            matmul_tn_block: isa::$module::matmul_tn_block,
            matmul_tn: isa::$module::matmul_tn_block,
            transpose: isa::$module::transpose,
            transpose_part: isa::$module::transpose_part,
            gather_u8: isa::$module::gather_u8,
            gather_f32: isa::$module::gather_f32,
            copy_columns: isa::$module::copy_columns,
        }
    };
}

static PORTABLE: Table = kernels!(Isa::Portable, portable);
#[cfg(target_arch = "aarch64")]
static NEON: Table = kernels!(Isa::Neon, neon);
#[cfg(target_arch = "x86_64")]
static AVX2: Table = kernels!(Isa::Avx2, avx2);
#[cfg(target_arch = "x86_64")]
static AVX512: Table = kernels!(Isa::Avx512, avx512);
