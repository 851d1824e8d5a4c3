//! Weaving: the update of one block between the steps of the next block's product.
//!
//! In: a kernel whose blocks are products over the batch and then elementwise work, which is an optimizer's
//! update. Out: a function that does that work on one block while it sums the next one.
//!
//! Why: an update waits for roots and divisions, a product for multiply-adds. One after the other, each leaves
//! the other's units idle, and a processor looks ahead by a few hundred instructions only. A row or two of the
//! update, their share of a tile's steps, and so on: both are in sight at any time.
//!
//! ABI (all 64-bit integers; `extern "C"`): `arena`, `row`, `panel`, `block` and `tile` of a strip
//! ([`crate::strip`]) for 32 rows; `next`, the block to be summed; `a`, `b`, `k` of its last product.
//!
//! ```text
//! for each 8 rows:
//!     sums of 8×2 vectors = 0, or what earlier products left in `next`
//!     for each one or two of them:  the strip's rows;  where asks_ahead, the next block's asked for;
//!                                   their share of the product's k steps, in order
//!     next = sums
//! ```
//!
//! What is done to the sums, and asking ahead, stands in CLIF as calls of [`MARKS`], functions that do not exist:
//! the re-encoder puts instructions in their place (`crate::widen`). A call leaves no vector register in use, and
//! Cranelift knows but sixteen of them: the sums live in the upper sixteen of AVX-512.

use crate::emit::Emit;
use crate::target::Target;
use cranelift_codegen::ir::{FuncRef, InstBuilder, Value};
use kiln_schedule::{Entry, Form, Kernel, Schedule, StoreTarget};

/// Rows whose sums are in registers at a time.
pub(crate) const TILE_ROWS: i64 = 8;

/// Bytes of 32 rows.
pub(crate) const BLOCK_BYTES: i64 = 4096;

/// More parameters and moments than these do not stay in the caches of a few cores.
const NEAR_BYTES: u64 = 8 << 20;

/// Names and numbers of arguments of what stands for instructions.
pub(crate) const MARKS: [(Mark, &str, usize); 5] = [
    (Mark::Zero, "kiln_weave_zero", 0),
    (Mark::Load, "kiln_weave_load", 1),
    (Mark::Steps, "kiln_weave_steps", 3),
    (Mark::Store, "kiln_weave_store", 1),
    (Mark::Prefetch, "kiln_weave_prefetch", 1),
];

/// What is done to the sums, or ahead of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// All are zero.
    Zero,
    /// All are loaded: from.
    Load,
    /// They go on: where A and B end, and minus the bytes of the steps in each.
    Steps,
    /// All are stored: to.
    Store,
    /// What is one block after a row of 128 bytes is asked for: that row.
    Prefetch,
}

/// What a woven function calls: what stands for instructions, and the plain tile.
#[derive(Clone, Copy)]
pub(crate) struct Callees {
    pub(crate) zero: FuncRef,
    pub(crate) load: FuncRef,
    pub(crate) steps: FuncRef,
    pub(crate) store: FuncRef,
    pub(crate) prefetch: FuncRef,
    pub(crate) matmul_tn: FuncRef,
}

/// The next block's last product, between the rows of a strip.
#[derive(Clone, Copy)]
pub(crate) struct Weave {
    pub(crate) callees: Callees,
    /// The next block.
    pub(crate) next: Value,
    pub(crate) a: Value,
    pub(crate) b: Value,
    pub(crate) k: Value,
    /// Earlier products are in `next` already.
    pub(crate) go_on: bool,
    /// Rows of the strip between two shares of the product: 1 or 2.
    pub(crate) rows_at_once: i64,
}

/// Rows of a strip to be done at once, where products sum over at most so many. A row and its share are then in sight
/// of the processor together, and there is not more to count than need be. Measured on exp06: at batch 16 two
/// rows are 5 to 8 % faster than one and 4 % faster than four; from 24 on one row is as fast or 2 % faster.
pub(crate) fn rows_at_once(k: u32) -> i64 {
    if k <= 20 { 2 } else { 1 }
}

