//! One kernel on its own: operations, accesses, products, tasks.

use super::{Fault, Report, Violation};
use crate::buffer::{Buffer, BufferId, PANEL_COLS};
use crate::kernel::{
    Access, CopyPart, Entry, Form, Kernel, KernelId, LocalId, Op, Product, Schedule, StoreTarget,
};
use kiln_graph::Extent;

pub(super) fn check(schedule: &Schedule, entry: &Entry, id: KernelId, found: &mut Vec<Violation>) {
    let kernel = &entry.kernels[id.index()];
    let rows = rows_at(kernel.rows, entry);
    let mut check = Check { schedule, entry, kernel, rows, report: Report { entry, kernel: id, found } };
    check.operations();
    check.stores();
    check.form();
    check.transposes();
    check.grid();
}

fn rows_at(extent: Extent, entry: &Entry) -> u32 {
    match extent {
        Extent::Batch => entry.chunk,
        Extent::Fixed(n) => n,
    }
}

struct Check<'a> {
    schedule: &'a Schedule,
    entry: &'a Entry,
    kernel: &'a Kernel,
    /// Rows of its space in a whole chunk.
    rows: u32,
    report: Report<'a>,
}

impl<'a> Check<'a> {
    fn buffer(&self, b: BufferId) -> &'a Buffer {
        self.schedule.buffer(b)
    }

    /// The buffer has room for so many rows of the space; for all chunks, unless it holds one at a time.
    fn has_rows(&self, b: BufferId, rows: u32, extent: Extent) -> bool {
        let buffer = self.buffer(b);
        let all = extent == Extent::Batch && rows == self.entry.chunk && !buffer.chunked;
        buffer.rows >= if all { self.entry.batch } else { rows }
    }

    fn operations(&mut self) {
        for (at, op) in self.kernel.program.ops.iter().enumerate() {
            for reads in arguments(op) {
                self.report.unless(reads.index() < at, Fault::Forward { at, reads });
            }
            match *op {
                Op::Tile => {
                    let has = !products(&self.kernel.form).is_empty();
                    self.report.unless(has, Fault::TileWithoutProduct);
                }
                Op::Load(b, access) => self.access(b, access, self.rows),
                // A sum walks the buffer's rows itself: only its columns matter.
                Op::LoadSum { buffer, access, .. } => self.access(buffer, access, 1),
                Op::Random { stream, cols, .. } => {
                    let key = self.entry.keys.is_some_and(|k| stream.0 < self.buffer(k).rows);
                    self.report.unless(key && cols == self.kernel.cols, Fault::Random(stream));
                }
                Op::ReduceCols(..) => {
                    self.report.unless(self.sees_rows(), Fault::PartOfRow(LocalId(at as u32)));
                }
                Op::Constant(_) | Op::Unary(..) | Op::Binary(..) | Op::Select(..) => {}
            }
        }
    }

    fn sees_rows(&self) -> bool {
        match self.kernel.form {
            Form::Rows => true,
            Form::MatMul { .. } | Form::Map => self.kernel.cols <= PANEL_COLS,
            Form::Gather { .. } | Form::Block { .. } | Form::Copy { .. } => false,
        }
    }

    fn access(&mut self, b: BufferId, access: Access, rows: u32) {
        let buffer = self.buffer(b);
        let as_wide = buffer.cols == self.kernel.cols;
        let fits = match access {
            Access::Element => as_wide && self.has_rows(b, rows, self.kernel.rows),
            // The column numbers are as long as the widest kernel.
            Access::Row if self.schedule.iota == Some(b) => buffer.cols >= self.kernel.cols,
            Access::Row => as_wide,
            Access::Column => buffer.cols == 1 && self.has_rows(b, rows, self.kernel.rows),
            Access::Scalar => buffer.cols == 1,
        };
        self.report.unless(fits, Fault::Access(b, access));
    }

    fn stores(&mut self) {
        let at = self.kernel.program.ops.len();
        for store in &self.kernel.program.stores {
            self.report.unless(store.value.index() < at, Fault::Forward { at, reads: store.value });
            let buffer = self.buffer(store.target.buffer());
            let as_wide = buffer.cols == self.kernel.cols;
            let fits = match store.target {
                StoreTarget::Element(b) => as_wide && self.has_rows(b, self.rows, self.kernel.rows),
                StoreTarget::Column(b) => {
                    self.sees_rows() && buffer.cols == 1 && self.has_rows(b, self.rows, self.kernel.rows)
                }
                StoreTarget::SumRows(_) => {
                    let narrow = self.sees_rows() && buffer.cols == 1;
                    let chunks = if self.kernel.rows == Extent::Batch { self.entry.chunks() } else { 1 };
                    (as_wide || narrow) && buffer.rows == self.kernel.tasks.blocks * chunks
                }
            };
            self.report.unless(fits, Fault::Store(store.target));
        }
    }

    fn form(&mut self) {
        match &self.kernel.form {
            Form::Gather { field } => {
                let b = self.entry.inputs[*field as usize].buffer;
                let fits = self.fits(b) && self.kernel.rows == Extent::Batch;
                self.report.unless(fits, Fault::Gather(b));
            }
            Form::MatMul { products, tile } => {
                self.products(products, false);
                let is_read = self.kernel.reads().contains(tile);
                self.report.unless(self.fits(*tile) && !is_read, Fault::Tile(*tile));
            }
            Form::Block { products, sum } => {
                self.products(products, true);
                if let Some(sum) = *sum {
                    let buffer = self.buffer(sum);
                    let room = buffer.rows >= self.rows.next_multiple_of(PANEL_COLS);
                    let bare =
                        self.kernel.program == crate::Program::default() && self.kernel.transposes.is_empty();
                    self.report.unless(room && bare && buffer.cols == self.kernel.cols, Fault::Tile(sum));
                }
            }
            Form::Copy { parts, to } => self.copy(parts, *to),
            Form::Map | Form::Rows => {}
        }
    }

    /// The buffer is as wide as the kernel and has room for all of its rows.
    fn fits(&self, b: BufferId) -> bool {
        self.buffer(b).cols == self.kernel.cols && self.has_rows(b, self.rows, self.kernel.rows)
    }

    /// Each is stored, and copied to a buffer of its own with a column for each of its rows.
    fn transposes(&mut self) {
        for (i, &(from, to)) in self.kernel.transposes.iter().enumerate() {
            let own = self.kernel.transposes[..i].iter().all(|earlier| earlier.1 != to);
            let stored = self.kernel.program.stores.iter().any(|s| s.target == StoreTarget::Element(from));
            let raw = matches!(self.kernel.form, Form::MatMul { tile, .. } if tile == from);
            let fits = match self.kernel.rows {
                Extent::Batch => self.transposes_batch(from, to),
                Extent::Fixed(rows) => self.transposes_state(from, to, rows),
            };
            self.report.unless(own && (stored || raw) && fits, Fault::Transpose(from, to));
        }
    }

    /// Rows of the whole batch.
    fn transposes_batch(&self, from: BufferId, to: BufferId) -> bool {
        let (plain, turned) = (self.buffer(from), self.buffer(to));
        let room = turned.rows >= plain.cols.next_multiple_of(PANEL_COLS);
        room && turned.cols == self.entry.batch && self.entry.chunks() == 1
    }

    /// Whole 32×32 blocks are copied, so both have room for whole blocks of rows.
    fn transposes_state(&self, from: BufferId, to: BufferId, rows: u32) -> bool {
        let (plain, turned) = (self.buffer(from), self.buffer(to));
        let room = |has: u32, needs: u32| has >= needs.next_multiple_of(PANEL_COLS);
        let blocks = matches!(self.kernel.form, Form::Block { .. });
        blocks && room(plain.rows, rows) && room(turned.rows, plain.cols) && turned.cols == rows
    }

    /// `[k, R]` and `[n, k]`, and all of a kernel's products or none.
    fn turned(&mut self, products: &[Product]) {
        let tasks = self.kernel.tasks;
        let cut = tasks.row_block.is_multiple_of(PANEL_COLS) || tasks.blocks == 1;
        for (index, p) in products.iter().enumerate() {
            let (a, b) = (self.buffer(p.a), self.buffer(p.b));
            let inner = rows_at(p.inner, self.entry);
            let left = a.rows >= inner && a.cols == self.entry.batch && self.kernel.rows == Extent::Batch;
            let right = b.rows >= self.kernel.cols && b.cols == inner && p.inner != Extent::Batch;
            let whole = self.entry.chunks() == 1;
            self.report.unless(p.turned && left && right && cut && whole, Fault::Product { index });
        }
    }

    fn products(&mut self, products: &[Product], transposed: bool) {
        if products.iter().any(|p| p.turned) && !transposed {
            return self.turned(products);
        }
        for (index, p) in products.iter().enumerate() {
            self.report.unless(!p.turned, Fault::Product { index });
            let (a, b) = (self.buffer(p.a), self.buffer(p.b));
            let inner = rows_at(p.inner, self.entry);
            let left = match transposed {
                true => self.has_rows(p.a, inner, p.inner) && a.cols == self.rows,
                false => a.cols == inner && self.has_rows(p.a, self.rows, self.kernel.rows),
            };
            let right = self.has_rows(p.b, inner, p.inner) && b.cols == self.kernel.cols;
            // Blocks of the batch's rows would have as many columns as the batch has rows.
            let extents =
                if transposed { self.kernel.rows != Extent::Batch } else { p.inner != Extent::Batch };
            self.report.unless(left && right && extents, Fault::Product { index });
        }
    }

    fn copy(&mut self, parts: &[CopyPart], to: BufferId) {
        let mut next = 0;
        let mut fits = self.fits(to);
        for part in parts {
            let from = self.buffer(part.from);
            let end = u64::from(part.from_col) + u64::from(part.cols);
            let rows = self.has_rows(part.from, self.rows, self.kernel.rows);
            fits &= part.to_col == next && end <= u64::from(from.cols) && rows;
            next = part.to_col.saturating_add(part.cols);
        }
        let elements = !self.kernel.program.ops.is_empty() || !self.kernel.program.stores.is_empty();
        self.report.unless(fits && next == self.kernel.cols && !elements, Fault::Copy(to));
    }

    fn grid(&mut self) {
        let t = self.kernel.tasks;
        let counted = [t.row_block, t.blocks_per_task, t.panels_per_task].iter().all(|&n| n > 0);
        let covers =
            counted && t.blocks == self.rows.div_ceil(t.row_block) && t.panels == self.kernel.panels();
        let whole_rows = t.panels_per_task >= t.panels;
        let suits = match self.kernel.form {
            Form::Block { .. } => t.row_block == PANEL_COLS,
            Form::Rows | Form::Gather { .. } | Form::Copy { .. } => whole_rows,
            Form::MatMul { .. } | Form::Map => true,
        };
        self.report.unless(covers && suits, Fault::Grid);
    }
}

fn products(form: &Form) -> &[Product] {
    match form {
        Form::MatMul { products, .. } | Form::Block { products, .. } => products,
        Form::Gather { .. } | Form::Map | Form::Rows | Form::Copy { .. } => &[],
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
