//! Random numbers by position: the n-th number of a stream is a pure function of
//! `(seed, stream, n)`.
//!
//! ```text
//! state(n) = key(seed, stream) + (n + 1) · 0x9E3779B97F4A7C15      (mod 2⁶⁴)
//! number   = mix(state)                                            SplitMix64 (Steele et al., 2014)
//! ```
//!
//! A sample draws from a stream of its own, so it does not depend on other samples, on
//! their order or on the number of threads. Only integer operations, additions,
//! multiplications and square roots: the same bits on every platform.

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// The stream `stream` of `seed`, at its beginning.
    pub fn new(seed: u64, stream: u64) -> Stream {
        Stream { state: mix(mix(seed.wrapping_add(GOLDEN)).wrapping_add(stream.wrapping_mul(GOLDEN))) }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// An integer in `0..bound`; 0 where `bound` is 0. Its bias is below `bound / 2⁶⁴`.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// Uniform in `[0, 1)`, a multiple of 2⁻²⁴.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    /// Uniform in `[low, high)`.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f32) -> bool {
        self.unit() < p
    }

    /// Bell-shaped with mean 0 and standard deviation 1, within ±3.47: the sum of four
    /// uniform numbers (Irwin–Hall), scaled. Handwriting has no use for the far tails of
    /// a true normal, and this needs no logarithm.
    pub fn bell(&mut self) -> f32 {
        let bits = self.bits();
        let sum: u32 = (0..4).map(|part| ((bits >> (16 * part)) & 0xFFFF) as u32).sum();
        // The sum of four uniforms of width 65536 has variance 4 · 65536² / 12.
        (sum as f32 - 131_070.0) / 37_837.227
    }

    /// `items` in random order (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

/// The finaliser of SplitMix64: a bijection in which each input bit moves half of the output bits.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finaliser_is_the_published_one() {
        // First outputs of SplitMix64 seeded with 1234567, as its authors' C program prints them.
        let mut stream = Stream { state: 1_234_567 };
        let first: Vec<u64> = (0..3).map(|_| stream.bits()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn bell_has_unit_variance() {
        let mut stream = Stream::new(1, 2);
        let draws: Vec<f64> = (0..20_000).map(|_| f64::from(stream.bell())).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / draws.len() as f64;
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((variance - 1.0).abs() < 0.03, "{variance}");
        assert!(draws.iter().all(|x| x.abs() < 3.47));
    }

    #[test]
    fn streams_differ_and_shuffles_keep_everything() {
        assert_ne!(Stream::new(1, 0).bits(), Stream::new(1, 1).bits());
        assert_ne!(Stream::new(1, 0).bits(), Stream::new(2, 0).bits());
        let mut items: Vec<u32> = (0..100).collect();
        Stream::new(3, 0).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
