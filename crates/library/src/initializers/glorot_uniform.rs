//! Glorot, uniform: signals keep their size forwards and backwards.
//!
//! ```text
//! w ~ uniform [−l, l),  l = √(6 / (fan_in + fan_out))
//! ```
//!
//! Source: Glorot and Bengio (2010); Keras 3, `GlorotUniform`.
//!
//! Shapes: any.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, tanh, kernel_initializer = glorot_uniform) -> classifier: dense(11, softmax)
//! ```

use super::{uniform, variance};
use crate::args::Args;
use crate::item::{Fans, Initializer, Item};
use kiln_graph::Initial;

/// Uniform with variance 2 / (fan_in + fan_out).
pub(super) struct GlorotUniform;

impl Item for GlorotUniform {
    fn name(&self) -> &'static str {
        "glorot_uniform"
    }

    fn summary(&self) -> &'static str {
        "Uniform with variance 2 / (fan_in + fan_out)."
    }

    fn file(&self) -> &'static str {
        include_str!("glorot_uniform.rs")
    }
}

impl Initializer for GlorotUniform {
    fn initial(&self, fans: Fans, _args: &Args) -> Initial {
        uniform(variance(1.0, (f64::from(fans.fan_in) + f64::from(fans.fan_out)) / 2.0))
    }
}
