//! Steps made of the library's items, driven from its registries so that none is forgotten.
//!
//! In: which items. Out: the graph of a training or an evaluation step as the model builds it:
//! fields `x` and `target` (or `label`), a body, a head, a loss, penalties, clipped gradients, updates.
#![allow(dead_code, reason = "each test program uses a part of it")]

use kiln_graph::{Builder, Graph, Initial, Shape, StateDecl, StateId, StateRole, ValueId, gradients};
use kiln_library::clip::clip;
use kiln_library::{ArgKind, ArgSpec, Call, Fans, Flow, Kind, LayerContext, LossInput, TargetKind};
use kiln_library::{Update, Value, activations, layers, losses, optimizers, registry};

/// Columns of the field `x`.
const INPUTS: u32 = 24;
/// Columns of the head.
pub(crate) const CLASSES: u32 = 11;

/// A network of one item of each kind.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    /// Between a dense layer and the head.
    pub(crate) layer: Call,
    pub(crate) head: Call,
    pub(crate) loss: Call,
    pub(crate) optimizer: Call,
    pub(crate) training: bool,
}

/// An item with its default arguments.
pub(crate) fn call(kind: Kind, name: &str) -> Call {
    let specs = registry::args(kind, name).unwrap_or_else(|| panic!("no {kind:?} {name}"));
    let mut args = registry::defaults_of(specs);
    for spec in specs.iter().filter(|s| s.default.is_none() && !s.optional) {
        args.set(spec.name, required(spec));
    }
    if name == "dense" {
        args.set("units", Value::Int(37));
    }
    Call { name: name.to_owned(), args }
}

fn required(spec: &ArgSpec) -> Value {
    match spec.kind {
        ArgKind::Float => Value::Float(0.25),
        ArgKind::Int => Value::Int(3),
        ArgKind::Bool => Value::Bool(true),
        ArgKind::Word(words) => Value::Word(words[0].to_owned()),
        ArgKind::Item(kind) => Value::Item(call(kind, registry::names(kind)[1])),
        // Only `reshape` has one.
        ArgKind::List => Value::List(vec![4.0, f64::from(INPUTS) / 4.0]),
        ArgKind::Tie => panic!("a required tie"),
    }
}

/// The same with every switch turned, every number that is 0 or absent set.
fn turned(kind: Kind, name: &str) -> Call {
    let mut all = call(kind, name);
    for spec in registry::args(kind, name).expect("a registered item") {
        let value = match spec.kind {
            ArgKind::Bool if spec.name != "tie_bias" => Value::Bool(spec.default != Some("true")),
            ArgKind::Float if spec.default.is_none_or(|d| d.parse() == Ok(0.0)) => Value::Float(0.375),
            ArgKind::List if spec.optional => {
                Value::List((0..CLASSES).map(|i| 0.5 + f64::from(i) / 8.0).collect())
            }
            _ => continue,
        };
        all.args.set(spec.name, value);
    }
    all
}

/// A plain network, from which the others differ in one item.
pub(crate) fn plain() -> Recipe {
    Recipe {
        layer: call(Kind::Layer, "dense"),
        head: call(Kind::Activation, "softmax"),
        loss: call(Kind::Loss, "cross_entropy"),
        optimizer: call(Kind::Optimizer, "adam"),
        training: true,
    }
}

/// Every layer, activation, loss and optimizer, by its defaults and turned; training and evaluation.
pub(crate) fn all() -> Vec<(String, Recipe)> {
    let mut all = Vec::new();
    let mut add = |name: String, recipe: &Recipe| {
        for training in [true, false] {
            let name = format!("{name}, {}", if training { "training" } else { "evaluation" });
            all.push((name, Recipe { training, ..recipe.clone() }));
        }
    };
    for (how, of) in [("", call as fn(Kind, &str) -> Call), (" turned", turned)] {
        for item in layers::all() {
            add(format!("{}{how}", item.name()), &Recipe { layer: of(Kind::Layer, item.name()), ..plain() });
        }
        for item in activations::all() {
            let mut layer = call(Kind::Layer, "activation");
            layer.args.set("activation", Value::Item(of(Kind::Activation, item.name())));
            add(format!("{}{how}", item.name()), &Recipe { layer, ..plain() });
        }
        for item in losses::all() {
            // Entropies of numbers that are no probabilities divide by what cancels to almost nothing.
            let of_probabilities = item.name().ends_with("cross_entropy");
            for head in ["linear", "sigmoid", "softmax"].into_iter().skip(usize::from(of_probabilities)) {
                let (loss, head) = (of(Kind::Loss, item.name()), call(Kind::Activation, head));
                add(format!("{}{how} of {}", item.name(), head.name), &Recipe { loss, head, ..plain() });
            }
        }
        for item in optimizers::all() {
            let optimizer = of(Kind::Optimizer, item.name());
            add(format!("{}{how}", item.name()), &Recipe { optimizer, ..plain() });
        }
    }
    all
}

