//! Warmup: the rate climbs from nothing, then another schedule takes over (Goyal et al., 2017).
//!
//! ```text
//! W = round(epochs · steps per epoch)
//! rate(t) = rate · (t + 1) / W               for t < W
//!         = then(t − W)                      from then on, with W steps less to go
//! ```
//!
//! Source: the paper. Keras 3 builds it into `CosineDecay`, where the first step has the rate 0 and so
//! does nothing; here the first step already moves, and step `W − 1` has the full rate.
//!
//! Example:
//!
//! ```model
//! optimizer = sgd(rate = 0.1)
//! schedule  = warmup(epochs = 2, then = cosine())
//! ```

use super::{RATE, base, find};
use crate::args::{ArgKind, ArgSpec, Args};
use crate::item::{Item, Kind, RateContext, Schedule};

/// The rate climbs from nothing, then another schedule takes over.
pub(super) struct Warmup;

impl Item for Warmup {
    fn name(&self) -> &'static str {
        "warmup"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            RATE,
            ArgSpec::float("epochs").at_least(0.0).doc("How long it climbs."),
            ArgSpec::new("then", ArgKind::Item(Kind::Schedule)).or("constant").doc("What follows."),
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "The rate climbs from nothing, then another schedule takes over."
    }

    fn file(&self) -> &'static str {
        include_str!("warmup.rs")
    }
}

impl Schedule for Warmup {
    fn rate(&self, cx: RateContext<'_>, args: &Args) -> f64 {
        let base = base(cx, args);
        let epochs = args.float64("epochs");
        // Conversions to integers saturate, so no number of epochs overflows.
        let steps = (epochs * cx.steps_per_epoch as f64).round() as u64;
        if cx.step < steps {
            return base * (cx.step + 1) as f64 / steps as f64;
        }
        let then = args.item("then");
        let Some(schedule) = find(&then.name) else { return base };
        let whole_epochs = epochs.ceil() as u64;
        let seen = cx.monitored.len().min(usize::try_from(whole_epochs).unwrap_or(usize::MAX));
        let rest = RateContext {
            base,
            step: cx.step - steps,
            steps_per_epoch: cx.steps_per_epoch,
            epochs: cx.epochs.saturating_sub(whole_epochs),
            monitored: &cx.monitored[seen..],
        };
        schedule.rate(rest, &then.args)
    }
}
