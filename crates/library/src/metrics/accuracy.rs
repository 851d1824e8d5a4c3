//! Accuracy: share of samples whose largest column is their class.
//!
//! ```text
//! accuracy = #{i : argmax_j p[i, j] = class of i} / samples
//! ```
//!
//! Source: Keras 3, `SparseCategoricalAccuracy`.
//!
//! Shapes: head `[B, n]`, target a class.
//!
//! Of several largest columns the first counts.
//!
//! Example:
//!
//! ```model
//! target label: class(11)
//!
//! image -> classifier: dense(11, softmax)
//!
//! loss   classifier: cross_entropy(label)
//! metric classifier: accuracy
//! ```

use super::Share;
use crate::args::Args;
use crate::confusion::{class_of, largest};
use crate::item::{Accumulator, Item, Metric, TargetKind};

/// Share of samples whose largest column is their class.
pub(super) struct Accuracy;

impl Item for Accuracy {
    fn name(&self) -> &'static str {
        "accuracy"
    }

    fn summary(&self) -> &'static str {
        "Share of samples whose largest column is their class."
    }

    fn file(&self) -> &'static str {
        include_str!("accuracy.rs")
    }
}

impl Metric for Accuracy {
    fn target(&self) -> TargetKind {
        TargetKind::Class
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn start(&self, _cols: usize, _args: &Args) -> Box<dyn Accumulator> {
        let passes = |p: &[f32], t: &[f32], _: usize| class_of(t) == Some(largest(p));
        Box::new(Share { passes, k: 1, passed: 0, samples: 0 })
    }
}
