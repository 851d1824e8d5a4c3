//! NEON: 4 lanes, 32 registers. Tiles of 6 rows × 4 vectors hold 24 sums. Written for simplicity; it is
//! compiled and tested on 64-bit Arm only, and has not been tuned there.

use std::arch::aarch64::{
    float32x4_t, vdupq_n_f32, vfmaq_f32, vld1q_f32, vreinterpretq_f32_f64, vreinterpretq_f64_f32, vst1q_f32,
    vtrn1q_f32, vtrn1q_f64, vtrn2q_f32, vtrn2q_f64,
};

/// # Safety
/// 4 elements are readable at `from`.
#[target_feature(enable = "neon")]
#[inline]
unsafe fn load(from: *const f32) -> float32x4_t {
    // SAFETY:
    // - By contract; the load asks for no more alignment than f32's.
    unsafe { vld1q_f32(from) }
}

/// # Safety
/// 4 elements are writable at `to`.
#[target_feature(enable = "neon")]
#[inline]
unsafe fn store(to: *mut f32, lanes: float32x4_t) {
    // SAFETY:
    // - By contract; the store asks for no more alignment than f32's.
    unsafe { vst1q_f32(to, lanes) }
}

#[target_feature(enable = "neon")]
#[inline]
fn zero() -> float32x4_t {
    vdupq_n_f32(0.0)
}

#[target_feature(enable = "neon")]
#[inline]
fn splat(value: f32) -> float32x4_t {
    vdupq_n_f32(value)
}

#[target_feature(enable = "neon")]
#[inline]
fn multiply_add(a: float32x4_t, b: float32x4_t, sum: float32x4_t) -> float32x4_t {
    vfmaq_f32(sum, a, b)
}

/// Transposes 4 × 4: pairs of elements, then pairs of pairs.
///
/// # Safety
/// 4 rows of 4 elements, 128 bytes apart, are readable at `src` and writable at `dst`.
#[target_feature(enable = "neon")]
#[inline]
unsafe fn transpose_square(src: *const f32, dst: *mut f32) {
    // SAFETY:
    // - Rows 0 to 3 are readable by contract.
    let [a, b, c, d] =
        unsafe { [load(src), load(src.add(32)), load(src.add(2 * 32)), load(src.add(3 * 32))] };
    let even = [vreinterpretq_f64_f32(vtrn1q_f32(a, b)), vreinterpretq_f64_f32(vtrn1q_f32(c, d))];
    let odd = [vreinterpretq_f64_f32(vtrn2q_f32(a, b)), vreinterpretq_f64_f32(vtrn2q_f32(c, d))];
    // SAFETY:
    // - Rows 0 to 3 are writable by contract.
    unsafe {
        store(dst, vreinterpretq_f32_f64(vtrn1q_f64(even[0], even[1])));
        store(dst.add(32), vreinterpretq_f32_f64(vtrn1q_f64(odd[0], odd[1])));
        store(dst.add(2 * 32), vreinterpretq_f32_f64(vtrn2q_f64(even[0], even[1])));
        store(dst.add(3 * 32), vreinterpretq_f32_f64(vtrn2q_f64(odd[0], odd[1])));
    }
}

matmul_kernels! {
    features: { #[target_feature(enable = "neon")] },
    vector: float32x4_t,
    lanes: 4,
    rows: [1 2 3 4 5 6],
    vectors: [4, 4],
}

movement_kernels! {
    features: { #[target_feature(enable = "neon")] },
    lanes: 4,
}
