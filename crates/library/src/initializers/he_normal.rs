//! He, normal: signals keep their size through ReLUs.
//!
//! ```text
//! w ~ normal(0, s) cut at ±2 s,  s = √(2 / fan_in) / 0.8796
//! ```
//!
//! Source: He et al. (2015); Keras 3, `HeNormal`.
//!
//! Shapes: any.
//!
//! Trap: cutting at two deviations makes the spread smaller, so the deviation before cutting is larger
//! by 1/0.8796, as in Keras.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, relu, kernel_initializer = he_normal) -> classifier: dense(11, softmax)
//! ```

use super::{truncated_normal, variance};
use crate::args::Args;
use crate::item::{Fans, Initializer, Item};
use kiln_graph::Initial;

/// Truncated normal with variance 2 / fan_in.
pub(super) struct HeNormal;

impl Item for HeNormal {
    fn name(&self) -> &'static str {
        "he_normal"
    }

    fn summary(&self) -> &'static str {
        "Truncated normal with variance 2 / fan_in."
    }

    fn file(&self) -> &'static str {
        include_str!("he_normal.rs")
    }
}

impl Initializer for HeNormal {
    fn initial(&self, fans: Fans, _args: &Args) -> Initial {
        truncated_normal(variance(2.0, f64::from(fans.fan_in)))
    }
}
