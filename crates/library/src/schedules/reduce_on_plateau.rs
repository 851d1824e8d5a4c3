//! Reduce on plateau: the rate falls when the monitored loss stops falling.
//!
//! ```text
//! after each epoch:  loss < best − min_delta       →  best ← loss, wait ← 0
//!                    otherwise                     →  wait ← wait + 1
//!                    wait = patience               →  rate ← max(rate · factor, min_rate), wait ← 0
//! ```
//!
//! Source: Keras 3, `ReduceLROnPlateau`, defaults included; the loss monitored is that of the
//! validation data.
//!
//! Trap: a state of its own would have to be in every checkpoint. The losses so far are in the history
//! already, and replaying a few hundred of them costs nothing.
//!
//! Example:
//!
//! ```model
//! optimizer = sgd(rate = 0.1)
//! schedule  = reduce_on_plateau(factor = 0.5, patience = 3)
//! ```

use super::{RATE, base};
use crate::args::{ArgSpec, Args};
use crate::item::{Item, RateContext, Schedule};

/// The rate falls when the monitored loss stops falling.
pub(super) struct ReduceOnPlateau;

impl Item for ReduceOnPlateau {
    fn name(&self) -> &'static str {
        "reduce_on_plateau"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            RATE,
            ArgSpec::float("factor").or("0.1").above(0.0).below(1.0).doc("What is left after a fall."),
            ArgSpec::int("patience").or("10").at_least(0.0).doc("Epochs without progress before a fall."),
            ArgSpec::float("min_delta").or("1e-4").at_least(0.0).doc("Less than this is no progress."),
            ArgSpec::int("cooldown").or("0").at_least(0.0).doc("Epochs after a fall that do not count."),
            ArgSpec::float("min_rate").or("0.0").at_least(0.0).doc("The rate never falls below."),
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "The rate falls when the validation loss stops falling."
    }

    fn file(&self) -> &'static str {
        include_str!("reduce_on_plateau.rs")
    }
}

impl Schedule for ReduceOnPlateau {
    fn rate(&self, cx: RateContext<'_>, args: &Args) -> f64 {
        let (factor, min_rate) = (args.float64("factor"), args.float64("min_rate"));
        let (patience, cooldown) = (args.int("patience"), args.int("cooldown"));
        let min_delta = args.float64("min_delta");
        let mut rate = base(cx, args);
        let (mut best, mut wait, mut cooling) = (f64::INFINITY, 0, 0);
        for &loss in cx.monitored {
            if cooling > 0 {
                cooling -= 1;
                wait = 0;
            }
            if loss < best - min_delta {
                (best, wait) = (loss, 0);
            } else if cooling == 0 {
                wait += 1;
                if wait >= patience && rate > min_rate {
                    rate = (rate * factor).max(min_rate);
                    (cooling, wait) = (cooldown, 0);
                }
            }
        }
        rate
    }
}
