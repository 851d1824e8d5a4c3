//! A job: an entry run over all batches of an epoch, by workers that stay in it from the
//! first batch to the last.
//!
//! For each batch: a worker sets the numbers of the step; then workers take tasks, phase by
//! phase ([`crate::dispatch`]); whoever ends the last task looks at the outputs. In the steady
//! state nothing is allocated, locked or asked of the system.

use super::memory::{self, Memory};
use super::rounds::{Round, Stretch};
use super::subnormal::Flushed;
use super::{Program, Runner};
use crate::dispatch::Dispatch;
use crate::driver::SCRATCH_BYTES;
use kiln_graph::Extent;
use kiln_graph::random::Key;
use kiln_schedule::{Buffer, Entry, Form, Kernel, Schedule};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A field of the data set: all samples, one after the other.
#[derive(Clone, Copy, Debug)]
pub enum FieldData<'a> {
    /// `value = byte · scale + offset`
    U8 {
        /// `samples · columns` bytes.
        data: &'a [u8],
        /// Factor.
        scale: f32,
        /// Added after.
        offset: f32,
    },
    /// `samples · columns` numbers.
    F32(&'a [f32]),
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// With the next batch.
    Continue,
    /// No further: the job ends after this batch.
    Stop,
}

/// What is done around each step, by one worker (not always the same) while the others wait.
pub trait Hooks {
    /// Before step `step` (of this job, from 0), on a batch of `rows` rows: sets numbers and keys.
    fn before(&mut self, view: &mut View<'_>, step: usize, rows: usize);

    /// After it: reads outputs.
    fn after(&mut self, view: &mut View<'_>, step: usize, rows: usize) -> Flow;
}

/// The arena between two steps.
pub struct View<'a> {
    schedule: &'a Schedule,
    entry: usize,
    bytes: &'a mut [u8],
}

impl View<'_> {
    fn entry(&self) -> &Entry {
        &self.schedule.entries[self.entry]
    }

    /// Sets a given number; nothing where the entry has none of this name.
    pub fn set_scalar(&mut self, name: &str, value: f32) {
        let field = self.entry().scalars.iter().find(|s| s.name == name);
        if let Some(buffer) = field.map(|f| f.buffer) {
            self.put(self.schedule.buffer(buffer).offset as usize, value.to_ne_bytes());
        }
    }

    /// Sets the keys of all random streams for a step of the training.
    pub fn set_keys(&mut self, seed: u64, step: u64) {
        let Some(keys) = self.entry().keys else { return };
        let buffer = self.schedule.buffer(keys);
        for stream in 0..buffer.rows {
            let key = Key::new(seed, stream, step);
            let at = buffer.address(u64::from(stream), 0) as usize;
            self.put(at, key.k0.to_ne_bytes());
            self.put(at + 4, key.k1.to_ne_bytes());
        }
    }

    /// Appends the first `rows` rows of an output, row by row. False where there is none of this name.
    pub fn read(&self, output: &str, rows: usize, into: &mut Vec<f32>) -> bool {
        let Some(field) = self.entry().outputs.iter().find(|o| o.name == output) else { return false };
        let (rows, cols) = (field.shape.rows_at(rows), field.shape.cols as usize);
        memory::read_matrix(self.schedule, self.bytes, field.buffer, rows, cols, into);
        true
    }

