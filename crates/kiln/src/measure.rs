//! Measurements: how fast a model's training step is on this machine, and where its time goes.
//!
//! In: a resolved [`Model`], which has its batch size, and a number of threads. Out: seconds per epoch
//! ([`epoch`]), seconds of a forward pass ([`forward`]), or the time of each kernel ([`profile`]). The
//! samples are made up (bytes and labels that repeat), since a step's time does not depend on them, so
//! no data is read.
//!
//! Arithmetic is that of the matrix products alone: two operations for each multiply-add,
//! columns and rows as the spec has them, without padding. Nothing here is ever a test.

use crate::compile::{Planned, Purpose, plan};
use kiln_codegen::{CompileError, FieldData, Flow, Hooks, Isa, Job, Memory, Program, View};
use kiln_graph::{Extent, Shape};
use kiln_model::Model;
use kiln_model::model::TargetKind;
use kiln_schedule::{Entry, Form, Kernel, Schedule, Step};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Samples of an epoch.
    pub samples: u32,
    /// Workers.
    pub threads: usize,
    /// Instruction set.
    pub isa: Isa,
    /// Epochs that are timed, after one that is not.
    pub repeats: u32,
}

/// Seconds per epoch.
#[derive(Clone, Debug)]
pub struct Timing {
    /// Of each timed epoch.
    pub seconds: Vec<f64>,
    /// From the model to machine code: graphs, schedule, code.
    pub compile_seconds: f64,
    /// Of that, Cranelift and the re-encoder.
    pub code_seconds: f64,
    /// From the beginning of [`epoch`] to the end of the first step.
    pub first_step_seconds: f64,
    /// Floating-point operations of one epoch.
    pub operations: f64,
    /// Bytes of states and workspace.
    pub arena_bytes: usize,
    /// Bytes of machine code.
    pub code_bytes: usize,
}

impl Timing {
    /// The middle one of the epochs' seconds.
    pub fn median(&self) -> f64 {
        median(&self.seconds)
    }

    /// The least and the most of the epochs' seconds.
    pub fn range(&self) -> [f64; 2] {
        let fold = |start: f64, pick: fn(f64, f64) -> f64| self.seconds.iter().copied().fold(start, pick);
        [fold(f64::INFINITY, f64::min), fold(0.0, f64::max)]
    }

    /// Operations per second of the median epoch, in 10⁹.
    pub fn gflops(&self) -> f64 {
        self.operations / self.median() / 1e9
    }
}

fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// One kernel's share.
#[derive(Clone, Debug)]
pub struct KernelTime {
    /// Its number and name: `k3 enc1`.
    pub name: String,
    /// Its form, in a word or two.
    pub form: String,
    /// Its space: `[B,512]`.
    pub space: String,
    /// Seconds per step, summed over the workers.
    pub seconds: f64,
    /// Floating-point operations of its products in one step.
    pub operations: f64,
    /// Bytes that it reads and writes in one step, each buffer once.
    pub bytes: f64,
}

/// Times whole epochs of the training step.
///
/// # Errors
/// Where the processor lacks the instruction set.
pub fn epoch(model: &Model, what: Plan) -> Result<Timing, CompileError> {
    let begin = Instant::now();
    let bench = Bench::new(model, what)?;
    Ok(times(bench, begin, model.train.batch, what).0)
}

/// Times the forward pass, as the model is in use, over all samples, so many rows at a time; also the
/// median seconds of single calls: one batch, on one thread, from its bytes to its outputs.
///
/// # Errors
/// Where the processor lacks the instruction set.
pub fn forward(model: &Model, batch: u32, what: Plan) -> Result<(Timing, f64), CompileError> {
    let begin = Instant::now();
    let bench = Bench::forward(model, batch, what)?;
    let (timing, mut bench) = times(bench, begin, batch, what);
    bench.threads = 1;
    let order = bench.order.clone();
    let all = Instant::now();
    let mut calls = Vec::new();
    for rows in order.chunks_exact(batch.min(what.samples) as usize).cycle().take(CALLS) {
        let begin = Instant::now();
        bench.run(rows, None);
        calls.push(begin.elapsed().as_secs_f64());
        if all.elapsed() > CALLS_TIME {
            break;
        }
    }
    Ok((timing, median(&calls)))
}

