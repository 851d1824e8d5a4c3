//! The closed set of primitives, each with its formula.
//!
//! Adding one is deliberately dear: `infer`, `print`, `interp`, `autodiff`, and the
//! crates `schedule` and `codegen` match on these enums without a `_` arm.

use crate::graph::{InputId, ScalarId, StateId, StreamId};

/// What a node computes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prim {
    /// A field of the batch: `[B, cols]`.
    Input(InputId),
    /// The value that a state has before the step.
    State(StateId),
    /// A number that the runtime gives before each step (rate, ramp, step number): `[1, 1]`.
    Scalar(ScalarId),
    /// The same number always: `[1, 1]`.
    Constant(f32),
    /// `out[0, j] = j`: `[1, cols]`.
    Iota(u32),
    /// The number of rows of this batch, `B`, as a number: `[1, 1]`.
    RowCount,
    /// `out[i, j]` is drawn from the distribution, a pure function of
    /// `(stream, step, i, j)`: `[B, cols]`. See [`crate::random`].
    Random {
        /// The stream of random numbers, one for each use in a model.
        stream: StreamId,
        /// What the numbers look like.
        distribution: Distribution,
        /// Number of columns.
        cols: u32,
    },
    /// `out = op(x)`, element by element.
    Unary(UnaryOp),
    /// `out = op(x, y)`, element by element, stretched.
    Binary(BinaryOp),
    /// `out = if c != 0 { x } else { y }`, element by element, stretched; arguments `c, x, y`.
    Select,
    /// `out[i, j] = sum_k a[i, k] · b[k, j]`, each operand transposed first where said.
    MatMul {
        /// The first operand is read transposed.
        transpose_a: bool,
        /// The second operand is read transposed.
        transpose_b: bool,
    },
    /// Sum or maximum along an axis; the axis stays, with extent 1.
    Reduce(ReduceOp, Axis),
    /// The columns of all arguments side by side.
    Concat,
    /// Columns `start .. end`.
    Slice {
        /// First column taken.
        start: u32,
        /// First column not taken.
        end: u32,
    },
}

/// Element by element, of one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `−x`
    Neg,
    /// `|x|`
    Abs,
    /// `−1`, `0` or `1`; NaN gives NaN
    Sign,
    /// `0` where `x` is below zero, else `x`, so NaN stays NaN; gradient `1` where the *output* is
    /// above zero, else `0`
    Relu,
    /// `e^x`
    Exp,
    /// `e^x − 1`, accurate near zero
    ExpM1,
    /// natural logarithm
    Log,
    /// `ln(1 + x)`, accurate near zero
    Log1p,
    /// `√x`
    Sqrt,
    /// `1 / √x`
    Rsqrt,
    /// hyperbolic tangent
    Tanh,
    /// `1 / (1 + e^−x)`
    Sigmoid,
    /// `ln(1 + e^x)`, without overflow
    Softplus,
    /// the error function
    Erf,
    /// `x`, through which no gradient flows
    Detach,
}

impl UnaryOp {
    /// All of them, in the order of declaration.
    pub const ALL: &[UnaryOp] = &[
        UnaryOp::Neg,
        UnaryOp::Abs,
        UnaryOp::Sign,
        UnaryOp::Relu,
        UnaryOp::Exp,
        UnaryOp::ExpM1,
        UnaryOp::Log,
        UnaryOp::Log1p,
        UnaryOp::Sqrt,
        UnaryOp::Rsqrt,
        UnaryOp::Tanh,
        UnaryOp::Sigmoid,
        UnaryOp::Softplus,
        UnaryOp::Erf,
        UnaryOp::Detach,
    ];

