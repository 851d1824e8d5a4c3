//! The graphs against an established framework: first steps of three experiments in double precision.
//!
//! The fixtures and what they hold are described in `tests/fixtures/README.md`. The whole ten steps of
//! all optimizers are compared with compiled code; here the reference evaluator shows that the graphs
//! themselves are right, so few steps are enough.

#[path = "../../../tests/fixtures/formula.rs"]
mod formula;

use kiln_graph::interp::{Env, evaluate};
use kiln_graph::{Graph, StateRole};
use kiln_model::{Graphs, ScalarSource, build, check, load, set};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn fixture(experiment: &str, optimizer: &str) -> Value {
    let path = workspace().join(format!("tests/fixtures/training/{experiment}.json"));
    let text = std::fs::read_to_string(path).expect("the fixture is there");
    let all: Value = serde_json::from_str(&text).expect("a fixture is JSON");
    let cases = all["cases"].as_array().expect("cases").clone();
    cases.into_iter().find(|c| c["optimizer"] == optimizer).expect("the optimizer's case")
}

fn graphs(experiment: &str, overrides: &[&str]) -> Graphs {
    let mut loaded = load(&workspace().join(format!("specs/{experiment}.model"))).expect("the spec is there");
    let overrides: Vec<String> = overrides.iter().map(|o| (*o).to_owned()).collect();
    set(&mut loaded, &overrides);
    let checked = check(&loaded);
    let messages = kiln_diag::render(&checked.diagnostics, &loaded.sources, false);
    build(&checked.spec.unwrap_or_else(|| panic!("{messages}")).runs[0].model)
}

/// The states of the formula; slots of the optimizer begin as the graph says.
fn start(experiment: &str, graph: &Graph) -> Env {
    let mut env = Env::new(graph, formula::BATCH, 0);
    for (state, values) in graph.states.iter().zip(&mut env.states) {
        if matches!(state.role, StateRole::Parameter | StateRole::Statistic) {
            let (rows, cols) = (state.shape.rows_at(0), state.shape.cols as usize);
            *values =
                formula::tensor(experiment, &state.name, rows, cols).into_iter().map(f64::from).collect();
        }
    }
    env
}

/// Batch number `step`.
fn batch(graph: &Graph, env: &mut Env, step: usize) {
    let samples = step * formula::BATCH..(step + 1) * formula::BATCH;
    for (input, values) in graph.inputs.iter().zip(&mut env.inputs) {
        *values = match input.name.as_str() {
            "label" => samples.clone().map(|s| formula::label(s as u64) as f64).collect(),
            _ => {
                samples.clone().flat_map(|s| formula::image(s as u64)).map(|b| f64::from(b) / 255.0).collect()
            }
        };
    }
}

/// Losses before each of the first steps, against the framework's double precision.
fn compare(experiment: &str, optimizer: &str, rate: f64, overrides: &[&str], steps: usize) {
    let graphs = graphs(experiment, overrides);
    let fixture = fixture(experiment, optimizer);
    let mut env = start(experiment, &graphs.train);
    for (scalar, value) in graphs.scalars.iter().zip(&mut env.scalars) {
        assert_eq!(scalar.source, ScalarSource::Rate);
        *value = rate;
    }
    for step in 0..steps {
        batch(&graphs.train, &mut env, step);
        env.step = step as u64;
        let values = evaluate(&graphs.train, &env);
        let found = values.number("loss").expect("a total");
        let wanted = fixture["losses_f64"]["total"][step].as_f64().expect("a loss");
        // Constants of the graph are f32, those of the fixture f64.
        let error = (found - wanted).abs() / wanted.abs();
        assert!(error < 2e-6, "{experiment}, {optimizer}, step {step}: {found} for {wanted}");
        env.states = values.states;
    }
}

#[test]
fn the_classifier_takes_the_steps_of_keras() {
    compare(
        "exp01",
        "momentum",
        0.01,
        &["train.optimizer=sgd(rate = 0.01, momentum = 0.9)", "model.drop=0"],
        3,
    );
}

#[test]
fn two_heads_take_the_steps_of_keras() {
    let overrides = ["train.optimizer=rmsprop(rate = 1e-3)", "model.classify=0.5", "train.batch=32"];
    compare("exp06", "rmsprop", 1e-3, &overrides, 2);
}

#[test]
fn ties_take_the_steps_of_keras() {
    compare("exp11", "adam", 1e-3, &["train.batch=32"], 3);
}
