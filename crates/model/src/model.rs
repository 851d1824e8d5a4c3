//! The resolved model: what a run trains, with every name, shape and default settled.
//!
//! In: nothing; these are the types that [`crate::check()`] fills. Out: RON ([`Model::to_ron`]),
//! the graphs ([`crate::build()`]) and the table ([`crate::summary()`]).
//!
//! Values are named by their layer or input, and names are unique in a model. Library items
//! stand with all their arguments, defaults included, as text in a dump: `adam(rate = 0.001, …)`.
//!
//! Invariants: layers come after what they read; ties lead to an earlier layer that owns its
//! kernel; every head is a layer or an input; every extent is at least 1.

use crate::serial;
use kiln_library::Call;
use serde::{Deserialize, Serialize};

/// A model and how it is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The spec's title, or the model's name.
    pub title: String,
    /// The model's name.
    pub name: String,
    /// Fields that flow into layers, in the order of the spec.
    pub inputs: Vec<Input>,
    /// Fields that are only compared with.
    pub targets: Vec<Target>,
    /// Layers in the order of the spec.
    pub layers: Vec<Layer>,
    /// Stacks in the order of the spec, outer ones before those within.
    pub stacks: Vec<Stack>,
    /// What is compared with targets.
    pub heads: Vec<Head>,
    /// Values beside the heads that the report reads.
    pub views: Vec<View>,
    /// How it is trained.
    pub train: Train,
    /// On what.
    pub data: Data,
    /// What is reported.
    pub report: Vec<Section>,
}

/// A field that flows into layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// The field's name.
    pub name: String,
    /// Its name in the model's table: that of a binding without layers (`input_20 = image`), else its own.
    pub table_name: String,
    /// Extents of one sample.
    pub dims: Vec<u32>,
}

/// A field that is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The field's name.
    pub name: String,
    /// What it holds.
    pub kind: TargetKind,
}

/// What a target holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TargetKind {
    /// The index of one of so many classes.
    Class(u32),
    /// Numbers of these extents.
    Values(Vec<u32>),
}

/// A layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Its label, or an automatic name (`dense_1`).
    pub name: String,
    /// Names of the stacks around it, the outermost first.
    pub stacks: Vec<String>,
    /// The library's layer and its arguments.
    #[serde(with = "serial::call")]
    pub call: Call,
    /// What it reads: names of inputs and of earlier layers.
    pub inputs: Vec<String>,
    /// Extents of one sample of its output.
    pub dims: Vec<u32>,
    /// The kernel that it shares, if it does.
    pub tie: Option<Tie>,
    /// Its parameters learn.
    pub trainable: bool,
}

/// A shared kernel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tie {
    /// The layer that owns the kernel.
    pub layer: String,
    /// It is read transposed.
    pub transposed: bool,
    /// The bias is shared too.
    pub bias: bool,
}

/// A stack: a group of layers that one row of the table stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Names of the stacks around it, the outermost first.
    pub stacks: Vec<String>,
    /// What flows in.
    pub input: String,
    /// Its last layer.
    pub output: String,
}

/// A value that is compared with a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// As the loss line names it; outputs of the graphs are `head.<name>` and `loss.<name>`.
    pub name: String,
    /// The layer or input that it is.
    pub layer: String,
    /// Extents of one sample.
    pub dims: Vec<u32>,
    /// The loss and its arguments.
    #[serde(with = "serial::call")]
    pub loss: Call,
    /// The input or target that it is compared with.
    pub target: String,
    /// Its factor in the total.
    pub weight: Weight,
    /// What is reported of it besides its loss.
    pub metrics: Vec<Metric>,
}

/// A loss's factor in the total.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Weight {
    /// The same always.
    Constant(f64),
    /// From one number to the other, linearly over so many epochs, then constant.
    Ramp {
        /// In the first epoch.
        from: f64,
        /// From epoch `epochs` on (counted from 0).
        to: f64,
        /// Epochs until then; at least 1.
        epochs: u32,
    },
    /// `exp(−s)`, where s is learned (Kendall et al., 2018).
    Learned,
}

