//! Add: the sum of several values, element by element.
//!
//! ```text
//! y = x1 + x2 + …
//! ```
//!
//! Source: Keras 3, `Add`.
//!
//! Shapes: `[B, …], [B, …], … → [B, …]`; two inputs or more, of the same extents, added from the left.
//!
//! Example:
//!
//! ```model
//! image -> first: dense(64, relu)
//! second = first -> dense(64, relu)
//! both: add(first, second) -> classifier: dense(11, softmax)
//! ```

use crate::args::Args;
use crate::item::{Flow, Item, Layer, LayerContext};
use kiln_graph::ValueId;

/// The sum of several values.
pub(super) struct Add;

impl Item for Add {
    fn name(&self) -> &'static str {
        "add"
    }

    fn summary(&self) -> &'static str {
        "The sum of several values of the same extents."
    }

    fn file(&self) -> &'static str {
        include_str!("add.rs")
    }
}

impl Layer for Add {
    fn inputs(&self) -> (usize, usize) {
        (2, usize::MAX)
    }

    fn dims(&self, inputs: &[&[u32]], _args: &Args, _units_of_tie: Option<u32>) -> Result<Vec<u32>, String> {
        let [first, rest @ ..] = inputs else { return Err("joins two values or more, found 0".to_owned()) };
        if rest.is_empty() {
            return Err("joins two values or more, found 1".to_owned());
        }
        match rest.iter().find(|dims| *dims != first) {
            Some(odd) => Err(format!("adds values of the same extents, found {first:?} and {odd:?}")),
            None => Ok(first.to_vec()),
        }
    }

    fn keras_name(&self) -> &'static str {
        "Add"
    }

    fn build(&self, cx: &mut dyn LayerContext, inputs: &[Flow], _args: &Args) -> ValueId {
        let (first, rest) = (inputs[0].value, &inputs[1..]);
        rest.iter().fold(first, |sum, flow| cx.graph().add(sum, flow.value))
    }
}
