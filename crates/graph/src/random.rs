//! Random numbers as a pure function of seed, stream, step and position.
//!
//! In: a [`Key`] (seed, stream, step) and the index of an element. Out: that element's
//! number. Nothing is carried from one number to the next, so any thread may compute any
//! part, a resumed run sees what the first would have seen, and the compiled kernels
//! reproduce the numbers bit for bit with 32-bit integer lanes:
//!
//! ```text
//! index = row · cols + col                          (u32, wrapping; as all that follows)
//! x = index · 9E3779B9 + k0
//! x ^= x >> 16;  x *= 21F0AAAD;  x ^= x >> 15
//! x ^= k1;       x *= 735A2D97;  x ^= x >> 15       → bits
//! uniform = float(bits >> 8) · 2⁻²⁴                 → [0, 1)
//! normal  = √2 · erfinv(t),  t = 2 · (float(bits >> 8) + ½) · 2⁻²⁴ − 1
//! ```
//!
//! `normal` takes only operations that IEEE 754 rounds exactly (`+ − · / √`, never fused),
//! in the order in which they are written here; a kernel must keep that order.
//!
//! Not here: how dropout or noise use the numbers (crate `library`).

use crate::graph::Initial;

/// The step under which initial values are drawn: no training step has this number, so
/// they never share numbers with dropout or noise of the same stream.
const INITIAL_STEP: u64 = u64::MAX;
/// The stream of the order of samples; graphs count theirs from 0.
const SHUFFLE_STREAM: u32 = u32::MAX;
/// Redraws of a truncated normal before it is cut off; each fails with probability 0.0455.
const REDRAWS_MAX: u64 = 64;

/// `1 / 2²⁴`: distance between neighbouring uniform numbers.
pub const UNIFORM_STEP: f32 = 1.0 / 16_777_216.0;
/// [`Key::bits`]: what the index is multiplied by (2³² / golden ratio).
pub const INDEX_FACTOR: u32 = 0x9E37_79B9;
/// [`Key::bits`]: the two factors of the mixing (a low-bias 32-bit hash).
pub const MIX_FACTORS: [u32; 2] = [0x21F0_AAAD, 0x735A_2D97];
/// [`Key::normal`]: coefficients for `w < 5`, highest power of `w − 2.5` first (Giles, 2010).
pub const ERFINV_CENTRE: [f32; 9] = [
    2.810_226_4e-8,
    3.432_739_4e-7,
    -3.523_387_7e-6,
    -4.391_506_5e-6,
    2.185_808_7e-4,
    -1.253_725_e-3,
    -4.177_681_6e-3,
    2.466_407_3e-1,
    1.501_409_4,
];
/// [`Key::normal`]: coefficients for `w ≥ 5`, highest power of `√w − 3` first (Giles, 2010).
pub const ERFINV_TAIL: [f32; 9] = [
    -2.002_142_6e-4,
    1.009_505_6e-4,
    1.349_343_2e-3,
    -3.673_428_4e-3,
    5.739_507_7e-3,
    -7.622_461_3e-3,
    9.438_870_5e-3,
    1.001_674,
    2.832_976_8,
];
/// [`log_of_lane`]: `2/9, 2/7, 2/5, 2/3, 2`, the series of `ln((1 + s)/(1 − s))` in `s²`, times `s`.
pub const LOG_SERIES: [f32; 5] = [2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0, 2.0];
/// [`log_of_lane`]: bits of the `f32` nearest below `√½`, where mantissas are cut.
pub const SQRT_HALF_BITS: u32 = 0x3F35_04F3;

/// Names a sequence of 2³² numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Added to the index.
    pub k0: u32,
    /// Mixed in half-way.
    pub k1: u32,
}

impl Key {
    /// The key of one stream at one step: two rounds of SplitMix64 over the three numbers.
    pub fn new(seed: u64, stream: u32, step: u64) -> Key {
        let stream = u64::from(stream).wrapping_mul(0xD1B5_4A32_D192_ED03);
        let step = step.wrapping_mul(0x8CB9_2BA7_2F3D_8DD7);
        let once = split_mix(seed ^ stream ^ step);
        let twice = split_mix(once);
        Key { k0: twice as u32, k1: (twice >> 32) as u32 }
    }

    /// 32 random bits.
    pub fn bits(self, index: u32) -> u32 {
        let mut x = index.wrapping_mul(INDEX_FACTOR).wrapping_add(self.k0);
        x ^= x >> 16;
        x = x.wrapping_mul(MIX_FACTORS[0]);
        x ^= x >> 15;
        x ^= self.k1;
        x = x.wrapping_mul(MIX_FACTORS[1]);
        x ^ (x >> 15)
    }

    /// Uniform on `[0, 1)`, a multiple of 2⁻²⁴.
    pub fn uniform(self, index: u32) -> f32 {
        (self.bits(index) >> 8) as f32 * UNIFORM_STEP
    }

    /// Normal, mean 0, standard deviation 1, within ±5.5; never 0.
    pub fn normal(self, index: u32) -> f32 {
        // 2 · (k + ½) − 2²⁴ is odd and below 2²⁴ in size: a whole number that f32 holds exactly.
        // Adding ½ in f32 instead would round the largest k up to 2²⁴, and t = 1 has no finite normal.
        let odd = ((self.bits(index) >> 8) << 1 | 1) as i32 - (1 << 24);
        normal_of_lane(odd as f32 * UNIFORM_STEP)
    }
}

