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
    /// `max(x, 0)`; gradient `1` where the *output* is above zero, else `0`
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

/// What a reduction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReduceOp {
    /// The sum, in an order that depends on shapes only.
    Sum,
    /// The maximum; no gradient flows (it is used to keep exponentials finite).
    Max,
}

/// The axis that a reduction removes (it stays with extent 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Axis {
    /// Over the rows: `[R, n] → [1, n]`.
    Rows,
    /// Over the columns: `[R, n] → [R, 1]`.
    Cols,
}

/// What random numbers look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// Uniform on `[0, 1)`, a multiple of 2⁻²⁴.
    Uniform,
    /// Normal, mean 0, standard deviation 1.
    Normal,
}
