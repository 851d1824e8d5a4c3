//! Metrics: numbers that are reported and not trained on, counted by the host in `f64`.
//!
//! One file each; a new one is a file and a line in [`all`].

mod accuracy;
mod f1;
mod mae;
mod mse;
mod precision;
mod recall;
mod top_k;

use crate::item::{Accumulator, Metric};

/// Every metric, in the order in which they are listed to people.
pub fn all() -> &'static [&'static dyn Metric] {
    &[
        &accuracy::Accuracy,
        &top_k::TopK,
        &precision::Precision,
        &recall::Recall,
        &f1::F1,
        &mse::Mse,
        &mae::Mae,
    ]
}

/// The metric of this name.
pub fn find(name: &str) -> Option<&'static dyn Metric> {
    all().iter().copied().find(|item| item.name() == name)
}

/// Share of samples that pass a test.
struct Share {
    passes: fn(prediction: &[f32], target: &[f32], k: usize) -> bool,
    k: usize,
    passed: u64,
    samples: u64,
}

impl Accumulator for Share {
    fn sample(&mut self, prediction: &[f32], target: &[f32]) {
        self.samples += 1;
        self.passed += u64::from((self.passes)(prediction, target, self.k));
    }

    fn value(&self) -> f64 {
        if self.samples == 0 { 0.0 } else { self.passed as f64 / self.samples as f64 }
    }
}

/// Mean over all elements of all samples of a function of the error.
struct ErrorMean {
    of: fn(f64) -> f64,
    sum: f64,
    elements: u64,
}

impl ErrorMean {
    fn new(of: fn(f64) -> f64) -> ErrorMean {
        ErrorMean { of, sum: 0.0, elements: 0 }
    }
}

impl Accumulator for ErrorMean {
    fn sample(&mut self, prediction: &[f32], target: &[f32]) {
        for (&p, &t) in prediction.iter().zip(target) {
            self.sum += (self.of)(f64::from(p) - f64::from(t));
            self.elements += 1;
        }
    }

    fn value(&self) -> f64 {
        if self.elements == 0 { 0.0 } else { self.sum / self.elements as f64 }
    }
}
