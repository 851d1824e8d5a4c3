//! Losses: gradients against finite differences and against their closed forms.

use crate::bed::{arguments, assert_close, numbers, value_of};
use kiln_graph::finite_difference::{Check, Variable};
use kiln_graph::interp::Env;
use kiln_graph::{Builder, InputId, ValueId, gradients, math};
use kiln_library::{Args, Kind, Loss, LossInput, TargetKind, Value, activations, losses};

const ROWS: usize = 4;
const COLS: u32 = 5;

/// A head that ends in `activation`, its loss averaged over the rows as the model does it.
struct Head {
    g: Builder,
    logits: ValueId,
    loss: ValueId,
}

fn head(loss: &dyn Loss, args: &Args, activation: &str) -> Head {
    let mut g = Builder::new();
    let logits = g.input("logits", COLS);
    let target = match loss.target() {
        TargetKind::Class => g.input("class", 1),
        TargetKind::Values => g.input("values", COLS),
    };
    let item = activations::find(activation).expect("a registered activation");
    let prediction = item.build(&mut g, logits, &arguments(Kind::Activation, activation));
    let input = LossInput { prediction, before: Some((logits, activation)), target };
    let each = loss.build(&mut g, input, args);
    let shape = g.shape(each);
    assert!(shape.is_batch() && (shape.cols == COLS || shape.cols == 1), "{}: {shape}", loss.name());
    let (total, rows) = (g.sum_all(each), g.row_count());
    let loss = g.div(total, rows);
    Head { g, logits, loss }
}

fn env(head: &Head, logits: &[f64], salt: u32) -> Env {
    let mut env = Env::new(head.g.graph(), ROWS, 1);
    env.inputs[0] = logits.to_vec();
    env.inputs[1] = match env.inputs[1].len() {
        ROWS => vec![2.0, 0.0, 4.0, 2.0],
        n => numbers(n, salt + 100).iter().map(|x| x.abs() / 2.0).collect(),
    };
    env
}

/// Each loss with its defaults, and once with every argument given.
fn variants() -> Vec<(&'static dyn Loss, Args)> {
    let mut all = Vec::new();
    for &loss in losses::all() {
        let defaults = arguments(Kind::Loss, loss.name());
        let mut given = defaults.clone();
        for spec in loss.args() {
            let value = match spec.name {
                "class_weights" => Value::List(vec![0.5, 1.0, 2.0, 0.25, 4.0]),
                _ => Value::Float(0.375),
            };
            given.set(spec.name, value);
        }
        loss.check(COLS, &given).expect("arguments that fit");
        all.extend([(loss, defaults), (loss, given)]);
    }
    all
}

#[test]
fn gradients_agree_with_finite_differences() {
    for (loss, args) in variants() {
        for activation in ["linear", "sigmoid", "softmax"] {
            let head = head(loss, &args, activation);
            // Between 0 and 1, so that they are probabilities even after nothing.
            let logits: Vec<f64> = numbers(20, 5).iter().map(|x| 0.05 + x.abs() * 0.45).collect();
            let env = env(&head, &logits, 5);
            let mut check = Check::new(head.g.graph(), head.loss, &env);
            check.variables = vec![Variable::Input(InputId(0))];
            let worst = check.worst();
            assert!(worst.compared == 20 && worst.error < 1e-4, "{} {activation}: {worst}", loss.name());
        }
    }
}

fn gradient_by_logits(mut head: Head, logits: &[f64]) -> (f64, Vec<f64>, Env) {
    let dz = gradients(&mut head.g, head.loss, &[head.logits])[0];
    let env = env(&head, logits, 5);
    let loss = value_of(&head.g, head.loss, &env).data[0];
    (loss, value_of(&head.g, dz, &env).data, env)
}

const EXTREMES: [f64; 10] = [0.0, 1.0, -1.0, 30.0, -30.0, 200.0, -200.0, 1e4, -1e4, 3.0];