impl Weight {
    /// The factor in an epoch, counted from 0; `None` where it is learned.
    pub fn at(self, epoch: u32) -> Option<f64> {
        match self {
            Weight::Constant(w) => Some(w),
            Weight::Ramp { from, to, epochs } => {
                let part = f64::from(epoch.min(epochs)) / f64::from(epochs.max(1));
                Some(from + (to - from) * part)
            }
            Weight::Learned => None,
        }
    }
}

/// A metric of a head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// As histories call it: `accuracy`, `f1_macro`; unique within its head.
    pub name: String,
    /// The library's metric and its arguments.
    #[serde(with = "serial::call")]
    pub call: Call,
}

/// A value that a report reads and no loss does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// As the report names it; the evaluation graph's output is `head.<name>`.
    pub name: String,
    /// The layer or input that it is.
    pub layer: String,
    /// Extents of one sample.
    pub dims: Vec<u32>,
}

/// How a model is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Train {
    /// The optimizer; its argument `rate` is what the schedule starts from.
    #[serde(with = "serial::call")]
    pub optimizer: Call,
    /// The rate over time.
    #[serde(with = "serial::call")]
    pub schedule: Call,
    /// Passes over the training data.
    pub epochs: u32,
    /// Samples of one step; the last step of an epoch may have fewer.
    pub batch: u32,
    /// Seed of the initial parameters, the shuffling and the dropout.
    pub seed: u64,
    /// Samples come in a new order each epoch.
    pub shuffle: bool,
    /// What the validation loss is computed on.
    pub validation: Validation,
    /// When to stop before the last epoch, if at all.
    pub early_stopping: Option<EarlyStopping>,
}

/// What a validation loss is computed on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Validation {
    /// The test part of the split.
    Test,
    /// This part of the training part, taken from its end before shuffling.
    Fraction(f64),
    /// None.
    Nothing,
}

/// When to stop before the last epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EarlyStopping {
    /// What is looked at.
    pub monitor: Monitor,
    /// Larger is better.
    pub higher_is_better: bool,
    /// Patience and the rest: arguments of `kiln_library::early_stopping`.
    #[serde(with = "serial::call")]
    pub call: Call,
}

/// A number of each epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Monitor {
    /// The total loss on the validation data.
    ValidationLoss,
    /// The total loss on the training data.
    TrainingLoss,
    /// The loss of one head on the validation data.
    HeadLoss {
        /// The head.
        head: String,
    },
    /// A metric of one head on the validation data.
    Metric {
        /// The head.
        head: String,
        /// The metric's name.
        metric: String,
    },
}

/// A data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// Its name.
    pub name: String,
    /// Where samples come from.
    pub source: Source,
    /// How they are divided.
    pub split: Split,
    /// What models read of a sample.
    pub fields: Vec<Field>,
}

/// Where samples come from. Paths are relative to the data folder (`--data-dir`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The built-in generator of handwriting.
    Glyphs {
        /// The letters to draw, one a class; each name is one character.
        classes: Vec<String>,
        /// How many in all.
        samples: u32,
        /// Seed of the generator.
        seed: u64,
    },
    /// Images and labels as MNIST has them, plain or gzipped.
    Idx {
        /// Images.
        images: String,
        /// Labels, if there are some.
        labels: Option<String>,
        /// Images of the test part, if it has files of its own.
        test_images: Option<String>,
        /// Labels of the test part.
        test_labels: Option<String>,
        /// Labels that are taken, the first becoming class 0; empty for all.
        classes: Vec<i64>,
        /// Class names in the order of the classes; empty where labels name themselves.
        names: Vec<String>,
    },
    /// Tables with a column of labels and columns of pixels.
    Parquet {
        /// The files, read one after the other.
        files: Vec<String>,
        /// Files of the test part, if it has its own.
        test_files: Vec<String>,
        /// Name of the label's column, if there is one.
        label: Option<String>,
        /// Names of the pixels' columns.
        pixels: Columns,
        /// Labels that are taken, the first becoming class 0; empty for all.
        classes: Vec<i64>,
        /// Class names in the order of the classes; empty where labels name themselves.
        names: Vec<String>,
    },
}

