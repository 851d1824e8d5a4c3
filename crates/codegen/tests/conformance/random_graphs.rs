//! Random graphs: compiled, they give what the evaluator gives.

use crate::harness::{Compiled, environment};
use crate::random_graph::random_graph;
use crate::reference::{Near, compare, interpreted};
use kiln_codegen::Isa;
use kiln_graph::{Extent, Graph, Prim, simplify};

/// Graphs in a usual run; `KILN_GRAPHS` asks for more.
const GRAPHS: u64 = 600;

/// Chains of sums of products, with no scale of their own.
const NEAR: Near = Near { relative: 1e-4, floor: 1.0 };

#[test]
fn random_graphs_step_as_evaluated() {
    let count = std::env::var("KILN_GRAPHS").ok().and_then(|n| n.parse().ok()).unwrap_or(GRAPHS);
    let available = Isa::available();
    let mut failed = Vec::new();
    for seed in 0..count {
        let graph = random_graph(seed, 3 + (seed % 22) as usize);
        if sums_over_fixed_rows(&graph) {
            continue;
        }
        let batch = [20_u32, 33, 1, 70, 16][(seed / 3 % 5) as usize];
        let rows = if seed.is_multiple_of(2) { batch } else { (batch * 2).div_ceil(3) } as usize;
        let isa = available[seed as usize % available.len()];
        let check = || {
            let env = environment(&graph, rows);
            let chunk = [batch, 8, 7, batch.div_ceil(2)][(seed % 4) as usize];
            let left = Compiled::in_chunks(&graph, (batch, chunk), isa).step(&env, 1 + seed as usize % 3);
            compare(
                &format!("{rows} of {batch} rows in chunks of {chunk}, {}", isa.name()),
                &left,
                &interpreted(&graph, &env, 1),
                NEAR,
            );
        };
        if let Err(why) = std::panic::catch_unwind(check) {
            let text = why.downcast_ref::<String>().map(String::as_str);
            let text = text.or(why.downcast_ref::<&str>().copied()).unwrap_or_default();
            failed.push((graph.nodes.len(), seed, text.to_owned(), kiln_graph::print(&simplify(&graph))));
        }
    }
    failed.sort();
    let shown: Vec<String> = failed.iter().map(|(n, s, w, _)| format!("seed {s}, {n} nodes: {w}")).collect();
    let smallest = failed.first().map(|f| f.3.as_str()).unwrap_or_default();
    assert!(failed.is_empty(), "{} of {count} graphs:\n{}\n{smallest}", failed.len(), shown.join("\n"));
}

/// `aᵀ · b` of matrices that have no batch rows: no recipe makes one, and drivers sum over the batch.
fn sums_over_fixed_rows(graph: &Graph) -> bool {
    let fixed = |n: &kiln_graph::Node| graph.shape(n.args[0]).rows != Extent::Batch;
    graph.nodes.iter().any(|n| matches!(n.prim, Prim::MatMul { transpose_a: true, .. }) && fixed(n))
}
