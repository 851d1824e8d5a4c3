//! Glorot, normal: signals keep their size forwards and backwards.
//!
//! ```text
//! w ~ normal(0, s) cut at ±2 s,  s = √(2 / (fan_in + fan_out)) / 0.8796
//! ```
//!
//! Source: Glorot and Bengio (2010); Keras 3, `GlorotNormal`.
//!
//! Shapes: any.
//!
//! Trap: cutting at two deviations makes the spread smaller, so the deviation before cutting is larger
//! by 1/0.8796, as in Keras.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, tanh, kernel_initializer = glorot_normal) -> classifier: dense(11, softmax)
//! ```

use super::{truncated_normal, variance};
use crate::args::Args;
use crate::item::{Fans, Initializer, Item};
use kiln_graph::Initial;

/// Truncated normal with variance 2 / (fan_in + fan_out).
pub(super) struct GlorotNormal;

impl Item for GlorotNormal {
    fn name(&self) -> &'static str {
        "glorot_normal"
    }

    fn summary(&self) -> &'static str {
        "Truncated normal with variance 2 / (fan_in + fan_out)."
    }

    fn file(&self) -> &'static str {
        include_str!("glorot_normal.rs")
    }
}

impl Initializer for GlorotNormal {
    fn initial(&self, fans: Fans, _args: &Args) -> Initial {
        truncated_normal(variance(1.0, (f64::from(fans.fan_in) + f64::from(fans.fan_out)) / 2.0))
    }
}
