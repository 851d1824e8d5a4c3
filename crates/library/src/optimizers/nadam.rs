//! Nadam: Adam with Nesterov's look ahead (Dozat, 2016).
//!
//! ```text
//! u(t) = beta_1 · (1 − 0.96^t / 2),  U(t) = u(1) · … · u(t)                  t = 1, 2, …
//! m ← m + (g − m) · (1 − beta_1)
//! v ← v + (g² − v) · (1 − beta_2)
//! m̂ = u(t+1) · m / (1 − U(t) · u(t+1)) + (1 − u(t)) · g / (1 − U(t))
//! w ← w − rate · m̂ / (√(v / (1 − beta_2^t)) + epsilon)
//! ```
//!
//! Source: Keras 3, `Nadam`, defaults included.
//!
//! Shapes: each parameter's own; slots `nadam.m`, `nadam.v`; counters `nadam.decay_power` (0.96^t),
//! `nadam.u_product` (U) and `nadam.correction_2`.
//!
//! Example:
//!
//! ```model
//! optimizer = nadam(rate = 1e-3)
//! ```

use super::adam::{BETA_1, BETA_2, EPSILON, RATE};
use crate::args::{ArgSpec, Args};
use crate::clip;
use crate::item::{Item, Optimizer, Update};
use crate::slots::{correction, counter, drift, slot};
use kiln_graph::{Builder, StateId, ValueId};

/// How fast the momentum reaches `beta_1` (Dozat's constant, fixed in Keras too).
const DECAY: f32 = 0.96;

/// Adam with Nesterov's look ahead.
pub(super) struct Nadam;

impl Item for Nadam {
    fn name(&self) -> &'static str {
        "nadam"
    }

    fn args(&self) -> &'static [ArgSpec] {
        const ARGS: &[ArgSpec] = &[RATE, BETA_1, BETA_2, EPSILON, clip::NORM, clip::GLOBAL_NORM, clip::VALUE];
        ARGS
    }

    fn summary(&self) -> &'static str {
        "Adam with Nesterov's look ahead."
    }

    fn file(&self) -> &'static str {
        include_str!("nadam.rs")
    }
}

/// Factors of the look ahead, one number each.
struct Ahead {
    /// Of the momentum: `u(t+1) / (1 − U(t) · u(t+1))`
    momentum: ValueId,
    /// Of the gradient: `(1 − u(t)) / (1 − U(t))`
    gradient: ValueId,
}

impl Optimizer for Nadam {
    fn build(&self, g: &mut Builder, update: Update, args: &Args) {
        let (beta_1, beta_2) = (args.float64("beta_1"), args.float64("beta_2"));
        let (m_old, m_id) = slot(g, update.parameter, "nadam.m", 0.0);
        let (v_old, v_id) = slot(g, update.parameter, "nadam.v", 0.0);
        let correction_2 = correction(g, update.parameter, "nadam.correction_2", beta_2);
        let ahead = look_ahead(g, update.parameter, args.float("beta_1"));

        let m = drift(g, m_old, update.gradient, beta_1);
        let square = g.square(update.gradient);
        let v = drift(g, v_old, square, beta_2);
        let by_momentum = g.mul(m, ahead.momentum);
        let by_gradient = g.mul(update.gradient, ahead.gradient);
        let m_hat = g.add(by_momentum, by_gradient);
        let v_hat = g.div(v, correction_2);
        let root = g.sqrt(v_hat);
        let below = g.offset(root, args.float("epsilon"));
        let scaled = g.mul(m_hat, update.rate);
        let move_by = g.div(scaled, below);
        let w = g.state(update.parameter);
        let next = g.sub(w, move_by);
        g.assign(m_id, m);
        g.assign(v_id, v);
        g.assign(update.parameter, next);
    }
}

fn look_ahead(g: &mut Builder, parameter: StateId, beta_1: f32) -> Ahead {
    let power = counter(g, parameter, "nadam.decay_power", 1.0, |g, power| g.scale(power, DECAY));
    let next_power = g.scale(power, DECAY);
    let (u, u_next) = (warmed(g, power, beta_1), warmed(g, next_power, beta_1));
    let product = counter(g, parameter, "nadam.u_product", 1.0, |g, product| g.mul(product, u));
    let next_product = g.mul(product, u_next);
    let one = g.constant(1.0);
    let (rest, next_rest) = (g.sub(one, product), g.sub(one, next_product));
    let without = g.sub(one, u);
    Ahead { momentum: g.div(u_next, next_rest), gradient: g.div(without, rest) }
}

/// `beta_1 · (1 − power / 2)`
fn warmed(g: &mut Builder, power: ValueId, beta_1: f32) -> ValueId {
    let missing = g.scale(power, -0.5);
    let share = g.offset(missing, 1.0);
    g.scale(share, beta_1)
}
