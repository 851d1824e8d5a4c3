//! Rules one by one, the sums of batch norm, and random graphs that keep their values.

use super::*;
use crate::autodiff::gradients;
use crate::graph::{Initial, StateDecl, StateId, StateRole};
use crate::interp::{Env, evaluate, trace};
use crate::prim::{Axis, BinaryOp, UnaryOp};
use crate::print::expression;
use crate::random::Key;
use crate::shape::{Extent, Shape};
use crate::verify::verify;
use proptest::prelude::*;

/// The expressions that are left of `y`, which is built from `x` `[B,4]`, `w` `[1,4]`, `c` `[B,1]`.
fn left(build: impl FnOnce(&mut Builder, [ValueId; 3]) -> ValueId) -> Vec<String> {
    let mut b = Builder::new();
    let (x, w, c) = (b.input("x", 4), b.iota(4), b.input("c", 1));
    let y = build(&mut b, [x, w, c]);
    b.output("y", y);
    let graph = simplify(&b.finish());
    assert_eq!(verify(&graph), Ok(()));
    graph.nodes.iter().map(|n| expression(&graph, n)).collect()
}

#[test]
fn numbers_are_folded_where_they_are_exact() {
    let folded = |op, x: f32, y: f32| {
        left(|b, _| {
            let (x, y) = (b.constant(x), b.constant(y));
            b.binary(op, x, y)
        })
    };
    assert_eq!(folded(BinaryOp::Add, 1.5, 2.0), ["constant 3.5"]);
    assert_eq!(folded(BinaryOp::Greater, 1.5, 2.0), ["constant 0.0"]);
    assert_eq!(folded(BinaryOp::Div, 1.0, 0.0), ["constant inf"]);
    assert_eq!(folded(BinaryOp::Div, 1.0, 3.0).len(), 3, "a third is no f32");
    let root = left(|b, _| {
        let four = b.constant(4.0);
        b.rsqrt(four)
    });
    assert_eq!(root, ["constant 0.5"]);
}

#[test]
fn neutral_numbers_and_signs_go() {
    let x = ["input i0 x"];
    assert_eq!(left(|b, [x, ..]| b.scale(x, 1.0)), x);
    assert_eq!(left(|b, [x, ..]| b.offset(x, 0.0)), x);
    assert_eq!(left(|b, [x, ..]| b.detach(x)), x);
    let with = |op, number: f32, turned: bool| {
        left(|b, [x, ..]| {
            let n = b.constant(number);
            if turned { b.binary(op, n, x) } else { b.binary(op, x, n) }
        })
    };
    assert_eq!(with(BinaryOp::Mul, 1.0, true), x);
    assert_eq!(with(BinaryOp::Add, 0.0, true), x);
    assert_eq!(with(BinaryOp::Sub, 0.0, false), x);
    assert_eq!(with(BinaryOp::Div, 1.0, false), x);
    assert_eq!(with(BinaryOp::Mul, -1.0, true), ["input i0 x", "neg v0"]);
    assert_eq!(with(BinaryOp::Div, 4.0, false), ["input i0 x", "constant 0.25", "mul v0, v1"]);
    assert_eq!(with(BinaryOp::Div, 3.0, false), ["input i0 x", "constant 3.0", "div v0, v1"]);
    assert_eq!(with(BinaryOp::Sub, 0.0, true).len(), 3, "0 − x is not x");
    assert_eq!(with(BinaryOp::Mul, 0.0, true).len(), 3, "0 · NaN is not 0");
    let twice = left(|b, [x, ..]| {
        let n = b.neg(x);
        b.neg(n)
    });
    assert_eq!(twice, x);
}

#[test]
fn signs_and_constants_combine() {
    let chain = left(|b, [x, ..]| {
        let y = b.scale(x, 0.5);
        let y = b.neg(y);
        b.scale(y, 6.0)
    });
    assert_eq!(chain, ["input i0 x", "constant -3.0", "mul v0, v1"]);
    let inexact = left(|b, [x, ..]| {
        let y = b.scale(x, 0.1);
        b.scale(y, 0.3)
    });
    assert_eq!(inexact.len(), 5, "{inexact:?}");
    let difference = left(|b, [x, w, _]| {
        let n = b.neg(w);
        b.add(x, n)
    });
    assert_eq!(difference, ["input i0 x", "iota 4", "sub v0, v1"]);
    let sum = left(|b, [x, w, _]| {
        let n = b.neg(w);
        b.sub(x, n)
    });
    assert_eq!(sum, ["input i0 x", "iota 4", "add v0, v1"]);
    let doubled = left(|b, [x, w, _]| {
        let t = b.mul(x, w);
        b.add(t, t)
    });
    assert_eq!(doubled, ["input i0 x", "iota 4", "add v1, v1", "mul v2, v0"]);
    let turned = left(|b, [x, w, _]| {
        let (a, c) = (b.mul(x, w), b.mul(w, x));
        b.sub(a, c)
    });
    assert_eq!(turned, ["input i0 x", "iota 4", "mul v0, v1", "sub v2, v2"]);
}

