//! Zeros: every element is 0; for biases (a kernel of zeros learns nothing: all units stay alike).
//!
//! ```text
//! w = 0
//! ```
//!
//! Source: Keras 3, `Zeros`.
//!
//! Shapes: any.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, relu, bias_initializer = zeros) -> classifier: dense(11, softmax)
//! ```

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

    fn file(&self) -> &'static str {
        include_str!("zeros.rs")
    }
}

impl Initializer for Zeros {
    fn initial(&self, _fans: Fans, _args: &Args) -> Initial {
        Initial::Constant(0.0)
    }
}
