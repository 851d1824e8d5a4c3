//! Batch normalisation: each column to mean 0 and variance 1 over the batch (Ioffe and Szegedy, 2015).
//!
//! ```text
//! training:    d = x − moving_mean,  m1 = Σ_rows d / B,  m2 = Σ_rows d² / B
//!              mean = moving_mean + m1,  var = max(m2 − m1², 0)
//!              moving_mean     ← moving_mean · momentum + mean · (1 − momentum)
//!              moving_variance ← moving_variance · momentum + var · (1 − momentum)
//! evaluation:  mean = moving_mean,  var = moving_variance
//! y = (x − mean) · rsqrt(var + epsilon) · gamma + beta
//! ```
//!
//! Source: Keras 3, `BatchNormalization`, defaults included; the variance is the biased one (over `B`,
//! not `B − 1`), in the moving average too.
//!
//! Shapes: `[B, n] → [B, n]`; parameters `gamma` (ones) and `beta` (zeros), statistics `moving_mean`
//! (zeros) and `moving_variance` (ones), each `[1, n]`.
//!
//! The recipe takes both sums in one pass, so that they ride along with the matmul that makes `x`.
//!
//! Trap: `E[x²] − E[x]²` cancels where the mean is large against the spread. Variance does not change
//! when the data is shifted, so the sums are taken of `x` less a pivot; the moving mean is near the
//! true one and known before the batch is. It is detached: a pivot cancels. What cancellation is left
//! can round below zero; hence the maximum.
//!
//! Example:
//!
//! ```model
//! image -> dense(64, relu) -> batch_norm(momentum = 0.9) -> classifier: dense(11, softmax)
//! ```

use super::width;
use crate::args::{ArgKind, ArgSpec, Args};
use crate::item::{Flow, Item, Layer, LayerContext};
use kiln_graph::{Builder, Initial, StateId, ValueId};

/// Each column to mean 0 and variance 1 over the batch.
pub(super) struct BatchNorm;

impl Item for BatchNorm {
    fn name(&self) -> &'static str {
        "batch_norm"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            ArgSpec::float("momentum")
                .or("0.99")
                .at_least(0.0)
                .at_most(1.0)
                .doc("Share of the moving statistics that a batch leaves as it is."),
            ArgSpec::float("epsilon").or("1e-3").above(0.0).doc("Added to the variance."),
            ArgSpec::new("center", ArgKind::Bool).or("true").doc("Learns the offset `beta`."),
            ArgSpec::new("scale", ArgKind::Bool).or("true").doc("Learns the factor `gamma`."),
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Each column to mean 0 and variance 1 over the batch, then scaled and offset."
    }

    fn file(&self) -> &'static str {
        include_str!("batch_norm.rs")
    }
}

impl Layer for BatchNorm {
    fn dims(&self, inputs: &[&[u32]], _args: &Args, _units_of_tie: Option<u32>) -> Result<Vec<u32>, String> {
        Ok(vec![width(inputs)?])
    }

    fn keras_name(&self) -> &'static str {
        "BatchNormalization"
    }

    fn build(&self, cx: &mut dyn LayerContext, inputs: &[Flow], args: &Args) -> ValueId {
        let x = inputs[0].value;
        let n = cx.graph().shape(x).cols;
        let gamma = args.bool("scale").then(|| cx.parameter("gamma", 1, n, Initial::Constant(1.0)));
        let beta = args.bool("center").then(|| cx.parameter("beta", 1, n, Initial::Constant(0.0)));
        let (moving_mean, mean_id) = cx.statistic("moving_mean", 1, n, Initial::Constant(0.0));
        let (moving_variance, variance_id) = cx.statistic("moving_variance", 1, n, Initial::Constant(1.0));
        let training = cx.training();
        let g = cx.graph();
        let (mean, variance) = if training {
            let (mean, variance) = moments(g, x, moving_mean);
            let momentum = args.float64("momentum");
            follow(g, mean_id, moving_mean, mean, momentum);
            follow(g, variance_id, moving_variance, variance, momentum);
            (mean, variance)
        } else {
            (moving_mean, moving_variance)
        };
        let variance = g.offset(variance, args.float("epsilon"));
        let factor = g.rsqrt(variance);
        // On the vector, not on the matrix: one multiplication an element less.
        let factor = gamma.map_or(factor, |gamma| g.mul(factor, gamma));
        let centered = g.sub(x, mean);
        let y = g.mul(centered, factor);
        beta.map_or(y, |beta| g.add(y, beta))
    }
}

/// Mean and biased variance of each column, in one pass about a pivot.
fn moments(g: &mut Builder, x: ValueId, pivot: ValueId) -> (ValueId, ValueId) {
    let pivot = g.detach(pivot);
    let rows = g.row_count();
    let d = g.sub(x, pivot);
    let d2 = g.square(d);
    let (sum1, sum2) = (g.sum_rows(d), g.sum_rows(d2));
    let (m1, m2) = (g.div(sum1, rows), g.div(sum2, rows));
    let mean = g.add(pivot, m1);
    let square = g.square(m1);
    let variance = g.sub(m2, square);
    let zero = g.constant(0.0);
    // Zero first: where the variance is NaN the primitive gives its second operand, and the
    // mistake stays visible.
    (mean, g.max(zero, variance))
}

/// `state ← old · momentum + seen · (1 − momentum)`
fn follow(g: &mut Builder, state: StateId, old: ValueId, seen: ValueId, momentum: f64) {
    let kept = g.scale(old, momentum as f32);
    let taken = g.scale(seen, (1.0 - momentum) as f32);
    let next = g.add(kept, taken);
    g.assign(state, next);
}
