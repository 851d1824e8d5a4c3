//! An activation that the library does not have, in a network made by hand: graph, gradients,
//! schedule, machine code, training.
//!
//! ```text
//! bump(x) = x · exp(−x²)          y = bump(x · a + b) · c          loss = mean (y − target)²
//! ```

#![allow(clippy::print_stdout, reason = "a program that shows something")]

use kiln::codegen::{Isa, Program};
use kiln::data::{Dataset, Field, Values};
use kiln::graph::{
    Builder, Graph, Initial, Shape, StateDecl, StateId, StateRole, ValueId, gradients, simplify, verify,
};
use kiln::runtime::{Event, Head, RateContext, Session, Settings, Weight, fit};
use kiln::schedule::{Step, plan};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const UNITS: u32 = 24;
const SAMPLES: u32 = 512;

/// The new activation: a recipe of primitives. Its gradient follows from them.
fn bump(g: &mut Builder, x: ValueId) -> ValueId {
    let square = g.square(x);
    let negative = g.neg(square);
    let bell = g.exp(negative);
    g.mul(x, bell)
}

fn parameter(g: &mut Builder, name: &str, rows: u32, cols: u32, std: f32) -> (StateId, ValueId) {
    let id = g.new_state(StateDecl {
        name: name.into(),
        shape: Shape::matrix(rows, cols),
        role: StateRole::Parameter,
        initial: Initial::Normal { std },
    });
    (id, g.state(id))
}

/// The training step: forward, loss, gradients, and plain gradient descent.
fn step() -> Graph {
    let mut g = Builder::new();
    let (a_id, a) = parameter(&mut g, "a", 1, UNITS, 2.0);
    let (b_id, b) = parameter(&mut g, "b", 1, UNITS, 1.0);
    let (c_id, c) = parameter(&mut g, "c", UNITS, 1, 0.3);
    let (x, target) = (g.input("x", 1), g.input("y", 1));
    let hidden = g.matmul(x, a);
    let hidden = g.add(hidden, b);
    let hidden = bump(&mut g, hidden);
    let y = g.matmul(hidden, c);
    let error = g.sub(y, target);
    let square = g.square(error);
    let sum = g.sum_all(square);
    let rows = g.row_count();
    let loss = g.div(sum, rows);
    g.output("loss", loss);
    g.output("loss.y", loss);

    let rate = g.scalar("rate");
    let found = gradients(&mut g, loss, &[a, b, c]);
    for ((id, value), gradient) in [(a_id, a), (b_id, b), (c_id, c)].into_iter().zip(found) {
        let step = g.mul(gradient, rate);
        let next = g.sub(value, step);
        g.assign(id, next);
    }
    simplify(&g.finish())
}

/// As specs are trained, with closures in place of the library's items.
fn settings() -> Settings {
    Settings {
        seed: 1,
        epochs: 60,
        shuffle: true,
        threads: 1,
        heads: vec![Head {
            name: "y".into(),
            target: "y".into(),
            columns: 1,
            weight: Weight::Constant,
            metrics: Vec::new(),
        }],
        rate: Box::new(|_: RateContext<'_>| 0.05),
        monitor: None,
        stopping: None,
        restore_best: false,
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let graph = step();
    if let Err(violations) = verify(&graph) {
        return Err(format!("the graph is wrong: {violations:?}").into());
    }
    println!("{graph}");

    // Fused kernels, then machine code for this processor.
    let schedule = plan(&[Step::new("train", &graph, 64)]);
    let program = Program::compile(Arc::new(schedule), Isa::detect())?;
    println!("{} bytes of machine code for {}\n", program.code_bytes(), program.isa());

    let mut session = Session::new(program, graph.states);
    let data = curve();
    let mut print_epoch = |event: Event<'_>| {
        if let Event::Epoch { row, .. } = event
            && row.epoch % 10 == 0
        {
            println!("epoch {}: loss {:.5}", row.epoch, row.values[0]);
        }
    };
    let (rows, never) = ((&data, &data.train[..], &[][..]), AtomicBool::new(false));
    let outcome = fit(&mut session, rows, &settings(), None, &mut print_epoch, &never)?;
    let losses = outcome.history.series("loss").unwrap_or_default();
    match losses[..] {
        [first, .., last] if last < 0.2 * first => Ok(()),
        _ => Err(format!("the network has not learned: {losses:?}").into()),
    }
}

/// A wave that a line cannot follow, at even distances.
fn curve() -> Dataset {
    let x: Vec<f32> = (0..SAMPLES).map(|i| 4.0 * i as f32 / SAMPLES as f32 - 2.0).collect();
    let y: Vec<f32> = x.iter().map(|x| x * (3.0 - x * x) / 2.0).collect();
    let field = |name: &str, values: Vec<f32>| Field {
        name: name.into(),
        cols: 1,
        values: Values::F32(values.into()),
        dims: vec![1],
    };
    Dataset {
        name: "curve".into(),
        fields: vec![field("x", x), field("y", y)],
        rows: SAMPLES as usize,
        classes: Vec::new(),
        fingerprint: String::new(),
        train: (0..SAMPLES).collect(),
        test: Vec::new(),
    }
}
