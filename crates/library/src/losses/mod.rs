//! Losses: how far a head is from its target.
//!
//! Each gives `[B, n]` or `[B, 1]`, scaled so that the sum over the columns is the sample's loss;
//! the model averages over the rows. One file each; a new one is a file and a line in [`all`].

mod binary_cross_entropy;
mod cross_entropy;
mod huber;
mod mae;
mod mse;

use crate::item::Loss;
use kiln_graph::{Builder, ValueId};

/// Every loss, in the order in which they are listed to people.
pub fn all() -> &'static [&'static dyn Loss] {
    &[
        &mse::Mse,
        &mae::Mae,
        &huber::Huber,
        &binary_cross_entropy::BinaryCrossEntropy,
        &cross_entropy::CrossEntropy,
    ]
}

/// The loss of this name.
pub fn find(name: &str) -> Option<&'static dyn Loss> {
    all().iter().copied().find(|item| item.name() == name)
}

/// What Keras keeps probabilities away from 0 and 1 by, before it takes their logarithm.
const CLIP: f64 = 1e-7;

/// `x / n` for a value of `n` columns: a sum over columns becomes a mean over them.
fn share_of_mean(g: &mut Builder, x: ValueId) -> ValueId {
    let n = g.shape(x).cols;
    g.scale(x, (1.0 / f64::from(n)) as f32)
}

/// A probability kept between `CLIP` and `1 − CLIP`; NaN stays NaN (the bound comes first, and
/// the primitives give their second operand where either is NaN).
fn clip_probability(g: &mut Builder, p: ValueId) -> ValueId {
    let (low, high) = (g.constant(CLIP as f32), g.constant((1.0 - CLIP) as f32));
    let p = g.max(low, p);
    g.min(high, p)
}
