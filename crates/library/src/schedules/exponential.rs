//! Exponential: the rate falls by the same share in every epoch.
//!
//! ```text
//! rate(t) = rate · decay^(t / steps per epoch)
//! ```
//!
//! Source: Keras 3, `ExponentialDecay` with one epoch as `decay_steps`; smooth, or with `staircase` the
//! same through each epoch.
//!
//! Example:
//!
//! ```model
//! optimizer = sgd(rate = 0.1)
//! schedule  = exponential(decay = 0.9)
//! ```

use super::{RATE, base, epochs_done};
use crate::args::{ArgKind, ArgSpec, Args};
use crate::item::{Item, RateContext, Schedule};
use kiln_graph::math;

/// The rate falls by the same share in every epoch.
pub(super) struct Exponential;

impl Item for Exponential {
    fn name(&self) -> &'static str {
        "exponential"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            RATE,
            ArgSpec::float("decay").above(0.0).at_most(1.0).doc("What is left after an epoch."),
            ArgSpec::new("staircase", ArgKind::Bool).or("false").doc("Falls at the ends of epochs only."),
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "The rate falls by the same share in every epoch."
    }

    fn file(&self) -> &'static str {
        include_str!("exponential.rs")
    }
}

impl Schedule for Exponential {
    fn rate(&self, cx: RateContext<'_>, args: &Args) -> f64 {
        let epochs = epochs_done(cx);
        let epochs = if args.bool("staircase") { epochs.floor() } else { epochs };
        base(cx, args) * math::pow(args.float64("decay"), epochs)
    }
}
