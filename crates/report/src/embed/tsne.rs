//! t-SNE: neighbours in the code stay neighbours in the plane (van der Maaten and Hinton, 2008).
//!
//! ```text
//! p(j|i) ∝ exp(−|x_i − x_j|² / 2σ_i²), σ_i such that the perplexity is 30, over 90 neighbours
//! p = (p(j|i) + p(i|j)) / 2n      q ∝ 1 / (1 + |y_i − y_j|²)
//! gradient_i = 4 Σ_j (p − q) (y_i − y_j) / (1 + |y_i − y_j|²)
//! ```
//!
//! Begins with the principal components, as scikit-learn does, so nothing is random. The
//! settings are van der Maaten's: exaggeration 12 for 250 of 750 steps, momentum 0.5 then
//! 0.8, gains; the rate is n / 12 as Belkina et al. (2019) advise. Repulsion is summed over
//! the cells of a quadtree (Barnes and Hut, 1986; θ = 0.5), which makes a step
//! O(n log n). Points are shared among threads, but each one's sum, and the sum over all,
//! is taken in one order, so the result is one for any number of threads.

use super::neighbours::{nearest, threads};
use super::pca;
use super::quadtree::Quadtree;

/// Neighbours that a point counts on, roughly.
const PERPLEXITY: f64 = 30.0;
/// Neighbours whose attraction is kept; beyond three perplexities it is nothing.
const NEIGHBOURS: usize = 90;
/// The first steps, in which attraction is exaggerated.
const EARLY: usize = 250;
/// All steps.
const STEPS: usize = 750;
/// How much it is exaggerated.
const EXAGGERATION: f64 = 12.0;

/// The rows of `code` (`[n, columns]`, row-major) as points of the plane.
pub fn tsne(code: &[f32], columns: usize) -> Vec<[f32; 2]> {
    let start = pca(code, columns);
    let n = start.len();
    if n < 4 {
        return start;
    }
    let attraction = attraction(code, columns);
    let mut state = State::new(&start);
    for step in 0..STEPS {
        let (exaggeration, momentum) = if step < EARLY { (EXAGGERATION, 0.5) } else { (1.0, 0.8) };
        let gradient = gradient(&state.points, &attraction, exaggeration);
        state.step(&gradient, momentum);
    }
    state.points.iter().map(|point| point.map(|x| x as f32)).collect()
}

/// Where the points are and where they are going.
struct State {
    points: Vec<[f64; 2]>,
    velocity: Vec<[f64; 2]>,
    /// Grow where the direction stays, shrink where it turns.
    gains: Vec<[f64; 2]>,
    rate: f64,
}

impl State {
    /// The components scaled to a spread of 1e-4, as is usual: near the middle all
    /// distances are alike at first.
    fn new(start: &[[f32; 2]]) -> State {
        let n = start.len();
        let variance = start.iter().map(|p| f64::from(p[0]) * f64::from(p[0])).sum::<f64>() / n as f64;
        let scale = if variance > 0.0 { 1e-4 / libm::sqrt(variance) } else { 0.0 };
        // Equal points would never part: a tiny spiral tells them apart.
        let apart = |i: usize| {
            let angle = i as f64 * 2.399_963; // the golden angle: no two directions are alike
            let radius = 1e-6 * libm::sqrt(i as f64 / n as f64);
            [radius * libm::cos(angle), radius * libm::sin(angle)]
        };
        let point = |(i, p): (usize, &[f32; 2])| {
            let [dx, dy] = apart(i);
            [f64::from(p[0]) * scale + dx, f64::from(p[1]) * scale + dy]
        };
        State {
            points: start.iter().enumerate().map(point).collect(),
            velocity: vec![[0.0; 2]; n],
            gains: vec![[1.0; 2]; n],
            rate: (n as f64 / EXAGGERATION).max(50.0),
        }
    }

    fn step(&mut self, gradient: &[[f64; 2]], momentum: f64) {
        for (i, gradient) in gradient.iter().enumerate() {
            for (axis, slope) in gradient.iter().enumerate() {
                // Downhill is against the gradient, so equal signs are a turn.
                let turned = (*slope > 0.0) == (self.velocity[i][axis] > 0.0);
                let gain = &mut self.gains[i][axis];
                *gain = if turned { (*gain * 0.8).max(0.01) } else { *gain + 0.2 };
                self.velocity[i][axis] = momentum * self.velocity[i][axis] - self.rate * *gain * slope;
                self.points[i][axis] += self.velocity[i][axis];
            }
        }
        let n = self.points.len() as f64;
        for axis in 0..2 {
            let mean = self.points.iter().map(|p| p[axis]).sum::<f64>() / n;
            self.points.iter_mut().for_each(|p| p[axis] -= mean);
        }
    }
}

/// What acts on a point.
struct Forces {
    /// By its neighbours.
    pull: [f64; 2],
    /// By all others, before it is divided by the normalizer.
    push: [f64; 2],
    /// Its share of the normalizer.
    share: f64,
}

