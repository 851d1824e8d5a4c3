//! Every rule against differences of the loss, driven from the lists of operations.

use super::*;
use crate::finite_difference::{Check, Variable};
use crate::graph::{Initial, InputId, StateDecl, StateId, StateRole};
use crate::interp::{Env, evaluate};
use crate::random::Key;

const ROWS: usize = 3;
const COLS: u32 = 4;
/// Shapes that an operand can have beside `[B, 4]`.
const OPERANDS: [Shape; 4] = [Shape::batch(COLS), Shape::vector(COLS), Shape::batch(1), Shape::SCALAR];

/// An operand: its shape, and the range of its elements.
#[derive(Clone, Copy)]
struct Operand {
    shape: Shape,
    low: f64,
    high: f64,
}

fn operand(shape: Shape, (low, high): (f64, f64)) -> Operand {
    Operand { shape, low, high }
}

/// Builds a value from operands and checks the gradients of two losses: the sum of its elements
/// (the gradient arrives unstretched) and a weighted sum of their squares (it arrives in full).
fn check(what: &str, operands: &[Operand], build: impl Fn(&mut Builder, &[ValueId]) -> ValueId) {
    for squared in [false, true] {
        let mut b = Builder::new();
        let mut variables = Vec::new();
        let args: Vec<ValueId> = operands.iter().map(|o| declare(&mut b, o.shape, &mut variables)).collect();
        let mut y = build(&mut b, &args);
        if squared {
            let (square, weights) = (b.square(y), b.iota(b.shape(y).cols));
            let weights = b.offset(weights, 0.5);
            y = b.mul(square, weights);
        }
        let loss = b.sum_all(y);
        let graph = b.finish();
        let mut env = Env::new(&graph, ROWS, 1);
        fill(&mut env, operands, &variables);
        let worst = Check { variables, ..Check::new(&graph, loss, &env) }.worst();
        assert!(worst.compared > 0 && worst.error < 1e-7, "{what}, squared {squared}: {worst}");
    }
}

fn declare(b: &mut Builder, shape: Shape, variables: &mut Vec<Variable>) -> ValueId {
    let name = format!("x{}", variables.len());
    match shape.rows {
        Extent::Batch => {
            let input = b.input(&name, shape.cols);
            variables.push(Variable::Input(InputId(b.graph().inputs.len() as u32 - 1)));
            input
        }
        Extent::Fixed(_) => {
            let (role, initial) = (StateRole::Parameter, Initial::Constant(0.0));
            let id = b.new_state(StateDecl { name, shape, role, initial });
            variables.push(Variable::State(id));
            b.state(id)
        }
    }
}

fn fill(env: &mut Env, operands: &[Operand], variables: &[Variable]) {
    for (k, (o, variable)) in operands.iter().zip(variables).enumerate() {
        let key = Key::new(17, k as u32, 0);
        let elements = match *variable {
            Variable::Input(id) => &mut env.inputs[id.index()],
            Variable::State(id) => &mut env.states[id.index()],
        };
        for (i, x) in elements.iter_mut().enumerate() {
            *x = o.low + (o.high - o.low) * f64::from(key.uniform(i as u32));
        }
    }
}

/// Where the operation is defined and smooth; `None` where it has no gradient by design.
fn range(op: UnaryOp) -> Option<(f64, f64)> {
    match op {
        UnaryOp::Neg
        | UnaryOp::Exp
        | UnaryOp::ExpM1
        | UnaryOp::Tanh
        | UnaryOp::Sigmoid
        | UnaryOp::Softplus
        | UnaryOp::Erf => Some((-2.0, 2.0)),
        UnaryOp::Abs | UnaryOp::Sign | UnaryOp::Relu => Some((-2.0, 1.5)),
        UnaryOp::Log | UnaryOp::Sqrt | UnaryOp::Rsqrt => Some((0.5, 3.0)),
        UnaryOp::Log1p => Some((-0.5, 3.0)),
        UnaryOp::Detach => None,
    }
}

#[test]
fn every_unary_operation() {
    for &op in UnaryOp::ALL {
        let Some(range) = range(op) else { continue };
        for shape in [Shape::batch(COLS), Shape::matrix(2, 3), Shape::SCALAR] {
            check(op.name(), &[operand(shape, range)], |b, x| b.unary(op, x[0]));
        }
    }
}

