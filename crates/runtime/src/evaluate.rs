//! Evaluation: losses, metrics and predictions over rows of a data set, with no change of states.

use crate::epoch::HeadWeights;
use crate::error::RuntimeError;
use crate::fields;
use crate::session::{EVALUATE, Session};
use crate::settings::Head;
use crate::tally::{NotFinite, Pass, Tally};
use kiln_codegen::{Flow, Hooks, View};
use kiln_data::Dataset;

/// What an evaluation found.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// `loss`, `loss.<head>` …, `<head>.<metric>` …, in this order, each with its value.
    pub measures: Vec<(String, f64)>,
    /// What was asked for, in the order in which it was asked for: each row by row.
    pub predictions: Vec<Prediction>,
    /// A loss that is no number, if there is one: the measures are then those before it.
    pub not_finite: Option<(Option<String>, f64)>,
}

/// The output `head.<name>` for every row.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Name of the head or view.
    pub name: String,
    /// Columns.
    pub columns: usize,
    /// `rows · columns` numbers.
    pub values: Vec<f32>,
}

impl Evaluation {
    /// The measure of this name.
    pub fn measure(&self, name: &str) -> Option<f64> {
        self.measures.iter().find(|(n, _)| n == name).map(|(_, value)| *value)
    }

    /// The prediction of this name.
    pub fn prediction(&self, name: &str) -> Option<&Prediction> {
        self.predictions.iter().find(|p| p.name == name)
    }
}

/// Evaluates the session's weights on these rows.
///
/// `wanted` names heads and views whose predictions are kept; `epoch`, counted from 0, is the one whose
/// weights of heads make up the total loss: the last one, so that totals of all epochs can be compared.
/// Needs no training entry.
///
/// # Errors
/// The data does not fit the program.
///
/// # Panics
/// Where the program has no entry [`EVALUATE`], or no output that is asked for: bugs of the caller.
pub fn evaluate(
    session: &mut Session,
    (data, rows): (&Dataset, &[u32]),
    heads: &[Head],
    wanted: &[&str],
    epoch: u32,
    threads: usize,
) -> Result<Evaluation, RuntimeError> {
    let entry = session.program().entry(EVALUATE);
    let entry = entry.unwrap_or_else(|| panic!("runtime: the program has no entry `{EVALUATE}`"));
    fields::check(session, entry, data, heads)?;
    let outputs = &session.program().schedule().entries[entry].outputs;
    let prediction = |name: &&str| {
        let output = outputs.iter().find(|o| o.name == format!("head.{name}"));
        let output = output.unwrap_or_else(|| panic!("runtime: the program has no output head.{name}"));
        let columns = output.shape.cols as usize;
        Prediction { name: (*name).to_owned(), columns, values: Vec::with_capacity(rows.len() * columns) }
    };
    let mut hooks = Steps {
        tally: Tally::new(heads, data, Pass::Evaluation)?,
        weights: HeadWeights::new(heads, epoch),
        outputs: wanted.iter().map(|name| format!("head.{name}")).collect(),
        predictions: wanted.iter().map(prediction).collect(),
        rows,
        done: 0,
        not_finite: None,
    };
    session.run(entry, (data, rows), threads, &mut hooks);
    let mut values = Vec::new();
    hooks.tally.values(&mut values);
    Ok(Evaluation {
        measures: hooks.tally.names().iter().cloned().zip(values).collect(),
        predictions: hooks.predictions,
        not_finite: hooks.not_finite.map(|why| (why.head, why.value)),
    })
}

struct Steps<'a> {
    tally: Tally<'a>,
    weights: HeadWeights,
    /// `head.<name>` of each prediction.
    outputs: Vec<String>,
    predictions: Vec<Prediction>,
    rows: &'a [u32],
    done: usize,
    not_finite: Option<NotFinite>,
}

impl Hooks for Steps<'_> {
    fn before(&mut self, view: &mut View<'_>, _step: usize, _rows: usize) {
        self.weights.set(view);
    }

    fn after(&mut self, view: &mut View<'_>, _step: usize, rows: usize) -> Flow {
        let samples = &self.rows[self.done..self.done + rows];
        self.done += rows;
        // Predictions are wanted whatever the loss is; the first loss that is no number is remembered.
        if let Err(why) = self.tally.add(view, samples) {
            self.not_finite.get_or_insert(why);
        }
        for (output, prediction) in self.outputs.iter().zip(&mut self.predictions) {
            view.read(output, rows, &mut prediction.values);
        }
        Flow::Continue
    }
}
