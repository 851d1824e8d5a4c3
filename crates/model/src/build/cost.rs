//! Cost: what each layer of a network holds and does, mistakes elsewhere or not.
//!
//! In: inputs and whole layers, in order. Out: by layer, its own parameters and the operations of one
//! sample, counted in the graph that its recipe makes.
//!
//! One rule: a product of `k` terms is `2k` operations, any other element is one; what does not depend
//! on the sample (a sum over a kernel) is not counted. A layer whose inputs are not known is left out.

use super::context::Context;
use super::forward::columns;
use crate::model::{Input, Layer};
use kiln_graph::{Builder, Extent, Graph, Node, Prim, Shape, StateRole};
use kiln_library::{Flow, registry};
use std::collections::BTreeMap;

/// What a layer holds and does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Parameters of its own, statistics included; a shared kernel is its owner's.
    pub(crate) parameters: u64,
    /// Operations of one sample, forward.
    pub(crate) operations: u64,
}

/// Costs by the layers' names.
pub(crate) fn costs(inputs: &[Input], layers: &[Layer]) -> BTreeMap<String, Cost> {
    let mut b = Builder::new();
    let mut flows: BTreeMap<&str, Flow> = BTreeMap::new();
    for input in inputs {
        if !flows.contains_key(input.name.as_str()) {
            let value = b.input(&input.name, columns(&input.dims));
            flows.insert(&input.name, Flow { value, dims: input.dims.clone() });
        }
    }
    let mut costs = BTreeMap::new();
    for layer in layers {
        let reads: Option<Vec<Flow>> = layer.inputs.iter().map(|i| flows.get(i.as_str()).cloned()).collect();
        let owner = layer.tie.as_ref().is_none_or(|tie| costs.contains_key(&tie.layer));
        let (Some(reads), Some(item), true) = (reads, registry::find_layer(&layer.call.name), owner) else {
            continue;
        };
        // Of two layers with one name, which is a mistake, the first counts.
        if flows.contains_key(layer.name.as_str()) {
            continue;
        }
        let (nodes, states) = (b.graph().nodes.len(), b.graph().states.len());
        b.set_name(&layer.name);
        let mut penalties = Vec::new();
        let mut cx =
            Context { b: &mut b, layer, training: false, penalties: &mut penalties, activated: None };
        let value = item.build(&mut cx, &reads, &layer.call.args);
        flows.insert(&layer.name, Flow { value, dims: layer.dims.clone() });
        costs.insert(layer.name.clone(), cost(b.graph(), nodes, states));
    }
    costs
}

/// Of the nodes and states from these positions on.
fn cost(graph: &Graph, nodes: usize, states: usize) -> Cost {
    let own = graph.states[states..].iter().filter(|s| !matches!(s.role, StateRole::Slot(_)));
    Cost {
        parameters: own.map(|s| elements(s.shape)).sum(),
        operations: graph.nodes[nodes..].iter().map(|node| operations(graph, node)).sum(),
    }
}

/// Elements of a value, of one sample where it has a row for each.
fn elements(shape: Shape) -> u64 {
    let rows = match shape.rows {
        Extent::Batch => 1,
        Extent::Fixed(rows) => u64::from(rows),
    };
    rows * u64::from(shape.cols)
}

fn operations(graph: &Graph, node: &Node) -> u64 {
    let argument = |i: usize| node.args.get(i).map(|&v| graph.shape(v));
    if !node.shape.is_batch() {
        return 0;
    }
    match node.prim {
        Prim::Input(_)
        | Prim::State(_)
        | Prim::Scalar(_)
        | Prim::Constant(_)
        | Prim::Iota(_)
        | Prim::RowCount
        | Prim::Concat
        | Prim::Slice { .. } => 0,
        Prim::MatMul { .. } => 2 * argument(0).map_or(0, |a| u64::from(a.cols)) * u64::from(node.shape.cols),
        Prim::Reduce(..) => argument(0).map_or(0, elements),
        Prim::Random { .. } | Prim::Unary(_) | Prim::Binary(_) | Prim::Select => elements(node.shape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kiln_library::{Args, Call, Kind, Value};

    #[test]
    fn a_dense_layer_multiplies_adds_and_activates() {
        let mut args = registry::defaults(Kind::Layer, "dense").unwrap_or_default();
        args.set("units", Value::Int(3));
        args.set("activation", Value::Item(Call { name: "relu".into(), args: Args::new() }));
        let input = Input { name: "x".into(), table_name: "x".into(), dims: vec![5] };
        let layer = Layer {
            name: "d".into(),
            stacks: Vec::new(),
            call: Call { name: "dense".into(), args },
            inputs: vec!["x".into()],
            dims: vec![3],
            tie: None,
            trainable: true,
        };
        let all = costs(&[input], &[layer.clone(), Layer { inputs: vec!["gone".into()], ..layer }]);
        assert_eq!(all.len(), 1);
        // 5 · 3 products and sums, 3 biases, 3 maxima; 15 weights and 3 biases.
        assert_eq!(all["d"], Cost { parameters: 18, operations: 36 });
    }
}
