//! Stochastic gradient descent, with momentum and Nesterov's look ahead.
//!
//! ```text
//! momentum = 0:  w ← w − rate · g
//! momentum > 0:  v ← momentum · v − rate · g
//!                w ← w + v                                 nesterov = false
//!                w ← w + momentum · v − rate · g           nesterov = true, with the new v
//! ```
//!
//! Source: Keras 3, `SGD`, defaults included.
//!
//! Shapes: each parameter's own; slot `sgd.momentum`, only where there is momentum.
//!
//! Trap: PyTorch keeps the momentum without the rate in it; the two differ as soon as a schedule
//! changes the rate.
//!
//! Example:
//!
//! ```model
//! optimizer = sgd(rate = 0.05, momentum = 0.9, nesterov = true)
//! ```

use crate::args::{ArgKind, ArgSpec, Args};
use crate::clip;
use crate::item::{Item, Optimizer, Update};
use crate::slots::slot;
use kiln_graph::Builder;

/// Stochastic gradient descent.
pub(super) struct Sgd;

impl Item for Sgd {
    fn name(&self) -> &'static str {
        "sgd"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            ArgSpec::float("rate").or("0.01").positional().at_least(0.0).doc("Learning rate."),
            ArgSpec::float("momentum")
                .or("0.0")
                .at_least(0.0)
                .at_most(1.0)
                .doc("Share of the last step that is kept."),
            ArgSpec::new("nesterov", ArgKind::Bool).or("false").doc("Looks ahead along the momentum."),
            clip::NORM,
            clip::GLOBAL_NORM,
            clip::VALUE,
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Gradient descent, with momentum where asked for."
    }

    fn file(&self) -> &'static str {
        include_str!("sgd.rs")
    }
}

impl Optimizer for Sgd {
    fn build(&self, g: &mut Builder, update: Update, args: &Args) {
        let momentum = args.float("momentum");
        let w = g.state(update.parameter);
        let step = g.mul(update.gradient, update.rate);
        if momentum == 0.0 {
            let next = g.sub(w, step);
            g.assign(update.parameter, next);
            return;
        }
        let (old, id) = slot(g, update.parameter, "sgd.momentum", 0.0);
        let kept = g.scale(old, momentum);
        let v = g.sub(kept, step);
        g.assign(id, v);
        let move_by = if args.bool("nesterov") {
            let ahead = g.scale(v, momentum);
            g.sub(ahead, step)
        } else {
            v
        };
        let next = g.add(w, move_by);
        g.assign(update.parameter, next);
    }
}
