//! Mean squared error over all elements.
//!
//! ```text
//! mse = mean over i, j of (p[i, j] − t[i, j])²
//! ```
//!
//! Source: Keras 3, `MeanSquaredError`.
//!
//! Shapes: head and target `[B, n]`.
//!
//! Trap: a sum of a million numbers in `f32` loses three digits; this one is summed in `f64`.
//!
//! Example:
//!
//! ```model
//! image -> code: dense(32, relu) -> decoder: dense(784, sigmoid)
//!
//! loss   decoder: binary_cross_entropy(image)
//! metric decoder: mse
//! ```

use super::ErrorMean;
use crate::args::Args;
use crate::item::{Accumulator, Item, Metric, TargetKind};

/// Mean squared error.
pub(super) struct Mse;

impl Item for Mse {
    fn name(&self) -> &'static str {
        "mse"
    }

    fn summary(&self) -> &'static str {
        "Mean squared error."
    }

    fn file(&self) -> &'static str {
        include_str!("mse.rs")
    }
}

impl Metric for Mse {
    fn target(&self) -> TargetKind {
        TargetKind::Values
    }

    fn higher_is_better(&self) -> bool {
        false
    }

    fn start(&self, _cols: usize, _args: &Args) -> Box<dyn Accumulator> {
        Box::new(ErrorMean::new(|error| error * error))
    }
}
