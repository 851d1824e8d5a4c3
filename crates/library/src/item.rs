//! The traits that items implement, one for each kind.

use crate::args::{ArgSpec, Args};
use kiln_graph::{Builder, Initial, StateId, ValueId};

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `dense`, `dropout`, …
    Layer,
    /// `relu`, …
    Activation,
    /// `mse`, …
    Loss,
    /// `adam`, …
    Optimizer,
    /// `cosine`, …
    Schedule,
    /// `glorot_uniform`, …
    Initializer,
    /// `accuracy`, …
    Metric,
}

impl Kind {
    /// Several of them, as in a sentence: `layers`. Also the name of the kind's folder.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Layer => "layers",
            Kind::Activation => "activations",
            Kind::Loss => "losses",
            Kind::Optimizer => "optimizers",
            Kind::Schedule => "schedules",
            Kind::Initializer => "initializers",
            Kind::Metric => "metrics",
        }
    }

    /// Several of them, as a heading: `Layers`.
    pub fn title(self) -> String {
        let plural = self.plural();
        format!("{}{}", plural[..1].to_uppercase(), &plural[1..])
    }
}

/// What every item has.
pub trait Item: Sync {
    /// As a spec names it.
    fn name(&self) -> &'static str;

    /// Its arguments; positional ones first.
    fn args(&self) -> &'static [ArgSpec] {
        &[]
    }

    /// One sentence for people, where items are listed.
    fn summary(&self) -> &'static str;

    /// The text of the item's own file, `include_str!("NAME.rs")`: its header is the item's page
    /// ([`crate::page`]).
    fn file(&self) -> &'static str;
}

/// A function of one value, element by element (or row by row: softmax).
pub trait Activation: Item {
    /// `[R, n] → [R, n]`
    fn build(&self, g: &mut Builder, x: ValueId, args: &Args) -> ValueId;
}

/// What flows between layers: a value, and the extents of one sample that it stands for
/// (`[28, 28]` for a value of shape `[B, 784]`).
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// The value, `[B, product of dims]`.
    pub value: ValueId,
    /// Extents of one sample.
    pub dims: Vec<u32>,
}

/// What a layer may ask of the model that it is built into.
pub trait LayerContext {
    /// The graph.
    fn graph(&mut self) -> &mut Builder;
    /// Building the training step (dropout drops, batch norm uses the batch), not evaluation.
    fn training(&self) -> bool;
    /// A parameter of this layer, `[rows, cols]`, named `<layer>.<name>`; the same on every build.
    fn parameter(&mut self, name: &str, rows: u32, cols: u32, initial: Initial) -> ValueId;
    /// A statistic of this layer (not learned by gradient), as with `parameter`; value and id.
    fn statistic(&mut self, name: &str, rows: u32, cols: u32, initial: Initial) -> (ValueId, StateId);
    /// The kernel that this layer shares by `tie = x` or `tie = x.T`: its value and whether to
    /// read it transposed. `None` where the layer has no tie.
    fn tie(&mut self) -> Option<(ValueId, bool)>;
    /// The bias of the layer whose kernel is shared, for `tie_bias = true`. `None` where that layer has
    /// none, or one of another width (a kernel shared transposed): the model reports these before.
    fn tied_bias(&mut self) -> Option<ValueId> {
        None
    }
    /// Applies an activation item.
    fn activate(&mut self, call: &crate::args::Call, x: ValueId) -> ValueId;
    /// The initial value that an initializer item gives for these fans.
    fn initial(&mut self, call: &crate::args::Call, fans: Fans) -> Initial;
    /// Adds a penalty (`[1, 1]`, such as `l2 · Σ w²`) to the total loss; only while training.
    fn penalty(&mut self, value: ValueId);
}

/// A layer: recipe over its inputs (one for all but joins).
pub trait Layer: Item {
    /// Smallest and largest number of inputs.
    fn inputs(&self) -> (usize, usize) {
        (1, 1)
    }

    /// Extents of one output sample, or why the inputs do not fit (a sentence for the user,
    /// such as "expects one extent, found [28, 28]: put `flatten()` before it").
    /// `units_of_tie` is the number of outputs that a tied kernel gives.
    fn dims(&self, inputs: &[&[u32]], args: &Args, units_of_tie: Option<u32>) -> Result<Vec<u32>, String>;

