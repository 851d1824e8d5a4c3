//! Sigmoid: any number to a probability.
//!
//! ```text
//! sigmoid(x) = 1 / (1 + exp(−x))
//! ```
//!
//! Source: Keras 3, `keras.activations.sigmoid`.
//!
//! Shapes: `[R, n] → [R, n]`, inside `(0, 1)`.
//!
//! Trap: its logarithm is lost once it rounds to 0 or 1; `binary_cross_entropy` therefore reads the
//! value before it.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, sigmoid) -> classifier: dense(11, softmax)
//! ```

use crate::args::Args;
use crate::item::{Activation, Item};
use kiln_graph::{Builder, ValueId};

/// Any number to a probability.
pub(super) struct Sigmoid;

impl Item for Sigmoid {
    fn name(&self) -> &'static str {
        "sigmoid"
    }

    fn summary(&self) -> &'static str {
        "Any number to a probability between 0 and 1."
    }

    fn file(&self) -> &'static str {
        include_str!("sigmoid.rs")
    }
}

impl Activation for Sigmoid {
    fn build(&self, g: &mut Builder, x: ValueId, _args: &Args) -> ValueId {
        g.sigmoid(x)
    }
}
