//! The graph's invariants, checked.
//!
//! In: any graph. Out: nothing, or every [`Violation`] in the order of the graph. A graph that
//! passes can be evaluated, scheduled and compiled without a look at its consistency.
//!
//! Not here: users' mistakes; a violation is a bug of the stage that made the graph.

use crate::graph::{Graph, InputId, ScalarId, StateId, StateRole, StreamId, ValueId};
use crate::infer::infer;
use crate::prim::Prim;
use crate::shape::{Extent, Shape};
use std::fmt;

/// A broken invariant.
#[derive(Clone, Debug, PartialEq)]
pub enum Violation {
    /// A node reads a value that does not come before it.
    ArgumentOrder {
        /// The reader.
        node: ValueId,
        /// What it reads.
        arg: ValueId,
    },
    /// A node's arguments do not fit it, or it refers to something undeclared.
    Inference {
        /// The node.
        node: ValueId,
        /// Why.
        why: String,
    },
    /// A node's shape is not the one that follows from its arguments.
    Shape {
        /// The node.
        node: ValueId,
        /// The shape that it carries.
        found: Shape,
        /// The shape that follows.
        inferred: Shape,
    },
    /// A value or a state without rows or columns.
    Empty {
        /// Which: `v7`, `s7`, `i7`.
        what: String,
        /// Its shape.
        shape: Shape,
    },
    /// A node reads a scalar that is not declared.
    UnknownScalar {
        /// The node.
        node: ValueId,
        /// What it reads.
        scalar: ScalarId,
    },
    /// A node draws from a stream that is not counted in `Graph::streams`.
    UnknownStream {
        /// The node.
        node: ValueId,
        /// The stream.
        stream: StreamId,
    },
    /// Two nodes draw from the same stream, and so the same numbers.
    SharedStream {
        /// The first.
        first: ValueId,
        /// The second.
        second: ValueId,
        /// The stream.
        stream: StreamId,
    },
    /// Two declarations of a kind have one name.
    DuplicateName {
        /// `input`, `state`, `scalar`, `output`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A state has batch rows, and so no size that outlives the step.
    BatchState {
        /// The state.
        state: StateId,
    },
    /// A slot belongs to a state that does not exist, to itself or to another slot.
    SlotOwner {
        /// The slot.
        slot: StateId,
        /// What it says it belongs to.
        owner: StateId,
    },
    /// An output or assignment refers to a value that does not exist.
    UnknownValue {
        /// Which: `output loss`, `assignment to s3`.
        what: String,
        /// What it refers to.
        value: ValueId,
    },
    /// An assignment to a state that does not exist.
    UnknownState {
        /// The state.
        state: StateId,
    },
    /// A state is assigned more than once.
    AssignedTwice {
        /// The state.
        state: StateId,
    },
    /// A state is assigned a value of another shape.
    AssignmentShape {
        /// The state.
        state: StateId,
        /// Its shape.
        declared: Shape,
        /// The value's.
        found: Shape,
    },
}

/// Checks all invariants.
///
/// # Errors
/// Every violation, in the order: declarations, nodes, outputs, assignments.
pub fn verify(graph: &Graph) -> Result<(), Vec<Violation>> {
    let mut found = Vec::new();
    declarations(graph, &mut found);
    nodes(graph, &mut found);
    streams(graph, &mut found);
    outputs(graph, &mut found);
    assignments(graph, &mut found);
    if found.is_empty() { Ok(()) } else { Err(found) }
}

fn declarations(graph: &Graph, found: &mut Vec<Violation>) {
    duplicates("input", graph.inputs.iter().map(|d| &d.name), found);
    duplicates("state", graph.states.iter().map(|d| &d.name), found);
    duplicates("scalar", graph.scalars.iter().map(|d| &d.name), found);
    duplicates("output", graph.outputs.iter().map(|d| &d.name), found);
    for (i, input) in graph.inputs.iter().enumerate() {
        nonempty(InputId(i as u32), Shape::batch(input.cols), found);
    }
    for (i, state) in graph.states.iter().enumerate() {
        let id = StateId(i as u32);
        nonempty(id, state.shape, found);
        if state.shape.is_batch() {
            found.push(Violation::BatchState { state: id });
        }
        if let StateRole::Slot(owner) = state.role {
            let role = graph.states.get(owner.index()).map(|s| s.role);
            if matches!(role, None | Some(StateRole::Slot(_))) {
                found.push(Violation::SlotOwner { slot: id, owner });
            }
        }
    }
}

fn duplicates<'a>(kind: &'static str, names: impl Iterator<Item = &'a String>, found: &mut Vec<Violation>) {
    let mut names: Vec<&String> = names.collect();
    names.sort_unstable();
    let mut last = None;
    for pair in names.windows(2) {
        if pair[0] == pair[1] && last != Some(pair[0]) {
            found.push(Violation::DuplicateName { kind, name: pair[0].clone() });
            last = Some(pair[0]);
        }
    }
}

