//! Plain Rust for every processor: arrays of 4 lanes that LLVM keeps in one 128-bit register. A product is
//! rounded before it is added, because a fused multiply-add that the target lacks would be a library call.
//! Tiles of 5 rows × 2 vectors hold 10 sums, which fits the 16 registers of baseline x86-64.

/// Four lanes in one register.
#[derive(Clone, Copy)]
#[repr(align(16))]
struct Lanes([f32; 4]);

/// # Safety
/// 4 elements are readable at `from`.
#[inline(always)]
unsafe fn load(from: *const f32) -> Lanes {
    // SAFETY:
    // - By contract; an array of f32 is aligned as f32 is.
    Lanes(unsafe { from.cast::<[f32; 4]>().read() })
}

/// # Safety
/// 4 elements are writable at `to`.
#[inline(always)]
unsafe fn store(to: *mut f32, lanes: Lanes) {
    // SAFETY:
    // - By contract; an array of f32 is aligned as f32 is.
    unsafe { to.cast::<[f32; 4]>().write(lanes.0) }
}

#[inline(always)]
fn zero() -> Lanes {
    Lanes([0.0; 4])
}

#[inline(always)]
fn splat(value: f32) -> Lanes {
    Lanes([value; 4])
}

#[inline(always)]
fn multiply_add(Lanes(a): Lanes, Lanes(b): Lanes, Lanes(sum): Lanes) -> Lanes {
    Lanes([a[0] * b[0] + sum[0], a[1] * b[1] + sum[1], a[2] * b[2] + sum[2], a[3] * b[3] + sum[3]])
}

/// Transposes 4 × 4.
///
/// # Safety
/// 4 rows of 4 elements, 128 bytes apart, are readable at `src` and writable at `dst`.
#[inline(always)]
unsafe fn transpose_square(src: *const f32, dst: *mut f32) {
    // SAFETY:
    // - Rows 0 to 3 are readable by contract.
    let [a, b, c, d] =
        unsafe { [load(src).0, load(src.add(32)).0, load(src.add(2 * 32)).0, load(src.add(3 * 32)).0] };
    for j in 0..4 {
        // SAFETY:
        // - `j < 4`.
        unsafe { store(dst.add(j * 32), Lanes([a[j], b[j], c[j], d[j]])) };
    }
}

matmul_kernels! {
    features: {},
    vector: Lanes,
    lanes: 4,
    rows: [1 2 3 4 5],
    vectors: [2, 2],
}

movement_kernels! {
    features: {},
    lanes: 4,
}
