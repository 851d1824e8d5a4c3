//! Phases: kernels that may run together.
//!
//! In: an entry's kernels and who must wait for whom. Out: the entry's phases and parts.
//! A kernel runs in the first phase in which all it waits for is done; a phase begins
//! when all tasks of the one before are done.
//!
//! Where the batch is taken in chunks, what goes through its rows and what does not are in
//! parts of their own, in turn: a kernel that reads a sum over all rows waits for the last chunk.

use crate::buffer::BufferId;
use crate::kernel::{Entry, KernelId, Part};
use std::collections::BTreeMap;

/// Who must wait for whom: `after[k]` lists the kernels that wait for `k`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    after: Vec<Vec<usize>>,
}

impl Order {
    /// Every reader of a buffer waits for its writer. `states` are left out: their readers
    /// see the value from before the step ([`Order::wait`] makes the writer wait for them).
    pub(crate) fn of(entry: &Entry, is_state: impl Fn(BufferId) -> bool) -> Order {
        let mut order = Order { after: vec![Vec::new(); entry.kernels.len()] };
        let mut writers: BTreeMap<BufferId, usize> = BTreeMap::new();
        for (k, kernel) in entry.kernels.iter().enumerate() {
            for b in kernel.writes(entry) {
                writers.insert(b, k);
            }
        }
        for (k, kernel) in entry.kernels.iter().enumerate() {
            for b in kernel.reads() {
                if let Some(&w) = writers.get(&b).filter(|&&w| w != k && !is_state(b)) {
                    order.wait(k, w);
                }
            }
        }
        order
    }

    /// Adds a kernel that nobody waits for yet.
    pub(crate) fn add(&mut self) {
        self.after.push(Vec::new());
    }

    /// `later` waits for `earlier`.
    pub(crate) fn wait(&mut self, later: usize, earlier: usize) {
        if !self.after[earlier].contains(&later) {
            self.after[earlier].push(later);
        }
    }

    /// True where `to` waits for `from`, directly or through others.
    pub(crate) fn reaches(&self, from: usize, to: usize) -> bool {
        let mut seen = vec![false; self.after.len()];
        let mut stack = vec![from];
        while let Some(k) = stack.pop() {
            if k == to {
                return true;
            }
            if !std::mem::replace(&mut seen[k], true) {
                stack.extend(self.after[k].iter().copied());
            }
        }
        false
    }

    /// Kernels, each after all it waits for.
    fn sorted(&self) -> Vec<usize> {
        let n = self.after.len();
        let mut waiting = vec![0usize; n];
        for &k in self.after.iter().flatten() {
            waiting[k] += 1;
        }
        let mut ready: Vec<usize> = (0..n).filter(|&k| waiting[k] == 0).collect();
        let mut sorted = Vec::with_capacity(n);
        while let Some(k) = ready.pop() {
            sorted.push(k);
            for &next in &self.after[k] {
                waiting[next] -= 1;
                if waiting[next] == 0 {
                    ready.push(next);
                }
            }
        }
        assert_eq!(sorted.len(), n, "schedule: kernels wait for each other in a circle");
        sorted
    }

    /// The part and the phase within it of each kernel. Parts that go through the chunks have odd
    /// numbers, the others even ones.
    fn places(&self, walks: &[bool]) -> Vec<(usize, usize)> {
        let mut places: Vec<(usize, usize)> = walks.iter().map(|&w| (usize::from(w), 0)).collect();
        for k in self.sorted() {
            for &next in &self.after[k] {
                let (part, phase) = places[k];
                let after = if walks[k] == walks[next] { (part, phase + 1) } else { (part + 1, 0) };
                places[next] = places[next].max(after);
            }
        }
        places
    }
}

/// Fills in the entry's phases and parts.
pub(crate) fn order(entry: &mut Entry, order: &Order) {
    let whole = entry.chunks() == 1;
    let walks: Vec<bool> = entry.kernels.iter().map(|k| !whole && k.walks_batch()).collect();
    let mut phases: BTreeMap<(usize, usize), Vec<KernelId>> = BTreeMap::new();
    for (k, place) in order.places(&walks).into_iter().enumerate() {
        phases.entry(place).or_default().push(KernelId(k as u32));
    }
    for ((part, _), kernels) in phases {
        let at = entry.phases.len();
        let per_chunk = part % 2 == 1;
        match entry.parts.last_mut() {
            Some(last) if last.per_chunk == per_chunk => last.to = at + 1,
            Some(_) | None => entry.parts.push(Part { from: at, to: at + 1, per_chunk }),
        }
        entry.phases.push(kernels);
    }
}
