//! The schedule's invariants, checked.
//!
//! In: any schedule. Out: nothing, or every [`Violation`]. A schedule that passes can be
//! compiled without a look at its consistency, and its tasks may run in any order within
//! a phase.
//!
//! Reading order: `kernel` (each kernel on its own: operations, accesses, products, tasks),
//! `order` (what kernels do to each other: phases, states), `place` (buffers in memory).
//!
//! Not here: users' mistakes; a violation is a bug of the stage that made the schedule. Nor
//! whether the programs compute what the graph says: the tests run them for that.

mod kernel;
mod order;
mod place;

use crate::buffer::BufferId;
use crate::kernel::{Access, Entry, KernelId, LocalId, Schedule, StoreTarget};
use kiln_graph::StreamId;
use std::fmt;

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where.
    pub site: Site,
    /// What.
    pub fault: Fault,
}

/// Where an invariant is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// In what all steps share.
    Schedule,
    /// In the step of this name.
    Entry(String),
    /// In a kernel of the step of this name.
    Kernel(String, KernelId),
}

/// What is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A buffer that does not exist. Where there is one, nothing else is checked.
    UnknownBuffer(BufferId),
    /// A batch field that does not exist. Where there is one, nothing else is checked.
    UnknownField(u32),
    /// A phase lists a kernel that does not exist. Where there is one, nothing else is checked.
    UnknownKernel(KernelId),
    /// A kernel is not in exactly one phase.
    Scheduled {
        /// In how many it is.
        times: usize,
    },
    /// An operation reads one that does not come before it, or a store one that does not exist.
    Forward {
        /// The position of the operation; the number of operations for a store.
        at: usize,
        /// What it reads.
        reads: LocalId,
    },
    /// The product's element is read where there is no product.
    TileWithoutProduct,
    /// A draw without a key, or with columns that are not the kernel's.
    Random(StreamId),
    /// A reduction over columns where a task does not see whole rows.
    PartOfRow(LocalId),
    /// An element is read that the buffer does not have.
    Access(BufferId, Access),
    /// Something is stored that does not fit the buffer.
    Store(StoreTarget),
    /// The extents of a product do not agree with its operands or the kernel.
    Product {
        /// Which of the kernel's.
        index: usize,
    },
    /// The raw product does not fit its buffer, or the program loads it as something else.
    Tile(BufferId),
    /// A transposed copy that does not fit, or of something that the kernel does not store.
    Transpose(BufferId, BufferId),
    /// A gathered field that is not as wide or as long as its kernel.
    Gather(BufferId),
    /// The ranges of a copy do not fill its result exactly, or reach beyond what they copy.
    Copy(BufferId),
    /// The grid of tasks does not cover the space exactly.
    Grid,
    /// Partial sums are read as another number of rows than was written.
    PartialSums {
        /// Where they are.
        buffer: BufferId,
        /// How many rows are read.
        read: u32,
        /// How many are written.
        written: u32,
    },
    /// A buffer is read in a phase in which it is not yet written.
    ReadBeforeWritten(BufferId),
    /// A sum over all rows is read before the last chunk has been added.
    Unfinished(BufferId),
    /// A buffer that holds one chunk is read in a part that does not write it.
    OtherChunk(BufferId),
    /// The parts do not cover the phases in order, or a kernel is in a part that does not suit it.
    Parts,
    /// Serial stretches overlap, or leave their part.
    Serial,
    /// An output that nobody writes.
    UnwrittenOutput(String),
    /// A buffer is written by two kernels of a step.
    WrittenTwice(BufferId, KernelId),
    /// In one phase, another kernel reads or writes what this one writes.
    Conflict(BufferId, KernelId),
    /// A kernel overwrites what other elements of its own still read.
    InPlace(BufferId),
    /// A state is overwritten before its last reader has run.
    LateReader(BufferId, KernelId),
    /// A state is overwritten, but not its transposed copy, or the other way about.
    HalfState(String),
    /// Something is written that holds its content for all steps and is no state.
    Constant(BufferId),
    /// A buffer does not begin at a multiple of 128 bytes.
    Misaligned(BufferId),
    /// A buffer ends beyond the arena.
    BeyondArena(BufferId),
    /// Two buffers share bytes while both are in use.
    Overlap(BufferId, BufferId),
    /// A state that does not fit its buffers.
    State(String),
}

