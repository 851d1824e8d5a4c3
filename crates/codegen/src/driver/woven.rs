//! Blocks whose updates are woven with the next block's product ([`crate::weave`]).

use super::{BLOCK_BYTES, Driver, Span};
use crate::emit::Emit;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{FuncRef, InstBuilder, Value};
use kiln_graph::Extent;
use kiln_schedule::{PANEL_COLS, Product};

impl Driver<'_> {
    /// The whole blocks of a panel, each summed while the one before is worked on; gives the first block
    /// that is left. Where a tile would mostly be padding, all are left.
    pub(super) fn woven(
        &self,
        e: &mut Emit<'_>,
        (panel, blocks): (Value, Span),
        (products, woven): (&[Product], FuncRef),
    ) -> Value {
        let (last, earlier) = products.split_last().expect("only products are woven");
        let end = self.end_of_whole(e, panel, blocks);
        let some = e.b.ins().isub(end, blocks.0);
        e.if_positive(some, |e| {
            let (zero, whole) = (e.int(0), e.int(i64::from(PANEL_COLS)));
            let rows = (zero, self.rows_of_batch);
            let first = self.place_in_turn(e, blocks.0);
            self.sum_block(e, products, (panel, blocks.0, whole), rows, (first, zero));
            let second = e.plus(blocks.0, 1);
            e.for_range((second, end, 1), &[], |e, block, _| {
                let before = e.plus(block, -1);
                let (tile, next) = (self.place_in_turn(e, before), self.place_in_turn(e, block));
                self.sum_block(e, earlier, (panel, block, whole), rows, (next, zero));
                let (a, b, k) = self.operands(e, last, (panel, block), rows);
                let row = e.times(before, BLOCK_BYTES);
                e.call(woven, &[self.arena, row, panel, before, tile, next, a, b, k]);
                self.transposed_blocks(e, panel, before);
                Vec::new()
            });
            let last = e.plus(end, -1);
            let (row, tile) = (e.times(last, BLOCK_BYTES), self.place_in_turn(e, last));
            self.program(e, row, whole, (panel, last), tile);
            self.transposed_blocks(e, panel, last);
        });
        end
    }

    /// The end of a panel's blocks of 32 rows by 32 columns; the first block where it is half a panel.
    fn end_of_whole(&self, e: &mut Emit<'_>, panel: Value, blocks: Span) -> Value {
        let Extent::Fixed(rows) = self.kernel.rows else {
            panic!("codegen: {} has a block of the batch's rows", self.kernel.name)
        };
        let whole = e.int(i64::from(rows / PANEL_COLS));
        let end = e.smaller(blocks.1, whole);
        let half_panels = self.half_panels(e, panel);
        let is_half = e.b.ins().icmp_imm_s(IntCC::Equal, half_panels, 1);
        e.b.ins().select(is_half, blocks.0, end)
    }

    /// Two places in turn.
    fn place_in_turn(&self, e: &mut Emit<'_>, block: Value) -> Value {
        let parity = e.b.ins().band_imm_u(block, 1);
        let at = e.times(parity, BLOCK_BYTES);
        e.iadd(self.scratch, at)
    }
}
