//! Local rules: one node and its arguments.
//!
//! All are exact but for the sign of a zero, and the product with two constants:
//!
//! ```text
//! op(c), op(c, d)          → the number, where it is an f32     c, d constants
//! x + 0, 0 + x, x − 0      → x
//! x · 1, 1 · x, x / 1      → x
//! x · −1                   → −x
//! x / 2ⁿ                   → x · 2⁻ⁿ
//! (x · c) · d              → x · (c · d)                        where c · d is an f32
//! −(−x)                    → x
//! (−x) · c                 → x · (−c)
//! (−x) · (−y)              → x · y
//! x + (−y), x − (−y)       → x − y, x + y
//! −(w · x), w·x + w·x      → (−w) · x, (w + w) · x              where w is stretched
//! x > x                     → 0                                  where others give the shape
//! select(c, x, y)          → x or y
//! detach(x), sum of one, concat of one, slice of all → x
//! slice of a slice or of one part of a concat        → one slice
//! ```

use crate::builder::Builder;
use crate::graph::ValueId;
use crate::infer::infer;
use crate::interp::number;
use crate::prim::{Axis, BinaryOp, Prim, ReduceOp, UnaryOp};
use crate::shape::{Extent, Shape};

/// The value that replaces the node; `None` where no rule applies.
pub(super) fn fold(b: &mut Builder, prim: Prim, args: &[ValueId]) -> Option<ValueId> {
    match prim {
        Prim::Input(_)
        | Prim::State(_)
        | Prim::Scalar(_)
        | Prim::Constant(_)
        | Prim::Iota(_)
        | Prim::RowCount
        | Prim::Random { .. }
        | Prim::MatMul { .. }
        // Not even over one element: a maximum leaves NaN out.
        | Prim::Reduce(ReduceOp::Max, _) => None,
        Prim::Unary(op) => unary(b, op, args[0]),
        Prim::Binary(op) => binary(b, op, args[0], args[1]).or_else(|| without_zeros(b, prim, args)),
        Prim::Select => select(b, args[0], args[1], args[2]).or_else(|| without_zeros(b, prim, args)),
        Prim::Reduce(ReduceOp::Sum, axis) => single(b, axis, args[0]),
        Prim::Concat => (args.len() == 1).then(|| args[0]),
        Prim::Slice { start, end } => slice(b, args[0], start, end),
    }
}

/// Adds the node, or finds it with its operands the other way round where that is the same.
pub(super) fn shared(b: &mut Builder, prim: Prim, args: &[ValueId]) -> ValueId {
    let commutes = matches!(prim, Prim::Binary(BinaryOp::Add | BinaryOp::Mul | BinaryOp::Equal));
    let turned = commutes.then(|| b.find(prim, &[args[1], args[0]])).flatten();
    turned.unwrap_or_else(|| b.add_node(prim, args))
}

fn unary(b: &mut Builder, op: UnaryOp, x: ValueId) -> Option<ValueId> {
    if op == UnaryOp::Detach {
        return Some(x);
    }
    if let Some(c) = constant(b, x) {
        return exact(b, number::unary(op, f64::from(c)));
    }
    if op != UnaryOp::Neg {
        return None;
    }
    if let Some(inner) = negated(b, x) {
        return Some(inner);
    }
    let (w, rest) = stretched_factor(b, x)?;
    let w = rewrite_unary(b, UnaryOp::Neg, w);
    Some(shared(b, Prim::Binary(BinaryOp::Mul), &[w, rest]))
}

fn rewrite_unary(b: &mut Builder, op: UnaryOp, x: ValueId) -> ValueId {
    unary(b, op, x).unwrap_or_else(|| b.unary(op, x))
}

fn binary(b: &mut Builder, op: BinaryOp, x: ValueId, y: ValueId) -> Option<ValueId> {
    let (c, d) = (constant(b, x), constant(b, y));
    if let (Some(c), Some(d)) = (c, d) {
        return exact(b, number::binary(op, f64::from(c), f64::from(d)));
    }
    match op {
        BinaryOp::Add => sum(b, (x, c), (y, d)),
        BinaryOp::Sub if d == Some(0.0) => Some(x),
        BinaryOp::Sub => negated(b, y).map(|y| shared(b, Prim::Binary(BinaryOp::Add), &[x, y])),
        BinaryOp::Mul => match (c, d) {
            (Some(c), None) => by_constant(b, y, c),
            (None, Some(d)) => by_constant(b, x, d),
            (None, None) | (Some(_), Some(_)) => {
                let (x, y) = (negated(b, x)?, negated(b, y)?);
                Some(shared(b, Prim::Binary(BinaryOp::Mul), &[x, y]))
            }
        },
        BinaryOp::Div => divided(b, x, d?),
        BinaryOp::Greater if x == y && b.shape(x).is_scalar() => Some(b.constant(0.0)),
        BinaryOp::Max | BinaryOp::Min | BinaryOp::Greater | BinaryOp::Equal => None,
    }
}

fn sum(b: &mut Builder, (x, c): (ValueId, Option<f32>), (y, d): (ValueId, Option<f32>)) -> Option<ValueId> {
    if c == Some(0.0) {
        return Some(y);
    }
    if d == Some(0.0) {
        return Some(x);
    }
    if let Some(y) = negated(b, y) {
        return Some(b.sub(x, y));
    }
    if let Some(x) = negated(b, x) {
        return Some(b.sub(y, x));
    }
    let (w, rest) = if x == y { stretched_factor(b, x)? } else { return None };
    let twice = b.add(w, w);
    Some(shared(b, Prim::Binary(BinaryOp::Mul), &[twice, rest]))
}

