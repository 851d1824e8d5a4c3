//! Jobs: how they end, and what they refuse.

use crate::harness::environment;
use crate::shapes::dense;
use kiln_codegen::{CompileError, FieldData, Flow, Hooks, Isa, Job, Memory, Program, View};
use kiln_graph::simplify;
use kiln_schedule::{Schedule, Step, plan};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

const SAMPLES: usize = 40;
const BATCH: u32 = 16;
const ROWS: [usize; 3] = [16, 16, 8];

fn schedule() -> Arc<Schedule> {
    let graph = simplify(&dense(20, 35));
    Arc::new(plan(&[Step::new("train", &graph, BATCH)]))
}

/// What a hook does at the step of this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trick {
    None,
    StopAfter(usize),
    PanicBefore(usize),
    PanicAfter(usize),
}

struct Tricks {
    trick: Trick,
    before: Vec<usize>,
    after: Vec<usize>,
}

impl Hooks for Tricks {
    fn before(&mut self, view: &mut View<'_>, step: usize, rows: usize) {
        assert_ne!(self.trick, Trick::PanicBefore(step), "as asked");
        assert_eq!(self.before.len(), step);
        view.set_scalar("rate", 0.125);
        // What the entry has not is not an error: schedules differ in what they read.
        view.set_scalar("no such number", 1.0);
        view.set_keys(1, step as u64);
        self.before.push(rows);
    }

    fn after(&mut self, view: &mut View<'_>, step: usize, rows: usize) -> Flow {
        assert_ne!(self.trick, Trick::PanicAfter(step), "as asked");
        assert!(view.number("loss").is_some_and(f32::is_finite));
        assert_eq!(view.number("no such output"), None);
        assert!(!view.read("no such output", rows, &mut Vec::new()));
        self.after.push(rows);
        if self.trick == Trick::StopAfter(step) { Flow::Stop } else { Flow::Continue }
    }
}

/// Runs an epoch of the dense layer; the batches begun and ended.
fn run(trick: Trick, threads: usize, samples: &[u32]) -> Tricks {
    let program = Program::compile(schedule(), Isa::Portable).expect("compiles");
    let mut memory = Memory::new(&program);
    let env = environment(&dense(20, 35), SAMPLES);
    let data: Vec<Vec<f32>> = env.inputs.iter().map(|x| x.iter().map(|v| *v as f32).collect()).collect();
    let fields = [("x", FieldData::F32(&data[0])), ("wanted", FieldData::F32(&data[1]))];
    let mut tricks = Tricks { trick, before: Vec::new(), after: Vec::new() };
    let job = Job::new(&program, &mut memory, 0, (&fields, samples), threads, &mut tricks);
    let leader = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| catch_unwind(AssertUnwindSafe(|| job.work())))).collect();
        let ends: Vec<_> = workers.into_iter().map(|w| w.join().expect("caught inside")).collect();
        ends.into_iter().find_map(Result::err)
    });
    drop(job);
    let panics = matches!(trick, Trick::PanicBefore(_) | Trick::PanicAfter(_));
    assert_eq!(leader.is_some(), panics, "{trick:?}: a panic of a hook comes out, and nothing else");
    tricks
}

fn all() -> Vec<u32> {
    (0..SAMPLES as u32).collect()
}

#[test]
fn every_batch_has_its_hooks() {
    for threads in [1, 2, 4] {
        let tricks = run(Trick::None, threads, &all());
        assert_eq!((tricks.before, tricks.after), (ROWS.to_vec(), ROWS.to_vec()));
    }
    let nothing = run(Trick::None, 2, &[]);
    assert!(nothing.before.is_empty() && nothing.after.is_empty());
}

/// No worker waits for ever for one that has gone.
#[test]
fn a_job_stops_where_it_is_told() {
    for threads in [1, 2, 4] {
        for step in 0..ROWS.len() {
            let stopped = run(Trick::StopAfter(step), threads, &all());
            assert_eq!((stopped.before.len(), stopped.after.len()), (step + 1, step + 1));
            let broken = run(Trick::PanicBefore(step), threads, &all());
            assert_eq!((broken.before.len(), broken.after.len()), (step, step));
            let broken = run(Trick::PanicAfter(step), threads, &all());
            assert_eq!((broken.before.len(), broken.after.len()), (step + 1, step));
        }
    }
}

/// Data that kernels would read beyond is refused before anything runs.
#[test]
fn data_that_is_too_short_is_refused() {
    let program = Program::compile(schedule(), Isa::Portable).expect("compiles");
    let (x, wanted) = (vec![0.0; SAMPLES * 20], vec![0.0; SAMPLES * 35]);
    let bytes = vec![0; SAMPLES * 20 - 1];
    let few = FieldData::U8 { data: &bytes, scale: 1.0, offset: 0.0 };
    let x_of = ("x", FieldData::F32(&x));
    let wanted_of = ("wanted", FieldData::F32(&wanted));
    let refused = |fields: &[(&str, FieldData<'_>)], order: &[u32]| {
        let mut memory = Memory::new(&program);
        let mut tricks = Tricks { trick: Trick::None, before: Vec::new(), after: Vec::new() };
        let made = || drop(Job::new(&program, &mut memory, 0, (fields, order), 1, &mut tricks));
        catch_unwind(AssertUnwindSafe(made)).is_err()
    };
    assert!(!refused(&[x_of, wanted_of], &all()));
    assert!(refused(&[x_of, wanted_of], &[3, SAMPLES as u32]), "a sample that is not there");
    assert!(refused(&[x_of, wanted_of], &[u32::MAX]), "a sample that is not there");
    assert!(refused(&[x_of, ("wanted", FieldData::F32(&wanted[1..]))], &all()), "a row cut short");
    assert!(refused(&[("x", few), wanted_of], &all()), "a row of bytes cut short");
    assert!(refused(&[x_of], &all()), "a field that is not there");
}

#[test]
fn memory_belongs_to_its_program() {
    let program = Program::compile(schedule(), Isa::Portable).expect("compiles");
    let other = Program::compile(schedule(), Isa::Portable).expect("compiles");
    let mut memory = Memory::new(&other);
    let mut tricks = Tricks { trick: Trick::None, before: Vec::new(), after: Vec::new() };
    let made = || drop(Job::new(&program, &mut memory, 0, (&[], &[]), 1, &mut tricks));
    assert!(catch_unwind(AssertUnwindSafe(made)).is_err());

    let values: Vec<f32> = (0..20 * 35).map(|i| i as f32).collect();
    memory.set_state("kernel", &values);
    assert_eq!(memory.state("kernel"), Some(values));
    assert_eq!(memory.state("no such state"), None);
    assert!(catch_unwind(AssertUnwindSafe(|| memory.set_state("kernel", &[1.0]))).is_err());
}

#[test]
fn an_instruction_set_that_is_not_there_is_an_error() {
    for isa in Isa::ALL.into_iter().filter(|isa| !isa.is_available()) {
        assert_eq!(Program::compile(schedule(), isa).err(), Some(CompileError::Isa(isa)));
    }
}
