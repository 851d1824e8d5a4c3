//! Runs a graph compiled and interpreted, and compares everything that it leaves behind.

use kiln_codegen::{FieldData, Flow, Hooks, Isa, Job, Memory, Program, View};
use kiln_graph::interp::{self, Env};
use kiln_graph::random::Key;
use kiln_graph::{Graph, simplify};
use kiln_schedule::{Step, plan};
use std::sync::Arc;

/// How a case is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) isa: Isa,
    pub(crate) rows: usize,
    /// Rows of the largest batch; the kernels are made for this.
    pub(crate) batch: u32,
    pub(crate) threads: usize,
}

/// What a compiled step left behind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Left {
    pub(crate) outputs: Vec<(String, Vec<f32>)>,
    pub(crate) states: Vec<(String, Vec<f32>)>,
}

struct OneStep<'a> {
    graph: &'a Graph,
    env: &'a Env,
    left: Vec<(String, Vec<f32>)>,
}

impl Hooks for OneStep<'_> {
    fn before(&mut self, view: &mut View<'_>, _step: usize, _rows: usize) {
        for (decl, value) in self.graph.scalars.iter().zip(&self.env.scalars) {
            view.set_scalar(&decl.name, *value as f32);
        }
        view.set_keys(self.env.seed, self.env.step);
    }

    fn after(&mut self, view: &mut View<'_>, _step: usize, rows: usize) -> Flow {
        for output in &self.graph.outputs {
            let mut values = Vec::new();
            assert!(view.read(&output.name, rows, &mut values));
            self.left.push((output.name.clone(), values));
        }
        Flow::Continue
    }
}

/// Compiles and runs one step.
pub(crate) fn compiled(graph: &Graph, env: &Env, run: Run) -> Left {
    let graph = &simplify(graph);
    let schedule = plan(&[Step { name: "step", graph, batch: run.batch }]);
    let program = Program::compile(Arc::new(schedule), run.isa).expect("compiles");
    let mut memory = Memory::new(&program);
    for (decl, value) in graph.states.iter().zip(&env.states) {
        let value: Vec<f32> = value.iter().map(|x| *x as f32).collect();
        memory.set_state(&decl.name, &value);
    }
    let data: Vec<Vec<f32>> = env.inputs.iter().map(|x| x.iter().map(|v| *v as f32).collect()).collect();
    let fields: Vec<(&str, FieldData<'_>)> =
        graph.inputs.iter().zip(&data).map(|(d, x)| (d.name.as_str(), FieldData::F32(x))).collect();
    let order: Vec<u32> = (0..run.rows as u32).collect();
    let mut hooks = OneStep { graph, env, left: Vec::new() };
    let job = Job::new(&program, &mut memory, 0, (&fields, &order), run.threads, &mut hooks);
    std::thread::scope(|scope| {
        for _ in 1..run.threads {
            scope.spawn(|| job.work());
        }
        job.work();
    });
    drop(job);
    let states = graph.states.iter().map(|d| (d.name.clone(), memory.state(&d.name).expect("declared"))).collect();
    Left { outputs: hooks.left, states }
}

/// An environment with plausible random contents.
pub(crate) fn environment(graph: &Graph, rows: usize) -> Env {
    let mut env = Env::new(graph, rows, 7);
    env.step = 3;
    for (i, input) in env.inputs.iter_mut().enumerate() {
        let key = Key::new(99, i as u32, 0);
        for (j, x) in input.iter_mut().enumerate() {
            *x = f64::from(key.normal(j as u32));
        }
    }
    env.scalars.iter_mut().enumerate().for_each(|(i, s)| *s = f64::from(0.01f32 * (i as f32 + 1.0)));
    env
}

/// Compares a compiled step with the interpreter's.
pub(crate) fn check(graph: &Graph, env: &Env, run: Run, tolerance: f64) {
    let left = compiled(graph, env, run);
    let right = interp::evaluate(graph, env);
    for ((name, got), (_, want)) in left.outputs.iter().zip(&right.outputs) {
        close(&format!("output {name} {run:?}"), got, &want.data, tolerance);
    }
    for ((name, got), want) in left.states.iter().zip(&right.states) {
        close(&format!("state {name} {run:?}"), got, want, tolerance);
    }
}

/// Each within `tolerance` of the larger of 1 and the largest of all.
pub(crate) fn close(what: &str, got: &[f32], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().filter(|x| x.is_finite()).fold(1.0f64, |m, x| m.max(x.abs()));
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        let g = f64::from(*g);
        let same = (g.is_nan() && w.is_nan()) || g == *w || (g - w).abs() <= tolerance * scale;
        assert!(same, "{what}[{i}]: compiled {g:e}, interpreted {w:e} (of {})", got.len());
    }
}
