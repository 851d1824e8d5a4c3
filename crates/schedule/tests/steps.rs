//! Small steps that a planner gets wrong easily: what is read when, and what floats.

mod support;

use kiln_graph::{Builder, Distribution, Graph, Initial, Shape, StateDecl, StateId, StateRole, verify};
use kiln_schedule::Step;
use support::run::runs_as_evaluated;

fn state(b: &mut Builder, name: &str, rows: u32, cols: u32) -> StateId {
    let (role, initial) = (StateRole::Parameter, Initial::Uniform { limit: 1.0 });
    b.new_state(StateDecl { name: name.to_owned(), shape: Shape::matrix(rows, cols), role, initial })
}

#[track_caller]
fn check(b: Builder) {
    let graph: Graph = b.finish();
    assert_eq!(verify(&graph), Ok(()));
    runs_as_evaluated(&[Step::new("train", &graph, 40)], 33, 7);
}

/// An output is the value from before the step, though the step overwrites the state.
#[test]
fn an_overwritten_state_is_an_output() {
    let mut b = Builder::new();
    let s = state(&mut b, "s", 3, 5);
    let old = b.state(s);
    let new = b.scale(old, 0.5);
    b.output("old", old);
    b.assign(s, new);
    check(b);
}

/// Both reads see the values from before the step.
#[test]
fn states_change_places() {
    for [rows, cols] in [[1, 5], [40, 33]] {
        let mut b = Builder::new();
        let (s, t) = (state(&mut b, "s", rows, cols), state(&mut b, "t", rows, cols));
        let (of_s, of_t) = (b.state(s), b.state(t));
        b.assign(s, of_t);
        b.assign(t, of_s);
        check(b);
    }
}

/// The value is made by a copy, not by operations on elements.
#[test]
fn columns_of_a_state_become_another() {
    let mut b = Builder::new();
    let (s, t) = (state(&mut b, "s", 40, 50), state(&mut b, "t", 40, 7));
    let old = b.state(s);
    let some = b.slice(old, 3, 10);
    b.assign(t, some);
    check(b);
}

/// A block may not be overwritten while the products of others still read it.
#[test]
fn an_operand_is_overwritten() {
    let mut b = Builder::new();
    let s = state(&mut b, "s", 70, 70);
    let old = b.state(s);
    let product = b.matmul_tn(old, old);
    let new = b.sub(old, product);
    b.assign(s, new);
    check(b);
}

/// A column of random numbers is the same in each column of a wider kernel.
#[test]
fn a_column_of_random_numbers_is_stretched() {
    let mut b = Builder::new();
    let x = b.input("x", 5);
    let random = b.random(Distribution::Uniform, 1);
    let sum = b.add(x, random);
    b.output("sum", sum);
    check(b);
}

/// The first sum is read by a vector before the second sum, and by a matrix after it: stored with
/// the second, it would have to be made before and after the kernel between them.
#[test]
fn a_sum_is_read_early_and_late() {
    let mut b = Builder::new();
    let x = b.input("x", 5);
    let s = state(&mut b, "s", 5, 5);
    let kernel = b.state(s);
    let first = b.sum_rows(x);
    let vector = b.tanh(first);
    let shifted = b.add(x, vector);
    let product = b.matmul(shifted, kernel);
    let second = b.sum_rows(product);
    let other = b.tanh(second);
    let late = b.add(product, other);
    let all = b.add(late, first);
    b.output("all", all);
    check(b);
}

/// Zero and minus zero are equal, and not the same.
#[test]
fn zero_keeps_its_sign() {
    let mut b = Builder::new();
    let x = b.input("x", 5);
    let (zero, minus) = (b.constant(0.0), b.constant(-0.0));
    let up = b.binary(kiln_graph::BinaryOp::Div, x, zero);
    let down = b.binary(kiln_graph::BinaryOp::Div, x, minus);
    let larger = b.max(up, down);
    b.output("larger", larger);
    check(b);
}