#[test]
fn zeros_selects_and_columns() {
    let clamped = left(|b, [x, ..]| {
        let zeros = b.zeros_like(x);
        b.max(x, zeros)
    });
    assert_eq!(clamped, ["input i0 x", "constant 0.0", "max v0, v1"]);
    let stretched = left(|b, [x, w, _]| {
        let zeros = b.zeros_like(x);
        b.add(w, zeros)
    });
    assert_eq!(stretched.len(), 4, "the zeros give the shape: {stretched:?}");
    let chosen = left(|b, [x, w, _]| {
        let one = b.constant(1.0);
        b.select(one, x, w)
    });
    assert_eq!(chosen, ["input i0 x"]);
    let kept = left(|b, [x, w, _]| {
        let zero = b.constant(0.0);
        b.select(zero, x, w)
    });
    assert_eq!(kept.len(), 4, "the row has not the shape: {kept:?}");
    let part = left(|b, [x, _, c]| {
        let all = b.concat(&[c, x]);
        let some = b.slice(all, 2, 5);
        b.slice(some, 1, 2)
    });
    assert_eq!(part, ["input i0 x", "slice v0, 2..3"]);
    let all = left(|b, [x, _, c]| {
        let all = b.concat(&[c, x]);
        b.slice(all, 1, 5)
    });
    assert_eq!(all, ["input i0 x"]);
}

#[test]
fn factors_leave_sums() {
    let rows = left(|b, [x, w, _]| {
        let (y, n) = (b.mul(w, x), b.row_count());
        let y = b.div(y, n);
        let y = b.neg(y);
        b.sum_rows(y)
    });
    assert_eq!(
        rows,
        ["input i0 x", "iota 4", "row_count", "sum_rows v0", "mul v3, v1", "div v4, v2", "neg v5"]
    );
    let cols = left(|b, [x, _, c]| {
        let y = b.mul(c, x);
        b.sum_cols(y)
    });
    assert_eq!(cols, ["input i0 x", "input i1 c", "sum_cols v0", "mul v2, v1"]);
    let column = left(|b, [_, w, c]| {
        let y = b.mul(c, w);
        b.sum_rows(y)
    });
    assert_eq!(column, ["iota 4", "input i1 c", "sum_rows v1", "mul v2, v0"]);
    let untouched = left(|b, [x, _, c]| {
        let y = b.mul(x, c);
        let y = b.mul(x, y);
        b.sum_rows(y)
    });
    assert_eq!(untouched, ["input i0 x", "input i1 c", "mul v0, v1", "mul v0, v2", "sum_rows v3"]);
}

/// The bias's gradient and the kernel's read one matrix; without its factor there would be two.
#[test]
fn a_factor_stays_where_the_product_is_read_by_others() {
    let both = |also_read: bool| {
        left(|b, [x, w, c]| {
            let (y, z) = (b.mul(x, w), b.mul(x, c));
            let product = b.mul(y, z);
            let sum = b.sum_rows(product);
            if also_read { b.sub(product, sum) } else { sum }
        })
    };
    let products = |lines: &[String]| lines.iter().filter(|e| e.starts_with("mul")).count();
    assert_eq!(products(&both(true)), 3);
    let alone = both(false);
    assert!(
        alone.contains(&"sum_rows v4".to_owned()) && alone.last() == Some(&"mul v5, v1".to_owned()),
        "{alone:?}"
    );
}

#[test]
fn a_sum_is_split_only_where_nothing_more_is_summed() {
    let centred = |b: &mut Builder, x| {
        let (sum, n) = (b.sum_rows(x), b.row_count());
        let mean = b.div(sum, n);
        b.sub(x, mean)
    };
    let split = left(|b, [x, ..]| {
        let y = centred(b, x);
        b.sum_rows(y)
    });
    assert_eq!(split.iter().filter(|e| e.starts_with("sum_rows")).count(), 1, "{split:?}");
    let shifted = left(|b, [x, w, _]| {
        let y = b.sub(x, w);
        b.sum_rows(y)
    });
    assert_eq!(shifted, ["input i0 x", "iota 4", "sub v0, v1", "sum_rows v2"]);
}

