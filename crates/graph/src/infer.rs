//! The shape of a result from the shapes of the arguments.

use crate::graph::Graph;
use crate::prim::{Axis, Prim};
use crate::shape::{Extent, Shape};

/// The shape that `prim` gives for arguments of the shapes `args`, or why it cannot be.
pub fn infer(graph: &Graph, prim: &Prim, args: &[Shape]) -> Result<Shape, String> {
    let want = arity(prim);
    if want.is_some_and(|n| n != args.len()) {
        return Err(format!("{prim:?} takes {} arguments, found {}", want.unwrap_or(0), args.len()));
    }
    match *prim {
        Prim::Input(id) => match graph.inputs.get(id.index()) {
            Some(input) => Ok(Shape::batch(input.cols)),
            None => Err(format!("there is no input {id}")),
        },
        Prim::State(id) => match graph.states.get(id.index()) {
            Some(state) => Ok(state.shape),
            None => Err(format!("there is no state {id}")),
        },
        Prim::Scalar(_) | Prim::Constant(_) | Prim::RowCount => Ok(Shape::SCALAR),
        Prim::Iota(cols) => Ok(Shape::vector(cols)),
        Prim::Random { cols, .. } => Ok(Shape::batch(cols)),
        Prim::Unary(_) => Ok(args[0]),
        Prim::Binary(_) => stretch(args[0], args[1]),
        Prim::Select => stretch(stretch(args[0], args[1])?, args[2]),
        Prim::MatMul { transpose_a, transpose_b } => matmul(args[0], transpose_a, args[1], transpose_b),
        Prim::Reduce(_, Axis::Rows) => Ok(Shape::vector(args[0].cols)),
        Prim::Reduce(_, Axis::Cols) => Ok(Shape { rows: args[0].rows, cols: 1 }),
        Prim::Concat => concat(args),
        Prim::Slice { start, end } if start < end && end <= args[0].cols => {
            Ok(Shape { rows: args[0].rows, cols: end - start })
        }
        Prim::Slice { start, end } => Err(format!("columns {start}..{end} of {}", args[0])),
    }
}

/// How many arguments `prim` takes; `None` for any number from 1.
pub fn arity(prim: &Prim) -> Option<usize> {
    match prim {
        Prim::Input(_)
        | Prim::State(_)
        | Prim::Scalar(_)
        | Prim::Constant(_)
        | Prim::Iota(_)
        | Prim::RowCount
        | Prim::Random { .. } => Some(0),
        Prim::Unary(_) | Prim::Reduce(..) | Prim::Slice { .. } => Some(1),
        Prim::Binary(_) | Prim::MatMul { .. } => Some(2),
        Prim::Select => Some(3),
        Prim::Concat => None,
    }
}

fn stretch(a: Shape, b: Shape) -> Result<Shape, String> {
    a.stretch(b).ok_or_else(|| format!("{a} and {b} do not stretch to each other"))
}

fn matmul(a: Shape, transpose_a: bool, b: Shape, transpose_b: bool) -> Result<Shape, String> {
    let (rows, inner_a) = oriented(a, transpose_a);
    let (inner_b, cols) = oriented(b, transpose_b);
    let Extent::Fixed(cols) = cols else { return Err(format!("a product with {cols} columns")) };
    if inner_a != inner_b {
        return Err(format!("inner extents differ: {inner_a} and {inner_b}"));
    }
    Ok(Shape { rows, cols })
}

fn oriented(s: Shape, transpose: bool) -> (Extent, Extent) {
    let cols = Extent::Fixed(s.cols);
    if transpose { (cols, s.rows) } else { (s.rows, cols) }
}

fn concat(args: &[Shape]) -> Result<Shape, String> {
    let Some(first) = args.first() else { return Err("concat of nothing".into()) };
    if let Some(odd) = args.iter().find(|s| s.rows != first.rows) {
        return Err(format!("concat of {first} and {odd}"));
    }
    match args.iter().try_fold(0u32, |sum, s| sum.checked_add(s.cols)) {
        Some(cols) => Ok(Shape { rows: first.rows, cols }),
        None => Err("a concat with more than 2³² columns".into()),
    }
}
