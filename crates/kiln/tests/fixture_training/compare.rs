//! Deviations of a run from Keras, and which of them are allowed.
//!
//! Losses are compared with Keras in f64: Keras in f32 is up to 1.5e-5 off itself. Weights are stored
//! from Keras in f32, with the largest difference of an entry from f64 (`noise` here).
//!
//! ```text
//! loss:                |found − wanted| ≤ losses · |wanted|
//! entry, min, max:     |found − wanted| ≤ entry
//!                      entry = rounding · max|w| + step · moved + noises · noise
//!                      and never more than 1e-4 · max|w| + noises · noise
//! mean of all entries: |found − wanted| ≤ entry / 2;  √Σw² likewise, over √n
//! ```
//!
//! `moved` is how far the tensor's sampled entries have come from their start, at most. An error of the
//! gradient or of the optimizer is a share of it, and may be far below 1e-4 · max|w|: with plain gradient
//! descent some kernels move by 1e-5 of their largest weight only.

use super::run::Run;
use super::truth::{Case, Tensor};
use crate::formula;

/// What is allowed.
#[derive(Clone, Copy)]
pub(crate) struct Tolerance {
    /// Of a loss, relative.
    pub(crate) losses: f64,
    /// Of a weight, relative to the tensor's largest: what ten roundings to f32 leave.
    pub(crate) rounding: f64,
    /// Of a weight, relative to how far the tensor has moved.
    pub(crate) step: f64,
    /// How often the difference of Keras' f32 from Keras' f64 is allowed.
    pub(crate) noises: f64,
}

/// Of compiled code, in f32. Seen: losses 7e-7; the weights' noise is of the size of Keras'.
pub(crate) const COMPILED: Tolerance = Tolerance { losses: 3e-6, rounding: 6e-7, step: 5e-5, noises: 2.0 };

/// Of the interpreter, in f64, but with constants in f32. Seen: losses 1.5e-7.
pub(crate) const INTERPRETED: Tolerance = Tolerance { losses: 5e-7, rounding: 3e-7, step: 1e-6, noises: 1.0 };

/// What the demand is where nothing else is said: of a weight, relative to the tensor's largest.
const WEIGHTS: f64 = 1e-4;

/// How a run differs from Keras.
#[derive(Default)]
pub(crate) struct Deviations {
    /// Worst of the losses, relative.
    losses: f64,
    /// Worst of the sampled weights, relative to the largest of their tensor, and whose.
    weights: (f64, String),
    /// The same as a share of what is allowed.
    allowed: (f64, String),
    /// What is beyond the allowed.
    pub(crate) mistakes: Vec<String>,
}

/// Compares everything; panics with all that is beyond the allowed.
pub(crate) fn check(experiment: &str, case: &Case, run: &Run, tolerance: Tolerance) {
    let found = deviations(experiment, case, run, tolerance);
    let Deviations { losses, weights, allowed, mistakes } = &found;
    eprintln!(
        "{experiment} {:8} {:11} losses {losses:.1e}  weights {:.1e} ({})  {:.0} % of the allowed ({})",
        case.optimizer,
        run.by,
        weights.0,
        weights.1,
        100.0 * allowed.0,
        allowed.1
    );
    assert!(mistakes.is_empty(), "{experiment}, {}, {}:\n{}", case.optimizer, run.by, mistakes.join("\n"));
}

/// Compares everything.
pub(crate) fn deviations(experiment: &str, case: &Case, run: &Run, tolerance: Tolerance) -> Deviations {
    let mut found = Deviations::default();
    assert!(case.losses_f64.keys().eq(run.losses.keys()), "the heads of {experiment}");
    for (head, wanted) in &case.losses_f64 {
        assert_eq!(wanted.len(), run.losses[head].len(), "steps of {experiment}");
        for (step, (x, wanted)) in run.losses[head].iter().zip(wanted).enumerate() {
            found.loss(&format!("loss {head} of step {step}"), *x, *wanted, tolerance);
        }
        let (x, wanted) = (run.evaluation[head], case.evaluation_f64[head]);
        found.loss(&format!("loss {head} of the evaluation"), x, wanted, tolerance);
    }
    assert!(case.tensors.iter().map(|t| &t.name).eq(run.tensors.keys()), "the tensors of {experiment}");
    for tensor in &case.tensors {
        found.tensor(tensor, &run.tensors[&tensor.name], moved(experiment, tensor), tolerance);
    }
    found
}

/// How far the sampled entries of a tensor have come from their start, at most.
fn moved(experiment: &str, tensor: &Tensor) -> f64 {
    let (rows, cols) = match tensor.shape[..] {
        [cols] => (1, cols),
        [rows, cols] => (rows, cols),
        _ => panic!("{} is neither a vector nor a matrix", tensor.name),
    };
    let start = formula::tensor(experiment, &tensor.name, rows, cols);
    let at = formula::sampled_indices(&tensor.name, start.len());
    let moves = at.into_iter().zip(&tensor.entries).map(|(i, end)| (end - f64::from(start[i])).abs());
    moves.fold(0.0, f64::max)
}

impl Deviations {
    fn loss(&mut self, what: &str, found: f64, wanted: f64, tolerance: Tolerance) {
        let error = (found - wanted).abs() / wanted.abs();
        self.losses = self.losses.max(error);
        self.unless(error <= tolerance.losses, what, found, wanted, tolerance.losses * wanted.abs());
    }

    fn tensor(&mut self, tensor: &Tensor, found: &[f64], moved: f64, tolerance: Tolerance) {
        let Tensor { name, shape, l2, sum, min, max, f64_difference, entries } = tensor;
        let n = shape.iter().product::<usize>();
        assert_eq!(found.len(), n, "entries of {name}");
        let largest = min.abs().max(max.abs());
        let ours = tolerance.rounding * largest + tolerance.step * moved;
        let allowed = ours.min(WEIGHTS * largest) + tolerance.noises * f64_difference;
        // Otherwise a tensor that never moved, or by half of what it should, would pass.
        assert!(allowed < moved / 4.0, "{name} moves by {moved:e}, {allowed:e} are allowed");
        for (i, wanted) in formula::sampled_indices(name, n).into_iter().zip(entries) {
            let error = (found[i] - wanted).abs();
            worst(&mut self.weights, error / largest, name);
            worst(&mut self.allowed, error / allowed, name);
            self.unless(error <= allowed, &format!("{name}[{i}]"), found[i], *wanted, allowed);
        }
        let root = (n as f64).sqrt();
        let fold = |f: fn(f64, f64) -> f64| found.iter().copied().reduce(f).expect("entries");
        let norm = found.iter().map(|x| x * x).sum::<f64>().sqrt();
        for (what, found, wanted, allowed) in [
            ("least", fold(f64::min), *min, allowed),
            ("largest", fold(f64::max), *max, allowed),
            ("mean", found.iter().sum::<f64>() / n as f64, sum / n as f64, allowed / 2.0),
            ("norm", norm / root, l2 / root, allowed / 2.0),
        ] {
            let error = (found - wanted).abs();
            worst(&mut self.allowed, error / allowed, name);
            self.unless(error <= allowed, &format!("{name}, {what}"), found, wanted, allowed);
        }
    }

    /// A comparison with NaN does not hold.
    fn unless(&mut self, holds: bool, what: &str, found: f64, wanted: f64, allowed: f64) {
        if !holds {
            self.mistakes.push(format!("{what}: {found:e} for {wanted:e}, allowed {allowed:.1e}"));
        }
    }
}

fn worst(worst: &mut (f64, String), error: f64, name: &str) {
    if error > worst.0 {
        *worst = (error, name.to_owned());
    }
}