#[test]
fn declarations_stay_and_dead_nodes_go() {
    let mut b = Builder::new();
    let id = b.new_state(state("w", Shape::vector(4)));
    let (_unused, unread) = (b.input("unused", 9), b.scalar("unread"));
    let noise = b.random(crate::prim::Distribution::Uniform, 4);
    let w = b.state(id);
    let (x, same) = (b.input("x", 4), b.scale(w, 1.0));
    let dead = b.mul(noise, unread);
    b.exp(dead);
    b.assign(id, same);
    b.output("x", x);
    let before = b.finish();
    let after = simplify(&before);
    let prims: Vec<Prim> = after.nodes.iter().map(|n| n.prim).collect();
    assert_eq!(prims, [Prim::State(id), Prim::Input(crate::graph::InputId(1))]);
    assert_eq!((&after.inputs, &after.states), (&before.inputs, &before.states));
    assert_eq!((&after.scalars, after.streams), (&before.scalars, 1));
    assert_eq!(after.assignments, [Assignment { state: id, value: ValueId(0) }]);
    assert_eq!(after.output("x"), Some(ValueId(1)));
}

fn state(name: &str, shape: Shape) -> StateDecl {
    let initial = Initial::Normal { std: 1.0 };
    StateDecl { name: name.into(), shape, role: StateRole::Parameter, initial }
}

/// How a recipe may write batch norm.
#[derive(Clone, Copy, Debug)]
enum Recipe {
    /// Variance from centred values; scaled by two vectors in turn.
    Centred,
    /// As before, without an offset: nothing else sums the gradient.
    WithoutOffset,
    /// Variance from squares about a detached pivot; scaled by one vector.
    Pivot,
}

fn batch_norm(b: &mut Builder, x: ValueId, recipe: Recipe) -> ValueId {
    let [gamma, beta, pivot] =
        ["gamma", "beta", "pivot"].map(|name| b.new_state(state(name, b.shape(x).vector_of())));
    let [gamma, beta, pivot] = [gamma, beta, pivot].map(|id| b.state(id));
    let n = b.row_count();
    let mean_of = |b: &mut Builder, x| {
        let sum = b.sum_rows(x);
        b.div(sum, n)
    };
    let (mean, variance) = match recipe {
        Recipe::Centred | Recipe::WithoutOffset => {
            let mean = mean_of(b, x);
            let centred = b.sub(x, mean);
            let square = b.square(centred);
            (mean, mean_of(b, square))
        }
        Recipe::Pivot => {
            let pivot = b.detach(pivot);
            let d = b.sub(x, pivot);
            let d2 = b.square(d);
            let (m1, m2) = (mean_of(b, d), mean_of(b, d2));
            let square = b.square(m1);
            (b.add(pivot, m1), b.sub(m2, square))
        }
    };
    let variance = b.offset(variance, 1e-3);
    let scale = b.rsqrt(variance);
    let centred = b.sub(x, mean);
    match recipe {
        Recipe::Centred | Recipe::WithoutOffset => {
            let normal = b.mul(centred, scale);
            let y = b.mul(normal, gamma);
            if matches!(recipe, Recipe::Centred) { b.add(y, beta) } else { y }
        }
        Recipe::Pivot => {
            let factor = b.mul(scale, gamma);
            let y = b.mul(centred, factor);
            b.add(y, beta)
        }
    }
}

impl Shape {
    fn vector_of(self) -> Shape {
        Shape::vector(self.cols)
    }
}

/// Two sums for the statistics, one for the loss; backward two more: of `g`, and of `g` times the
/// centred values.
#[test]
fn the_gradient_of_batch_norm_takes_two_column_sums() {
    for recipe in [Recipe::Centred, Recipe::WithoutOffset, Recipe::Pivot] {
        let mut b = Builder::new();
        let kernel = b.new_state(state("kernel", Shape::matrix(4, 4)));
        let (x, kernel) = (b.input("x", 4), b.state(kernel));
        let h = b.matmul(x, kernel);
        let y = batch_norm(&mut b, h, recipe);
        let y = b.tanh(y);
        let y = b.square(y);
        let loss = b.sum_all(y);
        b.output("loss", loss);
        let states: Vec<StateId> = (0..3).map(StateId).collect();
        let wrt: Vec<ValueId> = states.iter().map(|&id| b.state(id)).collect();
        for (id, g) in states.into_iter().zip(gradients(&mut b, loss, &wrt)) {
            b.assign(id, g);
        }
        let before = b.finish();
        let after = simplify(&before);
        let over_the_batch = |v: &ValueId| {
            let node = after.node(*v);
            node.prim == Prim::Reduce(ReduceOp::Sum, Axis::Rows)
                && after.shape(node.args[0]).rows == Extent::Batch
        };
        let sums = after.values().filter(over_the_batch).count();
        assert_eq!(sums, 5, "{recipe:?}\n{after}");
        same_values(&before, &after, 1);
    }
}

