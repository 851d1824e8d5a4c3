//! Tally: losses and metrics over the batches of one pass.
//!
//! In: the outputs of each step. Out: their means, weighted by the rows of the batches, in
//! `f64` and in the order of the batches; metrics counted sample by sample.

use crate::error::RuntimeError;
use crate::fields;
use crate::settings::{Count, Counted, Head, measures};
use kiln_codegen::View;
use kiln_data::{Dataset, Field};

/// Training or evaluation: metrics may be counted differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    Training,
    Evaluation,
}

/// A loss that is no number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NotFinite {
    /// The head; `None` where only the total is at fault.
    pub(crate) head: Option<String>,
    pub(crate) value: f64,
}

/// Losses and metrics so far.
pub(crate) struct Tally<'a> {
    names: Vec<String>,
    rows: u64,
    total: f64,
    heads: Vec<HeadTally<'a>>,
    /// The batch's predictions of a head; kept to be filled again.
    prediction: Vec<f32>,
    target: Vec<f32>,
}

struct HeadTally<'a> {
    name: &'a str,
    loss_name: String,
    output: String,
    columns: usize,
    target: &'a Field,
    loss: f64,
    metrics: Vec<MetricTally<'a>>,
}

enum MetricTally<'a> {
    Samples(Box<dyn Count>),
    Output { name: &'a str, sum: f64 },
}

impl<'a> Tally<'a> {
    pub(crate) fn new(heads: &'a [Head], data: &'a Dataset, pass: Pass) -> Result<Tally<'a>, RuntimeError> {
        let metric = |counted: &'a Counted| match counted {
            Counted::Samples(start) => MetricTally::Samples(start()),
            Counted::Output(name) => MetricTally::Output { name, sum: 0.0 },
        };
        let head = |h: &'a Head| {
            let counted = h.metrics.iter().map(|m| match pass {
                Pass::Training => &m.training,
                Pass::Evaluation => &m.evaluation,
            });
            Ok(HeadTally {
                name: &h.name,
                loss_name: format!("loss.{}", h.name),
                output: format!("head.{}", h.name),
                columns: h.columns,
                target: fields::field(data, &h.target)?,
                loss: 0.0,
                metrics: counted.map(metric).collect(),
            })
        };
        Ok(Tally {
            names: measures(heads),
            rows: 0,
            total: 0.0,
            heads: heads.iter().map(head).collect::<Result<_, RuntimeError>>()?,
            prediction: Vec::new(),
            target: Vec::new(),
        })
    }

    /// Adds a step over these samples.
    pub(crate) fn add(&mut self, view: &View<'_>, samples: &[u32]) -> Result<(), NotFinite> {
        let n = samples.len() as f64;
        self.rows += samples.len() as u64;
        for head in &mut self.heads {
            let loss = view.number(&head.loss_name).map_or(0.0, f64::from);
            if !loss.is_finite() {
                return Err(NotFinite { head: Some(head.name.to_owned()), value: loss });
            }
            head.loss += loss * n;
            head.add_outputs(view, n);
            if head.counts_samples() {
                self.prediction.clear();
                view.read(&head.output, samples.len(), &mut self.prediction);
                head.add_samples(&self.prediction, samples, &mut self.target);
            }
        }
        let total = view.number("loss").map_or(0.0, f64::from);
        self.total += total * n;
        if total.is_finite() { Ok(()) } else { Err(NotFinite { head: None, value: total }) }
    }

    /// Names of the values, as [`measures`] orders them.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Means so far, in the order of the names.
    pub(crate) fn values(&self, into: &mut Vec<f64>) {
        let rows = self.rows.max(1) as f64;
        into.clear();
        into.push(self.total / rows);
        into.extend(self.heads.iter().map(|h| h.loss / rows));
        let metrics = self.heads.iter().flat_map(|h| &h.metrics);
        into.extend(metrics.map(|m| match m {
            MetricTally::Samples(count) => count.value(),
            MetricTally::Output { sum, .. } => sum / rows,
        }));
    }
}

impl HeadTally<'_> {
    fn counts_samples(&self) -> bool {
        self.metrics.iter().any(|m| matches!(m, MetricTally::Samples(_)))
    }

    fn add_outputs(&mut self, view: &View<'_>, n: f64) {
        for metric in &mut self.metrics {
            match metric {
                MetricTally::Output { name, sum } => *sum += view.number(name).map_or(0.0, f64::from) * n,
                MetricTally::Samples(_) => {}
            }
        }
    }

    fn add_samples(&mut self, predictions: &[f32], samples: &[u32], target: &mut Vec<f32>) {
        for (prediction, &sample) in predictions.chunks_exact(self.columns.max(1)).zip(samples) {
            fields::read_row(self.target, sample as usize, target);
            for metric in &mut self.metrics {
                match metric {
                    MetricTally::Samples(count) => count.sample(prediction, target),
                    MetricTally::Output { .. } => {}
                }
            }
        }
    }
}
