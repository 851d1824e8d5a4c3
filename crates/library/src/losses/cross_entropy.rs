//! Cross-entropy: one class out of many.
//!
//! ```text
//! o[i, j] = 1 where j is the class of row i, else 0
//! y = o · (1 − s) + s/n                                    s = label_smoothing
//! w[i] = class_weights[class of row i], or 1
//! loss[i, j] = w[i] · y[i, j] · (ln Σ_k exp(z[i, k] − m[i]) − (z[i, j] − m[i]))    p = softmax(z)
//!            = w[i] · y[i, j] · −ln p[i, j]                otherwise: p over its row's sum, clipped
//! ```
//!
//! Source: Keras 3, `CategoricalCrossentropy` on the one-hot class (smoothing included), and
//! `class_weight` of `fit`: a sample's loss is multiplied, and the mean still divides by the number of
//! rows, not by the sum of the weights.
//!
//! Shapes: prediction `[B, n]`, target `[B, 1]` with the class index, result `[B, n]`.
//!
//! Trap: the logarithm of a softmax that has rounded to 0 is lost. After a softmax the loss therefore
//! reads `z`; its gradient is `w · (softmax(z) · Σy − y)`, finite for any `z`.
//!
//! Example:
//!
//! ```model
//! target label: class(11)
//!
//! image -> classifier: dense(11, softmax)
//!
//! loss classifier: cross_entropy(label, label_smoothing = 0.1)
//! ```

use super::clip_probability;
use crate::activations::below_maximum;
use crate::args::{ArgKind, ArgSpec, Args};
use crate::item::{Item, Loss, LossInput, TargetKind};
use kiln_graph::{Builder, ValueId};

/// One class out of many.
pub(super) struct CrossEntropy;

impl Item for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross_entropy"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            ArgSpec::float("label_smoothing")
                .or("0.0")
                .at_least(0.0)
                .at_most(1.0)
                .doc("Share of the target that is spread over all classes."),
            ArgSpec::new("class_weights", ArgKind::List)
                .optional()
                .at_least(0.0)
                .doc("Factors on the loss of samples of each class, one a class."),
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Cross-entropy between the head's probabilities and the sample's class."
    }

    fn file(&self) -> &'static str {
        include_str!("cross_entropy.rs")
    }
}

impl Loss for CrossEntropy {
    fn target(&self) -> TargetKind {
        TargetKind::Class
    }

    fn check(&self, cols: u32, args: &Args) -> Result<(), String> {
        let weights = args.list("class_weights");
        if args.get("class_weights").is_some() && weights.len() != cols as usize {
            return Err(format!("`class_weights` has {} numbers for {cols} classes", weights.len()));
        }
        match weights.iter().find(|w| !(0.0..=f64::from(f32::MAX)).contains(*w)) {
            Some(odd) => Err(format!("`class_weights` holds {odd}: weights are finite and at least 0")),
            None => Ok(()),
        }
    }

    fn build(&self, g: &mut Builder, input: LossInput<'_>, args: &Args) -> ValueId {
        let classes = g.shape(input.prediction).cols;
        let one_hot = g.one_hot(input.target, classes);
        let target = smooth(g, one_hot, classes, args.float64("label_smoothing"));
        let surprise = match input.before {
            Some((logits, "softmax")) => from_logits(g, logits),
            _ => from_probabilities(g, input.prediction),
        };
        let loss = g.mul(target, surprise);
        match args.list("class_weights") {
            [] => loss,
            weights => weigh(g, loss, one_hot, weights),
        }
    }
}

fn smooth(g: &mut Builder, one_hot: ValueId, classes: u32, smoothing: f64) -> ValueId {
    if smoothing == 0.0 {
        return one_hot;
    }
    let kept = g.scale(one_hot, (1.0 - smoothing) as f32);
    g.offset(kept, (smoothing / f64::from(classes)) as f32)
}

/// `−ln softmax(z)`, from the same shifted values as the softmax itself.
fn from_logits(g: &mut Builder, logits: ValueId) -> ValueId {
    let shifted = below_maximum(g, logits);
    let e = g.exp(shifted);
    let total = g.sum_cols(e);
    let log_total = g.log(total);
    g.sub(log_total, shifted)
}

fn from_probabilities(g: &mut Builder, prediction: ValueId) -> ValueId {
    let total = g.sum_cols(prediction);
    let p = g.div(prediction, total);
    let p = clip_probability(g, p);
    let log = g.log(p);
    g.neg(log)
}

/// Multiplies each row by the weight of its class: the class as it is, not as it was smoothed.
fn weigh(g: &mut Builder, loss: ValueId, one_hot: ValueId, weights: &[f64]) -> ValueId {
    let weights: Vec<ValueId> = weights.iter().map(|&w| g.constant(w as f32)).collect();
    let weights = g.concat(&weights);
    let chosen = g.mul(one_hot, weights);
    let weight = g.sum_cols(chosen);
    g.mul(loss, weight)
}
