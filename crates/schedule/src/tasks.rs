//! How kernels are cut in tasks.
//!
//! In: a kernel's form and shape. Out: its grid of tasks. It depends on shapes only, so
//! that sums are taken in the same order however many threads there are. Tasks should be
//! many enough for the threads of a desktop and long enough to pay for being handed out.

use crate::buffer::PANEL_COLS;
use crate::kernel::{Form, Tasks};
use kiln_graph::Extent;

/// Tasks that a kernel is cut into where it is large enough.
const TASKS: u32 = 16;

/// Rows of a block of a wide kernel: 64 rows of 784 columns are 200 kB, a fifth of a core's L2,
/// and one pass over a panel of weights costs 64 rows of arithmetic.
const WIDE_ROWS: u32 = 64;

/// A kernel of fewer panels is cut by rows rather than by panels.
const WIDE_PANELS: u32 = 8;

/// Multiply-adds below which a task is not worth handing out (about 1 µs).
const MIN_WORK: u64 = 64 * 1024;

/// Rows of the batch that a block of a weight gradient takes at a time, so that the panels stay in L2.
pub const CHUNK_ROWS: u32 = 512;

/// What a kernel's products sum over.
#[derive(Clone, Copy, Default)]
pub(crate) struct Inner {
    /// The summed extent of all (0: there are none).
    pub(crate) extent: u64,
    /// They are taken the other way round: in blocks of a multiple of 32 rows of the batch, or of all.
    pub(crate) turned: bool,
}

/// Cuts a kernel of `rows`×`cols` in tasks.
pub(crate) fn cut(form: &Form, rows: Extent, cols: u32, inner: Inner, batch: u32) -> Tasks {
    let panels = cols.div_ceil(PANEL_COLS);
    match form {
        Form::Block { .. } => block(rows, panels, inner.extent, batch),
        Form::Rows => rows_only(rows, panels, batch, 8),
        Form::Gather { .. } | Form::Copy { .. } => rows_only(rows, panels, batch, 4),
        Form::MatMul { .. } | Form::Map => grid(rows, panels, inner, batch),
    }
}

fn row_block(rows: Extent, panels: u32, batch: u32) -> (u32, u32) {
    let rows = match rows {
        Extent::Batch => batch,
        Extent::Fixed(n) => return (n, 1),
    };
    let wide = panels >= WIDE_PANELS;
    let most = if wide { WIDE_ROWS } else { rows.div_ceil(8).clamp(8, WIDE_ROWS) };
    let blocks = rows.div_ceil(most);
    let block = rows.div_ceil(blocks);
    (block, rows.div_ceil(block))
}

fn grid(rows: Extent, panels: u32, inner: Inner, batch: u32) -> Tasks {
    let (mut row_block, mut blocks) = row_block(rows, panels, batch);
    if inner.turned {
        row_block = row_block.next_multiple_of(PANEL_COLS).min(batch);
        blocks = batch.div_ceil(row_block);
    }
    let work = u64::from(row_block) * u64::from(PANEL_COLS) * inner.extent.max(8);
    let enough = MIN_WORK.div_ceil(work).min(u64::from(panels)) as u32;
    let shared = panels.div_ceil(TASKS.div_ceil(blocks));
    let mut panels_per_task = shared.max(enough).max(1);
    if row_block <= 2 {
        // A row or two go over four panels side by side.
        panels_per_task = panels_per_task.next_multiple_of(4).min(panels);
    }
    Tasks { row_block, blocks, blocks_per_task: 1, panels, panels_per_task }
}

fn rows_only(rows: Extent, panels: u32, batch: u32, least: u32) -> Tasks {
    let (row_block, blocks) = match rows {
        Extent::Fixed(n) => (n, 1),
        Extent::Batch => {
            let block = batch.div_ceil(TASKS).clamp(least.min(batch), WIDE_ROWS);
            (block, batch.div_ceil(block))
        }
    };
    Tasks { row_block, blocks, blocks_per_task: 1, panels, panels_per_task: panels }
}

fn block(rows: Extent, panels: u32, inner: u64, batch: u32) -> Tasks {
    let rows = match rows {
        Extent::Batch => batch,
        Extent::Fixed(n) => n,
    };
    let blocks = rows.div_ceil(PANEL_COLS);
    if inner > u64::from(CHUNK_ROWS) {
        // Long sums: 8×4 blocks of 4 kB are summed side by side, so that each panel that is
        // read from memory serves several of them.
        let (blocks_per_task, panels_per_task) = (blocks.min(8), panels.min(4));
        return Tasks { row_block: PANEL_COLS, blocks, blocks_per_task, panels, panels_per_task };
    }
    let work = u64::from(PANEL_COLS) * u64::from(PANEL_COLS) * (inner + 16);
    let enough = MIN_WORK.div_ceil(work) as u32;
    let shared = blocks.div_ceil(TASKS.div_ceil(panels));
    let blocks_per_task = shared.max(enough).min(blocks);
    Tasks { row_block: PANEL_COLS, blocks, blocks_per_task, panels, panels_per_task: 1 }
}
