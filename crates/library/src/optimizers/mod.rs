//! Optimizers: from a gradient to the parameter's new value.
//!
//! Each step follows Keras 3 in formula, order and default. The rate comes as a value, because a
//! schedule changes it; what Keras computes from the number of the step is kept as a state, so
//! that a checkpoint holds all there is. One file each; a new one is a file and a line in [`all`].

mod adagrad;
mod adam;
mod adamw;
mod nadam;
mod rmsprop;
mod sgd;

use crate::item::Optimizer;

/// Every optimizer, in the order in which they are listed to people.
pub fn all() -> &'static [&'static dyn Optimizer] {
    &[&sgd::Sgd, &adam::Adam, &adamw::AdamW, &nadam::Nadam, &rmsprop::RmsProp, &adagrad::Adagrad]
}

/// The optimizer of this name.
pub fn find(name: &str) -> Option<&'static dyn Optimizer> {
    all().iter().copied().find(|item| item.name() == name)
}
