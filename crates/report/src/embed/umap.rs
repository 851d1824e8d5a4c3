//! UMAP: rows that are neighbours are drawn together, others pushed apart (McInnes, Healy and Melville, 2018).
//!
//! ```text
//! p(j|i) = exp(−max(0, |x_i − x_j| − ρ_i) / σ_i) over 15 neighbours, ρ_i the nearest of them,
//!          σ_i such that Σ_j p(j|i) = log₂ 15
//! p = p(j|i) + p(i|j) − p(j|i) · p(i|j)       q = 1 / (1 + a · |y_i − y_j|^2b)
//! cost = −Σ p · ln q − Σ (1 − p) · ln (1 − q), by gradient descent on samples of the pairs
//! ```
//!
//! The settings are those of umap-learn 0.5: 500 epochs, a rate that falls from 1 to 0, five pushes for each
//! pull, slopes cut at 4, `a` and `b` for `min_dist = 0.1` and `spread = 1`. It begins with the principal
//! components, as Kobak and Linderman (2021) advise, in the place of a spectral layout.
//!
//! Pulls and pushes act one after another, in one order and on one thread, and who is pushed comes from a stream
//! of numbers with a fixed seed: the result is the same bits each time. Only the search for neighbours is shared
//! among threads.

use super::neighbours::{Neighbours, nearest, threads};
use super::pca;

/// Neighbours of each row.
const NEIGHBOURS: usize = 15;
/// Passes over the pairs.
const EPOCHS: u32 = 500;
/// Pushes for each pull.
const PUSHES: u32 = 5;
/// The curve q that is nearest to `1` below a distance of 0.1 and to `exp(0.1 − distance)` above, by least squares.
const A: f32 = 1.576_943_5;
/// See [`A`].
const B: f32 = 0.895_060_9;
/// The largest step along an axis at a rate of 1.
const CUT: f32 = 4.0;
/// Half the width of the layout at the beginning.
const HALF: f32 = 10.0;

/// The rows of `code` (`[n, columns]`, row-major) as points of the plane. Another `seed` gives another layout of
/// the same kind.
pub fn umap(code: &[f32], columns: usize, seed: u64) -> Vec<[f32; 2]> {
    let start = pca(code, columns);
    let n = start.len();
    if n < 4 {
        return start;
    }
    let mut numbers = Numbers(seed);
    let mut points = spread(&start, &mut numbers);
    let lists = nearest(code, columns, NEIGHBOURS.min(n - 1), threads(n));
    let mut pairs = pairs(&lists);
    for epoch in 0..EPOCHS {
        let rate = 1.0 - epoch as f32 / EPOCHS as f32;
        for pair in &mut pairs {
            if pair.due(epoch) {
                pull(&mut points, pair, rate);
                push(&mut points, pair, epoch, rate, &mut numbers);
            }
        }
    }
    points
}

/// A stream of 64-bit numbers (SplitMix64; Steele, Lea and Flood, 2014).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    /// Evenly below `count`; 64 bits times a count of rows, cut off.
    fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }

    /// Evenly in −1 … 1.
    fn signed(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u32 << 23) as f32 - 1.0
    }
}

/// The components scaled to [`HALF`], with a little noise: equal points would never part.
fn spread(start: &[[f32; 2]], numbers: &mut Numbers) -> Vec<[f32; 2]> {
    let largest = start.iter().flatten().fold(0.0_f32, |largest, x| largest.max(x.abs()));
    let scale = if largest > 0.0 { HALF / largest } else { 0.0 };
    let mut place = |x: f32| {
        let x = x * scale;
        (if x.is_finite() { x } else { 0.0 }) + 1e-3 * numbers.signed()
    };
    start.iter().map(|point| point.map(&mut place)).collect()
}

/// Two rows that are drawn together.
struct Pair {
    /// The one that is pushed away from others too.
    head: usize,
    tail: usize,
    /// Epochs from one pull to the next; the strongest pair is pulled in each.
    every: f32,
    /// The epoch of the next pull, in parts of an epoch.
    next: f32,
    /// The epoch of the next push.
    next_push: f32,
}

impl Pair {
    fn due(&self, epoch: u32) -> bool {
        self.next <= epoch as f32
    }
}

/// The pairs with their probabilities, in the order of their rows; each pair from both sides.
fn pairs(lists: &[Neighbours]) -> Vec<Pair> {
    let mut both: Vec<Vec<(usize, f64, f64)>> = vec![Vec::new(); lists.len()];
    for (i, list) in lists.iter().enumerate() {
        for (&(j, _), p) in list.iter().zip(memberships(list)) {
            both[i].push((j, p, 0.0));
            both[j].push((i, 0.0, p));
        }
    }
    let mut weighted = Vec::new();
    for (head, list) in both.iter_mut().enumerate() {
        list.sort_by_key(|&(tail, ..)| tail);
        list.dedup_by(|later, first| {
            let same = later.0 == first.0;
            if same {
                (first.1, first.2) = (first.1 + later.1, first.2 + later.2);
            }
            same
        });
        weighted.extend(list.iter().map(|&(tail, p, q)| (head, tail, p + q - p * q)));
    }
    let strongest = weighted.iter().fold(0.0, |strongest: f64, &(.., p)| strongest.max(p));
    // What would be pulled less than once is left out.
    weighted.retain(|&(.., p)| p > 0.0 && p >= strongest / f64::from(EPOCHS));
    let pair = |(head, tail, p)| {
        let every = (strongest / p) as f32;
        Pair { head, tail, every, next: every, next_push: every / PUSHES as f32 }
    };
    weighted.into_iter().map(pair).collect()
}

