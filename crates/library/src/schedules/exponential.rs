//! Exponential: the rate falls by the same share in every epoch.
//!
//! ```text
//! rate(t) = rate · decay^(t / steps per epoch)
//! ```
//!
//! Source: Keras 3, `ExponentialDecay` with one epoch as `decay_steps`; smooth, or with `staircase` the
//! same through each epoch.
//!
//! | argument | default | range | meaning |
//! |---|---|---|---|
//! | `rate` | the optimizer's | ≥ 0 | the rate of the first step |
//! | `decay` | required | 0 … 1, not 0 | what is left after an epoch |
//! | `staircase` | false | | falls at the ends of epochs only |

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
}

impl Schedule for Exponential {
    fn rate(&self, cx: RateContext<'_>, args: &Args) -> f64 {
        let epochs = epochs_done(cx);
        let epochs = if args.bool("staircase") { epochs.floor() } else { epochs };
        base(cx, args) * math::pow(args.float64("decay"), epochs)
    }
}
