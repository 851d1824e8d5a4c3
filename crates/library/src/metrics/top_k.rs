//! Top k: share of samples whose class is among their `k` largest columns.
//!
//! ```text
//! top_k = #{i : fewer than k columns of row i are above that of its class} / samples
//! ```
//!
//! Source: Keras 3, `SparseTopKCategoricalAccuracy`.
//!
//! Shapes: head `[B, n]`, target a class.
//!
//! Columns that tie with the class' do not count against it; a class whose number is not finite is
//! never among them.
//!
//! Example:
//!
//! ```model
//! target label: class(11)
//!
//! image -> classifier: dense(11, softmax)
//!
//! loss   classifier: cross_entropy(label)
//! metric classifier: accuracy, top_k(3)
//! ```

use super::Share;
use crate::args::{ArgSpec, Args};
use crate::confusion::class_of;
use crate::item::{Accumulator, Item, Metric, TargetKind};

/// Share of samples whose class is among their `k` largest columns.
pub(super) struct TopK;

impl Item for TopK {
    fn name(&self) -> &'static str {
        "top_k"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] =
            &[ArgSpec::int("k").or("5").positional().at_least(1.0).doc("How many columns count.")];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Share of samples whose class is among their k largest columns."
    }

    fn file(&self) -> &'static str {
        include_str!("top_k.rs")
    }
}

impl Metric for TopK {
    fn target(&self) -> TargetKind {
        TargetKind::Class
    }

    fn higher_is_better(&self) -> bool {
        true
    }

    fn start(&self, _cols: usize, args: &Args) -> Box<dyn Accumulator> {
        let k = usize::try_from(args.int("k")).unwrap_or(1);
        Box::new(Share { passes: among, k, passed: 0, samples: 0 })
    }
}

fn among(prediction: &[f32], target: &[f32], k: usize) -> bool {
    let class = class_of(target).and_then(|class| prediction.get(class));
    class.is_some_and(|&own| own.is_finite() && prediction.iter().filter(|&&p| p > own).count() < k)
}
