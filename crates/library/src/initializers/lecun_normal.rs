//! LeCun, normal: signals keep their size forwards; SELU's companion.
//!
//! ```text
//! w ~ normal(0, s) cut at ±2 s,  s = √(1 / fan_in) / 0.8796
//! ```
//!
//! Source: LeCun et al. (1998); Keras 3, `LecunNormal`.
//!
//! Shapes: any.
//!
//! Trap: cutting at two deviations makes the spread smaller, so the deviation before cutting is larger
//! by 1/0.8796, as in Keras.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, selu, kernel_initializer = lecun_normal) -> classifier: dense(11, softmax)
//! ```

use super::{truncated_normal, variance};
use crate::args::Args;
use crate::item::{Fans, Initializer, Item};
use kiln_graph::Initial;

/// Truncated normal with variance 1 / fan_in.
pub(super) struct LecunNormal;

impl Item for LecunNormal {
    fn name(&self) -> &'static str {
        "lecun_normal"
    }

    fn summary(&self) -> &'static str {
        "Truncated normal with variance 1 / fan_in."
    }

    fn file(&self) -> &'static str {
        include_str!("lecun_normal.rs")
    }
}

impl Initializer for LecunNormal {
    fn initial(&self, fans: Fans, _args: &Args) -> Initial {
        truncated_normal(variance(1.0, f64::from(fans.fan_in)))
    }
}
