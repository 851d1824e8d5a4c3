//! Softplus: a smooth ReLU (Dugas et al., 2001).
//!
//! ```text
//! softplus(x) = ln(1 + exp(x))
//! ```
//!
//! Source: Keras 3, `keras.activations.softplus`.
//!
//! Shapes: `[R, n] → [R, n]`, above 0.
//!
//! Trap: written as above it overflows from `x = 89` on; the primitive does not.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, softplus) -> classifier: dense(11, softmax)
//! ```

use crate::args::Args;
use crate::item::{Activation, Item};
use kiln_graph::{Builder, ValueId};

/// A smooth ReLU.
pub(super) struct Softplus;

impl Item for Softplus {
    fn name(&self) -> &'static str {
        "softplus"
    }

    fn summary(&self) -> &'static str {
        "A smooth ReLU: ln(1 + e^x)."
    }

    fn file(&self) -> &'static str {
        include_str!("softplus.rs")
    }
}

impl Activation for Softplus {
    fn build(&self, g: &mut Builder, x: ValueId, _args: &Args) -> ValueId {
        g.softplus(x)
    }
}
