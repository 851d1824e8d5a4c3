//! Every kind of kernel over widths and numbers of rows around those of vectors, panels and blocks.
//!
//! Each width meets each number of rows at a batch capacity of 65, and one of the other capacities.

use crate::harness::{Compiled, environment};
use crate::reference::{NEAR, Near, check, close, compare, interpreted};
use kiln_codegen::Isa;
use kiln_graph::{
    Builder, Distribution, Graph, Initial, Shape, StateDecl, StateId, StateRole, ValueId, gradients, interp,
};

const WIDTHS: [u32; 21] = [1, 2, 3, 4, 5, 7, 8, 9, 11, 15, 16, 17, 18, 31, 32, 33, 56, 64, 65, 170, 784];

/// Batch capacities, and rows up to them: a whole batch and shorter last ones.
const ROWS: [(u32, &[usize]); 6] =
    [(1, &[1]), (2, &[2, 1]), (16, &[16, 15]), (64, &[64, 63]), (130, &[130, 65, 17]), (515, &[515, 130])];

/// `graph` of each width, over rows.
fn over_shapes(what: &str, near: Near, graph: impl Fn(u32) -> Graph) {
    for (i, &width) in WIDTHS.iter().enumerate() {
        let graph = graph(width);
        let what = format!("{what}, {width} columns");
        check(&what, &graph, (65, &[1, 2, 15, 16, 17, 63, 64, 65]), near);
        check(&what, &graph, ROWS[i % ROWS.len()], near);
    }
}

pub(crate) fn state(g: &mut Builder, name: &str, rows: u32, cols: u32) -> (StateId, ValueId) {
    let initial = Initial::Uniform { limit: (6.0 / (rows + cols) as f32).sqrt() };
    let decl = StateDecl {
        name: name.into(),
        shape: Shape::matrix(rows, cols),
        role: StateRole::Parameter,
        initial,
    };
    let id = g.new_state(decl);
    (id, g.state(id))
}

/// Matrices, columns, rows and numbers, each with each.
pub(crate) fn elements(n: u32) -> Graph {
    let mut g = Builder::new();
    let (x, y, c, d) = (g.input("x", n), g.input("y", n), g.input("c", 1), g.input("d", 1));
    let (_, row) = state(&mut g, "row", 1, n);
    let (_, one) = state(&mut g, "one", 1, 1);
    let s = g.scalar("s");
    let scaled = g.mul(x, row);
    let shifted = g.add(scaled, c);
    let matrix = g.relu(shifted);
    let (above, bent, under) = (g.greater(x, y), g.tanh(x), g.sub(y, s));
    let bent = g.mul(bent, one);
    let chosen = g.select(above, bent, under);
    let product = g.mul(c, d);
    let column = g.add(product, one);
    let column = g.sigmoid(column);
    let vector = g.exp(row);
    let vector = g.add(vector, one);
    let number = g.mul(one, s);
    let number = g.offset(number, 1.0);
    let outer = g.mul(column, vector);
    let random = g.random(Distribution::Uniform, n);
    let dropped = g.greater(random, number);
    let dropped = g.mul(dropped, outer);
    let outputs = [
        ("matrix", matrix),
        ("chosen", chosen),
        ("column", column),
        ("vector", vector),
        ("number", number),
        ("outer", outer),
        ("dropped", dropped),
        ("input", x),
        ("row", row),
    ];
    outputs.iter().for_each(|(name, v)| g.output(name, *v));
    g.finish()
}

#[test]
fn elements_of_all_shapes() {
    over_shapes("elements", Near { relative: 1e-6, floor: 1.0 }, elements);
}

/// Over rows, columns and all; of matrices, columns and rows; one after the other (layer norm).
pub(crate) fn reductions(n: u32) -> Graph {
    let mut g = Builder::new();
    let (x, c) = (g.input("x", n), g.input("c", 1));
    let (_, gamma) = state(&mut g, "gamma", 1, n);
    let square = g.square(x);
    let (rows, cols, all) = (g.sum_rows(x), g.sum_cols(x), g.sum_all(square));
    let (most, of_column, of_row) = (g.max_cols(x), g.sum_all(c), g.sum_cols(gamma));
    let most_of_row = g.max_cols(gamma);
    let mean = g.scale(cols, 1.0 / n as f32);
    let centred = g.sub(x, mean);
    let variance = g.square(centred);
    let variance = g.sum_cols(variance);
    let variance = g.scale(variance, 1.0 / n as f32);
    let variance = g.offset(variance, 1e-3);
    let root = g.rsqrt(variance);
    let normal = g.mul(centred, root);
    let normal = g.mul(normal, gamma);
    let total = g.sum_rows(normal);
    let weighted = g.mul(normal, c);
    let weighted = g.sum_all(weighted);
    let count = g.row_count();
    let mean_row = g.div(rows, count);
    let from_mean = g.sub(x, mean_row);
    let from_mean = g.abs(from_mean);
    let spread = g.sum_rows(from_mean);
    let peaks = g.sum_rows(most);
    let outputs = [
        ("rows", rows),
        ("cols", cols),
        ("all", all),
        ("most", most),
        ("of_column", of_column),
        ("of_row", of_row),
        ("most_of_row", most_of_row),
        ("normal", normal),
        ("total", total),
        ("weighted", weighted),
        ("spread", spread),
        ("peaks", peaks),
    ];
    outputs.iter().for_each(|(name, v)| g.output(name, *v));
    g.finish()
}

