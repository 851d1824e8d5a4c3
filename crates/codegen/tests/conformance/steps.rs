//! Whole steps: forward, losses, gradients, updates.

use crate::reference::{NEAR, check};
use crate::shapes::state as parameter;
use kiln_graph::{Builder, Graph, Initial, StateDecl, StateId, StateRole, ValueId, gradients};

/// `relu(x·w + b)`
fn dense(
    g: &mut Builder,
    x: ValueId,
    name: &str,
    units: u32,
    parameters: &mut Vec<(StateId, ValueId)>,
) -> ValueId {
    g.set_name(name);
    let inputs = g.shape(x).cols;
    let w = parameter(g, &format!("{name}.kernel"), inputs, units);
    let b = parameter(g, &format!("{name}.bias"), 1, units);
    parameters.extend([w, b]);
    let y = g.matmul(x, w.1);
    g.add(y, b.1)
}

fn adam(g: &mut Builder, parameters: &[(StateId, ValueId)], loss: ValueId) {
    let values: Vec<ValueId> = parameters.iter().map(|p| p.1).collect();
    let grads = gradients(g, loss, &values);
    let rate = g.scalar("rate");
    for ((id, p), grad) in parameters.iter().zip(grads) {
        let decl = g.graph().states[id.index()].clone();
        let slot = |g: &mut Builder, s: &str| {
            let id = g.new_state(StateDecl {
                name: format!("{}/{s}", decl.name),
                role: StateRole::Slot(*id),
                initial: Initial::Constant(0.01),
                ..decl.clone()
            });
            (id, g.state(id))
        };
        let (m_id, m) = slot(g, "m");
        let (v_id, v) = slot(g, "v");
        let m = mix(g, m, grad, 0.9);
        let square = g.square(grad);
        let v = mix(g, v, square, 0.999);
        let root = g.sqrt(v);
        let root = g.offset(root, 1e-7);
        let step = g.div(m, root);
        let step = g.mul(step, rate);
        let p = g.sub(*p, step);
        g.assign(*id, p);
        g.assign(m_id, m);
        g.assign(v_id, v);
    }
}

fn mix(g: &mut Builder, old: ValueId, new: ValueId, keep: f32) -> ValueId {
    let old = g.scale(old, keep);
    let new = g.scale(new, 1.0 - keep);
    g.add(old, new)
}

/// A classifier: two layers, softmax, cross-entropy, Adam.
pub(crate) fn classifier(inputs: u32, hidden: u32, classes: u32) -> Graph {
    let mut g = Builder::new();
    let x = g.input("x", inputs);
    let target = g.input("label", classes);
    let mut parameters = Vec::new();
    let h = dense(&mut g, x, "hidden", hidden, &mut parameters);
    let h = g.relu(h);
    let z = dense(&mut g, h, "out", classes, &mut parameters);
    let m = g.max_cols(z);
    let m = g.detach(m);
    let z = g.sub(z, m);
    let e = g.exp(z);
    let s = g.sum_cols(e);
    let log = g.log(s);
    let log_p = g.sub(z, log);
    let p = g.exp(log_p);
    let loss = g.mul(log_p, target);
    let loss = g.sum_all(loss);
    let rows = g.row_count();
    let loss = g.div(loss, rows);
    let loss = g.neg(loss);
    g.output("loss", loss);
    g.output("p", p);
    adam(&mut g, &parameters, loss);
    g.finish()
}

/// An autoencoder with tied kernels, sigmoid, squared error, Adam.
pub(crate) fn tied(inputs: u32, hidden: u32, code: u32) -> Graph {
    let mut g = Builder::new();
    let x = g.input("x", inputs);
    let mut parameters = Vec::new();
    let h = dense(&mut g, x, "enc1", hidden, &mut parameters);
    let h = g.relu(h);
    let c = dense(&mut g, h, "code", code, &mut parameters);
    let c = g.tanh(c);
    let (w1, w2) = (parameters[0].1, parameters[2].1);
    let b2 = parameter(&mut g, "dec1.bias", 1, hidden);
    let b1 = parameter(&mut g, "out.bias", 1, inputs);
    parameters.extend([b2, b1]);
    let d = g.matmul_nt(c, w2);
    let d = g.add(d, b2.1);
    let d = g.relu(d);
    let y = g.matmul_nt(d, w1);
    let y = g.add(y, b1.1);
    let y = g.sigmoid(y);
    let error = g.sub(y, x);
    let loss = g.square(error);
    let loss = g.sum_all(loss);
    let rows = g.row_count();
    let loss = g.div(loss, rows);
    g.output("loss", loss);
    g.output("y", y);
    g.output("code", c);
    adam(&mut g, &parameters, loss);
    g.finish()
}

#[test]
fn a_classifier_steps_as_interpreted() {
    let graph = classifier(50, 37, 11);
    for (rows, batch) in [(1, 1), (5, 16), (16, 16), (33, 64), (200, 512)] {
        check("classifier", &graph, (batch, &[rows]), NEAR);
    }
}

#[test]
fn tied_kernels_step_as_interpreted() {
    let graph = tied(100, 70, 33);
    for (rows, batch) in [(1, 1), (7, 16), (130, 130)] {
        check("tied autoencoder", &graph, (batch, &[rows]), NEAR);
    }
}
