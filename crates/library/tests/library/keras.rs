//! The same numbers as Keras 3 and scikit-learn, from `tests/fixtures/keras.json`
//! (`keras_fixture.py` beside it says how it was made).

use crate::bed::{Bed, arguments, assert_close, item, value_of};
use crate::optimizers::{advance, start, step_graph};
use kiln_graph::interp::{Env, evaluate};
use kiln_graph::{Builder, Initial, gradients};
use kiln_library::early_stopping::{self, EarlyStopping};
use kiln_library::{
    ArgKind, ArgSpec, Args, Fans, Flow, Kind, LossInput, RateContext, Value, activations, initializers,
    layers, losses, metrics, optimizers, registry, schedules,
};
use serde_json::Value as Json;
use std::collections::BTreeSet;

const TOLERANCE: f64 = 1e-6;

fn cases(part: &str) -> Vec<Json> {
    let text = include_str!("../fixtures/keras.json");
    let mut all: Json = serde_json::from_str(text).expect("the fixture is JSON");
    match all[part].take() {
        Json::Array(cases) if !cases.is_empty() => cases,
        other => panic!("fixture {part}: {other:?}"),
    }
}

fn name(case: &Json) -> &str {
    case["name"].as_str().expect("a name")
}

fn floats(json: &Json) -> Vec<f64> {
    let list = json.as_array().expect("a list of numbers");
    list.iter().map(|x| x.as_f64().expect("a number")).collect()
}

/// Columns and numbers of a matrix.
fn matrix(json: &Json) -> (u32, Vec<f64>) {
    (json["cols"].as_u64().expect("columns") as u32, floats(&json["data"]))
}

/// Puts the case's arguments into `args`.
fn set(args: &mut Args, specs: &[ArgSpec], given: &Json) {
    for (key, value) in given.as_object().expect("arguments") {
        let spec = specs.iter().find(|s| s.name == key).unwrap_or_else(|| panic!("no argument {key}"));
        let value = match spec.kind {
            ArgKind::Float => value.as_f64().map(Value::Float),
            ArgKind::Int => value.as_i64().map(Value::Int),
            ArgKind::Bool => value.as_bool().map(Value::Bool),
            ArgKind::List => Some(Value::List(floats(value))),
            ArgKind::Item(kind) => value.as_str().map(|name| item(kind, name)),
            ArgKind::Word(_) | ArgKind::Tie => None,
        };
        args.set(key, value.expect("a value of the argument's kind"));
    }
}

fn given(kind: Kind, case: &Json) -> Args {
    let mut args = arguments(kind, name(case));
    set(&mut args, registry::args(kind, name(case)).expect("a registered item"), &case["args"]);
    args
}

/// Every item of the kind has at least one case.
#[track_caller]
fn assert_all_covered(kind: Kind, cases: &[Json]) {
    let covered: BTreeSet<&str> = cases.iter().map(name).collect();
    let all: BTreeSet<&str> = registry::names(kind).into_iter().collect();
    assert_eq!(covered, all, "{kind:?}: cases in the fixture and items");
}

#[test]
fn activations_and_their_gradients() {
    let cases = cases("activations");
    assert_all_covered(Kind::Activation, &cases);
    for case in &cases {
        let (cols, x) = matrix(&case["x"]);
        let mut g = Builder::new();
        let (input, weight) = (g.input("x", cols), g.input("weight", cols));
        let item = activations::find(name(case)).expect("a registered activation");
        let y = item.build(&mut g, input, &given(Kind::Activation, case));
        let product = g.mul(y, weight);
        let loss = g.sum_all(product);
        let dx = gradients(&mut g, loss, &[input])[0];
        let mut env = Env::new(g.graph(), x.len() / cols as usize, 1);
        env.inputs = vec![x, matrix(&case["weight"]).1];
        assert_close(name(case), &value_of(&g, y, &env).data, &matrix(&case["y"]).1, TOLERANCE);
        assert_close(name(case), &value_of(&g, dx, &env).data, &matrix(&case["dx"]).1, TOLERANCE);
    }
}

