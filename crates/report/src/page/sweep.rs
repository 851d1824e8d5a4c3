//! All runs of an experiment in one plot: what the swept value did.

use super::document::{Block, Table};
use super::experiment::{experiment_id, heading, named};
use super::load::{Experiment, Run, without_groups};
use super::overview::{accuracy, grouped};
use crate::plots::curves::heading as curve_heading;
use crate::plots::{DrawingError, SweepRun, sweep_curves, sweep_values};
use crate::tables::history::number;
use kiln_record::HeadKind;

/// The comparison; nothing for a single run.
///
/// Errors: a figure could not be drawn.
pub(super) fn comparison(experiment: &Experiment) -> Result<Vec<Block>, DrawingError> {
    let mut runs: Vec<&Run> = experiment.runs.iter().filter(|run| !run.history.epochs.is_empty()).collect();
    if runs.len() < 2 {
        return Ok(Vec::new());
    }
    // In the order of their values, so that the colours have an order too.
    let places: Option<Vec<f64>> = runs.iter().map(|run| place(run)).collect();
    if places.is_some() {
        runs.sort_by(|a, b| place(a).unwrap_or(f64::NAN).total_cmp(&place(b).unwrap_or(f64::NAN)));
    }
    let id = experiment_id(experiment);
    let words = format!("What the {} did", swept(experiment));
    let mut blocks = vec![heading(3, format!("{id}-sweep"), &words)];
    blocks.extend(in_words(experiment, &runs).map(Block::Text));
    blocks.extend(values_over_sweep(experiment, &runs)?);
    let curves: Vec<SweepRun<'_>> =
        runs.iter().map(|run| SweepRun { name: run.short_name(), history: &run.history }).collect();
    for series in compared_series(runs[0]) {
        let figure = sweep_curves(&format!("{}: {series} of all runs", experiment.spec), &curves, &series)?;
        let plain = series.strip_prefix("val_").unwrap_or(&series);
        let part = if plain == series { "training" } else { "validation" };
        let caption = format!(
            "By epoch and by time: {} on the {part} data. Each curve is named by its {}.",
            curve_heading(plain, false),
            swept(experiment)
        );
        blocks.push(Block::Figures(vec![named(&id, &format!("sweep-{series}"), figure, &caption)]));
    }
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

/// The swept number; `None` where it is none, or where several are swept.
fn place(run: &Run) -> Option<f64> {
    match run.record.sweep.as_slice() {
        [] => Some(run.record.batch as f64),
        [(_, value)] => without_groups(value).parse::<f64>().ok().filter(|x| x.is_finite()),
        _ => None,
    }
}

/// How often the weights are updated in an epoch; `None` where a part of the training rows is held back
/// and the record does not say how many rows are left.
fn updates(run: &Run) -> Option<u64> {
    let record = &run.record;
    let held_back = record.resolved.contains("validation: Fraction(");
    (!held_back && record.batch > 0).then(|| record.data.train_rows.div_ceil(record.batch))
}

/// What is to be seen below, from the numbers.
fn in_words(experiment: &Experiment, runs: &[&Run]) -> Option<String> {
    let what = swept(experiment);
    let mut words = String::new();
    let mut extremes = |name: &str, value: &dyn Fn(&Run) -> Option<f64>, higher_is_better: bool| {
        let mut values: Vec<(f64, String)> =
            runs.iter().filter_map(|run| Some((value(run)?, run.short_name()))).collect();
        values.sort_by(|a, b| if higher_is_better { b.0.total_cmp(&a.0) } else { a.0.total_cmp(&b.0) });
        if let [best, .., worst] = values.as_slice() {
            words.push_str(&format!(
                "The best {name} is {} with {what} {}, the worst {} with {what} {}. ",
                number(best.0),
                best.1,
                number(worst.0),
                worst.1
            ));
        }
    };
    extremes("test accuracy", &accuracy, true);
    extremes("squared error of the reconstructions", &Run::squared_error, false);
    let by_batch = runs.windows(2).any(|pair| pair[0].record.batch != pair[1].record.batch);
    let total = |run: &Run| Some(updates(run)? * run.history.epochs.len() as u64);
    let counts: Option<Vec<String>> = runs
        .iter()
        .map(|run| Some(format!("{} with {}", grouped(total(run)? as f64), run.short_name())))
        .collect();
    if let (Some(counts), true) = (counts, by_batch) {
        words.push_str(&format!(
            "The weights are updated once a batch, so the runs differ in how many updates they made: {}.",
            counts.join(", ")
        ));
    }
    (!words.is_empty()).then(|| words.trim_end().to_owned())
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
    if let Some((goal, seconds)) = seconds_to_accuracy(runs) {
        add(format!("seconds to validation accuracy {goal:.2}"), seconds);
    }
    add(
        "seconds for an epoch".to_owned(),
        runs.iter().map(|run| run.history.seconds() / run.history.epochs.len() as f64).collect(),
    );
    let id = experiment_id(experiment);
    let x_label = swept(experiment);
    let title = format!("{}: what the {x_label} did", experiment.spec);
    let figure = sweep_values(&title, &x_label, &places, &values)?;
    let table = table(x_label, runs, &values);
    Ok(vec![Block::Figures(vec![named(&id, "sweep-values", figure, "")]), Block::Table(table)])
}

fn table(x_label: String, runs: &[&Run], values: &[(String, Vec<f64>)]) -> Table {
    let fixed = [x_label, "updates an epoch".to_owned(), "best epoch".to_owned()];
    let header = fixed.into_iter().chain(values.iter().map(|(heading, _)| heading.clone())).collect();
    let dash = || "–".to_owned();
    let row = |(index, run): (usize, &&Run)| {
        let updates = updates(run).map_or_else(dash, |updates| grouped(updates as f64));
        let best = run.record.best.as_ref().map_or_else(dash, |best| best.epoch.to_string());
        let cell = |column: &Vec<f64>| if column[index].is_nan() { dash() } else { number(column[index]) };
        let cells = values.iter().map(|(_, column)| cell(column));
        [run.short_name(), updates, best].into_iter().chain(cells).map(Into::into).collect()
    };
    Table { header, rows: runs.iter().enumerate().map(row).collect(), numbers_from: 0 }
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
