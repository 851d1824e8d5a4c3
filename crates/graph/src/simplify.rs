//! Simplification: the same step with fewer and cheaper nodes.
//!
//! In: a verified graph, gradients and updates included. Out: a graph with the same inputs,
//! states, scalars and streams (their ids stay valid), the same outputs and assignments.
//!
//! The steps, repeated until nothing changes: rebuild every node, sharing equal ones
//! ([`Builder`]), by the local rules (`fold`) and with factors taken out of sums (`hoist`);
//! then drop what nobody reads (`dead`).
//!
//! What may change, and nothing else: the sign of a zero; the rounding of a sum whose factor was
//! taken out; the rounding of `x` times two constants. Elementwise chains are not reassociated,
//! and a number is folded only where the result is exactly an f32.
//!
//! The trap: [`crate::UnaryOp::Detach`] has done its work once gradients are made and is dropped
//! here, so simplify after [`crate::gradients`], not before.

mod dead;
mod fold;
mod hoist;

use crate::builder::Builder;
use crate::graph::{Assignment, Graph, Output, ValueId};
use crate::prim::{Prim, ReduceOp};

/// Rebuilds at most; each but the last finds something, and two or three are usual.
const PASSES_MAX: usize = 8;

/// The same step with fewer and cheaper nodes.
pub fn simplify(graph: &Graph) -> Graph {
    let mut graph = dead::remove(graph);
    for _ in 0..PASSES_MAX {
        let next = dead::remove(&rebuild(&graph));
        if next == graph {
            break;
        }
        graph = next;
    }
    graph
}

fn rebuild(graph: &Graph) -> Graph {
    let declarations =
        Graph { nodes: Vec::new(), outputs: Vec::new(), assignments: Vec::new(), ..graph.clone() };
    let mut b = Builder::from_graph(declarations);
    let mut new: Vec<ValueId> = Vec::with_capacity(graph.nodes.len());
    let mut readers: Vec<u32> = Vec::new();
    for (node, read) in graph.nodes.iter().zip(count_readers(graph)) {
        let args: Vec<ValueId> = node.args.iter().map(|a| new[a.index()]).collect();
        b.set_name(&node.name);
        let value = rewrite(&mut b, node.prim, &args, &readers);
        assert_eq!(b.shape(value), node.shape, "simplify: v{} changed its shape", new.len());
        readers.resize(b.graph().nodes.len(), 0);
        readers[value.index()] += read;
        new.push(value);
    }
    let mut rebuilt = b.finish();
    let of = |v: ValueId| new[v.index()];
    rebuilt.outputs =
        graph.outputs.iter().map(|o| Output { name: o.name.clone(), value: of(o.value) }).collect();
    rebuilt.assignments =
        graph.assignments.iter().map(|a| Assignment { state: a.state, value: of(a.value) }).collect();
    rebuilt
}

/// How often each value is read, by nodes and afterwards.
fn count_readers(graph: &Graph) -> Vec<u32> {
    let mut readers = vec![0; graph.nodes.len()];
    let by_nodes = graph.nodes.iter().flat_map(|n| n.args.iter().copied());
    let by_results = graph.outputs.iter().map(|o| o.value).chain(graph.assignments.iter().map(|a| a.value));
    by_nodes.chain(by_results).for_each(|v| readers[v.index()] += 1);
    readers
}

fn rewrite(b: &mut Builder, prim: Prim, args: &[ValueId], readers: &[u32]) -> ValueId {
    if let Some(value) = fold::fold(b, prim, args) {
        return value;
    }
    if let Prim::Reduce(ReduceOp::Sum, axis) = prim
        && let Some(value) = hoist::hoist(b, axis, args[0], readers)
    {
        return value;
    }
    fold::shared(b, prim, args)
}

#[cfg(test)]
mod tests;
