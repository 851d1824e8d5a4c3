//! Mean absolute error over all elements.
//!
//! ```text
//! mae = mean over i, j of |p[i, j] − t[i, j]|
//! ```
//!
//! Source: Keras 3, `MeanAbsoluteError`.
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
//! metric decoder: mae
//! ```

use super::ErrorMean;
use crate::args::Args;
use crate::item::{Accumulator, Item, Metric, TargetKind};

/// Mean absolute error.
pub(super) struct Mae;

impl Item for Mae {
    fn name(&self) -> &'static str {
        "mae"
    }

    fn summary(&self) -> &'static str {
        "Mean absolute error."
    }

    fn file(&self) -> &'static str {
        include_str!("mae.rs")
    }
}

impl Metric for Mae {
    fn target(&self) -> TargetKind {
        TargetKind::Values
    }

    fn higher_is_better(&self) -> bool {
        false
    }

    fn start(&self, _cols: usize, _args: &Args) -> Box<dyn Accumulator> {
        Box::new(ErrorMean::new(f64::abs))
    }
}
