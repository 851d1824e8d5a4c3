//! Row kernels: a program on a block of rows, row by row, with reductions over columns.
//!
//! The ABI is the strip's ([`crate::strip`]), but for `panel`, which is 64 bytes and more of
//! scratch memory of the worker (reductions pass through it).
//!
//! ```text
//! for each row:
//!     for each depth of reductions:
//!         values of the row that are known by now
//!         for each panel: what the reductions of this depth read, lane by lane in 16 sums
//!         the 16 lanes to one number
//!     for each panel: everything once more, and the stores
//! ```
//!
//! Elements are computed anew in each pass: a row of one panel, the common case, stays in
//! registers, and a wider row costs less to compute again than to keep.

use crate::chunk::Chunk;
use crate::element;
use crate::emit::Emit;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use kiln_graph::{Extent, ReduceOp};
use kiln_schedule::{Access, BufferId, Entry, Kernel, LocalId, Op, Schedule, StoreTarget};

/// Lanes in which a row is summed, at any vector width, so that the order is always the same.
const SUM_LANES: u32 = 16;

/// Emits a row kernel's function.
pub(crate) fn emit(e: &mut Emit<'_>, params: &[Value], schedule: &Schedule, entry: &Entry, kernel: &Kernel) {
    let &[arena, row, rows, scratch, block, tile] = params else {
        panic!("codegen: a row kernel has six arguments")
    };
    let shape = Shape::of(&kernel.program.ops);
    let chunk = Chunk::at_hand(e, (schedule, entry), kernel, arena).filter(|_| kernel.rows == Extent::Batch);
    let rk = RowKernel { schedule, entry, kernel, shape, arena, row, scratch, block, tile, chunk };
    rk.clear_sums(e);
    let zero = e.int(0);
    let end = e.times(rows, 128);
    e.for_range((zero, end, 128), &[], |e, i, _| {
        rk.row(e, i);
        Vec::new()
    });
}

/// Which operations give one value a row, and how many reductions each has behind it.
struct Shape {
    is_column: Vec<bool>,
    depth: Vec<u32>,
    deepest: u32,
}

impl Shape {
    fn of(ops: &[Op]) -> Shape {
        let mut is_column = vec![false; ops.len()];
        let mut depth = vec![0; ops.len()];
        for (i, op) in ops.iter().enumerate() {
            let args: Vec<usize> = arguments(op).into_iter().map(LocalId::index).collect();
            let deepest = args.iter().map(|&a| depth[a]).max().unwrap_or(0);
            let columns = args.iter().all(|&a| is_column[a]);
            (is_column[i], depth[i]) = match op {
                Op::ReduceCols(..) => (true, deepest + 1),
                Op::Load(_, access) | Op::LoadSum { access, .. } => {
                    (matches!(access, Access::Column | Access::Scalar), 0)
                }
                Op::Constant(_) => (true, 0),
                Op::Tile | Op::Random { .. } => (false, 0),
                Op::Unary(..) | Op::Binary(..) | Op::Select(..) => (columns, deepest),
            };
        }
        let deepest = depth.iter().copied().max().unwrap_or(0);
        Shape { is_column, depth, deepest }
    }
}

fn arguments(op: &Op) -> Vec<LocalId> {
    match *op {
        Op::Unary(_, x) | Op::ReduceCols(_, x) => vec![x],
        Op::Binary(_, x, y) => vec![x, y],
        Op::Select(c, x, y) => vec![c, x, y],
        Op::Tile | Op::Load(..) | Op::LoadSum { .. } | Op::Constant(_) | Op::Random { .. } => Vec::new(),
    }
}

struct RowKernel<'a> {
    schedule: &'a Schedule,
    entry: &'a Entry,
    kernel: &'a Kernel,
    shape: Shape,
    arena: Value,
    row: Value,
    scratch: Value,
    block: Value,
    tile: Value,
    /// Where the batch is taken in chunks.
    chunk: Option<Chunk>,
}

/// What is done with each panel: with the values known, its number and what is carried on.
type PanelBody<'b> = dyn FnMut(&mut Emit<'_>, &mut Known, Value, &[Value]) -> Vec<Value> + 'b;

/// A place in the row: byte of the row in each panel, the panel, and the vector in the panel.
#[derive(Clone, Copy)]
struct Place {
    /// 128 · the row.
    row: Value,
    /// 128 · the row within the block.
    in_block: Value,
    panel: Value,
    vector: u32,
}

/// Values known in one pass: columns for the whole row, elements for each vector of the panel.
struct Known {
    columns: Vec<Option<Value>>,
    elements: Vec<Vec<Option<Value>>>,
}

