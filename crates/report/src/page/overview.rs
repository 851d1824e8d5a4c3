//! The first page: one row a run.

use super::document::{Block, Cell, Table};
use super::experiment::{experiment_id, heading, run_id};
use super::load::{Experiment, Run};
use crate::tables::history::number;
use kiln_record::{HeadKind, Status};

/// The overview of all runs.
pub(super) fn overview(experiments: &[Experiment]) -> Vec<Block> {
    let header = [
        "experiment",
        "run",
        "status",
        "parameters",
        "epochs",
        "best epoch",
        "accuracy",
        "macro F1",
        "squared error",
        "seconds",
        "samples/s",
    ];
    let rows =
        experiments.iter().flat_map(|experiment| experiment.runs.iter().map(move |run| row(experiment, run)));
    let table = Table { header: header.map(str::to_owned).to_vec(), rows: rows.collect(), numbers_from: 3 };
    if table.rows.is_empty() {
        return vec![Block::Warning("There is no run to report on: train a spec first.".to_owned())];
    }
    let words = "One row a run, measured on the test rows with the weights of its best epoch. Squared error is the \
                 mean over all pixels of a reconstruction, whatever loss the run was trained with.";
    vec![heading(2, "overview".to_owned(), "Overview"), Block::Text(words.to_owned()), Block::Table(table)]
}

fn row(experiment: &Experiment, run: &Run) -> Vec<Cell> {
    let or_dash = |value: Option<String>| Cell::from(value.unwrap_or_else(|| "–".to_owned()));
    let link = |text: String, id: String| Cell { text, link: Some(id) };
    vec![
        link(experiment.spec.clone(), experiment_id(experiment)),
        link(run.name(), run_id(run)),
        status(run).into(),
        grouped(run.record.parameters.total() as f64).into(),
        run.history.epochs.len().to_string().into(),
        or_dash(run.record.best.as_ref().map(|best| best.epoch.to_string())),
        or_dash(accuracy(run).map(|x| format!("{x:.4}"))),
        or_dash(run.classes.first().map(|head| format!("{:.4}", head.scores.macro_average.f1))),
        or_dash(run.squared_error().map(number)),
        format!("{:.1}", run.history.seconds()).into(),
        or_dash(samples_per_second(run).map(grouped)),
    ]
}

/// One word.
pub(super) fn status(run: &Run) -> &'static str {
    match run.record.status {
        Status::Running => "unfinished",
        Status::Finished => "finished",
        Status::Interrupted => "interrupted",
        Status::Failed { .. } => "failed",
    }
}

/// Test accuracy of the first class head: from the predictions, else as recorded.
pub(super) fn accuracy(run: &Run) -> Option<f64> {
    if let Some(head) = run.classes.first() {
        return Some(head.scores.accuracy);
    }
    let head = run.record.heads.iter().find(|head| head.kind == HeadKind::Class)?;
    run.record.result(&format!("{}.accuracy", head.name))
}

/// A whole number with its thousands apart.
pub(super) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        let is_start = (digits.len() - index) % 3 == 0 && text.ends_with(|c: char| c.is_ascii_digit());
        text.extend(is_start.then_some(','));
        text.push(digit);
    }
    text
}

/// The median of the epochs: the first one is slower, and a busy machine has others.
pub(super) fn samples_per_second(run: &Run) -> Option<f64> {
    let mut rates: Vec<f64> = run.history.epochs.iter().map(|row| row.samples_per_second).collect();
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied()
}