/// How much each neighbour is one: 1 for the nearest, falling with the distance beyond it; they sum to
/// log₂ of their number.
fn memberships(list: &[(usize, f64)]) -> Vec<f64> {
    let distances: Vec<f64> = list.iter().map(|&(_, squared)| libm::sqrt(squared)).collect();
    let nearest = distances.iter().copied().find(|&d| d > 0.0).unwrap_or(0.0);
    let beyond: Vec<f64> = distances.iter().map(|d| (d - nearest).max(0.0)).collect();
    let goal = libm::log2(list.len() as f64);
    let of_width = |width: f64| beyond.iter().map(move |d| libm::exp(-d / width));
    let (mut low, mut high, mut width) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..64 {
        let sum: f64 = of_width(width).sum();
        if (sum - goal).abs() < 1e-5 {
            break;
        }
        if sum > goal {
            high = width;
            width = (low + high) / 2.0;
        } else {
            low = width;
            width = if high.is_finite() { (low + high) / 2.0 } else { width * 2.0 };
        }
    }
    // Neighbours at one place would make a width of nothing.
    let mean = distances.iter().sum::<f64>() / distances.len().max(1) as f64;
    of_width(width.max(1e-3 * mean).max(f64::MIN_POSITIVE)).collect()
}

/// From `b` to `a`, and the square of its length.
fn between(a: [f32; 2], b: [f32; 2]) -> ([f32; 2], f32) {
    let d = [a[0] - b[0], a[1] - b[1]];
    (d, d[0] * d[0] + d[1] * d[1])
}

fn pull(points: &mut [[f32; 2]], pair: &mut Pair, rate: f32) {
    pair.next += pair.every;
    let (d, squared) = between(points[pair.head], points[pair.tail]);
    if squared > 0.0 {
        let power = libm::powf(squared, B);
        let slope = -2.0 * A * B * power / (squared * (1.0 + A * power));
        for (axis, d) in d.into_iter().enumerate() {
            let step = (slope * d).clamp(-CUT, CUT) * rate;
            points[pair.head][axis] += step;
            points[pair.tail][axis] -= step;
        }
    }
}

/// Pushes the head away from rows taken at random; almost all of them are no neighbours.
fn push(points: &mut [[f32; 2]], pair: &mut Pair, epoch: u32, rate: f32, numbers: &mut Numbers) {
    let every = pair.every / PUSHES as f32;
    while pair.next_push <= epoch as f32 {
        pair.next_push += every;
        let other = numbers.below(points.len());
        if other == pair.head {
            continue;
        }
        let (d, squared) = between(points[pair.head], points[other]);
        let slope = 2.0 * B / ((1e-3 + squared) * (1.0 + A * libm::powf(squared, B)));
        for (axis, d) in d.into_iter().enumerate() {
            points[pair.head][axis] += (slope * d).clamp(-CUT, CUT) * rate;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{memberships, umap};

    /// Three heaps in ten dimensions.
    fn heaps() -> Vec<f32> {
        let number = |i: usize, c: usize| {
            (if c % 3 == i % 3 { 5.0 } else { 0.0 }) + ((i * 7 + c * 13) % 11) as f32 * 0.1
        };
        (0..120).flat_map(|i| (0..10).map(move |c| number(i, c))).collect()
    }

    #[test]
    fn memberships_sum_to_the_logarithm_of_their_number() {
        let list: Vec<(usize, f64)> = (0..15).map(|j| (j, f64::from(j as u32 + 2))).collect();
        let memberships = memberships(&list);
        assert_eq!(memberships[0], 1.0);
        assert!((memberships.iter().sum::<f64>() - libm::log2(15.0)).abs() < 1e-4);
        assert!(memberships.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn clusters_stay_together_and_apart() {
        let points = umap(&heaps(), 10, 0);
        let far = |a: usize, b: usize| {
            let [dx, dy] = [0, 1].map(|axis| f64::from(points[a][axis] - points[b][axis]));
            libm::sqrt(dx * dx + dy * dy)
        };
        // Not only is the nearest point one of the heap: heaps are farther from each other than they are wide.
        let pairs = || (0..120).flat_map(|a| (0..a).map(move |b| (a, b)));
        let within = pairs().filter(|(a, b)| a % 3 == b % 3).map(|(a, b)| far(a, b)).fold(0.0, f64::max);
        let apart = pairs().filter(|(a, b)| a % 3 != b % 3).map(|(a, b)| far(a, b)).fold(f64::MAX, f64::min);
        assert!(apart > within, "{apart} apart, {within} within");
    }

    #[test]
    fn the_seed_decides_the_layout() {
        assert_eq!(umap(&heaps(), 10, 3), umap(&heaps(), 10, 3));
        assert_ne!(umap(&heaps(), 10, 3), umap(&heaps(), 10, 4));
    }

    #[test]
    fn any_rows_have_points() {
        assert_eq!(umap(&[], 4, 0).len(), 0);
        assert_eq!(umap(&[1.0, 2.0], 1, 0).len(), 2);
        for code in [
            vec![0.0; 40],
            vec![f32::NAN; 40],
            vec![f32::MAX; 40],
            (0..40).map(|i| if i == 3 { f32::INFINITY } else { i as f32 * 1e30 }).collect(),
        ] {
            let points = umap(&code, 4, 0);
            assert!(points.len() == 10 && points.iter().flatten().all(|x| x.is_finite()), "{points:?}");
        }
    }
}
