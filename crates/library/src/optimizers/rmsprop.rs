//! RMSprop: the gradient over the root of its recent mean square (Hinton, 2012).
//!
//! ```text
//! v ← rho · v + (1 − rho) · g²
//! a ← rho · a + (1 − rho) · g                       centered only
//! d = v + epsilon, or v − a² + epsilon where centered
//! s = rate · g / √d
//! momentum = 0:  w ← w − s
//! momentum > 0:  b ← momentum · b + s,  w ← w − b
//! ```
//!
//! Source: Keras 3, `RMSprop`, defaults included (PyTorch adds its epsilon outside the root).
//!
//! Shapes: each parameter's own; slots `rmsprop.velocity`, and `rmsprop.average`, `rmsprop.momentum`
//! where they are used.
//!
//! Trap: `v − a²` cancels for steady gradients and can round below `−epsilon`, whose root is NaN; it is
//! kept from falling below zero, where Keras does not.
//!
//! Example:
//!
//! ```model
//! optimizer = rmsprop(rate = 1e-3, rho = 0.9)
//! ```

use super::adam::{EPSILON, RATE};
use crate::args::{ArgKind, ArgSpec, Args};
use crate::clip;
use crate::item::{Item, Optimizer, Update};
use crate::slots::slot;
use kiln_graph::{Builder, ValueId};

/// The gradient over the root of its recent mean square.
pub(super) struct RmsProp;

impl Item for RmsProp {
    fn name(&self) -> &'static str {
        "rmsprop"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[
            RATE,
            ArgSpec::float("rho").or("0.9").at_least(0.0).below(1.0).doc("Share kept of the mean square."),
            ArgSpec::float("momentum")
                .or("0.0")
                .at_least(0.0)
                .at_most(1.0)
                .doc("Share of the last step that is kept."),
            EPSILON,
            ArgSpec::new("centered", ArgKind::Bool)
                .or("false")
                .doc("Divides by the deviation, not the mean square."),
            clip::NORM,
            clip::GLOBAL_NORM,
            clip::VALUE,
        ];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "The gradient over the root of its recent mean square."
    }

    fn file(&self) -> &'static str {
        include_str!("rmsprop.rs")
    }
}

impl Optimizer for RmsProp {
    fn build(&self, g: &mut Builder, update: Update, args: &Args) {
        let momentum = args.float("momentum");
        let below = mean_square(g, update, args);
        let below = g.offset(below, args.float("epsilon"));
        let below = g.sqrt(below);
        let scaled = g.mul(update.gradient, update.rate);
        let mut move_by = g.div(scaled, below);
        if momentum > 0.0 {
            let (old, id) = slot(g, update.parameter, "rmsprop.momentum", 0.0);
            let kept = g.scale(old, momentum);
            move_by = g.add(kept, move_by);
            g.assign(id, move_by);
        }
        let w = g.state(update.parameter);
        let next = g.sub(w, move_by);
        g.assign(update.parameter, next);
    }
}

/// `v`, or `v − a²` where centered.
fn mean_square(g: &mut Builder, update: Update, args: &Args) -> ValueId {
    let rho = args.float64("rho");
    let (old, id) = slot(g, update.parameter, "rmsprop.velocity", 0.0);
    let square = g.square(update.gradient);
    let v = blend(g, old, square, rho);
    g.assign(id, v);
    if !args.bool("centered") {
        return v;
    }
    let (old, id) = slot(g, update.parameter, "rmsprop.average", 0.0);
    let a = blend(g, old, update.gradient, rho);
    g.assign(id, a);
    let square = g.square(a);
    let deviation = g.sub(v, square);
    let zero = g.constant(0.0);
    g.max(zero, deviation)
}

/// `rho · old + (1 − rho) · seen`
fn blend(g: &mut Builder, old: ValueId, seen: ValueId, rho: f64) -> ValueId {
    let kept = g.scale(old, rho as f32);
    let taken = g.scale(seen, (1.0 - rho) as f32);
    g.add(kept, taken)
}
