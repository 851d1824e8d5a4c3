//! Every operation on special values: NaN, ±∞, ±0, subnormals, the ends of the range.
//!
//! Operations that IEEE 754 rounds exactly must give its very bits, the sign of a zero included;
//! the others are held to [`crate::accuracy`]'s bounds. A subnormal number is a zero of its sign, as
//! compiled code reads and leaves it ([`crate::accuracy::flushed`]).

use crate::accuracy::{Bound, bound, flushed};
use crate::harness::{Compiled, Left};
use kiln_codegen::Isa;
use kiln_graph::interp::{Env, evaluate};
use kiln_graph::{Axis, BinaryOp, Builder, Graph, Prim, ReduceOp, UnaryOp};

/// Where formulas break: each also with a minus in front.
const MAGNITUDES: [f32; 48] = [
    0.0,
    1e-45,
    1e-40,
    1.175_494_2e-38,
    f32::MIN_POSITIVE,
    1e-30,
    1e-20,
    1e-10,
    5.960_464_5e-8,
    f32::EPSILON,
    1e-4,
    0.01,
    0.1,
    0.3,
    0.5,
    0.624_999_94,
    0.625,
    std::f32::consts::FRAC_1_SQRT_2,
    0.92,
    0.999_999_94,
    1.0,
    1.000_000_1,
    std::f32::consts::SQRT_2,
    2.0,
    3.7,
    4.0,
    8.5,
    17.0,
    42.0,
    60.5,
    87.336_54,
    88.0,
    88.722_83,
    88.722_84,
    89.0,
    90.5,
    103.278_92,
    103.972_08,
    104.5,
    150.0,
    1e3,
    8_388_607.5,
    16_777_216.0,
    2_147_483_600.0,
    4e9,
    1e20,
    f32::MAX,
    f32::INFINITY,
];

/// All special values, NaN of both signs first.
pub(crate) fn specials() -> Vec<f32> {
    let both = MAGNITUDES.iter().flat_map(|&x| [x, -x]);
    [f32::NAN, -f32::NAN].into_iter().chain(both).collect()
}

/// A batch with these columns of one number a row.
fn columns(graph: &Graph, columns: &[&[f32]]) -> Env {
    let mut env = Env::new(graph, columns[0].len(), 1);
    for (input, column) in env.inputs.iter_mut().zip(columns) {
        *input = column.iter().map(|&x| f64::from(flushed(x))).collect();
    }
    env
}

/// Runs on every instruction set; `judge` gets the name of an output, its elements, the
/// interpreter's.
fn on_all(graph: &Graph, env: &Env, judge: impl Fn(&str, &[f32], &[f64], Isa)) {
    let want = evaluate(graph, env);
    for isa in Isa::available() {
        let left: Left = Compiled::new(graph, env.rows as u32, isa).step(env, 1);
        for ((name, got), (_, want)) in left.outputs.iter().zip(&want.outputs) {
            assert_eq!(got.len(), want.data.len(), "{name}");
            judge(name, got, &want.data, isa);
        }
    }
}

/// The same bits as the f64 result rounded; any NaN for NaN.
fn exact(got: f32, want: f64) -> bool {
    let (got, rounded) = (flushed(got), flushed(want as f32));
    // Processors differ in whether what rounds up to the smallest normal number was too small.
    let too_small = want.abs() < f64::from(f32::MIN_POSITIVE) && got == 0.0 && rounded != 0.0;
    too_small || got.to_bits() == rounded.to_bits() || (got.is_nan() && want.is_nan())
}

#[test]
fn unary_operations_on_special_values() {
    let mut g = Builder::new();
    let x = g.input("x", 1);
    for &op in UnaryOp::ALL {
        let y = g.unary(op, x);
        g.output(op.name(), y);
    }
    let graph = g.finish();
    let specials = specials();
    let env = columns(&graph, &[&specials]);
    on_all(&graph, &env, |name, got, want, isa| {
        let &op = UnaryOp::ALL.iter().find(|op| op.name() == name).expect("one output each");
        for ((x, got), want) in specials.iter().zip(got).zip(want) {
            let wrong = bound(op).error(*got, *want).err();
            assert!(wrong.is_none(), "{}: {name}({x:e}) = {got:e}, not {want:e}: {wrong:?}", isa.name());
            // A zero keeps its sign.
            let sign = *x != 0.0 || *want != 0.0 || exact(*got, *want);
            assert!(sign, "{}: {name}({x:e}) = {got:e}, not {want:e}", isa.name());
        }
    });
}

