//! Vectors that are computed again: what batch norm makes of its sums, by whoever waits for the sums alone.
//!
//! In: a step and its groups. Out: for a vector and a group, whether the group computes it from the partial
//! sums instead of loading it.
//!
//! One idea: mean and variance are a dozen operations on a vector, once for each block of rows. A kernel that
//! could begin as soon as the sums are there, but for these operations of another kernel, does them itself:
//! that is cheaper than a phase. Kernels that come later load what the other kernel has stored.

use crate::Step;
use crate::contract::Contractions;
use crate::fuse::{Fusion, GroupKind};
use kiln_graph::{Axis, Extent, Graph, Prim, ValueId};

const ONE: Extent = Extent::Fixed(1);

/// Rows of a batch whose partial sums are few: eight, or sixteen where whole rows are worked on.
const FEW_ROWS: u32 = 512;

/// More operations than this, with a sum counted as [`SUM`], are not done once for each block of rows.
const MOST: u32 = 64;
/// Partial sums of most kernels.
const SUM: u32 = 8;

/// Which vectors are computed again, and by which groups.
#[derive(Debug)]
pub(crate) struct Vectors {
    /// Of each vector that may be: the last group that makes partial sums behind it, and its columns.
    sums: Vec<Option<(usize, u32)>>,
    /// Of each group that goes through the batch: its columns, and the last group that makes a matrix it reads.
    readers: Vec<Option<(u32, usize)>>,
}

impl Vectors {
    pub(crate) fn of(step: &Step<'_>, contractions: &Contractions, fusion: &Fusion) -> Vectors {
        let graph = step.graph;
        let nodes = graph.nodes.len();
        if step.batch > FEW_ROWS || step.chunk < step.batch {
            return Vectors { sums: vec![None; nodes], readers: vec![None; fusion.groups.len()] };
        }
        let mut costs: Vec<Cost> = Vec::with_capacity(nodes);
        for v in graph.values() {
            let cost = Cost::of(graph, fusion, v, &costs);
            costs.push(cost);
        }
        let cols = |i: usize| graph.nodes[i].shape.cols;
        let sums = costs.iter().enumerate().map(|(i, c)| {
            let sum = c.sum.filter(|_| c.operations <= MOST)?;
            Some((sum, cols(i)))
        });
        Vectors { sums: sums.collect(), readers: readers(graph, contractions, fusion) }
    }

    /// True where a group waits for a vector's sums alone, so that it computes the vector itself.
    pub(crate) fn computed_again(&self, v: ValueId, group: usize) -> bool {
        match (self.sums[v.index()], self.readers[group]) {
            (Some((sum, cols)), Some((of_group, last))) => cols == of_group && last == sum,
            _ => false,
        }
    }
}

/// What it takes to compute a vector from partial sums.
#[derive(Clone, Copy, Default)]
struct Cost {
    operations: u32,
    /// The last group that makes partial sums behind it.
    sum: Option<usize>,
}

impl Cost {
    /// No other group can compute it.
    const NEVER: Cost = Cost { operations: u32::MAX, sum: None };

    fn of(graph: &Graph, fusion: &Fusion, v: ValueId, known: &[Cost]) -> Cost {
        let node = graph.node(v);
        if node.shape.rows != ONE {
            return Cost::NEVER;
        }
        if let Some(sum) = fusion.partial[v.index()] {
            let of_batch = fusion.groups[sum].rows == Extent::Batch;
            return if of_batch { Cost { operations: SUM, sum: Some(sum) } } else { Cost::NEVER };
        }
        let home = fusion.home[v.index()];
        let vector = home.is_some_and(|h| fusion.groups[h].kind == GroupKind::Rows);
        if !vector || !matches!(node.prim, Prim::Unary(_) | Prim::Binary(_) | Prim::Select) {
            return Cost::NEVER;
        }
        let mut cost = Cost { operations: 1, sum: None };
        for a in &node.args {
            let near = fusion.partial[a.index()].is_some() || fusion.home[a.index()] == home;
            // What another group has made is loaded.
            let arg = if near && known[a.index()].sum.is_some() { known[a.index()] } else { Cost::default() };
            cost.operations = cost.operations.saturating_add(arg.operations);
            cost.sum = cost.sum.max(arg.sum);
        }
        cost
    }
}

/// The columns of each group of the batch, and the last group that makes a matrix of the batch that it reads.
/// None for those that work row by row, where a vector would be computed for each row.
fn readers(graph: &Graph, contractions: &Contractions, fusion: &Fusion) -> Vec<Option<(u32, usize)>> {
    let mut last: Vec<Option<usize>> = vec![None; fusion.groups.len()];
    for v in graph.values() {
        let places = [fusion.home[v.index()], fusion.partial[v.index()]];
        let factors = contractions.factors[v.index()].iter().flat_map(|f| [f.a, f.b]);
        for group in places.into_iter().flatten() {
            for a in graph.node(v).args.iter().copied().chain(factors.clone()) {
                let made =
                    fusion.home[a.index()].filter(|&h| h != group && graph.shape(a).rows == Extent::Batch);
                last[group] = last[group].max(made);
            }
        }
    }
    let by_rows = row_by_row(graph, fusion);
    let of_batch = |(g, last): (usize, Option<usize>)| {
        let group = &fusion.groups[g];
        (group.rows == Extent::Batch && !by_rows[g]).then_some((group.cols, last?))
    };
    last.into_iter().enumerate().map(of_batch).collect()
}

/// Which groups work row by row: they reduce over columns, or make one value a row beside wider ones.
fn row_by_row(graph: &Graph, fusion: &Fusion) -> Vec<bool> {
    let mut found: Vec<bool> = fusion.groups.iter().map(|g| g.kind == GroupKind::Rows).collect();
    for v in graph.values() {
        let node = graph.node(v);
        if let Some(group) = fusion.home[v.index()] {
            let narrow = node.shape.cols < fusion.groups[group].cols;
            found[group] |= narrow || matches!(node.prim, Prim::Reduce(_, Axis::Cols));
        }
    }
    found
}
