//! LeCun, uniform: signals keep their size forwards.
//!
//! ```text
//! w ~ uniform [−l, l),  l = √(3 / fan_in)
//! ```
//!
//! Source: LeCun et al. (1998); Keras 3, `LecunUniform`.
//!
//! Shapes: any.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, selu, kernel_initializer = lecun_uniform) -> classifier: dense(11, softmax)
//! ```

use super::{uniform, variance};
use crate::args::Args;
use crate::item::{Fans, Initializer, Item};
use kiln_graph::Initial;

/// Uniform with variance 1 / fan_in.
pub(super) struct LecunUniform;

impl Item for LecunUniform {
    fn name(&self) -> &'static str {
        "lecun_uniform"
    }

    fn summary(&self) -> &'static str {
        "Uniform with variance 1 / fan_in."
    }

    fn file(&self) -> &'static str {
        include_str!("lecun_uniform.rs")
    }
}

impl Initializer for LecunUniform {
    fn initial(&self, fans: Fans, _args: &Args) -> Initial {
        uniform(variance(1.0, f64::from(fans.fan_in)))
    }
}
