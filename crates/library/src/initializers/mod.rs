//! Initializers: how a parameter begins, as a distribution scaled by its fans.
//!
//! One file each; a new one is a file and a line in [`all`]. Drawing the numbers is the runtime's.

mod constant;
mod glorot_normal;
mod glorot_uniform;
mod he_normal;
mod he_uniform;
mod lecun_normal;
mod lecun_uniform;
mod ones;
mod orthogonal;
mod zeros;

use crate::item::Initializer;
use kiln_graph::Initial;

/// Every initializer, in the order in which they are listed to people.
pub fn all() -> &'static [&'static dyn Initializer] {
    &[
        &glorot_uniform::GlorotUniform,
        &glorot_normal::GlorotNormal,
        &he_uniform::HeUniform,
        &he_normal::HeNormal,
        &lecun_uniform::LecunUniform,
        &lecun_normal::LecunNormal,
        &orthogonal::Orthogonal,
        &zeros::Zeros,
        &ones::Ones,
        &constant::Constant,
    ]
}

/// The initializer of this name.
pub fn find(name: &str) -> Option<&'static dyn Initializer> {
    all().iter().copied().find(|item| item.name() == name)
}

/// Standard deviation of a normal of deviation 1 that is cut at ±2: Keras divides by it, so that
/// what is left after cutting has the deviation asked for.
const STD_AFTER_CUTTING: f64 = 0.879_625_661_034_239_8;

/// Uniform with this variance: a uniform on `[−l, l)` has the variance `l²/3`.
fn uniform(variance: f64) -> Initial {
    Initial::Uniform { limit: (3.0 * variance).sqrt() as f32 }
}

/// Normal cut at two deviations, with this variance after cutting.
fn truncated_normal(variance: f64) -> Initial {
    Initial::TruncatedNormal { std: (variance.sqrt() / STD_AFTER_CUTTING) as f32 }
}

/// `scale / fan`, where a fan of 0 counts as 1.
fn variance(scale: f64, fan: f64) -> f64 {
    scale / fan.max(1.0)
}
