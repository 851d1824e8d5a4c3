//! Constant: the same rate throughout.
//!
//! ```text
//! rate(t) = rate
//! ```
//!
//! Source: what every framework does without a schedule; here it can follow a `warmup`.
//!
//! Example:
//!
//! ```model
//! optimizer = sgd(rate = 0.1)
//! schedule  = warmup(epochs = 1, then = constant())
//! ```

use super::{RATE, base};
use crate::args::{ArgSpec, Args};
use crate::item::{Item, RateContext, Schedule};

/// The same rate throughout.
pub(super) struct Constant;

impl Item for Constant {
    fn name(&self) -> &'static str {
        "constant"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[RATE];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "The same rate throughout."
    }

    fn file(&self) -> &'static str {
        include_str!("constant.rs")
    }
}

impl Schedule for Constant {
    fn rate(&self, cx: RateContext<'_>, args: &Args) -> f64 {
        base(cx, args)
    }
}
