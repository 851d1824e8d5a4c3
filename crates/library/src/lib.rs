//! What a spec can name: layers, activations, losses, optimizers, schedules, initializers, metrics.
//!
//! In: arguments that the model has checked against an item's [`ArgSpec`]s ([`Args`]).
//! Out: nodes of a graph, or numbers. Each folder holds one file an item and one
//! registry line each; gradients follow from the graph and are never written here.
//!
//! Not here: reading arguments from a spec (crate `model`).

pub mod args;
pub mod item;

pub use args::{ArgKind, ArgSpec, Args, Call, Value};
pub use item::{
    Accumulator, Activation, Fans, Flow, Initializer, Item, Kind, Layer, LayerContext, Loss, LossInput, Metric,
    Optimizer, RateContext, Schedule, TargetKind, Update,
};
