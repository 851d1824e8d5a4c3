//! Mean absolute error over all elements.
//!
//! ```text
//! mae = mean over i, j of |p[i, j] − t[i, j]|
//! ```
//!
//! Source: Keras 3, `MeanAbsoluteError`. No arguments. Head and target `[B, n]`. Summed in `f64`: a
//! sum of a million numbers in `f32` loses three digits.

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