#[test]
fn binary_operations_on_all_pairs_of_special_values() {
    let mut g = Builder::new();
    let (x, y) = (g.input("x", 1), g.input("y", 1));
    for &op in BinaryOp::ALL {
        let z = g.binary(op, x, y);
        g.output(op.name(), z);
    }
    let graph = g.finish();
    let specials = specials();
    let pairs = specials.iter().flat_map(|&x| specials.iter().map(move |&y| (x, y)));
    let (xs, ys): (Vec<f32>, Vec<f32>) = pairs.unzip();
    on_all(&graph, &columns(&graph, &[&xs, &ys]), |name, got, want, isa| {
        for (i, (got, want)) in got.iter().zip(want).enumerate() {
            let (x, y) = (xs[i], ys[i]);
            assert!(exact(*got, *want), "{}: {name}({x:e}, {y:e}) = {got:e}, not {want:e}", isa.name());
        }
    });
}

/// The condition as a number, and as each comparison (which is used as the mask that it is); also
/// a comparison that is read as a number too.
#[test]
fn select_takes_either_side_unchanged() {
    let mut g = Builder::new();
    let (x, y) = (g.input("x", 1), g.input("y", 1));
    let (greater, equal, sum) = (g.greater(x, y), g.equal(x, y), g.add(x, y));
    let conditions = [("x", x), ("greater", greater), ("equal", equal), ("sum", sum)];
    for (name, c) in conditions {
        let z = g.select(c, x, y);
        g.output(name, z);
    }
    let plain = g.offset(greater, 1.0);
    g.output("plain", plain);
    let graph = g.finish();
    let specials = specials();
    let pairs = specials.iter().flat_map(|&x| specials.iter().map(move |&y| (x, y)));
    let (xs, ys): (Vec<f32>, Vec<f32>) = pairs.unzip();
    on_all(&graph, &columns(&graph, &[&xs, &ys]), |name, got, want, isa| {
        for (i, (got, want)) in got.iter().zip(want).enumerate() {
            // The interpreter's sum does not overflow.
            let skip = name == "sum" && xs[i] + ys[i] == 0.0 && xs[i] != -ys[i];
            let same = skip || exact(*got, *want);
            assert!(same, "{}: {name}({:e}, {:e}) = {got:e}, not {want:e}", isa.name(), xs[i], ys[i]);
        }
    });
}

/// Rows of `cols` columns with special values wandering through all columns; maxima leave NaN out,
/// sums do not, wherever it stands.
#[test]
fn reductions_over_special_values() {
    for cols in [7_u32, 16, 18, 33, 70] {
        let mut g = Builder::new();
        let x = g.input("x", cols);
        for &op in ReduceOp::ALL {
            for &axis in Axis::ALL {
                // A maximum over the rows of a batch is what nothing asks for; the planner refuses it.
                if (op, axis) != (ReduceOp::Max, Axis::Rows) {
                    let y = g.add_node(Prim::Reduce(op, axis), &[x]);
                    g.output(&format!("{}_{}", op.name(), axis.name()), y);
                }
            }
        }
        let graph = g.finish();
        let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, -7.0, 1e-45];
        let rows = odd.len() * cols as usize + 2;
        let mut env = Env::new(&graph, rows, 1);
        for (i, row) in env.inputs[0].chunks_exact_mut(cols as usize).enumerate() {
            row.iter_mut()
                .enumerate()
                .for_each(|(j, x)| *x = f64::from((i * 3 + j * 5) as f32 % 11.0 - 13.0));
            match i {
                0 => row.fill(f64::NAN),
                1 => row.fill(f64::NEG_INFINITY),
                _ => row[(i - 2) / odd.len()] = f64::from(odd[(i - 2) % odd.len()]),
            }
        }
        on_all(&graph, &env, |name, got, want, isa| {
            for (i, (got, want)) in got.iter().zip(want).enumerate() {
                let near = Bound { relative: 1e-6, absolute: 0.0 }.error(*got, *want).is_ok();
                assert!(near, "{}: {name} of {cols} columns [{i}] = {got:e}, not {want:e}", isa.name());
            }
        });
    }
}

#[test]
fn sources_are_outputs_too() {
    let mut g = Builder::new();
    let x = g.input("x", 3);
    let (scalar, constant, rows) = (g.scalar("rate"), g.constant(0.25), g.row_count());
    let sources = [("x", x), ("scalar", scalar), ("constant", constant), ("rows", rows)];
    for (name, value) in sources {
        g.output(name, value);
    }
    for cols in [1, 2, 31, 33, 100] {
        let iota = g.iota(cols);
        g.output(&format!("iota{cols}"), iota);
    }
    let graph = g.finish();
    for rows in [1, 3, 40] {
        let env = crate::harness::environment(&graph, rows);
        on_all(&graph, &env, |name, got, want, isa| {
            let same = got.iter().zip(want).all(|(g, w)| exact(*g, *w));
            assert!(same, "{}: {name} of {rows} rows: {got:?}, not {want:?}", isa.name());
        });
    }
}