#[test]
fn losses_and_their_gradients() {
    let cases = cases("losses");
    assert_all_covered(Kind::Loss, &cases);
    for case in &cases {
        let (cols, x) = matrix(&case["x"]);
        let (target_cols, target) = matrix(&case["target"]);
        let mut g = Builder::new();
        let (input, wanted) = (g.input("x", cols), g.input("target", target_cols));
        let before = case["before"].as_str();
        let prediction = match before {
            Some(name) => {
                activations::find(name).expect("a registered activation").build(&mut g, input, &Args::new())
            }
            None => input,
        };
        let head = LossInput { prediction, before: before.map(|name| (input, name)), target: wanted };
        let item = losses::find(name(case)).expect("a registered loss");
        let each = item.build(&mut g, head, &given(Kind::Loss, case));
        let (total, rows) = (g.sum_all(each), g.row_count());
        let loss = g.div(total, rows);
        let dx = gradients(&mut g, loss, &[input])[0];
        let mut env = Env::new(g.graph(), x.len() / cols as usize, 1);
        env.inputs = vec![x, target];
        let want = case["loss"].as_f64().expect("a loss");
        let what = format!("{} {}", name(case), case["args"]);
        assert_close(&what, &value_of(&g, loss, &env).data, &[want], TOLERANCE);
        assert_close(&what, &value_of(&g, dx, &env).data, &matrix(&case["dx"]).1, TOLERANCE);
    }
}

#[test]
fn optimizers_with_and_without_clipping() {
    let cases = cases("optimizers");
    assert_all_covered(Kind::Optimizer, &cases);
    for case in &cases {
        let item = optimizers::find(name(case)).expect("a registered optimizer");
        let args = given(Kind::Optimizer, case);
        let rate = case["rate"].as_f64().expect("a rate");
        assert!((args.float64("rate") / rate - 1.0).abs() < 1e-6, "{}: default rate", name(case));
        let graph = step_graph(item, &args);
        let pair = |json: &Json| [floats(&json[0]), floats(&json[1])];
        let mut env = start(&graph, &[matrix(&case["start"][0]).1, matrix(&case["start"][1]).1]);
        let steps = case["gradients"].as_array().expect("steps");
        for (t, gradients) in steps.iter().enumerate() {
            let got = advance(&graph, &mut env, &pair(gradients), rate);
            let what = format!("{} {} step {}", name(case), case["args"], t + 1);
            assert_close(&what, &got.concat(), &pair(&case["after"][t]).concat(), TOLERANCE);
        }
    }
}

#[test]
fn layers_in_training_and_evaluation() {
    for case in &cases("layers") {
        let tolerance = case["tolerance"].as_f64().unwrap_or(TOLERANCE);
        for (training, wanted) in [(true, "trained"), (false, "evaluated")] {
            let (cols, x) = matrix(&case["x"]);
            let mut bed = Bed::new(training);
            let input = bed.g.input("x", cols);
            let item = layers::find(name(case)).expect("a registered layer");
            let flow = Flow { value: input, dims: vec![cols] };
            let y = item.build(&mut bed, &[flow], &given(Kind::Layer, case));
            let graph = bed.g.graph();
            let mut env = Env::new(graph, x.len() / cols as usize, 1);
            env.inputs[0] = x;
            for (i, state) in graph.states.iter().enumerate() {
                env.states[i] = floats(&case["states"][&state.name]);
            }
            assert_close(name(case), &value_of(&bed.g, y, &env).data, &matrix(&case[wanted]).1, tolerance);
            let after = evaluate(graph, &env).states;
            for (i, state) in graph.states.iter().enumerate() {
                let changed = if training { &case["after"][&state.name] } else { &Json::Null };
                let want = if changed.is_null() { env.states[i].clone() } else { floats(changed) };
                assert_close(&state.name, &after[i], &want, TOLERANCE);
            }
        }
    }
}

