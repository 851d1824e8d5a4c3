//! Optimizers: steps against their formulas, written out once more in `f64` and on their own.

use crate::bed::{arguments, assert_close, numbers, state};
use kiln_graph::interp::{Env, evaluate};
use kiln_graph::{Builder, Graph, Shape, StateId, StateRole, verify};
use kiln_library::clip::clip;
use kiln_library::{Args, Kind, Optimizer, Update, Value, optimizers};

pub(crate) const SHAPES: [Shape; 2] = [Shape::matrix(2, 3), Shape::vector(3)];

/// A step that reads the gradients of a kernel and a bias from states, clips and updates.
pub(crate) fn step_graph(optimizer: &dyn Optimizer, args: &Args) -> Graph {
    let mut g = Builder::new();
    let parameters: Vec<StateId> = ["kernel", "bias"]
        .iter()
        .zip(SHAPES)
        .map(|(name, shape)| state(&mut g, name, shape, StateRole::Parameter))
        .collect();
    let gradients: Vec<StateId> = ["d_kernel", "d_bias"]
        .iter()
        .zip(SHAPES)
        .map(|(name, shape)| state(&mut g, name, shape, StateRole::Statistic))
        .collect();
    let rate = g.scalar("rate");
    let mut gradients: Vec<_> = gradients.into_iter().map(|s| g.state(s)).collect();
    clip(&mut g, &mut gradients, args);
    for (i, (&parameter, &gradient)) in parameters.iter().zip(&gradients).enumerate() {
        optimizer.build(&mut g, Update { parameter, gradient, rate, is_kernel: i == 0 }, args);
    }
    g.finish()
}

/// The states' beginnings, with these parameters.
pub(crate) fn start(graph: &Graph, parameters: &[Vec<f64>]) -> Env {
    let mut env = Env::new(graph, 1, 1);
    env.states[..2].clone_from_slice(parameters);
    env
}

/// One step; the parameters after it.
pub(crate) fn advance(graph: &Graph, env: &mut Env, gradients: &[Vec<f64>], rate: f64) -> Vec<Vec<f64>> {
    env.states[2..4].clone_from_slice(gradients);
    env.set_scalar(graph, "rate", rate);
    env.states = evaluate(graph, env).states;
    env.step += 1;
    env.states[..2].to_vec()
}

/// One weight and its memory in the formulas below.
#[derive(Clone, Copy, Default)]
struct Weight {
    w: f64,
    a: f64,
    b: f64,
    c: f64,
}

/// The weight after step `t = 1, 2, …`, by the formula of the item's page.
fn by_formula(name: &str, args: &Args, memory: &mut Weight, g: f64, rate: f64, t: i32) -> f64 {
    let w = memory.w;
    let number = |name: &str| args.float64(name);
    match name {
        "sgd" if number("momentum") == 0.0 => w - rate * g,
        "sgd" => {
            memory.a = number("momentum") * memory.a - rate * g;
            if args.bool("nesterov") { w + number("momentum") * memory.a - rate * g } else { w + memory.a }
        }
        "adam" | "adamw" => {
            let w = if name == "adamw" { w - w * number("weight_decay") * rate } else { w };
            let (b1, b2) = (number("beta_1"), number("beta_2"));
            memory.a = b1 * memory.a + (1.0 - b1) * g;
            memory.b = b2 * memory.b + (1.0 - b2) * g * g;
            let alpha = rate * (1.0 - b2.powi(t)).sqrt() / (1.0 - b1.powi(t));
            w - alpha * memory.a / (memory.b.sqrt() + number("epsilon"))
        }
        "nadam" => {
            let (b1, b2) = (number("beta_1"), number("beta_2"));
            let u = |t: i32| b1 * (1.0 - 0.5 * 0.96f64.powi(t));
            let product = (1..=t).map(u).product::<f64>();
            memory.a = b1 * memory.a + (1.0 - b1) * g;
            memory.b = b2 * memory.b + (1.0 - b2) * g * g;
            let m = u(t + 1) * memory.a / (1.0 - product * u(t + 1)) + (1.0 - u(t)) * g / (1.0 - product);
            let v = memory.b / (1.0 - b2.powi(t));
            w - rate * m / (v.sqrt() + number("epsilon"))
        }
        "rmsprop" => {
            let rho = number("rho");
            memory.a = rho * memory.a + (1.0 - rho) * g * g;
            memory.b = rho * memory.b + (1.0 - rho) * g;
            let centre = if args.bool("centered") { memory.b * memory.b } else { 0.0 };
            let by = rate * g / (memory.a - centre + number("epsilon")).sqrt();
            memory.c = number("momentum") * memory.c + by;
            w - memory.c
        }
        "adagrad" => {
            if t == 1 {
                memory.a = number("initial_accumulator_value");
            }
            memory.a += g * g;
            w - rate * g / (memory.a + number("epsilon")).sqrt()
        }
        other => panic!("no formula for {other}: write it here"),
    }
}

