//! Dropout: each value is dropped with a chance of `rate` while training (Srivastava et al., 2014).
//!
//! ```text
//! u ~ uniform [0, 1) for each element
//! training:    y = x · (u < rate ? 0 : 1 / (1 − rate))
//! evaluation:  y = x
//! ```
//!
//! Source: Keras 3, `Dropout`: inverted scaling, so that evaluation needs none.
//!
//! Shapes: `[B, …] → [B, …]`.
//!
//! Trap: Keras allows `rate = 1`, which divides by zero and hides it in a choice; here it is out of
//! range. The factor is chosen, not computed from `x`, so the backward pass reads it again (or draws it
//! again: the numbers are a function of step and place).
//!
//! Example:
//!
//! ```model
//! image -> dense(64, relu) -> dropout(0.2) -> classifier: dense(11, softmax)
//! ```

use super::only;
use crate::args::{ArgSpec, Args};
use crate::item::{Flow, Item, Layer, LayerContext};
use kiln_graph::{Distribution, ValueId};

/// Each value is dropped with a chance of `rate` while training.
pub(super) struct Dropout;

impl Item for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[ArgSpec::float("rate")
            .positional()
            .at_least(0.0)
            .below(1.0)
            .doc("Share of values that are dropped.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Drops values at random while training, and scales up the rest."
    }

    fn file(&self) -> &'static str {
        include_str!("dropout.rs")
    }
}

impl Layer for Dropout {
    fn dims(&self, inputs: &[&[u32]], _args: &Args, _units_of_tie: Option<u32>) -> Result<Vec<u32>, String> {
        Ok(only(inputs)?.to_vec())
    }

    fn keras_name(&self) -> &'static str {
        "Dropout"
    }

    fn build(&self, cx: &mut dyn LayerContext, inputs: &[Flow], args: &Args) -> ValueId {
        let (x, rate) = (inputs[0].value, args.float64("rate"));
        if !cx.training() || rate == 0.0 {
            return x;
        }
        let g = cx.graph();
        let cols = g.shape(x).cols;
        let u = g.random(Distribution::Uniform, cols);
        let threshold = g.constant(rate as f32);
        let dropped = g.greater(threshold, u);
        let (nothing, scaled) = (g.constant(0.0), g.constant((1.0 / (1.0 - rate)) as f32));
        let factor = g.select(dropped, nothing, scaled);
        g.mul(x, factor)
    }
}