    /// The first element of an output (all of it, where it is one number).
    pub fn number(&self, output: &str) -> Option<f32> {
        let field = self.entry().outputs.iter().find(|o| o.name == output)?;
        let at = self.schedule.buffer(field.buffer).offset as usize;
        let b = &self.bytes[at..at + 4];
        Some(f32::from_ne_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn put(&mut self, at: usize, value: [u8; 4]) {
        self.bytes[at..at + 4].copy_from_slice(&value);
    }
}

/// The arena, shared by the workers of a job.
#[derive(Clone, Copy)]
struct Shared {
    pointer: *mut u8,
    bytes: usize,
}

// SAFETY:
// - workers use the pointer only within tasks of one phase, which write disjoint memory, and one
//   of them alone between a step's last task and the next step's first;
// - the job borrows the memory exclusively for as long as it lives.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// An entry to be run over batches.
pub struct Job<'a> {
    program: &'a Program,
    entry: usize,
    shared: Shared,
    fields: Vec<FieldData<'a>>,
    order: &'a [u32],
    stretches: Vec<Stretch>,
    /// What a step runs: stretches, and for which chunk of the batch.
    rounds: Vec<Round>,
    threads: usize,
    entered: AtomicUsize,
    dispatch: Dispatch,
    hooks: Mutex<&'a mut (dyn Hooks + Send)>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    /// Nanoseconds spent in each kernel, where they are asked for.
    profile: Option<&'a [AtomicU64]>,
}

impl<'a> Job<'a> {
    /// Runs `entry` over the samples `order`, a batch at a time, on `threads` workers.
    ///
    /// # Panics
    /// Where the memory is another program's, a field is missing, too short or has a row that the
    /// order names and the field lacks: all checked before by the caller, so a bug.
    pub fn new(
        program: &'a Program,
        memory: &'a mut Memory,
        entry: usize,
        (fields, order): (&[(&str, FieldData<'a>)], &'a [u32]),
        threads: usize,
        hooks: &'a mut (dyn Hooks + Send),
    ) -> Job<'a> {
        assert!(
            std::sync::Arc::ptr_eq(memory.schedule(), &program.schedule),
            "codegen: memory of another program"
        );
        let e = &program.schedule.entries[entry];
        let samples = order.iter().max().map_or(0, |&m| m as usize + 1);
        let field = |want: &kiln_schedule::Field| {
            let found = fields.iter().find(|(name, _)| *name == want.name);
            let (_, data) = found.unwrap_or_else(|| panic!("codegen: no field {}", want.name));
            let len = match data {
                FieldData::U8 { data, .. } => data.len(),
                FieldData::F32(data) => data.len(),
            };
            let need = samples * want.shape.cols as usize;
            assert!(len >= need, "codegen: field {} has {len} values, {need} are read", want.name);
            *data
        };
        let stretches = Stretch::all(e);
        let threads = threads.max(1);
        let rounds = Round::all(e);
        let all = order.len().div_ceil(e.batch as usize) * rounds.len();
        assert!(all < (u32::MAX - 1) as usize, "codegen: {all} phases are more than a job counts");
        Job {
            fields: e.inputs.iter().map(field).collect(),
            shared: Shared { bytes: memory.bytes(), pointer: memory.pointer() },
            dispatch: Dispatch::new(threads),
            hooks: Mutex::new(hooks),
            entered: AtomicUsize::new(0),
            panic: Mutex::new(None),
            profile: None,
            program,
            entry,
            order,
            stretches,
            rounds,
            threads,
        }
    }

    /// Adds up the nanoseconds of each kernel of the entry in `into` (one for each kernel).
    pub fn profiled(mut self, into: &'a [AtomicU64]) -> Job<'a> {
        assert_eq!(into.len(), self.entry().kernels.len(), "codegen: one counter for each kernel");
        self.profile = Some(into);
        self
    }

    fn entry(&self) -> &'a Entry {
        &self.program.schedule.entries[self.entry]
    }

    /// Takes part as one of the workers, until all batches are done. To be called on as many
    /// threads as the job was made for.
    ///
    /// # Panics
    /// Where more threads call it; and, on the leader, where a hook panics.
    pub fn work(&self) {
        let worker = self.entered.fetch_add(1, Ordering::AcqRel);
        assert!(worker < self.threads, "codegen: a job for {} workers has one more", self.threads);
        let mut scratch = memory::lines(SCRATCH_BYTES);
        let scratch: *mut u8 = scratch.as_mut_ptr().cast();
        if worker == 0 {
            self.begin_step(0);
        }
        let tasks =
            |round: u32| self.stretches[self.rounds[round as usize % self.rounds.len()].stretch].tasks;
        let mut flushed = Flushed::begin();
        while let Some((number, task)) = self.dispatch.take(worker, tasks) {
            let (step, at) = (number as usize / self.rounds.len(), number as usize % self.rounds.len());
            let round = self.rounds[at];
            self.run(&self.stretches[round.stretch], task, self.rows_of_round(step, round), scratch);
            if self.dispatch.finish(tasks(number)) {
                drop(flushed);
                self.end_round(step, at);
                flushed = Flushed::begin();
            }
        }
        drop(flushed);
        if worker == 0
            && let Some(panic) = self.panic.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            resume_unwind(panic);
        }
    }

