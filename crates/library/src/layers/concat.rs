//! Concat: several values side by side.
//!
//! ```text
//! y = [x1 | x2 | …]
//! ```
//!
//! Source: Keras 3, `Concatenate` along the last axis.
//!
//! Shapes: `[B, n1], [B, n2], … → [B, n1 + n2 + …]`; two inputs or more, of one extent each.
//!
//! Example:
//!
//! ```model
//! left = image -> dense(64, relu)
//! right = image -> dense(64, tanh)
//! both: concat(left, right) -> classifier: dense(11, softmax)
//! ```

use crate::args::Args;
use crate::item::{Flow, Item, Layer, LayerContext};
use kiln_graph::ValueId;

/// Several values side by side.
pub(super) struct Concat;

impl Item for Concat {
    fn name(&self) -> &'static str {
        "concat"
    }

    fn summary(&self) -> &'static str {
        "Several values side by side."
    }

    fn file(&self) -> &'static str {
        include_str!("concat.rs")
    }
}

impl Layer for Concat {
    fn inputs(&self) -> (usize, usize) {
        (2, usize::MAX)
    }

    fn dims(&self, inputs: &[&[u32]], _args: &Args, _units_of_tie: Option<u32>) -> Result<Vec<u32>, String> {
        let mut total = 0u32;
        for dims in inputs {
            let [width] = dims else {
                return Err(format!("joins values of one extent, found {dims:?}: put `flatten()` before it"));
            };
            total = total.checked_add(*width).ok_or("is wider than a value may be")?;
        }
        if inputs.len() < 2 {
            return Err(format!("joins two values or more, found {}", inputs.len()));
        }
        Ok(vec![total])
    }

    fn keras_name(&self) -> &'static str {
        "Concatenate"
    }

    fn build(&self, cx: &mut dyn LayerContext, inputs: &[Flow], _args: &Args) -> ValueId {
        let values: Vec<ValueId> = inputs.iter().map(|flow| flow.value).collect();
        cx.graph().concat(&values)
    }
}
