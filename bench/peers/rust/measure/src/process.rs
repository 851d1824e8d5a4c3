//! This process: its processors, the time since its start, its memory.

use rayon::ThreadPoolBuilder;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Set once the process has the environment that it wants.
const LIMITED: &str = "KILN_PEER_LIMITED";

/// By affinity, by the variables that the frameworks' pools read, and by rayon's pool.
///
/// Candle's products take as many threads as there are cores, whatever the affinity, unless
/// `RAYON_NUM_THREADS` says otherwise. Variables must be there before a thread is, so the process starts anew,
/// once; the process and the time of its start stay the same.
pub(crate) fn limit_threads(threads: usize) {
    let processors = processors(threads);
    if std::env::var_os(LIMITED).is_some() {
        return pool(processors);
    }
    sched_setaffinity(None, &set(&processors)).expect("a process may give up processors");
    let mut anew = Command::new("/proc/self/exe");
    anew.args(std::env::args_os().skip(1)).env(LIMITED, "1");
    for name in ["RAYON", "MATMUL", "OMP", "MKL", "OPENBLAS"] {
        anew.env(format!("{name}_NUM_THREADS"), threads.to_string());
    }
    // Candle's second pool, of element-wise operations, spins 25,000 turns after each on a processor that rayon's
    // worker wants for the next product: a sixth of exp06's epoch at batch 128.
    anew.env("CANDLE_BARRIER_POOL_SPIN_LIMIT", "1000");
    // Set on some machines for old builds of OpenBLAS; they slow a new one.
    anew.env_remove("OPENBLAS_CORETYPE").env_remove("OPENBLAS_L2_SIZE");
    panic!("cannot start anew: {}", anew.exec());
}

/// The first of those that the process may use.
fn processors(threads: usize) -> Vec<usize> {
    let all = sched_getaffinity(None).expect("a process may ask for its processors");
    (0..CpuSet::MAX_CPU).filter(|processor| all.is_set(*processor)).take(threads).collect()
}

fn set(processors: &[usize]) -> CpuSet {
    let mut set = CpuSet::new();
    processors.iter().for_each(|processor| set.set(*processor));
    set
}

/// The main thread is one of rayon's, each other has a processor of its own: left to themselves, two workers that
/// a waiting main thread wakes may share one processor as long as the process lives.
fn pool(processors: Vec<usize>) {
    let builder = ThreadPoolBuilder::new().num_threads(processors.len()).use_current_thread();
    let pinned = builder.start_handler(move |worker| {
        sched_setaffinity(None, &set(&processors[worker..=worker])).expect("a thread may give up processors");
    });
    pinned.build_global().expect("nobody has built it before");
}

/// Seconds since this process was started.
pub(crate) fn since_start() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells of a process");
    let (_, fields) = stat.rsplit_once(')').expect("the name is in parentheses");
    let ticks = fields.split_whitespace().nth(19).and_then(|field| field.parse::<f64>().ok());
    let start =
        ticks.expect("the start is a number of ticks") / rustix::param::clock_ticks_per_second() as f64;
    let now = clock_gettime(ClockId::Boottime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9 - start
}

/// The most memory that the process had at a time.
pub(crate) fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells of a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak is told");
    let kib = line.trim().trim_end_matches(" kB").parse::<f64>().expect("in KiB");
    kib / 1024.0
}
