//! Recall: how many of the samples of a class are found.
//!
//! ```text
//! recall[c] = samples of c predicted c / samples of c
//! ```
//!
//! Source: scikit-learn, `recall_score` with `zero_division = 0`; see [`crate::confusion`] for
//! the averages.
//!
//! | argument | default | range | meaning |
//! |---|---|---|---|
//! | `average` | macro | macro, weighted, micro | how the classes are averaged |
//!
//! Head `[B, n]`, target a class.

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
