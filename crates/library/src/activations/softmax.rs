//! Softmax: a row of numbers to the probabilities of its columns.
//!
//! ```text
//! softmax(x)[i, j] = exp(x[i, j] − m[i]) / sum_k exp(x[i, k] − m[i]),  m[i] = max_k x[i, k]
//! ```
//!
//! Source: Keras 3, `keras.activations.softmax` over the last axis.
//!
//! Shapes: `[R, n] → [R, n]`, each row above 0 and summing to 1.
//!
//! Trap: without the maximum `exp` overflows from 89 on. The maximum is detached: it cancels, so its
//! gradient is zero in exact arithmetic and only costs and rounds in ours.
//!
//! Example:
//!
//! ```model
//! image -> classifier: dense(11, softmax)
//! ```

use crate::args::Args;
use crate::item::{Activation, Item};
use kiln_graph::{Builder, ValueId};

/// A row of numbers to the probabilities of its columns.
pub(super) struct Softmax;

impl Item for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn summary(&self) -> &'static str {
        "A row of numbers to the probabilities of its columns."
    }

    fn file(&self) -> &'static str {
        include_str!("softmax.rs")
    }
}

impl Activation for Softmax {
    fn build(&self, g: &mut Builder, x: ValueId, _args: &Args) -> ValueId {
        let shifted = below_maximum(g, x);
        let e = g.exp(shifted);
        let total = g.sum_cols(e);
        g.div(e, total)
    }
}

/// `x` less its row's maximum, through which no gradient flows. Cross-entropy begins with the
/// same nodes, so the graph holds them once.
pub(crate) fn below_maximum(g: &mut Builder, x: ValueId) -> ValueId {
    let top = g.max_cols(x);
    let top = g.detach(top);
    g.sub(x, top)
}
