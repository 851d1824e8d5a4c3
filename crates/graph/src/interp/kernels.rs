//! The primitives, as loops over matrices: each the formula of [`crate::prim`].

use super::env::Matrix;
use crate::math;
use crate::prim::{Axis, BinaryOp, Distribution, ReduceOp, UnaryOp};
use crate::random::Key;

pub(super) fn random(rows: usize, cols: usize, key: Key, distribution: Distribution) -> Matrix {
    let indices = (0..rows * cols).map(|i| i as u32);
    let data = match distribution {
        Distribution::Uniform => indices.map(|i| f64::from(key.uniform(i))).collect(),
        Distribution::Normal => indices.map(|i| f64::from(key.normal(i))).collect(),
    };
    Matrix::new(rows, cols, data)
}

pub(super) fn unary(op: UnaryOp, x: &Matrix) -> Matrix {
    match op {
        UnaryOp::Neg => map(x, |x| -x),
        UnaryOp::Abs => map(x, f64::abs),
        UnaryOp::Sign => map(x, sign),
        UnaryOp::Relu => map(x, |x| if x < 0.0 { 0.0 } else { x }),
        UnaryOp::Exp => map(x, math::exp),
        UnaryOp::ExpM1 => map(x, math::exp_m1),
        UnaryOp::Log => map(x, math::log),
        UnaryOp::Log1p => map(x, math::log1p),
        UnaryOp::Sqrt => map(x, f64::sqrt),
        UnaryOp::Rsqrt => map(x, |x| 1.0 / x.sqrt()),
        UnaryOp::Tanh => map(x, math::tanh),
        UnaryOp::Sigmoid => map(x, math::sigmoid),
        UnaryOp::Softplus => map(x, math::softplus),
        UnaryOp::Erf => map(x, math::erf),
        UnaryOp::Detach => x.clone(),
    }
}

fn map(x: &Matrix, f: impl Fn(f64) -> f64) -> Matrix {
    Matrix::new(x.rows, x.cols, x.data.iter().map(|&x| f(x)).collect())
}

fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        x // zero, or NaN
    }
}

pub(super) fn binary(op: BinaryOp, rows: usize, cols: usize, args: [&Matrix; 2]) -> Matrix {
    let flag = |b: bool| if b { 1.0 } else { 0.0 };
    match op {
        BinaryOp::Add => zip(rows, cols, args, |x, y| x + y),
        BinaryOp::Sub => zip(rows, cols, args, |x, y| x - y),
        BinaryOp::Mul => zip(rows, cols, args, |x, y| x * y),
        BinaryOp::Div => zip(rows, cols, args, |x, y| x / y),
        BinaryOp::Max => zip(rows, cols, args, |x, y| if x > y { x } else { y }),
        BinaryOp::Min => zip(rows, cols, args, |x, y| if x < y { x } else { y }),
        BinaryOp::Greater => zip(rows, cols, args, |x, y| flag(x > y)),
        BinaryOp::Equal => zip(rows, cols, args, |x, y| flag(x == y)),
    }
}

/// `f` of each pair of elements; one row or one column is stretched.
fn zip(rows: usize, cols: usize, [x, y]: [&Matrix; 2], f: impl Fn(f64, f64) -> f64) -> Matrix {
    let mut data = Vec::with_capacity(rows * cols);
    for i in 0..rows {
        match (x.row(i), y.row(i)) {
            ([x], ys) if cols == ys.len() => data.extend(ys.iter().map(|&y| f(*x, y))),
            (xs, [y]) => data.extend(xs.iter().map(|&x| f(x, *y))),
            (xs, ys) => data.extend(xs.iter().zip(ys).map(|(&x, &y)| f(x, y))),
        }
    }
    Matrix::new(rows, cols, data)
}

pub(super) fn select(rows: usize, cols: usize, [c, x, y]: [&Matrix; 3]) -> Matrix {
    let mut data = Vec::with_capacity(rows * cols);
    let element = |m: &Matrix, i: usize, j: usize| m.row(i)[if m.cols == 1 { 0 } else { j }];
    for i in 0..rows {
        let chosen = |j| if element(c, i, j) != 0.0 { element(x, i, j) } else { element(y, i, j) };
        data.extend((0..cols).map(chosen));
    }
    Matrix::new(rows, cols, data)
}

/// `[rows, cols]` of the result; the inner loops run along rows of what they read and write.
pub(super) fn matmul(
    a: &Matrix,
    transpose_a: bool,
    b: &Matrix,
    transpose_b: bool,
    [rows, cols]: [usize; 2],
) -> Matrix {
    let inner = if transpose_a { a.rows } else { a.cols };
    let a_at = |i: usize, k: usize| if transpose_a { a.at(k, i) } else { a.at(i, k) };
    let mut data = vec![0.0; rows * cols];
    for (i, out) in data.chunks_exact_mut(cols.max(1)).enumerate() {
        if transpose_b {
            for (j, out) in out.iter_mut().enumerate() {
                let b = &b.data[j * inner..][..inner];
                *out = b.iter().enumerate().map(|(k, b)| a_at(i, k) * b).sum();
            }
        } else {
            for k in 0..inner {
                let factor = a_at(i, k);
                let b = &b.data[k * cols..][..cols];
                out.iter_mut().zip(b).for_each(|(out, b)| *out += factor * b);
            }
        }
    }
    Matrix::new(rows, cols, data)
}

pub(super) fn reduce(op: ReduceOp, axis: Axis, x: &Matrix) -> Matrix {
    let (start, combine): (f64, fn(f64, f64) -> f64) = match op {
        ReduceOp::Sum => (0.0, |sum, x| sum + x),
        // NaN fails the comparison and so is left out.
        ReduceOp::Max => (f64::NEG_INFINITY, |best, x| if x > best { x } else { best }),
    };
    let rows = (0..x.rows).map(|i| &x.data[i * x.cols..][..x.cols]);
    match axis {
        Axis::Cols => {
            let data = rows.map(|row| row.iter().fold(start, |acc, &x| combine(acc, x))).collect();
            Matrix::new(x.rows, 1, data)
        }
        Axis::Rows => {
            let mut data = vec![start; x.cols];
            rows.for_each(|row| data.iter_mut().zip(row).for_each(|(acc, &x)| *acc = combine(*acc, x)));
            Matrix::new(1, x.cols, data)
        }
    }
}

pub(super) fn concat(rows: usize, parts: &[&Matrix]) -> Matrix {
    let cols = parts.iter().map(|p| p.cols).sum();
    let mut data = Vec::with_capacity(rows * cols);
    for i in 0..rows {
        parts.iter().for_each(|p| data.extend_from_slice(&p.data[i * p.cols..][..p.cols]));
    }
    Matrix::new(rows, cols, data)
}

pub(super) fn slice(x: &Matrix, start: usize, end: usize) -> Matrix {
    let data = (0..x.rows).flat_map(|i| x.row(i)[start..end].iter().copied()).collect();
    Matrix::new(x.rows, end - start, data)
}
