//! Which values are stored in buffers, and which are computed again by each reader.
//!
//! In: a graph and its groups. Out: for each node, whether it is stored.
//!
//! A value that another kernel reads is stored, unless computing it again is cheap and
//! reads at most one stored matrix: then the reader does that instead of reading another
//! buffer. So batch norm's `x − mean` is never stored, and dropout's mask in small batches only.
//!
//! Vectors made of sums over rows are computed again by kernels that wait for nothing else ([`crate::vectors`]).

use crate::Step;
use crate::contract::Contractions;
use crate::fuse::{CHEAP, Fusion, GroupKind, is_cheap, is_source, keeps_random};
use crate::vectors::Vectors;
use kiln_graph::{Extent, Graph, Prim, ValueId};

/// What to do with each value.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The node has a buffer of its own.
    pub(crate) stored: Vec<bool>,
    /// Which vectors are computed again in spite of it.
    pub(crate) vectors: Vectors,
}

/// Decides for all nodes.
pub(crate) fn decide(step: &Step<'_>, contractions: &Contractions, fusion: &Fusion) -> Kept {
    let graph = step.graph;
    let must = required(graph, contractions, fusion);
    let vectors = Vectors::of(step, contractions, fusion);
    let again = computable_again(step, fusion, &must, &must);
    let first = store(graph, contractions, fusion, &must, (&again, &vectors));
    // What turned out to be stored can be read to compute others again.
    let again = computable_again(step, fusion, &must, &first);
    Kept { stored: store(graph, contractions, fusion, &must, (&again, &vectors)), vectors }
}

/// Stores what a later kernel reads and cannot compute again.
fn store(
    graph: &Graph,
    contractions: &Contractions,
    fusion: &Fusion,
    must: &[bool],
    (again, vectors): (&[bool], &Vectors),
) -> Vec<bool> {
    let mut stored = must.to_vec();
    // Readers come after what they read, so one walk backwards sees all readers of a node first.
    let mut sites: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for v in graph.values().rev_order() {
        if contractions.absorbed[v.index()] {
            continue;
        }
        let home = fusion.home[v.index()];
        // Readers before its home (it floated, and was anchored for a later reader) compute it again.
        let (of_vector, loads): (Vec<usize>, Vec<usize>) =
            sites[v.index()].iter().partition(|&&g| vectors.computed_again(v, g));
        let asked_elsewhere = home.is_some_and(|h| loads.iter().any(|&g| g > h));
        if asked_elsewhere && !again[v.index()] {
            stored[v.index()] = true;
        }
        let mut computed_in: Vec<usize> = home.into_iter().collect();
        if home.is_none() || (again[v.index()] && !stored[v.index()]) {
            computed_in.append(&mut sites[v.index()].clone());
        } else {
            computed_in.extend(loads.iter().copied().filter(|&g| home.is_some_and(|h| g < h)));
            computed_in.extend(of_vector);
        }
        if let Some(partial) = fusion.partial[v.index()] {
            // The sum's readers read partial sums; only its group reads the argument.
            computed_in = vec![partial];
        }
        if !contractions.factors[v.index()].is_empty() {
            continue;
        }
        for arg in &graph.node(v).args {
            sites[arg.index()].extend(computed_in.iter().copied());
        }
    }
    stored
}

/// Operands of products and copies, and what is read after the step.
fn required(graph: &Graph, contractions: &Contractions, fusion: &Fusion) -> Vec<bool> {
    let mut must = vec![false; graph.nodes.len()];
    let operands = contractions.factors.iter().flatten().flat_map(|f| [f.a, f.b]);
    let copied = graph.nodes.iter().filter(|n| matches!(n.prim, Prim::Concat | Prim::Slice { .. }));
    let outputs = graph.outputs.iter().map(|o| o.value);
    for v in operands.chain(copied.flat_map(|n| n.args.iter().copied())).chain(outputs) {
        must[v.index()] = true;
    }
    for v in graph.values() {
        let copies = fusion.home[v.index()]
            .is_some_and(|g| matches!(fusion.groups[g].kind, GroupKind::Gather | GroupKind::Copy));
        must[v.index()] |= copies;
        if let Prim::State(id) = graph.node(v).prim {
            // What is read afterwards is the value from before the step.
            let overwritten = graph.assignments.iter().any(|a| a.state == id);
            must[v.index()] = overwritten && graph.outputs.iter().any(|o| o.value == v);
        }
    }
    must
}

/// Nodes that a reader elsewhere computes again rather than loads; `stored` are those to be had anyway.
fn computable_again(step: &Step<'_>, fusion: &Fusion, must: &[bool], stored: &[bool]) -> Vec<bool> {
    let graph = step.graph;
    let of_random = if keeps_random(step) { CHEAP } else { 1 };
    let n = graph.nodes.len();
    let mut again = vec![false; n];
    let mut cost = vec![0u32; n];
    let mut leaf: Vec<Option<ValueId>> = vec![None; n];
    for v in graph.values() {
        let node = graph.node(v);
        if fusion.home[v.index()].is_none() {
            let own = if matches!(node.prim, Prim::Random { .. }) { of_random } else { 1 };
            cost[v.index()] = node.args.iter().map(|a| cost[a.index()]).sum::<u32>() + own;
        }
        if must[v.index()] {
            leaf[v.index()] = Some(v);
            continue;
        }
        let mut leaves: Vec<ValueId> = Vec::new();
        let mut possible = is_cheap(&node.prim) && node.shape.rows != Extent::Fixed(1);
        let mut total = 1;
        for a in node.args.iter().filter(|a| graph.shape(**a).rows == node.shape.rows) {
            let floats = fusion.home[a.index()].is_none() || is_source(&graph.node(*a).prim);
            possible &= floats || again[a.index()] || stored[a.index()];
            total += cost[a.index()];
            leaves.extend(leaf[a.index()]);
        }
        leaves.sort_unstable();
        leaves.dedup();
        leaf[v.index()] = leaves.first().copied();
        again[v.index()] =
            possible && fusion.home[v.index()].is_some() && leaves.len() <= 1 && total <= CHEAP;
        if again[v.index()] {
            cost[v.index()] = total;
        } else if stored[v.index()] {
            leaf[v.index()] = Some(v);
        }
    }
    again
}

/// Ids from the last to the first.
trait ReverseOrder {
    fn rev_order(self) -> std::vec::IntoIter<ValueId>;
}

impl<I: Iterator<Item = ValueId>> ReverseOrder for I {
    fn rev_order(self) -> std::vec::IntoIter<ValueId> {
        let mut all: Vec<ValueId> = self.collect();
        all.reverse();
        all.into_iter()
    }
}
