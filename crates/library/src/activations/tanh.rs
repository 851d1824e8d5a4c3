//! Tanh: any number to one between −1 and 1.
//!
//! ```text
//! tanh(x) = (exp(x) − exp(−x)) / (exp(x) + exp(−x))
//! ```
//!
//! Source: Keras 3, `keras.activations.tanh`. No arguments. `[R, n] → [R, n]`, inside `(−1, 1)`.

use crate::args::Args;
use crate::item::{Activation, Item};
use kiln_graph::{Builder, ValueId};

/// Any number to one between −1 and 1.
pub(super) struct Tanh;

impl Item for Tanh {
    fn name(&self) -> &'static str {
        "tanh"
    }

    fn summary(&self) -> &'static str {
        "Any number to one between −1 and 1."
    }
}

impl Activation for Tanh {
    fn build(&self, g: &mut Builder, x: ValueId, _args: &Args) -> ValueId {
        g.tanh(x)
    }
}
