//! Gradients: a reverse walk that adds nodes to the graph.
//!
//! In: a builder, the loss (`[1, 1]`) and the values to differentiate by. Out: for each of
//! those the gradient of the loss, in its shape. There is one rule a primitive (`Walk::rule`,
//! no `_` arm).
//!
//! The one idea: **the gradient on its way may be smaller than its value**. Along each axis it
//! has the value's extent or 1, where all elements share one number. So the gradient of a sum
//! is the number that arrives, unstretched; elementwise rules stretch it by themselves, and only
//! matrix products, slices and the result ask for the full shape (`Walk::full`).
//!
//! Rules read the node's *output* wherever that is what a kernel keeps anyway (relu, tanh,
//! sigmoid, exp, sqrt). A value with no path to the loss has a gradient of zeros
//! ([`Builder::zeros_like`]); [`gradients_where_any`] tells it apart. New nodes are named
//! `grad <name of the node whose rule made them>`.
//!
//! Not here: tidying the result (module `simplify`, run afterwards).

use crate::builder::Builder;
use crate::graph::{Graph, ValueId};
use crate::prim::{Axis, BinaryOp, Prim, ReduceOp, UnaryOp};
use crate::shape::{Extent, Shape};

/// The gradient of `loss` by each of `wrt`, in the shape of each; zeros where there is no path.
///
/// # Panics
/// Where `loss` is not `[1, 1]`: a bug of the caller.
pub fn gradients(b: &mut Builder, loss: ValueId, wrt: &[ValueId]) -> Vec<ValueId> {
    let found = gradients_where_any(b, loss, wrt);
    found.into_iter().zip(wrt).map(|(g, &x)| g.unwrap_or_else(|| b.zeros_like(x))).collect()
}

/// As [`gradients`], but `None` where there is no path from the value to the loss.
///
/// # Panics
/// Where `loss` is not `[1, 1]`: a bug of the caller.
pub fn gradients_where_any(b: &mut Builder, loss: ValueId, wrt: &[ValueId]) -> Vec<Option<ValueId>> {
    assert!(b.shape(loss).is_scalar(), "gradients of {loss}, which is {} and no number", b.shape(loss));
    let active = active(b.graph(), loss, wrt);
    let name = b.set_name("grad");
    let mut walk = Walk { b, active, arrived: vec![None; loss.index() + 1] };
    walk.run(loss);
    let found = wrt.iter().map(|&x| walk.result(x)).collect();
    b.set_name(&name);
    found
}

/// For each value up to the loss: does a gradient that reaches it go on to one of `wrt`?
fn active(graph: &Graph, loss: ValueId, wrt: &[ValueId]) -> Vec<bool> {
    let mut active = vec![false; loss.index() + 1];
    for v in graph.values().take(loss.index() + 1) {
        let node = graph.node(v);
        let through = node.args.iter().enumerate().any(|(i, a)| passes(&node.prim, i) && active[a.index()]);
        active[v.index()] = through || wrt.contains(&v);
    }
    active
}

/// Does a gradient pass from the result to argument number `arg`?
fn passes(prim: &Prim, arg: usize) -> bool {
    match prim {
        Prim::Input(_)
        | Prim::State(_)
        | Prim::Scalar(_)
        | Prim::Constant(_)
        | Prim::Iota(_)
        | Prim::RowCount
        | Prim::Random { .. }
        | Prim::Unary(UnaryOp::Sign | UnaryOp::Detach)
        | Prim::Binary(BinaryOp::Greater | BinaryOp::Equal)
        | Prim::Reduce(ReduceOp::Max, _) => false,
        Prim::Unary(_)
        | Prim::Binary(_)
        | Prim::MatMul { .. }
        | Prim::Reduce(ReduceOp::Sum, _)
        | Prim::Concat
        | Prim::Slice { .. } => true,
        Prim::Select => arg > 0,
    }
}

struct Walk<'a> {
    b: &'a mut Builder,
    active: Vec<bool>,
    /// The sum of what has arrived at each value, maybe smaller than the value.
    arrived: Vec<Option<ValueId>>,
}

/// The node whose rule is at work, and what has arrived at it.
#[derive(Clone, Copy)]
struct At {
    /// The node's value.
    y: ValueId,
    /// Its shape.
    shape: Shape,
    /// The gradient by `y`.
    g: ValueId,
}

