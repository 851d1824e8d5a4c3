//! Products taken the other way round, and the transposed copies that they read.
//!
//! `C = A · Bᵀ = (B · Aᵀ)ᵀ` where B is a parameter: it is read as it lies, and what is transposed is the
//! batch's side, which is smaller. Whoever makes A copies it transposed block by block; the product's own
//! blocks of 32 by 32 are turned on their way from the worker's scratch memory to C. Each sum is taken in the
//! order of `A · B`, so both ways give the same bits.

use super::{BLOCK_BYTES, Driver, Span};
use crate::emit::Emit;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value};
use kiln_graph::Extent;
use kiln_schedule::{PANEL_COLS, Product};

impl Driver<'_> {
    /// `c = (Σ b · aᵀ)ᵀ`: 32 rows of the batch at a time, which are the columns of a panel of A's copy.
    pub(super) fn turned_products(
        &self,
        e: &mut Emit<'_>,
        products: &[Product],
        panel: Value,
        (first, n): Span,
        c: Value,
    ) {
        let cols = self.columns(e, self.kernel.cols, panel);
        by_32_rows(e, (first, n), |e, row, in_panel, rows| {
            let (zero, one, two, half) = (e.int(0), e.int(1), e.int(2), e.int(16));
            let end = e.iadd(in_panel, rows);
            let is_narrow = e.b.ins().icmp(IntCC::SignedLessThanOrEqual, end, half);
            let half_panels = e.b.ins().select(is_narrow, one, two);
            let panel_of_rows = e.b.ins().ushr_imm_u(row, 5);
            for (i, p) in products.iter().enumerate() {
                let Extent::Fixed(k) = p.inner else {
                    panic!("codegen: {} sums over the batch", self.kernel.name)
                };
                let (k, go_on) = (e.int(i64::from(k)), e.int(i64::from(i > 0)));
                let rows_of_b = e.times(panel, BLOCK_BYTES);
                let b = self.address(e, p.b, zero, rows_of_b);
                let stride = e.int(self.schedule.buffer(p.b).panel_stride() as i64);
                let a = self.address(e, p.a, panel_of_rows, zero);
                e.call(self.callees.matmul_nn, &[cols, half_panels, k, b, stride, a, self.scratch, go_on]);
            }
            let column = e.times(in_panel, 4);
            let from = e.iadd(self.scratch, column);
            let done = e.b.ins().isub(row, first);
            let done = e.times(done, 128);
            let to = e.iadd(c, done);
            e.call(self.callees.transpose_part, &[cols, rows, from, to]);
        });
    }

    /// Transposed copies of some rows of the batch and some panels.
    pub(super) fn transposed_rows(&self, e: &mut Emit<'_>, panels: Span, rows: Span) {
        for &(from, to) in &self.kernel.transposes {
            e.for_range((panels.0, panels.1, 1), &[], |e, panel, _| {
                let cols = self.columns(e, self.schedule.buffer(from).cols, panel);
                by_32_rows(e, rows, |e, row, in_panel, rows| {
                    let at = e.times(row, 128);
                    let source = self.address(e, from, panel, at);
                    let panel_of_rows = e.b.ins().ushr_imm_u(row, 5);
                    let at = e.times(panel, BLOCK_BYTES);
                    let target = self.address(e, to, panel_of_rows, at);
                    let column = e.times(in_panel, 4);
                    let target = e.iadd(target, column);
                    e.call(self.callees.transpose_part, &[rows, cols, source, target]);
                });
                Vec::new()
            });
        }
    }

    /// Columns of a panel of a matrix of so many.
    fn columns(&self, e: &mut Emit<'_>, cols: u32, panel: Value) -> Value {
        let (cols, whole) = (e.int(i64::from(cols)), e.int(i64::from(PANEL_COLS)));
        let before = e.times(panel, i64::from(PANEL_COLS));
        let left = e.b.ins().isub(cols, before);
        e.smaller(left, whole)
    }
}

/// Cuts `n` rows from `first` on where multiples of 32 are: body(row, its place in its 32, rows). Of no rows
/// there may be one piece, of none.
fn by_32_rows(e: &mut Emit<'_>, (first, n): Span, body: impl FnOnce(&mut Emit<'_>, Value, Value, Value)) {
    let end = e.iadd(first, n);
    let begin = e.b.ins().band_imm_s(first, -i64::from(PANEL_COLS));
    e.for_range((begin, end, i64::from(PANEL_COLS)), &[], |e, of_32, _| {
        let row = e.larger(of_32, first);
        let after = e.plus(of_32, i64::from(PANEL_COLS));
        let after = e.smaller(after, end);
        let rows = e.b.ins().isub(after, row);
        let in_panel = e.b.ins().isub(row, of_32);
        body(e, row, in_panel, rows);
        Vec::new()
    });
}
