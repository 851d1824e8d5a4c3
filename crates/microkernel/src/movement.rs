//! Kernels that only move data: gather, column copy, and the loop over the squares of a transpose.
//!
//! In: rows of raw samples, or panels. Out: panels. The bodies are plain Rust, always inlined into an
//! entry point that carries the instruction set's features, so that the compiler vectorises each copy
//! at its full width. Decoding is one multiply and one add, never fused: every instruction set gives the
//! same bits.

use crate::PANEL_COLUMNS;

/// How a sample of a data column becomes an f32.
pub(crate) trait Decode: Copy {
    /// The stored type.
    type Stored: Copy + Default;

    /// The value in the matrix.
    fn decode(self, stored: Self::Stored) -> f32;
}

/// `stored · scale + offset`, rounded twice.
#[derive(Clone, Copy)]
pub(crate) struct Scaled {
    pub(crate) scale: f32,
    pub(crate) offset: f32,
}

impl Decode for Scaled {
    type Stored = u8;

    #[inline(always)]
    fn decode(self, stored: u8) -> f32 {
        f32::from(stored) * self.scale + self.offset
    }
}

/// The value as it is.
#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl Decode for Plain {
    type Stored = f32;

    #[inline(always)]
    fn decode(self, stored: f32) -> f32 {
        stored
    }
}

/// Samples that are asked for before their turn: they are picked at random, so nothing but their numbers says
/// where the next one is.
const ROWS_AHEAD: usize = 4;

/// Bytes of a sample that are asked for: what comes after them the processor expects by itself, and several
/// samples of more would push each other out of its first cache.
const ASKED_AT_MOST: usize = 4096;

/// Asks for the bytes from an address on, which need not be there. Only a hint, and only where there is one in
/// the language.
#[inline(always)]
pub(crate) fn ask_for(from: *const u8, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..bytes.min(ASKED_AT_MOST)).step_by(64) {
        // SAFETY:
        // - A prefetch of any address is no access.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(line).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (from, bytes);
}

/// `dst(r, c) = decode(src[rows[r] · cols + c])`; padding of the last panel becomes 0.
///
/// # Safety
/// - `rows[.. n_rows]` is readable, and so is `src[rows[r] · cols ..][.. cols]` for each of them;
/// - `dst` has `n_rows` writable rows in each of `ceil(cols / 32)` panels, and overlaps neither.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the ABI's arguments, and how to decode")]
pub(crate) unsafe fn gather<D: Decode>(
    rows: *const u32,
    n_rows: usize,
    src: *const D::Stored,
    cols: usize,
    decode: D,
    dst: *mut f32,
    dst_panel_stride: usize,
) {
    let (panels, rest) = (cols / PANEL_COLUMNS, cols % PANEL_COLUMNS);
    let ask_for_row = |r: usize| {
        if r < n_rows {
            // SAFETY:
            // - `r < n_rows`: the index is readable.
            let sample = unsafe { *rows.add(r) } as usize;
            ask_for(src.wrapping_add(sample * cols).cast(), cols * size_of::<D::Stored>());
        }
    };
    for r in 0..ROWS_AHEAD {
        ask_for_row(r);
    }
    for r in 0..n_rows {
        ask_for_row(r + ROWS_AHEAD);
        // SAFETY:
        // - `r < n_rows`: the index is readable, and names a readable row of `src`.
        let src = unsafe { src.add(*rows.add(r) as usize * cols) };
        // Whole rows outside, panels inside: samples are picked at random, so each is read once, in
        // order.
        for p in 0..panels {
            // SAFETY:
            // - `(p + 1) · 32 ≤ cols`: 32 elements are readable, and row `r` of panel `p` is
            //   writable. Arrays of f32 and u8 need no more alignment than their elements.
            unsafe {
                let stored = src.add(p * PANEL_COLUMNS).cast::<[D::Stored; PANEL_COLUMNS]>().read();
                let row = dst.byte_add(p * dst_panel_stride).add(r * PANEL_COLUMNS);
                row.cast::<[f32; PANEL_COLUMNS]>().write(decode_row(decode, &stored));
            }
        }
        if rest > 0 {
            let mut values = [0.0; PANEL_COLUMNS];
            for (c, value) in values.iter_mut().enumerate().take(rest) {
                // SAFETY:
                // - `panels · 32 + c < cols`.
                *value = decode.decode(unsafe { *src.add(panels * PANEL_COLUMNS + c) });
            }
            // SAFETY:
            // - With a rest there is one more panel, and its row `r` is writable.
            unsafe {
                let row = dst.byte_add(panels * dst_panel_stride).add(r * PANEL_COLUMNS);
                row.cast::<[f32; PANEL_COLUMNS]>().write(values);
            }
        }
    }
}