#[test]
fn reductions_of_all_shapes() {
    over_shapes("reductions", Near { relative: 2e-6, floor: 10.0 }, reductions);
}

/// Softmax, cross-entropy with a class index, and the gradient by the logits.
pub(crate) fn softmax(n: u32) -> Graph {
    let mut g = Builder::new();
    let (x, label) = (g.input("x", n), g.input("label", 1));
    let (bias_id, bias) = state(&mut g, "bias", 1, n);
    let z = g.add(x, bias);
    let m = g.max_cols(z);
    let m = g.detach(m);
    let z = g.sub(z, m);
    let e = g.exp(z);
    let s = g.sum_cols(e);
    let log = g.log(s);
    let log_p = g.sub(z, log);
    let p = g.exp(log_p);
    let wanted = g.one_hot(label, n);
    let each = g.mul(log_p, wanted);
    let total = g.sum_all(each);
    let rows = g.row_count();
    let loss = g.div(total, rows);
    let loss = g.neg(loss);
    let gradients = gradients(&mut g, loss, &[bias, x]);
    let step = g.scale(gradients[0], 0.5);
    let next = g.sub(bias, step);
    g.assign(bias_id, next);
    for (name, v) in [("p", p), ("loss", loss), ("by_bias", gradients[0]), ("by_x", gradients[1])] {
        g.output(name, v);
    }
    g.finish()
}

#[test]
fn softmax_and_cross_entropy_of_all_shapes() {
    over_shapes("softmax", Near { relative: 2e-6, floor: 0.3 }, softmax);
}

/// `relu(x·w + b)`, its gradients by everything, and a step of descent; the kernel is read plain
/// and transposed.
pub(crate) fn dense(k: u32, n: u32) -> Graph {
    let mut g = Builder::new();
    let (x, wanted) = (g.input("x", k), g.input("wanted", n));
    let (w_id, w) = state(&mut g, "kernel", k, n);
    let (b_id, b) = state(&mut g, "bias", 1, n);
    let y = g.matmul(x, w);
    let y = g.add(y, b);
    let y = g.relu(y);
    let error = g.sub(y, wanted);
    let square = g.square(error);
    let total = g.sum_all(square);
    let rows = g.row_count();
    let loss = g.div(total, rows);
    let by = gradients(&mut g, loss, &[x, w, b]);
    let rate = g.scalar("rate");
    for (id, old, by) in [(w_id, w, by[1]), (b_id, b, by[2])] {
        let step = g.mul(by, rate);
        let next = g.sub(old, step);
        g.assign(id, next);
    }
    for (name, v) in [("y", y), ("loss", loss), ("by_x", by[0])] {
        g.output(name, v);
    }
    if k + n < 100 {
        // A gradient that is read besides being applied is stored as a whole.
        g.output("by_kernel", by[1]);
    }
    g.finish()
}

#[test]
fn dense_layers_of_all_shapes() {
    for (i, &k) in WIDTHS.iter().enumerate() {
        let n = WIDTHS[(i * 5 + 3) % WIDTHS.len()];
        let graph = dense(k, n);
        let what = format!("dense, {k} to {n}");
        let rows: &[usize] = if k * n > 20_000 { &[15, 64] } else { &[1, 2, 15, 16, 17, 63, 64, 65] };
        check(&what, &graph, (65, rows), NEAR);
        if k * n <= 20_000 {
            check(&what, &graph, ROWS[(i + 3) % ROWS.len()], NEAR);
        }
    }
}

/// A kernel between two activations, read in both directions by one model (a tie).
#[test]
fn tied_kernels_of_odd_shapes() {
    for (k, n) in [(1, 1), (1, 33), (33, 1), (18, 65), (65, 18), (40, 31)] {
        let mut g = Builder::new();
        let x = g.input("x", k);
        let (w_id, w) = state(&mut g, "kernel", k, n);
        let h = g.matmul(x, w);
        let h = g.tanh(h);
        let y = g.matmul_nt(h, w);
        let error = g.sub(y, x);
        let square = g.square(error);
        let loss = g.sum_all(square);
        let by = gradients(&mut g, loss, &[w])[0];
        let step = g.scale(by, 0.01);
        let next = g.sub(w, step);
        g.assign(w_id, next);
        g.output("y", y);
        g.output("loss", loss);
        check(&format!("tied, {k} and {n}"), &g.finish(), (33, &[33, 5]), NEAR);
    }
}

