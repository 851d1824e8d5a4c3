//! Zeros: every element is 0; for biases (a kernel of zeros learns nothing: all units stay alike).
//!
//! ```text
//! w = 0
//! ```
//!
//! Source: Keras 3, `Zeros`. No arguments.

use crate::args::Args;
use crate::item::{Fans, Initializer, Item};
use kiln_graph::Initial;

/// Every element is 0.
pub(super) struct Zeros;

impl Item for Zeros {
    fn name(&self) -> &'static str {
        "zeros"
    }

    fn summary(&self) -> &'static str {
        "Every element is 0."
    }
}

impl Initializer for Zeros {
    fn initial(&self, _fans: Fans, _args: &Args) -> Initial {
        Initial::Constant(0.0)
    }
}