/// Single calls that are timed: enough for a median of microseconds, and no longer than a moment.
const CALLS: usize = 2000;
const CALLS_TIME: Duration = Duration::from_millis(500);

/// The first step, an epoch to warm up, and the timed ones.
fn times(mut bench: Bench, begin: Instant, batch: u32, what: Plan) -> (Timing, Bench) {
    let compile_seconds = bench.compiled.duration_since(begin).as_secs_f64();
    let order = bench.order.clone();
    bench.run(&order[..batch.min(what.samples) as usize], None);
    let first_step_seconds = begin.elapsed().as_secs_f64();
    bench.run(&order, None);
    let mut seconds = Vec::new();
    for _ in 0..what.repeats.max(1) {
        let begin = Instant::now();
        bench.run(&order, None);
        seconds.push(begin.elapsed().as_secs_f64());
    }
    let operations = operations(bench.entry(), what.samples);
    let (arena_bytes, code_bytes) = (bench.memory.bytes(), bench.program.code_bytes());
    let code_seconds = bench.code_seconds;
    let timing = Timing {
        seconds,
        compile_seconds,
        code_seconds,
        first_step_seconds,
        operations,
        arena_bytes,
        code_bytes,
    };
    (timing, bench)
}

/// Times each kernel of the training step over some epochs.
///
/// # Errors
/// Where the processor lacks the instruction set.
pub fn profile(model: &Model, what: Plan) -> Result<Vec<KernelTime>, CompileError> {
    let mut bench = Bench::new(model, what)?;
    let order = bench.order.clone();
    bench.run(&order, None);
    let counters: Vec<AtomicU64> = bench.entry().kernels.iter().map(|_| AtomicU64::new(0)).collect();
    for _ in 0..what.repeats.max(1) {
        bench.run(&order, Some(&counters));
    }
    let steps = f64::from(what.samples.div_ceil(model.train.batch) * what.repeats.max(1));
    let schedule = bench.program.schedule();
    let entry = bench.entry();
    let time = |(k, (kernel, ns)): (usize, (&Kernel, &AtomicU64))| KernelTime {
        name: format!("k{k} {}", kernel.name),
        form: form(kernel),
        space: Shape { rows: kernel.rows, cols: kernel.cols }.to_string(),
        seconds: ns.load(Ordering::Relaxed) as f64 / 1e9 / steps,
        operations: kernel_operations(kernel, model.train.batch),
        bytes: kernel_bytes(schedule, entry, kernel),
    };
    Ok(entry.kernels.iter().zip(&counters).enumerate().map(time).collect())
}

/// A compiled step with samples to run it on.
struct Bench {
    program: Program,
    memory: Memory,
    fields: Vec<(String, Vec<u8>)>,
    order: Vec<u32>,
    threads: usize,
    step: u64,
    entry: usize,
    compiled: Instant,
    code_seconds: f64,
}

impl Bench {
    /// The training step.
    fn new(model: &Model, what: Plan) -> Result<Bench, CompileError> {
        let planned = plan(model, Purpose::Training { rows: what.samples as usize });
        Bench::of(model, planned, kiln_runtime::session::TRAIN, what)
    }

    /// Heads and views alone, `batch` rows at a time.
    fn forward(model: &Model, batch: u32, what: Plan) -> Result<Bench, CompileError> {
        const PREDICT: &str = "predict";
        let graph = kiln_model::build(model).predict;
        let schedule = kiln_schedule::plan(&[Step::new(PREDICT, &graph, batch)]);
        Bench::of(model, Planned { schedule, states: graph.states }, PREDICT, what)
    }

