//! Layers: built in training and evaluation, gradients, statistics, shapes and their refusals.

use crate::bed::{Bed, arguments, assert_close, fill, item, numbers, value_of};
use kiln_graph::finite_difference::{Check, Variable};
use kiln_graph::interp::{Env, evaluate};
use kiln_graph::{InputId, Shape, StateRole, ValueId, verify};
use kiln_library::{Args, Flow, Kind, Layer, Value, layers};

const ROWS: usize = 6;
const COLS: u32 = 4;

/// A layer over as many inputs of width 4 as it takes at least.
struct Built {
    bed: Bed,
    inputs: Vec<ValueId>,
    y: ValueId,
}

fn build(layer: &dyn Layer, args: &Args, training: bool) -> Built {
    let mut bed = Bed::new(training);
    let n = layer.inputs().0;
    let inputs: Vec<ValueId> = (0..n).map(|i| bed.g.input(&format!("x{i}"), COLS)).collect();
    let flows: Vec<Flow> = inputs.iter().map(|&value| Flow { value, dims: vec![COLS] }).collect();
    let y = layer.build(&mut bed, &flows, args);
    Built { bed, inputs, y }
}

fn environment(built: &Built, salt: u32) -> Env {
    let mut env = Env::new(built.bed.g.graph(), ROWS, 7);
    fill(&mut env, salt);
    for (i, state) in built.bed.g.graph().states.iter().enumerate() {
        if state.name == "moving_variance" {
            env.states[i].iter_mut().for_each(|v| *v = v.abs() + 0.5);
        }
    }
    for (i, input) in env.inputs.iter_mut().enumerate() {
        *input = numbers(input.len(), salt + 50 + i as u32);
    }
    env
}

#[test]
fn every_layer_builds_what_its_dims_promise() {
    for layer in layers::all() {
        let args = arguments(Kind::Layer, layer.name());
        let dims = vec![&[COLS][..]; layer.inputs().0];
        let promised = layer.dims(&dims, &args, None).expect("inputs that fit");
        for training in [false, true] {
            let mut built = build(*layer, &args, training);
            let shape = built.bed.g.shape(built.y);
            assert_eq!(shape, Shape::batch(promised.iter().product()), "{}", layer.name());
            built.bed.g.output("y", built.y);
            let graph = built.bed.g.finish();
            let violations = verify(&graph);
            assert!(violations.is_ok(), "{}: {violations:?}", layer.name());
            let changes = training && layer.name() == "batch_norm";
            assert_eq!(!graph.assignments.is_empty(), changes, "{}: assignments", layer.name());
        }
        assert!(layer.keras_name().starts_with(char::is_uppercase));
    }
}

#[test]
fn gradients_agree_with_finite_differences() {
    for layer in layers::all() {
        let mut args = arguments(Kind::Layer, layer.name());
        if layer.name() == "dense" {
            args.set("activation", item(Kind::Activation, "tanh"));
        }
        for training in [false, true] {
            let mut built = build(*layer, &args, training);
            let g = &mut built.bed.g;
            // Weights on rows as well as columns: the gradient of batch norm by a plain sum is zero.
            let cols = g.shape(built.y).cols;
            let weight = g.input("weight", cols);
            let product = g.mul(built.y, weight);
            let loss = g.sum_all(product);
            let env = environment(&built, 11);
            let mut check = Check::new(built.bed.g.graph(), loss, &env);
            check.variables.extend((0..built.inputs.len() as u32).map(|i| Variable::Input(InputId(i))));
            let worst = check.worst();
            assert!(worst.compared > 0 && worst.error < 1e-4, "{} {training}: {worst}", layer.name());
        }
    }
}

#[test]
fn dense_adds_its_bias_and_its_penalties() {
    let layer = layers::find("dense").expect("a registered layer");
    let mut args = arguments(Kind::Layer, "dense");
    args.set("l1", Value::Float(0.5));
    args.set("l2", Value::Float(0.25));
    assert!(build(layer, &args, false).bed.penalties.is_empty(), "penalties are for training");
    let built = build(layer, &args, true);
    let env = environment(&built, 3);
    let kernel = &env.states[0];
    let (l1, l2) = (kernel.iter().map(|w| w.abs()).sum::<f64>(), kernel.iter().map(|w| w * w).sum::<f64>());
    let penalties: Vec<f64> =
        built.bed.penalties.iter().map(|&p| value_of(&built.bed.g, p, &env).data[0]).collect();
    assert_close("penalties", &penalties, &[0.5 * l1, 0.25 * l2], 1e-7);

    args.set("use_bias", Value::Bool(false));
    let built = build(layer, &args, true);
    assert_eq!(built.bed.g.graph().states.len(), 1, "no bias");
}

