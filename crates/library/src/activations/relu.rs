//! ReLU: identity above zero, zero below (Nair and Hinton, 2010).
//!
//! ```text
//! relu(x) = max(x, 0)
//! ```
//!
//! Source: Keras 3, `keras.activations.relu` with its defaults (no ceiling, no threshold).
//!
//! Shapes: `[R, n] → [R, n]`.
//!
//! Trap: the primitive takes its gradient from the *output*, so the step need not keep `x`; at zero
//! exactly the gradient is 0, as in Keras.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, relu) -> classifier: dense(11, softmax)
//! ```

use crate::args::Args;
use crate::item::{Activation, Item};
use kiln_graph::{Builder, ValueId};

/// Identity above zero, zero below.
pub(super) struct Relu;

impl Item for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn summary(&self) -> &'static str {
        "Identity above zero, zero below."
    }

    fn file(&self) -> &'static str {
        include_str!("relu.rs")
    }
}

impl Activation for Relu {
    fn build(&self, g: &mut Builder, x: ValueId, _args: &Args) -> ValueId {
        g.relu(x)
    }
}
