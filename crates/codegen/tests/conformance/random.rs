//! Random numbers: the very bits that [`kiln_graph::random`] defines, in every kind of kernel.

use crate::harness::{Compiled, environment};
use kiln_codegen::Isa;
use kiln_graph::random::Key;
use kiln_graph::{Builder, Distribution, Graph};

fn expected(distribution: Distribution, key: Key, len: usize) -> Vec<f32> {
    let draw = |i: u32| match distribution {
        Distribution::Uniform => key.uniform(i),
        Distribution::Normal => key.normal(i),
    };
    (0..len as u32).map(draw).collect()
}

/// Streams 0 and 1 as they are, and 0 once more out of a kernel that sees whole rows (it takes
/// a maximum of them) and out of the kernel of a product.
fn graph(distribution: Distribution, cols: u32) -> Graph {
    let mut g = Builder::new();
    let first = g.random(distribution, cols);
    let second = g.random(distribution, cols);
    let one = g.input("x", 1);
    g.output("first", first);
    g.output("second", second);
    let above = g.max_cols(second);
    let third = g.random(distribution, cols);
    let lower = g.sub(third, above);
    let peak = g.max_cols(lower);
    let low = g.sub(lower, peak);
    g.output("third", third);
    g.output("low", low);
    g.output("one", one);
    g.finish()
}

#[test]
fn random_numbers_are_the_defined_bits() {
    for &distribution in Distribution::ALL {
        for cols in [1_u32, 11, 16, 31, 33, 65, 170] {
            let graph = graph(distribution, cols);
            let (batch, rows) = (131, 130);
            let mut env = environment(&graph, rows);
            for isa in Isa::available() {
                let compiled = Compiled::new(&graph, batch, isa);
                for (seed, step) in [(7, 3), (u64::MAX, 0), (0, 1 << 40)] {
                    (env.seed, env.step) = (seed, step);
                    let left = compiled.step(&env, 2);
                    for (stream, name) in ["first", "second", "third"].iter().enumerate() {
                        let key = Key::new(seed, stream as u32, step);
                        let want = expected(distribution, key, rows * cols as usize);
                        let got = left.output(name);
                        let wrong = got.iter().zip(&want).position(|(g, w)| g.to_bits() != w.to_bits());
                        let isa = isa.name();
                        assert_eq!(
                            wrong, None,
                            "{isa}: {distribution:?} {name}, {cols} columns, step {step}"
                        );
                    }
                }
            }
        }
    }
}

/// The ends of what a lane can draw: every value of the 24 bits near 0, the middle and the end.
#[test]
fn a_million_normal_numbers() {
    let mut g = Builder::new();
    let cols = 512;
    let r = g.random(Distribution::Normal, cols);
    g.output("r", r);
    let graph = g.finish();
    let rows = 2048;
    let env = environment(&graph, rows);
    let want = expected(Distribution::Normal, Key::new(env.seed, 0, env.step), rows * cols as usize);
    for isa in Isa::available() {
        let left = Compiled::new(&graph, rows as u32, isa).step(&env, 2);
        let wrong = left.output("r").iter().zip(&want).position(|(g, w)| g.to_bits() != w.to_bits());
        assert_eq!(wrong, None, "{}", isa.name());
        assert!(want.iter().any(|x| x.abs() > 4.7), "the tail is met");
    }
}
