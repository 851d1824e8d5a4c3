//! Programs of several steps over the same states, and fields of bytes.

use crate::harness::{Compiled, environment};
use crate::recipes::{graph, plain};
use crate::reference::{NEAR, close, compare};
use kiln_codegen::{FieldData, Isa, Program};
use kiln_graph::interp::evaluate;
use kiln_graph::{Builder, Graph};

/// Training and evaluation in turn, on batches of their own sizes: the second reads what the first
/// has written, and leaves it as it is, though both use the same workspace.
#[test]
fn training_and_evaluation_share_their_states() {
    let training = graph(&plain());
    let evaluation = graph(&crate::recipes::Recipe { training: false, ..plain() });
    let pair = [(&training, 16), (&evaluation, 70)];
    for isa in Isa::available() {
        let compiled = Compiled::with(&pair, |schedule| Program::compile(schedule, isa).expect("compiles"));
        let mut turns = Vec::new();
        for (which, rows) in [(0, 16), (1, 70), (0, 5), (1, 33), (0, 16)] {
            turns.push((which, environment(pair[which].0, rows)));
        }
        let mut states = turns[0].1.states.clone();
        for (turn, ((which, env), left)) in turns.iter().zip(compiled.turns(&turns, 2)).enumerate() {
            let mut env = env.clone();
            // The evaluation's states are the first of the training's: the layers' come before the slots.
            env.states = states[..env.states.len()].to_vec();
            let mut values = evaluate(pair[*which].0, &env);
            if *which == 0 {
                states = values.states;
            }
            values.states = states.clone();
            compare(&format!("{}, turn {turn}", isa.name()), &left, &values, NEAR);
        }
    }
}

fn sums(cols: u32) -> Graph {
    let mut g = Builder::new();
    let (image, label) = (g.input("image", cols), g.input("label", 1));
    let sum = g.sum_cols(image);
    let hit = g.one_hot(label, 11);
    g.output("image", image);
    g.output("sum", sum);
    g.output("hit", hit);
    g.finish()
}

/// Bytes are decoded as `byte · scale + offset`, rows in the order that is asked for.
#[test]
fn fields_of_bytes() {
    for cols in [1_u32, 15, 33, 784] {
        let graph = sums(cols);
        let (samples, batch) = (50_usize, 32);
        let (scale, offset) = (1.0 / 255.0, -0.5);
        let bytes: Vec<u8> = (0..samples * cols as usize).map(|i| (i * 37 % 256) as u8).collect();
        let labels: Vec<u8> = (0..samples).map(|i| (i % 11) as u8).collect();
        let order = kiln_graph::random::shuffle(1, 2, samples as u32);
        let env = environment(&graph, samples);
        for isa in Isa::available() {
            let compiled = Compiled::new(&graph, batch, isa);
            let image = FieldData::U8 { data: &bytes, scale, offset };
            let label = FieldData::U8 { data: &labels, scale: 1.0, offset: 0.0 };
            let mut memory = compiled.memory(0, &env);
            let fields = [("label", label), ("image", image)];
            let batches = compiled.run_on(&mut memory, 0, &env, (&fields, &order), 2);
            assert_eq!(batches.len(), 2);
            for (outputs, order) in batches.iter().zip(order.chunks(batch as usize)) {
                let mut env = environment(&graph, order.len());
                let decode = |b: &u8| f64::from(*b) * f64::from(scale) + f64::from(offset);
                let row = |i: &u32| bytes[*i as usize * cols as usize..][..cols as usize].iter().map(decode);
                env.inputs[0] = order.iter().flat_map(row).collect();
                env.inputs[1] = order.iter().map(|i| f64::from(labels[*i as usize])).collect();
                for ((name, got), (_, want)) in outputs.iter().zip(&evaluate(&graph, &env).outputs) {
                    close(&format!("{}, {name} of {cols}", isa.name()), got, &want.data, NEAR);
                }
            }
        }
    }
}
