//! What a spec can name: layers, activations, losses, optimizers, schedules, initializers, metrics.
//!
//! In: arguments that the model has checked against an item's [`ArgSpec`]s ([`Args`]).
//! Out: nodes of a graph, or numbers. Each folder holds one file an item and one
//! registry line each; gradients follow from the graph and are never written here.
//!
//! Defaults that change a number are those of Keras 3; each item's file says where one differs.
//!
//! Not here: reading arguments from a spec (crate `model`).

// What an item is, and where to find it.
pub mod args; // blank lines keep the formatter from sorting

pub mod item;

pub mod registry;

pub mod page;

// Items, one folder a kind.
pub mod layers;

pub mod activations;

pub mod losses;

pub mod optimizers;

pub mod schedules;

pub mod initializers;

pub mod metrics;

// What is not named by items, but goes with them.
pub mod clip;
pub mod early_stopping;

mod confusion;
mod slots;

pub use args::{ArgKind, ArgSpec, Args, Call, Value};
pub use item::{
    Accumulator, Activation, Fans, Flow, Initializer, Item, Kind, Layer, LayerContext, Loss, LossInput,
    Metric, Optimizer, RateContext, Schedule, TargetKind, Update,
};
