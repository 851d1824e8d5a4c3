//! Texts of small graphs.

use super::*;
use crate::builder::Builder;
use crate::graph::{InputId, Output, ScalarId, StateDecl, StateId};
use crate::prim::Distribution;
use crate::shape::Shape;

#[test]
fn every_kind_of_line() {
    let mut b = Builder::new();
    let state = |name: &str, shape, role, initial| StateDecl { name: name.into(), shape, role, initial };
    let uniform = Initial::Uniform { limit: 0.1 };
    let kernel = b.new_state(state("enc.kernel", Shape::matrix(3, 2), StateRole::Parameter, uniform));
    let slot = StateRole::Slot(kernel);
    b.new_state(state("enc.kernel/m", Shape::matrix(3, 2), slot, Initial::Constant(0.0)));
    b.set_name("enc");
    let (x, w) = (b.input("x", 3), b.state(kernel));
    let h = b.matmul(x, w);
    let h = b.relu(h);
    let back = b.matmul_nt(h, w);
    b.set_name("");
    let noise = b.random(Distribution::Normal, 3);
    let sum = b.add(back, noise);
    let (first, rest) = (b.slice(sum, 0, 1), b.slice(sum, 1, 3));
    let swapped = b.concat(&[rest, first]);
    let zero = b.constant(-0.0);
    let on = b.greater(swapped, zero);
    let chosen = b.select(on, swapped, zero);
    let (max, count) = (b.max_cols(chosen), b.row_count());
    let total = b.sum_rows(max);
    let mean = b.div(total, count);
    let (rate, columns) = (b.scalar("rate"), b.iota(2));
    let step = b.mul(rate, columns);
    let update = b.sub(w, step);
    b.output("loss", mean);
    b.assign(kernel, update);
    assert_eq!(
        print(&b.finish()),
        "\
inputs
  i0 x : [B,3]
states
  s0 enc.kernel : [3,2]  // parameter, uniform(limit = 0.1)
  s1 enc.kernel/m : [3,2]  // slot of s0, constant(0.0)
scalars
  h0 rate
nodes
  v0 = input i0 x : [B,3]  // enc
  v1 = state s0 enc.kernel : [3,2]  // enc
  v2 = matmul v0, v1 : [B,2]  // enc
  v3 = relu v2 : [B,2]  // enc
  v4 = matmul v3, v1.T : [B,3]  // enc
  v5 = random r0 normal : [B,3]
  v6 = add v4, v5 : [B,3]
  v7 = slice v6, 0..1 : [B,1]
  v8 = slice v6, 1..3 : [B,2]
  v9 = concat v8, v7 : [B,3]
  v10 = constant -0.0 : [1,1]
  v11 = greater v9, v10 : [B,3]
  v12 = select v11, v9, v10 : [B,3]
  v13 = max_cols v12 : [B,1]
  v14 = row_count : [1,1]
  v15 = sum_rows v13 : [1,1]
  v16 = div v15, v14 : [1,1]
  v17 = scalar h0 rate : [1,1]
  v18 = iota 2 : [1,2]
  v19 = mul v17, v18 : [1,2]
  v20 = sub v1, v19 : [3,2]
outputs
  loss = v16
assignments
  s0 enc.kernel := v20
"
    );
}

#[test]
fn gradients_of_a_dense_layer() {
    let mut b = Builder::new();
    let w = b.new_state(StateDecl {
        name: "w".into(),
        shape: Shape::matrix(3, 2),
        role: StateRole::Parameter,
        initial: Initial::Orthogonal { gain: 1.5 },
    });
    let w = b.state(w);
    b.set_name("h");
    let x = b.input("x", 3);
    let h = b.matmul(x, w);
    let y = b.relu(h);
    b.set_name("loss h");
    let square = b.square(y);
    let loss = b.sum_all(square);
    let g = crate::autodiff::gradients(&mut b, loss, &[w])[0];
    b.output("w", g);
    assert_eq!(
        print(&b.finish()),
        "\
inputs
  i0 x : [B,3]
states
  s0 w : [3,2]  // parameter, orthogonal(gain = 1.5)
nodes
  v0 = state s0 w : [3,2]
  v1 = input i0 x : [B,3]  // h
  v2 = matmul v1, v0 : [B,2]  // h
  v3 = relu v2 : [B,2]  // h
  v4 = mul v3, v3 : [B,2]  // loss h
  v5 = sum_rows v4 : [1,2]  // loss h
  v6 = sum_cols v5 : [1,1]  // loss h
  v7 = constant 1.0 : [1,1]  // grad
  v8 = mul v7, v3 : [B,2]  // grad loss h
  v9 = add v8, v8 : [B,2]  // grad loss h
  v10 = constant 0.0 : [1,1]  // grad h
  v11 = greater v3, v10 : [B,2]  // grad h
  v12 = select v11, v9, v10 : [B,2]  // grad h
  v13 = matmul v1.T, v12 : [3,2]  // grad h
outputs
  w = v13
"
    );
}

/// A broken graph is exactly what somebody wants to look at.
#[test]
fn a_broken_graph_prints_too() {
    let node = |prim| Node { prim, args: vec![], shape: Shape::SCALAR, name: String::new() };
    let graph = Graph {
        nodes: vec![
            node(Prim::Input(InputId(3))),
            node(Prim::State(StateId(3))),
            node(Prim::Scalar(ScalarId(3))),
            node(Prim::MatMul { transpose_a: true, transpose_b: false }),
            node(Prim::Constant(f32::NAN)),
        ],
        outputs: vec![Output { name: "y".into(), value: ValueId(9) }],
        ..Graph::default()
    };
    let text = print(&graph);
    assert!(text.contains("v0 = input i3 ?") && text.contains("v3 = matmul ?.T, ?"), "{text}");
    assert!(text.contains("v4 = constant NaN") && text.ends_with("  y = v9\n"), "{text}");
}
