//! Mean squared error.
//!
//! ```text
//! loss[i, j] = (p[i, j] − t[i, j])² / n
//! ```
//!
//! Source: Keras 3, `MeanSquaredError`: mean over the last axis, then over the batch.
//!
//! Shapes: prediction and target `[B, n]`, result `[B, n]`.
//!
//! Example:
//!
//! ```model
//! image -> code: dense(32, relu) -> decoder: dense(784, sigmoid)
//!
//! loss decoder: mse(image)
//! ```

use super::share_of_mean;
use crate::args::Args;
use crate::item::{Item, Loss, LossInput, TargetKind};
use kiln_graph::{Builder, ValueId};

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

impl Loss for Mse {
    fn target(&self) -> TargetKind {
        TargetKind::Values
    }

    fn build(&self, g: &mut Builder, input: LossInput<'_>, _args: &Args) -> ValueId {
        let error = g.sub(input.prediction, input.target);
        let square = g.square(error);
        share_of_mean(g, square)
    }
}
