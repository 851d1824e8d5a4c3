//! What a training is to do, in plain values and closures: nothing here knows a spec.

use std::fmt;

/// How to train.
pub struct Settings {
    /// Seed of initial values, the order of samples, dropout and noise.
    pub seed: u64,
    /// Passes over the training rows.
    pub epochs: u32,
    /// A new order of the samples each epoch; otherwise as the rows are given.
    pub shuffle: bool,
    /// Threads; taken as 1 to 256. Results do not depend on it.
    pub threads: usize,
    /// What is compared with what.
    pub heads: Vec<Head>,
    /// The learning rate over time.
    pub rate: Box<dyn Rate>,
    /// What decides which epoch is the best; `None`: `val_loss`, or `loss` without validation.
    pub monitor: Option<Monitor>,
    /// When to end before the last epoch.
    pub stopping: Option<Box<dyn Stopping>>,
    /// End with the weights of the best epoch instead of the last.
    pub restore_best: bool,
}

/// All of the machine's logical cores.
pub fn all_cores() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}

/// A prediction that is compared with a field. Outputs of the program are `head.<name>` (read
/// only for metrics), `loss.<name>`, and `weight.<name>` where the weight is learned.
#[derive(Debug)]
pub struct Head {
    /// Its name.
    pub name: String,
    /// The field of the data that it is compared with.
    pub target: String,
    /// Columns of the prediction.
    pub columns: usize,
    /// The factor of its loss in the total.
    pub weight: Weight,
    /// What is reported besides its loss.
    pub metrics: Vec<Metric>,
}

/// A factor in the total loss.
pub enum Weight {
    /// Part of the program.
    Constant,
    /// The program's scalar `weight.<head>`, for each epoch counted from 0.
    Given(Box<dyn Fn(u32) -> f64 + Send + Sync>),
    /// The program's output `weight.<head>`.
    Learned,
}

impl fmt::Debug for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Weight::Constant => "Constant",
            Weight::Given(_) => "Given",
            Weight::Learned => "Learned",
        })
    }
}

/// A number that is reported of a head.
#[derive(Debug)]
pub struct Metric {
    /// As histories call it, after the head's name and a point: `accuracy`.
    pub name: String,
    /// How it is counted while training.
    pub training: Counted,
    /// How it is counted in evaluation.
    pub evaluation: Counted,
}

/// How a metric is counted.
pub enum Counted {
    /// Sample by sample: begins a new count.
    Samples(Box<dyn Fn() -> Box<dyn Count> + Send + Sync>),
    /// The program's output of this name is its mean over a batch; means are weighted by rows.
    Output(String),
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Counted::Samples(_) => f.write_str("Samples"),
            Counted::Output(name) => write!(f, "Output({name:?})"),
        }
    }
}

/// A metric being counted.
pub trait Count: Send {
    /// Counts one sample: the head's row and the target's (a class index as one number, or values).
    fn sample(&mut self, prediction: &[f32], target: &[f32]);

    /// The metric over all samples so far.
    fn value(&self) -> f64;
}

/// What a rate may depend on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateContext<'a> {
    /// Steps finished since the beginning of the training.
    pub step: u64,
    /// Steps of one epoch.
    pub steps_per_epoch: u64,
    /// Epochs of the whole training.
    pub epochs: u64,
    /// The total validation loss (training loss without validation) after each finished epoch.
    pub monitored: &'a [f64],
}

/// The learning rate over time: a pure function of its context, so a resume needs no state of it.
pub trait Rate: Send + Sync {
    /// The rate of the next step.
    fn rate(&self, cx: RateContext<'_>) -> f64;
}

impl<F: Fn(RateContext<'_>) -> f64 + Send + Sync> Rate for F {
    fn rate(&self, cx: RateContext<'_>) -> f64 {
        self(cx)
    }
}

/// What decides which epoch is the best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// A series of the history: `val_loss`, `val_classifier.accuracy`.
    pub series: String,
    /// Larger is better.
    pub higher_is_better: bool,
}

/// What follows from an epoch's monitored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The best epoch so far.
    pub best: bool,
    /// End the training.
    pub stop: bool,
}

/// Early stopping: a pure function of the monitored values, so a resume needs no state of it.
pub trait Stopping: Send + Sync {
    /// What follows from the last of these values, one for each finished epoch (at least one).
    fn verdict(&self, values: &[f64]) -> Verdict;
}

impl<F: Fn(&[f64]) -> Verdict + Send + Sync> Stopping for F {
    fn verdict(&self, values: &[f64]) -> Verdict {
        self(values)
    }
}

impl Settings {
    /// Names of the history's series: those of training, then those of validation.
    pub fn series(&self, validation: bool) -> Vec<String> {
        let mut names = self.measures();
        let weights = self.heads.iter().filter(|h| !matches!(h.weight, Weight::Constant));
        names.extend(weights.map(|h| format!("weight.{}", h.name)));
        if validation {
            names.extend(self.measures().iter().map(|name| format!("val_{name}")));
        }
        names
    }

    /// Names of what one pass over data measures: total loss, losses, metrics.
    pub fn measures(&self) -> Vec<String> {
        measures(&self.heads)
    }
}

/// Names of what one pass over data measures: `loss`, `loss.<head>` …, `<head>.<metric>` ….
pub(crate) fn measures(heads: &[Head]) -> Vec<String> {
    let losses = heads.iter().map(|h| format!("loss.{}", h.name));
    let metrics = heads.iter().flat_map(|h| h.metrics.iter().map(|m| format!("{}.{}", h.name, m.name)));
    std::iter::once("loss".to_owned()).chain(losses).chain(metrics).collect()
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("seed", &self.seed)
            .field("epochs", &self.epochs)
            .field("shuffle", &self.shuffle)
            .field("threads", &self.threads)
            .field("heads", &self.heads)
            .field("monitor", &self.monitor)
            .field("stopping", &self.stopping.is_some())
            .field("restore_best", &self.restore_best)
            .finish_non_exhaustive()
    }
}