fn gradient(points: &[[f64; 2]], attraction: &[Vec<(usize, f64)>], exaggeration: f64) -> Vec<[f64; 2]> {
    let tree = Quadtree::new(points);
    let chunk = points.len().div_ceil(threads(points.len()));
    let part = &|range: std::ops::Range<usize>| {
        let mut open = Vec::new();
        let forces = |i: usize| {
            let (push, share) = tree.repulsion(points[i], &mut open);
            Forces { pull: pull(points, i, &attraction[i]), push, share }
        };
        range.map(forces).collect::<Vec<_>>()
    };
    let forces: Vec<Forces> = std::thread::scope(|scope| {
        let starts = (0..points.len()).step_by(chunk);
        let ranges = starts.map(|start| start..points.len().min(start + chunk));
        let workers: Vec<_> = ranges.map(|range| scope.spawn(move || part(range))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    let normalizer = forces.iter().map(|force| force.share).sum::<f64>().max(f64::MIN_POSITIVE);
    let slope =
        |f: Forces| [0, 1].map(|axis| 4.0 * (exaggeration * f.pull[axis] - f.push[axis] / normalizer));
    forces.into_iter().map(slope).collect()
}

/// The attraction of point `i` by its neighbours.
fn pull(points: &[[f64; 2]], i: usize, neighbours: &[(usize, f64)]) -> [f64; 2] {
    let mut pull = [0.0; 2];
    for &(j, p) in neighbours {
        let d = [points[i][0] - points[j][0], points[i][1] - points[j][1]];
        let weight = p / (1.0 + d[0] * d[0] + d[1] * d[1]);
        pull[0] += weight * d[0];
        pull[1] += weight * d[1];
    }
    pull
}

/// For each row its neighbours in order, each with the symmetric probability p.
fn attraction(code: &[f32], columns: usize) -> Vec<Vec<(usize, f64)>> {
    let n = code.len() / columns;
    let mut both: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n];
    for (i, neighbours) in nearest(code, columns, NEIGHBOURS.min(n - 1), threads(n)).iter().enumerate() {
        let distances: Vec<f64> = neighbours.iter().map(|&(_, d)| d).collect();
        let shares = shares(&distances, PERPLEXITY.min((n - 1) as f64 / 3.0));
        for (&(j, _), share) in neighbours.iter().zip(shares) {
            let p = share / (2.0 * n as f64);
            both[i].push((j, p));
            both[j].push((i, p));
        }
    }
    for list in &mut both {
        list.sort_by_key(|&(j, _)| j);
        list.dedup_by(|later, first| {
            let same = later.0 == first.0;
            if same {
                first.1 += later.1;
            }
            same
        });
    }
    both
}

/// A normal distribution over neighbours at these squared distances, as wide as gives the
/// perplexity; sums to one.
fn shares(distances: &[f64], perplexity: f64) -> Vec<f64> {
    let nearest = distances.first().copied().unwrap_or(0.0);
    let goal = libm::log(perplexity.max(1.0));
    let (mut low, mut high, mut beta) = (0.0, f64::INFINITY, 1.0);
    let mut weights = vec![0.0; distances.len()];
    for _ in 0..60 {
        for (weight, distance) in weights.iter_mut().zip(distances) {
            *weight = libm::exp(-beta * (distance - nearest));
        }
        let total: f64 = weights.iter().sum();
        let mean: f64 = weights.iter().zip(distances).map(|(w, d)| w * (d - nearest)).sum::<f64>() / total;
        let entropy = libm::log(total) + beta * mean;
        weights.iter_mut().for_each(|weight| *weight /= total);
        if (entropy - goal).abs() < 1e-5 {
            break;
        }
        if entropy > goal {
            low = beta;
            beta = if high.is_finite() { (low + high) / 2.0 } else { beta * 2.0 };
        } else {
            high = beta;
            beta = (low + high) / 2.0;
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::{shares, tsne};

    #[test]
    fn a_distribution_has_its_perplexity() {
        let distances: Vec<f64> = (0..90).map(|i| f64::from(i) * 0.1).collect();
        let shares = shares(&distances, 30.0);
        let entropy: f64 = shares.iter().map(|p| -p * libm::log(*p)).sum();
        assert!((libm::exp(entropy) - 30.0).abs() < 0.01, "{}", libm::exp(entropy));
    }

    #[test]
    fn clusters_stay_together_and_apart() {
        // Three heaps in ten dimensions.
        let code: Vec<f32> = (0..120)
            .flat_map(|i| {
                (0..10).map(
                    move |c| if c % 3 == i % 3 { 5.0 } else { 0.0 } + ((i * 7 + c * 13) % 11) as f32 * 0.1,
                )
            })
            .collect();
        let points = tsne(&code, 10);
        let far = |a: usize, b: usize| {
            let [dx, dy] = [0, 1].map(|axis| points[a][axis] - points[b][axis]);
            dx * dx + dy * dy
        };
        for i in 0..120 {
            let nearest = (0..120).filter(|&j| j != i).min_by(|&a, &b| far(i, a).total_cmp(&far(i, b)));
            assert_eq!(nearest.map(|j| j % 3), Some(i % 3), "point {i}");
        }
        assert_eq!(tsne(&code, 10), points);
    }

    #[test]
    fn any_rows_have_points() {
        assert_eq!(tsne(&[], 4).len(), 0);
        assert_eq!(tsne(&[1.0, 2.0], 1).len(), 2);
        for code in [
            vec![0.0; 40],
            vec![f32::NAN; 40],
            (0..40).map(|i| if i == 3 { f32::INFINITY } else { i as f32 }).collect(),
        ] {
            assert!(tsne(&code, 4).iter().flatten().all(|x| x.is_finite()));
        }
    }
}
