//! SiLU, or swish: the value times its own sigmoid (Elfwing et al., 2017; Ramachandran et al., 2017).
//!
//! ```text
//! silu(x) = x · sigmoid(x)
//! ```
//!
//! Source: Keras 3, `keras.activations.silu`.
//!
//! Shapes: `[R, n] → [R, n]`.
//!
//! Trap: `x / (1 + exp(−x))` overflows for large negative `x`; the sigmoid does not.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, silu) -> classifier: dense(11, softmax)
//! ```

use crate::args::Args;
use crate::item::{Activation, Item};
use kiln_graph::{Builder, ValueId};

/// The value times its own sigmoid.
pub(super) struct Silu;

impl Item for Silu {
    fn name(&self) -> &'static str {
        "silu"
    }

    fn summary(&self) -> &'static str {
        "The value times its own sigmoid (also called swish)."
    }

    fn file(&self) -> &'static str {
        include_str!("silu.rs")
    }
}

impl Activation for Silu {
    fn build(&self, g: &mut Builder, x: ValueId, _args: &Args) -> ValueId {
        let gate = g.sigmoid(x);
        g.mul(x, gate)
    }
}
