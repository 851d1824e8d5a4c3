//! Runs a graph compiled: one step after another, on memory that begins as NaN.

use kiln_codegen::{FieldData, Flow, Hooks, Isa, Job, Memory, Program, View};
use kiln_graph::interp::Env;
use kiln_graph::random::Key;
use kiln_graph::{Graph, simplify};
use kiln_schedule::{Step, plan};
use std::sync::Arc;

/// What compiled steps left behind.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    /// Of the last step.
    pub(crate) outputs: Vec<(String, Vec<f32>)>,
    pub(crate) states: Vec<(String, Vec<f32>)>,
}

impl Left {
    pub(crate) fn output(&self, name: &str) -> &[f32] {
        let found = self.outputs.iter().find(|(n, _)| n == name);
        &found.unwrap_or_else(|| panic!("no output {name}")).1
    }

    /// The same, as bits, under its name; all NaN are one, since which payload survives a sum of
    /// two is not specified.
    pub(crate) fn bits(&self) -> Vec<(&str, Vec<u32>)> {
        let bits = |x: &f32| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() };
        let all = self.outputs.iter().chain(&self.states);
        all.map(|(name, values)| (name.as_str(), values.iter().map(bits).collect())).collect()
    }
}

/// Graphs over the same states, compiled for one instruction set, each for its size of batch.
pub(crate) struct Compiled<'a> {
    graphs: Vec<&'a Graph>,
    program: Program,
}

