//! Compares what compiled steps leave behind with what the interpreter says.

use crate::harness::{Compiled, Left, environment};
use kiln_codegen::Isa;
use kiln_graph::Graph;
use kiln_graph::interp::{self, Env, Values};

/// How near is near: within `relative` of the largest element of the same matrix, which counts as
/// at least `floor` (a matrix of differences that cancel is as exact as what it was made of).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Near {
    pub(crate) relative: f64,
    pub(crate) floor: f64,
}

/// For sums of up to some thousands of numbers around 1.
pub(crate) const NEAR: Near = Near { relative: 1e-5, floor: 0.03 };

/// The same step, or so many, interpreted.
pub(crate) fn interpreted(graph: &Graph, env: &Env, steps: u64) -> Values {
    let mut env = env.clone();
    let mut values = interp::evaluate(graph, &env);
    for _ in 1..steps {
        env.states = values.states;
        env.step += 1;
        values = interp::evaluate(graph, &env);
    }
    values
}

/// Compares everything.
pub(crate) fn compare(what: &str, left: &Left, right: &Values, near: Near) {
    for ((name, got), (_, want)) in left.outputs.iter().zip(&right.outputs) {
        close(&format!("{what}: output {name}"), got, &want.data, near);
    }
    for ((name, got), want) in left.states.iter().zip(&right.states) {
        close(&format!("{what}: state {name}"), got, want, near);
    }
}

/// Asserts that each is near.
pub(crate) fn close(what: &str, got: &[f32], want: &[f64], near: Near) {
    assert_eq!(got.len(), want.len(), "{what}");
    let largest = want.iter().filter(|x| x.is_finite()).fold(near.floor, |m, x| m.max(x.abs()));
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        let g = f64::from(*g);
        let same = (g.is_nan() && w.is_nan()) || g == *w || (g - w).abs() <= near.relative * largest;
        assert!(
            same,
            "{what}[{i}] (of {}): compiled {g:e}, interpreted {w:e}, off by {:.1e} of {largest:.1e}",
            got.len(),
            (g - w).abs() / largest
        );
    }
}

/// One step on every instruction set, on 1 and 2 threads, for each number of rows up to `batch`.
pub(crate) fn check(what: &str, graph: &Graph, (batch, rows): (u32, &[usize]), near: Near) {
    let cases: Vec<(Env, Values)> = rows
        .iter()
        .map(|&rows| {
            let env = environment(graph, rows);
            let values = interpreted(graph, &env, 1);
            (env, values)
        })
        .collect();
    for isa in Isa::available() {
        let compiled = Compiled::new(graph, batch, isa);
        for (env, values) in &cases {
            for threads in [1, 2] {
                let what = format!("{what}, {} of {batch} rows, {}, {threads} threads", env.rows, isa.name());
                compare(&what, &compiled.step(env, threads), values, near);
            }
        }
    }
}
