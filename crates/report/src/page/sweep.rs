//! All runs of an experiment side by side: what the swept value did, told for someone who has not read the spec.

use super::document::{Block, Table};
use super::experiment::{experiment_id, heading, named};
use super::load::{Experiment, Run, without_groups};
use super::overview::{accuracy, grouped};
use super::story;
use crate::plots::curves::heading as curve_heading;
use crate::plots::{DrawingError, SweepRun, sweep_curves, sweep_values};
use crate::tables::history::number;
use kiln_record::HeadKind;

/// What became of each run: in words, as figures, as a table. Nothing for a single run.
///
/// Errors: a figure could not be drawn.
pub(super) fn outcome(experiment: &Experiment) -> Result<Vec<Block>, DrawingError> {
    let runs = compared(experiment);
    if runs.len() < 2 {
        return Ok(Vec::new());
    }
    let words = format!("What the {} did", swept(experiment));
    let mut blocks = vec![heading(3, format!("{}-sweep", experiment_id(experiment)), &words)];
    blocks.extend(story::told(&swept(experiment), &runs).into_iter().map(Block::Text));
    blocks.extend(values_over_sweep(experiment, &runs)?);
    Ok(blocks)
}

/// The validation curves of all runs, by epoch and by time. Nothing for a single run.
///
/// Errors: a figure could not be drawn.
pub(super) fn curves(experiment: &Experiment) -> Result<Vec<Block>, DrawingError> {
    let runs = compared(experiment);
    if runs.len() < 2 {
        return Ok(Vec::new());
    }
    let id = experiment_id(experiment);
    let curves: Vec<SweepRun<'_>> =
        runs.iter().map(|run| SweepRun { name: run.short_name(), history: &run.history }).collect();
    let (mut by_epoch, mut by_time) = (Vec::new(), Vec::new());
    let compared = compared_series(runs[0]);
    for series in &compared {
        let plain = series.strip_prefix("val_").unwrap_or(series);
        let title = format!("{}: {} of all runs", experiment.spec, curve_heading(plain, false));
        let [epoch, time] = sweep_curves(&title, &curves, series)?;
        by_epoch.push(named(&id, &format!("sweep-{series}-epochs"), epoch, ""));
        by_time.push(named(&id, &format!("sweep-{series}-seconds"), time, ""));
    }
    let part =
        if compared.iter().all(|series| series.starts_with("val_")) { "validation" } else { "training" };
    let words = format!(
        "On the {part} data; each curve is named by its {}. By epoch, runs are compared after as many passes over \
         the training data; by time, after as long a wait.",
        swept(experiment)
    );
    let title = "The curves of all runs";
    Ok(vec![
        heading(3, format!("{id}-curves"), title),
        Block::Text(words),
        heading(4, format!("{id}-curves-epochs"), "By epoch"),
        Block::Figures(by_epoch),
        heading(4, format!("{id}-curves-seconds"), "By time"),
        Block::Figures(by_time),
    ])
}

