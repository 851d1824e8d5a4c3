//! AVX-512: 16 lanes, 32 registers. A tile of 14 rows × 2 vectors holds 28 sums, leaves two registers for
//! the row of B and two for broadcasts, and needs 16 loads for 28 multiply-adds.

use std::arch::x86_64::{
    __m512, __m512d, _mm512_castpd_ps, _mm512_castps_pd, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps,
    _mm512_setzero_ps, _mm512_shuffle_f32x4, _mm512_storeu_ps, _mm512_unpackhi_pd, _mm512_unpackhi_ps,
    _mm512_unpacklo_pd, _mm512_unpacklo_ps,
};

/// # Safety
/// 16 elements are readable at `from`.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
#[inline]
unsafe fn load(from: *const f32) -> __m512 {
    // SAFETY:
    // - By contract; the unaligned load asks for no alignment.
    unsafe { _mm512_loadu_ps(from) }
}

/// # Safety
/// 16 elements are writable at `to`.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
#[inline]
unsafe fn store(to: *mut f32, lanes: __m512) {
    // SAFETY:
    // - By contract; the unaligned store asks for no alignment.
    unsafe { _mm512_storeu_ps(to, lanes) }
}

#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
#[inline]
fn zero() -> __m512 {
    _mm512_setzero_ps()
}

#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
#[inline]
fn splat(value: f32) -> __m512 {
    _mm512_set1_ps(value)
}

#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
#[inline]
fn multiply_add(a: __m512, b: __m512, sum: __m512) -> __m512 {
    _mm512_fmadd_ps(a, b, sum)
}

/// Transposes 16 × 16: 4 × 4 inside the 128-bit quarters of each group of four rows, then the quarters
/// as a 4 × 4 of their own.
///
/// # Safety
/// 16 rows of 16 elements, 128 bytes apart, are readable at `src` and writable at `dst`.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
#[inline]
unsafe fn transpose_square(src: *const f32, dst: *mut f32) {
    let mut rows = [zero(); 16];
    for (i, row) in rows.iter_mut().enumerate() {
        // SAFETY:
        // - `i < 16`.
        *row = unsafe { load(src.add(i * 32)) };
    }
    // quads[g][c], quarter q: elements (4g .. 4g + 4, 4q + c). Loops and not `map`, whose body would be
    // compiled without this function's features.
    let mut quads = [[zero(); 4]; 4];
    for (quad, four) in quads.iter_mut().zip(rows.chunks_exact(4)) {
        let (low_ab, high_ab) = pairs(four[0], four[1]);
        let (low_cd, high_cd) = pairs(four[2], four[3]);
        quad[0] = _mm512_castpd_ps(_mm512_unpacklo_pd(low_ab, low_cd));
        quad[1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low_ab, low_cd));
        quad[2] = _mm512_castpd_ps(_mm512_unpacklo_pd(high_ab, high_cd));
        quad[3] = _mm512_castpd_ps(_mm512_unpackhi_pd(high_ab, high_cd));
    }
    let [first, second, third, fourth] = quads;
    for c in 0..4 {
        let [a, b, d, e] = [first[c], second[c], third[c], fourth[c]];
        // Quarters 0 and 1, then 2 and 3, of two groups each.
        let (ab_low, ab_high) =
            (_mm512_shuffle_f32x4::<0b01_00_01_00>(a, b), _mm512_shuffle_f32x4::<0b11_10_11_10>(a, b));
        let (de_low, de_high) =
            (_mm512_shuffle_f32x4::<0b01_00_01_00>(d, e), _mm512_shuffle_f32x4::<0b11_10_11_10>(d, e));
        let columns = [
            _mm512_shuffle_f32x4::<0b10_00_10_00>(ab_low, de_low),
            _mm512_shuffle_f32x4::<0b11_01_11_01>(ab_low, de_low),
            _mm512_shuffle_f32x4::<0b10_00_10_00>(ab_high, de_high),
            _mm512_shuffle_f32x4::<0b11_01_11_01>(ab_high, de_high),
        ];
        for (quarter, column) in columns.into_iter().enumerate() {
            // SAFETY:
            // - Column `4 · quarter + c < 16`.
            unsafe { store(dst.add((4 * quarter + c) * 32), column) };
        }
    }
}

/// Interleaves two rows: in each quarter, elements 0 and 1 of both, then 2 and 3 of both.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
#[inline]
fn pairs(a: __m512, b: __m512) -> (__m512d, __m512d) {
    (_mm512_castps_pd(_mm512_unpacklo_ps(a, b)), _mm512_castps_pd(_mm512_unpackhi_ps(a, b)))
}

matmul_kernels! {
    features: { #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")] },
    vector: __m512,
    lanes: 16,
    rows: [1 2 3 4 5 6 7 8 9 10 11 12 13 14],
    vectors: [1, 2],
}

movement_kernels! {
    features: { #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")] },
    lanes: 16,
}
