//! Binary cross-entropy: each column is a question with the answer yes or no, or a grey value.
//!
//! ```text
//! y = t · (1 − s) + s/2                                       s = label_smoothing
//! loss[i, j] = −(y · ln p + (1 − y) · ln(1 − p)) / n          p clipped to [1e-7, 1 − 1e-7]
//!            = (softplus(z) − z · y) / n                      where p = sigmoid(z)
//! ```
//!
//! Source: Keras 3, `BinaryCrossentropy`: mean over the last axis, then over the batch.
//!
//! Shapes: prediction and target `[B, n]`, result `[B, n]`.
//!
//! Trap: a sigmoid that has rounded to 1 has lost `ln(1 − p)`, and clipping it kills the gradient.
//! After a sigmoid the loss therefore reads `z`: its gradient is `(sigmoid(z) − y) / n`, exact for any
//! `z`.
//!
//! Example:
//!
//! ```model
//! image -> code: dense(32, relu) -> decoder: dense(784, sigmoid)
//!
//! loss decoder: binary_cross_entropy(image)
//! ```

use super::{clip_probability, share_of_mean};
use crate::args::{ArgSpec, Args};
use crate::item::{Item, Loss, LossInput, TargetKind};
use kiln_graph::{Builder, ValueId};

/// Yes or no in each column.
pub(super) struct BinaryCrossEntropy;

impl Item for BinaryCrossEntropy {
    fn name(&self) -> &'static str {
        "binary_cross_entropy"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[ArgSpec::float("label_smoothing")
            .or("0.0")
            .at_least(0.0)
            .at_most(1.0)
            .doc("How far targets are drawn towards one half.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Cross-entropy of each column on its own, for targets between 0 and 1."
    }

    fn file(&self) -> &'static str {
        include_str!("binary_cross_entropy.rs")
    }
}

impl Loss for BinaryCrossEntropy {
    fn target(&self) -> TargetKind {
        TargetKind::Values
    }

    fn build(&self, g: &mut Builder, input: LossInput<'_>, args: &Args) -> ValueId {
        let target = smooth(g, input.target, args.float64("label_smoothing"));
        let loss = match input.before {
            Some((logits, "sigmoid")) => from_logits(g, logits, target),
            _ => from_probabilities(g, input.prediction, target),
        };
        share_of_mean(g, loss)
    }
}

fn smooth(g: &mut Builder, target: ValueId, smoothing: f64) -> ValueId {
    if smoothing == 0.0 {
        return target;
    }
    let kept = g.scale(target, (1.0 - smoothing) as f32);
    g.offset(kept, (0.5 * smoothing) as f32)
}

fn from_logits(g: &mut Builder, logits: ValueId, target: ValueId) -> ValueId {
    let softplus = g.softplus(logits);
    let agreed = g.mul(logits, target);
    g.sub(softplus, agreed)
}

fn from_probabilities(g: &mut Builder, prediction: ValueId, target: ValueId) -> ValueId {
    let one = g.constant(1.0);
    let yes = clip_probability(g, prediction);
    let no = g.sub(one, yes);
    let (log_yes, log_no) = (g.log(yes), g.log(no));
    let not_target = g.sub(one, target);
    let (yes, no) = (g.mul(target, log_yes), g.mul(not_target, log_no));
    let sum = g.add(yes, no);
    g.neg(sum)
}
