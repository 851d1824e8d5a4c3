//! Activations: functions of one value, element by element or (softmax) row by row.
//!
//! One file each; a new one is a file and a line in [`all`].

mod elu;
mod gelu;
mod leaky_relu;
mod linear;
mod relu;
mod selu;
mod sigmoid;
mod silu;
mod softmax;
mod softplus;
mod tanh;

use crate::item::Activation;

pub(crate) use softmax::below_maximum;

/// Every activation, in the order in which they are listed to people.
pub fn all() -> &'static [&'static dyn Activation] {
    &[
        &linear::Linear,
        &relu::Relu,
        &leaky_relu::LeakyRelu,
        &elu::Elu,
        &selu::Selu,
        &gelu::Gelu,
        &silu::Silu,
        &sigmoid::Sigmoid,
        &tanh::Tanh,
        &softplus::Softplus,
        &softmax::Softmax,
    ]
}

/// The activation of this name.
pub fn find(name: &str) -> Option<&'static dyn Activation> {
    all().iter().copied().find(|item| item.name() == name)
}
