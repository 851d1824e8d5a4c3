//! Constant: every element is the same number.
//!
//! ```text
//! w = value
//! ```
//!
//! Source: Keras 3, `Constant`.
//!
//! Shapes: any.
//!
//! Trap: a kernel of one number learns nothing, because all its units stay alike.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, relu, bias_initializer = constant(0.1)) -> classifier: dense(11, softmax)
//! ```

use crate::args::{ArgSpec, Args};
use crate::item::{Fans, Initializer, Item};
use kiln_graph::Initial;

/// Every element is the same number.
pub(super) struct Constant;

impl Item for Constant {
    fn name(&self) -> &'static str {
        "constant"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[ArgSpec::float("value")
            .or("0.0")
            .positional()
            .at_least(-1e30)
            .at_most(1e30)
            .doc("The number.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Every element is the same number."
    }

    fn file(&self) -> &'static str {
        include_str!("constant.rs")
    }
}

impl Initializer for Constant {
    fn initial(&self, _fans: Fans, args: &Args) -> Initial {
        Initial::Constant(args.float("value"))
    }
}
