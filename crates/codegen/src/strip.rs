//! Strips: a program on a block of rows of one panel, column vectors outermost.
//!
//! ABI (all 64-bit integers; `x` stands for `extern "C"`):
//!
//! | argument | meaning |
//! |---|---|
//! | `arena` | first byte of the arena |
//! | `row` | 128 · the block's first row: how far the block is into each panel |
//! | `rows` | rows of the block; may be 0 |
//! | `panel` | which panel |
//! | `block` | number of the row block: which row of the partial sums is written |
//! | `tile` | the product's block, rows of 128 bytes |
//!
//! ```text
//! for each pair of vectors of the panel:
//!     what is the same for all rows
//!     for each row:  loads, operations, stores; sums over rows in registers
//!     partial sums
//! ```

use crate::chunk::Chunk;
use crate::element;
use crate::emit::Emit;
use crate::weave::{self, Weave};
use cranelift_codegen::ir::{InstBuilder, Value, types};
use kiln_graph::Extent;
use kiln_schedule::{Access, BufferId, Entry, Form, Kernel, LocalId, Op, Schedule, Store, StoreTarget};
use std::collections::{BTreeMap, BTreeSet};

/// Vectors that are worked on side by side, to hide the latency of one behind the other.
const SIDE_BY_SIDE: u32 = 2;

/// Emits the strip of a kernel.
pub(crate) fn emit(e: &mut Emit<'_>, params: &[Value], schedule: &Schedule, entry: &Entry, kernel: &Kernel) {
    let &[arena, row, rows, panel, block, tile] = params else {
        panic!("codegen: a strip has six arguments")
    };
    let row_end = e.times(rows, 128);
    let chunk = Chunk::at_hand(e, (schedule, entry), kernel, arena).filter(|_| kernel.rows == Extent::Batch);
    let strip = Strip { schedule, entry, kernel, arena, row, row_end, panel, block, tile, chunk };
    strip.panel(e, None);
}

/// Emits the function that does a strip's work on one block and sums the next one ([`crate::weave`]).
pub(crate) fn emit_woven(
    e: &mut Emit<'_>,
    params: &[Value],
    schedule: &Schedule,
    (entry, kernel): (&Entry, &Kernel),
    callees: weave::Callees,
) {
    let &[arena, row, panel, block, tile, next, a, b, k] = params else {
        panic!("codegen: a woven strip has nine arguments")
    };
    let Form::Block { products, .. } = &kernel.form else { panic!("codegen: only blocks are woven") };
    let row_end = e.int(weave::BLOCK_BYTES);
    let strip = Strip { schedule, entry, kernel, arena, row, row_end, panel, block, tile, chunk: None };
    let (go_on, rows_at_once) = (products.len() > 1, weave::rows_at_once(entry.chunk));
    strip.panel(e, Some(Weave { callees, next, a, b, k, go_on, rows_at_once }));
}

struct Strip<'a> {
    schedule: &'a Schedule,
    entry: &'a Entry,
    kernel: &'a Kernel,
    arena: Value,
    row: Value,
    row_end: Value,
    panel: Value,
    block: Value,
    tile: Value,
    /// Where the batch is taken in chunks.
    chunk: Option<Chunk>,
}

/// Pointers that are the same for all rows.
struct Bases {
    /// By panel stride, and whether the buffer holds one chunk only.
    element: BTreeMap<(u64, bool), Value>,
    /// By panel stride.
    vector: BTreeMap<u64, Value>,
    /// Of columns, by whether the buffer holds one chunk only.
    column: BTreeMap<bool, Value>,
    tile: Value,
}

/// What is being worked on: which vector of the pair, and the values known so far.
struct Lane {
    /// Byte of the vector, from the first of the pair.
    at: u64,
    values: Vec<Option<Value>>,
}

