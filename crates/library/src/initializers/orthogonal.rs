//! Orthogonal: rows (or columns, where there are fewer) of length `gain` at right angles (Saxe et
//! al., 2013).
//!
//! ```text
//! w = gain · Q,  Q from the QR decomposition of a normal matrix
//! ```
//!
//! Source: Keras 3, `Orthogonal`.
//!
//! Shapes: `[rows, cols]`.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, relu, kernel_initializer = orthogonal(gain = 1.4)) -> classifier: dense(11, softmax)
//! ```

use crate::args::{ArgSpec, Args};
use crate::item::{Fans, Initializer, Item};
use kiln_graph::Initial;

/// Rows or columns at right angles.
pub(super) struct Orthogonal;

impl Item for Orthogonal {
    fn name(&self) -> &'static str {
        "orthogonal"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[ArgSpec::float("gain")
            .or("1.0")
            .positional()
            .at_least(0.0)
            .at_most(1e6)
            .doc("Length of each row or column.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Rows (or columns, where there are fewer) of equal length at right angles."
    }

    fn file(&self) -> &'static str {
        include_str!("orthogonal.rs")
    }
}

impl Initializer for Orthogonal {
    fn initial(&self, _fans: Fans, args: &Args) -> Initial {
        Initial::Orthogonal { gain: args.float("gain") }
    }
}
