//! Adagrad: the gradient over the root of all its squares so far (Duchi et al., 2011).
//!
//! ```text
//! a ← a + g²,  a starts at initial_accumulator_value
//! w ← w − rate · g / √(a + epsilon)
//! ```
//!
//! Source: Keras 3, `Adagrad`, defaults included.
//!
//! Shapes: each parameter's own; slot `adagrad.accumulator`.
//!
//! Trap: started at 0, the first step is `rate` for every weight however small its gradient.
//!
//! Example:
//!
//! ```model
//! optimizer = adagrad(rate = 0.01)
//! ```

use super::adam::{EPSILON, RATE};
use crate::args::{ArgSpec, Args};
use crate::clip;
use crate::item::{Item, Optimizer, Update};
use crate::slots::slot;
use kiln_graph::Builder;

/// The gradient over the root of all its squares so far.
pub(super) struct Adagrad;

impl Item for Adagrad {
    fn name(&self) -> &'static str {
        "adagrad"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            RATE,
            ArgSpec::float("initial_accumulator_value")
                .or("0.1")
                .at_least(0.0)
                .doc("Where the sum of squares starts."),
            EPSILON,
            clip::NORM,
            clip::GLOBAL_NORM,
            clip::VALUE,
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "The gradient over the root of all its squares so far."
    }

    fn file(&self) -> &'static str {
        include_str!("adagrad.rs")
    }
}

impl Optimizer for Adagrad {
    fn build(&self, g: &mut Builder, update: Update, args: &Args) {
        let start = args.float("initial_accumulator_value");
        let (old, id) = slot(g, update.parameter, "adagrad.accumulator", start);
        let square = g.square(update.gradient);
        let sum = g.add(old, square);
        let below = g.offset(sum, args.float("epsilon"));
        let below = g.sqrt(below);
        let scaled = g.mul(update.gradient, update.rate);
        let move_by = g.div(scaled, below);
        let w = g.state(update.parameter);
        let next = g.sub(w, move_by);
        g.assign(id, sum);
        g.assign(update.parameter, next);
    }
}