/// Checks all invariants.
///
/// # Errors
/// Every violation: of what is shared, then step by step.
pub fn verify(schedule: &Schedule) -> Result<(), Vec<Violation>> {
    let mut found = Vec::new();
    references(schedule, &mut found);
    if found.is_empty() {
        place::check_shared(schedule, &mut found);
        for entry in &schedule.entries {
            for k in 0..entry.kernels.len() {
                kernel::check(schedule, entry, KernelId(k as u32), &mut found);
            }
            order::check(schedule, entry, &mut found);
            place::check(schedule, entry, &mut found);
        }
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// Everything that is referred to exists.
fn references(schedule: &Schedule, found: &mut Vec<Violation>) {
    let unknown = |b: &BufferId| b.index() >= schedule.buffers.len();
    let shared = schedule.states.iter().flat_map(|s| [Some(s.plain), s.transposed]).chain([schedule.iota]);
    for b in shared.flatten().filter(unknown) {
        found.push(Violation { site: Site::Schedule, fault: Fault::UnknownBuffer(b) });
    }
    for entry in &schedule.entries {
        let at_entry = || Site::Entry(entry.name.clone());
        let fields = entry.inputs.iter().chain(&entry.scalars).chain(&entry.outputs).map(|f| f.buffer);
        for b in fields.chain([entry.row_count]).chain(entry.keys).chain(entry.chunk_index).filter(unknown) {
            found.push(Violation { site: at_entry(), fault: Fault::UnknownBuffer(b) });
        }
        for &k in entry.phases.iter().flatten().filter(|k| k.index() >= entry.kernels.len()) {
            found.push(Violation { site: at_entry(), fault: Fault::UnknownKernel(k) });
        }
        for (k, kernel) in entry.kernels.iter().enumerate() {
            let site = || Site::Kernel(entry.name.clone(), KernelId(k as u32));
            if let crate::kernel::Form::Gather { field } = kernel.form
                && field as usize >= entry.inputs.len()
            {
                found.push(Violation { site: site(), fault: Fault::UnknownField(field) });
                continue;
            }
            let copied = kernel.transposes.iter().map(|t| t.0);
            for b in kernel.reads().into_iter().chain(kernel.writes(entry)).chain(copied).filter(unknown) {
                found.push(Violation { site: site(), fault: Fault::UnknownBuffer(b) });
            }
        }
    }
}

/// Where violations of a kernel go.
struct Report<'a> {
    entry: &'a Entry,
    kernel: KernelId,
    found: &'a mut Vec<Violation>,
}

impl Report<'_> {
    fn unless(&mut self, holds: bool, fault: Fault) {
        if !holds {
            let site = Site::Kernel(self.entry.name.clone(), self.kernel);
            self.found.push(Violation { site, fault });
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.site {
            Site::Schedule => write!(f, "{}", self.fault),
            Site::Entry(entry) => write!(f, "{entry}: {}", self.fault),
            Site::Kernel(entry, kernel) => write!(f, "{entry} {kernel}: {}", self.fault),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::UnknownBuffer(b) => write!(f, "there is no {b}"),
            Fault::UnknownField(i) => write!(f, "there is no field {i}"),
            Fault::UnknownKernel(k) => write!(f, "there is no {k}"),
            Fault::Scheduled { times } => write!(f, "is in {times} phases, not in one"),
            Fault::Forward { at, reads } => write!(f, "operation {at} reads {reads}, which is not before it"),
            Fault::TileWithoutProduct => write!(f, "reads the element of a product that it does not have"),
            Fault::Random(s) => write!(f, "draws from {s} without a key, or for other columns than its own"),
            Fault::PartOfRow(op) => write!(f, "{op} reduces over columns, of which a task sees only some"),
            Fault::Access(b, access) => write!(f, "reads {b} by {access:?}, which it does not fit"),
            Fault::Store(target) => write!(f, "stores {target:?}, which it does not fit"),
            Fault::Product { index } => write!(f, "the extents of product {index} disagree"),
            Fault::Tile(b) => write!(f, "its raw product does not fit {b}, or {b} is read as well"),
            Fault::Transpose(from, to) => write!(f, "copies {from} transposed to {to}, which do not fit"),
            Fault::Gather(b) => write!(f, "gathers {b}, which it does not fit"),
            Fault::Copy(b) => write!(f, "copies columns that do not make up {b}"),
            Fault::Grid => write!(f, "its tasks do not cover its space exactly"),
            Fault::PartialSums { buffer, read, written } => {
                write!(f, "reads {read} partial sums of {buffer}, of which {written} are written")
            }
            Fault::ReadBeforeWritten(b) => write!(f, "reads {b} in a phase in which it is not yet written"),
            Fault::Unfinished(b) => write!(f, "reads {b} before the last chunk has been added to it"),
            Fault::OtherChunk(b) => write!(f, "reads {b}, which holds a chunk of another part"),
            Fault::Parts => write!(f, "is in no part of its phases that suits it"),
            Fault::Serial => write!(f, "its serial stretches overlap, or leave their part"),
            Fault::UnwrittenOutput(name) => write!(f, "nobody writes the output {name}"),
            Fault::WrittenTwice(b, other) => write!(f, "writes {b}, which {other} writes too"),
            Fault::Conflict(b, other) => write!(f, "writes {b}, which {other} uses in the same phase"),
            Fault::InPlace(b) => write!(f, "overwrites {b} while others of its elements still read it"),
            Fault::LateReader(b, reader) => write!(f, "overwrites {b} before {reader} has read it"),
            Fault::HalfState(name) => write!(f, "overwrites {name} but not both of its copies"),
            Fault::Constant(b) => write!(f, "overwrites {b}, which is no state but lasts"),
            Fault::Misaligned(b) => write!(f, "{b} does not begin at a multiple of 128 bytes"),
            Fault::BeyondArena(b) => write!(f, "{b} ends beyond the arena"),
            Fault::Overlap(a, b) => write!(f, "{a} and {b} share bytes while both are in use"),
            Fault::State(name) => write!(f, "the state {name} does not fit its buffers"),
        }
    }
}

impl std::error::Error for Violation {}
