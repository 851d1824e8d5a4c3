//! The chunk at hand: where a kernel that goes through the batch is in it.
//!
//! In: an entry that takes its batch in chunks, and the arena, which holds the number of the chunk.
//! Out: how far the rows of the chunk are into buffers that hold all rows of the batch.

use crate::emit::Emit;
use cranelift_codegen::ir::Value;
use kiln_schedule::{Buffer, Entry, Kernel, Schedule};

/// Where the chunk is.
pub(crate) struct Chunk {
    /// Its number.
    pub(crate) index: Value,
    /// The number of its first row.
    pub(crate) first: Value,
    /// 128 times that: how far it is into each panel.
    row: Value,
}

impl Chunk {
    /// `None` where the batch is taken whole, or the kernel does not go through it.
    pub(crate) fn at_hand(
        e: &mut Emit<'_>,
        (schedule, entry): (&Schedule, &Entry),
        kernel: &Kernel,
        arena: Value,
    ) -> Option<Chunk> {
        let place = entry.chunk_index.filter(|_| kernel.walks_batch())?;
        let index = e.load_index(arena, schedule.buffer(place).offset);
        let first = e.times(index, i64::from(entry.chunk));
        Some(Chunk { index, first, row: e.times(first, 128) })
    }

    /// From a row of the chunk to the buffer's.
    pub(crate) fn row(chunk: Option<&Chunk>, e: &mut Emit<'_>, buffer: &Buffer, row: Value) -> Value {
        match chunk {
            Some(chunk) if !buffer.chunked => e.iadd(chunk.row, row),
            Some(_) | None => row,
        }
    }
}
