//! ReLU: identity above zero, zero below (Nair and Hinton, 2010).
//!
//! ```text
//! relu(x) = max(x, 0)
//! ```
//!
//! Source: Keras 3, `keras.activations.relu` with its defaults (no ceiling, no threshold).
//! No arguments. `[R, n] → [R, n]`.
//!
//! Trap: the primitive takes its gradient from the *output*, so the step need not keep `x`;
//! at zero exactly the gradient is 0, as in Keras.

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
}

impl Activation for Relu {
    fn build(&self, g: &mut Builder, x: ValueId, _args: &Args) -> ValueId {
        g.relu(x)
    }
}