#[test]
fn dense_shares_a_kernel_both_ways() {
    let layer = layers::find("dense").expect("a registered layer");
    for (transposed, rows, cols) in [(false, COLS, 3), (true, 3, COLS)] {
        let mut bed = Bed::new(true);
        let x = bed.g.input("x", COLS);
        let shared = crate::bed::state(&mut bed.g, "w", Shape::matrix(rows, cols), StateRole::Parameter);
        let kernel = bed.g.state(shared);
        bed.tie = Some((kernel, transposed));
        let mut args = arguments(Kind::Layer, "dense");
        args.set("units", Value::Int(3));
        let y = layer.build(&mut bed, &[Flow { value: x, dims: vec![COLS] }], &args);
        let names: Vec<&str> = bed.g.graph().states.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["w", "bias"], "one kernel, and a bias of its own");

        let mut env = Env::new(bed.g.graph(), 1, 1);
        fill(&mut env, 2);
        env.inputs[0] = numbers(COLS as usize, 5);
        let at =
            |k: usize, j: usize| if transposed { env.states[0][j * 4 + k] } else { env.states[0][k * 3 + j] };
        let want: Vec<f64> = (0..3)
            .map(|j| (0..4).map(|k| env.inputs[0][k] * at(k, j)).sum::<f64>() + env.states[1][j])
            .collect();
        assert_close("y", &value_of(&bed.g, y, &env).data, &want, 1e-12);
    }
}

#[test]
fn dense_shares_a_bias_where_asked() {
    let layer = layers::find("dense").expect("a registered layer");
    let mut bed = Bed::new(true);
    let x = bed.g.input("x", COLS);
    let kernel = crate::bed::state(&mut bed.g, "w", Shape::matrix(COLS, 3), StateRole::Parameter);
    let bias = crate::bed::state(&mut bed.g, "b", Shape::vector(3), StateRole::Parameter);
    bed.tie = Some((bed.g.state(kernel), false));
    bed.tied_bias = Some(bed.g.state(bias));
    let mut args = arguments(Kind::Layer, "dense");
    args.set("tie_bias", Value::Bool(true));
    layer.build(&mut bed, &[Flow { value: x, dims: vec![COLS] }], &args);
    assert_eq!(bed.g.graph().states.len(), 2, "nothing of its own");
}

#[test]
fn dense_units_come_from_the_argument_or_the_tie() {
    let layer = layers::find("dense").expect("a registered layer");
    let with = arguments(Kind::Layer, "dense");
    let mut without = Args::new();
    for (name, value) in with.iter().filter(|(name, _)| *name != "units") {
        without.set(name, value.clone());
    }
    assert_eq!(layer.dims(&[&[4]], &with, None), Ok(vec![3]));
    assert_eq!(layer.dims(&[&[4]], &with, Some(3)), Ok(vec![3]));
    assert_eq!(layer.dims(&[&[4]], &without, Some(9)), Ok(vec![9]));
    assert_eq!(layer.kernel(&[&[4]], &without, Some(9)), Some([4, 9]));
    assert_eq!(layer.kernel(&[&[4]], &with, None), Some([4, 3]));
    assert!(layer.dims(&[&[4]], &with, Some(9)).is_err_and(|why| why.contains("gives 9")));
    assert!(layer.dims(&[&[4]], &without, None).is_err_and(|why| why.contains("units")));
    assert!(layer.dims(&[&[28, 28]], &with, None).is_err_and(|why| why.contains("flatten()")));
}

/// Against the two-pass definition, with a pivot that is not the mean.
#[test]
fn batch_norm_normalises_and_follows() {
    let layer = layers::find("batch_norm").expect("a registered layer");
    let built = build(layer, &arguments(Kind::Layer, "batch_norm"), true);
    let env = environment(&built, 21);
    let x: Vec<f64> = env.inputs[0].clone();
    let after = evaluate(built.bed.g.graph(), &env).states;
    let y = value_of(&built.bed.g, built.y, &env);
    let [gamma, beta, mean, variance] = [0, 1, 2, 3].map(|i| env.states[i].clone());
    for j in 0..4 {
        let column: Vec<f64> = x.iter().skip(j).step_by(4).copied().collect();
        let m = column.iter().sum::<f64>() / 6.0;
        let v = column.iter().map(|x| (x - m).powi(2)).sum::<f64>() / 6.0;
        let want: Vec<f64> =
            column.iter().map(|x| (x - m) / (v + 1e-3).sqrt() * gamma[j] + beta[j]).collect();
        let got: Vec<f64> = (0..6).map(|i| y.at(i, j)).collect();
        assert_close("y", &got, &want, 1e-6);
        let want = [mean[j] * 0.99 + m * 0.01, variance[j] * 0.99 + v * 0.01];
        assert_close("moving", &[after[2][j], after[3][j]], &want, 1e-6);
    }
}

