//! Activations: gradients against finite differences, and extreme inputs.

use crate::bed::{arguments, fill, state, value_of};
use kiln_graph::finite_difference::Check;
use kiln_graph::interp::Env;
use kiln_graph::{Builder, Shape, StateRole, ValueId, gradients};
use kiln_library::{Args, Kind, Value, activations};

/// `Σ weight · f(x)`, so that every element has a gradient of its own: graph, `x`, `f(x)`, loss.
fn weighted_sum(name: &str, args: &Args) -> (Builder, ValueId, ValueId, ValueId) {
    let mut g = Builder::new();
    let shape = Shape::matrix(4, 5);
    let x = state(&mut g, "x", shape, StateRole::Parameter);
    let weight = state(&mut g, "weight", shape, StateRole::Statistic);
    let (x, weight) = (g.state(x), g.state(weight));
    let y = activations::find(name).expect("a registered activation").build(&mut g, x, args);
    assert_eq!(g.shape(y), shape, "{name} keeps the shape");
    let product = g.mul(y, weight);
    let loss = g.sum_all(product);
    (g, x, y, loss)
}

fn check_gradient(name: &str, args: &Args) {
    let (g, _, _, loss) = weighted_sum(name, args);
    let mut env = Env::new(g.graph(), 1, 1);
    for salt in [3, 14, 15] {
        fill(&mut env, salt);
        let worst = Check::new(g.graph(), loss, &env).worst();
        assert!(worst.compared == 20 && worst.error < 1e-4, "{name}: {worst}");
    }
}

#[test]
fn gradients_agree_with_finite_differences() {
    for item in activations::all() {
        let mut args = arguments(Kind::Activation, item.name());
        check_gradient(item.name(), &args);
        // Once more with every argument away from its default.
        for spec in item.args() {
            match args.get(spec.name) {
                Some(Value::Float(x)) => args.set(spec.name, Value::Float(x + 0.75)),
                Some(Value::Bool(x)) => args.set(spec.name, Value::Bool(!x)),
                other => panic!("{}: an argument that is {other:?}", item.name()),
            }
            check_gradient(item.name(), &args);
        }
    }
}

/// Neither the value nor the gradient may be NaN or infinite where the formula is not.
#[test]
fn extreme_inputs_stay_finite() {
    for item in activations::all() {
        for approximate in [false, true] {
            let mut args = arguments(Kind::Activation, item.name());
            if args.get("approximate").is_some() {
                args.set("approximate", Value::Bool(approximate));
            }
            let (mut g, x, y, loss) = weighted_sum(item.name(), &args);
            let dx = gradients(&mut g, loss, &[x])[0];
            let mut env = Env::new(g.graph(), 1, 1);
            let extremes = [0.0, -0.0, 88.0, -88.0, 104.0, -104.0, 1e4, -1e4, 1e30, -1e30];
            env.states[0] = extremes.iter().chain(&extremes).copied().collect();
            env.states[1] = vec![1.0; 20];
            for value in [y, dx] {
                let all = value_of(&g, value, &env).data;
                assert!(all.iter().all(|v| v.is_finite()), "{}: {all:?}", item.name());
            }
        }
    }
}

/// A mistake must stay visible: the runtime stops at a loss that is not a number.
#[test]
fn nan_stays_nan() {
    for item in activations::all() {
        // The primitive's own choice of `max(x, 0)`.
        if item.name() == "relu" {
            continue;
        }
        let (g, _, y, _) = weighted_sum(item.name(), &arguments(Kind::Activation, item.name()));
        let mut env = Env::new(g.graph(), 1, 1);
        env.states[0][7] = f64::NAN;
        assert!(value_of(&g, y, &env).data[7].is_nan(), "{}", item.name());
    }
}

#[test]
fn softmax_rows_are_probabilities() {
    let (g, _, y, _) = weighted_sum("softmax", &Args::new());
    let mut env = Env::new(g.graph(), 1, 1);
    fill(&mut env, 9);
    let y = value_of(&g, y, &env);
    for i in 0..4 {
        let row: Vec<f64> = (0..5).map(|j| y.at(i, j)).collect();
        assert!(row.iter().all(|&p| p > 0.0) && (row.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{row:?}");
    }
}
