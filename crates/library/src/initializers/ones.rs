//! Ones: every element is 1; for factors such as `gamma`.
//!
//! ```text
//! w = 1
//! ```
//!
//! Source: Keras 3, `Ones`.
//!
//! Shapes: any.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, relu, bias_initializer = ones) -> classifier: dense(11, softmax)
//! ```

use crate::args::Args;
use crate::item::{Fans, Initializer, Item};
use kiln_graph::Initial;

/// Every element is 1.
pub(super) struct Ones;

impl Item for Ones {
    fn name(&self) -> &'static str {
        "ones"
    }

    fn summary(&self) -> &'static str {
        "Every element is 1."
    }

    fn file(&self) -> &'static str {
        include_str!("ones.rs")
    }
}

impl Initializer for Ones {
    fn initial(&self, _fans: Fans, _args: &Args) -> Initial {
        Initial::Constant(1.0)
    }
}
