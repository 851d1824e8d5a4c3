//! Buffers in memory: inside the arena, and none over another that is in use.

use super::{Fault, Site, Violation};
use crate::buffer::{Buffer, BufferId, ROW_BYTES};
use crate::kernel::{Entry, Schedule};
use crate::memory;

/// What all steps share: states and constants.
pub(super) fn check_shared(schedule: &Schedule, found: &mut Vec<Violation>) {
    let mut report = |fault| found.push(Violation { site: Site::Schedule, fault });
    for slot in &schedule.states {
        let holds = |b: BufferId, rows: u32, cols: u32| {
            let buffer = schedule.buffer(b);
            buffer.lasting && buffer.rows >= rows && buffer.cols == cols
        };
        let turned = slot.transposed.is_none_or(|t| holds(t, slot.cols, slot.rows));
        if !holds(slot.plain, slot.rows, slot.cols) || !turned {
            report(Fault::State(slot.name.clone()));
        }
    }
    let ids = || (0..schedule.buffers.len() as u32).map(BufferId);
    for b in ids() {
        let buffer = schedule.buffer(b);
        if !buffer.offset.is_multiple_of(ROW_BYTES) {
            report(Fault::Misaligned(b));
        }
        if end(buffer) > schedule.arena_bytes {
            report(Fault::BeyondArena(b));
        }
    }
    let lasting: Vec<BufferId> = ids().filter(|&b| schedule.buffer(b).lasting).collect();
    for (i, &a) in lasting.iter().enumerate() {
        for &b in lasting[i + 1..].iter().filter(|&&b| overlap(schedule, a, b)) {
            report(Fault::Overlap(a, b));
        }
    }
}

/// The buffers of one step, against each other and against those that last.
pub(super) fn check(schedule: &Schedule, entry: &Entry, found: &mut Vec<Violation>) {
    let lives: Vec<(BufferId, (usize, usize))> = memory::lifetimes(schedule, entry).into_iter().collect();
    let mut report = |a, b| {
        found.push(Violation { site: Site::Entry(entry.name.clone()), fault: Fault::Overlap(a, b) });
    };
    for (i, &(a, life)) in lives.iter().enumerate() {
        let together = |other: (usize, usize)| other.0 <= life.1 && life.0 <= other.1;
        for &(b, other) in &lives[i + 1..] {
            if together(other) && overlap(schedule, a, b) {
                report(a, b);
            }
        }
        for b in (0..schedule.buffers.len() as u32).map(BufferId) {
            if schedule.buffer(b).lasting && overlap(schedule, a, b) {
                report(a, b);
            }
        }
    }
}

fn end(buffer: &Buffer) -> u64 {
    buffer.offset.saturating_add(buffer.bytes())
}

fn overlap(schedule: &Schedule, a: BufferId, b: BufferId) -> bool {
    let (a, b) = (schedule.buffer(a), schedule.buffer(b));
    a.offset < end(b) && b.offset < end(a)
}
