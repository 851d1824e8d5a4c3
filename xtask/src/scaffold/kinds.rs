//! The kinds of items and how a new one of each begins.
//!
//! `NAME` and `TYPE` in a template become the item's name and its type.

/// A kind of item.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// Relative to the workspace; has the registry in its `mod.rs`.
    pub(super) folder: &'static str,
    pub(super) template: &'static str,
}

pub(super) const KINDS: &[Kind] = &[
    Kind { name: "layer", folder: "crates/library/src/layers", template: include_str!("layer.txt") },
    Kind {
        name: "activation",
        folder: "crates/library/src/activations",
        template: include_str!("activation.txt"),
    },
    Kind { name: "loss", folder: "crates/library/src/losses", template: include_str!("loss.txt") },
    Kind {
        name: "optimizer",
        folder: "crates/library/src/optimizers",
        template: include_str!("optimizer.txt"),
    },
];