/// The defaults, and some sets of arguments that reach every branch.
fn variants(optimizer: &dyn Optimizer) -> Vec<Args> {
    let defaults = arguments(Kind::Optimizer, optimizer.name());
    let mut all = vec![defaults.clone()];
    let mut moved = defaults.clone();
    for spec in optimizer.args().iter().filter(|s| s.default.is_some()) {
        match defaults.get(spec.name) {
            Some(Value::Float(_)) => moved.set(spec.name, Value::Float(0.625)),
            Some(Value::Bool(_)) => {
                all.push(moved.clone());
                moved.set(spec.name, Value::Bool(true));
            }
            _ => {}
        }
    }
    all.push(moved);
    all
}

#[test]
fn three_steps_follow_the_formula() {
    for optimizer in optimizers::all() {
        for args in variants(*optimizer) {
            let graph = step_graph(*optimizer, &args);
            assert!(verify(&graph).is_ok(), "{}: {:?}", optimizer.name(), verify(&graph));
            let weights = [numbers(6, 1), numbers(3, 2)];
            let mut env = start(&graph, &weights);
            let mut known =
                weights.map(|p| p.iter().map(|&w| Weight { w, ..Weight::default() }).collect::<Vec<_>>());
            for t in 1..=3 {
                let gradients = vec![numbers(6, 10 + t), numbers(3, 20 + t)];
                // Another rate each step, as a schedule gives it.
                let rate = 0.05 / f64::from(t);
                let got = advance(&graph, &mut env, &gradients, rate);
                for p in 0..2 {
                    for (weight, &gradient) in known[p].iter_mut().zip(&gradients[p]) {
                        weight.w = by_formula(optimizer.name(), &args, weight, gradient, rate, t as i32);
                    }
                    let want: Vec<f64> = known[p].iter().map(|weight| weight.w).collect();
                    let what = format!("{} step {t} parameter {p} {args:?}", optimizer.name());
                    assert_close(&what, &got[p], &want, 1e-6);
                }
            }
        }
    }
}

/// Adam's correction must neither start wrong nor drift in a long run.
#[test]
fn corrections_stay_exact_over_thousands_of_steps() {
    let adam = optimizers::find("adam").expect("a registered optimizer");
    let graph = step_graph(adam, &arguments(Kind::Optimizer, "adam"));
    let mut env = start(&graph, &[vec![0.0; 6], vec![0.0; 3]]);
    let id = graph.states.iter().position(|s| s.name == "adam.correction_2").expect("the counter");
    for t in 1..=3000 {
        advance(&graph, &mut env, &[vec![0.5; 6], vec![0.5; 3]], 1e-3);
        // The states of a run are f32.
        env.states[id][0] = f64::from(env.states[id][0] as f32);
        let want = 1.0 - 0.999f64.powi(t);
        assert!(
            (env.states[id][0] / want - 1.0).abs() < 2e-6,
            "step {t}: {} is not {want}",
            env.states[id][0]
        );
    }
}

