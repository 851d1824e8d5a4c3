//! Counts of each class, from which precision, recall and F1 follow.
//!
//! In: rows of class scores and true classes. Out: one number, averaged over the classes.
//!
//! Source: scikit-learn, `precision_recall_fscore_support` with `zero_division = 0`:
//! - `macro`: the mean over the classes that occur, as a sample or as a prediction;
//! - `weighted`: the mean over the samples' classes, each as often as it occurs;
//! - `micro`: all classes counted as one.
//!
//! Trap: a class with no prediction has no precision, one with no sample no recall; both count as
//! 0, not as left out, so that a network cannot gain by never naming a class.

use crate::args::{ArgKind, ArgSpec, Args};
use crate::item::Accumulator;

/// The argument of the metrics that average over classes.
pub(crate) const AVERAGE: ArgSpec = ArgSpec::new("average", ArgKind::Word(&["macro", "weighted", "micro"]))
    .or("macro")
    .positional()
    .doc("How the classes are averaged: alike, by their samples, or all as one.");

/// Counts of one class, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClassCount {
    /// Samples of this class that were predicted so.
    pub(crate) correct: u64,
    /// Samples that were predicted so.
    pub(crate) predicted: u64,
    /// Samples of this class.
    pub(crate) samples: u64,
}

impl ClassCount {
    /// Share of the predictions that are right; 0 for none.
    pub(crate) fn precision(self) -> f64 {
        ratio(self.correct, self.predicted)
    }

    /// Share of the samples that are found; 0 for none.
    pub(crate) fn recall(self) -> f64 {
        ratio(self.correct, self.samples)
    }

    /// Harmonic mean of both: `2 · correct / (predicted + samples)`.
    pub(crate) fn f1(self) -> f64 {
        ratio(2 * self.correct, self.predicted + self.samples)
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// How classes are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Average {
    Macro,
    Weighted,
    Micro,
}

/// Counts samples, then averages `score` over the classes.
pub(crate) struct ByClass {
    classes: Vec<ClassCount>,
    average: Average,
    score: fn(ClassCount) -> f64,
}

impl ByClass {
    /// For a head of `cols` columns; `args` hold [`AVERAGE`].
    pub(crate) fn new(cols: usize, args: &Args, score: fn(ClassCount) -> f64) -> ByClass {
        let average = match args.word("average") {
            "weighted" => Average::Weighted,
            "micro" => Average::Micro,
            _ => Average::Macro,
        };
        ByClass { classes: vec![ClassCount::default(); cols], average, score }
    }

    fn total(&self) -> ClassCount {
        self.classes.iter().fold(ClassCount::default(), |total, class| ClassCount {
            correct: total.correct + class.correct,
            predicted: total.predicted + class.predicted,
            samples: total.samples + class.samples,
        })
    }

    /// The mean of the scores, each with its weight; 0 where all weights are.
    fn mean(&self, weight: fn(ClassCount) -> f64) -> f64 {
        let weights: f64 = self.classes.iter().map(|&class| weight(class)).sum();
        let sum: f64 = self.classes.iter().map(|&class| weight(class) * (self.score)(class)).sum();
        if weights == 0.0 { 0.0 } else { sum / weights }
    }
}

impl Accumulator for ByClass {
    fn sample(&mut self, prediction: &[f32], target: &[f32]) {
        let (predicted, class) = (largest(prediction), class_of(target));
        if let Some(count) = self.classes.get_mut(predicted) {
            count.predicted += 1;
            count.correct += u64::from(class == Some(predicted));
        }
        if let Some(count) = class.and_then(|class| self.classes.get_mut(class)) {
            count.samples += 1;
        }
    }

    fn value(&self) -> f64 {
        match self.average {
            Average::Macro => self.mean(|class| f64::from(u8::from(class.samples + class.predicted > 0))),
            Average::Weighted => self.mean(|class| class.samples as f64),
            Average::Micro => (self.score)(self.total()),
        }
    }
}

/// Column of the largest number, the first of several; 0 where all are NaN.
pub(crate) fn largest(row: &[f32]) -> usize {
    let mut best = 0;
    for (j, &x) in row.iter().enumerate() {
        if x > row[best] || (row[best].is_nan() && !x.is_nan()) {
            best = j;
        }
    }
    best
}

/// The class that a target holds; `None` where it is no index.
pub(crate) fn class_of(target: &[f32]) -> Option<usize> {
    let index = *target.first()?;
    (index >= 0.0).then_some(index as usize)
}
