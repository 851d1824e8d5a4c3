//! AVX2 and FMA: 8 lanes, 16 registers. A panel's row is four vectors; tiles take two of them and at most
//! 6 rows, 12 sums, which leaves two registers for B and two for broadcasts.

use std::arch::x86_64::{
    __m256, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_permute2f128_ps, _mm256_set1_ps, _mm256_setzero_ps,
    _mm256_shuffle_ps, _mm256_storeu_ps, _mm256_unpackhi_ps, _mm256_unpacklo_ps,
};

/// # Safety
/// 8 elements are readable at `from`.
#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn load(from: *const f32) -> __m256 {
    // SAFETY:
    // - By contract; the unaligned load asks for no alignment.
    unsafe { _mm256_loadu_ps(from) }
}

/// # Safety
/// 8 elements are writable at `to`.
#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn store(to: *mut f32, lanes: __m256) {
    // SAFETY:
    // - By contract; the unaligned store asks for no alignment.
    unsafe { _mm256_storeu_ps(to, lanes) }
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn zero() -> __m256 {
    _mm256_setzero_ps()
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn splat(value: f32) -> __m256 {
    _mm256_set1_ps(value)
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn multiply_add(a: __m256, b: __m256, sum: __m256) -> __m256 {
    _mm256_fmadd_ps(a, b, sum)
}

/// Transposes 8 × 8: 4 × 4 inside the 128-bit halves of each group of four rows, then the halves.
///
/// # Safety
/// 8 rows of 8 elements, 128 bytes apart, are readable at `src` and writable at `dst`.
#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn transpose_square(src: *const f32, dst: *mut f32) {
    let mut rows = [zero(); 8];
    for (i, row) in rows.iter_mut().enumerate() {
        // SAFETY:
        // - `i < 8`.
        *row = unsafe { load(src.add(i * 32)) };
    }
    // quads[g][c], half h: elements (4g .. 4g + 4, 4h + c). Loops and not `map`, whose body would be
    // compiled without this function's features.
    let mut quads = [[zero(); 4]; 2];
    for (quad, four) in quads.iter_mut().zip(rows.chunks_exact(4)) {
        let (low_ab, high_ab) = (_mm256_unpacklo_ps(four[0], four[1]), _mm256_unpackhi_ps(four[0], four[1]));
        let (low_cd, high_cd) = (_mm256_unpacklo_ps(four[2], four[3]), _mm256_unpackhi_ps(four[2], four[3]));
        quad[0] = _mm256_shuffle_ps::<0b01_00_01_00>(low_ab, low_cd);
        quad[1] = _mm256_shuffle_ps::<0b11_10_11_10>(low_ab, low_cd);
        quad[2] = _mm256_shuffle_ps::<0b01_00_01_00>(high_ab, high_cd);
        quad[3] = _mm256_shuffle_ps::<0b11_10_11_10>(high_ab, high_cd);
    }
    let [upper, lower] = quads;
    for c in 0..4 {
        let (above, below) = (upper[c], lower[c]);
        // SAFETY:
        // - Columns `c` and `c + 4` are below 8.
        unsafe {
            store(dst.add(c * 32), _mm256_permute2f128_ps::<0x20>(above, below));
            store(dst.add((c + 4) * 32), _mm256_permute2f128_ps::<0x31>(above, below));
        }
    }
}

matmul_kernels! {
    features: { #[target_feature(enable = "avx2,fma")] },
    vector: __m256,
    lanes: 8,
    rows: [1 2 3 4 5 6],
    vectors: [2, 2],
}

movement_kernels! {
    features: { #[target_feature(enable = "avx2,fma")] },
    lanes: 8,
}
