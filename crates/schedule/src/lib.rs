//! From a graph to fused kernels, a memory plan and a run order.
//!
//! In: simplified graphs over the same states (the training step, the evaluation step),
//! each with its largest batch. Out: a [`Schedule`]: kernels, phases, and one arena of
//! memory in which every buffer has its place.
//!
//! The one idea: **every matrix is stored in panels of 32 columns** ([`buffer`]), the
//! layout that the matmul tiles read and write. So nothing is ever packed, elementwise
//! code walks panels, and column sums are two vector accumulators.
//!
//! Reading order: `contract` finds sums of matrix products, `fuse` gives each node a
//! kernel, `keep` (with `vectors`) decides which values are stored and which are computed again,
//! `lower` writes each kernel's program, `tasks` cuts it up, `assign` lets states be
//! overwritten, `phase` orders kernels, `chunk` takes large batches in pieces, `serial` joins phases
//! that are too small to share, `memory` places buffers.
//!
//! Invariants, checked by [`mod@verify`]: a buffer is written in an earlier phase than it is
//! read in; buffers that are live together do not overlap; a state is overwritten only
//! after its last reader. The plan depends on shapes only, never on threads or processor.

mod assign;
pub mod buffer;
mod chunk;
mod contract;
mod fuse;
mod keep;
pub mod kernel;
mod lower;
mod memory;
mod phase;
mod serial;
mod tasks;
mod vectors;
pub use tasks::CHUNK_ROWS;
pub mod print;
pub mod verify;

pub use buffer::{Buffer, BufferId, PANEL_COLS, ROW_BYTES};
pub use kernel::{
    Access, CopyPart, Entry, Field, Form, Kernel, KernelId, LocalId, Op, Part, Product, Program, Schedule,
    StateSlot, Store, StoreTarget, Tasks,
};

use kiln_graph::{Graph, StateDecl};

/// A graph to be planned, and the most rows that it will be given at once.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// `train`, `evaluate`.
    pub name: &'a str,
    /// The graph; verified and simplified.
    pub graph: &'a Graph,
    /// Rows of the largest batch; at least 1.
    pub batch: u32,
    /// Rows that are taken through the step at a time; `batch` or more for all of them.
    pub chunk: u32,
}

/// Rows of a chunk at most. Measured at batch 11200 (`kiln bench --cells exp01:11200,exp06:11200,exp11:11200`): with
/// 768 exp06 takes up to 2 % and exp01 3 % less time than with 512, exp11 1 % more. With 384 exp06 takes 1 % more
/// than with 512, with 1024 exp01 takes 2 % more.
const CHUNK_AT_MOST: u32 = 768;

impl<'a> Step<'a> {
    /// A step on batches of up to `batch` rows; larger ones than the cache holds are taken in chunks of
    /// about equal size.
    pub fn new(name: &'a str, graph: &'a Graph, batch: u32) -> Step<'a> {
        let chunks = batch.div_ceil(CHUNK_AT_MOST);
        let chunk = batch.div_ceil(chunks).next_multiple_of(PANEL_COLS).min(batch);
        Step { name, graph, batch, chunk }
    }
}

/// Plans all steps over one arena. States with the same name are one state.
pub fn plan(steps: &[Step<'_>]) -> Schedule {
    let mut schedule = Schedule::default();
    let states = memory::declare_states(&mut schedule, steps);
    for (index, step) in steps.iter().enumerate() {
        let entry = plan_step(&mut schedule, step, &states[index]);
        schedule.entries.push(entry);
    }
    memory::place(&mut schedule);
    debug_assert_eq!(verify::verify(&schedule), Ok(()), "schedule: a plan that breaks its invariants");
    schedule
}

fn plan_step(schedule: &mut Schedule, step: &Step<'_>, states: &[usize]) -> Entry {
    let contractions = contract::find(step.graph);
    let fusion = fuse::fuse(step, &contractions);
    let kept = keep::decide(step, &contractions, &fusion);
    let turned = lower::turned(schedule, step, states, &contractions);
    let plan = lower::Plan {
        step,
        states,
        contractions: &contractions,
        turned: &turned,
        fusion: &fusion,
        kept: &kept,
    };
    let (mut entry, values) = lower::lower(schedule, &plan);
    let order = assign::assign(schedule, &mut entry, &plan, &values);
    phase::order(&mut entry, &order);
    chunk::settle(schedule, &mut entry);
    serial::settle(&mut entry);
    entry
}

/// The declaration of each state of the schedule, from the first step that has it.
pub fn state_declarations<'a>(steps: &[Step<'a>]) -> Vec<&'a StateDecl> {
    let mut found: Vec<&StateDecl> = Vec::new();
    for state in steps.iter().flat_map(|s| &s.graph.states) {
        if found.iter().all(|f| f.name != state.name) {
            found.push(state);
        }
    }
    found
}
