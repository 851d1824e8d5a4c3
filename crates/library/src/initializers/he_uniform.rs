//! He, uniform: signals keep their size through ReLUs.
//!
//! ```text
//! w ~ uniform [−l, l),  l = √(6 / fan_in)
//! ```
//!
//! Source: He et al. (2015); Keras 3, `HeUniform`.
//!
//! Shapes: any.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, relu, kernel_initializer = he_uniform) -> classifier: dense(11, softmax)
//! ```

use super::{uniform, variance};
use crate::args::Args;
use crate::item::{Fans, Initializer, Item};
use kiln_graph::Initial;

/// Uniform with variance 2 / fan_in.
pub(super) struct HeUniform;

impl Item for HeUniform {
    fn name(&self) -> &'static str {
        "he_uniform"
    }

    fn summary(&self) -> &'static str {
        "Uniform with variance 2 / fan_in."
    }

    fn file(&self) -> &'static str {
        include_str!("he_uniform.rs")
    }
}

impl Initializer for HeUniform {
    fn initial(&self, fans: Fans, _args: &Args) -> Initial {
        uniform(variance(2.0, f64::from(fans.fan_in)))
    }
}