/// One row of a panel. A loop and not `map`: a closure's call inside the standard library is compiled
/// without the caller's features, and the row would be done in narrow vectors.
#[inline(always)]
fn decode_row<D: Decode>(decode: D, stored: &[D::Stored; PANEL_COLUMNS]) -> [f32; PANEL_COLUMNS] {
    let mut values = [0.0; PANEL_COLUMNS];
    for (value, stored) in values.iter_mut().zip(stored) {
        *value = decode.decode(*stored);
    }
    values
}

/// Copies `cols` columns from column `src_col` of one matrix to column `dst_col` of another.
///
/// # Safety
/// - `src` has `rows` readable rows in columns `src_col .. src_col + cols`, and `dst` writable ones in
///   `dst_col .. dst_col + cols`; the two do not overlap.
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "two matrices by pointer, stride and column, as the ABI gives them"
)]
pub(crate) unsafe fn copy_columns(
    rows: usize,
    src: *const f32,
    src_panel_stride: usize,
    src_col: usize,
    dst: *mut f32,
    dst_panel_stride: usize,
    dst_col: usize,
    cols: usize,
) {
    let mut done = 0;
    while done < cols {
        let (from, to) = (src_col + done, dst_col + done);
        let (from_lane, to_lane) = (from % PANEL_COLUMNS, to % PANEL_COLUMNS);
        // As far as both stay in their panel.
        let run = (cols - done).min(PANEL_COLUMNS - from_lane).min(PANEL_COLUMNS - to_lane);
        // SAFETY:
        // - Columns `from .. from + run` and `to .. to + run` are inside the contract's ranges, each
        //   in one panel; so are their rows below `rows`.
        unsafe {
            let src = src.byte_add(from / PANEL_COLUMNS * src_panel_stride).add(from_lane);
            let dst = dst.byte_add(to / PANEL_COLUMNS * dst_panel_stride).add(to_lane);
            if run == PANEL_COLUMNS {
                copy_whole_rows(rows, src, dst);
            } else {
                copy_part_rows(rows, src, dst, run);
            }
        }
        done += run;
    }
}

/// Rows of a whole panel are contiguous.
///
/// # Safety
/// `rows · 32` elements are readable at `src`, writable at `dst`, and do not overlap.
#[inline(always)]
unsafe fn copy_whole_rows(rows: usize, src: *const f32, dst: *mut f32) {
    // SAFETY:
    // - The contract is that of `copy_nonoverlapping`.
    unsafe { dst.copy_from_nonoverlapping(src, rows * PANEL_COLUMNS) };
}

/// `run < 32` elements of each row, in pieces of constant length: a call to `memcpy` per row would cost
/// more than the copy.
///
/// # Safety
/// `run` elements are readable at `src + r · 32` and writable at `dst + r · 32` for all `r < rows`.
#[inline(always)]
unsafe fn copy_part_rows(rows: usize, src: *const f32, dst: *mut f32, run: usize) {
    for r in 0..rows {
        let mut at = r * PANEL_COLUMNS;
        // SAFETY:
        // - The pieces are the binary digits of `run`: together they are `run` elements of row `r`.
        unsafe {
            if run & 16 != 0 {
                copy_piece::<16>(src, dst, &mut at);
            }
            if run & 8 != 0 {
                copy_piece::<8>(src, dst, &mut at);
            }
            if run & 4 != 0 {
                copy_piece::<4>(src, dst, &mut at);
            }
            if run & 2 != 0 {
                copy_piece::<2>(src, dst, &mut at);
            }
            if run & 1 != 0 {
                copy_piece::<1>(src, dst, &mut at);
            }
        }
    }
}

/// Copies `N` elements at offset `at`, and moves `at` past them.
///
/// # Safety
/// They are readable at `src`, writable at `dst`.
#[inline(always)]
unsafe fn copy_piece<const N: usize>(src: *const f32, dst: *mut f32, at: &mut usize) {
    // SAFETY:
    // - By contract; an array of f32 needs no more alignment than its elements.
    unsafe { dst.add(*at).cast::<[f32; N]>().write(src.add(*at).cast::<[f32; N]>().read()) };
    *at += N;
}

