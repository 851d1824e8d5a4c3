//! Linear: the value itself, for a layer that ends in raw numbers.
//!
//! ```text
//! linear(x) = x
//! ```
//!
//! Source: Keras 3, `keras.activations.linear`.
//!
//! Shapes: `[R, n] → [R, n]`, and no node.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, linear) -> activation(relu) -> classifier: dense(11, softmax)
//! ```

use crate::args::Args;
use crate::item::{Activation, Item};
use kiln_graph::{Builder, ValueId};

/// The value itself.
pub(super) struct Linear;

impl Item for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn summary(&self) -> &'static str {
        "The value itself."
    }

    fn file(&self) -> &'static str {
        include_str!("linear.rs")
    }
}

impl Activation for Linear {
    fn build(&self, _g: &mut Builder, x: ValueId, _args: &Args) -> ValueId {
        x
    }
}
