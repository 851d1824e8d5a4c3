//! Step: the rate falls by a factor every so many epochs.
//!
//! ```text
//! rate(t) = rate · factor^⌊epoch / every⌋,  epoch = ⌊t / steps per epoch⌋
//! ```
//!
//! Source: PyTorch's `StepLR`; in Keras 3 `ExponentialDecay(staircase = True)`.
//!
//! Example:
//!
//! ```model
//! optimizer = sgd(rate = 0.1)
//! schedule  = step(every = 2, factor = 0.5)
//! ```

use super::{RATE, base};
use crate::args::{ArgSpec, Args};
use crate::item::{Item, RateContext, Schedule};
use kiln_graph::math;

/// The rate falls by a factor every so many epochs.
pub(super) struct Step;

impl Item for Step {
    fn name(&self) -> &'static str {
        "step"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            RATE,
            ArgSpec::int("every").at_least(1.0).doc("Epochs between falls."),
            ArgSpec::float("factor").or("0.1").above(0.0).at_most(1.0).doc("What is left after a fall."),
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "The rate falls by a factor every so many epochs."
    }

    fn file(&self) -> &'static str {
        include_str!("step.rs")
    }
}

impl Schedule for Step {
    fn rate(&self, cx: RateContext<'_>, args: &Args) -> f64 {
        let every = args.int("every").max(1) as u64;
        let epoch = cx.step / cx.steps_per_epoch.max(1);
        base(cx, args) * math::pow(args.float64("factor"), (epoch / every) as f64)
    }
}
