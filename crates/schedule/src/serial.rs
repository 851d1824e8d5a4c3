//! Serial stretches: phases so small that one worker is done with all of them before several had met between.
//!
//! In: an entry with its phases. Out: the stretches of phases that one worker runs one after the other as a
//! single task: the narrow end of a classifier, the middle of an autoencoder.
//!
//! One idea: a phase costs what its work takes on two workers, and their meeting at its end. The cheapest
//! way through all phases is found from the front, phase by phase. Times are estimates, the same on every
//! machine, so that a schedule depends on shapes only; what is computed does not depend on them at all.

use crate::buffer::PANEL_COLS;
use crate::kernel::{Entry, Form, Kernel, Op, Part};
use kiln_graph::{Extent, Shape, UnaryOp};

/// What it costs two workers to end a phase and to begin the next one, in nanoseconds: a step of exp01 at batch
/// 16 took 33 µs more than half of its work, in 27 phases.
const MEETING: u64 = 1_000;

/// No stretch is as long as this: the other worker waits for 20 µs before it sleeps, and waking it costs more than
/// several phases. On a processor with narrower vectors a stretch takes a few times as long as estimated, and
/// it may sleep.
const LONGEST: u64 = 16_000;

/// Multiply-adds per nanosecond in a tile, on one core with 512-bit vectors.
const MULTIPLY_ADDS: u64 = 125;

/// Rows whose arithmetic takes as long as reading the parameters that they are multiplied with: 80 bytes a
/// nanosecond from a shared cache.
const ROWS_TO_READ: u64 = 6;

/// Calling a kernel.
const CALL: u64 = 40;

/// Fills in the entry's serial stretches.
pub(crate) fn settle(entry: &mut Entry) {
    entry.serial = entry.parts.iter().flat_map(|part| stretches(entry, part)).collect();
}

/// The cheapest way through the phases of a part: its stretches of more than one.
fn stretches(entry: &Entry, part: &Part) -> Vec<(usize, usize)> {
    let phases: Vec<Time> = (part.from..part.to).map(|p| Time::of(entry, p)).collect();
    // Least time to the end of each phase, and where the last stretch on the way begins.
    let mut best: Vec<(u64, usize)> = vec![(0, 0)];
    for end in 1..=phases.len() {
        let shared = (best[end - 1].0 + MEETING + phases[end - 1].shared, end - 1);
        let mut alone = MEETING;
        let stretches = (0..end).rev().map(|from| {
            alone += phases[from].alone;
            (from, alone)
        });
        let short = stretches.take_while(|(_, alone)| *alone < LONGEST);
        let found = short.map(|(from, alone)| (best[from].0 + alone, from)).chain([shared]).min();
        best.push(found.expect("there is the phase itself"));
    }
    let mut found = Vec::new();
    let mut end = phases.len();
    while end > 0 {
        let from = best[end].1;
        if end - from > 1 {
            found.push((part.from + from, part.from + end));
        }
        end = from;
    }
    found.reverse();
    found
}

/// Nanoseconds of a phase.
struct Time {
    /// On one worker.
    alone: u64,
    /// On two.
    shared: u64,
}

impl Time {
    fn of(entry: &Entry, phase: usize) -> Time {
        let kernels = || entry.phases[phase].iter().map(|k| &entry.kernels[k.index()]);
        let alone = kernels().map(|k| nanoseconds(entry, k)).sum::<u64>();
        let longest = kernels().map(|k| nanoseconds(entry, k).div_ceil(u64::from(k.tasks.count()))).max();
        Time { alone, shared: longest.unwrap_or(0).max(alone.div_ceil(2)) }
    }
}

/// A kernel's time on one core with 512-bit vectors.
fn nanoseconds(entry: &Entry, kernel: &Kernel) -> u64 {
    let rows = |rows: Extent| Shape { rows, cols: 1 }.rows_at(entry.chunk as usize) as u64;
    let elements = rows(kernel.rows) * u64::from(kernel.cols.next_multiple_of(PANEL_COLS));
    let inner: u64 = match &kernel.form {
        Form::MatMul { products, .. } | Form::Block { products, .. } => {
            products.iter().map(|p| rows(p.inner)).sum()
        }
        Form::Gather { .. } | Form::Map | Form::Rows | Form::Copy { .. } => 0,
    };
    let operations: u64 = kernel.program.ops.iter().map(operations).sum();
    // Sixteen elements at a time, two operations in three cycles.
    let work = elements * (operations + 4) / 100;
    let padded = elements.max(ROWS_TO_READ * u64::from(kernel.cols.next_multiple_of(PANEL_COLS)));
    CALL + padded * inner / MULTIPLY_ADDS + work
}

/// How many simple operations one takes.
fn operations(op: &Op) -> u64 {
    match op {
        Op::Random { .. } => 30,
        Op::LoadSum { rows, .. } => u64::from(*rows),
        Op::Unary(op, _) => match op {
            UnaryOp::Neg | UnaryOp::Abs | UnaryOp::Sign | UnaryOp::Relu | UnaryOp::Detach => 1,
            UnaryOp::Sqrt | UnaryOp::Rsqrt => 8,
            UnaryOp::Exp
            | UnaryOp::ExpM1
            | UnaryOp::Log
            | UnaryOp::Log1p
            | UnaryOp::Tanh
            | UnaryOp::Sigmoid
            | UnaryOp::Softplus
            | UnaryOp::Erf => 20,
        },
        Op::Tile | Op::Load(..) | Op::Constant(_) | Op::Binary(..) | Op::Select(..) | Op::ReduceCols(..) => 1,
    }
}
