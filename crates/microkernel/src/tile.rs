//! The matmul tile, written once and stamped on every instruction set.
//!
//! In: the vocabulary of the module that calls [`matmul_kernels!`] (`zero`, `load`, `store`, `splat`,
//! `multiply_add`) and the shape of its register tile. Out: `matmul_nn_block`, `matmul_tn_block` and `matmul_nn_row`.
//!
//! One idea: both products are `C[rows, 32] += Σ_k column_k(A) ⊗ row_k(B)`, and differ only in how far
//! apart A's elements are. A step of `k` loads one row of B, broadcasts one element of A per row of C,
//! and multiplies all pairs into accumulators that never leave the registers:
//!
//! ```text
//! for r in 0..R, v in 0..V:  sums[r][v] += a[r · ROW + k · STEP] · b[k · 32 + v · LANES ..]
//!     nn: A[r][k], ROW = 32 (next row),    STEP = 1  (next column)
//!     tn: A[k][r], ROW = 1  (next column), STEP = 32 (next row)
//! ```
//!
//! A macro and not a generic over a trait: `#[target_feature]` has to stand on each function for the
//! intrinsics to be inlined into it, and generics cannot carry it.
//!
//! Invariants: nothing is read or written outside the rows and columns named by `rows`, `nv` and `k`;
//! each sum is in the order of `k`.

/// Splits `rows` into the fewest tiles of at most `tile_rows`, as even as possible: gives the height of
/// the first one. Even tiles, because a tile of one or two rows waits for its own additions.
#[inline(always)]
pub(crate) fn tile_height(rows: usize, tile_rows: usize) -> usize {
    // One tile is the usual case for thin blocks and should not pay for a division.
    if rows <= tile_rows { rows } else { rows.div_ceil(rows.div_ceil(tile_rows)) }
}

/// Rows of A and B that one pass of `tn` takes. Where a long batch streams both operands from memory, a
/// piece of 2 · 1024 · 128 bytes stays in L2 while the tiles of a block re-read it. Measured with
/// `examples/tiles.rs` (`k = 11200`, 48 panels, 32 columns, Zen 4, other work on the machine): 1024 is
/// 5–35 % faster than no cut, and 256 and 64 are slower than either on average; with everything in L3 the
/// cut costs nothing.
pub(crate) const TN_PIECE: usize = 1024;

