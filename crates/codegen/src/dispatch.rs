//! Hands out the tasks of one phase after the other, to however many workers there are.
//!
//! One idea: a phase is over when its *tasks* are done, not when all workers have arrived. A
//! worker that the system has taken off its processor holds nothing up unless it holds a task,
//! so a busy machine costs the time that it takes, and not that of waking threads as well.
//!
//! The phase's number and the next task's are one word, exchanged as one: a worker that comes
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
    /// Phase in the upper half, next task in the lower.
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
    pub(crate) fn take(&self, tasks_of: impl Fn(u32) -> usize) -> Option<(u32, usize)> {
        loop {
            let now = self.current.load(Ordering::Acquire);
            let (phase, task) = ((now >> 32) as u32, now as u32 as usize);
            if phase == END {
                return None;
            }
            if phase == START || task >= tasks_of(phase) {
                self.wait(phase);
                continue;
            }
            let next = self.current.compare_exchange_weak(now, now + 1, Ordering::AcqRel, Ordering::Relaxed);
            if next.is_ok() {
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
