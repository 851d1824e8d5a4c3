//! F1: the harmonic mean of precision and recall.
//!
//! ```text
//! f1[c] = 2 · samples of c predicted c / (samples predicted c + samples of c)
//! ```
//!
//! Source: scikit-learn, `f1_score` with `zero_division = 0`; see [`crate::confusion`] for
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
