//! Drivers: the loops of one task around tiles and strips.
//!
//! ABI (all 64-bit integers; `extern "C"`): `arena`, `rows` of the batch at hand (of its chunk, where
//! the kernel runs once for each), number of the `task`, and the worker's `scratch` memory
//! ([`SCRATCH_BYTES`], 64-byte aligned). The number of the chunk is in the arena.
//!
//! ```text
//! matmul:  for each row block, for each panel:  tile = Σ a·b;  strip
//! block:   for each panel, for each 32 rows:    tile = Σ aᵀ·b;  strip;  transposed copies
//!          (where woven: the strip while the next tile is summed)
//! map:     for each row block, for each panel:  strip
//! rows:    for each row block:                  row kernel
//!
//! where a turned product reads a copy of it:    what a block has stored, transposed
//! ```

use crate::chunk::Chunk;
use crate::emit::Emit;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{FuncRef, InstBuilder, Value};
use kiln_graph::Extent;
use kiln_schedule::{BufferId, Entry, Form, Kernel, PANEL_COLS, Product, Schedule};

/// Rows of the batch that a long sum takes at a time; its panels then stay in L2.
const CHUNK_ROWS: i64 = kiln_schedule::CHUNK_ROWS as i64;
/// So few rows go one by one over all panels of a task: a tile of them would have fewer sums than it takes to
/// hide the latency of an addition.
const FEW_ROWS: u32 = 2;
/// Bytes of a block of 32 rows of a panel.
const BLOCK_BYTES: i64 = 4096;
/// Scratch memory of a worker: 8×4 blocks of a long sum.
pub(crate) const SCRATCH_BYTES: usize = 32 * BLOCK_BYTES as usize;

/// What a driver calls.
#[derive(Clone, Copy)]
pub(crate) struct Callees {
    pub(crate) matmul_nn: FuncRef,
    pub(crate) matmul_tn: FuncRef,
    pub(crate) transpose: FuncRef,
    pub(crate) matmul_nn_row: FuncRef,
    pub(crate) transpose_part: FuncRef,
    /// The strip or row kernel; a matmul may have none.
    pub(crate) program: Option<FuncRef>,
    /// The strip, with the next block's product woven in.
    pub(crate) woven: Option<FuncRef>,
}

/// Emits the driver of a kernel.
pub(crate) fn emit(
    e: &mut Emit<'_>,
    params: &[Value],
    (schedule, entry): (&Schedule, &Entry),
    kernel: &Kernel,
    callees: Callees,
) {
    let &[arena, rows, task, scratch] = params else { panic!("codegen: a driver has four arguments") };
    let rows_of_batch = rows;
    let rows = match kernel.rows {
        Extent::Batch => rows,
        Extent::Fixed(n) => e.int(i64::from(n)),
    };
    let chunk = Chunk::at_hand(e, (schedule, entry), kernel, arena);
    let d = Driver { schedule, entry, kernel, callees, arena, rows, rows_of_batch, scratch, chunk };
    let groups = i64::from(kernel.tasks.panel_groups());
    let row_group = e.b.ins().udiv_imm_u(task, groups);
    let panel_group = e.b.ins().urem_imm_u(task, groups);
    let blocks = d.group(e, row_group, kernel.tasks.blocks_per_task, kernel.tasks.blocks);
    let panels = d.group(e, panel_group, kernel.tasks.panels_per_task, kernel.tasks.panels);
    match &kernel.form {
        Form::MatMul { products, tile } => d.matmul(e, blocks, panels, products, *tile),
        Form::Block { products, sum: Some(sum), .. } => d.add_to_sum(e, blocks, panels, (products, *sum)),
        Form::Block { products, sum: None } => d.block(e, blocks, panels, products),
        Form::Map => d.map(e, blocks, panels),
        Form::Rows => d.rows(e, blocks),
        Form::Gather { .. } | Form::Copy { .. } => panic!("codegen: {} needs no code", kernel.name),
    }
}

mod turned;
mod woven;

struct Driver<'a> {
    schedule: &'a Schedule,
    entry: &'a Entry,
    kernel: &'a Kernel,
    callees: Callees,
    arena: Value,
    /// Rows of the kernel's space.
    rows: Value,
    rows_of_batch: Value,
    scratch: Value,
    chunk: Option<Chunk>,
}

type Span = (Value, Value);

