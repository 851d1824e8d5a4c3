//! Layers: recipes over values that flow, with parameters of their own.
//!
//! One file each; a new one is a file and a line in [`all`].

mod activation;
mod add;
mod batch_norm;
mod concat;
mod dense;
mod dropout;
mod flatten;
mod gaussian_noise;
mod layer_norm;
mod reshape;

use crate::item::Layer;

/// Every layer, in the order in which they are listed to people.
pub fn all() -> &'static [&'static dyn Layer] {
    &[
        &dense::Dense,
        &activation::ActivationLayer,
        &batch_norm::BatchNorm,
        &layer_norm::LayerNorm,
        &dropout::Dropout,
        &gaussian_noise::GaussianNoise,
        &flatten::Flatten,
        &reshape::Reshape,
        &concat::Concat,
        &add::Add,
    ]
}

/// The layer of this name.
pub fn find(name: &str) -> Option<&'static dyn Layer> {
    all().iter().copied().find(|item| item.name() == name)
}

/// The extents of the only input.
fn only<'a>(inputs: &[&'a [u32]]) -> Result<&'a [u32], String> {
    match inputs {
        [dims] => Ok(dims),
        _ => Err(format!("expects one input, found {}", inputs.len())),
    }
}

/// The only input's width, where it has one extent.
fn width(inputs: &[&[u32]]) -> Result<u32, String> {
    match only(inputs)? {
        [width] => Ok(*width),
        dims => Err(format!("expects one extent, found {dims:?}: put `flatten()` before it")),
    }
}

/// The number of elements of a sample with these extents.
fn elements(dims: &[u32]) -> Result<u32, String> {
    let product = dims.iter().try_fold(1u32, |n, &d| n.checked_mul(d));
    product.ok_or_else(|| format!("{dims:?} has more elements than a sample may have"))
}
