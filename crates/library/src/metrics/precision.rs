//! Precision: how many of the predictions of a class are right.
//!
//! ```text
//! precision[c] = samples of c predicted c / samples predicted c
//! ```
//!
//! Source: scikit-learn, `precision_score` with `zero_division = 0`; the averages are scikit-learn's:
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
//! metric classifier: precision(weighted)
//! ```

use crate::args::{ArgSpec, Args};
use crate::confusion::{AVERAGE, ByClass, ClassCount};
use crate::item::{Accumulator, Item, Metric, TargetKind};

/// Share of the predictions of a class that are right.
pub(super) struct Precision;

impl Item for Precision {
    fn name(&self) -> &'static str {
        "precision"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[AVERAGE];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Share of the predictions of a class that are right."
    }

    fn file(&self) -> &'static str {
        include_str!("precision.rs")
    }
}

impl Metric for Precision {
    fn target(&self) -> TargetKind {
        TargetKind::Class
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn start(&self, cols: usize, args: &Args) -> Box<dyn Accumulator> {
        Box::new(ByClass::new(cols, args, ClassCount::precision))
    }
}