fn extremes() -> Vec<f64> {
    EXTREMES.iter().chain(&EXTREMES).copied().collect()
}

#[test]
fn cross_entropy_after_softmax_has_the_gradient_softmax_minus_target() {
    for (loss, args) in variants().iter().filter(|(loss, _)| loss.name() == "cross_entropy") {
        let z = extremes();
        let (value, dz, env) = gradient_by_logits(head(*loss, args, "softmax"), &z);
        assert!(value.is_finite());
        let (smoothing, weights) = (args.float64("label_smoothing"), args.list("class_weights"));
        let mut want = Vec::new();
        for (row, &class) in z.chunks(5).zip(&env.inputs[1]) {
            let top = row.iter().copied().fold(f64::MIN, f64::max);
            let e: Vec<f64> = row.iter().map(|&z| math::exp(z - top)).collect();
            let total: f64 = e.iter().sum();
            let weight = weights.get(class as usize).copied().unwrap_or(1.0);
            for (j, e) in e.iter().enumerate() {
                let y = f64::from(u8::from(j as f64 == class)) * (1.0 - smoothing) + smoothing / 5.0;
                want.push(weight * (e / total - y) / ROWS as f64);
            }
        }
        assert_close("gradient", &dz, &want, 1e-7);
    }
}

#[test]
fn binary_cross_entropy_after_sigmoid_has_the_gradient_sigmoid_minus_target() {
    for (loss, args) in variants().iter().filter(|(loss, _)| loss.name() == "binary_cross_entropy") {
        let z = extremes();
        let (value, dz, env) = gradient_by_logits(head(*loss, args, "sigmoid"), &z);
        assert!(value.is_finite());
        let smoothing = args.float64("label_smoothing");
        let target = env.inputs[1].iter().map(|t| t * (1.0 - smoothing) + smoothing / 2.0);
        let want: Vec<f64> = z.iter().zip(target).map(|(&z, y)| (math::sigmoid(z) - y) / 20.0).collect();
        assert_close("gradient", &dz, &want, 1e-7);
    }
}

#[test]
fn stable_forms_agree_with_the_plain_ones() {
    for (name, activation) in [("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid")] {
        for (loss, args) in variants().iter().filter(|(loss, _)| loss.name() == name) {
            let stable = head(*loss, args, activation);
            let mut g = Builder::new();
            let logits = g.input("logits", COLS);
            let target = match loss.target() {
                TargetKind::Class => g.input("class", 1),
                TargetKind::Values => g.input("values", COLS),
            };
            let item = activations::find(activation).expect("a registered activation");
            let prediction = item.build(&mut g, logits, &Args::new());
            let each = loss.build(&mut g, LossInput { prediction, before: None, target }, args);
            let (total, rows) = (g.sum_all(each), g.row_count());
            let plain = g.div(total, rows);
            let env = env(&stable, &numbers(20, 8), 8);
            let want = value_of(&stable.g, stable.loss, &env).data;
            assert_close(name, &value_of(&g, plain, &env).data, &want, 1e-6);
        }
    }
}

#[test]
fn class_weights_must_fit_the_head() {
    let loss = losses::find("cross_entropy").expect("a registered loss");
    let mut args = arguments(Kind::Loss, "cross_entropy");
    assert_eq!(loss.check(3, &args), Ok(()));
    for (weights, fits) in [
        (vec![1.0, 2.0, 3.0], true),
        (vec![0.0, 0.0, 1.0], true),
        (vec![], false),
        (vec![1.0, 2.0], false),
        (vec![1.0, -2.0, 1.0], false),
        (vec![1.0, f64::NAN, 1.0], false),
        (vec![1.0, 1e300, 1.0], false),
    ] {
        args.set("class_weights", Value::List(weights.clone()));
        assert_eq!(loss.check(3, &args).is_ok(), fits, "{weights:?}");
    }
}
