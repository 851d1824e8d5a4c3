//! The code as text: CLIF of small steps, the same on every host.
//!
//! `KILN_BLESS=1` rewrites the files under `tests/golden/clif`.

use kiln_codegen::{Target, clif};
use kiln_graph::{Builder, Graph, gradients, simplify};
use kiln_schedule::{Schedule, Step, plan};

fn schedule(graph: &Graph, batch: u32) -> Schedule {
    plan(&[Step::new("train", &simplify(graph), batch)])
}

/// One line that differs says more than two whole files.
fn check(name: &str, text: &str) {
    let path = format!("{}/tests/golden/clif/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("KILN_BLESS").is_some() {
        std::fs::write(&path, text).expect("the golden folder is writable");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let line = golden.lines().zip(text.lines()).position(|(old, new)| old != new);
    let line = line.unwrap_or(golden.lines().count().min(text.lines().count()));
    assert!(
        golden == text,
        "{name}.txt, line {}: `{}` is now `{}`; KILN_BLESS=1 rewrites it",
        line + 1,
        golden.lines().nth(line).unwrap_or_default(),
        text.lines().nth(line).unwrap_or_default()
    );
}

/// `relu(x·w + b)` and a step of plain descent on its sum of squares.
fn dense_step() -> Graph {
    let mut g = Builder::new();
    g.set_name("hidden");
    let x = g.input("x", 5);
    let (w_id, w) = crate::shapes::state(&mut g, "kernel", 5, 3);
    let (b_id, b) = crate::shapes::state(&mut g, "bias", 1, 3);
    let y = g.matmul(x, w);
    let y = g.add(y, b);
    let y = g.relu(y);
    let square = g.square(y);
    let loss = g.sum_all(square);
    let by = gradients(&mut g, loss, &[w, b]);
    for (id, old, by) in [(w_id, w, by[0]), (b_id, b, by[1])] {
        let step = g.scale(by, 0.125);
        let next = g.sub(old, step);
        g.assign(id, next);
    }
    g.output("loss", loss);
    g.finish()
}

/// Batch norm of a product, and a step of plain descent: sums over rows between the kernels.
fn batch_norm_step() -> Graph {
    let mut g = Builder::new();
    g.set_name("norm");
    let x = g.input("x", 5);
    let (w_id, w) = crate::shapes::state(&mut g, "kernel", 5, 3);
    let (gamma_id, gamma) = crate::shapes::state(&mut g, "gamma", 1, 3);
    let h = g.matmul(x, w);
    let rows = g.row_count();
    let (sum, square) = (g.sum_rows(h), g.square(h));
    let squares = g.sum_rows(square);
    let (mean, squares) = (g.div(sum, rows), g.div(squares, rows));
    let mean_square = g.square(mean);
    let variance = g.sub(squares, mean_square);
    let variance = g.offset(variance, 1e-3);
    let root = g.rsqrt(variance);
    let factor = g.mul(root, gamma);
    let centred = g.sub(h, mean);
    let y = g.mul(centred, factor);
    let bent = g.tanh(y);
    let loss = g.sum_all(bent);
    let by = gradients(&mut g, loss, &[w, gamma]);
    for (id, old, by) in [(w_id, w, by[0]), (gamma_id, gamma, by[1])] {
        let step = g.scale(by, 0.125);
        let next = g.sub(old, step);
        g.assign(id, next);
    }
    g.output("y", y);
    g.finish()
}

#[test]
fn code_is_as_it_was() {
    let target = Target::GOLDEN;
    check("dense_step", &clif(&schedule(&dense_step(), 16), target));
    check("softmax_cross_entropy", &clif(&schedule(&crate::shapes::softmax(7), 16), target));
    check("batch_norm_step", &clif(&schedule(&batch_norm_step(), 16), target));
}

/// Nothing of this processor gets in: the header says all, and the same schedule gives the same text,
/// for targets that this host does not have too.
#[test]
fn code_depends_on_its_target_only() {
    let schedule = schedule(&dense_step(), 16);
    let arm = Target { vector_bytes: 16, fma: true, x86: false, windows: false };
    for target in [Target::GOLDEN, Target::GOLDEN.narrow(), arm] {
        let text = clif(&schedule, target);
        assert_eq!(text.lines().next(), Some(format!("; target {}", target.describe()).as_str()));
        assert_eq!(text, clif(&schedule, target));
        let strips = text.matches("_strip(").count();
        assert!(strips > 0 && text.matches("function %").count() > strips, "drivers and strips");
    }
}