/// Columns joined and cut at odd places, with work before and after; gradients flow through both.
pub(crate) fn columns(n: u32, m: u32) -> Graph {
    let mut g = Builder::new();
    let (x, y, c) = (g.input("x", n), g.input("y", m), g.input("c", 1));
    let (w_id, w) = state(&mut g, "row", 1, n + m + 1);
    let (v_id, v) = state(&mut g, "tail", 1, m);
    let bent = g.tanh(x);
    let joined = g.concat(&[bent, c, y]);
    let scaled = g.mul(joined, w);
    let total = n + m + 1;
    let (start, end) = (total / 3, total - total / 4);
    let middle = g.slice(scaled, start, end.max(start + 1));
    let last = g.slice(joined, total - 1, total);
    let first = g.slice(joined, 0, n);
    let back = g.concat(&[middle, first]);
    let rows = g.concat(&[w, v]);
    let few = g.slice(rows, n, n + m);
    let few = g.add(few, v);
    let square = g.square(back);
    let loss = g.sum_all(square);
    let more = g.square(few);
    let more = g.sum_all(more);
    let loss = g.add(loss, more);
    let by = gradients(&mut g, loss, &[w, v]);
    for (id, old, by) in [(w_id, w, by[0]), (v_id, v, by[1])] {
        let step = g.scale(by, 0.001);
        let next = g.sub(old, step);
        g.assign(id, next);
    }
    let outputs = [("joined", joined), ("middle", middle), ("last", last), ("back", back), ("few", few)];
    outputs.iter().for_each(|(name, v)| g.output(name, *v));
    g.finish()
}

#[test]
fn columns_joined_and_cut() {
    for (i, &n) in WIDTHS.iter().enumerate().filter(|(_, n)| **n < 200) {
        let m = WIDTHS[(i * 3 + 2) % 19];
        check(&format!("columns, {n} and {m}"), &columns(n, m), (65, &[1, 17, 64, 65]), NEAR);
    }
}

/// Sums over more than 512 rows of the batch are taken piece by piece; batches of 1,100 in chunks.
#[test]
fn long_batches() {
    for (k, n) in [(70, 45), (1, 1), (300, 40), (33, 160)] {
        check(&format!("long dense, {k} to {n}"), &dense(k, n), (1100, &[1100, 513, 512, 3]), NEAR);
        check(&format!("longer dense, {k} to {n}"), &dense(k, n), (700, &[700, 513, 512, 3]), NEAR);
    }
    check("long reductions", &reductions(45), (1100, &[1100, 700]), Near { relative: 4e-6, floor: 10.0 });
    check("long softmax", &softmax(40), (1100, &[1100]), Near { relative: 2e-6, floor: 0.3 });
}

/// A job over an epoch: batches in a random order of samples, the last one short, states and random
/// numbers going on from batch to batch.
#[test]
fn an_epoch_is_its_batches() {
    let graph = {
        let mut g = Builder::from_graph(dense(20, 35));
        let noise = g.random(Distribution::Normal, 3);
        g.output("noise", noise);
        g.finish()
    };
    let (samples, batch) = (150, 64);
    let all = environment(&graph, samples);
    let order = kiln_graph::random::shuffle(5, 1, samples as u32);
    for isa in Isa::available() {
        let compiled = Compiled::new(&graph, batch, isa);
        for threads in [1, 3] {
            let (batches, end) = compiled.epoch(&all, &order, threads);
            let mut states = all.states.clone();
            for (step, (order, left)) in order.chunks(batch as usize).zip(&batches).enumerate() {
                let mut env = all.clone();
                (env.rows, env.step, env.states) = (order.len(), all.step + step as u64, states);
                for (of_batch, (of_all, decl)) in
                    env.inputs.iter_mut().zip(all.inputs.iter().zip(&graph.inputs))
                {
                    let cols = decl.cols as usize;
                    let row = |i: &u32| of_all[*i as usize * cols..][..cols].iter().copied();
                    *of_batch = order.iter().flat_map(row).collect();
                }
                let values = interp::evaluate(&graph, &env);
                compare(&format!("{}, batch {step}", isa.name()), left, &values, NEAR);
                states = values.states;
            }
            for ((name, got), want) in end.states.iter().zip(&states) {
                close(&format!("{}, {name} at the end", isa.name()), got, want, NEAR);
            }
        }
    }
}

/// Three steps, each from where the one before has left the states and their transposed copies.
#[test]
fn steps_follow_each_other() {
    for (k, n) in [(18, 33), (64, 11), (31, 56)] {
        let graph = dense(k, n);
        let env = environment(&graph, 30);
        let want = interpreted(&graph, &env, 3);
        for isa in Isa::available() {
            let left = Compiled::new(&graph, 32, isa).steps(&env, 2, 3);
            compare(&format!("{}, {k} to {n}", isa.name()), &left, &want, NEAR);
        }
    }
}
