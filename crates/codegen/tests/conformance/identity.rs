//! The same bits: whatever the number of threads, however often, at any width of vectors.

use crate::harness::{Compiled, Left, environment};
use crate::recipes::{all, graph};
use crate::reference::{NEAR, compare, interpreted};
use crate::{shapes, steps};
use kiln_codegen::{Isa, Program, Target};
use kiln_graph::{Graph, UnaryOp};

/// Graphs of all kinds of kernels, with batches that are no multiple of anything.
fn graphs() -> Vec<(&'static str, Graph, u32)> {
    vec![
        ("elements", shapes::elements(170), 515),
        ("reductions", shapes::reductions(170), 515),
        ("narrow reductions", shapes::reductions(18), 130),
        ("softmax", shapes::softmax(11), 515),
        ("wide softmax", shapes::softmax(65), 130),
        ("dense", shapes::dense(170, 56), 300),
        ("long dense", shapes::dense(65, 45), 1100),
        ("columns", shapes::columns(17, 33), 130),
        ("classifier", steps::classifier(50, 37, 11), 200),
        ("tied", steps::tied(100, 70, 33), 130),
        // Several blocks a task: the update of one is woven with the sum of the next.
        ("woven", steps::classifier(170, 130, 70), 21),
        ("woven, fewer rows than a tile", steps::classifier(200, 96, 33), 5),
        ("woven and tied", steps::tied(260, 100, 64), 19),
    ]
}

#[track_caller]
fn assert_same(what: &str, one: &Left, other: &Left) {
    for ((name, one), (_, other)) in one.bits().iter().zip(other.bits()) {
        let wrong = one.iter().zip(&other).position(|(x, y)| x != y);
        let shown = wrong.map(|i| (i, f32::from_bits(one[i]), f32::from_bits(other[i])));
        assert_eq!(shown, None, "{what}: {name}");
    }
}

#[test]
fn any_number_of_threads_and_any_repetition() {
    for (name, graph, batch) in graphs() {
        for isa in Isa::available() {
            let compiled = Compiled::new(&graph, batch, isa);
            for rows in [batch as usize, batch as usize / 2 + 1] {
                let env = environment(&graph, rows);
                let one = compiled.steps(&env, 1, 2);
                for threads in [1, 2, 3, 5] {
                    let other = compiled.steps(&env, threads, 2);
                    assert_same(
                        &format!("{name}, {rows} rows, {}, {threads} threads", isa.name()),
                        &one,
                        &other,
                    );
                }
            }
        }
    }
}

/// A batch in chunks: the interpreter's numbers, and the same bits for any number of threads, in a short
/// batch too.
#[test]
fn chunks_give_what_the_whole_gives() {
    for (name, graph, batch) in graphs() {
        for (isa, chunk) in Isa::available().into_iter().zip([64, 50, 17, 100]) {
            let compiled = Compiled::in_chunks(&graph, (batch, chunk), isa);
            for rows in [batch as usize, batch as usize / 2 + 1] {
                let env = environment(&graph, rows);
                let what = format!("{name}, {rows} rows in chunks of {chunk}, {}", isa.name());
                let one = compiled.steps(&env, 1, 1);
                compare(&what, &one, &interpreted(&graph, &env, 1), NEAR);
                for threads in [2, 3] {
                    assert_same(&what, &one, &compiled.steps(&env, threads, 1));
                }
            }
        }
    }
}

/// Widened code does lane by lane what the 128-bit code does that it was made from, and the tiles
/// take products in one order; so all targets with fused multiply-add agree.
#[test]
fn any_width_of_vectors() {
    let wide: Vec<Isa> =
        Isa::available().into_iter().filter(|isa| Target::of(*isa).vector_bytes > 16).collect();
    let recipes = all().into_iter().step_by(3).map(|(name, recipe)| (name, graph(&recipe), 21));
    // Of so many parameters a woven update asks for the next block's.
    let large = ("woven, asking ahead", steps::classifier(1100, 1000, 20), 24);
    let own = graphs().into_iter().chain([large]);
    let own = own.map(|(name, graph, batch)| (name.to_owned(), graph, batch));
    for (name, graph, batch) in own.chain(recipes) {
        let env = environment(&graph, batch as usize);
        let runs: Vec<(String, Left)> = wide
            .iter()
            .flat_map(|&isa| {
                let target = Target::of(isa);
                [target, target.narrow()].map(|target| {
                    let compile = |schedule| Program::compile_for(schedule, isa, target).expect("compiles");
                    let left = Compiled::with(&[(&graph, batch)], compile).steps(&env, 1, 2);
                    (format!("{} {}", isa.name(), target.describe()), left)
                })
            })
            .collect();
        for pair in runs.windows(2) {
            assert_same(&format!("{name}: {} and {}", pair[0].0, pair[1].0), &pair[0].1, &pair[1].1);
        }
    }
}

/// A product with a parameter's transpose is taken the other way round in small batches, and from a transposed
/// copy in larger ones: the same sums in the same order.
#[test]
fn either_way_round() {
    for (k, n) in [(33, 70), (170, 18), (7, 45)] {
        let mut g = kiln_graph::Builder::new();
        let x = g.input("x", k);
        let (id, w) = shapes::state(&mut g, "kernel", k, n);
        let h = g.matmul(x, w);
        let h = g.tanh(h);
        let y = g.matmul_nt(h, w);
        let z = g.matmul_nt(h, w);
        let both = g.add(y, z);
        let y = g.tanh(both);
        g.output("y", y);
        let next = g.scale(w, 0.5);
        g.assign(id, next);
        let graph = g.finish();
        let copies = |batch| {
            let schedule = kiln_schedule::plan(&[kiln_schedule::Step::new("train", &graph, batch)]);
            schedule.states.iter().filter(|s| s.transposed.is_some()).count()
        };
        let (few, many) = (100, 300);
        assert_eq!((copies(few), copies(many)), (0, 1));
        for isa in Isa::available() {
            for rows in [few as usize, 77, 9] {
                let env = environment(&graph, rows);
                let of = |batch| Compiled::new(&graph, batch, isa).steps(&env, 2, 2);
                assert_same(&format!("{k} and {n}, {rows} rows, {}", isa.name()), &of(few), &of(many));
            }
        }
    }
}

/// Every function of one argument on every kind of number.
#[test]
fn any_width_of_vectors_on_special_values() {
    let mut g = kiln_graph::Builder::new();
    let x = g.input("x", 1);
    for &op in UnaryOp::ALL {
        let y = g.unary(op, x);
        g.output(op.name(), y);
    }
    let graph = g.finish();
    let mut specials = crate::operations::specials();
    specials.extend((0..20_000u32).map(|i| f32::from_bits(i.wrapping_mul(214_741))));
    let mut env = environment(&graph, specials.len());
    env.inputs[0] = specials.iter().map(|&x| f64::from(x)).collect();
    let mut first: Option<Left> = None;
    for isa in Isa::available().into_iter().filter(|isa| Target::of(*isa).fma) {
        let left = Compiled::new(&graph, env.rows as u32, isa).step(&env, 2);
        if let Some(first) = &first {
            assert_same(isa.name(), first, &left);
        }
        first.get_or_insert(left);
    }
}