    /// Shape of the kernel that a tie would share: `[inputs, units]`; `None` where this layer has none.
    fn kernel(&self, _inputs: &[&[u32]], _args: &Args, _units_of_tie: Option<u32>) -> Option<[u32; 2]> {
        None
    }

    /// The class name in Keras' model table (`Dense`).
    fn keras_name(&self) -> &'static str;

    /// The value before the last activation is remembered by the model through
    /// [`LayerContext::activate`]; this gives the layer's output.
    fn build(&self, cx: &mut dyn LayerContext, inputs: &[Flow], args: &Args) -> ValueId;
}

/// What a target must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// The index of a class: `[B, 1]`; the head has one column a class.
    Class,
    /// Numbers, as many as the head has: `[B, n]`.
    Values,
}

/// What a loss reads.
#[derive(Clone, Copy, Debug)]
pub struct LossInput<'a> {
    /// The head's output, `[B, n]`.
    pub prediction: ValueId,
    /// The value before the head's last activation and that activation's name: lets a loss take the
    /// stable form (`softmax` under cross-entropy, `sigmoid` under binary cross-entropy).
    pub before: Option<(ValueId, &'a str)>,
    /// `[B, n]`, or `[B, 1]` with class indices.
    pub target: ValueId,
}

/// A loss of one head.
pub trait Loss: Item {
    /// What it is compared with.
    fn target(&self) -> TargetKind;

    /// Whether the arguments fit a head of `cols` columns, beyond what their ranges say; a sentence
    /// for the user where they do not. [`Loss::build`] may rely on it.
    fn check(&self, _cols: u32, _args: &Args) -> Result<(), String> {
        Ok(())
    }

    /// The loss of each element or row, `[B, n]` or `[B, 1]`, scaled so that its sum over
    /// columns is the sample's loss; the model averages over the rows of the batch.
    fn build(&self, g: &mut Builder, input: LossInput<'_>, args: &Args) -> ValueId;
}

/// One parameter's update.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// The parameter.
    pub parameter: StateId,
    /// Its gradient, of the same shape.
    pub gradient: ValueId,
    /// The step's rate, `[1, 1]`.
    pub rate: ValueId,
    /// True for kernels; false for biases, scales and offsets (weight decay leaves them alone where the
    /// framework does).
    pub is_kernel: bool,
}

/// An optimizer.
pub trait Optimizer: Item {
    /// Adds the new value of the parameter and of its slots: declares slots (`<parameter>/adam.m`) and
    /// shared scalars (`adam.beta1_power`, once: ask for the state by name first) and assigns them.
    fn build(&self, g: &mut Builder, update: Update, args: &Args);
}

/// What a schedule knows when it is asked for the rate of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateContext<'a> {
    /// The optimizer's `rate`.
    pub base: f64,
    /// Steps finished.
    pub step: u64,
    /// Steps of one epoch.
    pub steps_per_epoch: u64,
    /// Epochs of the whole training.
    pub epochs: u64,
    /// The monitored validation loss after each finished epoch.
    pub monitored: &'a [f64],
}

/// The rate over time.
pub trait Schedule: Item {
    /// The rate of the next step.
    fn rate(&self, cx: RateContext<'_>, args: &Args) -> f64;
}

/// The numbers that initializers scale by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fans {
    /// Inputs of one unit.
    pub fan_in: u32,
    /// Units fed by one input.
    pub fan_out: u32,
}

/// How a parameter begins.
pub trait Initializer: Item {
    /// The distribution for these fans.
    fn initial(&self, fans: Fans, args: &Args) -> Initial;
}

/// A number that is reported and not trained on.
pub trait Metric: Item {
    /// What it compares with.
    fn target(&self) -> TargetKind;

    /// Larger is better.
    fn higher_is_better(&self) -> bool;

    /// Begins to count, for a head of `cols` columns.
    fn start(&self, cols: usize, args: &Args) -> Box<dyn Accumulator>;
}

/// A metric being counted.
pub trait Accumulator: Send {
    /// Counts one sample: the head's row, and the target's (class index as one number, or values).
    fn sample(&mut self, prediction: &[f32], target: &[f32]);

    /// The metric over all samples so far; 0 for none.
    fn value(&self) -> f64;
}