/// `x · c`
fn by_constant(b: &mut Builder, x: ValueId, c: f32) -> Option<ValueId> {
    if c == 1.0 {
        return Some(x);
    }
    if c == -1.0 {
        return Some(rewrite_unary(b, UnaryOp::Neg, x));
    }
    if let Some(x) = negated(b, x) {
        return Some(b.scale(x, -c));
    }
    let (inner, d) = scaled(b, x)?;
    let product = exact(b, f64::from(c) * f64::from(d))?;
    Some(shared(b, Prim::Binary(BinaryOp::Mul), &[inner, product]))
}

/// `x / d`
fn divided(b: &mut Builder, x: ValueId, d: f32) -> Option<ValueId> {
    if d == 1.0 {
        return Some(x);
    }
    let inverse = 1.0 / d;
    let power_of_two = d.is_normal() && inverse.is_normal() && d.to_bits() & 0x007F_FFFF == 0;
    power_of_two.then(|| {
        let inverse = b.constant(inverse);
        shared(b, Prim::Binary(BinaryOp::Mul), &[x, inverse])
    })
}

fn select(b: &mut Builder, c: ValueId, x: ValueId, y: ValueId) -> Option<ValueId> {
    let chosen = match constant(b, c) {
        Some(c) if c != 0.0 => x,
        Some(_) => y,
        None if x == y => x,
        None => return None,
    };
    let shapes = [c, x, y].map(|v| b.shape(v));
    let whole = infer(b.graph(), &Prim::Select, &shapes).ok()?;
    (b.shape(chosen) == whole).then_some(chosen)
}

/// Zeros in a shape become the number 0 where the other operands give the shape.
fn without_zeros(b: &mut Builder, prim: Prim, args: &[ValueId]) -> Option<ValueId> {
    let of_zeros = |&v: &ValueId| {
        let node = b.graph().node(v);
        node.prim == Prim::Binary(BinaryOp::Greater) && node.args[0] == node.args[1]
    };
    let position = args.iter().position(of_zeros)?;
    let mut shapes: Vec<Shape> = args.iter().map(|&a| b.shape(a)).collect();
    let whole = infer(b.graph(), &prim, &shapes).ok()?;
    shapes[position] = Shape::SCALAR;
    if infer(b.graph(), &prim, &shapes).ok()? != whole {
        return None;
    }
    let mut args = args.to_vec();
    args[position] = b.constant(0.0);
    Some(fold(b, prim, &args).unwrap_or_else(|| shared(b, prim, &args)))
}

/// The sum of one element is that element.
fn single(b: &Builder, axis: Axis, x: ValueId) -> Option<ValueId> {
    let shape = b.shape(x);
    let extent = match axis {
        Axis::Rows => shape.rows,
        Axis::Cols => Extent::Fixed(shape.cols),
    };
    (extent == Extent::Fixed(1)).then_some(x)
}

fn slice(b: &mut Builder, x: ValueId, start: u32, end: u32) -> Option<ValueId> {
    if start == 0 && end == b.shape(x).cols {
        return Some(x);
    }
    let node = b.graph().node(x).clone();
    if let Prim::Slice { start: inner, .. } = node.prim {
        return Some(b.slice(node.args[0], inner + start, inner + end));
    }
    if node.prim != Prim::Concat {
        return None;
    }
    let mut from = 0;
    for part in node.args {
        let to = from + b.shape(part).cols;
        if from <= start && end <= to {
            let (start, end) = (start - from, end - from);
            return Some(slice(b, part, start, end).unwrap_or_else(|| b.slice(part, start, end)));
        }
        from = to;
    }
    None
}

/// The number that `v` always is.
fn constant(b: &Builder, v: ValueId) -> Option<f32> {
    if let Prim::Constant(c) = b.graph().node(v).prim { Some(c) } else { None }
}

/// A constant of this value, where an f32 holds it exactly.
fn exact(b: &mut Builder, value: f64) -> Option<ValueId> {
    let rounded = value as f32;
    (f64::from(rounded) == value).then(|| b.constant(rounded))
}

/// `x` where `v` is `−x`.
fn negated(b: &Builder, v: ValueId) -> Option<ValueId> {
    let node = b.graph().node(v);
    (node.prim == Prim::Unary(UnaryOp::Neg)).then(|| node.args[0])
}

/// The operands of a product.
fn factors(b: &Builder, v: ValueId) -> Option<(ValueId, ValueId)> {
    let node = b.graph().node(v);
    (node.prim == Prim::Binary(BinaryOp::Mul)).then(|| (node.args[0], node.args[1]))
}

/// `(x, c)` where `v` is `x · c`.
fn scaled(b: &Builder, v: ValueId) -> Option<(ValueId, f32)> {
    let (x, y) = factors(b, v)?;
    constant(b, y).map(|c| (x, c)).or_else(|| constant(b, x).map(|c| (y, c)))
}

/// `(w, x)` where `v` is their product and only `w` is stretched to its shape: what is done to
/// `w` alone is done to fewer elements.
fn stretched_factor(b: &Builder, v: ValueId) -> Option<(ValueId, ValueId)> {
    let (x, y) = factors(b, v)?;
    let whole = |x: ValueId| b.shape(x) == b.shape(v);
    match (whole(x), whole(y)) {
        (true, false) => Some((y, x)),
        (false, true) => Some((x, y)),
        (true, true) | (false, false) => None,
    }
}
