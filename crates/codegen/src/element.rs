//! One operation of a program on one vector; shared by [`crate::strip`] and [`crate::rows`].

use crate::emit::Emit;
use cranelift_codegen::ir::Value;
use kiln_graph::{BinaryOp, Distribution, ReduceOp, UnaryOp};
use kiln_schedule::{LocalId, Op, Program};

/// `op(x)`
pub(crate) fn unary(e: &mut Emit<'_>, op: UnaryOp, x: Value) -> Value {
    match op {
        UnaryOp::Neg => e.neg(x),
        UnaryOp::Abs => e.abs(x),
        UnaryOp::Sign => e.sign(x),
        UnaryOp::Relu => e.relu(x),
        UnaryOp::Exp => e.exp(x),
        UnaryOp::ExpM1 => e.exp_m1(x),
        UnaryOp::Log => e.log(x),
        UnaryOp::Log1p => e.log1p(x),
        UnaryOp::Sqrt => e.sqrt(x),
        UnaryOp::Rsqrt => e.rsqrt(x),
        UnaryOp::Tanh => e.tanh(x),
        UnaryOp::Sigmoid => e.sigmoid(x),
        UnaryOp::Softplus => e.softplus(x),
        UnaryOp::Erf => e.erf(x),
        UnaryOp::Detach => x,
    }
}

/// `op(x, y)`
pub(crate) fn binary(e: &mut Emit<'_>, op: BinaryOp, x: Value, y: Value) -> Value {
    match op {
        BinaryOp::Add => e.add(x, y),
        BinaryOp::Sub => e.sub(x, y),
        BinaryOp::Mul => e.mul(x, y),
        BinaryOp::Div => e.div(x, y),
        BinaryOp::Max => e.max(x, y),
        BinaryOp::Min => e.min(x, y),
        BinaryOp::Greater => {
            let mask = e.greater(x, y);
            e.mask_to_one(mask)
        }
        BinaryOp::Equal => {
            let mask = e.equal(x, y);
            e.mask_to_one(mask)
        }
    }
}

/// `if c ≠ 0 { x } else { y }`; a comparison is used as the mask that it is.
pub(crate) fn select(
    e: &mut Emit<'_>,
    program: &Program,
    condition: LocalId,
    value_of: &mut dyn FnMut(&mut Emit<'_>, LocalId) -> Value,
    (x, y): (Value, Value),
) -> Value {
    let mask = match program.ops[condition.index()] {
        Op::Binary(BinaryOp::Greater, a, b) => {
            let (a, b) = (value_of(e, a), value_of(e, b));
            e.greater(a, b)
        }
        Op::Binary(BinaryOp::Equal, a, b) => {
            let (a, b) = (value_of(e, a), value_of(e, b));
            e.equal(a, b)
        }
        _ => {
            let c = value_of(e, condition);
            let zero = e.splat(0.0);
            e.differs(c, zero)
        }
    };
    e.select(mask, x, y)
}

/// A random number for each of the elements `index`.
pub(crate) fn random(
    e: &mut Emit<'_>,
    distribution: Distribution,
    index: Value,
    (k0, k1): (Value, Value),
) -> Value {
    let bits = e.random_bits(index, k0, k1);
    match distribution {
        Distribution::Uniform => e.uniform(bits),
        Distribution::Normal => e.normal(bits),
    }
}

/// One step of a reduction.
pub(crate) fn reduce(e: &mut Emit<'_>, op: ReduceOp, sum: Value, x: Value) -> Value {
    match op {
        ReduceOp::Sum => e.add(sum, x),
        // The element first: NaN is left out.
        ReduceOp::Max => e.max(x, sum),
    }
}

/// What a reduction begins with.
pub(crate) fn identity(op: ReduceOp) -> f32 {
    match op {
        ReduceOp::Sum => 0.0,
        ReduceOp::Max => f32::NEG_INFINITY,
    }
}
