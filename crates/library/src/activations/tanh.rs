//! Tanh: any number to one between −1 and 1.
//!
//! ```text
//! tanh(x) = (exp(x) − exp(−x)) / (exp(x) + exp(−x))
//! ```
//!
//! Source: Keras 3, `keras.activations.tanh`.
//!
//! Shapes: `[R, n] → [R, n]`, inside `(−1, 1)`.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, tanh) -> classifier: dense(11, softmax)
//! ```

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

    fn file(&self) -> &'static str {
        include_str!("tanh.rs")
    }
}

impl Activation for Tanh {
    fn build(&self, g: &mut Builder, x: ValueId, _args: &Args) -> ValueId {
        g.tanh(x)
    }
}
