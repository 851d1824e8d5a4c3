//! All runs of an experiment in one plot: what the swept value did.

use super::document::{Block, Table};
use super::experiment::{experiment_id, heading, named};
use super::load::{Experiment, Run};
use super::overview::{accuracy, reconstruction_error};
use crate::plots::{DrawingError, SweepRun, sweep_curves, sweep_values};
use crate::tables::history::number;
use kiln_record::HeadKind;

/// The comparison; nothing for a single run.
///
/// Errors: a figure could not be drawn.
pub(super) fn comparison(experiment: &Experiment) -> Result<Vec<Block>, DrawingError> {
    let runs: Vec<&Run> = experiment.runs.iter().filter(|run| !run.history.epochs.is_empty()).collect();
    if runs.len() < 2 {
        return Ok(Vec::new());
    }
    let id = experiment_id(experiment);
    let mut blocks = vec![heading(3, format!("{id}-sweep"), "All runs side by side")];
    let curves: Vec<SweepRun<'_>> =
        runs.iter().map(|run| SweepRun { name: run.short_name(), history: &run.history }).collect();
    for series in compared_series(runs[0]) {
        let figure = sweep_curves(&format!("{}: {series} of all runs", experiment.spec), &curves, &series)?;
        let caption = format!("{series} by epoch and by time. Each curve is named by {}.", swept(experiment));
        blocks.push(Block::Figures(vec![named(&id, &format!("sweep-{series}"), figure, &caption)]));
    }
    blocks.extend(values_over_sweep(experiment, &runs)?);
    Ok(blocks)
}

/// What is swept, in words.
fn swept(experiment: &Experiment) -> String {
    let names = experiment.runs.first().map_or(&[][..], |run| run.record.sweep.as_slice());
    let names: Vec<&str> = names.iter().map(|(name, _)| readable(name)).collect();
    if names.is_empty() { "batch size".to_owned() } else { names.join(" and ") }
}

fn readable(name: &str) -> &str {
    match name {
        "train.batch" | "batch" => "batch size",
        other => other,
    }
}

/// Validation series that are compared: each head's loss and each metric, or the total.
fn compared_series(run: &Run) -> Vec<String> {
    let of_heads = |name: &&String| name.strip_prefix("val_").is_some_and(|name| name.contains('.'));
    let series: Vec<String> = run.history.names.iter().filter(of_heads).cloned().collect();
    let total = ["val_loss", "loss"].into_iter().find(|name| run.history.names.iter().any(|n| n == name));
    if series.is_empty() { total.into_iter().map(str::to_owned).collect() } else { series }
}

/// Final values over the swept number, as a figure and as a table; only where one number
/// is swept.
fn values_over_sweep(experiment: &Experiment, runs: &[&Run]) -> Result<Vec<Block>, DrawingError> {
    let place = |run: &&Run| match run.record.sweep.as_slice() {
        [] => Some(run.record.batch as f64),
        [(_, value)] => value.parse::<f64>().ok().filter(|x| x.is_finite()),
        _ => None,
    };
    let Some(places) = runs.iter().map(place).collect::<Option<Vec<f64>>>() else { return Ok(Vec::new()) };
    let mut values: Vec<(String, Vec<f64>)> = Vec::new();
    let mut add = |heading: String, column: Vec<f64>| {
        if column.iter().any(|x| x.is_finite()) {
            values.push((heading, column));
        }
    };
    let nan = |value: Option<f64>| value.unwrap_or(f64::NAN);
    add("test accuracy".to_owned(), runs.iter().map(|run| nan(accuracy(run))).collect());
    add("reconstruction error".to_owned(), runs.iter().map(|run| nan(reconstruction_error(run))).collect());
    if let Some((goal, seconds)) = seconds_to_accuracy(runs) {
        add(format!("seconds to validation accuracy {goal:.2}"), seconds);
    }
    add(
        "seconds for an epoch".to_owned(),
        runs.iter().map(|run| run.history.seconds() / run.history.epochs.len() as f64).collect(),
    );
    let id = experiment_id(experiment);
    let x_label = swept(experiment);
    let title = format!("{}: what {x_label} did", experiment.spec);
    let figure = sweep_values(&title, &x_label, &places, &values)?;
    let header = std::iter::once(x_label).chain(values.iter().map(|(heading, _)| heading.clone())).collect();
    let row = |(index, run): (usize, &&Run)| {
        let cells = values
            .iter()
            .map(|(_, column)| if column[index].is_nan() { "–".to_owned() } else { number(column[index]) });
        std::iter::once(run.short_name()).chain(cells).map(Into::into).collect()
    };
    let rows = runs.iter().enumerate().map(row).collect();
    Ok(vec![
        Block::Figures(vec![named(&id, "sweep-values", figure, "")]),
        Block::Table(Table { header, rows, numbers_from: 0 }),
    ])
}

/// The highest validation accuracy in hundredths that every run reaches, and when each does.
fn seconds_to_accuracy(runs: &[&Run]) -> Option<(f64, Vec<f64>)> {
    let head = runs.first()?.record.heads.iter().find(|head| head.kind == HeadKind::Class)?;
    let name = format!("val_{}.accuracy", head.name);
    let series: Vec<Vec<f64>> = runs.iter().map(|run| run.history.series(&name)).collect::<Option<_>>()?;
    let reached = series.iter().map(|s| s.iter().copied().fold(0.0, f64::max)).fold(1.0, f64::min);
    let goal = libm::floor(reached * 100.0) / 100.0;
    if goal <= 0.0 {
        return None;
    }
    let seconds = runs.iter().zip(&series).map(|(run, accuracies)| {
        let epoch = accuracies.iter().position(|&a| a >= goal);
        epoch.map_or(f64::NAN, |epoch| run.history.epochs[..=epoch].iter().map(|row| row.seconds).sum())
    });
    Some((goal, seconds.collect()))
}