impl<'a> Compiled<'a> {
    /// `batch` is the most rows that it will be given.
    pub(crate) fn new(graph: &'a Graph, batch: u32, isa: Isa) -> Compiled<'a> {
        Compiled::with(&[(graph, batch)], |schedule| Program::compile(schedule, isa).expect("compiles"))
    }

    /// The batch in chunks of so many rows.
    pub(crate) fn in_chunks(graph: &'a Graph, (batch, chunk): (u32, u32), isa: Isa) -> Compiled<'a> {
        let simplified = simplify(graph);
        let schedule = sound(&[Step { chunk, ..Step::new("train", &simplified, batch) }]);
        let program = Program::compile(schedule, isa).expect("compiles");
        Compiled { graphs: vec![graph], program }
    }

    pub(crate) fn with(
        graphs: &[(&'a Graph, u32)],
        compile: impl FnOnce(Arc<kiln_schedule::Schedule>) -> Program,
    ) -> Compiled<'a> {
        let simplified: Vec<Graph> = graphs.iter().map(|(graph, _)| simplify(graph)).collect();
        let named = ["train", "evaluate"].into_iter().zip(&simplified).zip(graphs);
        let steps: Vec<Step<'_>> =
            named.map(|((name, graph), (_, batch))| Step::new(name, graph, *batch)).collect();
        Compiled { graphs: graphs.iter().map(|g| g.0).collect(), program: compile(sound(&steps)) }
    }

    /// One step from what `env` holds.
    pub(crate) fn step(&self, env: &Env, threads: usize) -> Left {
        self.steps(env, threads, 1)
    }

    /// So many steps on the same batch.
    pub(crate) fn steps(&self, env: &Env, threads: usize, steps: u64) -> Left {
        let turns: Vec<(usize, Env)> =
            (0..steps).map(|i| (0, Env { step: env.step + i, ..env.clone() })).collect();
        self.turns(&turns, threads).pop().expect("at least one step")
    }

    /// One step of each graph that is named, on its batch; the first batch's states begin.
    pub(crate) fn turns(&self, turns: &[(usize, Env)], threads: usize) -> Vec<Left> {
        let mut memory = self.memory(turns[0].0, &turns[0].1);
        let mut all = Vec::new();
        for (graph, env) in turns {
            let order: Vec<u32> = (0..env.rows as u32).collect();
            let outputs =
                self.run(&mut memory, *graph, env, &order, threads).pop().expect("one batch has run");
            all.push(Left { outputs, states: self.states(&memory) });
        }
        all
    }

    /// All samples of `env` in this order, a batch at a time, in one job: what each batch gave, and
    /// the states at the end.
    pub(crate) fn epoch(&self, env: &Env, order: &[u32], threads: usize) -> (Vec<Left>, Left) {
        let mut memory = self.memory(0, env);
        let batches = self.run(&mut memory, 0, env, order, threads);
        let batches = batches.into_iter().map(|outputs| Left { outputs, states: Vec::new() }).collect();
        (batches, Left { outputs: Vec::new(), states: self.states(&memory) })
    }

    /// All NaN but for the states.
    pub(crate) fn memory(&self, graph: usize, env: &Env) -> Memory {
        let mut memory = Memory::new(&self.program);
        memory.poison();
        for (decl, value) in self.graphs[graph].states.iter().zip(&env.states) {
            let value: Vec<f32> = value.iter().map(|x| *x as f32).collect();
            memory.set_state(&decl.name, &value);
        }
        memory
    }

    fn states(&self, memory: &Memory) -> Vec<(String, Vec<f32>)> {
        let states = self.graphs[0].states.iter();
        states.map(|d| (d.name.clone(), memory.state(&d.name).expect("declared"))).collect()
    }

    fn run(
        &self,
        memory: &mut Memory,
        graph: usize,
        env: &Env,
        order: &[u32],
        threads: usize,
    ) -> Vec<Vec<(String, Vec<f32>)>> {
        let data: Vec<Vec<f32>> = env.inputs.iter().map(|x| x.iter().map(|v| *v as f32).collect()).collect();
        let names = self.graphs[graph].inputs.iter().map(|d| d.name.as_str());
        let fields: Vec<(&str, FieldData<'_>)> = names.zip(data.iter().map(|x| FieldData::F32(x))).collect();
        self.run_on(memory, graph, env, (&fields, order), threads)
    }

    /// The outputs of each batch of the samples `order`; the numbers of steps count up from `env`'s.
    pub(crate) fn run_on(
        &self,
        memory: &mut Memory,
        graph: usize,
        env: &Env,
        data: (&[(&str, FieldData<'_>)], &[u32]),
        threads: usize,
    ) -> Vec<Vec<(String, Vec<f32>)>> {
        let mut hooks = Steps { graph: self.graphs[graph], env, left: Vec::new() };
        let job = Job::new(&self.program, memory, graph, data, threads, &mut hooks);
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| job.work());
            }
            job.work();
        });
        drop(job);
        hooks.left
    }
}

/// Planned and verified.
fn sound(steps: &[Step<'_>]) -> Arc<kiln_schedule::Schedule> {
    let schedule = plan(steps);
    let violations = kiln_schedule::verify::verify(&schedule);
    violations.unwrap_or_else(|violations| panic!("the schedule is not sound: {violations:?}"));
    Arc::new(schedule)
}

struct Steps<'a> {
    graph: &'a Graph,
    env: &'a Env,
    left: Vec<Vec<(String, Vec<f32>)>>,
}

impl Hooks for Steps<'_> {
    fn before(&mut self, view: &mut View<'_>, step: usize, _rows: usize) {
        for (decl, value) in self.graph.scalars.iter().zip(&self.env.scalars) {
            view.set_scalar(&decl.name, *value as f32);
        }
        view.set_keys(self.env.seed, self.env.step + step as u64);
    }

    fn after(&mut self, view: &mut View<'_>, _step: usize, rows: usize) -> Flow {
        let read = |output: &kiln_graph::Output| {
            let mut values = Vec::new();
            assert!(view.read(&output.name, rows, &mut values));
            (output.name.clone(), values)
        };
        self.left.push(self.graph.outputs.iter().map(read).collect());
        Flow::Continue
    }
}

/// An environment with plausible random contents: inputs normal (`label` whole numbers below 1000
/// that a one-hot of any width meets), variances positive, rates small.
pub(crate) fn environment(graph: &Graph, rows: usize) -> Env {
    let mut env = Env::new(graph, rows, 7);
    env.step = 3;
    for (i, (decl, input)) in graph.inputs.iter().zip(&mut env.inputs).enumerate() {
        let key = Key::new(99, i as u32, 0);
        for (j, x) in input.iter_mut().enumerate() {
            *x = match decl.name.as_str() {
                "label" => f64::from(key.bits(j as u32) % 11),
                _ => f64::from(key.normal(j as u32)),
            };
        }
    }
    for (i, (decl, state)) in graph.states.iter().zip(&mut env.states).enumerate() {
        let key = Key::new(98, i as u32, 0);
        if state.iter().all(|x| *x == state[0]) {
            let positive =
                decl.name.contains("variance") || decl.name.contains('/') || decl.name.contains("adam");
            for (j, x) in state.iter_mut().enumerate() {
                let random = if positive { 0.1 + key.uniform(j as u32) } else { 0.3 * key.normal(j as u32) };
                *x += f64::from(random);
                *x = f64::from(*x as f32);
            }
        }
    }
    env.scalars.iter_mut().enumerate().for_each(|(i, s)| *s = f64::from(0.01f32 * (i as f32 + 1.0)));
    env
}
