//! The machine's own limits, against which kernels are judged: arithmetic and memory, one thread, and what
//! two threads need to answer each other.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::checked::{self, Panels, Sizes};
use crate::{Isa, PANEL_COLUMNS, table};

/// The best matmul rate in GFLOP/s of one thread: the full register tile with all operands in L1, for
/// about `milliseconds`. The maximum over short windows, because a shared machine only ever takes time
/// away.
///
/// # Panics
/// When the processor does not have the instruction set.
pub fn peak(isa: Isa, milliseconds: u64) -> f64 {
    // A: 14 · 128 · 4 = 7 KiB, B: 16 KiB, C: under 2 KiB.
    const K: usize = 128;
    const CALLS: usize = 200;
    let table = table(isa);
    let sizes = Sizes { rows: table.tile_rows, nv: 2, k: K };
    let a = vec![1.0; sizes.rows * K];
    let a = Panels { data: &a, panel_stride_bytes: sizes.rows * crate::ROW_BYTES };
    let b = vec![0.5; K * PANEL_COLUMNS];
    let mut c = vec![0.0; sizes.rows * PANEL_COLUMNS];
    let flop = (2 * CALLS * sizes.rows * K * PANEL_COLUMNS) as f64;
    let until = Instant::now() + Duration::from_millis(milliseconds);
    let mut best: f64 = 0.0;
    loop {
        let start = Instant::now();
        for _ in 0..CALLS {
            checked::matmul_nn(table, sizes, a, black_box(&b), &mut c, false);
            black_box(&mut c);
        }
        best = best.max(flop / start.elapsed().as_secs_f64().max(1e-9) / 1e9);
        if Instant::now() >= until {
            return best;
        }
    }
}

/// The rate in GB/s at which one thread reads memory: the best of a few passes over 128 MiB, more than
/// the last-level cache of common machines.
pub fn bandwidth() -> f64 {
    const WORDS: usize = (128 << 20) / size_of::<u64>();
    const PASSES: usize = 4;
    let words = vec![1_u64; WORDS];
    let mut best: f64 = 0.0;
    for _ in 0..PASSES {
        let start = Instant::now();
        let mut sums = [0_u64; 32];
        for chunk in black_box(&words).chunks_exact(sums.len()) {
            for (sum, word) in sums.iter_mut().zip(chunk) {
                *sum = sum.wrapping_add(*word);
            }
        }
        black_box(sums);
        best = best.max((WORDS * size_of::<u64>()) as f64 / start.elapsed().as_secs_f64().max(1e-9) / 1e9);
    }
    best
}

/// Seconds from a message to another thread until its answer is there: what two workers need to meet. The best
/// of a few windows of up to `milliseconds` in all. Processors that share a cache take some 100 ns, others
/// several times that; where there is one processor only, as long as the system lets each thread run.
pub fn round_trip(milliseconds: u64) -> f64 {
    const MESSAGES: u32 = 1000;
    // Odd: a message; even: its answer.
    let turn = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let seen = turn.load(Ordering::Acquire);
                if seen % 2 == 1 {
                    turn.store(seen + 1, Ordering::Release);
                } else {
                    spin_loop();
                }
            }
        });
        let until = Instant::now() + Duration::from_millis(milliseconds);
        let mut best = f64::INFINITY;
        while best.is_infinite() || Instant::now() < until {
            let start = Instant::now();
            let mut sent: u32 = 0;
            // A window ends early where a message takes so long that the time is over within it.
            while sent < MESSAGES && (sent % 16 != 1 || Instant::now() < until) {
                let message = turn.load(Ordering::Relaxed) + 1;
                turn.store(message, Ordering::Release);
                while turn.load(Ordering::Acquire) == message {
                    spin_loop();
                }
                sent += 1;
            }
            best = best.min(start.elapsed().as_secs_f64() / f64::from(sent));
        }
        stop.store(true, Ordering::Relaxed);
        best
    })
}
