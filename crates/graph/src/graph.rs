//! The graph: nodes in an order in which arguments come first, and what they refer to.

use crate::prim::Prim;
use crate::shape::Shape;

typed_ids! {
    /// A value: the result of the node with this index. Prints as `v7`.
    ValueId, "v";
    /// A state: a parameter, a moment of an optimizer, a moving statistic. Prints as `s7`.
    StateId, "s";
    /// A field of the batch. Prints as `i7`.
    InputId, "i";
    /// A number given before each step. Prints as `h7`.
    ScalarId, "h";
    /// A stream of random numbers. Prints as `r7`.
    StreamId, "r";
}

/// One operation and its result.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What is computed.
    pub prim: Prim,
    /// From what; each comes before this node.
    pub args: Vec<ValueId>,
    /// Shape of the result.
    pub shape: Shape,
    /// Where it comes from, in the words of the spec (`enc1`, `loss decoder`); may be empty.
    pub name: String,
}

/// What a state is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StateRole {
    /// Learned by gradient descent.
    Parameter,
    /// A parameter that the spec has frozen.
    Frozen,
    /// Kept by a layer, not learned by gradient (moving mean and variance).
    Statistic,
    /// Kept by an optimizer for the parameter.
    Slot(StateId),
}

/// How a state begins. Fans are folded into the numbers by the library's initializers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initial {
    /// Every element the same.
    Constant(f32),
    /// Uniform on `[−limit, limit)`.
    Uniform {
        /// Half the width.
        limit: f32,
    },
    /// Normal, mean 0.
    Normal {
        /// Standard deviation.
        std: f32,
    },
    /// Normal, mean 0, redrawn beyond two standard deviations (of the normal before cutting).
    TruncatedNormal {
        /// Standard deviation of the normal before cutting.
        std: f32,
    },
    /// Rows (or columns, where there are fewer) orthonormal, times `gain`.
    Orthogonal {
        /// Factor on the orthonormal matrix.
        gain: f32,
    },
}

/// A matrix that outlives the step. Never has batch rows.
#[derive(Clone, Debug, PartialEq)]
pub struct StateDecl {
    /// Unique name, as in checkpoints: `enc1.kernel`, `enc1.kernel/adam.m`.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// What it is for.
    pub role: StateRole,
    /// How it begins.
    pub initial: Initial,
}

/// A field of the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputDecl {
    /// The data field's name (`image`, `label`).
    pub name: String,
    /// Columns; the rows are the batch's.
    pub cols: u32,
}

/// A number that the runtime sets before each step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalarDecl {
    /// Unique name (`rate`, `weight.classifier`).
    pub name: String,
}

/// A value that is readable after the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Unique name (`loss`, `loss.decoder`, `head.classifier`).
    pub name: String,
    /// Which value.
    pub value: ValueId,
}

/// At the end of the step `state` becomes `value` (all at once: every read sees the old value).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// What is overwritten.
    pub state: StateId,
    /// By what; same shape.
    pub value: ValueId,
}

/// A whole step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Nodes, arguments first. `ValueId` indexes here.
    pub nodes: Vec<Node>,
    /// States. `StateId` indexes here.
    pub states: Vec<StateDecl>,
    /// Batch fields. `InputId` indexes here.
    pub inputs: Vec<InputDecl>,
    /// Numbers given before each step. `ScalarId` indexes here.
    pub scalars: Vec<ScalarDecl>,
    /// Number of random streams in use.
    pub streams: u32,
    /// What can be read afterwards.
    pub outputs: Vec<Output>,
    /// What the step changes.
    pub assignments: Vec<Assignment>,
}

impl Graph {
    /// The node that computes `value`.
    pub fn node(&self, value: ValueId) -> &Node {
        &self.nodes[value.index()]
    }

    /// The shape of `value`.
    pub fn shape(&self, value: ValueId) -> Shape {
        self.nodes[value.index()].shape
    }

    /// The output with this name.
    pub fn output(&self, name: &str) -> Option<ValueId> {
        self.outputs.iter().find(|o| o.name == name).map(|o| o.value)
    }

    /// All value ids, in order.
    pub fn values(&self) -> impl Iterator<Item = ValueId> + use<> {
        (0..self.nodes.len() as u32).map(ValueId)
    }
}