/// The runs that have begun, in the order of their values, so that colours and rows have an order too.
pub(super) fn compared(experiment: &Experiment) -> Vec<&Run> {
    let mut runs: Vec<&Run> = experiment.runs.iter().filter(|run| !run.history.epochs.is_empty()).collect();
    if runs.iter().all(|run| place(run).is_some()) {
        runs.sort_by(|a, b| place(a).unwrap_or(f64::NAN).total_cmp(&place(b).unwrap_or(f64::NAN)));
    }
    runs
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

/// The swept number; `None` where it is none, or where several are swept.
fn place(run: &Run) -> Option<f64> {
    match run.record.sweep.as_slice() {
        [] => Some(run.record.batch as f64),
        [(_, value)] => without_groups(value).parse::<f64>().ok().filter(|x| x.is_finite()),
        _ => None,
    }
}

/// How often the weights are changed in an epoch; `None` where a part of the training rows is held back
/// and the record does not say how many rows are left.
pub(super) fn updates(run: &Run) -> Option<u64> {
    let record = &run.record;
    let held_back = record.resolved.contains("validation: Fraction(");
    (!held_back && record.batch > 0).then(|| record.data.train_rows.div_ceil(record.batch))
}

/// How often the weights were changed.
pub(super) fn updates_in_all(run: &Run) -> Option<u64> {
    updates(run)?.checked_mul(run.history.epochs.len() as u64)
}

/// Values of the weights of the best epoch over the swept number, as a figure and as a table; only
/// where one number is swept.
fn values_over_sweep(experiment: &Experiment, runs: &[&Run]) -> Result<Vec<Block>, DrawingError> {
    let Some(places) = runs.iter().map(|run| place(run)).collect::<Option<Vec<f64>>>() else {
        return Ok(Vec::new());
    };
    let mut values: Vec<(String, Vec<f64>)> = Vec::new();
    let mut add = |heading: String, column: Vec<f64>| {
        if column.iter().any(|x| x.is_finite()) {
            values.push((heading, column));
        }
    };
    let nan = |value: Option<f64>| value.unwrap_or(f64::NAN);
    add("test accuracy".to_owned(), runs.iter().map(|run| nan(accuracy(run))).collect());
    add("squared error".to_owned(), runs.iter().map(|run| nan(run.squared_error())).collect());
    for (goal, seconds) in goals(runs) {
        add(format!("seconds to {goal}"), seconds);
    }
    add(
        "seconds for an epoch".to_owned(),
        runs.iter().map(|run| run.history.seconds() / run.history.epochs.len() as f64).collect(),
    );
    let id = experiment_id(experiment);
    let x_label = swept(experiment);
    let mut figures = Vec::new();
    for (heading, column) in &values {
        let title = format!("{}: {heading} by {x_label}", experiment.spec);
        let figure = sweep_values(&title, &x_label, &places, heading, column)?;
        figures.push(named(&id, &format!("sweep-values-{heading}"), figure, ""));
    }
    Ok(vec![Block::Figures(figures), Block::Table(table(&x_label, runs, &values))])
}

fn table(x_label: &str, runs: &[&Run], values: &[(String, Vec<f64>)]) -> Table {
    let fixed = [x_label, "updates an epoch", "updates in all", "best epoch"].map(str::to_owned);
    let header = fixed.into_iter().chain(values.iter().map(|(heading, _)| heading.clone())).collect();
    let dash = || "–".to_owned();
    let row = |(index, run): (usize, &&Run)| {
        let updates = updates(run).map_or_else(dash, |updates| grouped(updates as f64));
        let total = updates_in_all(run).map_or_else(dash, |updates| grouped(updates as f64));
        let best = run.record.best.as_ref().map_or_else(dash, |best| best.epoch.to_string());
        let cell = |column: &Vec<f64>| if column[index].is_nan() { dash() } else { number(column[index]) };
        let cells = values.iter().map(|(_, column)| cell(column));
        [run.short_name(), updates, total, best].into_iter().chain(cells).map(Into::into).collect()
    };
    Table { header, rows: runs.iter().enumerate().map(row).collect(), numbers_from: 0 }
}

/// What every run reaches on the validation data, in words, and after how many seconds each does: an accuracy of
/// the first class head, a loss of the first head that reconstructs.
pub(super) fn goals(runs: &[&Run]) -> Vec<(String, Vec<f64>)> {
    let Some(first) = runs.first() else { return Vec::new() };
    let mut goals = Vec::new();
    let head = |kind| first.record.heads.iter().find(|head| head.kind == kind);
    if let Some(head) = head(HeadKind::Class)
        && let Some(series) = of_all(runs, &format!("val_{}.accuracy", head.name))
    {
        let reached = series.iter().map(|s| s.iter().copied().fold(0.0, f64::max)).fold(1.0, f64::min);
        let goal = libm::floor(reached * 100.0) / 100.0;
        if goal > 0.0 {
            goals.push((format!("accuracy {goal:.2}"), seconds_until(runs, &series, &|x| x >= goal)));
        }
    }
    if let Some(head) = head(HeadKind::Value)
        && let Some(series) = of_all(runs, &format!("val_loss.{}", head.name))
    {
        let least = |s: &Vec<f64>| s.iter().copied().fold(f64::INFINITY, f64::min);
        let reached = series.iter().map(least).fold(0.0, f64::max);
        if reached.is_finite() && reached > 0.0 {
            // Two digits, upwards: a goal that every run has reached.
            let unit = libm::pow(10.0, libm::floor(libm::log10(reached)) - 1.0);
            let goal = libm::ceil(reached / unit) * unit;
            let seconds = seconds_until(runs, &series, &|x| x <= goal);
            goals.push((format!("{} loss {}", head.name, short(goal)), seconds));
        }
    }
    goals
}

/// Two digits of a number, without noughts at the end.
fn short(value: f64) -> String {
    let text = number(value);
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn of_all(runs: &[&Run], name: &str) -> Option<Vec<Vec<f64>>> {
    runs.iter().map(|run| run.history.series(name)).collect()
}

fn seconds_until(runs: &[&Run], series: &[Vec<f64>], is_reached: &dyn Fn(f64) -> bool) -> Vec<f64> {
    let of_run = |(run, values): (&&Run, &Vec<f64>)| {
        let epoch = values.iter().position(|&value| is_reached(value));
        epoch.map_or(f64::NAN, |epoch| run.history.epochs[..=epoch].iter().map(|row| row.seconds).sum())
    };
    runs.iter().zip(series).map(of_run).collect()
}