#[test]
fn every_binary_operation_stretched_every_way() {
    for &op in BinaryOp::ALL {
        for x in OPERANDS {
            for y in OPERANDS {
                // The ranges overlap, so that maxima and comparisons fall on both sides.
                let operands = [operand(x, (-2.0, 2.0)), operand(y, (0.7, 1.9))];
                check(&format!("{} {x} {y}", op.name()), &operands, |b, v| b.binary(op, v[0], v[1]));
            }
        }
        let fixed = [operand(Shape::matrix(2, 3), (-2.0, 2.0)), operand(Shape::matrix(2, 1), (0.7, 1.9))];
        check(op.name(), &fixed, |b, v| b.binary(op, v[0], v[1]));
        check(op.name(), &fixed[..1], |b, v| b.binary(op, v[0], v[0]));
    }
}

#[test]
fn select_stretched_every_way() {
    for c in OPERANDS {
        for x in OPERANDS {
            for y in OPERANDS {
                let operands = [c, x, y].map(|shape| operand(shape, (-1.0, 1.0)));
                check(&format!("select {c} {x} {y}"), &operands, |b, v| {
                    let zero = b.constant(0.0);
                    let c = b.greater(v[0], zero);
                    b.select(c, v[1], v[2])
                });
            }
        }
    }
}

#[test]
fn products_in_all_orientations() {
    let m = |rows, cols| operand(Shape::matrix(rows, cols), (-1.0, 1.0));
    let batch = |cols| operand(Shape::batch(cols), (-1.0, 1.0));
    for (transpose_a, transpose_b, a, b) in [
        (false, false, m(2, 5), m(5, 3)),
        (false, true, m(2, 5), m(3, 5)),
        (true, false, m(5, 2), m(5, 3)),
        (true, true, m(5, 2), m(3, 5)),
        (false, false, batch(5), m(5, 3)),
        (false, true, batch(5), m(3, 5)),
        (true, false, batch(2), batch(3)),
    ] {
        let prim = Prim::MatMul { transpose_a, transpose_b };
        check(&format!("{prim:?}"), &[a, b], |b, v| b.add_node(prim, v));
    }
}

#[test]
fn reductions_and_columns() {
    let x = operand(Shape::batch(5), (-1.0, 1.0));
    for &axis in Axis::ALL {
        check(axis.name(), &[x], |b, v| b.add_node(Prim::Reduce(ReduceOp::Sum, axis), v));
    }
    check("slice", &[x], |b, v| b.slice(v[0], 1, 4));
    check("slice at the left", &[x], |b, v| b.slice(v[0], 0, 2));
    check("slice at the right", &[x], |b, v| b.slice(v[0], 4, 5));
    check("slice of all", &[x], |b, v| b.slice(v[0], 0, 5));
    let y = operand(Shape::batch(1), (-1.0, 1.0));
    check("concat", &[x, y, x], |b, v| b.concat(v));
    check("concat of one twice", &[x], |b, v| b.concat(&[v[0], v[0]]));
}

/// A value is used by several readers, in several shapes: all gradients add up.
#[test]
fn a_layer_norm_with_shared_parameters() {
    let operands = [
        operand(Shape::batch(4), (-1.0, 1.0)),
        operand(Shape::matrix(4, 4), (-1.0, 1.0)),
        operand(Shape::vector(4), (0.5, 1.5)),
    ];
    check("composed", &operands, |b, v| {
        let mut x = v[0];
        for transposed in [false, true] {
            let h = if transposed { b.matmul_nt(x, v[1]) } else { b.matmul(x, v[1]) };
            let sum = b.sum_cols(h);
            let mean = b.scale(sum, 0.25);
            let centred = b.sub(h, mean);
            let square = b.square(centred);
            let variance = b.sum_cols(square);
            let variance = b.offset(variance, 1e-3);
            let scale = b.rsqrt(variance);
            let normal = b.mul(centred, scale);
            let y = b.mul(normal, v[2]);
            let count = b.row_count();
            let y = b.div(y, count);
            x = b.tanh(y);
        }
        x
    });
}

