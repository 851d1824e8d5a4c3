//! Chunks: batches that are larger than the cache, a piece of rows at a time.
//!
//! In: an entry whose phases are in parts ([`crate::phase`]). Out: the same, with what lives within
//! one part shrunk to the rows of one chunk.
//!
//! One idea: values of rows that nobody reads in another part are dead once their chunk is through, so
//! one buffer serves all chunks, and memory does not grow with the batch. Sums over rows (partial sums,
//! whole gradients) grow from chunk to chunk, in their order, which depends on shapes only.
//!
//! Fields of the batch are cheap to gather: each part that reads one gathers it again.

use crate::buffer::BufferId;
use crate::kernel::{Entry, Form, KernelId, Schedule, StoreTarget};
use kiln_graph::Extent;
use std::collections::{BTreeMap, BTreeSet};

/// Settles which buffers hold one chunk only.
pub(crate) fn settle(schedule: &mut Schedule, entry: &mut Entry) {
    if entry.chunks() == 1 {
        return;
    }
    let read_afterwards: BTreeSet<BufferId> = entry.outputs.iter().map(|o| o.buffer).collect();
    gather_again(entry, &read_afterwards);
    let fields: Vec<BufferId> = entry.inputs.iter().map(|f| f.buffer).collect();
    for (b, parts) in parts_of(entry) {
        let within_one = parts.len() == 1 || fields.contains(&b);
        if by_rows(entry, b) && within_one && !read_afterwards.contains(&b) {
            let buffer = &mut schedule.buffers[b.index()];
            (buffer.rows, buffer.chunked) = (entry.chunk, true);
        }
    }
}

/// Puts a field's gather before each further part that reads the field.
fn gather_again(entry: &mut Entry, read_afterwards: &BTreeSet<BufferId>) {
    let gathers: Vec<(KernelId, BufferId)> = (0..entry.kernels.len())
        .filter_map(|k| match entry.kernels[k].form {
            Form::Gather { field } => Some((KernelId(k as u32), entry.inputs[field as usize].buffer)),
            Form::MatMul { .. } | Form::Block { .. } | Form::Map | Form::Rows | Form::Copy { .. } => None,
        })
        .filter(|(_, b)| !read_afterwards.contains(b))
        .collect();
    for p in 0..entry.parts.len() {
        let part = entry.parts[p];
        let kernels: Vec<KernelId> = entry.phases[part.from..part.to].concat();
        let reads = |b: BufferId| kernels.iter().any(|k| entry.kernels[k.index()].reads().contains(&b));
        let missing: Vec<KernelId> =
            gathers.iter().filter(|(k, b)| !kernels.contains(k) && reads(*b)).map(|(k, _)| *k).collect();
        if !missing.is_empty() {
            entry.phases.insert(part.from, missing);
            entry.parts[p].to += 1;
            for later in &mut entry.parts[p + 1..] {
                (later.from, later.to) = (later.from + 1, later.to + 1);
            }
        }
    }
}

/// The parts in which each buffer is used.
fn parts_of(entry: &Entry) -> BTreeMap<BufferId, BTreeSet<usize>> {
    let mut parts: BTreeMap<BufferId, BTreeSet<usize>> = BTreeMap::new();
    for (p, part) in entry.parts.iter().enumerate() {
        for k in entry.phases[part.from..part.to].iter().flatten() {
            let kernel = &entry.kernels[k.index()];
            for b in kernel.reads().into_iter().chain(kernel.writes(entry)) {
                parts.entry(b).or_default().insert(p);
            }
        }
    }
    parts
}

/// The buffer has a row for each row of the batch.
fn by_rows(entry: &Entry, b: BufferId) -> bool {
    entry
        .kernels
        .iter()
        .filter(|k| k.rows == Extent::Batch && k.writes(entry).contains(&b))
        .any(|k| k.program.stores.iter().all(|s| s.target != StoreTarget::SumRows(b)))
}
