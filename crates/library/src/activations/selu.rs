//! SELU: ELU scaled so that layers keep mean 0 and variance 1 (Klambauer et al., 2017).
//!
//! ```text
//! selu(x) = scale · elu(x, alpha),  scale = 1.0507009873554805,  alpha = 1.6732632423543772
//! ```
//!
//! Source: Keras 3, `keras.activations.selu`: the two constants are the fixed point that the paper
//! derives.
//!
//! Shapes: `[R, n] → [R, n]`.
//!
//! Meant for `lecun_normal` kernels.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, selu, kernel_initializer = lecun_normal) -> classifier: dense(11, softmax)
//! ```

use super::elu::exponential_below;
use crate::args::Args;
use crate::item::{Activation, Item};
use kiln_graph::{Builder, ValueId};

/// The factor on the whole function.
const SCALE: f64 = 1.050_700_987_355_480_5;
/// The depth of the exponential.
const ALPHA: f64 = 1.673_263_242_354_377_2;

/// ELU scaled so that layers keep mean 0 and variance 1.
pub(super) struct Selu;

impl Item for Selu {
    fn name(&self) -> &'static str {
        "selu"
    }

    fn summary(&self) -> &'static str {
        "ELU scaled so that layers keep mean 0 and variance 1."
    }

    fn file(&self) -> &'static str {
        include_str!("selu.rs")
    }
}

impl Activation for Selu {
    fn build(&self, g: &mut Builder, x: ValueId, _args: &Args) -> ValueId {
        let elu = exponential_below(g, x, ALPHA as f32);
        g.scale(elu, SCALE as f32)
    }
}
