//! Adam: steps of equal size whatever the gradient's scale (Kingma and Ba, 2014).
//!
//! ```text
//! m ← m + (g − m) · (1 − beta_1)
//! v ← v + (g² − v) · (1 − beta_2)
//! w ← w − m · rate · √(1 − beta_2^t) / (1 − beta_1^t) / (√v + epsilon)     t = 1, 2, …
//! ```
//!
//! Source: Keras 3, `Adam`, defaults included (`epsilon` is the paper's "epsilon hat": it is added to
//! `√v` before the correction; PyTorch adds it after, and has 1e-8).
//!
//! Shapes: each parameter's own; slots `adam.m`, `adam.v`; counters `adam.correction_1`,
//! `adam.correction_2`.
//!
//! Trap: `1 − beta^t` computed from a stored power loses its digits while the power is near 1; the
//! counters hold the difference itself.
//!
//! Example:
//!
//! ```model
//! optimizer = adam(rate = 1e-3)
//! ```

use crate::args::{ArgSpec, Args};
use crate::clip;
use crate::item::{Item, Optimizer, Update};
use crate::slots::{correction, drift, slot};
use kiln_graph::{Builder, ValueId};

/// Steps of equal size whatever the gradient's scale.
pub(super) struct Adam;

/// `beta_1` of Adam and its kin.
pub(super) const BETA_1: ArgSpec =
    ArgSpec::float("beta_1").or("0.9").at_least(0.0).below(1.0).doc("Share kept of the gradient's mean.");
/// `beta_2` of Adam and its kin.
pub(super) const BETA_2: ArgSpec = ArgSpec::float("beta_2")
    .or("0.999")
    .at_least(0.0)
    .below(1.0)
    .doc("Share kept of the squared gradient's mean.");
/// `epsilon` of every optimizer that divides by a root.
pub(super) const EPSILON: ArgSpec =
    ArgSpec::float("epsilon").or("1e-7").above(0.0).doc("Keeps the division finite.");
/// `rate` of every optimizer but plain gradient descent.
pub(super) const RATE: ArgSpec =
    ArgSpec::float("rate").or("1e-3").positional().at_least(0.0).doc("Learning rate.");

impl Item for Adam {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[RATE, BETA_1, BETA_2, EPSILON, clip::NORM, clip::GLOBAL_NORM, clip::VALUE];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Steps of equal size whatever the gradient's scale."
    }

    fn file(&self) -> &'static str {
        include_str!("adam.rs")
    }
}

impl Optimizer for Adam {
    fn build(&self, g: &mut Builder, update: Update, args: &Args) {
        let w = g.state(update.parameter);
        step(g, update, args, w, "adam");
    }
}

/// One step from `w`, the parameter's value or what decay has left of it; states are named after
/// the optimizer `prefix`.
pub(super) fn step(g: &mut Builder, update: Update, args: &Args, w: ValueId, prefix: &str) {
    let (beta_1, beta_2) = (args.float64("beta_1"), args.float64("beta_2"));
    let (m_old, m_id) = slot(g, update.parameter, &format!("{prefix}.m"), 0.0);
    let (v_old, v_id) = slot(g, update.parameter, &format!("{prefix}.v"), 0.0);
    let correction_1 = correction(g, update.parameter, &format!("{prefix}.correction_1"), beta_1);
    let correction_2 = correction(g, update.parameter, &format!("{prefix}.correction_2"), beta_2);
    let root = g.sqrt(correction_2);
    let alpha = g.mul(update.rate, root);
    let alpha = g.div(alpha, correction_1);

    let m = drift(g, m_old, update.gradient, beta_1);
    let square = g.square(update.gradient);
    let v = drift(g, v_old, square, beta_2);
    let scaled = g.mul(m, alpha);
    let root = g.sqrt(v);
    let below = g.offset(root, args.float("epsilon"));
    let move_by = g.div(scaled, below);
    let next = g.sub(w, move_by);
    g.assign(m_id, m);
    g.assign(v_id, v);
    g.assign(update.parameter, next);
}
