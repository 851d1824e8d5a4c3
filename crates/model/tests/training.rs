//! The graphs mean what the spec says: gradients against finite differences, and a loss that falls.

use kiln_graph::interp::{Env, Matrix, evaluate};
use kiln_graph::{StateRole, finite_difference};
use kiln_model::{Graphs, Model, ScalarSource, build, check, load_text};

/// A small model with everything in it: a block with batch norm, a stack, ties, a join, two heads,
/// a penalty, label smoothing, a ramp and a learned weight.
const SMALL: &str = r#"
data d {
    source = parquet(files = "x", label = "0", pixels = "1".."6", classes = 0..2)
    split  = all
    image  = pixels / 255
    label  = class
}
block hidden(units) = dense(units, tanh, l2 = 0.01) -> batch_norm()
model small {
    input  image: [6]
    target label: class(3)
    stack encoder(image) {
        enc: dense(5, tanh)
        code: dense(4, tanh)
    }
    stack decoder(encoder) {
        dec: dense(tie = code.T, tanh)
        out: dense(tie = enc.T, sigmoid)
    }
    wide = encoder -> hidden(4)
    concat(wide, encoder) -> classifier: dense(3, softmax)
    both = add(wide, encoder)
    both -> third: dense(6, linear)
    loss decoder:    binary_cross_entropy(image) * learned
    loss classifier: cross_entropy(label, label_smoothing = 0.1) * ramp(0.5 -> 1.0, epochs = 2)
    loss third:      huber(image) * 0.3
    metric classifier: accuracy
}
train { optimizer = adam(rate = 0.01)  epochs = 3  batch = 8 }
"#;

fn small(optimizer: &str) -> Model {
    let text = SMALL
        .replace("adam(rate = 0.01)", optimizer)
        .replace("both = add(wide, encoder)\n    both ->", "add(wide, encoder) ->");
    let loaded = load_text("small.model", &text, &mut |_| Err("none".into()));
    let checked = check(&loaded);
    let messages = kiln_diag::render(&checked.diagnostics, &loaded.sources, false);
    checked.spec.unwrap_or_else(|| panic!("{messages}")).runs.remove(0).model
}

/// A batch in the range of pixels, with every class; scalars as in epoch 1.
fn env(graphs: &Graphs, rows: usize) -> Env {
    let graph = &graphs.train;
    let mut env = Env::new(graph, rows, 5);
    for (input, values) in graph.inputs.iter().zip(&mut env.inputs) {
        for (i, value) in values.iter_mut().enumerate() {
            *value = match input.name.as_str() {
                "label" => (i % 3) as f64,
                _ => ((i * 37 + 11) % 64) as f64 / 64.0,
            };
        }
    }
    for (scalar, value) in graphs.scalars.iter().zip(&mut env.scalars) {
        *value = match &scalar.source {
            ScalarSource::Rate => 0.02,
            ScalarSource::Weight { weight, .. } => weight.at(1).expect("a ramp"),
        };
    }
    env
}

#[test]
fn gradients_of_a_whole_model_are_its_slopes() {
    let graphs = build(&small("adam(rate = 0.01)"));
    let loss = graphs.forward.output("loss").expect("a total");
    let env = env(&graphs, 5);
    let mut env = Env { states: env.states[..graphs.forward.states.len()].to_vec(), ..env };
    // Away from the zeros that biases begin with.
    for (i, state) in env.states.iter_mut().enumerate() {
        state.iter_mut().enumerate().for_each(|(j, x)| *x += ((i * 7 + j * 3) % 11) as f64 * 0.02);
    }
    let worst = finite_difference::Check::new(&graphs.forward, loss, &env).worst();
    assert!(worst.error < 1e-6, "{worst}");
    assert!(worst.compared > 100, "{worst}");
}

#[test]
fn every_optimizer_lowers_the_loss() {
    for optimizer in [
        "sgd(rate = 0.01, momentum = 0.9)",
        "adam(clip_norm = 1.0)",
        "adamw()",
        "nadam()",
        "rmsprop()",
        "adagrad()",
    ] {
        let graphs = build(&small(optimizer));
        let mut env = env(&graphs, 12);
        let first = evaluate(&graphs.evaluate, &env).number("loss").expect("a total");
        for step in 0..60 {
            env.step = step;
            env.states = evaluate(&graphs.train, &env).states;
        }
        let last = evaluate(&graphs.evaluate, &env).number("loss").expect("a total");
        assert!(last < first - 0.05, "{optimizer}: {first} then {last}");
    }
}

#[test]
fn the_total_is_the_weighted_sum_of_its_terms() {
    let graphs = build(&small("sgd()"));
    let env = env(&graphs, 7);
    let out = evaluate(&graphs.evaluate, &env);
    let get = |name: &str| out.number(name).unwrap_or_else(|| panic!("no {name}"));
    let ramp = graphs.scalars.iter().position(|s| s.name == "weight.classifier").expect("a ramp");
    assert_eq!(get("weight.classifier"), env.scalars[ramp]);
    assert_eq!(env.scalars[ramp], 0.75);
    assert_eq!(get("weight.decoder"), 1.0);
    let sum = get("loss.decoder") + 0.75 * get("loss.classifier") + f64::from(0.3f32) * get("loss.third");
    assert!((get("loss") - sum).abs() < 1e-9);
    let training = evaluate(&graphs.train, &env);
    assert!(training.number("loss").expect("a total") > 0.0);
    let heads = ["decoder", "classifier", "third"].map(|h| format!("head.{h}"));
    for head in &heads {
        let rows = out.output(head).map(|m: &Matrix| m.rows);
        assert_eq!(rows, Some(7), "{head}");
        assert_eq!(evaluate(&graphs.predict, &env).output(head), out.output(head));
    }
}

#[test]
fn a_tied_kernel_is_one_parameter() {
    let graphs = build(&small("adam()"));
    let names: Vec<&str> = graphs.train.states.iter().map(|s| s.name.as_str()).collect();
    let parameters: Vec<&str> = graphs
        .train
        .states
        .iter()
        .filter(|s| s.role == StateRole::Parameter)
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(
        parameters,
        [
            "enc.kernel",
            "enc.bias",
            "code.kernel",
            "code.bias",
            "dec.bias",
            "out.bias",
            "dense.kernel",
            "dense.bias",
            "batch_normalization.gamma",
            "batch_normalization.beta",
            "classifier.kernel",
            "classifier.bias",
            "third.kernel",
            "third.bias",
            "decoder.log_variance",
        ]
    );
    assert_eq!(names.iter().filter(|n| n.starts_with("code.kernel/")).count(), 2);
}

#[test]
fn frozen_layers_keep_their_parameters() {
    let text = SMALL.replace("enc: dense(5, tanh)", "enc: dense(5, tanh, trainable = false)");
    let loaded = load_text("small.model", &text, &mut |_| Err("none".into()));
    let model = check(&loaded).spec.expect("a spec").runs.remove(0).model;
    let graphs = build(&model);
    let frozen: Vec<&str> =
        graphs.train.states.iter().filter(|s| s.role == StateRole::Frozen).map(|s| s.name.as_str()).collect();
    assert_eq!(frozen, ["enc.kernel", "enc.bias"]);
    let env = env(&graphs, 4);
    let after = evaluate(&graphs.train, &env).states;
    assert_eq!(after[0], env.states[0]);
    assert_ne!(after[2], env.states[2]);
    assert_eq!(kiln_model::summary(&model).non_trainable, 6 * 5 + 5 + 2 * 4);
}