/// True where the parameters and moments of the next block are asked for while this one is worked on: where there are
/// more of them than the caches near a few cores hold, so that each step finds them in L3 at best. Measured on exp06,
/// which has 14 MB: gradients with their updates take 12 % less time at batch 32 and 16 to 20 % less at 64 and 128.
/// At 16, where instructions are what there is too much of, it was from 7 % faster to 2 % slower, by what else was
/// in L3. In exp01 and exp11, with 3 to 4 MB, it makes no difference.
pub(crate) fn asks_ahead(schedule: &Schedule, k: u32) -> bool {
    let bytes: u64 = schedule.states.iter().map(|s| schedule.buffer(s.plain).bytes()).sum();
    bytes > NEAR_BYTES && rows_at_once(k) == 1
}

/// True where a kernel's blocks are woven. A task of one block has no next one.
pub(crate) fn is_woven(entry: &Entry, kernel: &Kernel, target: Target) -> bool {
    let Form::Block { products, sum: None, .. } = &kernel.form else { return false };
    let sums = kernel.program.stores.iter().any(|s| matches!(s.target, StoreTarget::SumRows(_)));
    let works = !kernel.program.stores.is_empty() && !sums && !crate::is_row_kernel(kernel);
    let short = entry.chunk <= kiln_schedule::CHUNK_ROWS;
    target.vector_bytes == 64 && works && short && !products.is_empty() && kernel.tasks.blocks_per_task > 1
}

impl Weave {
    /// All rows of a block, what belongs to the next one in between. `streams`: where the block begins in those
    /// matrices of which the next block, which follows there, is asked for.
    pub(crate) fn rows(
        &self,
        e: &mut Emit<'_>,
        streams: &[Value],
        mut row: impl FnMut(&mut Emit<'_>, Value),
    ) {
        let (zero, end) = (e.int(0), e.int(BLOCK_BYTES));
        e.for_range_as_written((zero, end, TILE_ROWS * 128), &[], |e, first, _| {
            let sums = e.iadd(self.next, first);
            if self.go_on {
                e.call(self.callees.load, &[sums]);
            } else {
                e.call(self.callees.zero, &[]);
            }
            // Row `r` of the block is column `r` of A: 4 bytes for the 128 of a row.
            let column = e.b.ins().ushr_imm_u(first, 5);
            let a = e.iadd(self.a, column);
            let end = e.plus(first, TILE_ROWS * 128);
            let step = 128 * self.rows_at_once;
            e.for_range_as_written((first, end, step), &[self.k, zero], |e, i, carried| {
                for r in 0..self.rows_at_once {
                    let i = e.plus(i, 128 * r);
                    row(e, i);
                }
                for &stream in streams {
                    let here = e.iadd(stream, i);
                    e.call(self.callees.prefetch, &[here]);
                }
                self.steps(e, a, carried)
            });
            e.call(self.callees.store, &[sums]);
            Vec::new()
        });
    }

    /// The steps after piece `p` of the eight rows, of which `[k + p, bytes done]` is carried on: `k + p` over
    /// the number of pieces, which for all of them are `k`.
    fn steps(&self, e: &mut Emit<'_>, a: Value, carried: &[Value]) -> Vec<Value> {
        let bytes = e.times(carried[0], 128 * self.rows_at_once / TILE_ROWS);
        let bytes = e.b.ins().band_imm_s(bytes, -128);
        let done = e.iadd(carried[1], bytes);
        let (a, b) = (e.iadd(a, done), e.iadd(self.b, done));
        let from = e.b.ins().ineg(bytes);
        e.call(self.callees.steps, &[a, b, from]);
        vec![e.plus(carried[0], 1), done]
    }

    /// The product by the plain tile: for code that the re-encoder refused.
    pub(crate) fn product(&self, e: &mut Emit<'_>) {
        let (rows, half_panels, go_on) = (e.int(32), e.int(2), e.int(i64::from(self.go_on)));
        e.call(self.callees.matmul_tn, &[rows, half_panels, self.k, self.a, self.b, self.next, go_on]);
    }
}
