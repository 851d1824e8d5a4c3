//! Schedules: the learning rate over time, computed by the host before each step.
//!
//! A schedule is a pure function of the step and of the monitored losses, so a resumed run needs no
//! state of it. One file each; a new one is a file and a line in [`all`].
//!
//! Every schedule has the argument `rate`, what it starts from: `adam(rate = cosine(1e-3))`. Without
//! it the base is the context's, the optimizer's own rate.

mod constant;
mod cosine;
mod exponential;
mod reduce_on_plateau;
mod step;
mod warmup;

use crate::args::{ArgSpec, Args};
use crate::item::{RateContext, Schedule};

/// Every schedule, in the order in which they are listed to people.
pub fn all() -> &'static [&'static dyn Schedule] {
    &[
        &constant::Constant,
        &step::Step,
        &exponential::Exponential,
        &cosine::Cosine,
        &warmup::Warmup,
        &reduce_on_plateau::ReduceOnPlateau,
    ]
}

/// The schedule of this name.
pub fn find(name: &str) -> Option<&'static dyn Schedule> {
    all().iter().copied().find(|item| item.name() == name)
}

/// What a schedule starts from.
const RATE: ArgSpec = ArgSpec::float("rate")
    .optional()
    .positional()
    .at_least(0.0)
    .doc("The rate that it starts from; without it, the optimizer's own.");

/// The schedule's `rate`, or the context's base.
fn base(cx: RateContext<'_>, args: &Args) -> f64 {
    match args.get("rate") {
        Some(_) => args.float64("rate"),
        None => cx.base,
    }
}

/// Epochs finished, with a fraction.
fn epochs_done(cx: RateContext<'_>) -> f64 {
    cx.step as f64 / cx.steps_per_epoch.max(1) as f64
}