/// Stamps the matmul kernels on an instruction set.
///
/// - `features`: the attribute of every function (empty for portable code);
/// - `rows`: the heights a register tile may have, 1, 2, … up to the largest;
/// - `vectors`: vectors of B per register tile when 16 and when 32 columns are wanted.
macro_rules! matmul_kernels {
    (
        features: { $(#[$feature:meta])* },
        vector: $vector:ty,
        lanes: $lanes:literal,
        rows: [$($height:literal)*],
        vectors: [$narrow:literal, $wide:literal],
    ) => {
        /// Height of the largest register tile.
        pub(crate) const TILE_ROWS: usize = [$($height),*].len();

        /// `(k, a, a_panel_stride in bytes, b, c, accumulate)`.
        type Tile = unsafe fn(usize, *const f32, usize, *const f32, *mut f32, bool);

        /// One step of `k`: `sums[r] += a[r · ROW] · b`.
        ///
        /// # Safety
        /// `a[r · ROW]` for `r < R` and `b[.. V · LANES]` are readable.
        $(#[$feature])*
        #[inline]
        unsafe fn step<const R: usize, const V: usize, const ROW: usize>(
            sums: &mut [[$vector; V]; R],
            a: *const f32,
            b: *const f32,
        ) {
            let mut row = [zero(); V];
            for (v, lane) in row.iter_mut().enumerate() {
                // SAFETY:
                // - `v < V`, so the vector ends within `b[.. V · LANES]`, readable by contract.
                *lane = unsafe { load(b.add(v * $lanes)) };
            }
            for (r, sum) in sums.iter_mut().enumerate() {
                // SAFETY:
                // - `r < R`, so the element is one of those readable by contract.
                let element = splat(unsafe { *a.add(r * ROW) });
                for v in 0..V {
                    sum[v] = multiply_add(element, row[v], sum[v]);
                }
            }
        }

        /// One register tile: `C[R, V · LANES] (+)= A[R, k] · B[k, V · LANES]`.
        ///
        /// # Safety
        /// With `(kk / 32) · a_panel_stride` bytes + `(kk % 32) · STEP + r · ROW` elements from `a`,
        /// `kk · 32 + lane` from `b` and `r · 32 + lane` from `c`, for all `r < R`, `kk < k`,
        /// `lane < V · LANES`: A and B are readable, C is writable, readable when accumulating, and
        /// overlaps neither.
        $(#[$feature])*
        unsafe fn tile<const R: usize, const V: usize, const ROW: usize, const STEP: usize>(
            k: usize,
            a: *const f32,
            a_panel_stride: usize,
            b: *const f32,
            c: *mut f32,
            accumulate: bool,
        ) {
            let mut sums = [[zero(); V]; R];
            if accumulate {
                for (r, sum) in sums.iter_mut().enumerate() {
                    for (v, lanes) in sum.iter_mut().enumerate() {
                        // SAFETY:
                        // - `r < R` and `v < V`: inside C, readable when accumulating.
                        *lanes = unsafe { load(c.add(r * 32 + v * $lanes)) };
                    }
                }
                // Sums that go on are usually not in the first caches, and the first step waits for them: those of
                // the tile below are asked for meanwhile.
                $crate::movement::ask_for(c.wrapping_add(R * 32).cast(), R * 128);
            }
            // No software prefetch: the next rows of B are what the hardware expects, and asking for them
            // 16 steps ahead changed nothing, with B in L2 or in L3.
            let (mut a, mut b) = (a, b);
            for _ in 0..k / 32 {
                // Four steps per turn: enough to hide the loop, and the largest tile's code stays
                // near 1 KiB, inside the micro-op cache.
                for quarter in (0..32).step_by(4) {
                    for kk in quarter..quarter + 4 {
                        // SAFETY:
                        // - `a` is at the start of a panel with 32 valid steps, `b` at their rows,
                        //   and `kk < 32`.
                        unsafe { step::<R, V, ROW>(&mut sums, a.add(kk * STEP), b.add(kk * 32)) };
                    }
                }
                // Wrapping: after the last panel the address may lie outside the allocation.
                a = a.wrapping_byte_add(a_panel_stride);
                b = b.wrapping_add(32 * 32);
            }
            for kk in 0..k % 32 {
                // SAFETY:
                // - `k % 32 > kk` steps are left in this panel, so `a` and `b` are inside A and B.
                unsafe { step::<R, V, ROW>(&mut sums, a.add(kk * STEP), b.add(kk * 32)) };
            }
            for (r, sum) in sums.iter().enumerate() {
                for (v, lanes) in sum.iter().enumerate() {
                    // SAFETY:
                    // - `r < R` and `v < V`: inside C, writable by contract.
                    unsafe { store(c.add(r * 32 + v * $lanes), *lanes) };
                }
            }
        }

        /// Any number of rows and `columns` of C as register tiles of `V` vectors.
        ///
        /// # Safety
        /// As [`tile`], for `rows` rows and `columns` lanes; `columns` is a multiple of `V · LANES`.
        $(#[$feature])*
        #[inline]
        #[allow(clippy::too_many_arguments, reason = "the ABI's arguments, handed on in registers")]
        unsafe fn block<const V: usize, const ROW: usize, const STEP: usize>(
            rows: usize,
            columns: usize,
            k: usize,
            a: *const f32,
            a_panel_stride: usize,
            b: *const f32,
            c: *mut f32,
            accumulate: bool,
        ) {
            let tiles: &[Tile; TILE_ROWS] = const { &[$(tile::<$height, V, ROW, STEP>),*] };
            for column in (0..columns).step_by(V * $lanes) {
                let mut row = 0;
                while row < rows {
                    let height = $crate::tile::tile_height(rows - row, TILE_ROWS);
                    // SAFETY:
                    // - `row + height ≤ rows` and `column + V · LANES ≤ columns`: the tile's A, B and
                    //   C are parts of this block's, which the contract covers.
                    // - The features of the tile are those of this function.
                    unsafe {
                        let (a, b) = (a.add(row * ROW), b.add(column));
                        tiles[height - 1](k, a, a_panel_stride, b, c.add(row * 32 + column), accumulate);
                    }
                    row += height;
                }
            }
        }

        /// See [`MatMulNn`](crate::table::MatMulNn).
        ///
        /// # Safety
        /// The contract of [`MatMulNn`](crate::table::MatMulNn).
        $(#[$feature])*
        pub(crate) unsafe extern "C" fn matmul_nn_block(
            rows: usize,
            nv: usize,
            k: usize,
            a: *const f32,
            a_panel_stride_bytes: usize,
            b: *const f32,
            c: *mut f32,
            accumulate: usize,
        ) {
            let (stride, accumulate) = (a_panel_stride_bytes, accumulate != 0);
            // SAFETY:
            // - Element (r, kk) of A is `(kk / 32) · stride` bytes + `r · 32 + kk % 32` elements from
            //   `a`: ROW = 32, STEP = 1. B and C are as in `block`.
            unsafe {
                if nv == 1 {
                    block::<$narrow, 32, 1>(rows, 16, k, a, stride, b, c, accumulate);
                } else {
                    block::<$wide, 32, 1>(rows, 32, k, a, stride, b, c, accumulate);
                }
            }
        }

        /// Panels that one row goes over at a time: eight sums, so that none waits for its own last step.
        const ROW_PANELS: usize = $lanes / 4;

        /// One row of A times `P` panels of B.
        ///
        /// # Safety
        /// The contract of [`MatMulNnRow`](crate::table::MatMulNnRow) for `P` panels.
        $(#[$feature])*
        #[inline]
        #[allow(clippy::too_many_arguments, reason = "the ABI's arguments, handed on in registers")]
        unsafe fn row<const P: usize>(
            k: usize,
            a: *const f32,
            a_stride: usize,
            b: *const f32,
            b_stride: usize,
            c: *mut f32,
            c_stride: usize,
            accumulate: bool,
        ) {
            const V: usize = 32 / $lanes;
            let mut sums = [[zero(); V]; P];
            if accumulate {
                for (p, sum) in sums.iter_mut().enumerate() {
                    for (v, lanes) in sum.iter_mut().enumerate() {
                        // SAFETY:
                        // - Panel `p < P` of C, inside its 32 columns, readable when accumulating.
                        *lanes = unsafe { load(c.byte_add(p * c_stride).add(v * $lanes)) };
                    }
                }
            }
            for kk in 0..k {
                // SAFETY:
                // - Column `kk < k` of A, and row `kk` of panels below `P` of B.
                unsafe {
                    let element = splat(*a.byte_add(kk / 32 * a_stride).add(kk % 32));
                    for (p, sum) in sums.iter_mut().enumerate() {
                        let b = b.byte_add(p * b_stride).add(kk * 32);
                        for (v, lanes) in sum.iter_mut().enumerate() {
                            *lanes = multiply_add(element, load(b.add(v * $lanes)), *lanes);
                        }
                    }
                }
            }
            for (p, sum) in sums.iter().enumerate() {
                for (v, lanes) in sum.iter().enumerate() {
                    // SAFETY:
                    // - Panel `p < P` of C, inside its 32 columns.
                    unsafe { store(c.byte_add(p * c_stride).add(v * $lanes), *lanes) };
                }
            }
        }

        /// See [`MatMulNnRow`](crate::table::MatMulNnRow).
        ///
        /// # Safety
        /// The contract of [`MatMulNnRow`](crate::table::MatMulNnRow).
        $(#[$feature])*
        pub(crate) unsafe extern "C" fn matmul_nn_row(
            panels: usize,
            k: usize,
            a: *const f32,
            a_panel_stride_bytes: usize,
            b: *const f32,
            b_panel_stride_bytes: usize,
            c: *mut f32,
            c_panel_stride_bytes: usize,
            accumulate: usize,
        ) {
            let (a_stride, accumulate) = (a_panel_stride_bytes, accumulate != 0);
            let mut done = 0;
            while done < panels {
                // SAFETY:
                // - The panels from `done` on are inside B and C, and no more of them are taken than
                //   there are.
                unsafe {
                    let (b, c) = (b.byte_add(done * b_panel_stride_bytes), c.byte_add(done * c_panel_stride_bytes));
                    if panels - done >= ROW_PANELS {
                        row::<ROW_PANELS>(k, a, a_stride, b, b_panel_stride_bytes, c, c_panel_stride_bytes, accumulate);
                        done += ROW_PANELS;
                    } else {
                        row::<1>(k, a, a_stride, b, b_panel_stride_bytes, c, c_panel_stride_bytes, accumulate);
                        done += 1;
                    }
                }
            }
        }

        /// See [`MatMulTn`](crate::table::MatMulTn).
        ///
        /// # Safety
        /// The contract of [`MatMulTn`](crate::table::MatMulTn).
        $(#[$feature])*
        pub(crate) unsafe extern "C" fn matmul_tn_block(
            cols: usize,
            nv: usize,
            k: usize,
            a: *const f32,
            b: *const f32,
            c: *mut f32,
            accumulate: usize,
        ) {
            let (mut done, mut accumulate) = (0, accumulate != 0);
            loop {
                let piece = (k - done).min($crate::tile::TN_PIECE);
                // SAFETY:
                // - Element (kk, j) of A is `kk · 32 + j` elements from `a`: ROW = 1, STEP = 32, and
                //   32 steps of k are 32 · 128 bytes.
                // - `done + piece ≤ k` rows of A and B are readable. C's accumulators continue from
                //   the piece before, which has written all of them.
                unsafe {
                    let (a, b) = (a.add(done * 32), b.add(done * 32));
                    if nv == 1 {
                        block::<$narrow, 1, 32>(cols, 16, piece, a, 32 * 128, b, c, accumulate);
                    } else {
                        block::<$wide, 1, 32>(cols, 32, piece, a, 32 * 128, b, c, accumulate);
                    }
                }
                done += piece;
                accumulate = true;
                if done == k {
                    return;
                }
            }
        }
    };
}
