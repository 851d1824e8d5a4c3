//! Mean absolute error.
//!
//! ```text
//! loss[i, j] = |p[i, j] − t[i, j]| / n
//! ```
//!
//! Source: Keras 3, `MeanAbsoluteError`: mean over the last axis, then over the batch.
//!
//! Shapes: prediction and target `[B, n]`, result `[B, n]`.
//!
//! The gradient where both agree is 0.
//!
//! Example:
//!
//! ```model
//! image -> code: dense(32, relu) -> decoder: dense(784, sigmoid)
//!
//! loss decoder: mae(image)
//! ```

use super::share_of_mean;
use crate::args::Args;
use crate::item::{Item, Loss, LossInput, TargetKind};
use kiln_graph::{Builder, ValueId};

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

impl Loss for Mae {
    fn target(&self) -> TargetKind {
        TargetKind::Values
    }

    fn build(&self, g: &mut Builder, input: LossInput<'_>, _args: &Args) -> ValueId {
        let error = g.sub(input.prediction, input.target);
        let size = g.abs(error);
        share_of_mean(g, size)
    }
}
