//! GELU: the value, weighted by how likely a normal number is below it (Hendrycks and Gimpel, 2016).
//!
//! ```text
//! gelu(x) = x/2 · (1 + erf(x / √2))                              approximate = false
//!         = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))       approximate = true
//! ```
//!
//! Source: Keras 3, `keras.activations.gelu`.
//!
//! Shapes: `[R, n] → [R, n]`.
//!
//! Trap: `x³` is infinite from 7e12 on, and its derivative times the flat tanh's zero would be NaN; the
//! cubic's argument is clamped at ±16, where tanh has long been ±1.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, gelu) -> classifier: dense(11, softmax)
//! ```

use crate::args::{ArgKind, ArgSpec, Args};
use crate::item::{Activation, Item};
use kiln_graph::{Builder, ValueId};

/// Beyond this the approximation is `x` or 0 in every bit.
const FLAT: f32 = 16.0;

/// The value, weighted by how likely a normal number is below it.
pub(super) struct Gelu;

impl Item for Gelu {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[ArgSpec::new("approximate", ArgKind::Bool)
            .or("false")
            .doc("The formula with tanh in place of the error function.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "The value, weighted by how likely a normal number is below it."
    }

    fn file(&self) -> &'static str {
        include_str!("gelu.rs")
    }
}

impl Activation for Gelu {
    fn build(&self, g: &mut Builder, x: ValueId, args: &Args) -> ValueId {
        let sign = if args.bool("approximate") { by_tanh(g, x) } else { by_erf(g, x) };
        let weight = g.offset(sign, 1.0);
        let half = g.scale(x, 0.5);
        g.mul(half, weight)
    }
}

fn by_erf(g: &mut Builder, x: ValueId) -> ValueId {
    let scaled = g.scale(x, std::f32::consts::FRAC_1_SQRT_2);
    g.erf(scaled)
}

fn by_tanh(g: &mut Builder, x: ValueId) -> ValueId {
    let (low, high) = (g.constant(-FLAT), g.constant(FLAT));
    let x = g.max(low, x);
    let x = g.min(high, x);
    let square = g.square(x);
    let bend = g.scale(square, 0.044_715);
    let bend = g.offset(bend, 1.0);
    let inner = g.mul(x, bend);
    let root = (2.0 / std::f64::consts::PI).sqrt() as f32;
    let inner = g.scale(inner, root);
    g.tanh(inner)
}
