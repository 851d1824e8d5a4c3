//! Each violation, triggered alone; and all at once.

use super::*;
use crate::builder::Builder;
use crate::graph::{Assignment, Initial, InputDecl, Output, ScalarDecl, StateDecl};
use crate::prim::{BinaryOp, Distribution, UnaryOp};

/// `y = w · relu(x)` with an update of `w`; two states, one scalar, one stream.
fn sound() -> Graph {
    let mut b = Builder::new();
    let state = |name: &str, role| StateDecl {
        name: name.into(),
        shape: Shape::vector(3),
        role,
        initial: Initial::Constant(1.0),
    };
    let w = b.new_state(state("w", StateRole::Parameter));
    b.new_state(state("w/m", StateRole::Slot(w)));
    let x = b.input("x", 3);
    let relu = b.relu(x);
    let kernel = b.state(w);
    let y = b.mul(kernel, relu);
    let rate = b.scalar("rate");
    let update = b.mul(rate, kernel);
    let noise = b.random(Distribution::Uniform, 3);
    let y = b.add(y, noise);
    b.output("y", y);
    b.assign(w, update);
    b.finish()
}

fn id_of(graph: &Graph, prim: Prim) -> ValueId {
    graph.values().find(|&v| graph.node(v).prim == prim).expect("in the graph")
}

/// The violations after one change.
fn after(change: impl FnOnce(&mut Graph)) -> Vec<Violation> {
    let mut graph = sound();
    change(&mut graph);
    verify(&graph).expect_err("the change breaks the graph")
}

#[test]
fn a_sound_graph_passes() {
    assert_eq!(verify(&sound()), Ok(()));
    assert_eq!(verify(&Graph::default()), Ok(()));
}

#[test]
fn nodes_are_checked() {
    let relu = id_of(&sound(), Prim::Unary(UnaryOp::Relu));
    let (zero, far) = (ValueId(0), ValueId(99));
    let found = after(|g| g.nodes[relu.index()].args = vec![far]);
    assert_eq!(found, [Violation::ArgumentOrder { node: relu, arg: far }]);
    let found = after(|g| g.nodes[relu.index()].args = vec![relu]);
    assert_eq!(found, [Violation::ArgumentOrder { node: relu, arg: relu }]);
    let found = after(|g| g.nodes[relu.index()].args = vec![zero, zero]);
    assert!(matches!(&found[..], [Violation::Inference { node, .. }] if *node == relu), "{found:?}");
    let found = after(|g| g.nodes[zero.index()].prim = Prim::Input(InputId(5)));
    assert!(matches!(&found[..], [Violation::Inference { node, .. }] if *node == zero), "{found:?}");
    let found = after(|g| g.nodes[zero.index()].prim = Prim::State(StateId(5)));
    assert!(matches!(&found[..], [Violation::Inference { node, .. }] if *node == zero), "{found:?}");
}

#[test]
fn shapes_are_checked() {
    let (wide, relu) = (Shape::batch(4), id_of(&sound(), Prim::Unary(UnaryOp::Relu)));
    let found = after(|g| g.nodes[relu.index()].shape = wide);
    let first = Violation::Shape { node: relu, found: wide, inferred: Shape::batch(3) };
    assert_eq!(found[0], first);
    // The product that reads it no longer stretches.
    assert!(matches!(&found[1..], [Violation::Inference { .. }]), "{found:?}");
    let found = after(|g| {
        g.nodes.push(crate::graph::Node {
            prim: Prim::Iota(0),
            args: vec![],
            shape: Shape::vector(0),
            name: String::new(),
        });
    });
    assert!(matches!(&found[..], [Violation::Empty { .. }]), "{found:?}");
    let found = after(|g| g.inputs.push(InputDecl { name: "none".into(), cols: 0 }));
    assert_eq!(found, [Violation::Empty { what: "i1".into(), shape: Shape::batch(0) }]);
    let found = after(|g| g.states[1].shape = Shape::matrix(0, 3));
    assert_eq!(found, [Violation::Empty { what: "s1".into(), shape: Shape::matrix(0, 3) }]);
}

#[test]
fn scalars_and_streams_are_checked() {
    let scalar = id_of(&sound(), Prim::Scalar(ScalarId(0)));
    let found = after(|g| g.scalars.clear());
    assert_eq!(found, [Violation::UnknownScalar { node: scalar, scalar: ScalarId(0) }]);
    let stream = StreamId(0);
    let random = Prim::Random { stream, distribution: Distribution::Uniform, cols: 3 };
    let drawn = id_of(&sound(), random);
    assert_eq!(after(|g| g.streams = 0), [Violation::UnknownStream { node: drawn, stream }]);
    let found = after(|g| g.nodes.push(g.nodes[drawn.index()].clone()));
    let second = ValueId(sound().nodes.len() as u32);
    assert_eq!(found, [Violation::SharedStream { first: drawn, second, stream }]);
}

#[test]
fn declarations_are_checked() {
    let duplicate = |kind, name: &str| vec![Violation::DuplicateName { kind, name: name.into() }];
    assert_eq!(after(|g| g.inputs.push(g.inputs[0].clone())), duplicate("input", "x"));
    assert_eq!(after(|g| g.states[1].name = "w".into()), duplicate("state", "w"));
    let found = after(|g| g.scalars.extend([ScalarDecl { name: "rate".into() }, g.scalars[0].clone()]));
    assert_eq!(found, duplicate("scalar", "rate"));
    assert_eq!(after(|g| g.outputs.push(g.outputs[0].clone())), duplicate("output", "y"));
    let found = after(|g| g.states[1].shape = Shape::batch(3));
    assert_eq!(found, [Violation::BatchState { state: StateId(1) }]);
    for owner in [StateId(1), StateId(9)] {
        let found = after(|g| g.states[1].role = StateRole::Slot(owner));
        assert_eq!(found, [Violation::SlotOwner { slot: StateId(1), owner }]);
    }
}

#[test]
fn results_are_checked() {
    let (far, state) = (ValueId(99), StateId(0));
    let found = after(|g| g.outputs.push(Output { name: "z".into(), value: far }));
    assert_eq!(found, [Violation::UnknownValue { what: "output z".into(), value: far }]);
    let found = after(|g| g.assignments[0].value = far);
    assert_eq!(found, [Violation::UnknownValue { what: "assignment to s0".into(), value: far }]);
    let found = after(|g| g.assignments[0].state = StateId(7));
    assert_eq!(found, [Violation::UnknownState { state: StateId(7) }]);
    let found = after(|g| g.assignments.extend([g.assignments[0]; 2]));
    assert_eq!(found, [Violation::AssignedTwice { state }]);
    let found = after(|g| g.assignments.push(Assignment { state: StateId(1), value: ValueId(0) }));
    let (declared, found_shape) = (Shape::vector(3), Shape::batch(3));
    assert_eq!(found, [Violation::AssignmentShape { state: StateId(1), declared, found: found_shape }]);
}

#[test]
fn all_are_reported_and_read_as_sentences() {
    let found = after(|g| {
        let product = g.values().find(|&v| g.node(v).prim == Prim::Binary(BinaryOp::Mul));
        g.nodes[product.expect("in the graph").index()].args.pop();
        g.outputs.push(Output { name: "z".into(), value: ValueId(99) });
        g.states[1].role = StateRole::Slot(StateId(9));
    });
    let text: Vec<String> = found.iter().map(Violation::to_string).collect();
    assert_eq!(
        text,
        [
            "s1 is a slot of s9, which is none that can have slots",
            "v3: Binary(Mul) takes 2 arguments, found 1",
            "output z refers to v99, which does not exist",
        ]
    );
}