/// `√2 · erfinv(t)` for `−1 < t < 1`, by two polynomials (Giles, "Approximating the erfinv
/// function", 2010), chosen without a branch: a kernel evaluates both and selects.
pub fn normal_of_lane(t: f32) -> f32 {
    let w = -log_of_lane((1.0 - t) * (1.0 + t));
    let centre = horner(&ERFINV_CENTRE, w - 2.5);
    let tail = horner(&ERFINV_TAIL, w.sqrt() - 3.0);
    let p = if w < 5.0 { centre } else { tail };
    p * t * std::f32::consts::SQRT_2
}

/// `ln x` of a positive normal number, relative error below 2·10⁻⁷: `x = 2^e · m` with `m` in
/// `[√½, √2)`, `ln m` by the series in `s = (m − 1)/(m + 1)`, `|s| < 0.172`.
pub fn log_of_lane(x: f32) -> f32 {
    let above = x.to_bits().wrapping_sub(SQRT_HALF_BITS);
    let e = ((above as i32) >> 23) as f32;
    let m = f32::from_bits((above & 0x007F_FFFF).wrapping_add(SQRT_HALF_BITS));
    let s = (m - 1.0) / (m + 1.0);
    e * std::f32::consts::LN_2 + horner(&LOG_SERIES, s * s) * s
}

/// The polynomial with these coefficients, highest power first; product and sum rounded apart.
fn horner(coefficients: &[f32], x: f32) -> f32 {
    coefficients.iter().skip(1).fold(coefficients[0], |p, &c| p * x + c)
}

/// One step of SplitMix64 (Steele, Lea, Flood, 2014).
fn split_mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The numbers `0 .. n` in the random order of this epoch; every order equally likely
/// (Fisher–Yates; numbers that would favour low values are redrawn, after Lemire, 2019).
pub fn shuffle(seed: u64, epoch: u64, n: u32) -> Vec<u32> {
    let key = Key::new(seed, SHUFFLE_STREAM, epoch);
    let mut order: Vec<u32> = (0..n).collect();
    let mut counter = 0u32;
    for last in (1..n).rev() {
        let other = below(key, &mut counter, last + 1);
        order.swap(last as usize, other as usize);
    }
    order
}

/// A number in `0 .. n`, each equally likely.
fn below(key: Key, counter: &mut u32, n: u32) -> u32 {
    let excess = n.wrapping_neg() % n;
    loop {
        let product = u64::from(key.bits(*counter)) * u64::from(n);
        *counter = counter.wrapping_add(1);
        if product as u32 >= excess {
            return (product >> 32) as u32;
        }
    }
}

impl Initial {
    /// The first value of a state: `rows · cols` numbers, row by row. `stream` tells the states of
    /// a model apart (the index of the state).
    pub fn fill(&self, rows: u32, cols: u32, seed: u64, stream: u32) -> Vec<f32> {
        let len = rows as usize * cols as usize;
        let key = Key::new(seed, stream, INITIAL_STEP);
        let indices = (0..len).map(|i| i as u32);
        match *self {
            Initial::Constant(value) => vec![value; len],
            Initial::Uniform { limit } => indices.map(|i| (2.0 * key.uniform(i) - 1.0) * limit).collect(),
            Initial::Normal { std } => indices.map(|i| key.normal(i) * std).collect(),
            Initial::TruncatedNormal { std } => {
                indices.map(|i| truncated_normal(seed, stream, i) * std).collect()
            }
            Initial::Orthogonal { gain } => orthogonal(rows as usize, cols as usize, key, gain),
        }
    }
}

/// A normal number within ±2, drawn again under the next key until it is.
fn truncated_normal(seed: u64, stream: u32, index: u32) -> f32 {
    let draws = (0..REDRAWS_MAX).map(|k| Key::new(seed, stream, INITIAL_STEP - k).normal(index));
    let mut last = 0.0;
    for draw in draws {
        if draw.abs() <= 2.0 {
            return draw;
        }
        last = draw;
    }
    last.clamp(-2.0, 2.0)
}

/// Orthonormal rows (columns, where there are fewer), uniform over all such matrices:
/// Gram–Schmidt in f64 on normal vectors, twice over each so that rounding is removed too.
fn orthogonal(rows: usize, cols: usize, key: Key, gain: f32) -> Vec<f32> {
    let (count, len) = (rows.min(cols), rows.max(cols));
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(count);
    for k in 0..count {
        let mut v: Vec<f64> = (0..len).map(|i| f64::from(key.normal((k * len + i) as u32))).collect();
        for _ in 0..2 {
            basis.iter().for_each(|b| remove_component(&mut v, b));
        }
        let norm = dot(&v, &v).sqrt();
        v.iter_mut().for_each(|x| *x /= norm);
        basis.push(v);
    }
    let element = |r: usize, c: usize| if rows <= cols { basis[r][c] } else { basis[c][r] };
    (0..rows * cols).map(|i| (element(i / cols, i % cols) * f64::from(gain)) as f32).collect()
}

fn remove_component(v: &mut [f64], unit: &[f64]) {
    let along = dot(v, unit);
    v.iter_mut().zip(unit).for_each(|(x, u)| *x -= along * u);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests;