impl Driver<'_> {
    /// The blocks or panels of a group: from, to.
    fn group(&self, e: &mut Emit<'_>, group: Value, size: u32, all: u32) -> Span {
        let from = e.times(group, i64::from(size));
        let to = e.plus(from, i64::from(size));
        let all = e.int(i64::from(all));
        let to = e.smaller(to, all);
        (from, to)
    }

    /// First row of a row block, and how many rows it has (0 where the batch is short).
    fn rows_of_block(&self, e: &mut Emit<'_>, block: Value) -> Span {
        let size = i64::from(self.kernel.tasks.row_block);
        let first = e.times(block, size);
        let left = e.b.ins().isub(self.rows, first);
        let (size, zero) = (e.int(size), e.int(0));
        let n = e.smaller(left, size);
        let n = e.larger(n, zero);
        (first, n)
    }

    /// 2 vectors of 16 columns in a panel, 1 in a last panel of at most 16 columns.
    fn half_panels(&self, e: &mut Emit<'_>, panel: Value) -> Value {
        let two = e.int(2);
        let left = self.kernel.cols % PANEL_COLS;
        if left == 0 || left > PANEL_COLS / 2 {
            return two;
        }
        let last = e.int(i64::from(self.kernel.panels()) - 1);
        let one = e.int(1);
        let is_last = e.b.ins().icmp(IntCC::Equal, panel, last);
        e.b.ins().select(is_last, one, two)
    }

    /// Address of a row of the batch in a panel (`row` is 128 · its number within the chunk).
    fn address_in_batch(&self, e: &mut Emit<'_>, b: BufferId, panel: Value, row: Value) -> Value {
        let row = Chunk::row(self.chunk.as_ref(), e, self.schedule.buffer(b), row);
        self.address(e, b, panel, row)
    }

    /// The same where the kernel's rows are the batch's, else as it is.
    fn address_in_space(&self, e: &mut Emit<'_>, b: BufferId, panel: Value, row: Value) -> Value {
        match self.kernel.rows {
            Extent::Batch => self.address_in_batch(e, b, panel, row),
            Extent::Fixed(_) => self.address(e, b, panel, row),
        }
    }

    /// Address of a panel's row (`row` is 128 · its number).
    fn address(&self, e: &mut Emit<'_>, b: BufferId, panel: Value, row: Value) -> Value {
        let buffer = self.schedule.buffer(b);
        let panels = e.times(panel, buffer.panel_stride() as i64);
        let at = e.iadd(self.arena, panels);
        let at = e.iadd(at, row);
        e.plus(at, buffer.offset as i64)
    }

    fn matmul(&self, e: &mut Emit<'_>, blocks: Span, panels: Span, products: &[Product], tile: BufferId) {
        e.for_range((blocks.0, blocks.1, 1), &[], |e, block, _| {
            let (first, n) = self.rows_of_block(e, block);
            let row = e.times(first, 128);
            let turned = products.iter().any(|p| p.turned);
            let few = self.kernel.tasks.row_block <= FEW_ROWS && !turned;
            if few {
                self.rows_of_products(e, products, panels, (row, n), tile);
            }
            e.for_range((panels.0, panels.1, 1), &[], |e, panel, _| {
                let c = self.address_in_space(e, tile, panel, row);
                if turned {
                    self.turned_products(e, products, panel, (first, n), c);
                } else if !few {
                    e.if_positive(n, |e| self.products(e, products, panel, (row, n), c));
                }
                self.program(e, row, n, (panel, block), c);
                let next = e.plus(panel, 1);
                self.transposed_rows(e, (panel, next), (first, n));
                Vec::new()
            });
            Vec::new()
        });
    }

    /// `tile = Σ a·b` row by row, for all panels of the task at once.
    fn rows_of_products(
        &self,
        e: &mut Emit<'_>,
        products: &[Product],
        panels: Span,
        (first, n): Span,
        tile: BufferId,
    ) {
        let stride = |e: &mut Emit<'_>, b: BufferId| e.int(self.schedule.buffer(b).panel_stride() as i64);
        let zero = e.int(0);
        let count = e.b.ins().isub(panels.1, panels.0);
        let end = e.times(n, 128);
        e.for_range((zero, end, 128), &[], |e, i, _| {
            let row = e.iadd(first, i);
            let c = self.address_in_space(e, tile, panels.0, row);
            for (i, p) in products.iter().enumerate() {
                let Extent::Fixed(k) = p.inner else {
                    panic!("codegen: {} sums over the batch", self.kernel.name)
                };
                let k = e.int(i64::from(k));
                let a = self.address_in_space(e, p.a, zero, row);
                let b = self.address(e, p.b, panels.0, zero);
                let (of_a, of_b, of_c) = (stride(e, p.a), stride(e, p.b), stride(e, tile));
                let accumulate = e.int(i64::from(i > 0));
                e.call(self.callees.matmul_nn_row, &[count, k, a, of_a, b, of_b, c, of_c, accumulate]);
            }
            Vec::new()
        });
    }

    /// `c = Σ a·b` for one panel of a row block.
    fn products(&self, e: &mut Emit<'_>, products: &[Product], panel: Value, (row, n): Span, c: Value) {
        let zero = e.int(0);
        let half_panels = self.half_panels(e, panel);
        for (i, p) in products.iter().enumerate() {
            let Extent::Fixed(k) = p.inner else {
                panic!("codegen: {} sums over the batch", self.kernel.name)
            };
            let k = e.int(i64::from(k));
            let a = self.address_in_space(e, p.a, zero, row);
            let stride = e.int(self.schedule.buffer(p.a).panel_stride() as i64);
            let b = self.address(e, p.b, panel, zero);
            let accumulate = e.int(i64::from(i > 0));
            e.call(self.callees.matmul_nn, &[n, half_panels, k, a, stride, b, c, accumulate]);
        }
    }

    fn program(&self, e: &mut Emit<'_>, row: Value, n: Value, (panel, block): (Value, Value), tile: Value) {
        if let Some(program) = self.callees.program {
            let block = match (&self.chunk, self.kernel.rows) {
                (Some(chunk), Extent::Batch) => {
                    let before = e.times(chunk.index, i64::from(self.kernel.tasks.blocks));
                    e.iadd(block, before)
                }
                (None, _) | (_, Extent::Fixed(_)) => block,
            };
            // A row kernel needs scratch memory and no panel: it sees all of them.
            let panel = if crate::is_row_kernel(self.kernel) { self.scratch } else { panel };
            e.call(program, &[self.arena, row, n, panel, block, tile]);
        }
    }

    fn map(&self, e: &mut Emit<'_>, blocks: Span, panels: Span) {
        let all_panels = (e.int(0), e.int(i64::from(self.kernel.panels())));
        e.for_range((blocks.0, blocks.1, 1), &[], |e, block, _| {
            let (first, n) = self.rows_of_block(e, block);
            let row = e.times(first, 128);
            if crate::is_row_kernel(self.kernel) {
                self.program(e, row, n, (first, block), self.arena);
                self.transposed_rows(e, all_panels, (first, n));
            } else {
                e.for_range((panels.0, panels.1, 1), &[], |e, panel, _| {
                    self.program(e, row, n, (panel, block), self.arena);
                    let next = e.plus(panel, 1);
                    self.transposed_rows(e, (panel, next), (first, n));
                    Vec::new()
                });
            }
            Vec::new()
        });
    }

    fn rows(&self, e: &mut Emit<'_>, blocks: Span) {
        let all_panels = (e.int(0), e.int(i64::from(self.kernel.panels())));
        e.for_range((blocks.0, blocks.1, 1), &[], |e, block, _| {
            let (first, n) = self.rows_of_block(e, block);
            let row = e.times(first, 128);
            self.program(e, row, n, (first, block), self.arena);
            self.transposed_rows(e, all_panels, (first, n));
            Vec::new()
        });
    }

    fn block(&self, e: &mut Emit<'_>, blocks: Span, panels: Span, products: &[Product]) {
        // Products over a fixed number of rows are summed in one go.
        let over_batch = !products.is_empty() && products.iter().all(|p| p.inner == Extent::Batch);
        let long = over_batch && i64::from(self.entry.chunk) > CHUNK_ROWS;
        if long {
            self.long_sums(e, blocks, panels, products);
        }
        e.for_range((panels.0, panels.1, 1), &[], |e, panel, _| {
            let mut first = blocks.0;
            if let Some(woven) = self.callees.woven {
                first = self.woven(e, (panel, blocks), (products, woven));
            }
            e.for_range((first, blocks.1, 1), &[], |e, block, _| {
                let (first, n) = self.rows_of_block(e, block);
                let mut tile = self.scratch;
                if long {
                    tile = self.place_in_scratch(e, (panel, panels.0), (block, blocks.0));
                } else {
                    let zero = e.int(0);
                    self.sum_block(e, products, (panel, block, n), (zero, self.rows_of_batch), (tile, zero));
                }
                let row = e.times(first, 128);
                self.program(e, row, n, (panel, block), tile);
                self.transposed_blocks(e, panel, block);
                Vec::new()
            });
            Vec::new()
        });
    }

    /// Adds a chunk's products to the blocks of a buffer, which the first chunk begins.
    fn add_to_sum(
        &self,
        e: &mut Emit<'_>,
        blocks: Span,
        panels: Span,
        (products, sum): (&[Product], BufferId),
    ) {
        let chunk = self.chunk.as_ref().expect("only chunks are summed in a buffer");
        e.for_range((panels.0, panels.1, 1), &[], |e, panel, _| {
            e.for_range((blocks.0, blocks.1, 1), &[], |e, block, _| {
                let (first, n) = self.rows_of_block(e, block);
                let row = e.times(first, 128);
                let tile = self.address(e, sum, panel, row);
                let zero = e.int(0);
                self.sum_block(
                    e,
                    products,
                    (panel, block, n),
                    (zero, self.rows_of_batch),
                    (tile, chunk.index),
                );
                Vec::new()
            });
            Vec::new()
        });
    }

    /// `tile (+)= Σ aᵀ·b` over `rows` rows of the batch from `first` (in bytes) on, for one block.
    fn sum_block(
        &self,
        e: &mut Emit<'_>,
        products: &[Product],
        (panel, block, n): (Value, Value, Value),
        (first, rows): Span,
        (tile, go_on): (Value, Value),
    ) {
        let half_panels = self.half_panels(e, panel);
        for (i, p) in products.iter().enumerate() {
            let (a, b, rows) = self.operands(e, p, (panel, block), (first, rows));
            let accumulate = if i > 0 { e.int(1) } else { go_on };
            e.call(self.callees.matmul_tn, &[n, half_panels, rows, a, b, tile, accumulate]);
        }
    }

    /// Where the operands of a block's product are, and how many rows they have.
    fn operands(
        &self,
        e: &mut Emit<'_>,
        p: &Product,
        (panel, block): (Value, Value),
        (first, rows): Span,
    ) -> (Value, Value, Value) {
        match p.inner {
            Extent::Batch => {
                let a = self.address_in_batch(e, p.a, block, first);
                (a, self.address_in_batch(e, p.b, panel, first), rows)
            }
            Extent::Fixed(n) => {
                let a = self.address(e, p.a, block, first);
                let b = self.address(e, p.b, panel, first);
                (a, b, e.int(i64::from(n)))
            }
        }
    }

    /// All blocks of the task side by side, a chunk of rows at a time.
    fn long_sums(&self, e: &mut Emit<'_>, blocks: Span, panels: Span, products: &[Product]) {
        let zero = e.int(0);
        e.for_range((zero, self.rows_of_batch, CHUNK_ROWS), &[], |e, first_row, _| {
            let left = e.b.ins().isub(self.rows_of_batch, first_row);
            let most = e.int(CHUNK_ROWS);
            let rows = e.smaller(left, most);
            let first = e.times(first_row, 128);
            e.for_range((panels.0, panels.1, 1), &[], |e, panel, _| {
                e.for_range((blocks.0, blocks.1, 1), &[], |e, block, _| {
                    let tile = self.place_in_scratch(e, (panel, panels.0), (block, blocks.0));
                    let (_, n) = self.rows_of_block(e, block);
                    self.sum_block(e, products, (panel, block, n), (first, rows), (tile, first_row));
                    Vec::new()
                });
                Vec::new()
            });
            Vec::new()
        });
    }

    fn place_in_scratch(&self, e: &mut Emit<'_>, panel: Span, block: Span) -> Value {
        let p = e.b.ins().isub(panel.0, panel.1);
        let p = e.times(p, i64::from(self.kernel.tasks.blocks_per_task));
        let b = e.b.ins().isub(block.0, block.1);
        let at = e.iadd(p, b);
        let at = e.times(at, BLOCK_BYTES);
        e.iadd(self.scratch, at)
    }

    /// Transposed copies of a whole block.
    fn transposed_blocks(&self, e: &mut Emit<'_>, panel: Value, block: Value) {
        for &(from, to) in &self.kernel.transposes {
            let row = e.times(block, BLOCK_BYTES);
            let source = self.address(e, from, panel, row);
            let row = e.times(panel, BLOCK_BYTES);
            let target = self.address(e, to, block, row);
            e.call(self.callees.transpose, &[source, target]);
        }
    }
}