#[test]
fn batch_norm_of_one_row_and_of_one_value_is_finite() {
    let layer = layers::find("batch_norm").expect("a registered layer");
    let built = build(layer, &arguments(Kind::Layer, "batch_norm"), true);
    let mut env = Env::new(built.bed.g.graph(), 1, 7);
    env.inputs[0] = vec![1e6, -1e6, 0.0, 3.0];
    let y = value_of(&built.bed.g, built.y, &env).data;
    assert_close("y", &y, &[0.0; 4], 1e-6);
    let after = evaluate(built.bed.g.graph(), &env).states;
    assert!(after.iter().flatten().all(|v| v.is_finite()));
    assert!(after[3].iter().all(|&v| v >= 0.0), "a variance");
}

#[test]
fn dropout_drops_its_share_and_keeps_the_mean() {
    let layer = layers::find("dropout").expect("a registered layer");
    let mut bed = Bed::new(true);
    let x = bed.g.input("x", 100);
    let y = layer.build(&mut bed, &[Flow { value: x, dims: vec![100] }], &arguments(Kind::Layer, "dropout"));
    let mut env = Env::new(bed.g.graph(), 100, 7);
    env.inputs[0] = vec![1.0; 10_000];
    let y = value_of(&bed.g, y, &env).data;
    let dropped = y.iter().filter(|&&v| v == 0.0).count();
    assert!((2_200..2_800).contains(&dropped), "{dropped} of 10,000 dropped at rate 0.25");
    assert!(y.iter().all(|&v| v == 0.0 || (v - 4.0 / 3.0).abs() < 1e-7));
    env.step = 1;
    assert_ne!(y, value_of(&bed.g, ValueId(bed.g.graph().nodes.len() as u32 - 1), &env).data, "another step");
}

#[test]
fn noise_and_dropout_do_nothing_when_not_training_or_at_zero() {
    for (name, arg) in [("dropout", "rate"), ("gaussian_noise", "stddev")] {
        let layer = layers::find(name).expect("a registered layer");
        let args = arguments(Kind::Layer, name);
        let built = build(layer, &args, false);
        assert_eq!(built.y, built.inputs[0], "{name} in evaluation");
        let mut none = args.clone();
        none.set(arg, Value::Float(0.0));
        let built = build(layer, &none, true);
        assert_eq!(built.y, built.inputs[0], "{name} of 0");
        let built = build(layer, &args, true);
        assert_ne!(built.y, built.inputs[0], "{name} in training");
    }
}

#[test]
fn shapes_that_do_not_fit_are_refused_with_a_reason() {
    let dims = |name: &str, inputs: &[&[u32]], list: Option<&[f64]>| {
        let mut args = arguments(Kind::Layer, name);
        if let Some(list) = list {
            args.set("dims", Value::List(list.to_vec()));
        }
        layers::find(name).expect("a registered layer").dims(inputs, &args, None)
    };
    assert_eq!(dims("flatten", &[&[28, 28]], None), Ok(vec![784]));
    assert_eq!(dims("reshape", &[&[784]], Some(&[28.0, 28.0])), Ok(vec![28, 28]));
    assert_eq!(dims("reshape", &[&[784]], Some(&[-1.0, 28.0])), Ok(vec![28, 28]));
    assert_eq!(dims("concat", &[&[3], &[4], &[5]], None), Ok(vec![12]));
    assert_eq!(dims("add", &[&[2, 2], &[2, 2]], None), Ok(vec![2, 2]));
    assert_eq!(dims("dropout", &[&[2, 3]], None), Ok(vec![2, 3]));
    type Refusal = (&'static str, &'static [&'static [u32]], Option<&'static [f64]>, &'static str);
    let refused: [Refusal; 14] = [
        ("flatten", &[&[u32::MAX, 2]], None, "elements"),
        ("reshape", &[&[784]], Some(&[28.0, 27.0]), "756"),
        ("reshape", &[&[784]], Some(&[-1.0, -1.0]), "-1"),
        ("reshape", &[&[784]], Some(&[-1.0, 5.0]), "divide"),
        ("reshape", &[&[784]], Some(&[0.0, -1.0]), "extent"),
        ("reshape", &[&[784]], Some(&[1.5, -1.0]), "extent"),
        ("reshape", &[&[784]], Some(&[f64::NAN]), "extent"),
        ("reshape", &[&[784]], Some(&[4e9, 4e9]), "elements"),
        ("reshape", &[&[784]], Some(&[]), "extent"),
        ("concat", &[&[3], &[2, 2]], None, "flatten()"),
        ("concat", &[&[u32::MAX], &[1]], None, "wide"),
        ("add", &[&[3], &[4]], None, "[4]"),
        ("batch_norm", &[&[3, 4]], None, "flatten()"),
        ("layer_norm", &[&[3], &[4]], None, "one input"),
    ];
    for (name, inputs, list, reason) in refused {
        let why = dims(name, inputs, list).expect_err(name);
        assert!(why.contains(reason), "{name} {inputs:?}: {why}");
    }
    let mut args = Args::new();
    args.set("activation", item(Kind::Activation, "softmax"));
    let layer = layers::find("activation").expect("a registered layer");
    assert!(layer.dims(&[&[2, 2]], &args, None).is_err(), "softmax over a flattened image");
}