#[test]
fn a_gradient_of_zeros_moves_nothing_and_stays_finite() {
    for optimizer in optimizers::all() {
        let mut args = arguments(Kind::Optimizer, optimizer.name());
        for name in ["clip_norm", "global_clip_norm", "clip_value"] {
            args.set(name, Value::Float(1.0));
        }
        if args.get("weight_decay").is_some() {
            args.set("weight_decay", Value::Float(0.0));
        }
        let graph = step_graph(*optimizer, &args);
        let weights = [numbers(6, 1), numbers(3, 2)];
        let mut env = start(&graph, &weights);
        for _ in 0..2 {
            let got = advance(&graph, &mut env, &[vec![0.0; 6], vec![0.0; 3]], 0.1);
            assert_eq!(got, weights, "{}", optimizer.name());
        }
    }
}

#[test]
fn adamw_spares_all_but_kernels_where_asked() {
    let adamw = optimizers::find("adamw").expect("a registered optimizer");
    let mut args = arguments(Kind::Optimizer, "adamw");
    args.set("decay", Value::Word("kernels".to_owned()));
    let graph = step_graph(adamw, &args);
    let weights = [numbers(6, 1), numbers(3, 2)];
    let got = advance(&graph, &mut start(&graph, &weights), &[vec![0.0; 6], vec![0.0; 3]], 0.1);
    let shrunk: Vec<f64> = weights[0].iter().map(|w| w * (1.0 - 0.004 * 0.1)).collect();
    assert_close("kernel", &got[0], &shrunk, 1e-9);
    assert_eq!(got[1], weights[1], "bias");
}

/// Gradients after clipping: plain descent with rate 1 from zero is minus the gradient.
fn clipped(name: &str, bound: f64, gradients: &[Vec<f64>; 2]) -> Vec<f64> {
    let sgd = optimizers::find("sgd").expect("a registered optimizer");
    let mut args = arguments(Kind::Optimizer, "sgd");
    args.set(name, Value::Float(bound));
    let graph = step_graph(sgd, &args);
    let mut env = start(&graph, &[vec![0.0; 6], vec![0.0; 3]]);
    advance(&graph, &mut env, gradients, 1.0).concat().iter().map(|w| -w).collect()
}

#[test]
fn clipping_bounds_what_it_says() {
    let norm = |xs: &[f64]| xs.iter().map(|x| x * x).sum::<f64>().sqrt();
    let gradients = [numbers(6, 4), numbers(3, 5)];
    let whole = gradients.concat();

    let got = clipped("clip_norm", 0.5, &gradients);
    assert_close("norms", &[norm(&got[..6]), norm(&got[6..])], &[0.5, 0.5], 1e-6);
    let got = clipped("global_clip_norm", 0.5, &gradients);
    assert_close("norm", &[norm(&got)], &[0.5], 1e-6);
    let factor = got[0] / whole[0];
    assert_close("direction", &got, &whole.iter().map(|x| x * factor).collect::<Vec<_>>(), 1e-12);
    let got = clipped("clip_value", 0.5, &gradients);
    assert_close("values", &got, &whole.iter().map(|x| x.clamp(-0.5, 0.5)).collect::<Vec<_>>(), 1e-12);
    for name in ["clip_norm", "global_clip_norm", "clip_value"] {
        assert_eq!(clipped(name, 1e3, &gradients), whole, "{name}: within the bound nothing changes");
        let broken = [vec![f64::NAN; 6], vec![1.0; 3]];
        assert!(clipped(name, 0.5, &broken)[0].is_nan(), "{name} hides NaN");
    }
}

#[test]
fn counters_are_one_for_all_parameters() {
    for item in optimizers::all() {
        let graph = step_graph(*item, &arguments(Kind::Optimizer, item.name()));
        for state in graph.states.iter().filter(|s| matches!(s.role, StateRole::Slot(_))) {
            let of_parameter = state.name.contains('/');
            assert_eq!(of_parameter, state.shape != Shape::SCALAR, "{}", state.name);
        }
        let assigned = graph.assignments.len();
        let slots = graph.states.iter().filter(|s| matches!(s.role, StateRole::Slot(_))).count();
        assert_eq!(assigned, slots + 2, "{}: every slot and both parameters change", item.name());
    }
}
