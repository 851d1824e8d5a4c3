//! Layer normalisation: each row to mean 0 and variance 1 (Ba et al., 2016).
//!
//! ```text
//! mean = Σ_cols x / n,  d = x − mean,  var = Σ_cols d² / n
//! y = d · rsqrt(var + epsilon) · gamma + beta
//! ```
//!
//! Source: Keras 3, `LayerNormalization`, defaults included.
//!
//! Shapes: `[B, n] → [B, n]`; parameters `gamma` (ones) and `beta` (zeros), each `[1, n]`.
//!
//! Training and evaluation are the same.
//!
//! Trap: the one-pass variance would cancel; a row is short and at hand, so there are two passes.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, relu) -> layer_norm() -> classifier: dense(11, softmax)
//! ```

use super::width;
use crate::args::{ArgKind, ArgSpec, Args};
use crate::item::{Flow, Item, Layer, LayerContext};
use kiln_graph::{Builder, Initial, ValueId};

/// Each row to mean 0 and variance 1.
pub(super) struct LayerNorm;

impl Item for LayerNorm {
    fn name(&self) -> &'static str {
        "layer_norm"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            ArgSpec::float("epsilon").or("1e-3").above(0.0).doc("Added to the variance."),
            ArgSpec::new("center", ArgKind::Bool).or("true").doc("Learns the offset `beta`."),
            ArgSpec::new("scale", ArgKind::Bool).or("true").doc("Learns the factor `gamma`."),
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Each row to mean 0 and variance 1, then scaled and offset."
    }

    fn file(&self) -> &'static str {
        include_str!("layer_norm.rs")
    }
}

impl Layer for LayerNorm {
    fn dims(&self, inputs: &[&[u32]], _args: &Args, _units_of_tie: Option<u32>) -> Result<Vec<u32>, String> {
        Ok(vec![width(inputs)?])
    }

    fn keras_name(&self) -> &'static str {
        "LayerNormalization"
    }

    fn build(&self, cx: &mut dyn LayerContext, inputs: &[Flow], args: &Args) -> ValueId {
        let x = inputs[0].value;
        let n = cx.graph().shape(x).cols;
        let gamma = args.bool("scale").then(|| cx.parameter("gamma", 1, n, Initial::Constant(1.0)));
        let beta = args.bool("center").then(|| cx.parameter("beta", 1, n, Initial::Constant(0.0)));
        let g = cx.graph();
        let mean = mean_cols(g, x);
        let centered = g.sub(x, mean);
        let square = g.square(centered);
        let variance = mean_cols(g, square);
        let variance = g.offset(variance, args.float("epsilon"));
        let factor = g.rsqrt(variance);
        let y = g.mul(centered, factor);
        let y = gamma.map_or(y, |gamma| g.mul(y, gamma));
        beta.map_or(y, |beta| g.add(y, beta))
    }
}

fn mean_cols(g: &mut Builder, x: ValueId) -> ValueId {
    let n = g.shape(x).cols;
    let sum = g.sum_cols(x);
    g.scale(sum, (1.0 / f64::from(n)) as f32)
}