    /// Compiles an entry and makes up its samples.
    fn of(model: &Model, planned: Planned, entry: &str, what: Plan) -> Result<Bench, CompileError> {
        let Planned { schedule, states } = planned;
        let begin = Instant::now();
        let program = Program::compile(Arc::new(schedule), what.isa)?;
        let (compiled, code_seconds) = (Instant::now(), begin.elapsed().as_secs_f64());
        let entry = program.entry(entry).unwrap_or(0);
        let mut memory = Memory::new(&program);
        for (stream, state) in states.iter().enumerate() {
            let rows = state.shape.rows_at(0) as u32;
            memory.set_state(&state.name, &state.initial.fill(rows, state.shape.cols, 1, stream as u32));
        }
        let field = |input: &kiln_schedule::Field| {
            let classes = model.targets.iter().find(|t| t.name == input.name).and_then(|t| match t.kind {
                TargetKind::Class(n) => Some(n),
                TargetKind::Values(_) => None,
            });
            let most = classes.map_or(256, |n| n.min(256));
            let len = what.samples as usize * input.shape.cols as usize;
            // Any sequence without a short period will do.
            let byte = |i: usize| ((i as u32).wrapping_mul(0x9E37_79B9) >> 13) % most;
            (input.name.clone(), (0..len).map(|i| byte(i) as u8).collect())
        };
        let fields = program.schedule().entries[entry].inputs.iter().map(field).collect();
        let order = kiln_graph::random::shuffle(1, 0, what.samples);
        let threads = what.threads;
        Ok(Bench { program, memory, fields, order, threads, step: 0, entry, compiled, code_seconds })
    }

    fn entry(&self) -> &Entry {
        &self.program.schedule().entries[self.entry]
    }

    fn run(&mut self, order: &[u32], counters: Option<&[AtomicU64]>) {
        let wide = |name: &str| self.entry().inputs.iter().any(|i| i.name == name && i.shape.cols > 1);
        let fields: Vec<(&str, FieldData<'_>)> = self
            .fields
            .iter()
            .map(|(name, data)| {
                let scale = if wide(name) { 1.0 / 255.0 } else { 1.0 };
                (name.as_str(), FieldData::U8 { data, scale, offset: 0.0 })
            })
            .collect();
        let mut hooks = Given { step: self.step };
        let job =
            Job::new(&self.program, &mut self.memory, self.entry, (&fields, order), self.threads, &mut hooks);
        let job = match counters {
            Some(counters) => job.profiled(counters),
            None => job,
        };
        std::thread::scope(|scope| {
            for _ in 1..self.threads {
                scope.spawn(|| job.work());
            }
            job.work();
        });
        drop(job);
        self.step = hooks.step;
    }
}

/// Sets what a step is given, as training does.
struct Given {
    step: u64,
}

impl Hooks for Given {
    fn before(&mut self, view: &mut View<'_>, _step: usize, _rows: usize) {
        view.set_scalar(kiln_model::build::RATE, 1e-3);
        view.set_keys(1, self.step);
        self.step += 1;
    }

    fn after(&mut self, _view: &mut View<'_>, _step: usize, _rows: usize) -> Flow {
        Flow::Continue
    }
}

/// Operations of an epoch.
fn operations(entry: &Entry, samples: u32) -> f64 {
    entry.kernels.iter().map(|k| kernel_operations(k, samples)).sum()
}

fn kernel_operations(kernel: &Kernel, rows_of_batch: u32) -> f64 {
    let rows = |e: Extent| Shape { rows: e, cols: 1 }.rows_at(rows_of_batch as usize) as f64;
    match &kernel.form {
        Form::MatMul { products, .. } | Form::Block { products, .. } => {
            products.iter().map(|p| 2.0 * rows(p.inner) * rows(kernel.rows) * f64::from(kernel.cols)).sum()
        }
        Form::Gather { .. } | Form::Map | Form::Rows | Form::Copy { .. } => 0.0,
    }
}

fn kernel_bytes(schedule: &Schedule, entry: &Entry, kernel: &Kernel) -> f64 {
    let all = kernel.reads().into_iter().chain(kernel.writes(entry));
    all.map(|b| schedule.buffer(b)).map(|b| f64::from(b.rows) * f64::from(b.cols) * 4.0).sum()
}

fn form(kernel: &Kernel) -> String {
    match &kernel.form {
        Form::Gather { .. } => "gather".into(),
        Form::MatMul { products, .. } => format!("matmul ×{}", products.len()),
        Form::Block { products, .. } if products.is_empty() => "update".into(),
        Form::Block { products, .. } => format!("gradient ×{}", products.len()),
        Form::Map => "map".into(),
        Form::Rows => "rows".into(),
        Form::Copy { .. } => "copy".into(),
    }
}

/// The matmul peak of so many threads at once, in 10⁹ operations per second.
pub fn peak_of_all(isa: Isa, threads: usize, milliseconds: u64) -> f64 {
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| scope.spawn(move || kiln_microkernel::peak(isa, milliseconds))).collect();
        workers.into_iter().map(|w| w.join().unwrap_or(0.0)).sum()
    })
}
