//! Phases: kernels that may run together.
//!
//! In: an entry's kernels and who must wait for whom. Out: the entry's phases.
//! A kernel runs in the first phase in which all it waits for is done; a phase begins
//! when all tasks of the one before are done.

use crate::buffer::BufferId;
use crate::kernel::{Entry, KernelId};
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

    /// The phase of each kernel.
    fn levels(&self) -> Vec<usize> {
        let n = self.after.len();
        let mut waiting = vec![0usize; n];
        for &k in self.after.iter().flatten() {
            waiting[k] += 1;
        }
        let mut level = vec![0; n];
        let mut ready: Vec<usize> = (0..n).filter(|&k| waiting[k] == 0).collect();
        let mut done = 0;
        while let Some(k) = ready.pop() {
            done += 1;
            for &next in &self.after[k] {
                level[next] = level[next].max(level[k] + 1);
                waiting[next] -= 1;
                if waiting[next] == 0 {
                    ready.push(next);
                }
            }
        }
        assert_eq!(done, n, "schedule: kernels wait for each other in a circle");
        level
    }
}

/// Fills in the entry's phases.
pub(crate) fn order(entry: &mut Entry, order: &Order) {
    let levels = order.levels();
    let last = levels.iter().copied().max().map_or(0, |l| l + 1);
    entry.phases = vec![Vec::new(); last];
    for (k, &level) in levels.iter().enumerate() {
        entry.phases[level].push(KernelId(k as u32));
    }
}
