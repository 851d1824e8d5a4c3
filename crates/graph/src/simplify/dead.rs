//! Drops nodes that no output and no assignment depends on.

use crate::graph::{Assignment, Graph, Node, Output, ValueId};

pub(super) fn remove(graph: &Graph) -> Graph {
    let mut live = vec![false; graph.nodes.len()];
    graph.outputs.iter().for_each(|o| live[o.value.index()] = true);
    graph.assignments.iter().for_each(|a| live[a.value.index()] = true);
    for (i, node) in graph.nodes.iter().enumerate().rev() {
        if live[i] {
            node.args.iter().for_each(|a| live[a.index()] = true);
        }
    }
    // The new id of each live value: how many live ones come before it.
    let ids: Vec<ValueId> = live
        .iter()
        .scan(0, |next, &live| {
            let id = ValueId(*next);
            *next += u32::from(live);
            Some(id)
        })
        .collect();
    let of = |v: ValueId| ids[v.index()];
    let kept = graph.nodes.iter().zip(&live).filter(|&(_, &live)| live);
    let renumbered = |node: &Node| Node { args: node.args.iter().map(|&a| of(a)).collect(), ..node.clone() };
    Graph {
        nodes: kept.map(|(node, _)| renumbered(node)).collect(),
        states: graph.states.clone(),
        inputs: graph.inputs.clone(),
        scalars: graph.scalars.clone(),
        streams: graph.streams,
        outputs: graph.outputs.iter().map(|o| Output { name: o.name.clone(), value: of(o.value) }).collect(),
        assignments: graph
            .assignments
            .iter()
            .map(|a| Assignment { state: a.state, value: of(a.value) })
            .collect(),
    }
}