/// What has no gradient by design: the comparison would find a slope.
#[test]
fn no_gradient_passes_where_none_should() {
    let mut b = Builder::new();
    let x = b.input("x", 3);
    let (detached, max) = (b.detach(x), b.max_cols(x));
    let sum = b.sub(detached, max);
    let loss = b.sum_all(sum);
    let other = b.input("other", 3);
    assert_eq!(gradients_where_any(&mut b, loss, &[x, other]), [None, None]);
    let zeros = gradients(&mut b, loss, &[x]);
    assert_eq!(b.shape(zeros[0]), Shape::batch(3));
    b.output("g", zeros[0]);
    let graph = b.finish();
    let mut env = Env::new(&graph, 2, 0);
    env.set_input(&graph, "x", &[f32::NAN, f32::INFINITY, 0.0, 1.0, -1.0, 2.0]);
    let values = evaluate(&graph, &env);
    assert_eq!(values.output("g").map(|m| m.data.clone()), Some(vec![0.0; 6]));
}

#[test]
fn kinks_take_the_side_that_the_primitive_says() {
    let gradient_at_zero = |build: &dyn Fn(&mut Builder, ValueId, ValueId) -> ValueId| {
        let mut b = Builder::new();
        let (x, zero) = (b.scalar("x"), b.constant(0.0));
        let y = build(&mut b, x, zero);
        let g = gradients(&mut b, y, &[x])[0];
        b.output("g", g);
        let graph = b.finish();
        evaluate(&graph, &Env::new(&graph, 1, 0)).number("g")
    };
    assert_eq!(gradient_at_zero(&|b, x, _| b.relu(x)), Some(0.0));
    assert_eq!(gradient_at_zero(&|b, x, _| b.abs(x)), Some(0.0));
    assert_eq!(gradient_at_zero(&|b, x, zero| b.max(x, zero)), Some(0.0));
    assert_eq!(gradient_at_zero(&|b, x, zero| b.max(zero, x)), Some(1.0));
    assert_eq!(gradient_at_zero(&|b, x, zero| b.min(x, zero)), Some(0.0));
    assert_eq!(gradient_at_zero(&|b, x, zero| b.min(zero, x)), Some(1.0));
}

/// A unit that is off stays off even where the gradient that arrives is infinite.
#[test]
fn an_infinite_gradient_does_not_pass_a_unit_that_is_off() {
    let mut b = Builder::new();
    let x = b.input("x", 2);
    let (y, zero) = (b.relu(x), b.constant(0.0));
    let infinite = b.div(y, zero);
    let loss = b.sum_all(infinite);
    let g = gradients(&mut b, loss, &[x])[0];
    b.output("g", g);
    let graph = b.finish();
    let mut env = Env::new(&graph, 1, 0);
    env.set_input(&graph, "x", &[-1.0, 1.0]);
    let g = evaluate(&graph, &env).output("g").map(|m| m.data.clone());
    assert_eq!(g, Some(vec![0.0, f64::INFINITY]));
}

/// The check itself finds a wrong gradient and says where.
#[test]
fn a_wrong_gradient_is_found_and_a_kink_left_out_on_request() {
    let mut b = Builder::new();
    let id = b.new_state(StateDecl {
        name: "w".into(),
        shape: Shape::vector(2),
        role: StateRole::Parameter,
        initial: Initial::Constant(2.0),
    });
    let w = b.state(id);
    let (still, relu) = (b.detach(w), b.relu(w));
    let product = b.mul(still, w); // gradient w, slope 2w
    let loss = b.sum_all(product);
    let hinge = b.sum_all(relu);
    let graph = b.finish();
    let mut env = Env::new(&graph, 1, 0);
    env.states[StateId(0).index()] = vec![0.0, 2.0];
    let worst = Check::new(&graph, loss, &env).worst();
    assert_eq!((worst.name.as_str(), worst.index), ("w", 1));
    assert!((worst.error - 0.5).abs() < 1e-6, "{worst}");
    let worst = Check::new(&graph, hinge, &env).worst();
    assert!(worst.error > 0.5 && worst.compared == 2, "{worst}");
    let worst = Check { kinks: true, ..Check::new(&graph, hinge, &env) }.worst();
    assert!(worst.error < 1e-9 && worst.compared == 1 && worst.left_out == 1, "{worst}");
}