/// The recipe's step.
pub(crate) fn graph(recipe: &Recipe) -> Graph {
    let mut bed = Bed { training: recipe.training, ..Bed::default() };
    let x = bed.g.input("x", INPUTS);
    let mut flow = Flow { value: x, dims: vec![INPUTS] };
    let item = layers::find(&recipe.layer.name).expect("a registered layer");
    let mut inputs = Vec::new();
    for i in 0..item.inputs().0 {
        inputs.push(bed.dense(&format!("before{i}"), &flow, INPUTS));
    }
    bed.layer = "layer".into();
    flow.value = item.build(&mut bed, &inputs, &recipe.layer.args);
    flow.dims = vec![bed.g.shape(flow.value).cols];
    let before = bed.dense("head", &flow, CLASSES).value;
    let activation = activations::find(&recipe.head.name).expect("a registered activation");
    let prediction = activation.build(&mut bed.g, before, &recipe.head.args);
    let loss = bed.loss(recipe, prediction, before);
    bed.g.output("loss", loss);
    bed.g.output("head", prediction);
    if recipe.training {
        let total = bed.penalties.clone().into_iter().fold(loss, |total, p| bed.g.add(total, p));
        bed.update(&recipe.optimizer, total);
    }
    bed.g.finish()
}

/// A graph with a layer's context around it.
#[derive(Default)]
struct Bed {
    g: Builder,
    training: bool,
    layer: String,
    parameters: Vec<(StateId, ValueId)>,
    penalties: Vec<ValueId>,
}

impl Bed {
    fn dense(&mut self, name: &str, x: &Flow, units: u32) -> Flow {
        self.layer = name.to_owned();
        self.g.set_name(name);
        let mut dense = call(Kind::Layer, "dense");
        dense.args.set("units", Value::Int(i64::from(units)));
        let value = layers::find("dense").expect("a registered layer").build(
            self,
            std::slice::from_ref(x),
            &dense.args,
        );
        Flow { value, dims: vec![units] }
    }

    /// Averaged over the rows of the batch, as the model does it.
    fn loss(&mut self, recipe: &Recipe, prediction: ValueId, before: ValueId) -> ValueId {
        let item = losses::find(&recipe.loss.name).expect("a registered loss");
        let target = match item.target() {
            TargetKind::Class => self.g.input("label", 1),
            TargetKind::Values => self.g.input("target", CLASSES),
        };
        let input = LossInput { prediction, before: Some((before, &recipe.head.name)), target };
        self.g.set_name("loss");
        let each = item.build(&mut self.g, input, &recipe.loss.args);
        let (total, rows) = (self.g.sum_all(each), self.g.row_count());
        self.g.div(total, rows)
    }

    fn update(&mut self, optimizer: &Call, loss: ValueId) {
        let values: Vec<ValueId> = self.parameters.iter().map(|p| p.1).collect();
        let mut gradients = gradients(&mut self.g, loss, &values);
        clip(&mut self.g, &mut gradients, &optimizer.args);
        let rate = self.g.scalar("rate");
        let item = optimizers::find(&optimizer.name).expect("a registered optimizer");
        for (&(parameter, _), gradient) in self.parameters.iter().zip(gradients) {
            let decl = &self.g.graph().states[parameter.index()];
            let is_kernel = decl.name.ends_with("kernel");
            item.build(&mut self.g, Update { parameter, gradient, rate, is_kernel }, &optimizer.args);
        }
    }

    fn state(&mut self, name: &str, (rows, cols): (u32, u32), role: StateRole, initial: Initial) -> StateId {
        let name = format!("{}.{name}", self.layer);
        self.g.new_state(StateDecl { name, shape: Shape::matrix(rows, cols), role, initial })
    }
}

impl LayerContext for Bed {
    fn graph(&mut self) -> &mut Builder {
        &mut self.g
    }

    fn training(&self) -> bool {
        self.training
    }

    fn parameter(&mut self, name: &str, rows: u32, cols: u32, initial: Initial) -> ValueId {
        let id = self.state(name, (rows, cols), StateRole::Parameter, initial);
        let value = self.g.state(id);
        self.parameters.push((id, value));
        value
    }

    fn statistic(&mut self, name: &str, rows: u32, cols: u32, initial: Initial) -> (ValueId, StateId) {
        let id = self.state(name, (rows, cols), StateRole::Statistic, initial);
        (self.g.state(id), id)
    }

    fn tie(&mut self) -> Option<(ValueId, bool)> {
        None
    }

    fn activate(&mut self, call: &Call, x: ValueId) -> ValueId {
        activations::find(&call.name).expect("a registered activation").build(&mut self.g, x, &call.args)
    }

    fn initial(&mut self, call: &Call, fans: Fans) -> Initial {
        registry::find_initializer(&call.name).expect("a registered initializer").initial(fans, &call.args)
    }

    fn penalty(&mut self, value: ValueId) {
        self.penalties.push(value);
    }
}