impl RowKernel<'_> {
    fn row(&self, e: &mut Emit<'_>, in_block: Value) {
        let row = e.iadd(self.row, in_block);
        let n = self.kernel.program.ops.len();
        let vectors = self.vectors(e) as usize;
        let mut known = Known { columns: vec![None; n], elements: vec![vec![None; n]; vectors] };
        let here = |panel, vector| Place { row, in_block, panel, vector };
        for depth in 0..=self.shape.deepest {
            self.columns_of_depth(e, &mut known, depth, here(self.arena, 0));
            if depth < self.shape.deepest {
                self.reduce_pass(e, &mut known, depth, &here);
            }
        }
        self.store_pass(e, &mut known, &here);
        self.store_columns(e, &known, row);
    }

    /// Vectors of a panel that hold columns.
    fn vectors(&self, e: &Emit<'_>) -> u32 {
        let lanes = e.target.lanes();
        if self.kernel.panels() == 1 { self.kernel.cols.div_ceil(lanes) } else { 32 / lanes }
    }

    fn columns_of_depth(&self, e: &mut Emit<'_>, known: &mut Known, depth: u32, place: Place) {
        for i in 0..self.kernel.program.ops.len() {
            let reduces = matches!(self.kernel.program.ops[i], Op::ReduceCols(..));
            if self.shape.is_column[i] && self.shape.depth[i] == depth && !reduces {
                let value = self.compute(e, known, LocalId(i as u32), place);
                known.columns[i] = Some(value);
            }
        }
    }

    /// Computes the reductions whose arguments have this depth.
    fn reduce_pass(
        &self,
        e: &mut Emit<'_>,
        known: &mut Known,
        depth: u32,
        here: &dyn Fn(Value, u32) -> Place,
    ) {
        let reductions: Vec<(usize, ReduceOp, LocalId)> = self
            .kernel
            .program
            .ops
            .iter()
            .enumerate()
            .filter_map(|(i, op)| match *op {
                Op::ReduceCols(op, x) if self.shape.depth[x.index()] == depth => Some((i, op, x)),
                _ => None,
            })
            .collect();
        let parts = (SUM_LANES / e.target.lanes()) as usize;
        let start: Vec<Value> =
            reductions.iter().flat_map(|r| vec![element::identity(r.1); parts]).map(|x| e.splat(x)).collect();
        let totals = self.over_panels(e, known, &start, &mut |e, known, panel, totals| {
            let mut next = totals.to_vec();
            for vector in 0..self.vectors(e) {
                let place = here(panel, vector);
                for (r, &(_, op, x)) in reductions.iter().enumerate() {
                    let value = self.value(e, known, x, place);
                    let value = self.masked(e, value, op, place);
                    let k = r * parts + vector as usize % parts;
                    next[k] = element::reduce(e, op, next[k], value);
                }
            }
            next
        });
        for (r, &(i, op, _)) in reductions.iter().enumerate() {
            known.columns[i] = Some(self.horizontal(e, op, &totals[r * parts..(r + 1) * parts]));
        }
    }

    /// Everything that is stored by element, and the sums over rows.
    fn store_pass(&self, e: &mut Emit<'_>, known: &mut Known, here: &dyn Fn(Value, u32) -> Place) {
        self.over_panels(e, known, &[], &mut |e, known, panel, _| {
            for vector in 0..self.vectors(e) {
                let place = here(panel, vector);
                let values: Vec<Value> =
                    self.kernel.program.stores.iter().map(|s| self.value(e, known, s.value, place)).collect();
                for (store, value) in self.kernel.program.stores.iter().zip(values) {
                    self.store(e, store.target, value, place);
                }
            }
            Vec::new()
        });
    }

    fn store(&self, e: &mut Emit<'_>, target: StoreTarget, value: Value, place: Place) {
        match target {
            StoreTarget::Element(b) => {
                let row = self.row_in(e, b, place.row);
                let (base, offset) = self.element(e, b, Place { row, ..place });
                e.store(value, base, offset);
            }
            StoreTarget::SumRows(b) if self.schedule.buffer(b).cols == self.kernel.cols => {
                let block = e.times(self.block, 128);
                let (base, offset) = self.element(e, b, Place { row: block, ..place });
                let sum = e.load(base, offset);
                let sum = e.add(sum, value);
                e.store(sum, base, offset);
            }
            StoreTarget::SumRows(_) | StoreTarget::Column(_) => {}
        }
    }

    /// What has one value a row.
    fn store_columns(&self, e: &mut Emit<'_>, known: &Known, row: Value) {
        for store in &self.kernel.program.stores {
            let value = known.columns[store.value.index()];
            match store.target {
                StoreTarget::Column(b) => {
                    let row = self.row_in(e, b, row);
                    let at = e.iadd(self.arena, row);
                    let value = value.expect("columns are known by now");
                    e.store(value, at, self.schedule.buffer(b).offset);
                }
                StoreTarget::SumRows(b) if self.schedule.buffer(b).cols != self.kernel.cols => {
                    let block = e.times(self.block, 128);
                    let at = e.iadd(self.arena, block);
                    let offset = self.schedule.buffer(b).offset;
                    let sum = e.load(at, offset);
                    let sum = e.add(sum, value.expect("columns are known by now"));
                    e.store(sum, at, offset);
                }
                StoreTarget::SumRows(_) | StoreTarget::Element(_) => {}
            }
        }
    }

    /// Runs `body` for each panel. A single panel keeps its elements for the passes to come.
    fn over_panels(
        &self,
        e: &mut Emit<'_>,
        known: &mut Known,
        start: &[Value],
        body: &mut PanelBody<'_>,
    ) -> Vec<Value> {
        let zero = e.int(0);
        if self.kernel.panels() == 1 {
            return body(e, known, zero, start);
        }
        let end = e.int(i64::from(self.kernel.panels()));
        let totals = e.for_range((zero, end, 1), start, |e, panel, totals| {
            known.forget_elements();
            body(e, known, panel, totals)
        });
        known.forget_elements();
        totals
    }

    fn value(&self, e: &mut Emit<'_>, known: &mut Known, x: LocalId, place: Place) -> Value {
        let i = x.index();
        let found =
            if self.shape.is_column[i] { known.columns[i] } else { known.elements[place.vector as usize][i] };
        if let Some(value) = found {
            return value;
        }
        // Arguments first, in order: a program may be long, so no recursion through it.
        for j in self.needed(known, x, place) {
            let value = self.compute(e, known, LocalId(j as u32), place);
            known.elements[place.vector as usize][j] = Some(value);
        }
        known.elements[place.vector as usize][i].expect("the last of what was needed")
    }

    /// Element operations behind `x` (and itself) that are not known yet, arguments first.
    fn needed(&self, known: &Known, x: LocalId, place: Place) -> Vec<usize> {
        let ops = &self.kernel.program.ops;
        let mut wanted = vec![false; x.index() + 1];
        wanted[x.index()] = true;
        for i in (0..=x.index()).rev().filter(|&i| !self.shape.is_column[i]) {
            if wanted[i] && known.elements[place.vector as usize][i].is_none() {
                arguments(&ops[i]).iter().for_each(|a| wanted[a.index()] = true);
            } else {
                wanted[i] = false;
            }
        }
        (0..=x.index()).filter(|&i| wanted[i] && !self.shape.is_column[i]).collect()
    }

    fn compute(&self, e: &mut Emit<'_>, known: &Known, x: LocalId, place: Place) -> Value {
        let program = &self.kernel.program;
        let mut value_of = |_: &mut Emit<'_>, x: LocalId| {
            let i = x.index();
            let column = self.shape.is_column[i];
            let value = if column { known.columns[i] } else { known.elements[place.vector as usize][i] };
            value.expect("arguments come first")
        };
        match program.ops[x.index()] {
            Op::Tile => {
                let at = e.iadd(self.tile, place.in_block);
                e.load(at, u64::from(place.vector * e.target.vector_bytes))
            }
            Op::Load(b, access) => self.load(e, (b, 0), access, place),
            Op::LoadSum { buffer, rows, access } => self.load_sum(e, buffer, rows, access, place),
            Op::Constant(c) => e.splat(c),
            Op::Random { stream, distribution, cols } => {
                let index = self.index(e, place, cols);
                let keys = self.schedule.buffer(self.entry.keys.expect("streams have keys"));
                let at = keys.offset + u64::from(stream.0) * 128;
                let (k0, k1) = (e.load_splat_int(self.arena, at), e.load_splat_int(self.arena, at + 4));
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
            Op::ReduceCols(..) => unreachable!("reductions have a pass of their own"),
        }
    }

    fn load(&self, e: &mut Emit<'_>, (b, further): (BufferId, u64), access: Access, place: Place) -> Value {
        let buffer = self.schedule.buffer(b);
        match access {
            Access::Element => {
                let row = self.row_in(e, b, place.row);
                let (base, offset) = self.element(e, b, Place { row, ..place });
                e.load(base, offset + further * 128)
            }
            Access::Row => {
                let zero = e.int(0);
                let (base, offset) = self.element(e, b, Place { row: zero, ..place });
                e.load(base, offset + further * 128)
            }
            Access::Column => {
                let row = self.row_in(e, b, place.row);
                let at = e.iadd(self.arena, row);
                e.load_splat(at, buffer.offset + further * 128)
            }
            Access::Scalar => e.load_splat(self.arena, buffer.offset + further * 128),
        }
    }

    /// The sum of partial sums, in order.
    fn load_sum(&self, e: &mut Emit<'_>, b: BufferId, rows: u32, access: Access, place: Place) -> Value {
        let first = self.load(e, (b, 0), access, place);
        let (from, to) = (e.int(128), e.int(i64::from(rows) * 128));
        let sum = e.for_range((from, to, 128), &[first], |e, row, sum| {
            let (base, offset) = match access {
                Access::Element | Access::Row => self.element(e, b, Place { row, ..place }),
                Access::Column | Access::Scalar => (e.iadd(self.arena, row), self.schedule.buffer(b).offset),
            };
            let next = match access {
                Access::Element | Access::Row => e.load(base, offset),
                Access::Column | Access::Scalar => e.load_splat(base, offset),
            };
            vec![e.add(sum[0], next)]
        });
        sum[0]
    }

    /// 128 · the row in a buffer of rows of the batch.
    fn row_in(&self, e: &mut Emit<'_>, b: BufferId, row: Value) -> Value {
        Chunk::row(self.chunk.as_ref(), e, self.schedule.buffer(b), row)
    }

    /// Base and offset of the vector at a place.
    fn element(&self, e: &mut Emit<'_>, b: BufferId, place: Place) -> (Value, u64) {
        let buffer = self.schedule.buffer(b);
        let mut base = e.iadd(self.arena, place.row);
        if self.kernel.panels() > 1 {
            let panels = e.times(place.panel, buffer.panel_stride() as i64);
            base = e.iadd(base, panels);
        }
        (base, buffer.offset + u64::from(place.vector * e.target.vector_bytes))
    }

    /// `row · cols + col` for each lane.
    fn index(&self, e: &mut Emit<'_>, place: Place, cols: u32) -> Value {
        let columns =
            self.load(e, (self.schedule.iota.expect("declared with the states"), 0), Access::Row, place);
        let columns = e.whole_part(columns);
        let mut row = e.b.ins().ushr_imm_u(place.row, 7);
        if let Some(chunk) = &self.chunk {
            row = e.iadd(row, chunk.first);
        }
        let first = e.times(row, i64::from(cols));
        let first = e.b.ins().ireduce(types::I32, first);
        let first = e.b.ins().splat(types::I32X4, first);
        e.iadd(columns, first)
    }

    /// Padding columns count as nothing.
    fn masked(&self, e: &mut Emit<'_>, value: Value, op: ReduceOp, place: Place) -> Value {
        if self.kernel.cols.is_multiple_of(32) {
            return value;
        }
        let iota =
            self.load(e, (self.schedule.iota.expect("declared with the states"), 0), Access::Row, place);
        let cols = e.splat(self.kernel.cols as f32);
        let inside = e.greater(cols, iota);
        let nothing = e.splat(element::identity(op));
        e.select(inside, value, nothing)
    }

    /// Sixteen lanes to one number, in all lanes: through memory, since nothing else crosses lanes.
    fn horizontal(&self, e: &mut Emit<'_>, op: ReduceOp, parts: &[Value]) -> Value {
        let width = u64::from(e.target.vector_bytes);
        for (j, &part) in parts.iter().enumerate() {
            e.store(part, self.scratch, j as u64 * width);
        }
        let mut lanes: Vec<Value> =
            (0..SUM_LANES).map(|l| e.load_splat(self.scratch, u64::from(l) * 4)).collect();
        while lanes.len() > 1 {
            lanes = lanes.chunks(2).map(|pair| element::reduce(e, op, pair[0], pair[1])).collect();
        }
        lanes[0]
    }

    fn clear_sums(&self, e: &mut Emit<'_>) {
        let block = e.times(self.block, 128);
        for store in &self.kernel.program.stores {
            let StoreTarget::SumRows(b) = store.target else { continue };
            let buffer = self.schedule.buffer(b);
            let zero = e.splat(0.0);
            let (from, to) = (e.int(0), e.int(buffer.bytes() as i64));
            let row = e.iadd(self.arena, block);
            e.for_range((from, to, buffer.panel_stride() as i64), &[], |e, panel, _| {
                let at = e.iadd(row, panel);
                for j in 0..128 / e.target.vector_bytes {
                    e.store(zero, at, buffer.offset + u64::from(j * e.target.vector_bytes));
                }
                Vec::new()
            });
        }
    }
}

impl Known {
    fn forget_elements(&mut self) {
        self.elements.iter_mut().for_each(|v| v.iter_mut().for_each(|x| *x = None));
    }
}
