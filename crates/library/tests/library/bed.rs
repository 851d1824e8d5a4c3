//! The bed that items are tested in: a graph, a layer's context, arguments for any item.

use kiln_graph::interp::{Env, Matrix};
use kiln_graph::{Builder, Initial, Shape, StateDecl, StateId, StateRole, ValueId};
use kiln_library::{ArgKind, ArgSpec, Args, Call, Fans, Kind, LayerContext, Value, registry};

/// A graph with a layer's context around it.
#[derive(Default)]
pub(crate) struct Bed {
    pub(crate) g: Builder,
    pub(crate) training: bool,
    pub(crate) tie: Option<(ValueId, bool)>,
    pub(crate) tied_bias: Option<ValueId>,
    pub(crate) penalties: Vec<ValueId>,
    /// What was activated last, and by which activation.
    pub(crate) activated: Option<(ValueId, String)>,
}

impl Bed {
    pub(crate) fn new(training: bool) -> Bed {
        Bed { training, ..Bed::default() }
    }
}

/// Declares a state.
pub(crate) fn state(g: &mut Builder, name: &str, shape: Shape, role: StateRole) -> StateId {
    g.new_state(StateDecl { name: name.to_owned(), shape, role, initial: Initial::Constant(0.0) })
}

impl LayerContext for Bed {
    fn graph(&mut self) -> &mut Builder {
        &mut self.g
    }

    fn training(&self) -> bool {
        self.training
    }

    fn parameter(&mut self, name: &str, rows: u32, cols: u32, initial: Initial) -> ValueId {
        let (shape, role) = (Shape::matrix(rows, cols), StateRole::Parameter);
        let id = self.g.new_state(StateDecl { name: name.to_owned(), shape, role, initial });
        self.g.state(id)
    }

    fn statistic(&mut self, name: &str, rows: u32, cols: u32, initial: Initial) -> (ValueId, StateId) {
        let (shape, role) = (Shape::matrix(rows, cols), StateRole::Statistic);
        let id = self.g.new_state(StateDecl { name: name.to_owned(), shape, role, initial });
        (self.g.state(id), id)
    }

    fn tie(&mut self) -> Option<(ValueId, bool)> {
        self.tie
    }

    fn tied_bias(&mut self) -> Option<ValueId> {
        self.tied_bias
    }

    fn activate(&mut self, call: &Call, x: ValueId) -> ValueId {
        self.activated = Some((x, call.name.clone()));
        registry::find_activation(&call.name).expect("a registered activation").build(
            &mut self.g,
            x,
            &call.args,
        )
    }

    fn initial(&mut self, call: &Call, fans: Fans) -> Initial {
        registry::find_initializer(&call.name).expect("a registered initializer").initial(fans, &call.args)
    }

    fn penalty(&mut self, value: ValueId) {
        self.penalties.push(value);
    }
}

/// Defaults, and a value within its range for every required argument.
pub(crate) fn arguments(kind: Kind, name: &str) -> Args {
    let specs = registry::args(kind, name).expect("a registered item");
    let mut args = registry::defaults_of(specs);
    for spec in specs.iter().filter(|s| s.default.is_none() && !s.optional) {
        args.set(spec.name, required(spec));
    }
    if (kind, name) == (Kind::Layer, "dense") {
        args.set("units", Value::Int(3));
    }
    args
}

fn required(spec: &ArgSpec) -> Value {
    match spec.kind {
        ArgKind::Float => Value::Float(0.25),
        ArgKind::Int => Value::Int(3),
        ArgKind::Bool => Value::Bool(true),
        ArgKind::Word(words) => Value::Word(words[0].to_owned()),
        ArgKind::Item(Kind::Activation) => item(Kind::Activation, "tanh"),
        ArgKind::Item(kind) => item(kind, registry::names(kind)[0]),
        ArgKind::List => Value::List(vec![2.0, -1.0]),
        ArgKind::Tie => panic!("a required tie"),
    }
}

/// An item with its default arguments, as an argument.
pub(crate) fn item(kind: Kind, name: &str) -> Value {
    Value::Item(Call {
        name: name.to_owned(),
        args: registry::defaults(kind, name).expect("a registered item"),
    })
}

/// `n` numbers that look like nothing in particular, between −2 and 2 and never within 0.01 of 0.
pub(crate) fn numbers(n: usize, salt: u32) -> Vec<f64> {
    let mut x = 0x9e37_79b9u32.wrapping_mul(salt + 1) | 1;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        let unit = f64::from(x) / f64::from(u32::MAX) * 2.0 - 1.0;
        // Exact in f32, so that inputs and states agree.
        f64::from((unit + 0.01_f64.copysign(unit)) as f32) * 1.9375
    };
    (0..n).map(|_| next()).collect()
}

/// Fills every state of the graph with [`numbers`].
pub(crate) fn fill(env: &mut Env, salt: u32) {
    for (i, state) in env.states.iter_mut().enumerate() {
        *state = numbers(state.len(), salt + i as u32);
    }
}

/// Asserts that two lists agree to `tolerance`, relative to the larger of 1 and the value wanted.
#[track_caller]
pub(crate) fn assert_close(what: &str, got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}: how many");
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        let error = (g - w).abs() / w.abs().max(1.0);
        assert!(error <= tolerance, "{what}[{i}]: {g} is not {w} (error {error:e})");
    }
}

/// The value of a node.
pub(crate) fn value_of(g: &Builder, value: ValueId, env: &Env) -> Matrix {
    kiln_graph::interp::trace(g.graph(), env).swap_remove(value.index())
}
