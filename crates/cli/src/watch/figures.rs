//! Figures: every measure in numbers, and the time left in words. Shared by the view and by `--once`.

use super::state::{RunState, Standing};
use crate::progress::{clock, grouped, number};
use std::time::Duration;

/// Every measure: now on the training and the validation samples, and at the best epoch.
pub(crate) fn figures(run: &RunState) -> Vec<Vec<String>> {
    let measures = run.measures();
    let best = run.best();
    let mut titles = vec![String::new()];
    let current = run.current();
    if let Some(current) = current {
        titles.push(format!("epoch {} so far", current.epoch));
    }
    titles.push("train".to_owned());
    let validated = measures.iter().any(|measure| !measure.validation.is_empty());
    if validated {
        titles.push("validation".to_owned());
    }
    titles.extend(best.map(|epoch| format!("best: epoch {epoch}")));
    let mut lines = vec![titles];
    for measure in &measures {
        let mut cells = vec![measure.name.clone()];
        let cell = |value: Option<&f64>| value.map_or(String::new(), |&value| number(value));
        if let Some(current) = current {
            let found = current.values.iter().find(|value| value.name == measure.name);
            cells.push(cell(found.map(|found| &found.value)));
        }
        cells.push(cell(measure.train.last()));
        if validated {
            cells.push(cell(measure.validation.last()));
        }
        let decides = if measure.validation.is_empty() { &measure.train } else { &measure.validation };
        cells.extend(best.map(|epoch| cell(decides.get(epoch as usize - 1))));
        lines.push(cells);
    }
    lines
}

/// The lines with their cells below each other: the first to the left, the others to the right.
pub(crate) fn aligned(lines: &[Vec<String>]) -> Vec<String> {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |cells: &Vec<String>| {
        let mut text = String::new();
        for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            match column {
                0 => text.push_str(&format!("{cell:<width$}")),
                _ => text.push_str(&format!("  {cell:>width$}")),
            }
        }
        text.trim_end().to_owned()
    };
    lines.iter().map(line).collect()
}

/// `epoch 12/30`
pub(crate) fn epoch(run: &RunState) -> String {
    let at = if run.standing() == Standing::Training { run.done() + 1 } else { run.done() };
    format!("epoch {}/{}", at.min(run.epochs().max(run.done())), run.epochs())
}

/// `57,874 samples/s  0:32 left`, as much of it as is known.
pub(crate) fn pace(run: &RunState) -> String {
    let mut words = Vec::new();
    if run.current().is_some_and(|current| current.validating) {
        words.push("validating".to_owned());
    } else {
        words.extend(run.pace().map(|pace| format!("{} samples/s", grouped(pace))));
    }
    match (run.standing(), run.left()) {
        (Standing::Training, None) if run.current().is_none() => words.push("preparing".to_owned()),
        (Standing::Training, Some(left)) => words.push(format!("{} left", time(left))),
        (Standing::Training, None) | (Standing::Waiting | Standing::Damaged, _) => {}
        _ => words.push(format!("took {}", time(run.history.seconds()))),
    }
    words.join("  ")
}

fn time(seconds: f64) -> String {
    clock(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX))
}

/// What the user should know besides the numbers.
pub(crate) fn remarks(run: &RunState) -> Vec<String> {
    let mut remarks = run.problems.clone();
    remarks.extend(run.reason().map(str::to_owned));
    match run.standing() {
        Standing::Killed => remarks.push(format!(
            "nobody trains this run any more: it was killed, or failed; the same command goes on with it\n  folder: {}",
            run.folder
        )),
        Standing::Interrupted => remarks.push("stopped by the user; the same training goes on".to_owned()),
        Standing::Waiting => remarks.push("its turn has not come".to_owned()),
        Standing::Training | Standing::Finished | Standing::Failed | Standing::Damaged => {}
    }
    remarks
}
