//! F1: the harmonic mean of precision and recall.
//!
//! ```text
//! f1[c] = 2 · samples of c predicted c / (samples predicted c + samples of c)
//! ```
//!
//! Source: scikit-learn, `f1_score` with `zero_division = 0`; the averages are scikit-learn's: `macro`
//! is the mean over the classes that occur, as a sample or as a prediction; `weighted` the mean over
//! the samples' classes, each as often as it occurs; `micro` counts all classes as one.
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
//! metric classifier: accuracy, f1(macro)
//! ```

use crate::args::{ArgSpec, Args};
use crate::confusion::{AVERAGE, ByClass, ClassCount};
use crate::item::{Accumulator, Item, Metric, TargetKind};

/// Harmonic mean of precision and recall of a class.
pub(super) struct F1;

impl Item for F1 {
    fn name(&self) -> &'static str {
        "f1"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[AVERAGE];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Harmonic mean of precision and recall of a class."
    }

    fn file(&self) -> &'static str {
        include_str!("f1.rs")
    }
}

impl Metric for F1 {
    fn target(&self) -> TargetKind {
        TargetKind::Class
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn start(&self, cols: usize, args: &Args) -> Box<dyn Accumulator> {
        Box::new(ByClass::new(cols, args, ClassCount::f1))
    }
}