/// Columns of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Columns {
    /// These.
    Names(Vec<String>),
    /// The columns named by these whole numbers, both ends included.
    Range(u32, u32),
}

impl Columns {
    /// How many.
    pub fn count(&self) -> usize {
        match self {
            Columns::Names(names) => names.len(),
            Columns::Range(first, last) => (last - first) as usize + 1,
        }
    }
}

/// How samples are divided.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Split {
    /// The source has test files of its own.
    Given,
    /// All samples train, none test.
    All,
    /// By class, each in the same proportion.
    Stratified {
        /// Part of the whole for training.
        train: f64,
        /// Part of the whole for testing.
        test: f64,
        /// Seed of the choice.
        seed: u64,
    },
    /// Without regard to classes.
    Random {
        /// Part of the whole for training.
        train: f64,
        /// Part of the whole for testing.
        test: f64,
        /// Seed of the choice.
        seed: u64,
    },
}

/// A part of a sample under the name that models use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it is.
    pub part: Part,
}

/// A part of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Part {
    /// `pixels · scale + offset`
    Pixels {
        /// Factor.
        scale: f64,
        /// Summand.
        offset: f64,
    },
    /// The index of the class.
    Class,
}

/// A section of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Section {
    /// Learning curves of every head.
    Curves {
        /// Logarithmic losses.
        log: bool,
    },
    /// The confusion matrix of a head with class labels.
    Confusion {
        /// The head.
        head: String,
        /// Rows are divided by their sums.
        normalize: bool,
    },
    /// Precision, recall and F1 of each class.
    Classification {
        /// The head.
        head: String,
        /// Decimals shown.
        digits: u32,
    },
    /// Originals over reconstructions.
    Reconstructions {
        /// The head.
        head: String,
        /// Samples shown.
        columns: u32,
        /// Which ones.
        which: Which,
    },
    /// A value of many dimensions on a plane.
    Manifold {
        /// A head or a view.
        value: String,
        /// How it is laid on the plane.
        method: Method,
        /// The class field that gives the colours.
        color: String,
        /// At most so many samples.
        samples: u32,
    },
    /// A layer's kernel as tiles.
    Weights {
        /// The layer.
        layer: String,
        /// Tiles in a row.
        columns: u32,
        /// At most so many tiles.
        tiles: u32,
    },
    /// The model's table.
    Table,
}

/// Which samples a section shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// The first of the test part.
    First,
    /// The worst and the best.
    Extremes,
    /// Those that are reconstructed worst.
    Worst,
    /// Those that are reconstructed best.
    Best,
    /// One of each class in turn.
    Classes,
}

/// How points are laid on a plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// Principal components.
    Pca,
    /// t-distributed stochastic neighbour embedding.
    Tsne,
    /// Uniform manifold approximation and projection.
    Umap,
}

impl Model {
    /// The layer of this name.
    pub fn layer(&self, name: &str) -> Option<&Layer> {
        self.layers.iter().find(|l| l.name == name)
    }

    /// The head of this name.
    pub fn head(&self, name: &str) -> Option<&Head> {
        self.heads.iter().find(|h| h.name == name)
    }

    /// Extents of one sample of an input or a layer.
    pub fn dims(&self, value: &str) -> Option<&[u32]> {
        let input = self.inputs.iter().find(|i| i.name == value).map(|i| i.dims.as_slice());
        input.or_else(|| self.layer(value).map(|l| l.dims.as_slice()))
    }

    /// The number of classes where `field` is a class label.
    pub fn classes(&self, field: &str) -> Option<u32> {
        self.targets.iter().find(|t| t.name == field).and_then(|t| match t.kind {
            TargetKind::Class(n) => Some(n),
            TargetKind::Values(_) => None,
        })
    }
}

/// Elements of one sample of these extents.
pub fn elements(dims: &[u32]) -> u64 {
    dims.iter().fold(1, |n, &d| n.saturating_mul(u64::from(d)))
}