/// Stamps the entry points of this file on an instruction set whose module has `transpose_square`, which
/// transposes `lanes` × `lanes` elements between rows of 128 bytes.
macro_rules! movement_kernels {
    (features: { $(#[$feature:meta])* }, lanes: $lanes:literal,) => {
        /// See [`Transpose`](crate::table::Transpose).
        ///
        /// # Safety
        /// The contract of [`Transpose`](crate::table::Transpose).
        $(#[$feature])*
        pub(crate) unsafe extern "C" fn transpose(src: *const f32, dst: *mut f32) {
            for i in (0..32).step_by($lanes) {
                for j in (0..32).step_by($lanes) {
                    // SAFETY:
                    // - `lanes` divides 32: the square at (i, j) is inside the block, and so is the
                    //   one at (j, i).
                    unsafe { transpose_square(src.add(i * 32 + j), dst.add(j * 32 + i)) };
                }
            }
        }

        /// See [`TransposePart`](crate::table::TransposePart).
        ///
        /// # Safety
        /// The contract of [`TransposePart`](crate::table::TransposePart).
        $(#[$feature])*
        pub(crate) unsafe extern "C" fn transpose_part(rows: usize, cols: usize, src: *const f32, dst: *mut f32) {
            let whole = |n: usize| n - n % $lanes;
            for i in (0..whole(rows)).step_by($lanes) {
                for j in (0..whole(cols)).step_by($lanes) {
                    // SAFETY:
                    // - The square at (i, j) is within `rows` × `cols`, and the one at (j, i) within
                    //   `cols` × `rows`.
                    unsafe { transpose_square(src.add(i * 32 + j), dst.add(j * 32 + i)) };
                }
            }
            // What is left: the last columns, then the last rows.
            for i in 0..rows {
                let from = if i < whole(rows) { whole(cols) } else { 0 };
                for j in from..cols {
                    // SAFETY:
                    // - `i < rows` and `j < cols`.
                    unsafe { *dst.add(j * 32 + i) = *src.add(i * 32 + j) };
                }
            }
        }

        /// See [`GatherU8`](crate::table::GatherU8).
        ///
        /// # Safety
        /// The contract of [`GatherU8`](crate::table::GatherU8).
        $(#[$feature])*
        pub(crate) unsafe extern "C" fn gather_u8(
            rows: *const u32,
            n_rows: usize,
            src: *const u8,
            cols: usize,
            scale: f32,
            offset: f32,
            dst: *mut f32,
            dst_panel_stride_bytes: usize,
        ) {
            let scaled = $crate::movement::Scaled { scale, offset };
            // SAFETY:
            // - The contracts are the same.
            unsafe {
                $crate::movement::gather(rows, n_rows, src, cols, scaled, dst, dst_panel_stride_bytes);
            }
        }

        /// See [`GatherF32`](crate::table::GatherF32).
        ///
        /// # Safety
        /// The contract of [`GatherF32`](crate::table::GatherF32).
        $(#[$feature])*
        pub(crate) unsafe extern "C" fn gather_f32(
            rows: *const u32,
            n_rows: usize,
            src: *const f32,
            cols: usize,
            dst: *mut f32,
            dst_panel_stride_bytes: usize,
        ) {
            let plain = $crate::movement::Plain;
            // SAFETY:
            // - The contracts are the same.
            unsafe {
                $crate::movement::gather(rows, n_rows, src, cols, plain, dst, dst_panel_stride_bytes);
            }
        }

        /// See [`CopyColumns`](crate::table::CopyColumns).
        ///
        /// # Safety
        /// The contract of [`CopyColumns`](crate::table::CopyColumns).
        $(#[$feature])*
        pub(crate) unsafe extern "C" fn copy_columns(
            rows: usize,
            src: *const f32,
            src_panel_stride_bytes: usize,
            src_col: usize,
            dst: *mut f32,
            dst_panel_stride_bytes: usize,
            dst_col: usize,
            cols: usize,
        ) {
            let (from, to) = (src_panel_stride_bytes, dst_panel_stride_bytes);
            // SAFETY:
            // - The contracts are the same.
            unsafe { $crate::movement::copy_columns(rows, src, from, src_col, dst, to, dst_col, cols) };
        }
    };
}
