//! Recall: how many of the samples of a class are found.
//!
//! ```text
//! recall[c] = samples of c predicted c / samples of c
//! ```
//!
//! Source: scikit-learn, `recall_score` with `zero_division = 0`; the averages are scikit-learn's:
//! `macro` is the mean over the classes that occur, as a sample or as a prediction; `weighted` the mean
//! over the samples' classes, each as often as it occurs; `micro` counts all classes as one.
//!
//! Shapes: head `[B, n]`, target a class.
//!
//! Trap: a class with no prediction has no precision, one with no sample no recall; both count as 0,
//! not as left out, so that a network cannot gain by never naming a class.
//!
//! Example:
//!
//! ```model
//! target label: class(11)
//!
//! image -> classifier: dense(11, softmax)
//!
//! loss   classifier: cross_entropy(label)
//! metric classifier: recall
//! ```

use crate::args::{ArgSpec, Args};
use crate::confusion::{AVERAGE, ByClass, ClassCount};
use crate::item::{Accumulator, Item, Metric, TargetKind};

/// Share of the samples of a class that are found.
pub(super) struct Recall;

impl Item for Recall {
    fn name(&self) -> &'static str {
        "recall"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[AVERAGE];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Share of the samples of a class that are found."
    }

    fn file(&self) -> &'static str {
        include_str!("recall.rs")
    }
}

impl Metric for Recall {
    fn target(&self) -> TargetKind {
        TargetKind::Class
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn start(&self, cols: usize, args: &Args) -> Box<dyn Accumulator> {
        Box::new(ByClass::new(cols, args, ClassCount::recall))
    }
}