impl Strip<'_> {
    /// Works on all columns of the panel. What is woven in comes but once.
    fn panel(&self, e: &mut Emit<'_>, weave: Option<Weave>) {
        let step = SIDE_BY_SIDE * e.target.vector_bytes;
        let zero = e.int(0);
        if step >= 128 {
            self.columns(e, zero, weave);
            return;
        }
        let end = e.int(128);
        e.for_range((zero, end, i64::from(step)), &[], |e, at, _| {
            self.columns(e, at, None);
            Vec::new()
        });
        if let Some(weave) = weave {
            weave.product(e);
        }
    }

    /// Works on the pair of vectors at byte `at` of the panel's rows.
    fn columns(&self, e: &mut Emit<'_>, at: Value, weave: Option<Weave>) {
        let bases = self.bases(e, at);
        let width = u64::from(e.target.vector_bytes);
        let n = self.kernel.program.ops.len();
        let mut lanes: Vec<Lane> =
            (0..SIDE_BY_SIDE).map(|j| Lane { at: u64::from(j) * width, values: vec![None; n] }).collect();
        let same = self.same_for_all_rows();
        for lane in &mut lanes {
            for i in (0..n).filter(|&i| same[i]) {
                let value = self.op(e, &bases, lane, LocalId(i as u32), None);
                lane.values[i] = Some(value);
            }
        }
        let sums: Vec<(BufferId, LocalId)> = self.sums().collect();
        if let Some(weave) = weave {
            assert!(sums.is_empty(), "codegen: {} is woven and sums over rows", self.kernel.name);
            let ahead = weave::asks_ahead(self.schedule, self.entry.chunk);
            let streams = if ahead { self.streams(e, &bases) } else { Vec::new() };
            weave.rows(e, &streams, |e, i| {
                self.row(e, (&bases, &mut lanes), &sums, i, &[]);
            });
            return;
        }
        let zero = e.splat(0.0);
        let start = vec![zero; sums.len() * lanes.len()];
        let first = e.int(0);
        let totals = e.for_range((first, self.row_end, 128), &start, |e, i, totals| {
            self.row(e, (&bases, &mut lanes), &sums, i, totals)
        });
        self.store_sums(e, at, &sums, &totals);
    }

    fn row(
        &self,
        e: &mut Emit<'_>,
        (bases, lanes): (&Bases, &mut [Lane]),
        sums: &[(BufferId, LocalId)],
        i: Value,
        totals: &[Value],
    ) -> Vec<Value> {
        let here = self.advance(e, bases, i);
        let mut next = totals.to_vec();
        for (j, lane) in lanes.iter_mut().enumerate() {
            let known = lane.values.clone();
            for op in 0..known.len() {
                if lane.values[op].is_none() {
                    let value = self.op(e, &here, lane, LocalId(op as u32), Some(i));
                    lane.values[op] = Some(value);
                }
            }
            for (s, (_, value)) in sums.iter().enumerate() {
                let k = s * SIDE_BY_SIDE as usize + j;
                next[k] = e.add(next[k], lane.values[value.index()].expect("all operations are done"));
            }
            for store in &self.kernel.program.stores {
                if let StoreTarget::Element(b) = store.target {
                    let buffer = self.schedule.buffer(b);
                    let base = here.element[&(buffer.panel_stride(), buffer.chunked)];
                    let value = lane.values[store.value.index()].expect("all operations are done");
                    e.store(value, base, buffer.offset + lane.at);
                }
            }
            lane.values = known;
        }
        next
    }

    /// Where the block begins in each matrix that is read element by element.
    fn streams(&self, e: &mut Emit<'_>, bases: &Bases) -> Vec<Value> {
        let elements = self.accesses().into_iter().filter(|(_, access)| *access == Access::Element);
        let buffers: BTreeSet<BufferId> = elements.map(|(b, _)| b).collect();
        let stream = |b: BufferId| {
            let buffer = self.schedule.buffer(b);
            e.plus(bases.element[&(buffer.panel_stride(), buffer.chunked)], buffer.offset as i64)
        };
        buffers.into_iter().map(stream).collect()
    }

    fn op(&self, e: &mut Emit<'_>, bases: &Bases, lane: &Lane, op: LocalId, i: Option<Value>) -> Value {
        let program = &self.kernel.program;
        let mut value_of =
            |_: &mut Emit<'_>, x: LocalId| lane.values[x.index()].expect("arguments come first");
        match program.ops[op.index()] {
            Op::Tile => e.load(bases.tile, lane.at),
            Op::Load(b, access) => self.load(e, bases, lane, b, access),
            Op::LoadSum { buffer, rows, access } => {
                let mut sum = self.load(e, bases, lane, buffer, access);
                for r in 1..u64::from(rows) {
                    let next = self.load_row(e, bases, lane, (buffer, r), access);
                    sum = e.add(sum, next);
                }
                sum
            }
            Op::Constant(c) => e.splat(c),
            Op::Random { stream, distribution, cols } => {
                let i = i.expect("random numbers differ by row");
                let index = self.index(e, bases, lane, i, cols);
                let keys = self.schedule.buffer(self.entry.keys.expect("streams have keys"));
                let at = keys.offset + u64::from(stream.0) * 128;
                let k0 = e.load_splat_int(self.arena, at);
                let k1 = e.load_splat_int(self.arena, at + 4);
                element::random(e, distribution, index, (k0, k1))
            }
            Op::Unary(op, x) => {
                let x = value_of(e, x);
                element::unary(e, op, x)
            }
            Op::Binary(op, x, y) => {
                let (x, y) = (value_of(e, x), value_of(e, y));
                element::binary(e, op, x, y)
            }
            Op::Select(c, x, y) => {
                let pair = (value_of(e, x), value_of(e, y));
                element::select(e, program, c, &mut value_of, pair)
            }
            Op::ReduceCols(..) => {
                panic!("codegen: a strip cannot reduce over columns ({})", self.kernel.name)
            }
        }
    }

    fn load(&self, e: &mut Emit<'_>, bases: &Bases, lane: &Lane, b: BufferId, access: Access) -> Value {
        self.load_row(e, bases, lane, (b, 0), access)
    }

    /// As `access` says, `rows` rows further on.
    fn load_row(
        &self,
        e: &mut Emit<'_>,
        bases: &Bases,
        lane: &Lane,
        (b, rows): (BufferId, u64),
        access: Access,
    ) -> Value {
        let buffer = self.schedule.buffer(b);
        let offset = buffer.offset + rows * 128;
        match access {
            Access::Element => {
                e.load(bases.element[&(buffer.panel_stride(), buffer.chunked)], offset + lane.at)
            }
            Access::Row => e.load(bases.vector[&buffer.panel_stride()], offset + lane.at),
            Access::Column => e.load_splat(bases.column[&buffer.chunked], offset),
            Access::Scalar => e.load_splat(self.arena, offset),
        }
    }

    /// `row · cols + col` for each lane.
    fn index(&self, e: &mut Emit<'_>, bases: &Bases, lane: &Lane, i: Value, cols: u32) -> Value {
        let iota = self.schedule.buffer(self.schedule.iota.expect("declared with the states"));
        let columns = e.load(bases.vector[&iota.panel_stride()], iota.offset + lane.at);
        let columns = e.whole_part(columns);
        let row = e.iadd(self.row, i);
        let mut row = e.b.ins().ushr_imm_u(row, 7);
        if let Some(chunk) = &self.chunk {
            row = e.iadd(row, chunk.first);
        }
        let first = e.times(row, i64::from(cols));
        let first = e.b.ins().ireduce(types::I32, first);
        let first = e.b.ins().splat(types::I32X4, first);
        e.iadd(columns, first)
    }

    fn bases(&self, e: &mut Emit<'_>, at: Value) -> Bases {
        let tile = e.iadd(self.tile, at);
        let (element, vector, column) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut bases = Bases { element, vector, column, tile };
        let from = e.iadd(self.arena, at);
        for (b, access) in self.accesses() {
            let buffer = self.schedule.buffer(b);
            let stride = buffer.panel_stride();
            match access {
                Access::Element => {
                    bases.element.entry((stride, buffer.chunked)).or_insert_with(|| {
                        let row = Chunk::row(self.chunk.as_ref(), e, buffer, self.row);
                        let here = e.iadd(from, row);
                        let panels = e.times(self.panel, stride as i64);
                        e.iadd(here, panels)
                    });
                }
                Access::Row => {
                    bases.vector.entry(stride).or_insert_with(|| {
                        let panels = e.times(self.panel, stride as i64);
                        e.iadd(from, panels)
                    });
                }
                Access::Column => {
                    bases.column.entry(buffer.chunked).or_insert_with(|| {
                        let row = Chunk::row(self.chunk.as_ref(), e, buffer, self.row);
                        e.iadd(self.arena, row)
                    });
                }
                Access::Scalar => {}
            }
        }
        bases
    }

    /// Which buffers are loaded or stored, and how.
    fn accesses(&self) -> Vec<(BufferId, Access)> {
        let program = &self.kernel.program;
        let load = |op: &Op| match *op {
            Op::Load(b, access) | Op::LoadSum { buffer: b, access, .. } => Some((b, access)),
            Op::Random { .. } => Some((self.schedule.iota.expect("declared with the states"), Access::Row)),
            Op::Tile
            | Op::Constant(_)
            | Op::Unary(..)
            | Op::Binary(..)
            | Op::Select(..)
            | Op::ReduceCols(..) => None,
        };
        let store = |s: &Store| match s.target {
            StoreTarget::Element(b) => Some((b, Access::Element)),
            StoreTarget::Column(_) | StoreTarget::SumRows(_) => None,
        };
        program.ops.iter().filter_map(load).chain(program.stores.iter().filter_map(store)).collect()
    }

    /// The pointers of one row.
    fn advance(&self, e: &mut Emit<'_>, bases: &Bases, i: Value) -> Bases {
        let element = bases.element.iter().map(|(buffer, base)| (*buffer, e.iadd(*base, i))).collect();
        let column = bases.column.iter().map(|(chunked, base)| (*chunked, e.iadd(*base, i))).collect();
        let tile = e.iadd(bases.tile, i);
        Bases { element, vector: bases.vector.clone(), column, tile }
    }

    /// Operations that give the same for every row of the block.
    fn same_for_all_rows(&self) -> Vec<bool> {
        let ops = &self.kernel.program.ops;
        let mut same = vec![false; ops.len()];
        for (i, op) in ops.iter().enumerate() {
            same[i] = match *op {
                Op::Load(_, access) | Op::LoadSum { access, .. } => {
                    matches!(access, Access::Row | Access::Scalar)
                }
                Op::Constant(_) => true,
                Op::Unary(_, x) => same[x.index()],
                Op::Binary(_, x, y) => same[x.index()] && same[y.index()],
                Op::Select(c, x, y) => same[c.index()] && same[x.index()] && same[y.index()],
                Op::Tile | Op::Random { .. } | Op::ReduceCols(..) => false,
            };
        }
        same
    }

    fn sums(&self) -> impl Iterator<Item = (BufferId, LocalId)> {
        self.kernel.program.stores.iter().filter_map(|s| match s.target {
            StoreTarget::SumRows(b) => Some((b, s.value)),
            StoreTarget::Element(_) | StoreTarget::Column(_) => None,
        })
    }

    fn store_sums(&self, e: &mut Emit<'_>, at: Value, sums: &[(BufferId, LocalId)], totals: &[Value]) {
        if sums.is_empty() {
            return;
        }
        let block = e.times(self.block, 128);
        let from = e.iadd(self.arena, at);
        let from = e.iadd(from, block);
        let width = u64::from(e.target.vector_bytes);
        for (s, (b, _)) in sums.iter().enumerate() {
            let buffer = self.schedule.buffer(*b);
            let panels = e.times(self.panel, buffer.panel_stride() as i64);
            let base = e.iadd(from, panels);
            for j in 0..SIDE_BY_SIDE {
                let total = totals[(s as u32 * SIDE_BY_SIDE + j) as usize];
                e.store(total, base, buffer.offset + u64::from(j) * width);
            }
        }
    }
}
