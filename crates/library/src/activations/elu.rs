//! ELU: identity above zero, a saturating exponential below (Clevert et al., 2015).
//!
//! ```text
//! elu(x) = x                       where x > 0
//!        = alpha · (exp(x) − 1)    elsewhere
//! ```
//!
//! Source: Keras 3, `keras.activations.elu`.
//!
//! Shapes: `[R, n] → [R, n]`.
//!
//! Trap: for large `x` the branch not taken would be infinite, and 0 · ∞ in its gradient would poison
//! the sum with NaN; the exponent is clamped first.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, elu(alpha = 0.5)) -> classifier: dense(11, softmax)
//! ```

use crate::args::{ArgSpec, Args};
use crate::item::{Activation, Item};
use kiln_graph::{Builder, ValueId};

/// Identity above zero, a saturating exponential below.
pub(super) struct Elu;

impl Item for Elu {
    fn name(&self) -> &'static str {
        "elu"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[ArgSpec::float("alpha")
            .or("1.0")
            .positional()
            .at_least(0.0)
            .doc("Depth at which it saturates below zero.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Identity above zero, a saturating exponential below."
    }

    fn file(&self) -> &'static str {
        include_str!("elu.rs")
    }
}

impl Activation for Elu {
    fn build(&self, g: &mut Builder, x: ValueId, args: &Args) -> ValueId {
        exponential_below(g, x, args.float("alpha"))
    }
}

/// `x` above zero, `alpha · (exp(x) − 1)` elsewhere.
///
/// The exponent is clamped first: for large `x` the branch not taken would be infinite, and
/// `0 · ∞` in its gradient would poison the sum with NaN. `min(0, x)` in this order, so that a NaN
/// in `x` stays one instead of becoming 0.
pub(super) fn exponential_below(g: &mut Builder, x: ValueId, alpha: f32) -> ValueId {
    let zero = g.constant(0.0);
    let above = g.greater(x, zero);
    let below = g.min(zero, x);
    let below = g.exp_m1(below);
    let below = g.scale(below, alpha);
    g.select(above, x, below)
}