fn nonempty(what: impl fmt::Display, shape: Shape, found: &mut Vec<Violation>) {
    if shape.cols == 0 || shape.rows == Extent::Fixed(0) {
        found.push(Violation::Empty { what: what.to_string(), shape });
    }
}

fn nodes(graph: &Graph, found: &mut Vec<Violation>) {
    for id in graph.values() {
        let node = graph.node(id);
        let late: Vec<ValueId> = node.args.iter().copied().filter(|&a| a >= id).collect();
        found.extend(late.iter().map(|&arg| Violation::ArgumentOrder { node: id, arg }));
        if let Prim::Scalar(scalar) = node.prim
            && scalar.index() >= graph.scalars.len()
        {
            found.push(Violation::UnknownScalar { node: id, scalar });
        }
        nonempty(id, node.shape, found);
        if late.is_empty() {
            let args: Vec<Shape> = node.args.iter().map(|&a| graph.shape(a)).collect();
            match infer(graph, &node.prim, &args) {
                Ok(inferred) if inferred == node.shape => {}
                Ok(inferred) => found.push(Violation::Shape { node: id, found: node.shape, inferred }),
                Err(why) => found.push(Violation::Inference { node: id, why }),
            }
        }
    }
}

fn streams(graph: &Graph, found: &mut Vec<Violation>) {
    let mut drawn: Vec<(StreamId, ValueId)> = Vec::new();
    for node in graph.values() {
        if let Prim::Random { stream, .. } = graph.node(node).prim {
            if stream.0 >= graph.streams {
                found.push(Violation::UnknownStream { node, stream });
            }
            match drawn.iter().find(|(s, _)| *s == stream) {
                Some(&(_, first)) => found.push(Violation::SharedStream { first, second: node, stream }),
                None => drawn.push((stream, node)),
            }
        }
    }
}

fn outputs(graph: &Graph, found: &mut Vec<Violation>) {
    for output in graph.outputs.iter().filter(|o| o.value.index() >= graph.nodes.len()) {
        let what = format!("output {}", output.name);
        found.push(Violation::UnknownValue { what, value: output.value });
    }
}

fn assignments(graph: &Graph, found: &mut Vec<Violation>) {
    let mut assigned = vec![0u32; graph.states.len()];
    for a in &graph.assignments {
        let Some(decl) = graph.states.get(a.state.index()) else {
            found.push(Violation::UnknownState { state: a.state });
            continue;
        };
        assigned[a.state.index()] += 1;
        if assigned[a.state.index()] == 2 {
            found.push(Violation::AssignedTwice { state: a.state });
        }
        match graph.nodes.get(a.value.index()).map(|n| n.shape) {
            Some(shape) if shape == decl.shape => {}
            Some(shape) => {
                found.push(Violation::AssignmentShape { state: a.state, declared: decl.shape, found: shape })
            }
            None => {
                let what = format!("assignment to {}", a.state);
                found.push(Violation::UnknownValue { what, value: a.value });
            }
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::ArgumentOrder { node, arg } => write!(f, "{node} reads {arg}, which is not before it"),
            Violation::Inference { node, why } => write!(f, "{node}: {why}"),
            Violation::Shape { node, found, inferred } => {
                write!(f, "{node} carries the shape {found}, its arguments give {inferred}")
            }
            Violation::Empty { what, shape } => write!(f, "{what} is {shape}: no rows or no columns"),
            Violation::UnknownScalar { node, scalar } => {
                write!(f, "{node} reads {scalar}, which is not declared")
            }
            Violation::UnknownStream { node, stream } => {
                write!(f, "{node} draws from {stream}, which is not counted")
            }
            Violation::SharedStream { first, second, stream } => {
                write!(f, "{first} and {second} both draw from {stream}")
            }
            Violation::DuplicateName { kind, name } => write!(f, "two of kind {kind} are called {name}"),
            Violation::BatchState { state } => write!(f, "{state} has batch rows"),
            Violation::SlotOwner { slot, owner } => {
                write!(f, "{slot} is a slot of {owner}, which is none that can have slots")
            }
            Violation::UnknownValue { what, value } => {
                write!(f, "{what} refers to {value}, which does not exist")
            }
            Violation::UnknownState { state } => {
                write!(f, "an assignment to {state}, which is not declared")
            }
            Violation::AssignedTwice { state } => write!(f, "{state} is assigned more than once"),
            Violation::AssignmentShape { state, declared, found } => {
                write!(f, "{state} is {declared} and is assigned a value that is {found}")
            }
        }
    }
}

impl std::error::Error for Violation {}

#[cfg(test)]
mod tests;
