//! Ten steps and an evaluation, compiled or interpreted.
//!
//! In: a model; the first weights and the batches come from [`crate::formula`]. Out: a [`Run`]: every
//! loss and every tensor, named as in the fixture.

use crate::formula::{self, BATCH, STEPS};
use kiln_codegen::{FieldData, Flow, Hooks, Isa, Job, Memory, Program, View};
use kiln_graph::interp::{Env, evaluate};
use kiln_graph::{Graph, StateDecl, StateRole};
use kiln_model::{Graphs, Model, build};
use kiln_schedule::{Step, plan};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Workers of a compiled run. Results do not depend on it.
const THREADS: usize = 2;

/// What ten steps left behind.
pub(crate) struct Run {
    /// Who computed: an instruction set, or `interpreter`.
    pub(crate) by: String,
    /// `total` and each head: the loss before each step.
    pub(crate) losses: BTreeMap<String, Vec<f64>>,
    /// The same of batch 0 afterwards, by the evaluation step.
    pub(crate) evaluation: BTreeMap<String, f64>,
    /// Weights and moving statistics by name, row by row.
    pub(crate) tensors: BTreeMap<String, Vec<f64>>,
}

/// Runs a model as machine code.
pub(crate) fn compiled(experiment: &str, model: &Model, isa: Isa) -> Run {
    let graphs = build(model);
    let schedule = plan(&[
        Step::new("train", &graphs.train, BATCH as u32),
        Step::new("evaluate", &graphs.evaluate, BATCH as u32),
    ]);
    let program = Program::compile(Arc::new(schedule), isa).expect("compiles");
    let mut memory = Memory::new(&program);
    for state in &graphs.train.states {
        memory.set_state(&state.name, &start(experiment, state));
    }
    let rate = rate(model);
    let losses = series(&pass(&program, &mut memory, (0, &graphs.train), rate, STEPS));
    let evaluation = first(series(&pass(&program, &mut memory, (1, &graphs.evaluate), rate, 1)));
    let value = |s: &StateDecl| memory.state(&s.name).expect("declared").into_iter().map(f64::from).collect();
    let tensors = weights(&graphs.train).map(|s| (s.name.clone(), value(s))).collect();
    Run { by: isa.name().to_owned(), losses, evaluation, tensors }
}

/// Runs a model by the reference evaluator, in f64.
pub(crate) fn interpreted(experiment: &str, model: &Model) -> Run {
    let Graphs { train, evaluate: after, .. } = build(model);
    let mut env = Env::new(&train, BATCH, 0);
    for (state, values) in train.states.iter().zip(&mut env.states) {
        *values = start(experiment, state).into_iter().map(f64::from).collect();
    }
    env.scalars.fill(rate(model));
    let mut steps = Vec::new();
    for step in 0..STEPS {
        batch(&train, &mut env, step);
        env.step = step as u64;
        let values = evaluate(&train, &env);
        steps.push(losses(&train, |name| values.number(name)));
        env.states = values.states;
    }
    batch(&after, &mut env, 0);
    let values = evaluate(&after, &env);
    let evaluation = first(series(&[losses(&after, |name| values.number(name))]));
    let tensors = train.states.iter().zip(env.states).filter(|(s, _)| is_weight(s));
    let tensors = tensors.map(|(s, v)| (s.name.clone(), v)).collect();
    Run { by: "interpreter".to_owned(), losses: series(&steps), evaluation, tensors }
}

/// The first value of a state: the formula's; what the optimizer keeps begins as the graph says.
pub(crate) fn start(experiment: &str, state: &StateDecl) -> Vec<f32> {
    let (rows, cols) = (state.shape.rows_at(BATCH), state.shape.cols);
    if is_weight(state) {
        return formula::tensor(experiment, &state.name, rows, cols as usize);
    }
    state.initial.fill(rows as u32, cols, 0, 0)
}

fn is_weight(state: &StateDecl) -> bool {
    match state.role {
        StateRole::Parameter | StateRole::Frozen | StateRole::Statistic => true,
        StateRole::Slot(_) => false,
    }
}

fn weights(graph: &Graph) -> impl Iterator<Item = &StateDecl> {
    graph.states.iter().filter(|s| is_weight(s))
}

fn rate(model: &Model) -> f64 {
    model.train.optimizer.args.float64("rate")
}

/// Losses of one step by the fixture's names.
fn losses(graph: &Graph, number: impl Fn(&str) -> Option<f64>) -> Vec<(String, f64)> {
    let name = |output: &str| match output {
        "loss" => Some("total".to_owned()),
        head => head.strip_prefix("loss.").map(str::to_owned),
    };
    let outputs = graph.outputs.iter().filter_map(|o| Some((name(&o.name)?, &o.name)));
    outputs.map(|(name, output)| (name, number(output).expect("a loss is one number"))).collect()
}

fn series(steps: &[Vec<(String, f64)>]) -> BTreeMap<String, Vec<f64>> {
    let mut series: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (name, value) in steps.iter().flatten() {
        series.entry(name.clone()).or_default().push(*value);
    }
    series
}

fn first(series: BTreeMap<String, Vec<f64>>) -> BTreeMap<String, f64> {
    series.into_iter().map(|(name, values)| (name, values[0])).collect()
}

/// Batch number `step`, in f64.
fn batch(graph: &Graph, env: &mut Env, step: usize) {
    let samples = (step * BATCH) as u64..((step + 1) * BATCH) as u64;
    for (input, values) in graph.inputs.iter().zip(&mut env.inputs) {
        *values = match input.name.as_str() {
            "label" => samples.clone().map(|s| formula::label(s) as f64).collect(),
            _ => samples.clone().flat_map(formula::image).map(|byte| f64::from(byte) / 255.0).collect(),
        };
    }
}

/// Runs an entry over the first batches; gives the losses of each.
fn pass(
    program: &Program,
    memory: &mut Memory,
    (entry, graph): (usize, &Graph),
    rate: f64,
    steps: usize,
) -> Vec<Vec<(String, f64)>> {
    let samples = (steps * BATCH) as u64;
    let images: Vec<u8> = (0..samples).flat_map(formula::image).collect();
    let labels: Vec<f32> = (0..samples).map(|s| formula::label(s) as f32).collect();
    let fields = [
        ("image", FieldData::U8 { data: &images, scale: 1.0 / 255.0, offset: 0.0 }),
        ("label", FieldData::F32(&labels)),
    ];
    let order: Vec<u32> = (0..samples as u32).collect();
    let mut hooks = Losses { graph, rate, steps: Vec::new() };
    let job = Job::new(program, memory, entry, (&fields, &order), THREADS, &mut hooks);
    std::thread::scope(|scope| {
        for _ in 1..THREADS {
            scope.spawn(|| job.work());
        }
        job.work();
    });
    drop(job);
    hooks.steps
}

/// Sets the rate before each step and keeps the losses after it.
struct Losses<'a> {
    graph: &'a Graph,
    rate: f64,
    steps: Vec<Vec<(String, f64)>>,
}

impl Hooks for Losses<'_> {
    fn before(&mut self, view: &mut View<'_>, _step: usize, rows: usize) {
        assert_eq!(rows, BATCH);
        view.set_scalar(kiln_model::build::RATE, self.rate as f32);
    }

    fn after(&mut self, view: &mut View<'_>, _step: usize, _rows: usize) -> Flow {
        self.steps.push(losses(self.graph, |name| view.number(name).map(f64::from)));
        Flow::Continue
    }
}
