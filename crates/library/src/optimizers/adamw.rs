//! AdamW: Adam, with weights that shrink on their own (Loshchilov and Hutter, 2017).
//!
//! ```text
//! w ← w − w · weight_decay · rate, then a step of Adam
//! ```
//!
//! Source: Keras 3, `AdamW`, defaults included: everything that is learned decays, biases and the
//! factors of normalisation too, unless it is excluded; `decay = kernels` excludes all but kernels.
//!
//! Shapes: each parameter's own; slots and counters as in Adam, under `adamw`.
//!
//! Trap: the same decay as a penalty in the loss would be divided by `√v` and so act least where
//! gradients are large.
//!
//! Example:
//!
//! ```model
//! optimizer = adamw(rate = 1e-3, weight_decay = 0.01, decay = kernels)
//! ```

use super::adam::{self, BETA_1, BETA_2, EPSILON, RATE};
use crate::args::{ArgKind, ArgSpec, Args};
use crate::clip;
use crate::item::{Item, Optimizer, Update};
use kiln_graph::Builder;

/// Adam, with weights that shrink on their own.
pub(super) struct AdamW;

impl Item for AdamW {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            RATE,
            ArgSpec::float("weight_decay")
                .or("0.004")
                .at_least(0.0)
                .doc("Share of the weights that is lost in a step, times the rate."),
            BETA_1,
            BETA_2,
            EPSILON,
            ArgSpec::new("decay", ArgKind::Word(&["all", "kernels"]))
                .or("all")
                .doc("Which parameters decay."),
            clip::NORM,
            clip::GLOBAL_NORM,
            clip::VALUE,
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Adam, with weights that shrink on their own."
    }

    fn file(&self) -> &'static str {
        include_str!("adamw.rs")
    }
}

impl Optimizer for AdamW {
    fn build(&self, g: &mut Builder, update: Update, args: &Args) {
        let decay = args.float("weight_decay");
        let mut w = g.state(update.parameter);
        if decay > 0.0 && (update.is_kernel || args.word("decay") == "all") {
            let share = g.scale(update.rate, decay);
            let lost = g.mul(w, share);
            w = g.sub(w, lost);
        }
        adam::step(g, update, args, w, "adamw");
    }
}
