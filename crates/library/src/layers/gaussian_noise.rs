//! Gaussian noise: a normal number is added to each value while training.
//!
//! ```text
//! training:    y = x + stddev · e,  e ~ normal(0, 1) for each element
//! evaluation:  y = x
//! ```
//!
//! Source: Keras 3, `GaussianNoise`.
//!
//! Shapes: `[B, …] → [B, …]`.
//!
//! Example:
//!
//! ```model
//! image -> gaussian_noise(0.1) -> dense(64, relu) -> classifier: dense(11, softmax)
//! ```

use super::only;
use crate::args::{ArgSpec, Args};
use crate::item::{Flow, Item, Layer, LayerContext};
use kiln_graph::{Distribution, ValueId};

/// A normal number is added to each value while training.
pub(super) struct GaussianNoise;

impl Item for GaussianNoise {
    fn name(&self) -> &'static str {
        "gaussian_noise"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] =
            &[ArgSpec::float("stddev").positional().at_least(0.0).doc("Standard deviation of the noise.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Adds normal noise to each value while training."
    }

    fn file(&self) -> &'static str {
        include_str!("gaussian_noise.rs")
    }
}

impl Layer for GaussianNoise {
    fn dims(&self, inputs: &[&[u32]], _args: &Args, _units_of_tie: Option<u32>) -> Result<Vec<u32>, String> {
        Ok(only(inputs)?.to_vec())
    }

    fn keras_name(&self) -> &'static str {
        "GaussianNoise"
    }

    fn build(&self, cx: &mut dyn LayerContext, inputs: &[Flow], args: &Args) -> ValueId {
        let (x, stddev) = (inputs[0].value, args.float("stddev"));
        if !cx.training() || stddev == 0.0 {
            return x;
        }
        let g = cx.graph();
        let cols = g.shape(x).cols;
        let e = g.random(Distribution::Normal, cols);
        let noise = g.scale(e, stddev);
        g.add(x, noise)
    }
}
