//! Leaky ReLU: identity above zero, a gentle slope below (Maas et al., 2013).
//!
//! ```text
//! leaky_relu(x) = x                    where x > 0
//!               = negative_slope · x   elsewhere
//! ```
//!
//! Source: Keras 3, `keras.activations.leaky_relu` (the *layer* of that name has 0.3).
//!
//! Shapes: `[R, n] → [R, n]`.
//!
//! Trap: `max(x, slope · x)` is shorter but wrong for slopes above 1, and a maximum hides NaN; a choice
//! does neither.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, leaky_relu(0.1)) -> classifier: dense(11, softmax)
//! ```

use crate::args::{ArgSpec, Args};
use crate::item::{Activation, Item};
use kiln_graph::{Builder, ValueId};

/// Identity above zero, a gentle slope below.
pub(super) struct LeakyRelu;

impl Item for LeakyRelu {
    fn name(&self) -> &'static str {
        "leaky_relu"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] =
            &[ArgSpec::float("negative_slope").or("0.2").positional().at_least(0.0).doc("Slope below zero.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Identity above zero, a gentle slope below."
    }

    fn file(&self) -> &'static str {
        include_str!("leaky_relu.rs")
    }
}

impl Activation for LeakyRelu {
    fn build(&self, g: &mut Builder, x: ValueId, args: &Args) -> ValueId {
        let zero = g.constant(0.0);
        let above = g.greater(x, zero);
        let below = g.scale(x, args.float("negative_slope"));
        g.select(above, x, below)
    }
}
