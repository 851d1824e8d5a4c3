//! The evaluator against sums done by hand.

use super::*;
use crate::builder::Builder;
use crate::graph::{Initial, StateDecl, StateRole};
use crate::prim::{BinaryOp, Distribution, UnaryOp};
use crate::shape::Shape;

/// Values of one graph with the field `x`, `[B, cols]`.
fn run(cols: u32, x: &[f32], build: impl FnOnce(&mut Builder, ValueId) -> ValueId) -> Matrix {
    let mut b = Builder::new();
    let input = b.input("x", cols);
    let y = build(&mut b, input);
    b.output("y", y);
    let graph = b.finish();
    let mut env = Env::new(&graph, x.len() / cols as usize, 5);
    env.set_input(&graph, "x", x);
    evaluate(&graph, &env).output("y").cloned().expect("declared above")
}

#[test]
fn elements_special_values() {
    let x = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, 2.0, -3.0];
    let unary = |op| run(1, &x, |b, x| b.unary(op, x)).data;
    assert!(unary(UnaryOp::Sign)[0].is_nan());
    assert_eq!(unary(UnaryOp::Sign)[1..], [1.0, -1.0, 0.0, 1.0, -1.0]);
    assert!(unary(UnaryOp::Relu)[0].is_nan());
    assert_eq!(unary(UnaryOp::Relu)[1..], [f64::INFINITY, 0.0, 0.0, 2.0, 0.0]);
    assert_eq!(unary(UnaryOp::Sigmoid)[1..4], [1.0, 0.0, 0.5]);
    assert_eq!(unary(UnaryOp::Softplus)[1..3], [f64::INFINITY, 0.0]);
    assert_eq!(run(1, &x, |b, x| b.zeros_like(x)).data, [0.0; 6]);
    let max = |b: &mut Builder, x: ValueId, swap: bool| {
        let one = b.constant(1.0);
        if swap { b.binary(BinaryOp::Max, one, x) } else { b.binary(BinaryOp::Max, x, one) }
    };
    assert_eq!(run(1, &x, |b, x| max(b, x, false)).data[0], 1.0);
    assert!(run(1, &x, |b, x| max(b, x, true)).data[0].is_nan());
}

#[test]
fn operands_stretch_along_rows_and_columns() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let row = run(3, &x, |b, x| {
        let j = b.iota(3);
        b.sub(x, j)
    });
    assert_eq!(row.data, [1.0, 1.0, 1.0, 4.0, 4.0, 4.0]);
    let column = run(3, &x, |b, x| {
        let sums = b.sum_cols(x);
        b.sub(sums, x)
    });
    assert_eq!(column.data, [5.0, 4.0, 3.0, 11.0, 10.0, 9.0]);
    let outer = run(3, &x, |b, x| {
        let (sums, j) = (b.sum_cols(x), b.iota(2));
        b.mul(sums, j)
    });
    assert_eq!((outer.rows, outer.cols, outer.data), (2, 2, vec![0.0, 6.0, 0.0, 15.0]));
    let chosen = run(3, &x, |b, x| {
        let (j, sums) = (b.iota(3), b.sum_cols(x));
        b.select(j, x, sums)
    });
    assert_eq!(chosen.data, [6.0, 2.0, 3.0, 15.0, 5.0, 6.0]);
}

#[test]
fn products_in_all_four_orientations() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]; // [2, 3]
    let nt = run(3, &x, |b, x| {
        let j = b.iota(3);
        b.matmul_nt(x, j)
    });
    assert_eq!((nt.rows, nt.cols, nt.data), (2, 1, vec![8.0, 17.0]));
    let tn = run(3, &x, |b, x| b.matmul_tn(x, x));
    assert_eq!(tn.data, [17.0, 22.0, 27.0, 22.0, 29.0, 36.0, 27.0, 36.0, 45.0]);
    let nn = run(3, &x, |b, x| {
        let square = b.matmul_tn(x, x);
        b.matmul(x, square)
    });
    assert_eq!(nn.data, [142.0, 188.0, 234.0, 340.0, 449.0, 558.0]);
    let tt = run(3, &x, |b, x| {
        let square = b.matmul_tn(x, x);
        let slice = b.slice(square, 0, 2);
        b.add_node(Prim::MatMul { transpose_a: true, transpose_b: true }, &[slice, square])
    });
    // slice = [17 22; 22 29; 27 36], square is symmetric: (square · slice)ᵀ.
    assert_eq!((tt.rows, tt.cols), (2, 3));
    assert_eq!(
        tt.data[..2],
        [17.0 * 17.0 + 22.0 * 22.0 + 27.0 * 27.0, 22.0 * 17.0 + 29.0 * 22.0 + 36.0 * 27.0]
    );
}

#[test]
fn reductions_columns_and_empty_batches() {
    let x = [1.0, f32::NAN, -3.0, 4.0];
    assert_eq!(run(2, &x, |b, x| b.max_cols(x)).data, [1.0, 4.0]);
    let x = [1.0, 2.0, -3.0, 4.0];
    assert_eq!(run(2, &x, |b, x| b.sum_all(x)).number(), Some(4.0));
    let swapped = run(2, &x, |b, x| {
        let (l, r) = (b.slice(x, 0, 1), b.slice(x, 1, 2));
        b.concat(&[r, l])
    });
    assert_eq!(swapped.data, [2.0, 1.0, 4.0, -3.0]);
    assert_eq!(run(2, &[], |b, x| b.sum_all(x)).number(), Some(0.0));
    assert_eq!(run(2, &[], |b, _| b.row_count()).number(), Some(0.0));
    assert_eq!(run(2, &[], |b, x| b.one_hot(x, 2)).rows, 0);
}

#[test]
fn random_numbers_are_the_generator_s() {
    let mut b = Builder::new();
    let uniform = b.random(Distribution::Uniform, 3);
    let normal = b.random(Distribution::Normal, 2);
    b.output("u", uniform);
    b.output("n", normal);
    let graph = b.finish();
    let mut env = Env::new(&graph, 4, 9);
    env.step = 6;
    let values = evaluate(&graph, &env);
    let u = values.output("u").expect("declared above");
    let n = values.output("n").expect("declared above");
    assert_eq!(u.at(2, 1), f64::from(Key::new(9, 0, 6).uniform(7)));
    assert_eq!(n.at(3, 1), f64::from(Key::new(9, 1, 6).normal(7)));
}

#[test]
fn assignments_happen_at_once_and_the_rest_stays() {
    let mut b = Builder::new();
    let decl = |name: &str, x| StateDecl {
        name: name.to_owned(),
        shape: Shape::SCALAR,
        role: StateRole::Parameter,
        initial: Initial::Constant(x),
    };
    let ids = [b.new_state(decl("a", 1.0)), b.new_state(decl("b", 2.0)), b.new_state(decl("c", 3.0))];
    let [a, c] = [b.state(ids[0]), b.state(ids[1])];
    b.assign(ids[0], c);
    b.assign(ids[1], a);
    let rate = b.scalar("rate");
    b.output("rate", rate);
    let graph = b.finish();
    let mut env = Env::new(&graph, 1, 0);
    env.set_scalar(&graph, "rate", 0.5);
    let values = evaluate(&graph, &env);
    assert_eq!(values.states, [[2.0], [1.0], [3.0]]);
    assert_eq!(values.number("rate"), Some(0.5));
    assert_eq!(trace(&graph, &env).len(), graph.nodes.len());
}