/// Five rows of normal numbers.
fn some_env(graph: &Graph, seed: u64) -> Env {
    let mut env = Env::new(graph, 5, seed);
    let key = Key::new(seed, 1000, 0);
    for (k, input) in env.inputs.iter_mut().enumerate() {
        input.iter_mut().enumerate().for_each(|(i, x)| *x = f64::from(key.normal((k * 100 + i) as u32)));
    }
    env.scalars.iter_mut().for_each(|x| *x = 0.3);
    env
}

fn largest(graph: &Graph, env: &Env) -> f64 {
    trace(graph, env).iter().flat_map(|m| &m.data).fold(1.0f64, |max, x| max.max(x.abs()))
}

/// Both graphs give the same outputs and states.
fn same_values(before: &Graph, after: &Graph, seed: u64) {
    let env = some_env(before, seed);
    // What rounding can amount to depends on the largest number on the way.
    let largest = largest(before, &env);
    let (a, b) = (evaluate(before, &env), evaluate(after, &env));
    let numbers = |v: &crate::interp::Values| -> Vec<f64> {
        v.outputs.iter().flat_map(|(_, m)| &m.data).chain(v.states.iter().flatten()).copied().collect()
    };
    let (a, b) = (numbers(&a), numbers(&b));
    assert_eq!(a.len(), b.len());
    for (a, b) in a.into_iter().zip(b) {
        assert!(
            (a - b).abs() <= 1e-12 * largest || a == b || a.is_nan() && b.is_nan(),
            "{a} {b}\n{before}\n{after}"
        );
    }
}

/// Without jumps, at which rounding would show, and without growth.
const SMOOTH: [UnaryOp; 6] =
    [UnaryOp::Abs, UnaryOp::Tanh, UnaryOp::Sigmoid, UnaryOp::Softplus, UnaryOp::Erf, UnaryOp::Detach];

/// Adds the node that three numbers ask for, where its shapes fit and it stays tame.
fn grow(b: &mut Builder, values: &mut Vec<ValueId>, (op, i, j): (u8, usize, usize)) {
    let (x, y) = (values[i % values.len()], values[j % values.len()]);
    let fits = b.shape(x).stretch(b.shape(y)).is_some();
    let same_rows = b.shape(x).rows == b.shape(y).rows;
    let value = match op {
        0 if fits => b.add(x, y),
        1 if fits => b.sub(x, y),
        2 | 3 if fits => b.mul(x, y),
        4 if fits => {
            let (square, one) = (b.square(y), 1.0);
            let positive = b.offset(square, one);
            b.div(x, positive)
        }
        5 if fits => b.max(x, y),
        6 => b.neg(x),
        7 => b.unary(SMOOTH[j % SMOOTH.len()], x),
        8 | 9 => b.sum_rows(x),
        10 => b.sum_cols(x),
        11 => b.scale(x, [1.0, -1.0, 0.5, 0.1, 0.0, 3.0][j % 6]),
        12 => b.zeros_like(x),
        13 if same_rows => b.concat(&[x, y]),
        14 => {
            let cols = b.shape(x).cols;
            let start = j as u32 % cols;
            b.slice(x, start, cols)
        }
        15 if fits => {
            let zeros = b.zeros_like(x);
            b.select(zeros, x, y)
        }
        _ => b.relu(x),
    };
    values.push(value);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_graphs_keep_their_values(
        steps in prop::collection::vec((0u8..17, 0usize..64, 0usize..64), 1..30),
        seed in 0u64..1000,
    ) {
        let mut b = Builder::new();
        let id = b.new_state(state("w", Shape::vector(4)));
        let (x, c, w) = (b.input("x", 4), b.input("c", 1), b.state(id));
        let (h, n) = (b.scalar("h"), b.row_count());
        let mut values = vec![x, c, w, h, n];
        for step in steps {
            grow(&mut b, &mut values, step);
        }
        for (k, &v) in values.iter().rev().take(4).enumerate() {
            b.output(&k.to_string(), v);
        }
        // Bounded, so that the gradients stay tame too.
        let last = values[values.len() - 1];
        let (bounded, mean) = (b.tanh(last), b.row_count());
        let loss = b.sum_all(bounded);
        let loss = b.div(loss, mean);
        let g = gradients(&mut b, loss, &[w])[0];
        b.assign(id, g);
        let before = b.finish();
        prop_assert_eq!(verify(&before), Ok(()));
        // Repeated squares overflow, and then nothing is left to compare.
        prop_assume!(largest(&before, &some_env(&before, seed)) < 1e6);
        let after = simplify(&before);
        prop_assert_eq!(verify(&after), Ok(()));
        prop_assert!(after.nodes.len() <= before.nodes.len() + 8);
        same_values(&before, &after, seed);
    }
}
