//! Constant: the same rate throughout.
//!
//! ```text
//! rate(t) = rate
//! ```
//!
//! Source: what every framework does without a schedule; here it can follow a `warmup`.
//!
//! | argument | default | range | meaning |
//! |---|---|---|---|
//! | `rate` | the optimizer's | ≥ 0 | the rate |

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
}

impl Schedule for Constant {
    fn rate(&self, cx: RateContext<'_>, args: &Args) -> f64 {
        base(cx, args)
    }
}
