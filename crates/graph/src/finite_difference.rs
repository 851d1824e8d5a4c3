//! Checks gradients against differences of the loss.
//!
//! In: a graph, its loss and an [`Env`]. Out: the element at which [`gradients`] and the
//! slope of the loss differ most ([`Worst`]). Both sides are f64; the slope is taken over four
//! points, so that agreement to about 1e-9 is the rule and a wrong formula stands out.
//!
//! The trap: at a kink (relu at 0, a maximum of equals) the slope is not the gradient that the
//! primitive defines. [`Check::kinks`] leaves such elements out and counts them; without it they
//! count as errors. A value behind [`crate::UnaryOp::Detach`] has a slope but no gradient.

use crate::autodiff::gradients;
use crate::builder::Builder;
use crate::graph::{Graph, InputId, StateId, ValueId};
use crate::interp::{Env, evaluate};
use std::fmt;

/// Distance between the points; at this size truncation and rounding are about equal.
const STEP: f64 = 1e-4;
/// Differences below this are measured absolutely.
const FLOOR: f64 = 1e-3;
/// One-sided slopes that differ by more than this, relative to the larger, show a kink.
const KINK: f64 = 1e-2;

/// What the loss is differentiated by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// A state.
    State(StateId),
    /// A field of the batch.
    Input(InputId),
}

/// A check to be made.
#[derive(Clone, Debug)]
pub struct Check<'a> {
    /// The graph that computes the loss.
    pub graph: &'a Graph,
    /// The loss, `[1, 1]`.
    pub loss: ValueId,
    /// Where to compare: batch, states, scalars.
    pub env: &'a Env,
    /// By what to differentiate.
    pub variables: Vec<Variable>,
    /// Leave out elements at a kink.
    pub kinks: bool,
    /// At most this many elements of each variable, evenly spread.
    pub elements_max: usize,
}

/// The element with the largest error.
#[derive(Clone, Debug, PartialEq)]
pub struct Worst {
    /// `|gradient − slope| / max(|gradient|, |slope|, 1e-3)`; NaN counts as infinite.
    pub error: f64,
    /// Where: name of the state or field.
    pub name: String,
    /// Where: position in it, row by row.
    pub index: usize,
    /// What [`gradients`] gives there.
    pub gradient: f64,
    /// What the loss does there.
    pub slope: f64,
    /// Elements compared.
    pub compared: usize,
    /// Elements left out because of a kink.
    pub left_out: usize,
}

impl fmt::Display for Worst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Worst { error, name, index, gradient, slope, compared, left_out } = self;
        write!(f, "{name}[{index}]: gradient {gradient:e}, slope {slope:e}, error {error:e}")?;
        write!(f, " ({compared} compared, {left_out} left out)")
    }
}

impl<'a> Check<'a> {
    /// By all parameters, every element, kinks counted as errors.
    pub fn new(graph: &'a Graph, loss: ValueId, env: &'a Env) -> Check<'a> {
        let states = (0..graph.states.len() as u32).map(StateId);
        let parameters =
            states.filter(|s| graph.states[s.index()].role == crate::graph::StateRole::Parameter);
        let variables = parameters.map(Variable::State).collect();
        Check { graph, loss, env, variables, kinks: false, elements_max: usize::MAX }
    }

    /// Makes the check.
    pub fn worst(&self) -> Worst {
        let analytic = self.gradients();
        let loss = self.loss_graph();
        let mut worst = Worst {
            error: 0.0,
            name: String::new(),
            index: 0,
            gradient: 0.0,
            slope: 0.0,
            compared: 0,
            left_out: 0,
        };
        let mut env = self.env.clone();
        for (&variable, gradient) in self.variables.iter().zip(&analytic) {
            let stride = gradient.len().div_ceil(self.elements_max.max(1)).max(1);
            for index in (0..gradient.len()).step_by(stride) {
                match self.slope(&loss, &mut env, variable, index) {
                    Some(slope) => worst.note(self.name(variable), index, gradient[index], slope),
                    None => worst.left_out += 1,
                }
            }
        }
        worst
    }

    /// The gradient by each variable, row by row.
    fn gradients(&self) -> Vec<Vec<f64>> {
        let mut b =
            Builder::from_graph(Graph { outputs: Vec::new(), assignments: Vec::new(), ..self.graph.clone() });
        let wrt: Vec<ValueId> = self.variables.iter().map(|&v| value_of(&mut b, v)).collect();
        for (i, g) in gradients(&mut b, self.loss, &wrt).into_iter().enumerate() {
            b.output(&i.to_string(), g);
        }
        let values = evaluate(&b.finish(), self.env);
        values.outputs.into_iter().map(|(_, m)| m.data).collect()
    }

    /// The nodes up to the loss, and nothing else to compute.
    fn loss_graph(&self) -> Graph {
        let mut nodes = self.graph.nodes.clone();
        nodes.truncate(self.loss.index() + 1);
        let outputs = vec![crate::graph::Output { name: "loss".into(), value: self.loss }];
        Graph { nodes, outputs, assignments: Vec::new(), ..self.graph.clone() }
    }

    /// The slope of the loss by one element; `None` at a kink that is to be left out.
    fn slope(&self, graph: &Graph, env: &mut Env, variable: Variable, index: usize) -> Option<f64> {
        let before = *element(env, variable, index);
        let h = STEP * before.abs().max(1.0);
        let mut loss_at = |offset: f64| {
            *element(env, variable, index) = before + offset;
            evaluate(graph, env).number("loss").unwrap_or(f64::NAN)
        };
        let [ll, l, r, rr] = [-2.0, -1.0, 1.0, 2.0].map(|k| loss_at(k * h));
        let middle = loss_at(0.0);
        let (left, right) = (middle - l, r - middle);
        let kink = (right - left).abs() > KINK * left.abs().max(right.abs()).max(FLOOR * h);
        if self.kinks && kink {
            return None;
        }
        Some((8.0 * (r - l) - (rr - ll)) / (12.0 * h))
    }

    fn name(&self, variable: Variable) -> &str {
        match variable {
            Variable::State(id) => &self.graph.states[id.index()].name,
            Variable::Input(id) => &self.graph.inputs[id.index()].name,
        }
    }
}

impl Worst {
    fn note(&mut self, name: &str, index: usize, gradient: f64, slope: f64) {
        self.compared += 1;
        let error = (gradient - slope).abs() / gradient.abs().max(slope.abs()).max(FLOOR);
        let error = if error.is_nan() { f64::INFINITY } else { error };
        if error > self.error || self.compared == 1 {
            let (compared, left_out) = (self.compared, self.left_out);
            *self = Worst { error, name: name.to_owned(), index, gradient, slope, compared, left_out };
        }
    }
}

fn value_of(b: &mut Builder, variable: Variable) -> ValueId {
    match variable {
        Variable::State(id) => b.state(id),
        Variable::Input(id) => b.add_node(crate::prim::Prim::Input(id), &[]),
    }
}

fn element(env: &mut Env, variable: Variable, index: usize) -> &mut f64 {
    match variable {
        Variable::State(id) => &mut env.states[id.index()][index],
        Variable::Input(id) => &mut env.inputs[id.index()][index],
    }
}
