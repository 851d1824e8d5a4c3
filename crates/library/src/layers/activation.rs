//! Activation: an activation as a layer of its own.
//!
//! ```text
//! y = activation(x)
//! ```
//!
//! Source: Keras 3, `Activation`.
//!
//! Shapes: `[B, …] → [B, …]`.
//!
//! Trap: softmax runs over the last axis; values of several extents are stored flat, so it takes one
//! extent only.
//!
//! Example:
//!
//! ```model
//! image -> dense(64) -> batch_norm() -> activation(relu) -> classifier: dense(11, softmax)
//! ```

use super::{only, width};
use crate::args::{ArgKind, ArgSpec, Args};
use crate::item::{Flow, Item, Kind, Layer, LayerContext};
use kiln_graph::ValueId;

/// An activation as a layer of its own.
pub(super) struct ActivationLayer;

impl Item for ActivationLayer {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[ArgSpec::new("activation", ArgKind::Item(Kind::Activation))
            .positional()
            .doc("The activation that is applied.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "An activation as a layer of its own."
    }

    fn file(&self) -> &'static str {
        include_str!("activation.rs")
    }
}

impl Layer for ActivationLayer {
    fn dims(&self, inputs: &[&[u32]], args: &Args, _units_of_tie: Option<u32>) -> Result<Vec<u32>, String> {
        if args.item("activation").name == "softmax" {
            width(inputs)?;
        }
        Ok(only(inputs)?.to_vec())
    }

    fn keras_name(&self) -> &'static str {
        "Activation"
    }

    fn build(&self, cx: &mut dyn LayerContext, inputs: &[Flow], args: &Args) -> ValueId {
        cx.activate(args.item("activation"), inputs[0].value)
    }
}
