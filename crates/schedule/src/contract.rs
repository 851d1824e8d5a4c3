//! Contractions: sums of matrix products that one tile can accumulate.
//!
//! In: a graph. Out: for each node, the products that it is the sum of, if any.
//!
//! A sum of products joins when nobody else reads the parts: the gradient of a tied
//! kernel is one tile accumulated over both uses, the gradient of a code that feeds
//! two branches one tile accumulated over both.

use crate::Step;
use kiln_graph::{BinaryOp, Extent, Graph, Prim, ValueId};
use std::ops::RangeInclusive;

/// Batches whose products with a parameter's transpose are taken the other way round. Turning the batch's side
/// costs by the row what keeping a transposed copy of the parameter costs by the step. Measured on exp06: 6 %
/// less time a step at batch 16 and 32, 2 % at 128, 2 % more at 512. Below eight rows a tile is mostly padding.
const TURNED_ROWS: RangeInclusive<u32> = 8..=256;

/// How the operands of a product are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Orientation {
    /// `a · b`
    Nn,
    /// `a · bᵀ`
    Nt,
    /// `aᵀ · b`
    Tn,
}

/// One product of a contraction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor {
    pub(crate) a: ValueId,
    pub(crate) b: ValueId,
    pub(crate) orientation: Orientation,
}

/// The contractions of a graph.
#[derive(Debug)]
pub(crate) struct Contractions {
    /// For each node: the products it is the sum of (empty: it is no contraction).
    pub(crate) factors: Vec<Vec<Factor>>,
    /// For each node: it has become part of the contraction that reads it.
    pub(crate) absorbed: Vec<bool>,
}

/// Finds all contractions.
pub(crate) fn find(graph: &Graph) -> Contractions {
    let n = graph.nodes.len();
    let mut found = Contractions { factors: vec![Vec::new(); n], absorbed: vec![false; n] };
    let readers = count_readers(graph);
    for v in graph.values() {
        let node = graph.node(v);
        match node.prim {
            Prim::MatMul { transpose_a, transpose_b } => {
                let orientation = match (transpose_a, transpose_b) {
                    (false, false) => Orientation::Nn,
                    (false, true) => Orientation::Nt,
                    (true, false) => Orientation::Tn,
                    (true, true) => {
                        panic!("schedule: {v} is a product of two transposes, which no recipe makes")
                    }
                };
                found.factors[v.index()] = vec![Factor { a: node.args[0], b: node.args[1], orientation }];
            }
            Prim::Binary(BinaryOp::Add) => join(graph, &mut found, &readers, v),
            Prim::Input(_)
            | Prim::State(_)
            | Prim::Scalar(_)
            | Prim::Constant(_)
            | Prim::Iota(_)
            | Prim::RowCount
            | Prim::Random { .. }
            | Prim::Unary(_)
            | Prim::Binary(_)
            | Prim::Select
            | Prim::Reduce(..)
            | Prim::Concat
            | Prim::Slice { .. } => {}
        }
    }
    found
}

/// True where a step may take the sum of these products the other way round: `a · bᵀ = (b · aᵀ)ᵀ`, which reads
/// the parameter as it is, and a transposed copy of what a kernel made of the batch.
pub(crate) fn may_turn(step: &Step<'_>, factors: &[Factor]) -> bool {
    let graph = step.graph;
    let turnable = |f: &Factor| {
        let parameter = matches!(graph.node(f.b).prim, Prim::State(_));
        let shape = graph.shape(f.a);
        let made = !matches!(
            graph.node(f.a).prim,
            Prim::Input(_) | Prim::State(_) | Prim::Concat | Prim::Slice { .. }
        );
        f.orientation == Orientation::Nt && parameter && made && shape.rows == Extent::Batch && shape.cols > 1
    };
    let whole = step.chunk >= step.batch;
    whole && TURNED_ROWS.contains(&step.batch) && !factors.is_empty() && factors.iter().all(turnable)
}

fn join(graph: &Graph, found: &mut Contractions, readers: &[u32], sum: ValueId) {
    let (x, y) = (graph.node(sum).args[0], graph.node(sum).args[1]);
    let whole = |f: &Contractions, v: ValueId| !f.factors[v.index()].is_empty() && readers[v.index()] == 1;
    if x == y || !whole(found, x) || !whole(found, y) || graph.shape(x) != graph.shape(y) {
        return;
    }
    let tn = |v: ValueId| found.factors[v.index()][0].orientation == Orientation::Tn;
    if tn(x) != tn(y) {
        return;
    }
    let mut factors = found.factors[x.index()].clone();
    factors.extend(found.factors[y.index()].iter().copied());
    found.factors[sum.index()] = factors;
    for part in [x, y] {
        found.factors[part.index()].clear();
        found.absorbed[part.index()] = true;
    }
}

/// How often each value is read, by nodes, outputs and assignments.
fn count_readers(graph: &Graph) -> Vec<u32> {
    let mut readers = vec![0; graph.nodes.len()];
    let args = graph.nodes.iter().flat_map(|n| n.args.iter().copied());
    let outputs = graph.outputs.iter().map(|o| o.value);
    let assigned = graph.assignments.iter().map(|a| a.value);
    for v in args.chain(outputs).chain(assigned) {
        readers[v.index()] += 1;
    }
    readers
}
