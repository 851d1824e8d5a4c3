//! Building: from a resolved model to the graphs of its steps.
//!
//! In: a [`Model`]. Out: [`Graphs`], all over the same states, inputs and scalars, so that one id
//! means the same in each of them.
//!
//! ```text
//! total = Σ_heads weight · loss  +  penalties          loss = mean_rows( Σ_cols elementwise loss )
//! learned weights:  exp(−s) · loss + s                 (Kendall et al., 2018)
//! ```
//!
//! Outputs: `loss`, `loss.<head>` (unweighted), `weight.<head>` where it is not constant,
//! `head.<name>` for heads, and in evaluation and prediction for views.
//!
//! Invariants: states are those of the layers in their order, then learned weights, then slots of
//! the optimizer; parameters are named `<layer>.kernel` and so on.
//!
//! Not here: what a layer, loss or optimizer does (crate `library`), gradients (crate `graph`).

mod cost;

mod forward;

mod context;

mod total;

mod update;

pub(crate) use cost::{Cost, costs};

use crate::model::{Model, Weight};
use kiln_graph::{Builder, Graph, StateDecl, StateId, StateRole, simplify};

/// The steps of a model.
#[derive(Clone, Debug)]
pub struct Graphs {
    /// The training step before gradients: forward and losses, as the recipes wrote it.
    pub forward: Graph,
    /// The training step: forward, losses, gradients, clipping, update; simplified.
    pub train: Graph,
    /// The evaluation step: forward as in use, losses, heads and views; assigns nothing.
    pub evaluate: Graph,
    /// Heads and views alone; reads no target.
    pub predict: Graph,
    /// What the runtime sets before each step; indexes as `ScalarId`.
    pub scalars: Vec<ScalarUse>,
}

/// A number that the runtime sets before each step.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalarUse {
    /// As in the graphs: `rate`, `weight.<head>`.
    pub name: String,
    /// Where it comes from.
    pub source: ScalarSource,
}

/// Where a scalar comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ScalarSource {
    /// The schedule, once a step.
    Rate,
    /// The weight of a head, once an epoch: [`Weight::at`].
    Weight {
        /// The head.
        head: String,
        /// Its ramp.
        weight: Weight,
    },
}

/// Name of the scalar that is the rate.
pub const RATE: &str = "rate";

/// Builds every graph of a model.
pub fn build(model: &Model) -> Graphs {
    let scalars = scalars(model);
    let (forward, training) = training(model, &scalars);
    let states = training.states.clone();
    let evaluate = evaluation(model, &scalars, states.clone(), true);
    let predict = evaluation(model, &scalars, states, false);
    Graphs { forward, train: simplify(&training), evaluate, predict, scalars }
}

fn scalars(model: &Model) -> Vec<ScalarUse> {
    let rate = ScalarUse { name: RATE.to_owned(), source: ScalarSource::Rate };
    let weights = model.heads.iter().filter(|h| matches!(h.weight, Weight::Ramp { .. }));
    let weights = weights.map(|h| ScalarUse {
        name: format!("weight.{}", h.name),
        source: ScalarSource::Weight { head: h.name.clone(), weight: h.weight },
    });
    std::iter::once(rate).chain(weights).collect()
}

/// A builder that has every input, scalar and known state declared, in one order for all graphs.
fn declared(model: &Model, scalars: &[ScalarUse], states: Vec<StateDecl>) -> Builder {
    let mut b = Builder::from_graph(Graph { states, ..Graph::default() });
    for input in &model.inputs {
        b.input(&input.name, forward::columns(&input.dims));
    }
    for target in &model.targets {
        b.input(&target.name, forward::target_columns(&target.kind));
    }
    for scalar in scalars {
        b.scalar(&scalar.name);
    }
    b
}

/// The graph before gradients, and the whole step before simplification.
fn training(model: &Model, scalars: &[ScalarUse]) -> (Graph, Graph) {
    let mut b = declared(model, scalars, Vec::new());
    let values = forward::forward(&mut b, model, true);
    let total = total::losses(&mut b, model, &values);
    forward::outputs(&mut b, model, &values, false);
    let before = b.graph().clone();
    update::update(&mut b, model, total);
    (before, b.finish())
}

fn evaluation(model: &Model, scalars: &[ScalarUse], states: Vec<StateDecl>, losses: bool) -> Graph {
    let mut b = declared(model, scalars, states);
    let values = forward::forward(&mut b, model, false);
    if losses {
        total::losses(&mut b, model, &values);
    }
    forward::outputs(&mut b, model, &values, true);
    simplify(&b.finish())
}

/// The state of this name, declared where it is new: builds of one model share their states.
fn state(b: &mut Builder, decl: StateDecl) -> StateId {
    let known = b.graph().states.iter().position(|s| s.name == decl.name);
    match known {
        Some(i) => StateId(i as u32),
        None => b.new_state(decl),
    }
}

/// Ids of the states that gradient descent changes, in order.
pub fn parameters(graph: &Graph) -> Vec<StateId> {
    let learned = |i: &usize| graph.states[*i].role == StateRole::Parameter;
    (0..graph.states.len()).filter(learned).map(|i| StateId(i as u32)).collect()
}
