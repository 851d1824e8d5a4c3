//! Hands out the tasks of one phase after the other, to however many workers there are.
//!
//! One idea: a phase is over when its *tasks* are done, not when all workers have arrived. A
//! worker that the system has taken off its processor holds nothing up unless it holds a task,
//! so a busy machine costs the time that it takes, and not that of waking threads as well.
//!
//! The phase's number and how many tasks are taken are one word, exchanged as one: a worker that comes
//! late cannot take a task of a phase that is over. Waiting spins briefly, then sleeps.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// Turns of spinning before sleeping: about 20 µs.
const SPINS: u32 = 4_000;

/// The number of no phase: nothing has begun.
const START: u32 = u32::MAX - 1;

/// The number of no phase: all is done.
const END: u32 = u32::MAX;

/// Where tasks come from.
#[derive(Debug)]
pub(crate) struct Dispatch {
    /// Phase in the upper half, tasks taken in the lower ([`next`]).
    current: AtomicU64,
    /// Tasks of the phase that are done.
    done: AtomicUsize,
    spins: u32,
    sleepers: AtomicUsize,
    lock: Mutex<()>,
    wake: Condvar,
}

fn word(phase: u32) -> u64 {
    u64::from(phase) << 32
}

/// What to add to a phase's count of tasks taken, and which task that is; `None` where none is left. The count is
/// of the first in its lower half and of the last in its upper half, or of the first alone where there are
/// more than fit.
fn next(taken: u32, tasks: usize, worker: usize) -> Option<(u64, usize)> {
    if tasks > usize::from(u16::MAX) {
        let first = taken as usize;
        return (first < tasks).then_some((1, first));
    }
    let (first, last) = (usize::from(taken as u16), usize::from((taken >> 16) as u16));
    let from_front = worker.is_multiple_of(2);
    (first + last < tasks).then(|| if from_front { (1, first) } else { (1 << 16, tasks - 1 - last) })
}

impl Dispatch {
    /// Nothing to take until the first [`Dispatch::open`].
    pub(crate) fn new(threads: usize) -> Dispatch {
        let processors = std::thread::available_parallelism().map_or(1, |n| n.get());
        Dispatch {
            current: AtomicU64::new(word(START)),
            done: AtomicUsize::new(0),
            // Where threads outnumber processors, spinning takes the time that the others need.
            spins: if threads > processors { 100 } else { SPINS },
            sleepers: AtomicUsize::new(0),
            lock: Mutex::new(()),
            wake: Condvar::new(),
        }
    }

    /// Takes a task: its phase and number; waits while there is none. `None` once all is done.
    /// What was done before its phase was opened is seen by whoever takes it.
    ///
    /// Even workers take the first task that is left, odd ones the last. So two of them keep to the same halves
    /// of the parameters from phase to phase, and find in their own caches what they have written.
    pub(crate) fn take(&self, worker: usize, tasks_of: impl Fn(u32) -> usize) -> Option<(u32, usize)> {
        loop {
            let now = self.current.load(Ordering::Acquire);
            let phase = (now >> 32) as u32;
            if phase == END {
                return None;
            }
            let tasks = if phase == START { 0 } else { tasks_of(phase) };
            let Some((more, task)) = next(now as u32, tasks, worker) else {
                self.wait(phase);
                continue;
            };
            let then = now + more;
            let taken = self.current.compare_exchange_weak(now, then, Ordering::AcqRel, Ordering::Relaxed);
            if taken.is_ok() {
                return Some((phase, task));
            }
        }
    }

    /// A task is done. True for the last one of its phase's `tasks`: whoever is told so has the
    /// memory to itself, and must open the next phase or close.
    pub(crate) fn finish(&self, tasks: usize) -> bool {
        self.done.fetch_add(1, Ordering::AcqRel) + 1 == tasks
    }

    /// Opens a phase.
    pub(crate) fn open(&self, phase: u32) {
        self.done.store(0, Ordering::Relaxed);
        self.publish(word(phase));
    }

    /// Sends all workers home.
    pub(crate) fn close(&self) {
        self.publish(word(END));
    }

    fn publish(&self, word: u64) {
        self.current.store(word, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.wake.notify_all();
        }
    }

    /// Returns once the phase is another.
    fn wait(&self, phase: u32) {
        let is_over = |order| (self.current.load(order) >> 32) as u32 != phase;
        for _ in 0..self.spins {
            if is_over(Ordering::Acquire) {
                return;
            }
            std::hint::spin_loop();
        }
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        while !is_over(Ordering::SeqCst) {
            guard = self.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
        drop(guard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From both ends or from one: each task once, whoever asks.
    #[test]
    fn every_task_is_taken_once() {
        for tasks in [0, 1, 2, 3, 25, 65_535, 65_536, 70_000] {
            for workers in [1, 2, 3] {
                let dispatch = Dispatch::new(workers);
                dispatch.open(7);
                let mut taken = vec![0; tasks];
                for i in 0..tasks {
                    let (phase, task) = dispatch.take(i % workers, |_| tasks).expect("one is left");
                    assert_eq!(phase, 7);
                    taken[task] += 1;
                }
                assert!(taken.iter().all(|&n| n == 1), "{tasks} tasks, {workers} workers");
                let word = dispatch.current.load(Ordering::Relaxed);
                assert_eq!(next(word as u32, tasks, 0), None);
                dispatch.close();
                assert_eq!(dispatch.take(0, |_| tasks), None);
            }
        }
    }

    #[test]
    fn two_workers_keep_to_their_halves() {
        let dispatch = Dispatch::new(2);
        dispatch.open(0);
        let taken: Vec<usize> =
            [0, 1, 0, 1].map(|w| dispatch.take(w, |_| 4).expect("one is left").1).to_vec();
        assert_eq!(taken, [0, 3, 1, 2]);
    }
}