    /// As it prints, and as the builder's method is called.
    pub fn name(self) -> &'static str {
        match self {
            UnaryOp::Neg => "neg",
            UnaryOp::Abs => "abs",
            UnaryOp::Sign => "sign",
            UnaryOp::Relu => "relu",
            UnaryOp::Exp => "exp",
            UnaryOp::ExpM1 => "exp_m1",
            UnaryOp::Log => "log",
            UnaryOp::Log1p => "log1p",
            UnaryOp::Sqrt => "sqrt",
            UnaryOp::Rsqrt => "rsqrt",
            UnaryOp::Tanh => "tanh",
            UnaryOp::Sigmoid => "sigmoid",
            UnaryOp::Softplus => "softplus",
            UnaryOp::Erf => "erf",
            UnaryOp::Detach => "detach",
        }
    }
}

/// Element by element, of two arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `x + y`
    Add,
    /// `x − y`
    Sub,
    /// `x · y`
    Mul,
    /// `x / y`
    Div,
    /// the larger (`y` where either is NaN); the gradient goes to `x` where `x > y`, else to `y`
    Max,
    /// the smaller (`y` where either is NaN); the gradient goes to `x` where `x < y`, else to `y`
    Min,
    /// `1` where `x > y`, else `0`; no gradient
    Greater,
    /// `1` where `x = y`, else `0`; no gradient
    Equal,
}

impl BinaryOp {
    /// All of them, in the order of declaration.
    pub const ALL: &[BinaryOp] = &[
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::Mul,
        BinaryOp::Div,
        BinaryOp::Max,
        BinaryOp::Min,
        BinaryOp::Greater,
        BinaryOp::Equal,
    ];

    /// As it prints, and as the builder's method is called.
    pub fn name(self) -> &'static str {
        match self {
            BinaryOp::Add => "add",
            BinaryOp::Sub => "sub",
            BinaryOp::Mul => "mul",
            BinaryOp::Div => "div",
            BinaryOp::Max => "max",
            BinaryOp::Min => "min",
            BinaryOp::Greater => "greater",
            BinaryOp::Equal => "equal",
        }
    }
}

/// What a reduction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReduceOp {
    /// The sum, in an order that depends on shapes only.
    Sum,
    /// The maximum, NaN left out (`−∞` where all are NaN); no gradient flows (it is used to keep
    /// exponentials finite).
    Max,
}

impl ReduceOp {
    /// All of them, in the order of declaration.
    pub const ALL: &[ReduceOp] = &[ReduceOp::Sum, ReduceOp::Max];

    /// As it prints.
    pub fn name(self) -> &'static str {
        match self {
            ReduceOp::Sum => "sum",
            ReduceOp::Max => "max",
        }
    }
}

/// The axis that a reduction removes (it stays with extent 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Axis {
    /// Over the rows: `[R, n] → [1, n]`.
    Rows,
    /// Over the columns: `[R, n] → [R, 1]`.
    Cols,
}

impl Axis {
    /// All of them, in the order of declaration.
    pub const ALL: &[Axis] = &[Axis::Rows, Axis::Cols];

    /// As it prints.
    pub fn name(self) -> &'static str {
        match self {
            Axis::Rows => "rows",
            Axis::Cols => "cols",
        }
    }
}

/// What random numbers look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// Uniform on `[0, 1)`, a multiple of 2⁻²⁴.
    Uniform,
    /// Normal, mean 0, standard deviation 1.
    Normal,
}

impl Distribution {
    /// All of them, in the order of declaration.
    pub const ALL: &[Distribution] = &[Distribution::Uniform, Distribution::Normal];

    /// As it prints.
    pub fn name(self) -> &'static str {
        match self {
            Distribution::Uniform => "uniform",
            Distribution::Normal => "normal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new operation that is missing in `ALL` would escape every test that walks the lists:
    /// the last one declared has the number of those before it.
    #[test]
    fn lists_are_complete() {
        assert_eq!(UnaryOp::ALL.len(), UnaryOp::Detach as usize + 1);
        assert_eq!(BinaryOp::ALL.len(), BinaryOp::Equal as usize + 1);
        assert!(UnaryOp::ALL.iter().enumerate().all(|(i, &op)| op as usize == i));
        assert!(BinaryOp::ALL.iter().enumerate().all(|(i, &op)| op as usize == i));
    }
}
