//! Memory: states first, then workspace that the steps share.
//!
//! In: buffers and the phases in which they are used. Out: an offset for each, and the
//! size of the arena. Buffers of one step that are never in use in the same phase may
//! share bytes; different steps never run at once, so they share all their workspace.

use crate::buffer::{Buffer, BufferId};
use crate::contract::{self, Orientation};
use crate::kernel::{Entry, Schedule, StateSlot};
use crate::{Step, state_declarations};
use kiln_graph::{Extent, Prim, StateRole};
use std::collections::BTreeMap;

/// Buffers begin at multiples of this: two cache lines, a row of a panel.
const ALIGN: u64 = 128;

/// Rows of a state are rounded up to whole 32×32 blocks, so that they can be transposed block by block.
const STATE_ROWS: u32 = 32;

/// Makes the states' buffers. For each step: the slot of each of its states.
pub(crate) fn declare_states(schedule: &mut Schedule, steps: &[Step<'_>]) -> Vec<Vec<usize>> {
    let transposed = read_transposed(steps);
    for decl in state_declarations(steps) {
        let Extent::Fixed(rows) = decl.shape.rows else {
            panic!("schedule: state {} has as many rows as the batch", decl.name)
        };
        let cols = decl.shape.cols;
        let room = |n: u32| if n == 1 { 1 } else { n.next_multiple_of(STATE_ROWS) };
        let both = transposed.contains(&decl.name.as_str());
        let rows_room = if both { rows.next_multiple_of(STATE_ROWS) } else { room(rows) };
        let plain = schedule.add(Buffer::new(decl.name.clone(), rows_room, cols, true));
        let transposed = both.then(|| {
            let name = format!("{}.T", decl.name);
            schedule.add(Buffer::new(name, cols.next_multiple_of(STATE_ROWS), rows, true))
        });
        let is_slot = matches!(decl.role, StateRole::Slot(_));
        debug_assert!(!is_slot || !both, "an optimizer's slot is never an operand");
        schedule.states.push(StateSlot { name: decl.name.clone(), rows, cols, plain, transposed });
    }
    let widest = steps.iter().flat_map(|s| &s.graph.nodes).map(|n| n.shape.cols).max().unwrap_or(1);
    let iota = schedule.add(Buffer::new("iota", 1, widest, true));
    schedule.iota = Some(iota);
    let slot = |name: &str| schedule.states.iter().position(|s| s.name == name);
    steps.iter().map(|s| s.graph.states.iter().filter_map(|d| slot(&d.name)).collect()).collect()
}

/// Names of the states that some product reads from a transposed copy: it may not be turned, or another
/// state of the same sum has such a copy.
fn read_transposed<'a>(steps: &[Step<'a>]) -> Vec<&'a str> {
    let sums: Vec<(Vec<&str>, bool)> = steps.iter().flat_map(sums_with_transposes).collect();
    let mut names: Vec<&str> = Vec::new();
    loop {
        let before = names.len();
        for (states, turns) in &sums {
            if !turns || states.iter().any(|s| names.contains(s)) {
                names.extend(states);
                names.sort_unstable();
                names.dedup();
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

/// For each sum of products of a step: the states that it reads transposed, and whether it may be turned.
fn sums_with_transposes<'a>(step: &Step<'a>) -> Vec<(Vec<&'a str>, bool)> {
    let found = contract::find(step.graph);
    let transposed = |f: &contract::Factor| match step.graph.node(f.b).prim {
        Prim::State(id) if f.orientation == Orientation::Nt => {
            Some(step.graph.states[id.index()].name.as_str())
        }
        _ => None,
    };
    let sums = found.factors.iter().filter(|factors| !factors.is_empty());
    sums.map(|factors| (factors.iter().filter_map(transposed).collect(), contract::may_turn(step, factors)))
        .collect()
}

impl Schedule {
    /// Adds a buffer.
    pub(crate) fn add(&mut self, buffer: Buffer) -> BufferId {
        self.buffers.push(buffer);
        BufferId(self.buffers.len() as u32 - 1)
    }

    /// The buffer with this id.
    pub fn buffer(&self, id: BufferId) -> &Buffer {
        &self.buffers[id.index()]
    }
}

/// The phases in which a buffer of an entry is in use: first and last.
pub(crate) fn lifetimes(schedule: &Schedule, entry: &Entry) -> BTreeMap<BufferId, (usize, usize)> {
    let mut lives: BTreeMap<BufferId, (usize, usize)> = BTreeMap::new();
    let last = entry.phases.len();
    for (phase, kernels) in entry.phases.iter().enumerate() {
        for k in kernels {
            let kernel = &entry.kernels[k.index()];
            for b in kernel.reads().into_iter().chain(kernel.writes(entry)) {
                let life = lives.entry(b).or_insert((phase, phase));
                life.0 = life.0.min(phase);
                life.1 = life.1.max(phase);
            }
        }
    }
    // What is not of one chunk alone holds rows or sums of earlier chunks too.
    for part in entry.parts.iter().filter(|part| part.per_chunk) {
        for (b, life) in &mut lives {
            if life.0 < part.to && life.1 >= part.from && !schedule.buffer(*b).chunked {
                *life = (life.0.min(part.from), life.1.max(part.to - 1));
            }
        }
    }
    // Given from outside before the first phase, or read from outside after the last.
    for field in entry.scalars.iter().chain(&entry.outputs) {
        lives.insert(field.buffer, (0, last));
    }
    for field in &entry.inputs {
        lives.entry(field.buffer).or_insert((0, 0)).1 = last;
    }
    for given in [Some(entry.row_count), entry.keys, entry.chunk_index].into_iter().flatten() {
        lives.insert(given, (0, last));
    }
    lives.retain(|b, _| !schedule.buffer(*b).lasting);
    lives
}

/// Gives every buffer its offset.
pub(crate) fn place(schedule: &mut Schedule) {
    let mut end = 0u64;
    for buffer in schedule.buffers.iter_mut().filter(|b| b.lasting) {
        buffer.offset = end;
        end = (end + buffer.bytes()).next_multiple_of(ALIGN);
    }
    let mut arena = end;
    for e in 0..schedule.entries.len() {
        let lives = lifetimes(schedule, &schedule.entries[e]);
        arena = arena.max(place_entry(schedule, &lives, end));
    }
    schedule.arena_bytes = arena;
}

/// Largest first, each at the lowest place where nothing that lives at the same time is.
fn place_entry(schedule: &mut Schedule, lives: &BTreeMap<BufferId, (usize, usize)>, base: u64) -> u64 {
    let mut order: Vec<(BufferId, (usize, usize))> = lives.iter().map(|(b, l)| (*b, *l)).collect();
    order.sort_by_key(|(b, _)| (std::cmp::Reverse(schedule.buffer(*b).bytes()), *b));
    let mut placed: Vec<(u64, u64, (usize, usize))> = Vec::new();
    let mut end = base;
    for (id, life) in order {
        let bytes = schedule.buffer(id).bytes();
        let mut at = base;
        let mut busy: Vec<(u64, u64)> = placed
            .iter()
            .filter(|(_, _, other)| other.0 <= life.1 && life.0 <= other.1)
            .map(|&(from, to, _)| (from, to))
            .collect();
        busy.sort_unstable();
        for (from, to) in busy {
            if at + bytes <= from {
                break;
            }
            at = at.max(to.next_multiple_of(ALIGN));
        }
        schedule.buffers[id.index()].offset = at;
        placed.push((at, at + bytes, life));
        end = end.max(at + bytes);
    }
    end.next_multiple_of(ALIGN)
}