impl Walk<'_> {
    fn run(&mut self, loss: ValueId) {
        let one = self.b.constant(1.0);
        self.arrived[loss.index()] = Some(one);
        for i in (0..=loss.index()).rev() {
            let (true, Some(g)) = (self.active[i], self.arrived[i]) else { continue };
            let y = ValueId(i as u32);
            let node = self.b.graph().node(y).clone();
            self.b.set_name(format!("grad {}", node.name).trim_end());
            self.rule(At { y, shape: node.shape, g }, node.prim, &node.args);
        }
    }

    /// What has arrived at `x`, in full.
    fn result(&mut self, x: ValueId) -> Option<ValueId> {
        let g = *self.arrived.get(x.index())?;
        g.map(|g| self.full(g, x))
    }

    fn rule(&mut self, at: At, prim: Prim, args: &[ValueId]) {
        match prim {
            Prim::Input(_)
            | Prim::State(_)
            | Prim::Scalar(_)
            | Prim::Constant(_)
            | Prim::Iota(_)
            | Prim::RowCount
            | Prim::Random { .. }
            | Prim::Reduce(ReduceOp::Max, _) => {}
            Prim::Unary(op) => self.unary(at, op, args[0]),
            Prim::Binary(op) => self.binary(at, op, args[0], args[1]),
            Prim::Select => self.choose(at, args[0], args[1], args[2]),
            Prim::MatMul { transpose_a, transpose_b } => {
                self.matmul(at, (args[0], transpose_a), (args[1], transpose_b));
            }
            // Every element of the sum takes the same number: the axis stays at extent 1.
            Prim::Reduce(ReduceOp::Sum, Axis::Rows | Axis::Cols) => {
                let whole = self.b.shape(args[0]);
                self.send(args[0], whole, at.g);
            }
            Prim::Concat => self.concat(at, args),
            Prim::Slice { start, end } => self.slice(at, args[0], start, end),
        }
    }

    fn unary(&mut self, at: At, op: UnaryOp, x: ValueId) {
        let At { y, g, .. } = at;
        let b = &mut *self.b;
        let dx = match op {
            UnaryOp::Sign | UnaryOp::Detach => return,
            UnaryOp::Neg => b.neg(g),
            UnaryOp::Abs => {
                let sign = b.sign(x);
                b.mul(g, sign)
            }
            UnaryOp::Relu => {
                let zero = b.constant(0.0);
                let on = b.greater(y, zero);
                // Not `g · on`: an infinite gradient of a unit that is off must vanish.
                b.select(on, g, zero)
            }
            UnaryOp::Exp => b.mul(g, y),
            UnaryOp::ExpM1 => {
                let exp = b.offset(y, 1.0);
                b.mul(g, exp)
            }
            UnaryOp::Log => b.div(g, x),
            UnaryOp::Log1p => {
                let inner = b.offset(x, 1.0);
                b.div(g, inner)
            }
            UnaryOp::Sqrt => {
                let half = b.scale(g, 0.5);
                b.div(half, y)
            }
            UnaryOp::Rsqrt => {
                let square = b.square(y);
                let cube = b.mul(square, y);
                let slope = b.scale(cube, -0.5);
                b.mul(g, slope)
            }
            UnaryOp::Tanh => {
                let one = b.constant(1.0);
                let square = b.square(y);
                let slope = b.sub(one, square);
                b.mul(g, slope)
            }
            UnaryOp::Sigmoid => {
                let one = b.constant(1.0);
                let rest = b.sub(one, y);
                let slope = b.mul(y, rest);
                b.mul(g, slope)
            }
            UnaryOp::Softplus => {
                let slope = b.sigmoid(x);
                b.mul(g, slope)
            }
            UnaryOp::Erf => {
                let square = b.square(x);
                let square = b.neg(square);
                let bell = b.exp(square);
                let slope = b.scale(bell, std::f32::consts::FRAC_2_SQRT_PI);
                b.mul(g, slope)
            }
        };
        self.send(x, at.shape, dx);
    }

    fn binary(&mut self, at: At, op: BinaryOp, x: ValueId, y: ValueId) {
        match op {
            BinaryOp::Greater | BinaryOp::Equal => {}
            BinaryOp::Add => {
                self.send(x, at.shape, at.g);
                self.send(y, at.shape, at.g);
            }
            BinaryOp::Sub => {
                self.send(x, at.shape, at.g);
                self.send_with(y, at.shape, |b| b.neg(at.g));
            }
            BinaryOp::Mul => {
                self.send_with(x, at.shape, |b| b.mul(at.g, y));
                self.send_with(y, at.shape, |b| b.mul(at.g, x));
            }
            BinaryOp::Div => {
                self.send_with(x, at.shape, |b| b.div(at.g, y));
                // d(x/y)/dy = −(x/y)/y: the quotient is at hand, and g/y is shared with above.
                self.send_with(y, at.shape, |b| {
                    let share = b.div(at.g, y);
                    let product = b.mul(share, at.y);
                    b.neg(product)
                });
            }
            BinaryOp::Max => {
                let chosen = self.b.greater(x, y);
                self.choose(at, chosen, x, y);
            }
            BinaryOp::Min => {
                let chosen = self.b.greater(y, x);
                self.choose(at, chosen, x, y);
            }
        }
    }

    /// The gradient goes to `x` where `c` holds, else to `y`.
    fn choose(&mut self, at: At, c: ValueId, x: ValueId, y: ValueId) {
        let zero = self.b.constant(0.0);
        self.send_with(x, at.shape, |b| b.select(c, at.g, zero));
        self.send_with(y, at.shape, |b| b.select(c, zero, at.g));
    }

    /// `y = op(a) · op(b)`, where `op` transposes or not.
    fn matmul(&mut self, at: At, (a, transpose_a): (ValueId, bool), (b, transpose_b): (ValueId, bool)) {
        let g = self.full(at.g, at.y);
        let product = |transpose_a, transpose_b| Prim::MatMul { transpose_a, transpose_b };
        let (shape_a, shape_b) = (self.b.shape(a), self.b.shape(b));
        // op(a) takes g · op(b)ᵀ; where a is read transposed, a takes op(b) · gᵀ.
        self.send_with(a, shape_a, |graph| match transpose_a {
            false => graph.add_node(product(false, !transpose_b), &[g, b]),
            true => graph.add_node(product(transpose_b, true), &[b, g]),
        });
        // op(b) takes op(a)ᵀ · g; where b is read transposed, b takes gᵀ · op(a).
        self.send_with(b, shape_b, |graph| match transpose_b {
            false => graph.add_node(product(!transpose_a, false), &[a, g]),
            true => graph.add_node(product(true, transpose_a), &[g, a]),
        });
    }

    fn concat(&mut self, at: At, parts: &[ValueId]) {
        let mut start = 0;
        let shared = self.b.shape(at.g).cols == 1;
        for &part in parts {
            let shape = self.b.shape(part);
            let end = start + shape.cols;
            self.send_with(part, shape, |b| if shared { at.g } else { b.slice(at.g, start, end) });
            start = end;
        }
    }

    /// The columns that were not taken get zeros.
    fn slice(&mut self, at: At, x: ValueId, start: u32, end: u32) {
        let whole = self.b.shape(x);
        let g = self.full(at.g, at.y);
        let mut parts = vec![g];
        if start > 0 {
            let left = self.b.slice(x, 0, start);
            parts.insert(0, self.b.zeros_like(left));
        }
        if end < whole.cols {
            let right = self.b.slice(x, end, whole.cols);
            parts.push(self.b.zeros_like(right));
        }
        let dx = if parts.len() == 1 { g } else { self.b.concat(&parts) };
        self.send(x, whole, dx);
    }

    /// As [`Walk::send`], making `g` only where it is wanted.
    fn send_with(&mut self, to: ValueId, shape: Shape, g: impl FnOnce(&mut Builder) -> ValueId) {
        if self.active[to.index()] {
            let g = g(self.b);
            self.send(to, shape, g);
        }
    }

    /// Adds `g`, the gradient by `to` as stretched to `shape`, to what has arrived there.
    fn send(&mut self, to: ValueId, shape: Shape, g: ValueId) {
        if !self.active[to.index()] {
            return;
        }
        let g = self.gather(g, shape, self.b.shape(to));
        self.arrived[to.index()] = Some(match self.arrived[to.index()] {
            Some(before) => self.b.add(before, g),
            None => g,
        });
    }

    /// Sums `g` over the axes along which a value of shape `to` was stretched to `shape`.
    fn gather(&mut self, g: ValueId, shape: Shape, to: Shape) -> ValueId {
        let one = Extent::Fixed(1);
        let mut sum = g;
        if to.rows == one && shape.rows != one {
            let stretched = self.b.shape(g).rows == one;
            sum = if stretched { self.times(sum, shape.rows) } else { self.b.sum_rows(sum) };
        }
        if to.cols == 1 && shape.cols != 1 {
            let stretched = self.b.shape(g).cols == 1;
            sum = if stretched { self.times(sum, Extent::Fixed(shape.cols)) } else { self.b.sum_cols(sum) };
        }
        sum
    }

    /// The sum of `n` equal numbers.
    fn times(&mut self, g: ValueId, n: Extent) -> ValueId {
        match n {
            Extent::Batch => {
                let count = self.b.row_count();
                self.b.mul(g, count)
            }
            Extent::Fixed(n) => self.b.scale(g, n as f32),
        }
    }

    /// `g` stretched to the shape of `like`.
    fn full(&mut self, g: ValueId, like: ValueId) -> ValueId {
        if self.b.shape(g) == self.b.shape(like) {
            return g;
        }
        let zeros = self.b.zeros_like(like);
        self.b.add(g, zeros)
    }
}

#[cfg(test)]
mod tests;
