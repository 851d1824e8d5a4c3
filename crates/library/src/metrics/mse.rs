//! Mean squared error over all elements.
//!
//! ```text
//! mse = mean over i, j of (p[i, j] − t[i, j])²
//! ```
//!
//! Source: Keras 3, `MeanSquaredError`. No arguments. Head and target `[B, n]`. Summed in `f64`: a
//! sum of a million numbers in `f32` loses three digits.

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
