//! What an optimizer remembers between steps.
//!
//! A slot belongs to one parameter and has its shape: `enc1.kernel/adam.m`. A counter is one number
//! for the whole optimizer: `adam.correction_1`; it is made with the first parameter, and every
//! later one finds it by name, so it advances once a step.

use kiln_graph::{Builder, Initial, Shape, StateDecl, StateId, StateRole, ValueId};

/// A slot of `parameter`, filled with `initial`: its value before the step, and its id.
pub(crate) fn slot(g: &mut Builder, parameter: StateId, name: &str, initial: f32) -> (ValueId, StateId) {
    let decl = &g.graph().states[parameter.index()];
    let name = format!("{}/{name}", decl.name);
    let shape = decl.shape;
    declare(g, parameter, name, shape, initial)
}

/// A counter: its value after this step, which `next` gives from the value before it.
pub(crate) fn counter(
    g: &mut Builder,
    parameter: StateId,
    name: &str,
    initial: f32,
    next: impl FnOnce(&mut Builder, ValueId) -> ValueId,
) -> ValueId {
    if let Some(i) = g.graph().states.iter().position(|s| s.name == name) {
        // Equal nodes are shared, so this finds the value that the first parameter made.
        let old = g.state(StateId(i as u32));
        return next(g, old);
    }
    let (old, id) = declare(g, parameter, name.to_owned(), Shape::SCALAR, initial);
    let new = next(g, old);
    g.assign(id, new);
    new
}

fn declare(g: &mut Builder, owner: StateId, name: String, shape: Shape, initial: f32) -> (ValueId, StateId) {
    let role = StateRole::Slot(owner);
    let id = g.new_state(StateDecl { name, shape, role, initial: Initial::Constant(initial) });
    (g.state(id), id)
}

/// `old + (seen − old) · (1 − keep)`: the moving average that Adam and its kin keep.
pub(crate) fn drift(g: &mut Builder, old: ValueId, seen: ValueId, keep: f64) -> ValueId {
    let gap = g.sub(seen, old);
    let step = g.scale(gap, (1.0 - keep) as f32);
    g.add(old, step)
}

/// The counter `1 − keep^t` after step `t = 1, 2, …`, which undoes the start of [`drift`] at zero.
///
/// Trap: the power of 0.999 is so near 1 that taking it from 1 in `f32` leaves five digits. The
/// complement itself is kept, `c ← c + (1 − c) · (1 − keep)`, which is exact at both ends.
pub(crate) fn correction(g: &mut Builder, parameter: StateId, name: &str, keep: f64) -> ValueId {
    counter(g, parameter, name, 0.0, |g, c| {
        let one = g.constant(1.0);
        let rest = g.sub(one, c);
        let step = g.scale(rest, (1.0 - keep) as f32);
        g.add(c, step)
    })
}
