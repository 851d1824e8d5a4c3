//! What kernels do to each other: phases, partial sums, states.

use super::{Fault, Report, Site, Violation};
use crate::buffer::BufferId;
use crate::kernel::{Access, Entry, Form, Kernel, KernelId, Op, Schedule, StoreTarget};
use kiln_graph::Extent;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(schedule: &Schedule, entry: &Entry, found: &mut Vec<Violation>) {
    let mut phase_of = vec![None; entry.kernels.len()];
    for (k, phase) in phase_of.iter_mut().enumerate() {
        let id = KernelId(k as u32);
        let phases: Vec<usize> = (0..entry.phases.len()).filter(|&p| entry.phases[p].contains(&id)).collect();
        let times = entry.phases.iter().flatten().filter(|&&other| other == id).count();
        *phase = phases.first().copied();
        // A field may be gathered again for a later part.
        let again = entry.chunks() > 1 && matches!(entry.kernels[k].form, Form::Gather { .. });
        Report { entry, kernel: id, found }
            .unless(times == 1 || again && times > 1, Fault::Scheduled { times });
        let suits = phases.iter().all(|&p| part_suits(entry, p, &entry.kernels[k]));
        Report { entry, kernel: id, found }.unless(suits, Fault::Parts);
    }
    if !serial_suits(entry) {
        found.push(Violation { site: Site::Entry(entry.name.clone()), fault: Fault::Serial });
    }
    let uses = entry.kernels.iter().map(|k| Uses {
        reads: k.reads().into_iter().collect(),
        writes: k.writes(entry).into_iter().collect(),
    });
    let mut check = Check { schedule, entry, phase_of, uses: uses.collect(), found };
    for k in 0..entry.kernels.len() {
        check.reads(k);
        check.writes(k);
        check.in_place(k);
        check.states(k);
    }
    check.outputs();
}

/// What a kernel reads and writes, each once.
struct Uses {
    reads: BTreeSet<BufferId>,
    writes: BTreeSet<BufferId>,
}

struct Check<'a> {
    schedule: &'a Schedule,
    entry: &'a Entry,
    /// The first phase of each kernel.
    phase_of: Vec<Option<usize>>,
    uses: Vec<Uses>,
    found: &'a mut Vec<Violation>,
}

