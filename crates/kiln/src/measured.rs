//! Metrics within the training step.
//!
//! A mean of errors over all columns of a reconstruction, counted by the host sample by sample,
//! costs more than the step at small batches. As an output of the training step it is a sum in an
//! epilogue that has both operands at hand. Class metrics have a few columns and stay with the host;
//! so do all metrics in evaluation, in `f64`.

use kiln_graph::{Builder, Graph, ValueId, simplify};
use kiln_model::Model;
use kiln_model::model::{Head, Metric, elements};

/// An error's mean over all elements that the step can sum up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mean {
    Square,
    Absolute,
}

/// `None` where the host counts the metric.
fn mean(metric: &Metric) -> Option<Mean> {
    match metric.call.name.as_str() {
        "mse" => Some(Mean::Square),
        "mae" => Some(Mean::Absolute),
        _ => None,
    }
}

/// The output of the training step that is a metric's mean over the batch; `None` where the host counts it.
pub(crate) fn output(head: &Head, metric: &Metric) -> Option<String> {
    mean(metric).map(|_| format!("metric.{}.{}", head.name, metric.name))
}

/// The training step with the outputs that the runtime reads, and without those that it does not:
/// a prediction that nobody reads need not be stored.
pub(crate) fn training(model: &Model, train: &Graph) -> Graph {
    let mut b = Builder::from_graph(train.clone());
    for head in &model.heads {
        for metric in &head.metrics {
            if let (Some(name), Some(mean)) = (output(head, metric), mean(metric)) {
                b.set_name(&name);
                let value = errors(&mut b, head, mean);
                b.output(&name, value);
            }
        }
    }
    let mut graph = b.finish();
    let unread = |name: &str| model.heads.iter().any(|h| format!("head.{}", h.name) == name && !counted(h));
    graph.outputs.retain(|o| !unread(&o.name));
    simplify(&graph)
}

/// The host counts some metric of the head, sample by sample.
fn counted(head: &Head) -> bool {
    head.metrics.iter().any(|m| mean(m).is_none())
}

fn errors(b: &mut Builder, head: &Head, mean: Mean) -> ValueId {
    let columns = elements(&head.dims) as u32;
    let prediction = b.graph().output(&format!("head.{}", head.name));
    let prediction = prediction.unwrap_or_else(|| panic!("kiln: no output head.{}", head.name));
    let target = b.input(&head.target, columns);
    let error = b.sub(prediction, target);
    let error = match mean {
        Mean::Square => b.square(error),
        Mean::Absolute => b.abs(error),
    };
    let sum = b.sum_all(error);
    let rows = b.row_count();
    let by_row = b.div(sum, rows);
    b.scale(by_row, 1.0 / columns as f32)
}
