//! What a job runs in a step, in which order, and how it is handed out.
//!
//! In: an entry. Out: its stretches of phases with their tasks, and the rounds that they have, by chunk.

use kiln_graph::Shape;
use kiln_schedule::{Entry, Form, KernelId};
use std::ops::Range;

/// A stretch of a step, for all of the batch or for a chunk of it.
#[derive(Clone, Copy)]
pub(super) struct Round {
    pub(super) stretch: usize,
    pub(super) chunk: Option<u32>,
}

impl Round {
    /// All rounds of a step.
    pub(super) fn all(entry: &Entry) -> Vec<Round> {
        let stretches = entry.stretches();
        let mut rounds = Vec::new();
        for part in &entry.parts {
            let of_part = (0..stretches.len()).filter(|&s| (part.from..part.to).contains(&stretches[s].0));
            match part.per_chunk {
                false => rounds.extend(of_part.map(|stretch| Round { stretch, chunk: None })),
                true => (0..entry.chunks()).for_each(|chunk| {
                    rounds.extend(of_part.clone().map(|stretch| Round { stretch, chunk: Some(chunk) }));
                }),
            }
        }
        rounds
    }
}

/// Tasks of a kernel that are handed out side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) kernel: usize,
    pub(super) tasks: Range<usize>,
}

/// Phases that are handed out together: one, task by task, or several as one task.
#[derive(Debug)]
pub(super) struct Stretch {
    /// In the order of tasks.
    pieces: Vec<Piece>,
    /// The number of the first task of each; empty where all are one task.
    firsts: Vec<usize>,
    pub(super) tasks: usize,
}

impl Stretch {
    /// All stretches of a step.
    pub(super) fn all(entry: &Entry) -> Vec<Stretch> {
        let stretch = |(from, to): (usize, usize)| match to - from {
            1 => Stretch::shared(entry, &entry.phases[from]),
            _ => Stretch::serial(entry, &entry.phases[from..to]),
        };
        entry.stretches().into_iter().map(stretch).collect()
    }

    /// One phase. Tasks are taken from both ends; the longest come first from either, so that short ones fill
    /// the gaps, and each kernel's first half is at the front.
    fn shared(entry: &Entry, phase: &[KernelId]) -> Stretch {
        let mut sorted: Vec<usize> = phase.iter().map(|k| k.index()).collect();
        sorted.sort_by_key(|&k| (std::cmp::Reverse(length(entry, k)), k));
        let tasks = |k: usize| entry.kernels[k].tasks.count() as usize;
        let front = sorted.iter().map(|&kernel| Piece { kernel, tasks: 0..tasks(kernel).div_ceil(2) });
        let back = sorted
            .iter()
            .rev()
            .map(|&kernel| Piece { kernel, tasks: tasks(kernel).div_ceil(2)..tasks(kernel) });
        let pieces: Vec<Piece> = front.chain(back).filter(|p| !p.tasks.is_empty()).collect();
        let mut tasks = 0;
        let firsts = pieces.iter().map(|p| {
            tasks += p.tasks.len();
            tasks - p.tasks.len()
        });
        Stretch { firsts: firsts.collect(), pieces, tasks }
    }

    /// Several phases, one after the other.
    fn serial(entry: &Entry, phases: &[Vec<KernelId>]) -> Stretch {
        let whole = |k: &KernelId| {
            let kernel = k.index();
            Piece { kernel, tasks: 0..entry.kernels[kernel].tasks.count() as usize }
        };
        Stretch { pieces: phases.iter().flatten().map(whole).collect(), firsts: Vec::new(), tasks: 1 }
    }

    /// What a task is.
    pub(super) fn pieces(&self, task: usize) -> impl Iterator<Item = Piece> + '_ {
        let one = (!self.firsts.is_empty()).then(|| {
            let at = self.firsts.partition_point(|&first| first <= task) - 1;
            let (piece, nth) = (&self.pieces[at], task - self.firsts[at]);
            let task = piece.tasks.start + nth;
            Piece { kernel: piece.kernel, tasks: task..task + 1 }
        });
        let all = if one.is_some() { &[][..] } else { &self.pieces[..] };
        one.into_iter().chain(all.iter().cloned())
    }
}

/// How long a task of a kernel takes, in no unit.
fn length(entry: &Entry, kernel: usize) -> usize {
    let kernel = &entry.kernels[kernel];
    let rows = |rows| Shape { rows, cols: 1 }.rows_at(entry.batch as usize);
    let products = match &kernel.form {
        Form::MatMul { products, .. } | Form::Block { products, .. } => {
            products.iter().map(|p| rows(p.inner)).sum::<usize>()
        }
        Form::Gather { .. } | Form::Map | Form::Rows | Form::Copy { .. } => 0,
    };
    rows(kernel.rows) * kernel.cols as usize * (products + 16) / kernel.tasks.count() as usize
}
