//! Cosine: half a wave from the rate down to a floor (Loshchilov and Hutter, 2016).
//!
//! ```text
//! rate(t) = rate · (floor + (1 − floor) · (1 + cos(π · min(t / T, 1))) / 2),  T = epochs · steps per epoch
//! ```
//!
//! Source: Keras 3, `CosineDecay` (`floor` is its `alpha`, `T` its `decay_steps`).
//!
//! Example:
//!
//! ```model
//! optimizer = sgd(rate = 0.1)
//! schedule  = cosine(floor = 0.01)
//! ```

use super::{RATE, base, epochs_done};
use crate::args::{ArgSpec, Args};
use crate::item::{Item, RateContext, Schedule};
use kiln_graph::math;

/// Half a wave from the rate down to a floor.
pub(super) struct Cosine;

impl Item for Cosine {
    fn name(&self) -> &'static str {
        "cosine"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            RATE,
            ArgSpec::float("floor")
                .or("0.0")
                .at_least(0.0)
                .at_most(1.0)
                .doc("Share of the rate that is left at the end."),
            ArgSpec::float("epochs")
                .optional()
                .above(0.0)
                .doc("How long it falls; without it, the whole training."),
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Half a cosine wave from the rate down to a floor."
    }

    fn file(&self) -> &'static str {
        include_str!("cosine.rs")
    }
}

impl Schedule for Cosine {
    fn rate(&self, cx: RateContext<'_>, args: &Args) -> f64 {
        let length = match args.get("epochs") {
            Some(_) => args.float64("epochs"),
            // A training of no epochs has no step to ask for; one keeps the division finite.
            None => cx.epochs.max(1) as f64,
        };
        let part = (epochs_done(cx) / length).min(1.0);
        let wave = (1.0 + math::cos(std::f64::consts::PI * part)) / 2.0;
        let floor = args.float64("floor");
        base(cx, args) * (floor + (1.0 - floor) * wave)
    }
}
