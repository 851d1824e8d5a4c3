//! Whole steps of every layer, activation, loss and optimizer: compiled as interpreted.

use crate::harness::{Compiled, environment};
use crate::recipes::{all, graph};
use crate::reference::{Near, compare, interpreted};
use kiln_codegen::Isa;
use kiln_graph::verify;

/// Relative to the largest of a matrix: three steps of a moving average of squares lose a digit.
const NEAR: Near = Near { relative: 3e-5, floor: 0.03 };

/// One step of a whole batch and three of a short one, each on one thread and on two.
#[test]
fn steps_of_every_item() {
    for (name, recipe) in all() {
        let graph = graph(&recipe);
        verify(&graph).unwrap_or_else(|violations| panic!("{name}: {violations:?}"));
        let cases = [(32, 1), (21, 3)].map(|(rows, steps)| {
            let env = environment(&graph, rows);
            let values = interpreted(&graph, &env, steps);
            (env, steps, values)
        });
        for isa in Isa::available() {
            let compiled = Compiled::new(&graph, 32, isa);
            for (threads, (env, steps, values)) in [1, 2].into_iter().zip(&cases) {
                let left = compiled.steps(env, threads, *steps);
                compare(&format!("{name}, {}, {steps} steps", isa.name()), &left, values, NEAR);
            }
        }
    }
}
