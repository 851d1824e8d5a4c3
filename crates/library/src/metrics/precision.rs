//! Precision: how many of the predictions of a class are right.
//!
//! ```text
//! precision[c] = samples of c predicted c / samples predicted c
//! ```
//!
//! Source: scikit-learn, `precision_score` with `zero_division = 0`; see [`crate::confusion`] for
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
