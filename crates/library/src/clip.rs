//! Gradient clipping, before the optimizer sees the gradients.
//!
//! ```text
//! clip_norm:         g ← g · c / max(‖g‖, c)         for each parameter alone
//! global_clip_norm:  g ← g · c / max(‖all g‖, c)     one factor for all
//! clip_value:        g ← min(max(g, −c), c)          element by element
//! ```
//!
//! Source: Keras 3, `clipnorm`, `global_clipnorm`, `clipvalue` of every optimizer. Keras takes one of
//! them at a time; here those that are given apply in the order above.
//!
//! Trap: `g / ‖g‖ · c` divides by zero for a gradient of zeros. With the larger of norm and bound
//! below, a gradient within the bound is multiplied by exactly 1.

use crate::args::{ArgSpec, Args};
use kiln_graph::{Builder, ValueId};

/// Bound on the norm of each parameter's gradient.
pub(crate) const NORM: ArgSpec =
    ArgSpec::float("clip_norm").optional().above(0.0).doc("Bound on the norm of each parameter's gradient.");
/// Bound on the norm of all gradients together.
pub(crate) const GLOBAL_NORM: ArgSpec = ArgSpec::float("global_clip_norm")
    .optional()
    .above(0.0)
    .doc("Bound on the norm of all gradients taken together.");
/// Bound on each element.
pub(crate) const VALUE: ArgSpec = ArgSpec::float("clip_value")
    .optional()
    .above(0.0)
    .doc("Bound on the size of each element of a gradient.");

/// Replaces the gradients of all parameters by the clipped ones; `args` are the optimizer's.
/// Adds nothing where no clipping is asked for.
pub fn clip(g: &mut Builder, gradients: &mut [ValueId], args: &Args) {
    if let Some(bound) = args.float_opt("clip_norm") {
        for gradient in gradients.iter_mut() {
            let square = sum_of_squares(g, *gradient);
            let factor = factor(g, square, bound);
            *gradient = g.mul(*gradient, factor);
        }
    }
    if let (Some(bound), Some((first, rest))) = (args.float_opt("global_clip_norm"), gradients.split_first())
    {
        let first = sum_of_squares(g, *first);
        let total = rest.iter().fold(first, |total, &gradient| {
            let square = sum_of_squares(g, gradient);
            g.add(total, square)
        });
        let factor = factor(g, total, bound);
        for gradient in gradients.iter_mut() {
            *gradient = g.mul(*gradient, factor);
        }
    }
    if let Some(bound) = args.float_opt("clip_value") {
        let (low, high) = (g.constant(-bound), g.constant(bound));
        for gradient in gradients.iter_mut() {
            // The bound first: a NaN stays one, and training stops where it should.
            let above = g.max(low, *gradient);
            *gradient = g.min(high, above);
        }
    }
}

fn sum_of_squares(g: &mut Builder, gradient: ValueId) -> ValueId {
    let square = g.square(gradient);
    g.sum_all(square)
}

/// `bound / max(√square, bound)`
fn factor(g: &mut Builder, square: ValueId, bound: f32) -> ValueId {
    let bound = g.constant(bound);
    let norm = g.sqrt(square);
    let larger = g.max(bound, norm);
    g.div(bound, larger)
}
