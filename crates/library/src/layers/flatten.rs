//! Flatten: several extents to one.
//!
//! ```text
//! [B, d1, …, dk] → [B, d1 · … · dk]
//! ```
//!
//! Source: Keras 3, `Flatten`, last extent fastest.
//!
//! Shapes: `[B, d1, …, dk] → [B, d1 · … · dk]`.
//!
//! Every value is stored flat already, so it costs nothing.
//!
//! Example:
//!
//! ```model
//! image -> reshape([28, 28]) -> flatten -> classifier: dense(11, softmax)
//! ```

use super::{elements, only};
use crate::args::Args;
use crate::item::{Flow, Item, Layer, LayerContext};
use kiln_graph::ValueId;

/// Several extents to one.
pub(super) struct Flatten;

impl Item for Flatten {
    fn name(&self) -> &'static str {
        "flatten"
    }

    fn summary(&self) -> &'static str {
        "Several extents to one."
    }

    fn file(&self) -> &'static str {
        include_str!("flatten.rs")
    }
}

impl Layer for Flatten {
    fn dims(&self, inputs: &[&[u32]], _args: &Args, _units_of_tie: Option<u32>) -> Result<Vec<u32>, String> {
        Ok(vec![elements(only(inputs)?)?])
    }

    fn keras_name(&self) -> &'static str {
        "Flatten"
    }

    fn build(&self, _cx: &mut dyn LayerContext, inputs: &[Flow], _args: &Args) -> ValueId {
        inputs[0].value
    }
}
