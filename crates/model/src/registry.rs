//! The library as the model sees it: items by kind and name, and what messages call them.
//!
//! One argument that the model itself understands is added here: `trainable` of every layer.

use kiln_library::{ArgKind, ArgSpec, Item, Kind, Layer, registry};

/// What messages call an item of this kind.
pub fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Layer => "layer",
        Kind::Activation => "activation",
        Kind::Loss => "loss",
        Kind::Optimizer => "optimizer",
        Kind::Schedule => "schedule",
        Kind::Initializer => "initializer",
        Kind::Metric => "metric",
    }
}

/// The item of this kind and name.
pub(crate) fn find(kind: Kind, name: &str) -> Option<&'static dyn Item> {
    registry::find(kind, name)
}

/// The layer of this name.
pub(crate) fn layer(name: &str) -> Option<&'static dyn Layer> {
    registry::find_layer(name)
}

/// The kind of the item of this name, whichever kind that is.
pub(crate) fn kind_of(name: &str) -> Option<Kind> {
    registry::KINDS.into_iter().find(|&kind| find(kind, name).is_some())
}

/// Names of a kind's items.
pub(crate) fn names(kind: Kind) -> Vec<&'static str> {
    registry::names(kind)
}

/// The arguments of an item, with those that the model understands.
pub fn specs(kind: Kind, item: &dyn Item) -> Vec<ArgSpec> {
    const TRAINABLE: ArgSpec = ArgSpec::new("trainable", ArgKind::Bool)
        .optional()
        .doc("`false` keeps the layer's parameters as they began.");
    let own = item.args().iter().copied();
    match kind {
        Kind::Layer => own.chain([TRAINABLE]).collect(),
        Kind::Activation
        | Kind::Loss
        | Kind::Optimizer
        | Kind::Schedule
        | Kind::Initializer
        | Kind::Metric => own.collect(),
    }
}
