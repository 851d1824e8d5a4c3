//! The reference evaluator: slow, in double precision, and the definition of right.
//!
//! In: a graph and what a step reads ([`Env`]: batch, states, scalars, seed, step). Out: the
//! outputs by name and the states after the step ([`Values`]), or every value ([`trace`]).
//!
//! Everything is computed in f64, so that compiled f32 code can be measured against it; random
//! numbers and constants are the exact f32 ones. Sums run in index order, matrix products over
//! the inner extent in order; nothing is skipped, so NaN and infinities spread as in the formula.
//!
//! Not here: speed. A training step of a network with a million parameters and 16 samples takes
//! some tenths of a second.

mod env;
mod kernels;
pub(crate) mod number;

pub use env::{Env, Matrix};

use crate::graph::{Graph, ValueId};
use crate::prim::Prim;
use crate::random::Key;

/// What a step leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// Names and values of the outputs, in the order of the graph.
    pub outputs: Vec<(String, Matrix)>,
    /// Every state after the step, row by row; `StateId` indexes here.
    pub states: Vec<Vec<f64>>,
}

impl Values {
    /// The output with this name.
    pub fn output(&self, name: &str) -> Option<&Matrix> {
        self.outputs.iter().find(|(n, _)| n == name).map(|(_, m)| m)
    }

    /// The output with this name, which has one element.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.output(name).and_then(Matrix::number)
    }
}

/// Runs one step.
///
/// # Panics
/// Where `env` does not fit the graph, or the graph is not a verified one: bugs of the caller.
pub fn evaluate(graph: &Graph, env: &Env) -> Values {
    let last = last_readers(graph);
    let mut values: Vec<Option<Matrix>> = vec![None; graph.nodes.len()];
    for v in graph.values() {
        let node = graph.node(v);
        let value = compute(graph, env, v, |a| read(&values, a));
        values[v.index()] = Some(value);
        for a in &node.args {
            if last[a.index()] == Some(v.index()) {
                values[a.index()] = None;
            }
        }
    }
    let outputs = graph.outputs.iter().map(|o| (o.name.clone(), read(&values, o.value).clone())).collect();
    let mut states = env.states.clone();
    for assignment in &graph.assignments {
        states[assignment.state.index()].clone_from(&read(&values, assignment.value).data);
    }
    Values { outputs, states }
}

/// Runs one step and keeps every value; `ValueId` indexes the result.
///
/// # Panics
/// As [`evaluate`].
pub fn trace(graph: &Graph, env: &Env) -> Vec<Matrix> {
    let mut values: Vec<Matrix> = Vec::with_capacity(graph.nodes.len());
    for v in graph.values() {
        let value = compute(graph, env, v, |a| &values[a.index()]);
        values.push(value);
    }
    values
}

fn read(values: &[Option<Matrix>], v: ValueId) -> &Matrix {
    values[v.index()].as_ref().unwrap_or_else(|| panic!("interp: {v} is read before it is made"))
}

/// The position of the last node that reads each value; `None` for those that are read afterwards
/// (or by nobody).
fn last_readers(graph: &Graph) -> Vec<Option<usize>> {
    let mut last = vec![None; graph.nodes.len()];
    for v in graph.values() {
        graph.node(v).args.iter().for_each(|a| last[a.index()] = Some(v.index()));
    }
    let kept = graph.outputs.iter().map(|o| o.value).chain(graph.assignments.iter().map(|a| a.value));
    kept.for_each(|v| last[v.index()] = None);
    last
}

/// The value of one node.
fn compute<'v>(graph: &Graph, env: &Env, v: ValueId, value: impl Fn(ValueId) -> &'v Matrix) -> Matrix {
    let node = graph.node(v);
    let arg = |i: usize| value(node.args[i]);
    let rows = node.shape.rows_at(env.rows);
    let cols = node.shape.cols as usize;
    let given = |data: &[f64]| Matrix::new(rows, cols, data.to_vec());
    match node.prim {
        Prim::Input(id) => given(&env.inputs[id.index()]),
        Prim::State(id) => given(&env.states[id.index()]),
        Prim::Scalar(id) => given(&[env.scalars[id.index()]]),
        Prim::Constant(c) => given(&[f64::from(c)]),
        Prim::Iota(n) => Matrix::new(1, cols, (0..n).map(f64::from).collect()),
        Prim::RowCount => given(&[env.rows as f64]),
        Prim::Random { stream, distribution, .. } => {
            kernels::random(rows, cols, Key::new(env.seed, stream.0, env.step), distribution)
        }
        Prim::Unary(op) => kernels::unary(op, arg(0)),
        Prim::Binary(op) => kernels::binary(op, rows, cols, [arg(0), arg(1)]),
        Prim::Select => kernels::select(rows, cols, [arg(0), arg(1), arg(2)]),
        Prim::MatMul { transpose_a, transpose_b } => {
            kernels::matmul(arg(0), transpose_a, arg(1), transpose_b, [rows, cols])
        }
        Prim::Reduce(op, axis) => kernels::reduce(op, axis, arg(0)),
        Prim::Concat => {
            let parts: Vec<&Matrix> = node.args.iter().map(|&a| value(a)).collect();
            kernels::concat(rows, &parts)
        }
        Prim::Slice { start, end } => kernels::slice(arg(0), start as usize, end as usize),
    }
}

#[cfg(test)]
mod tests;