impl Check<'_> {
    fn report(&mut self, k: usize) -> Report<'_> {
        Report { entry: self.entry, kernel: KernelId(k as u32), found: self.found }
    }

    fn lasts(&self, b: BufferId) -> bool {
        self.schedule.buffer(b).lasting
    }

    /// Filled before the step begins.
    fn given(&self, b: BufferId) -> bool {
        let entry = self.entry;
        entry.scalars.iter().any(|f| f.buffer == b)
            || entry.row_count == b
            || entry.keys == Some(b)
            || self.lasts(b)
    }

    fn writer(&self, b: BufferId) -> Option<usize> {
        self.uses.iter().position(|u| u.writes.contains(&b))
    }

    fn reads(&mut self, k: usize) {
        for b in self.uses[k].reads.clone() {
            let written = self.writer(b).is_some_and(|w| self.phase_of[w] < self.phase_of[k]);
            let ready = written || self.given(b);
            self.report(k).unless(ready, Fault::ReadBeforeWritten(b));
            self.chunks(k, b);
        }
        let chunks = self.entry.chunks();
        let sums = |k| partial_sums(k, chunks);
        let partial: BTreeMap<BufferId, u32> = self.entry.kernels.iter().flat_map(sums).collect();
        for op in &self.entry.kernels[k].program.ops {
            let (buffer, read) = match *op {
                Op::Load(b, _) if partial.contains_key(&b) => (b, 1),
                Op::LoadSum { buffer, rows, .. } => (buffer, rows),
                Op::Load(..)
                | Op::Tile
                | Op::Constant(_)
                | Op::Random { .. }
                | Op::Unary(..)
                | Op::Binary(..)
                | Op::Select(..)
                | Op::ReduceCols(..) => continue,
            };
            let written = partial.get(&buffer).copied().unwrap_or(0);
            self.report(k).unless(read == written, Fault::PartialSums { buffer, read, written });
        }
    }

    /// A chunk is read while it is there, a sum once it is whole.
    fn chunks(&mut self, k: usize, b: BufferId) {
        let parts = |k: usize| -> BTreeSet<usize> {
            let id = KernelId(k as u32);
            let within =
                |p: usize| self.entry.parts.iter().position(|part| (part.from..part.to).contains(&p));
            (0..self.entry.phases.len())
                .filter(|&p| self.entry.phases[p].contains(&id))
                .filter_map(within)
                .collect()
        };
        let Some(writer) = self.writer(b) else { return };
        let (written, read) = (parts(writer), parts(k));
        let kernel = &self.entry.kernels[writer];
        let adds = match &kernel.form {
            Form::Block { sum, .. } => *sum == Some(b),
            Form::Gather { .. } | Form::MatMul { .. } | Form::Map | Form::Rows | Form::Copy { .. } => false,
        };
        let adds = adds || stores(kernel, b).any(|t| matches!(t, StoreTarget::SumRows(_)));
        let unfinished =
            self.entry.chunks() > 1 && adds && kernel.walks_batch() && !written.is_disjoint(&read);
        let other = self.schedule.buffer(b).chunked && !read.is_subset(&written);
        self.report(k).unless(!unfinished, Fault::Unfinished(b));
        self.report(k).unless(!other, Fault::OtherChunk(b));
    }

    fn writes(&mut self, k: usize) {
        for other in (0..self.uses.len()).filter(|&o| o != k) {
            let id = KernelId(other as u32);
            let twice: Vec<BufferId> =
                self.uses[k].writes.intersection(&self.uses[other].writes).copied().collect();
            for &b in twice.iter().filter(|_| other < k) {
                self.report(k).unless(false, Fault::WrittenTwice(b, id));
            }
            if self.phase_of[other] == self.phase_of[k] {
                let mut shared = self.uses[k].writes.intersection(&self.uses[other].reads).copied().collect();
                let mut all = twice;
                all.append(&mut shared);
                for b in all {
                    self.report(k).unless(false, Fault::Conflict(b, id));
                }
            }
        }
    }

    /// What a kernel reads of a buffer that it overwrites is what the same element overwrites.
    fn in_place(&mut self, k: usize) {
        let kernel = &self.entry.kernels[k];
        let one_row = kernel.rows == Extent::Fixed(1) && matches!(kernel.form, Form::Rows);
        for b in self.uses[k].writes.clone() {
            let operand = match &kernel.form {
                Form::MatMul { products, .. } | Form::Block { products, .. } => {
                    products.iter().any(|p| p.a == b || p.b == b)
                }
                Form::Copy { parts, .. } => parts.iter().any(|p| p.from == b),
                Form::Gather { .. } | Form::Map | Form::Rows => false,
            };
            let elements = kernel.program.ops.iter().all(|op| match *op {
                Op::Load(read, access) if read == b => {
                    one_row
                        || stores(kernel, b).all(|target| match target {
                            StoreTarget::Element(_) => access == Access::Element,
                            StoreTarget::Column(_) => access == Access::Column,
                            StoreTarget::SumRows(_) => false,
                        })
                }
                Op::LoadSum { buffer, .. } => buffer != b,
                Op::Load(..)
                | Op::Tile
                | Op::Constant(_)
                | Op::Random { .. }
                | Op::Unary(..)
                | Op::Binary(..)
                | Op::Select(..)
                | Op::ReduceCols(..) => true,
            });
            self.report(k).unless(!operand && elements, Fault::InPlace(b));
        }
    }

    /// Every read of a state sees the value from before the step, and its copies change together.
    fn states(&mut self, k: usize) {
        for slot in &self.schedule.states {
            let writes = |b: BufferId| self.uses[k].writes.contains(&b);
            let both = slot.transposed.is_none_or(|t| writes(t) == writes(slot.plain));
            let written: Vec<BufferId> =
                [Some(slot.plain), slot.transposed].into_iter().flatten().filter(|&b| writes(b)).collect();
            for &b in &written {
                for r in (0..self.uses.len()).filter(|&r| self.uses[r].reads.contains(&b)).collect::<Vec<_>>()
                {
                    let late = self.phase_of[r] > self.phase_of[k];
                    self.report(k).unless(!late, Fault::LateReader(b, KernelId(r as u32)));
                }
            }
            self.report(k).unless(both, Fault::HalfState(slot.name.clone()));
        }
        let states: Vec<BufferId> =
            self.schedule.states.iter().flat_map(|s| [Some(s.plain), s.transposed]).flatten().collect();
        for b in self.uses[k].writes.clone() {
            let fixed = self.lasts(b) && !states.contains(&b);
            self.report(k).unless(!fixed, Fault::Constant(b));
        }
    }

    fn outputs(&mut self) {
        for output in &self.entry.outputs {
            if self.writer(output.buffer).is_none() && !self.given(output.buffer) {
                let site = Site::Entry(self.entry.name.clone());
                self.found.push(Violation { site, fault: Fault::UnwrittenOutput(output.name.clone()) });
            }
        }
    }
}

/// The phase is in one part, and that part goes through the chunks if the kernel does.
fn part_suits(entry: &Entry, phase: usize, kernel: &Kernel) -> bool {
    let mut parts = entry.parts.iter().filter(|part| (part.from..part.to).contains(&phase));
    let per_chunk = entry.chunks() > 1 && kernel.walks_batch();
    parts.next().is_some_and(|part| part.per_chunk == per_chunk) && parts.next().is_none()
}

/// Serial stretches follow each other, each within a part.
fn serial_suits(entry: &Entry) -> bool {
    let within = |&(from, to): &(usize, usize)| {
        from < to && entry.parts.iter().any(|part| part.from <= from && to <= part.to)
    };
    entry.serial.iter().all(within) && entry.serial.windows(2).all(|pair| pair[0].1 <= pair[1].0)
}

/// Where the kernel stores partial sums, and how many rows of them in all chunks.
fn partial_sums(kernel: &Kernel, chunks: u32) -> impl Iterator<Item = (BufferId, u32)> + '_ {
    let chunks = if kernel.rows == Extent::Batch { chunks } else { 1 };
    kernel.program.stores.iter().filter_map(move |s| match s.target {
        StoreTarget::SumRows(b) => Some((b, kernel.tasks.blocks * chunks)),
        StoreTarget::Element(_) | StoreTarget::Column(_) => None,
    })
}

fn stores(kernel: &Kernel, b: BufferId) -> impl Iterator<Item = StoreTarget> + '_ {
    kernel.program.stores.iter().map(|s| s.target).filter(move |t| t.buffer() == b)
}
