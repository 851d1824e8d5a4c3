//! Huber's loss: squared near zero, straight beyond (Huber, 1964).
//!
//! ```text
//! e = |p − t|,  q = min(e, delta),  loss[i, j] = (q²/2 + delta · (e − q)) / n
//! ```
//!
//! Source: Keras 3, `Huber`: `e²/2` up to `delta`, `delta · e − delta²/2` beyond; the formula above is
//! both at once.
//!
//! Shapes: prediction and target `[B, n]`, result `[B, n]`.
//!
//! Trap: choosing between the two formulas would square every error, and the square of a large one is
//! infinite; here only `q` is squared.
//!
//! Example:
//!
//! ```model
//! image -> code: dense(32, relu) -> decoder: dense(784, sigmoid)
//!
//! loss decoder: huber(image, delta = 0.5)
//! ```

use super::share_of_mean;
use crate::args::{ArgSpec, Args};
use crate::item::{Item, Loss, LossInput, TargetKind};
use kiln_graph::{Builder, ValueId};

/// Squared near zero, straight beyond.
pub(super) struct Huber;

impl Item for Huber {
    fn name(&self) -> &'static str {
        "huber"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] =
            &[ArgSpec::float("delta").or("1.0").above(0.0).doc("Error at which the parabola ends.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Squared error near zero, absolute error beyond `delta`."
    }

    fn file(&self) -> &'static str {
        include_str!("huber.rs")
    }
}

impl Loss for Huber {
    fn target(&self) -> TargetKind {
        TargetKind::Values
    }

    fn build(&self, g: &mut Builder, input: LossInput<'_>, args: &Args) -> ValueId {
        let delta = g.constant(args.float("delta"));
        let error = g.sub(input.prediction, input.target);
        let size = g.abs(error);
        // The bound first: where the error is NaN the primitive gives its second operand.
        let near = g.min(delta, size);
        let square = g.square(near);
        let parabola = g.scale(square, 0.5);
        let beyond = g.sub(size, near);
        let line = g.mul(beyond, delta);
        let loss = g.add(parabola, line);
        share_of_mean(g, loss)
    }
}