/// The spread of what Keras draws is that of our distribution, within the noise of 60,000 numbers.
#[test]
fn initializers_have_the_spread_that_keras_draws() {
    for case in &cases("initializers") {
        let number = |key: &str| case[key].as_f64().expect("a number");
        let fans = Fans { fan_in: number("fan_in") as u32, fan_out: number("fan_out") as u32 };
        let item = initializers::find(name(case)).expect("a registered initializer");
        let (std, largest) = match item.initial(fans, &Args::new()) {
            Initial::Uniform { limit } => (f64::from(limit) / 3f64.sqrt(), f64::from(limit)),
            Initial::TruncatedNormal { std } => {
                (f64::from(std) * 0.879_625_661_034_239_8, 2.0 * f64::from(std))
            }
            other => panic!("{}: {other:?}", name(case)),
        };
        assert!((number("std") / std - 1.0).abs() < 0.01, "{}: {std}", name(case));
        assert!(number("largest") <= largest && number("largest") > 0.995 * largest, "{}", name(case));
    }
}

#[test]
fn schedules_at_every_step() {
    for case in &cases("schedules") {
        let whole = |key: &str| case[key].as_u64().expect("a whole number");
        let item = schedules::find(name(case)).expect("a registered schedule");
        let args = given(Kind::Schedule, case);
        let rates: Vec<f64> = floats(&case["steps"])
            .iter()
            .map(|&step| RateContext {
                base: 0.5,
                step: step as u64,
                steps_per_epoch: whole("steps_per_epoch"),
                epochs: whole("epochs"),
                monitored: &[],
            })
            .map(|cx| item.rate(cx, &args))
            .collect();
        assert_close(name(case), &rates, &floats(&case["rates"]), 1e-7);
    }
}

#[test]
fn reduce_on_plateau_epoch_by_epoch() {
    let item = schedules::find("reduce_on_plateau").expect("a registered schedule");
    for case in &cases("plateaus") {
        let mut args = arguments(Kind::Schedule, "reduce_on_plateau");
        set(&mut args, item.args(), &case["args"]);
        let losses = floats(&case["losses"]);
        let rates: Vec<f64> = (1..=losses.len())
            .map(|n| {
                let (step, monitored) = (n as u64, &losses[..n]);
                item.rate(RateContext { base: 1.0, step, steps_per_epoch: 1, epochs: 20, monitored }, &args)
            })
            .collect();
        assert_close(&case["args"].to_string(), &rates, &floats(&case["rates"]), 1e-12);
    }
}

#[test]
fn early_stopping_epoch_by_epoch() {
    for case in &cases("stops") {
        let mut args = registry::defaults_of(early_stopping::ARGS);
        set(&mut args, early_stopping::ARGS, &case["args"]);
        let higher = case["higher_is_better"].as_bool().expect("a direction");
        let mut stopping = EarlyStopping::new(&args, higher);
        let stopped = floats(&case["values"]).iter().position(|&value| stopping.epoch(value).stop);
        assert_eq!(stopped.map(|e| e as u64), case["stopped"].as_u64(), "{case}");
        assert_eq!(stopping.best().map(|(epoch, _)| epoch), case["best_epoch"].as_u64(), "{case}");
    }
}

#[test]
fn metrics_of_scikit_learn() {
    for case in &cases("metrics") {
        let (cols, scores) = matrix(&case["scores"]);
        let classes = floats(&case["classes"]);
        for (key, want) in case["values"].as_object().expect("values") {
            let (name, argument) = key.split_once(' ').unwrap_or((key, ""));
            let item = metrics::find(name).expect("a registered metric");
            let mut args = arguments(Kind::Metric, name);
            match argument.parse() {
                Ok(k) => args.set("k", Value::Int(k)),
                Err(_) if !argument.is_empty() => args.set("average", Value::Word(argument.to_owned())),
                Err(_) => {}
            }
            let mut counted = item.start(cols as usize, &args);
            for (row, &class) in scores.chunks(cols as usize).zip(&classes) {
                let row: Vec<f32> = row.iter().map(|&x| x as f32).collect();
                counted.sample(&row, &[class as f32]);
            }
            assert_close(key, &[counted.value()], &[want.as_f64().expect("a number")], 1e-7);
        }
    }
}