    /// The samples of a step's batch; none after the last.
    fn rows_of(&self, step: usize) -> &'a [u32] {
        let batch = self.entry().batch as usize;
        let first = (step * batch).min(self.order.len());
        &self.order[first..(first + batch).min(self.order.len())]
    }

    /// The samples of the batch that a round works on.
    fn rows_of_round(&self, step: usize, round: Round) -> &'a [u32] {
        let (rows, chunk) = (self.rows_of(step), self.entry().chunk as usize);
        match round.chunk {
            None => rows,
            Some(index) => {
                let first = (index as usize * chunk).min(rows.len());
                &rows[first..(first + chunk).min(rows.len())]
            }
        }
    }

    /// Lets the hooks prepare a step and opens its first phase, or ends the job.
    fn begin_step(&self, step: usize) {
        let rows = self.rows_of(step).len();
        if rows == 0 || self.rounds.is_empty() {
            return self.dispatch.close();
        }
        let prepare = |hooks: &mut (dyn Hooks + Send), view: &mut View<'_>| {
            hooks.before(view, step, rows);
            Flow::Continue
        };
        match self.lead(prepare, rows) {
            Flow::Continue => self.open(step, 0),
            Flow::Stop => self.dispatch.close(),
        }
    }

    /// Opens a round. This worker has the arena to itself.
    fn open(&self, step: usize, at: usize) {
        if let (Some(chunk), Some(place)) = (self.rounds[at].chunk, self.entry().chunk_index) {
            self.view().put(self.program.schedule.buffer(place).offset as usize, chunk.to_ne_bytes());
        }
        self.dispatch.open((step * self.rounds.len() + at) as u32);
    }

    /// After the last task of a round: opens the next one, or ends the step.
    fn end_round(&self, step: usize, at: usize) {
        if at + 1 < self.rounds.len() {
            return self.open(step, at + 1);
        }
        let rows = self.rows_of(step).len();
        match self.lead(|hooks, view| hooks.after(view, step, rows), rows) {
            Flow::Continue => self.begin_step(step + 1),
            Flow::Stop => self.dispatch.close(),
        }
    }

    /// Runs a hook on the arena, which is this worker's alone now; a panic ends the job.
    fn lead(&self, hook: impl FnOnce(&mut (dyn Hooks + Send), &mut View<'_>) -> Flow, rows: usize) -> Flow {
        let mut hooks = self.hooks.lock().unwrap_or_else(PoisonError::into_inner);
        let mut view = self.view();
        let count = self.program.schedule.buffer(self.entry().row_count).offset as usize;
        view.put(count, (rows as f32).to_ne_bytes());
        // A hook that panics must not leave the others waiting for ever.
        catch_unwind(AssertUnwindSafe(|| hook(&mut **hooks, &mut view))).unwrap_or_else(|panic| {
            *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
            Flow::Stop
        })
    }

    /// The arena, for the worker that has it to itself: between the last task of a round and the opening
    /// of the next.
    fn view(&self) -> View<'_> {
        // SAFETY:
        // - pointer and length are the memory's, borrowed exclusively by this job;
        // - all tasks of the round are done and none of the next is to be had before this worker opens
        //   it, so no other worker touches the arena;
        // - a view ends before the next round is opened.
        let bytes = unsafe { std::slice::from_raw_parts_mut(self.shared.pointer, self.shared.bytes) };
        View { schedule: &self.program.schedule, entry: self.entry, bytes }
    }

    /// Runs one task of a stretch.
    fn run(&self, stretch: &Stretch, task: usize, order: &[u32], scratch: *mut u8) {
        for piece in stretch.pieces(task) {
            let begin = self.profile.map(|_| Instant::now());
            for task in piece.tasks {
                self.task(piece.kernel, task, order, scratch);
            }
            if let (Some(profile), Some(begin)) = (self.profile, begin) {
                profile[piece.kernel].fetch_add(begin.elapsed().as_nanos() as u64, Ordering::Relaxed);
            }
        }
    }

    fn task(&self, kernel: usize, task: usize, order: &[u32], scratch: *mut u8) {
        match self.program.runners[self.entry][kernel] {
            // SAFETY:
            // - the arena is as large as the schedule says, and the driver stays in the buffers of
            //   its kernel, which hold `batch` rows, and no more rows are given;
            // - tasks of one phase write disjoint memory and read nothing that another writes;
            // - `scratch` is this worker's own, of the size and alignment that drivers need.
            Runner::Driver(driver) => unsafe { driver(self.shared.pointer, order.len(), task, scratch) },
            Runner::Gather => self.gather(&self.entry().kernels[kernel], task, order),
            Runner::Copy => self.copy(&self.entry().kernels[kernel], task, order.len()),
        }
    }

    /// First row and number of rows of a task that takes one row block.
    fn rows(kernel: &Kernel, task: usize, rows: usize) -> (usize, usize) {
        let block = kernel.tasks.row_block as usize;
        let first = task * block;
        (first, rows.saturating_sub(first).min(block))
    }

    /// The row of a buffer of rows of the batch in which a row of the chunk at hand is.
    fn line(&self, buffer: &Buffer, row: usize) -> usize {
        let entry = self.entry();
        let Some(place) = entry.chunk_index.filter(|_| !buffer.chunked) else { return row };
        let at = self.program.schedule.buffer(place).offset as usize;
        // SAFETY:
        // - the four bytes are inside the arena, aligned to 128;
        // - they are written before the round is opened, and not again before its last task is done.
        let chunk = unsafe { self.shared.pointer.add(at).cast::<u32>().read() };
        (chunk * entry.chunk) as usize + row
    }

    fn gather(&self, kernel: &Kernel, task: usize, order: &[u32]) {
        let Form::Gather { field } = kernel.form else { unreachable!("a gather's form") };
        let buffer = self.program.schedule.buffer(self.entry().inputs[field as usize].buffer);
        let (first, n) = Job::rows(kernel, task, order.len());
        if n == 0 {
            return;
        }
        let (rows, cols) = (&order[first..first + n], buffer.cols as usize);
        let line = self.line(buffer, first);
        let stride = buffer.panel_stride() as usize;
        // SAFETY:
        // - the buffer holds `batch` rows, and `first + n` are at most that; tasks take disjoint rows;
        // - each row number is below the field's number of samples (checked in `new`).
        unsafe {
            let to: *mut f32 = self.shared.pointer.add(buffer.address(line as u64, 0) as usize).cast();
            match self.fields[field as usize] {
                FieldData::U8 { data, scale, offset } => {
                    (self.program.table.gather_u8)(
                        rows.as_ptr(),
                        n,
                        data.as_ptr(),
                        cols,
                        scale,
                        offset,
                        to,
                        stride,
                    );
                }
                FieldData::F32(data) => {
                    (self.program.table.gather_f32)(rows.as_ptr(), n, data.as_ptr(), cols, to, stride);
                }
            }
        }
    }

    fn copy(&self, kernel: &Kernel, task: usize, rows_of_batch: usize) {
        let Form::Copy { parts, to } = &kernel.form else { unreachable!("a copy's form") };
        let schedule = &self.program.schedule;
        let (first, n) =
            Job::rows(kernel, task, kiln_graph::Shape { rows: kernel.rows, cols: 1 }.rows_at(rows_of_batch));
        let to = schedule.buffer(*to);
        for part in parts.iter().filter(|_| n > 0) {
            let from = schedule.buffer(part.from);
            let cols = (part.from_col as usize, part.to_col as usize, part.cols as usize);
            let line = |b: &Buffer| match kernel.rows {
                Extent::Batch => self.line(b, first) as u64,
                Extent::Fixed(_) => first as u64,
            };
            let lines = (line(from), line(to));
            // SAFETY:
            // - both buffers hold all rows of the kernel's space and the columns of the part;
            // - buffers in use in one phase do not overlap, and tasks take disjoint rows.
            unsafe {
                let source: *const f32 = self.shared.pointer.add(from.address(lines.0, 0) as usize).cast();
                let target: *mut f32 = self.shared.pointer.add(to.address(lines.1, 0) as usize).cast();
                let (from_stride, to_stride) = (from.panel_stride() as usize, to.panel_stride() as usize);
                (self.program.table.copy_columns)(
                    n,
                    source,
                    from_stride,
                    cols.0,
                    target,
                    to_stride,
                    cols.1,
                    cols.2,
                );
            }
        }
    }
}
