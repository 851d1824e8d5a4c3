//! How exact the functions of one argument are, over all numbers that there are.
//!
//! Two walks: through all bit patterns of f32 in even steps (every power of two is met as often),
//! and evenly through the range in which each function bends.

use crate::harness::Compiled;
use kiln_codegen::Isa;
use kiln_graph::interp::{Env, evaluate};
use kiln_graph::{Builder, Graph, UnaryOp};

/// Largest error that is let through: relative to the true value, or absolute, whichever is more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound {
    pub(crate) relative: f64,
    pub(crate) absolute: f64,
}

/// The smallest normal number: below it there is only zero.
const TINY: f64 = f32::MIN_POSITIVE as f64;

/// What compiled code takes a number for: a zero of its sign where it is subnormal.
pub(crate) fn flushed(x: f32) -> f32 {
    if x.is_subnormal() { 0.0f32.copysign(x) } else { x }
}

/// What each operation is held to.
pub(crate) fn bound(op: UnaryOp) -> Bound {
    let of = |relative: f64, absolute: f64| Bound { relative, absolute };
    match op {
        // Rounded exactly.
        UnaryOp::Neg | UnaryOp::Abs | UnaryOp::Sign | UnaryOp::Relu | UnaryOp::Detach | UnaryOp::Sqrt => {
            of(0.0, 0.0)
        }
        UnaryOp::Rsqrt => of(1.3e-7, 0.0),
        // Where the true value is subnormal, or a step on the way to it is, a zero.
        UnaryOp::Exp
        | UnaryOp::ExpM1
        | UnaryOp::Log1p
        | UnaryOp::Tanh
        | UnaryOp::Erf
        | UnaryOp::Sigmoid
        | UnaryOp::Softplus => of(4e-7, TINY),
        UnaryOp::Log => of(4e-7, 0.0),
    }
}

impl Bound {
    /// The error as a share of what is let through, or more than 1 and why.
    pub(crate) fn error(self, got: f32, want: f64) -> Result<f64, String> {
        let (got, rounded) = (flushed(got), flushed(want as f32));
        if got.to_bits() == rounded.to_bits()
            || (got.is_nan() && want.is_nan())
            || (got == 0.0 && want == 0.0)
        {
            return Ok(0.0);
        }
        if got.is_nan() || want.is_nan() {
            return Err("NaN on one side".into());
        }
        // At the end of the range, infinity is as near as the number before it.
        let end = |x: f64| x.clamp(-3.402_823_7e38, 3.402_823_7e38);
        let allowed = (self.relative * end(want).abs()).max(self.absolute);
        let error = (end(f64::from(got)) - end(want)).abs();
        if error <= allowed {
            return Ok(error / allowed.max(TINY));
        }
        let relative = error / want.abs();
        Err(format!("off by {error:e}, {relative:e} of it; {allowed:e} is let through"))
    }
}

/// Columns of the batch, so that strips see whole panels.
const COLS: usize = 64;

fn graph(ops: &[UnaryOp]) -> Graph {
    let mut g = Builder::new();
    let x = g.input("x", COLS as u32);
    for &op in ops {
        let y = g.unary(op, x);
        g.output(op.name(), y);
    }
    g.finish()
}

/// Compares `ops` on all of `xs` (a multiple of [`COLS`]); gives the worst share of each bound.
fn sweep(ops: &[UnaryOp], xs: &[f32]) -> Vec<f64> {
    let graph = graph(ops);
    let mut env = Env::new(&graph, xs.len() / COLS, 1);
    env.inputs[0] = xs.iter().map(|&x| f64::from(flushed(x))).collect();
    let want = evaluate(&graph, &env);
    let mut worst = vec![0.0_f64; ops.len()];
    for isa in Isa::available() {
        let left = Compiled::new(&graph, env.rows as u32, isa).step(&env, 2);
        for (o, &op) in ops.iter().enumerate() {
            let got = &left.outputs[o].1;
            for ((x, got), want) in xs.iter().zip(got).zip(&want.outputs[o].1.data) {
                match bound(op).error(*got, *want) {
                    Ok(share) => worst[o] = worst[o].max(share),
                    Err(why) => panic!("{}: {}({x:e}) = {got:e}, not {want:e}: {why}", isa.name(), op.name()),
                }
            }
        }
    }
    worst
}

#[test]
fn functions_over_all_magnitudes() {
    // A step through the 2³² patterns that is no multiple of a power of two.
    let count = COLS * 1500;
    let step = (u32::MAX / count as u32) | 1;
    let xs: Vec<f32> = (0..count as u32).map(|i| f32::from_bits(i.wrapping_mul(step))).collect();
    let worst = sweep(UnaryOp::ALL, &xs);
    assert!(worst.iter().all(|&share| share <= 1.0), "{worst:?}");
}

/// Where each function bends.
fn range(op: UnaryOp) -> (f32, f32) {
    match op {
        UnaryOp::Neg | UnaryOp::Abs | UnaryOp::Sign | UnaryOp::Relu | UnaryOp::Detach => (-2.0, 2.0),
        UnaryOp::Exp => (-104.5, 89.5),
        UnaryOp::ExpM1 => (-20.0, 20.0),
        UnaryOp::Log => (0.3, 3.0),
        UnaryOp::Log1p => (-0.999, 3.0),
        UnaryOp::Sqrt | UnaryOp::Rsqrt => (0.25, 4.0),
        UnaryOp::Tanh => (-10.0, 10.0),
        UnaryOp::Sigmoid | UnaryOp::Softplus => (-105.0, 105.0),
        UnaryOp::Erf => (-4.5, 4.5),
    }
}

#[test]
fn functions_where_they_bend() {
    let count = COLS * 600;
    for &op in UnaryOp::ALL {
        let (from, to) = range(op);
        let xs: Vec<f32> = (0..count).map(|i| from + (to - from) * (i as f32 / count as f32)).collect();
        let worst = sweep(&[op], &xs);
        assert!(worst[0] <= 1.0, "{}: {worst:?}", op.name());
    }
}
