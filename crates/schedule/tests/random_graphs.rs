//! Random graphs: planned, verified and run, they give what the graph's evaluator gives.

mod support;

use kiln_graph::{Graph, simplify};
use kiln_schedule::Step;
use support::random_graph::random_graph;
use support::run::runs_as_evaluated;

/// Graphs in a usual run; `KILN_GRAPHS` asks for more.
const GRAPHS: u64 = 600;

fn check(graph: &Graph, seed: u64) {
    let batch = [20_u32, 20, 1, 70, 16][(seed / 3 % 5) as usize];
    let rows = if seed.is_multiple_of(2) { batch } else { (batch * 2).div_ceil(3) } as usize;
    let chunk = [batch, 8, 7, batch.div_ceil(2)][(seed % 4) as usize];
    runs_as_evaluated(&[Step { chunk, ..Step::new("train", graph, batch) }], rows, seed);
}

#[test]
fn random_graphs_run_as_evaluated() {
    let count = std::env::var("KILN_GRAPHS").ok().and_then(|n| n.parse().ok()).unwrap_or(GRAPHS);
    let mut failed = Vec::new();
    for seed in 0..count {
        let graph = simplify(&random_graph(seed, 3 + (seed % 22) as usize));
        kiln_graph::verify(&graph).expect("the graph is sound");
        if let Err(why) = std::panic::catch_unwind(|| check(&graph, seed)) {
            let text = why.downcast_ref::<String>().map(String::as_str);
            let text = text.or(why.downcast_ref::<&str>().copied()).unwrap_or_default();
            failed.push((graph.nodes.len(), seed, text.to_owned(), graph));
        }
    }
    failed.sort_by_key(|(nodes, seed, ..)| (*nodes, *seed));
    let shown: Vec<String> = failed.iter().map(|(n, s, w, _)| format!("seed {s}, {n} nodes: {w}")).collect();
    let smallest = failed.first().map(|f| kiln_graph::print(&f.3)).unwrap_or_default();
    assert!(failed.is_empty(), "{} of {count} graphs:\n{}\n{smallest}", failed.len(), shown.join("\n"));
}
