//! A small classifier made by hand, its data, and settings for it.
//!
//! ```text
//! h = relu(x · a) · dropout,  p = softmax(h · b + c),  loss.out = −mean ln p[label]
//! ```

use kiln_codegen::{Isa, Program};
use kiln_data::{Dataset, Field, Values};
use kiln_graph::{
    Builder, Distribution, Graph, Initial, Shape, StateDecl, StateId, StateRole, ValueId, gradients, simplify,
};
use kiln_runtime::{Count, Counted, Head, Metric, RateContext, Session, Settings, Weight};
use kiln_schedule::{Step, plan};
use std::sync::Arc;

/// Samples: neither they nor the batches divide evenly by anything that kernels like.
pub(crate) const ROWS: usize = 203;
pub(crate) const BATCH: u32 = 37;
pub(crate) const INPUTS: u32 = 19;
pub(crate) const HIDDEN: u32 = 35;
pub(crate) const CLASSES: u32 = 3;

/// Bytes in which the class can be seen, through noise.
pub(crate) fn data() -> Dataset {
    let mut state = 9u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let labels: Vec<u8> = (0..ROWS).map(|_| (next() % CLASSES as usize) as u8).collect();
    let mut pixels = Vec::new();
    for &label in &labels {
        for col in 0..INPUTS as usize {
            let signal = if col % CLASSES as usize == usize::from(label) { 90 } else { 0 };
            pixels.push((signal + next() % 160) as u8);
        }
    }
    let field = |name: &str, cols: usize, values| Field { name: name.into(), cols, values, dims: vec![cols] };
    Dataset {
        name: "noise".into(),
        fields: vec![
            field("x", INPUTS as usize, Values::U8 { data: pixels.into(), scale: 1.0 / 255.0, offset: 0.0 }),
            field("label", 1, Values::Class { data: labels.into(), classes: CLASSES as usize }),
        ],
        rows: ROWS,
        classes: (0..CLASSES).map(|c| c.to_string()).collect(),
        fingerprint: "f".into(),
        train: (0..150).collect(),
        test: (150..ROWS as u32).collect(),
    }
}

fn parameter(b: &mut Builder, name: &str, rows: u32, cols: u32, initial: Initial) -> StateId {
    let shape = Shape::matrix(rows, cols);
    b.new_state(StateDecl { name: name.into(), shape, role: StateRole::Parameter, initial })
}

fn forward(b: &mut Builder, drop: Option<f32>) -> (ValueId, Vec<StateId>) {
    let states = vec![
        parameter(b, "a", INPUTS, HIDDEN, Initial::Uniform { limit: 0.4 }),
        parameter(b, "b", HIDDEN, CLASSES, Initial::Normal { std: 0.2 }),
        parameter(b, "c", 1, CLASSES, Initial::Constant(0.0)),
    ];
    let [a, w, c] = [0, 1, 2].map(|i: usize| b.state(states[i]));
    let x = b.input("x", INPUTS);
    let h = b.matmul(x, a);
    let mut h = b.relu(h);
    if let Some(drop) = drop {
        let noise = b.random(Distribution::Uniform, HIDDEN);
        let drop = b.constant(drop);
        let kept = b.greater(noise, drop);
        h = b.mul(h, kept);
    }
    let z = b.matmul(h, w);
    let z = b.add(z, c);
    let highest = b.max_cols(z);
    let z = b.sub(z, highest);
    let e = b.exp(z);
    let sum = b.sum_cols(e);
    let p = b.div(e, sum);
    b.output("head.out", p);
    let log_sum = b.log(sum);
    let log_p = b.sub(z, log_sum);
    let label = b.input("label", 1);
    let truth = b.one_hot(label, CLASSES);
    let chosen = b.mul(log_p, truth);
    let total = b.sum_all(chosen);
    let rows = b.row_count();
    let mean = b.div(total, rows);
    let loss = b.neg(mean);
    b.output("loss.out", loss);
    let weight = b.scalar("weight.out");
    let weighted = b.mul(loss, weight);
    b.output("loss", weighted);
    (weighted, states)
}

fn graphs(drop: Option<f32>) -> (Graph, Graph) {
    let mut b = Builder::new();
    let (loss, states) = forward(&mut b, drop);
    let values: Vec<ValueId> = states.iter().map(|&s| b.state(s)).collect();
    let rate = b.scalar("rate");
    for (&state, gradient) in states.iter().zip(gradients(&mut b, loss, &values)) {
        let step = b.mul(gradient, rate);
        let old = b.state(state);
        let new = b.sub(old, step);
        b.assign(state, new);
    }
    let mut e = Builder::new();
    forward(&mut e, None);
    (simplify(&b.finish()), simplify(&e.finish()))
}

/// The compiled classifier.
pub(crate) fn session(drop: Option<f32>) -> Session {
    let (train, evaluate) = graphs(drop);
    let schedule = plan(&[Step::new("train", &train, BATCH), Step::new("evaluate", &evaluate, 16)]);
    let program = Program::compile(Arc::new(schedule), Isa::detect()).expect("a program");
    Session::new(program, train.states)
}

/// Share of samples whose largest column is their class.
#[derive(Default)]
struct Accuracy {
    right: u32,
    all: u32,
}

impl Count for Accuracy {
    fn sample(&mut self, prediction: &[f32], target: &[f32]) {
        let best = (0..prediction.len()).fold(0, |b, i| if prediction[i] > prediction[b] { i } else { b });
        self.right += u32::from(best == target[0] as usize);
        self.all += 1;
    }

    fn value(&self) -> f64 {
        f64::from(self.right) / f64::from(self.all)
    }
}

/// Five epochs at a rate at which the loss falls.
pub(crate) fn settings(epochs: u32) -> Settings {
    let accuracy = || Counted::Samples(Box::new(|| Box::new(Accuracy::default())));
    Settings {
        seed: 5,
        epochs,
        shuffle: true,
        threads: 2,
        heads: vec![Head {
            name: "out".into(),
            target: "label".into(),
            columns: CLASSES as usize,
            weight: Weight::Given(Box::new(|epoch| 1.0 + 0.25 * f64::from(epoch))),
            metrics: vec![Metric { name: "accuracy".into(), training: accuracy(), evaluation: accuracy() }],
        }],
        rate: Box::new(|cx: RateContext<'_>| 0.3 / (1.0 + 0.01 * cx.step as f64)),
        monitor: None,
        stopping: None,
        restore_best: false,
    }
}
