//! The arena: states, given numbers and workspace of a program.

use super::Program;
use kiln_schedule::{BufferId, Schedule};
use std::sync::Arc;

/// A cache line, so that the arena is aligned.
#[derive(Clone, Copy)]
#[repr(C, align(128))]
pub(super) struct Line([u8; 128]);

/// Zeroed, aligned bytes.
pub(super) fn lines(bytes: usize) -> Vec<Line> {
    vec![Line([0; 128]); bytes.div_ceil(128)]
}

/// The memory of one program: all its states, and the workspace of its entries.
pub struct Memory {
    schedule: Arc<Schedule>,
    lines: Vec<Line>,
}

impl Memory {
    /// All states zero.
    pub fn new(program: &Program) -> Memory {
        let schedule = Arc::clone(&program.schedule);
        let lines = lines(schedule.arena_bytes as usize);
        let mut memory = Memory { schedule, lines };
        if let Some(iota) = memory.schedule.iota {
            // The padding too: that is how masks tell it from columns.
            let cols = memory.schedule.buffer(iota).panels() * kiln_schedule::PANEL_COLS;
            let numbers: Vec<f32> = (0..cols).map(|i| i as f32).collect();
            memory.arena().write(iota, 1, &numbers);
        }
        memory
    }

    /// Fills everything but the column numbers with NaN, states and padding included: whatever a
    /// step reads before it is written, or beyond the columns of a matrix, then shows in its results.
    #[doc(hidden)]
    pub fn poison(&mut self) {
        let iota = self.schedule.iota.map(|id| self.schedule.buffer(id));
        let keep = iota.map_or(0..0, |b| b.offset as usize..(b.offset + b.bytes()) as usize);
        let arena = self.arena();
        for at in (0..arena.bytes.len()).step_by(4).filter(|at| !keep.contains(at)) {
            arena.bytes[at..at + 4].copy_from_slice(&f32::NAN.to_ne_bytes());
        }
    }

    /// Bytes of the arena.
    pub fn bytes(&self) -> usize {
        self.lines.len() * 128
    }

    pub(super) fn schedule(&self) -> &Arc<Schedule> {
        &self.schedule
    }

    pub(super) fn pointer(&mut self) -> *mut u8 {
        self.lines.as_mut_ptr().cast()
    }

    fn arena(&mut self) -> Arena<'_> {
        let schedule = Arc::clone(&self.schedule);
        let bytes = self.bytes();
        // SAFETY:
        // - the pointer and the length are those of `lines`, which is borrowed exclusively;
        // - all bit patterns are valid bytes.
        let bytes = unsafe { std::slice::from_raw_parts_mut(self.pointer(), bytes) };
        Arena { schedule, bytes }
    }

    /// A state's value, row by row; `None` where there is no such state.
    pub fn state(&self, name: &str) -> Option<Vec<f32>> {
        let slot = self.schedule.states.iter().find(|s| s.name == name)?;
        Some(self.read(slot.plain, slot.rows as usize, slot.cols as usize))
    }

    /// Sets a state, row by row (also its transposed copy).
    ///
    /// # Panics
    /// Where there is no such state, or the length is not rows · columns.
    pub fn set_state(&mut self, name: &str, values: &[f32]) {
        let schedule = Arc::clone(&self.schedule);
        let slot = schedule.states.iter().find(|s| s.name == name);
        let slot = slot.unwrap_or_else(|| panic!("codegen: no state {name}"));
        let (rows, cols) = (slot.rows as usize, slot.cols as usize);
        assert_eq!(values.len(), rows * cols, "codegen: state {name} is {rows}x{cols}");
        self.arena().write(slot.plain, rows, values);
        if let Some(transposed) = slot.transposed {
            let column = |c: usize| values.iter().skip(c).step_by(cols);
            let turned: Vec<f32> = (0..cols).flat_map(column).copied().collect();
            self.arena().write(transposed, cols, &turned);
        }
    }

    /// The first `rows` rows of an output of an entry, row by row, as the last step left it.
    pub fn output(&self, entry: usize, name: &str, rows: usize) -> Option<Vec<f32>> {
        let field = self.schedule.entries[entry].outputs.iter().find(|o| o.name == name)?;
        Some(self.read(field.buffer, field.shape.rows_at(rows), field.shape.cols as usize))
    }

    fn read(&self, buffer: BufferId, rows: usize, cols: usize) -> Vec<f32> {
        // SAFETY: as in `arena`; shared, for reading.
        let bytes = unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.bytes()) };
        let mut values = Vec::with_capacity(rows * cols);
        read_matrix(&self.schedule, bytes, buffer, rows, cols, &mut values);
        values
    }
}

/// The arena's bytes, borrowed.
struct Arena<'a> {
    schedule: Arc<Schedule>,
    bytes: &'a mut [u8],
}

impl Arena<'_> {
    fn write(&mut self, buffer: BufferId, rows: usize, values: &[f32]) {
        let b = self.schedule.buffer(buffer);
        let cols = values.len().checked_div(rows).unwrap_or(0);
        for (row, values) in values.chunks_exact(cols.max(1)).enumerate() {
            for (panel, values) in values.chunks(kiln_schedule::PANEL_COLS as usize).enumerate() {
                let at =
                    b.address(row as u64, (panel as u64) * u64::from(kiln_schedule::PANEL_COLS)) as usize;
                let bytes = self.bytes[at..at + 4 * values.len()].chunks_exact_mut(4);
                bytes.zip(values).for_each(|(to, value)| to.copy_from_slice(&value.to_ne_bytes()));
            }
        }
    }
}

/// Appends a matrix's first rows, row by row.
pub(super) fn read_matrix(
    schedule: &Schedule,
    bytes: &[u8],
    buffer: BufferId,
    rows: usize,
    cols: usize,
    into: &mut Vec<f32>,
) {
    let b = schedule.buffer(buffer);
    for row in 0..rows {
        for first in (0..cols).step_by(32) {
            let n = (cols - first).min(32);
            let at = b.address(row as u64, first as u64) as usize;
            let floats = bytes[at..at + 4 * n].chunks_exact(4);
            into.extend(floats.map(|f| f32::from_ne_bytes([f[0], f[1], f[2], f[3]])));
        }
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").field("bytes", &self.bytes()).finish()
    }
}
